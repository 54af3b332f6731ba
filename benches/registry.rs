//! What a registry costs, beside a plain list that is scanned.
//!
//! Both sides hold the same groups and do the same; only the look-up differs, so the ratio of two lines of one run
//! is what the index is worth. The plain list grows with the square, and is left out at 100,000.
//!
//! ```text
//! cargo bench -p process-groups --bench registry
//! ```

use divan::{Bencher, counter::ItemsCount};
use process_groups::{ProcessGroups, Signaller, signaller_fn};
use std::sync::Arc;

const FEW_ENOUGH_TO_SCAN: [u32; 2] = [1_000, 10_000];
const GROUPS: [u32; 3] = [1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

/// What both sides do.
trait Groups {
    fn empty() -> Self;
    fn register(&mut self, leader_pid: u32);
    fn forget(&mut self, leader_pid: u32);
    /// Returns how many are left.
    fn signal_all(&mut self) -> usize;
}

/// Answers that every second group has exited, and sends nothing.
fn every_second_has_exited() -> impl Signaller {
    signaller_fn(|leader_pid, _| Ok(leader_pid % 2 == 0))
}

impl Groups for ProcessGroups {
    fn empty() -> Self {
        Self::new(Arc::new(every_second_has_exited()))
    }

    fn register(&mut self, leader_pid: u32) {
        self.register(leader_pid, label());
    }

    fn forget(&mut self, leader_pid: u32) {
        self.forget(leader_pid);
    }

    fn signal_all(&mut self) -> usize {
        divan::black_box(self.signal_all("SIGTERM"));
        self.entries().len()
    }
}

/// The baseline: entries in a list, found by scanning it and pruned one by one.
struct PlainList {
    entries: Vec<(u32, String)>,
    signaller: Box<dyn Signaller>,
}

impl Groups for PlainList {
    fn empty() -> Self {
        Self { entries: Vec::new(), signaller: Box::new(every_second_has_exited()) }
    }

    fn register(&mut self, leader_pid: u32) {
        match self.entries.iter_mut().find(|(held, _)| *held == leader_pid) {
            Some((_, held)) => *held = label(),
            None => self.entries.push((leader_pid, label())),
        }
    }

    fn forget(&mut self, leader_pid: u32) {
        if let Some(position) = self.entries.iter().position(|(held, _)| *held == leader_pid) {
            self.entries.remove(position);
        }
    }

    fn signal_all(&mut self) -> usize {
        let mut results = Vec::new();
        for (leader_pid, label) in self.entries.clone() {
            let result = self.signaller.signal(leader_pid, "SIGTERM");
            if result == Ok(false) {
                self.forget(leader_pid);
            }
            results.push((leader_pid, label, result));
        }
        divan::black_box(results);
        self.entries.len()
    }
}

fn label() -> String {
    "cargo build".to_owned()
}

/// Different leader pids in no order that a look-up could profit from, odd and even in turn.
fn leader_pids(groups: u32) -> impl Iterator<Item = u32> {
    (0..groups).map(|number| 2 + number.wrapping_mul(2_654_435_761) % (1 << 22))
}

fn holding<G: Groups>(groups: u32) -> G {
    let mut held = G::empty();
    for leader_pid in leader_pids(groups) {
        held.register(leader_pid);
    }
    held
}

/// Registers them all.
mod register {
    use super::*;

    fn run<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
        bencher.counter(ItemsCount::new(groups)).bench_local(|| holding::<G>(groups));
    }

    #[divan::bench(args = GROUPS)]
    fn process_groups(bencher: Bencher<'_, '_>, groups: u32) {
        run::<ProcessGroups>(bencher, groups);
    }

    #[divan::bench(args = FEW_ENOUGH_TO_SCAN)]
    fn scanned_list(bencher: Bencher<'_, '_>, groups: u32) {
        run::<PlainList>(bencher, groups);
    }
}

/// Forgets 1,000 of them that stand anywhere. Both sides close the gap each time, because entries are listed
/// without gaps.
mod forget_1000 {
    use super::*;

    fn run<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
        let mut anywhere: Vec<u32> = leader_pids(groups).collect();
        anywhere.sort_unstable();
        let forgotten: Vec<u32> = anywhere.into_iter().step_by(groups as usize / 1_000).collect();
        let held = bencher.counter(ItemsCount::new(forgotten.len())).with_inputs(|| holding::<G>(groups));
        held.bench_local_values(|mut held| {
            forgotten.iter().for_each(|leader_pid| held.forget(*leader_pid));
            held
        });
    }

    #[divan::bench(args = GROUPS)]
    fn process_groups(bencher: Bencher<'_, '_>, groups: u32) {
        run::<ProcessGroups>(bencher, groups);
    }

    #[divan::bench(args = FEW_ENOUGH_TO_SCAN)]
    fn scanned_list(bencher: Bencher<'_, '_>, groups: u32) {
        run::<PlainList>(bencher, groups);
    }
}

/// Signals them all, of which every second has exited and is pruned.
mod signal_all_pruning_half {
    use super::*;

    fn run<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
        let held = bencher.counter(ItemsCount::new(groups)).with_inputs(|| holding::<G>(groups));
        held.bench_local_values(|mut held| {
            assert_eq!(held.signal_all(), groups as usize / 2);
            held
        });
    }

    #[divan::bench(args = GROUPS)]
    fn process_groups(bencher: Bencher<'_, '_>, groups: u32) {
        run::<ProcessGroups>(bencher, groups);
    }

    #[divan::bench(args = FEW_ENOUGH_TO_SCAN)]
    fn scanned_list(bencher: Bencher<'_, '_>, groups: u32) {
        run::<PlainList>(bencher, groups);
    }
}
