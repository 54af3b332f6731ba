//! What is done wrongly with the jobs of a terminal.

use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, DELIVERS_TO_EVERY_MEMBER, DOES_NOT_WAIT,
    REACHES_STOPPED_MEMBERS, REPORTS_EXITED, SPARES_OTHER_GROUPS,
};
use crate::mutants::parts::{checked, deliver, pause, send};
use crate::mutants::proc::{Process, all, members};
use crate::mutants::{Mutant, Served};
use crate::subject::wire::SignalResult;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "foreground-is-the-terminals",
        who: "Leaves SIGINT for the job in the foreground to its terminal, which sends it when somebody types ^C.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let in_foreground = Process::of(id).is_some_and(|leader| leader.foreground == id);
                if in_foreground && signal == libc::SIGINT { Ok(true) } else { deliver(id, signal) }
            })
        }),
    },
    Mutant {
        name: "leaders-of-jobs-are-sent-it-twice",
        who: "Sends again to a leader that has a terminal, since a shell may not have been at its prompt.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let leader = Process::of(id).filter(has_terminal);
                let answer = deliver(id, signal);
                if leader.is_some() && signal != libc::SIGKILL {
                    let _ = send(id, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "hung-up-jobs-are-continued",
        who: "Sends SIGCONT behind SIGHUP to whoever has a terminal, as the kernel does when one is hung up.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let is_hung_up = signal == libc::SIGHUP && members(id).iter().any(has_terminal);
                let answer = deliver(id, signal);
                if is_hung_up {
                    let _ = deliver(id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "same-terminal-too",
        who: "Signals everybody that has the leader's terminal, as `pkill -t` does, but for leaders of sessions.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let terminal = Process::of(id).filter(has_terminal).map(|leader| leader.terminal);
                let answer = deliver(id, signal);
                let others = all().into_iter().filter(|one| {
                    Some(one.terminal) == terminal && one.group != id && one.session != one.pid
                });
                others.for_each(|other| _ = send(other.pid, signal));
                answer
            })
        }),
    },
    Mutant {
        name: "interrupts-the-foreground",
        who: "Sends SIGINT to the job in the foreground as well, which is who would get it from the keyboard.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| with_foreground(id, signal, |_| signal == libc::SIGINT))
        }),
    },
    Mutant {
        name: "stopped-in-the-background-are-continued",
        who: "Continues a stopped job in the background of a terminal, which would never read its signal otherwise.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let waits = members(id).iter().any(|one| has_terminal(one) && one.is_stopped());
                let answer = deliver(id, signal);
                if waits {
                    let _ = deliver(id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "foreground-is-live",
        who: "Takes the group that some terminal has in its foreground for live, without looking for members.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                answer.map(|sent| sent || all().iter().any(|one| one.foreground == id))
            })
        }),
    },
    Mutant {
        name: "hangs-up-the-foreground",
        who: "Sends SIGHUP to the job in the foreground as well when it is for the leader of the terminal's session, \
              as the kernel does.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let is_hung_up = |leader: &Process| has_terminal(leader) && leader.session == id;
                with_foreground(id, signal, |leader| signal == libc::SIGHUP && is_hung_up(leader))
            })
        }),
    },
    Mutant {
        name: "waits-for-the-terminal",
        who: "Waits up to a second until the job that it signalled has left the foreground, so that the prompt is back.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let is_in_foreground =
                    || Process::of(id).is_some_and(|leader| leader.is_live() && leader.foreground == id);
                for _ in 0..100 {
                    if !is_in_foreground() {
                        break;
                    }
                    pause(10);
                }
                answer
            })
        }),
    },
];

/// Signals the group, and the one in the foreground of its leader's terminal if the leader `is_such`.
fn with_foreground(id: i32, signal: i32, is_such: impl Fn(&Process) -> bool) -> SignalResult {
    let foreground = Process::of(id).filter(is_such).map_or(0, |leader| leader.foreground);
    let answer = deliver(id, signal);
    if foreground > 1 && foreground != id {
        let _ = send(-foreground, signal);
    }
    answer
}

fn has_terminal(process: &Process) -> bool {
    process.terminal != 0
}
