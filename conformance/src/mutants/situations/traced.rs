//! What is done wrongly with members that a debugger keeps stopped.

use crate::contract::{DELIVERS_ONCE, DOES_NOT_WAIT, REACHES_STOPPED_MEMBERS, REPORTS_DELIVERED};
use crate::mutants::parts::{checked, deliver, deliver_except, pause, send};
use crate::mutants::proc::{Process, members};
use crate::mutants::{Mutant, Served};

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "traced-are-passed-over",
        who: "Signals member by member, and leaves those that are traced to their debugger.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| checked(|id, signal| deliver_except(id, signal, is_traced))),
    },
    Mutant {
        name: "traced-are-let-go",
        who: "Ends the debugger of a traced member after the signal, so that it can take it.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let traced = members(id).into_iter().filter(is_traced).collect::<Vec<_>>();
                let sent = deliver(id, signal);
                let own = traced
                    .iter()
                    .filter(|one| Process::of(one.parent).is_some_and(|tracer| tracer.group == id));
                own.for_each(|one| _ = send(one.parent, libc::SIGKILL));
                sent
            })
        }),
    },
    Mutant {
        name: "traced-are-not-live",
        who: "Answers `Ok(false)` when each member is in state t, which it does not know.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let sent = deliver(id, signal);
                if !found.is_empty() && found.iter().all(is_traced) { Ok(false) } else { sent }
            })
        }),
    },
    Mutant {
        name: "waits-for-the-debugger",
        who: "Waits for up to a second until no member is kept stopped by a debugger.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                for _ in 0..100 {
                    if !members(id).iter().any(is_traced) {
                        break;
                    }
                    pause(10);
                }
                sent
            })
        }),
    },
    Mutant {
        name: "traced-are-sent-it-again",
        who: "Signals those that are traced once more, in case the debugger has kept the first.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let again = members(id).into_iter().filter(is_traced);
                let again: Vec<_> = again.map(|one| one.pid).collect();
                let sent = deliver(id, signal);
                again.into_iter().for_each(|pid| _ = send(pid, signal));
                sent
            })
        }),
    },
];

/// Whether a debugger keeps it stopped.
fn is_traced(process: &Process) -> bool {
    process.state == 't'
}
