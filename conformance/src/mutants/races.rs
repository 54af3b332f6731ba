//! Who looks first and acts on what was so: what changes between the two is missed, or hits others.

use super::parts::{answer, checked, deliver, deliver_to, is_there, pidfd, send};
use super::proc::members;
use super::{Mutant, Served};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, OUTLIVES_THE_LEADER, REPORTS_EXITED, SPARES_OTHER_GROUPS};
use crate::subject::wire::SignalResult;
use crate::sys::pidfd;
use nix::errno::Errno;

/// Of larger groups somebody forks all the time, as these mutants know.
const SMALL: usize = 6;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "walks-with-kill",
        who: "Looks up the members in /proc and signals each pid with kill(2), but for SIGKILL.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| match signal {
                libc::SIGKILL => deliver(id, signal),
                _ => by_kill(id, signal),
            })
        }),
    },
    Mutant {
        name: "pins-without-looking-again",
        who: "Looks up the members in /proc and signals each through a pidfd, which may be a stranger's by then.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| match signal {
                libc::SIGKILL => deliver(id, signal),
                _ => by_pidfd(id, signal),
            })
        }),
    },
    Mutant {
        name: "looks-before-it-sends",
        who: "Looks with signal 0 whether the group is there, and takes what it sends then for delivered.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            checked(|id, signal| match (is_there(-id), send(-id, signal)) {
                (true, Err(Errno::ESRCH)) => Ok(true),
                (_, sent) => answer(sent),
            })
        }),
    },
    Mutant {
        name: "kills-small-groups-one-by-one",
        who: "Looks up the members of a small group once and sends SIGKILL to each; who is forked meanwhile lives on.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| match signal {
                libc::SIGKILL if members(id).len() < SMALL => by_kill(id, signal),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "kills-small-groups-through-pidfds",
        who: "Pins the members of a small group once and sends SIGKILL to each; who is forked meanwhile lives on.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| match signal {
                libc::SIGKILL if members(id).len() < SMALL => by_pidfd(id, signal),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "pins-the-leader-that-was-there",
        who: "Asks for the leader with signal 0, pins it, and takes its end between the two for the group's.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match is_there(id) {
                true => pidfd(id).map_or(Ok(false), |leader| answer(pidfd::send_to_group(&leader, signal))),
                false => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "looks-twice-at-the-leader",
        who: "Asks for the leader twice with signal 0, and takes one that is gone the second time for a group that ends.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match is_there(id) && !is_there(id) {
                true => Ok(false),
                false => deliver(id, signal),
            })
        }),
    },
];

/// Signals the members by their pids; the group where there are none to be seen.
fn by_kill(id: i32, signal: i32) -> SignalResult {
    match deliver_to(&members(id), signal) {
        Ok(false) => deliver(id, signal),
        answer => answer,
    }
}

/// Signals the members through descriptors of their pids; the group where there are none to be seen.
fn by_pidfd(id: i32, signal: i32) -> SignalResult {
    let pinned: Vec<_> = members(id).iter().filter_map(|member| pidfd(member.pid)).collect();
    let sent: Vec<_> = pinned.iter().map(|pinned| pidfd::send(pinned, signal)).collect();
    match sent.iter().find(|sent| sent.is_ok()).or(sent.iter().find(|sent| **sent != Err(Errno::ESRCH))) {
        Some(sent) => answer(*sent),
        None => deliver(id, signal),
    }
}
