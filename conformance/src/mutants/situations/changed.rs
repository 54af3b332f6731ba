//! A group that the signaller knows is taken for another one, since something about its leader has changed.

use crate::contract::REPORTS_DELIVERED;
use crate::mutants::parts::{checked, deliver};
use crate::mutants::proc::Process;
use crate::mutants::{Mutant, Served};
use crate::sys::lock::lock;
use process_groups::Signaller;
use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex};

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "another-command-line-is-another-group",
        who: "Takes the group for a stranger's when its leader began at the same time and has another command line.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| stranger_by("cmdline")),
    },
    Mutant {
        name: "another-cgroup-is-another-group",
        who: "Takes the group for another container's when its leader began at the same time and is in another cgroup.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| stranger_by("cgroup")),
    },
];

/// A signaller that answers `Ok(false)` for a leader whose file of that name in /proc has changed since it was asked
/// for first.
fn stranger_by(file: &'static str) -> Arc<dyn Signaller> {
    let known: Mutex<HashMap<(i32, u64), Vec<u8>>> = Mutex::default();
    checked(move |id, signal| {
        let content = fs::read(format!("/proc/{id}/{file}")).ok().filter(|content| !content.is_empty());
        let (Some(leader), Some(now)) = (Process::of(id), content) else { return deliver(id, signal) };
        let mut known = lock(&known);
        let before = known.entry((id, leader.start)).or_insert_with(|| now.clone());
        if *before == now { deliver(id, signal) } else { Ok(false) }
    })
}
