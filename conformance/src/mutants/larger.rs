//! What goes wrong with more generations, groups and ids than a demonstration has.

use super::parts::{checked, deliver, deliver_except, deliver_to, is_there};
use super::proc::{self, Process};
use super::{Mutant, Served};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, REPORTS_DELIVERED};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use process_groups::Signaller;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "five-generations-down",
        who: "Walks down from the leader for five generations, since nobody nests deeper.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| checked(|id, signal| to_generations(id, signal, 5))),
    },
    Mutant {
        name: "eight-generations-down",
        who: "Keeps the way down from the leader in an array of eight pids.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| checked(|id, signal| to_generations(id, signal, 8))),
    },
    Mutant {
        name: "table-of-members-is-full",
        who: "Reads the group's members into a table of 1,024, and signals those that fit.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| checked(|id, signal| deliver_first(1_024, id, signal))),
    },
    Mutant {
        name: "table-of-members-is-short",
        who: "Reads the group's members into a table of 2,048, and signals those that fit.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| checked(|id, signal| deliver_first(2_048, id, signal))),
    },
    Mutant {
        name: "table-of-groups-is-larger",
        who: "Keeps a record of each group that it was asked for in a table of 256, and answers `Err` when that is full.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| after(256, |_, _| Err("the table of groups is full".to_owned()))),
    },
    Mutant {
        name: "only-two-hundred-are-told",
        who: "Keeps a record of two hundred groups, answers for any other as for those, and sends it nothing.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| after(200, |id, _| Ok(is_there(-id)))),
    },
    Mutant {
        name: "all-ones-is-empty",
        who: "Marks an empty slot by setting all bits of a number that grows as needed, and takes 127, 255 or 1023 for one.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let is_mark = (100..60_000).contains(&id) && id & (id + 1) == 0;
                unless(is_mark, id, signal)
            })
        }),
    },
    Mutant {
        name: "one-more-than-a-round-number",
        who: "Compares ids as text up to the last zero, so that 101, 1001 and 10001 end too early.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| unless([101, 1_001, 10_001, 100_001].contains(&id), id, signal))
        }),
    },
    Mutant {
        name: "table-of-groups-is-full",
        who: "Keeps a record of each group that it was asked for in a table of 128, and answers `Err` when that is full.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            after(128, |id, signal| deliver(id, signal).and(Err("the table of groups is full".to_owned())))
        }),
    },
    Mutant {
        name: "hundredth-group-is-exited",
        who: "Keeps a record of the last hundred groups, and answers `Ok(false)` for one that it does not find there.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| after(100, |id, signal| deliver(id, signal).and(Ok(false)))),
    },
];

/// Signals only the first `most` members of a group that has more.
fn deliver_first(most: usize, id: i32, signal: i32) -> SignalResult {
    let members = proc::members(id);
    members.get(..most).map_or_else(|| deliver(id, signal), |fitting| deliver_to(fitting, signal))
}

/// Signals the members that are at most so many generations below the leader, and those whose way up leads
/// elsewhere.
fn to_generations(id: i32, signal: i32, most: usize) -> SignalResult {
    deliver_except(id, signal, |member| {
        let up = |process: &Process| Process::of(process.parent);
        let mut ancestors = std::iter::successors(Some(member.clone()), up);
        ancestors.position(|process| process.pid == id).is_some_and(|generation| generation > most)
    })
}

/// Signals a group as it should be, or not at all.
fn unless(left_out: bool, id: i32, signal: i32) -> SignalResult {
    if left_out { Ok(is_there(-id)) } else { deliver(id, signal) }
}

/// Signals as it should, and does `beyond` for live groups when it was asked for so many others before.
fn after(most: usize, beyond: fn(i32, i32) -> SignalResult) -> Arc<dyn Signaller> {
    let known = Mutex::new(HashSet::new());
    checked(move |id, signal| {
        let mut known = lock(&known);
        // Those that have exited need no record.
        if known.contains(&id) || !is_there(-id) {
            return deliver(id, signal);
        }
        if known.len() >= most {
            return beyond(id, signal);
        }
        known.insert(id);
        deliver(id, signal)
    })
}
