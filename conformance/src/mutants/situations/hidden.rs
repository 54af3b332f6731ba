//! What is taken for gone because /proc does not show it.

use crate::contract::{DELIVERS_TO_EVERY_MEMBER, REFUSED_IS_AN_ERROR, REPORTS_DELIVERED};
use crate::mutants::parts::{answer, checked, deliver, deliver_except, deliver_to, is_there, send};
use crate::mutants::proc::{Process, members};
use crate::mutants::{Mutant, Served};
use nix::errno::Errno;
use std::fs;
use std::path::Path;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "refused-and-unseen-is-exited",
        who: "Looks after EPERM for live members in /proc, finds none, and answers `Ok(false)`.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if !members(id).iter().any(Process::is_live) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "refused-without-an-entry-is-exited",
        who: "Looks after EPERM for /proc/LEADER, and takes a leader that has none for exited.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if is_there(id) && !Path::new(&format!("/proc/{id}")).exists() => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "unseen-is-exited",
        who: "Lists the members in /proc first, and asks nobody when it finds none.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| if members(id).is_empty() { Ok(false) } else { deliver(id, signal) })
        }),
    },
    Mutant {
        name: "unseen-is-not-signalled",
        who: "Asks kill(2) with signal 0 for the answer, and signals whom /proc shows.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                match found.is_empty() && is_there(-id) {
                    true => deliver_to(&found, signal).map(|_| true),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "unreadable-is-not-ours",
        who: "Knows its own processes by a variable in their environment, and passes over whose it cannot read.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                deliver_except(id, signal, |member| {
                    member.is_own_users() && fs::read(format!("/proc/{}/environ", member.pid)).is_err()
                })
            })
        }),
    },
];
