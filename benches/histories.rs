//! What a history of random steps costs, taken by a registry and its model side by side and compared after
//! each step. A cost that grew with the length would show in what a step costs.
//!
//! ```text
//! cargo bench -p process-groups --bench histories
//! ```

use divan::Bencher;
use divan::counter::ItemsCount;
use process_groups::{ProcessGroups, model, signaller_fn};
use std::sync::Arc;

const STEPS: [usize; 4] = [10, 100, 1_000, 10_000];
const LEADER_PIDS: u32 = 9;
const LABELS: [&str; 2] = ["build", "test"];

fn main() {
    divan::main();
}

fn answer(leader_pid: u32) -> Result<bool, String> {
    match leader_pid % 3 {
        0 => Ok(true),
        1 => Ok(false),
        _ => Err("permission denied".to_owned()),
    }
}

/// Those of Knuth's MMIX.
fn random_numbers() -> impl Iterator<Item = u32> {
    let next = |last: &u64| {
        Some(last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(Some(1), next).map(|number| (number >> 33) as u32)
}

#[divan::bench(args = STEPS)]
fn compared(bencher: Bencher<'_, '_>, steps: usize) {
    // Each sample goes on with other numbers, or the processor would learn to predict them.
    let mut numbers = random_numbers();
    bencher.counter(ItemsCount::new(steps)).bench_local(|| {
        let mut real = ProcessGroups::new(Arc::new(signaller_fn(|leader_pid, _| answer(leader_pid))));
        let mut model = model::Registry::new();
        for number in numbers.by_ref().take(steps) {
            let leader_pid = 2 + number % LEADER_PIDS;
            match number / LEADER_PIDS % 4 {
                0 | 1 => {
                    let label = LABELS[(number / LEADER_PIDS / 4 % 2) as usize];
                    real.register(leader_pid, label);
                    model.register(leader_pid, label);
                }
                2 => {
                    real.forget(leader_pid);
                    model.forget(leader_pid);
                }
                _ => {
                    let answers: Vec<_> = model.questions().into_iter().map(answer).collect();
                    let (results, owed) = (real.signal_all("SIGTERM"), model.settle(&answers));
                    assert_eq!(results.len(), owed.len());
                    assert!(owed.iter().zip(&results).all(|(owed, (_, result))| owed.is_met_by(result)));
                }
            }
            let listed = real.entries().iter().map(|entry| (entry.leader_pid, &entry.label));
            assert!(listed.eq(model.entries().iter().map(|(leader_pid, label)| (*leader_pid, label))));
        }
    });
}
