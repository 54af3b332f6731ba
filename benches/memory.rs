//! What a registry holds in memory, beside its bare entries: see `max alloc`.
//!
//! ```text
//! cargo bench -p process-groups --bench memory
//! ```

use divan::{AllocProfiler, Bencher};
use process_groups::{ProcessGroupEntry, ProcessGroups, signaller_fn};
use std::sync::Arc;

#[global_allocator]
static ALLOC: AllocProfiler = AllocProfiler::system();

const GROUPS: [u32; 2] = [1_000, 100_000];

fn main() {
    divan::main();
}

#[divan::bench(args = GROUPS, sample_count = 1, sample_size = 1)]
fn process_groups(bencher: Bencher<'_, '_>, groups: u32) {
    bencher.bench_local(|| {
        let mut held = ProcessGroups::new(Arc::new(signaller_fn(|_, _| Ok(true))));
        (2..groups + 2).for_each(|leader_pid| held.register(leader_pid, "cargo build"));
        held
    });
}

#[divan::bench(args = GROUPS, sample_count = 1, sample_size = 1)]
fn bare_entries(bencher: Bencher<'_, '_>, groups: u32) {
    bencher.bench_local(|| {
        let mut held = Vec::new();
        (2..groups + 2).for_each(|leader_pid| {
            held.push(ProcessGroupEntry::new(leader_pid, "cargo build", leader_pid.into()))
        });
        held
    });
}
