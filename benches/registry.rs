//! What each operation of a registry costs, beside a plain list that is scanned.
//!
//! Both sides hold the same groups and do the same in bulk; only the look-up differs, so the ratio of two
//! lines of one run is what the index is worth. The plain list grows with the square: it is left out at a
//! million, and takes seconds a sample at 100,000.
//!
//! ```text
//! cargo bench -p process-groups --bench registry
//! ```

use divan::Bencher;
use divan::counter::ItemsCount;
use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller, signaller_fn};
use std::sync::Arc;

const GROUPS: [u32; 4] = [10, 1_000, 100_000, 1_000_000];
const FEW_ENOUGH_TO_SCAN: [u32; 3] = [10, 1_000, 100_000];
/// In seconds, for each line. At least one sample is taken.
const TIME: u64 = 2;

fn main() {
    divan::main();
}

/// What both sides do.
trait Groups {
    fn asking(signaller: impl Signaller + 'static) -> Self;
    fn register(&mut self, leader_pid: u32);
    fn forget(&mut self, leader_pid: u32);
    /// Returns how many are left.
    fn signal_all(&mut self) -> usize;
}

impl Groups for ProcessGroups {
    fn asking(signaller: impl Signaller + 'static) -> Self {
        Self::new(Arc::new(signaller))
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

/// The baseline: the same entries in a list, found by scanning it and dropped one by one. Its calls are
/// calls, as those into another crate are.
struct PlainList {
    entries: Vec<ProcessGroupEntry>,
    signaller: Arc<dyn Signaller>,
    newest: u64,
}

impl Groups for PlainList {
    fn asking(signaller: impl Signaller + 'static) -> Self {
        Self { entries: Vec::new(), signaller: Arc::new(signaller), newest: 0 }
    }

    #[inline(never)]
    fn register(&mut self, leader_pid: u32) {
        let label = label();
        let held = self.entries.iter().position(|entry| entry.leader_pid == leader_pid);
        if held.is_some_and(|position| self.entries[position].label == label) {
            return;
        }
        self.newest += 1;
        let entry = ProcessGroupEntry::new(leader_pid, label, self.newest);
        match held {
            Some(position) => self.entries[position] = entry,
            None => self.entries.push(entry),
        }
        self.signaller.pin(leader_pid);
    }

    #[inline(never)]
    fn forget(&mut self, leader_pid: u32) {
        if let Some(position) = self.entries.iter().position(|entry| entry.leader_pid == leader_pid) {
            self.entries.remove(position);
            self.signaller.unpin(leader_pid);
        }
    }

    #[inline(never)]
    fn signal_all(&mut self) -> usize {
        let mut results = Vec::new();
        for entry in self.entries.clone() {
            let result = self.signaller.signal(entry.leader_pid, "SIGTERM");
            if result == Ok(false) {
                self.forget(entry.leader_pid);
            }
            results.push((entry, result));
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

/// A registry of so many groups, of which those that `lives` says no to have exited.
fn holding<G: Groups>(groups: u32, lives: fn(u32) -> bool) -> G {
    let mut held = G::asking(signaller_fn(move |leader_pid, _| Ok(lives(leader_pid))));
    leader_pids(groups).for_each(|leader_pid| held.register(leader_pid));
    held
}

fn all_live(_: u32) -> bool {
    true
}

/// Measures `operation` on all of so many groups; making them is not measured.
fn measure<G: Groups>(
    bencher: Bencher<'_, '_>,
    groups: u32,
    lives: fn(u32) -> bool,
    operation: impl Fn(&mut G),
) {
    let held = bencher.counter(ItemsCount::new(groups)).with_inputs(|| holding::<G>(groups, lives));
    held.bench_local_values(|mut held| {
        operation(&mut held);
        held
    });
}

fn register_fresh<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    bencher.counter(ItemsCount::new(groups)).bench_local(|| holding::<G>(groups, all_live));
}

/// With its label, which changes nothing.
fn register_again<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    measure(bencher, groups, all_live, |held: &mut G| {
        leader_pids(groups).for_each(|leader_pid| held.register(leader_pid));
    });
}

/// Each in the order that `sorted` gives.
fn forget<G: Groups>(bencher: Bencher<'_, '_>, groups: u32, sorted: fn(Vec<u32>) -> Vec<u32>) {
    let forgotten = sorted(leader_pids(groups).collect());
    measure(bencher, groups, all_live, |held: &mut G| {
        forgotten.iter().for_each(|leader_pid| held.forget(*leader_pid));
    });
}

fn forget_first<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    forget::<G>(bencher, groups, |leader_pids| leader_pids);
}

fn forget_last<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    forget::<G>(bencher, groups, |leader_pids| leader_pids.into_iter().rev().collect());
}

/// From the middle to the end, and then from the middle to the front.
fn forget_middle<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    forget::<G>(bencher, groups, |leader_pids| {
        let (front, back) = leader_pids.split_at(leader_pids.len() / 2);
        back.iter().chain(front.iter().rev()).copied().collect()
    });
}

/// In no order.
fn forget_anywhere<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    forget::<G>(bencher, groups, |mut leader_pids| {
        leader_pids.sort_unstable();
        leader_pids
    });
}

fn signal_all<G: Groups>(bencher: Bencher<'_, '_>, groups: u32, lives: fn(u32) -> bool) {
    let left = leader_pids(groups).filter(|leader_pid| lives(*leader_pid)).count();
    measure(bencher, groups, lives, |held: &mut G| assert_eq!(held.signal_all(), left));
}

fn signal_all_live<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    signal_all::<G>(bencher, groups, all_live);
}

fn signal_all_half_exited<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    signal_all::<G>(bencher, groups, |leader_pid| leader_pid % 2 == 0);
}

fn signal_all_exited<G: Groups>(bencher: Bencher<'_, '_>, groups: u32) {
    signal_all::<G>(bencher, groups, |_| false);
}

/// A module for each operation, with a line for each side.
macro_rules! both_sides {
    ($($operation:ident),* $(,)?) => {$(
        mod $operation {
            use super::*;

            #[divan::bench(args = GROUPS, max_time = TIME)]
            fn process_groups(bencher: Bencher<'_, '_>, groups: u32) {
                super::$operation::<ProcessGroups>(bencher, groups);
            }

            #[divan::bench(args = FEW_ENOUGH_TO_SCAN, max_time = TIME)]
            fn scanned_list(bencher: Bencher<'_, '_>, groups: u32) {
                super::$operation::<PlainList>(bencher, groups);
            }
        }
    )*};
}

both_sides!(
    register_fresh,
    register_again,
    forget_first,
    forget_middle,
    forget_last,
    forget_anywhere,
    signal_all_live,
    signal_all_half_exited,
    signal_all_exited,
);
