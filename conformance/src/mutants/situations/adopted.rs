//! Who looks for survivors among the children of the first process.

use crate::contract::{DELIVERS_TO_EVERY_MEMBER, OUTLIVES_THE_LEADER};
use crate::mutants::parts::{checked, deliver, deliver_except, is_there};
use crate::mutants::proc::{Process, members};
use crate::mutants::{Mutant, Served};

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "init-adopts-all",
        who: "Counts a survivor only if its parent is PID 1, which adopts orphans where no subreaper does.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match is_there(id) || members(id).iter().any(|member| member.parent == 1) {
                true => deliver(id, signal),
                false => Ok(false),
            })
        }),
    },
    Mutant {
        name: "foreign-parents-own-their-children",
        who: "Takes a survivor whose parent is neither PID 1 nor a member for somebody else's child.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let is_ours =
                    |member: &Process| member.parent == 1 || found.iter().any(|one| one.pid == member.parent);
                match is_there(id) || found.is_empty() || found.iter().any(is_ours) {
                    true => deliver(id, signal),
                    false => Err(format!("group {id} belongs to somebody else")),
                }
            })
        }),
    },
    Mutant {
        name: "walks-down-from-init",
        who: "Looks below PID 1 for what the leader left, and misses what a subreaper has adopted.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let leaderless = !is_there(id);
                let found: Vec<_> = members(id).into_iter().map(|member| member.pid).collect();
                deliver_except(id, signal, move |member| {
                    leaderless && member.parent != 1 && !found.contains(&member.parent)
                })
            })
        }),
    },
];
