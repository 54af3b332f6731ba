//! Who sends SIGCHLD, which the kernel sends as well.

use crate::contract::{DELIVERS_THE_NAMED_SIGNAL, REJECTS_UNKNOWN_NAMES, SPARES_OTHER_GROUPS};
use crate::mutants::parts::{checked, deliver, naming, parent, send, signal_of};
use crate::mutants::proc::{Process, members};
use crate::mutants::{Mutant, Served};
use std::collections::BTreeSet;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "parents-are-told-to-reap",
        who: "Sends SIGCHLD to the parent of unreaped members, so that it reaps them.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                if !found.iter().any(Process::is_live) {
                    let parents: BTreeSet<_> = found.iter().map(|one| one.parent).collect();
                    let outside = |parent: &&i32| !found.iter().any(|one| one.pid == **parent);
                    parents.iter().filter(outside).for_each(|parent| _ = send(*parent, libc::SIGCHLD));
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "windows-are-told-to-reap",
        who: "Sends SIGCHLD to the window whose job has ended, so that its prompt comes back.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let ended = !found.is_empty() && !found.iter().any(Process::is_live);
                let window =
                    found.iter().map(|one| one.session).find(|session| ended && ![1, id].contains(session));
                window.into_iter().for_each(|window| _ = send(window, libc::SIGCHLD));
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "members-are-told-of-children",
        who: "Sends SIGCHLD to the group as well, so that whoever is left looks after its children.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                let _ = send(-id, libc::SIGCHLD);
                sent
            })
        }),
    },
    Mutant {
        name: "unknown-names-wake-the-parent",
        who: "Sends its own parent SIGCHLD when a call ends with an error of the name.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| {
            naming(|name| {
                signal_of(name).inspect_err(|_| {
                    let _ = send(parent(), libc::SIGCHLD);
                })
            })
        }),
    },
];
