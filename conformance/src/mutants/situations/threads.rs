//! What is done wrongly with members that have several threads, or whose first thread has left.

use crate::contract::{
    DELIVERS_ONCE, DELIVERS_TO_EVERY_MEMBER, DOES_NOT_WAIT, MEMBER_IS_NOT_LEADER, OUTLIVES_THE_LEADER,
    REACHES_STOPPED_MEMBERS, REFUSED_IS_AN_ERROR, REPORTS_DELIVERED,
};
use crate::mutants::parts::{answer, checked, deliver, deliver_except, is_there, pause, send};
use crate::mutants::proc::{Process, members, pids, threads};
use crate::mutants::{Mutant, Served};
use nix::errno::Errno;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "letters-say-exited",
        who: "Answers `Ok(false)` when the letter of each member in /proc is Z, which is that of its first thread.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| if all_show_exited(id) { Ok(false) } else { deliver(id, signal) })
        }),
    },
    Mutant {
        name: "letters-are-passed-over",
        who: "Signals member by member, and passes over those that /proc shows in state Z.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| checked(|id, signal| deliver_except(id, signal, Process::shows_exited))),
    },
    Mutant {
        name: "sleepers-are-passed-over",
        who: "Signals member by member, and passes over those in state D, which no signal wakes.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| checked(|id, signal| deliver_except(id, signal, |one| one.state == 'D'))),
    },
    Mutant {
        name: "sleepers-take-nothing",
        who: "Answers `Err` for a group of which each member is in state D, since none can take the signal.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let sent = deliver(id, signal);
                let sleep = !found.is_empty() && found.iter().all(|one| one.state == 'D');
                if sleep { Err("every process sleeps in the kernel".to_owned()) } else { sent }
            })
        }),
    },
    Mutant {
        name: "waits-for-sleepers",
        who: "Waits for up to a second until no member is in state D, where it takes no signal.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                for _ in 0..100 {
                    if !members(id).iter().any(|one| one.state == 'D') {
                        break;
                    }
                    pause(10);
                }
                sent
            })
        }),
    },
    Mutant {
        name: "first-thread-for-the-process",
        who: "Signals a member with threads by tgkill(2) on its first one, where it stays blocked.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let threaded = found.iter().filter(|one| one.threads > 1 && !one.shows_exited());
                let threaded: Vec<_> = threaded.map(|one| one.pid).collect();
                for &pid in &threaded {
                    // SAFETY: plain numbers.
                    unsafe { libc::syscall(libc::SYS_tgkill, pid, pid, signal) };
                }
                let sent = deliver_except(id, signal, |one| threaded.contains(&one.pid));
                if threaded.is_empty() { sent } else { Ok(true) }
            })
        }),
    },
    Mutant {
        name: "a-signal-for-each-thread",
        who: "Sends to each id below /proc/PID/task as well, and kill(2) takes a thread's for its process's.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let of = |member: &Process| {
                    threads(member.pid).into_iter().filter(|one| *one != member.pid).collect()
                };
                let more: Vec<Vec<i32>> = members(id).iter().map(of).collect();
                let sent = deliver(id, signal);
                more.into_iter().flatten().for_each(|thread| _ = send(thread, signal));
                sent
            })
        }),
    },
    Mutant {
        name: "threads-stand-for-their-group",
        who: "Looks up the group of the id in /proc, which has entries for threads that it does not list.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match Process::of(id).filter(|_| is_thread(id)) {
                Some(thread) => deliver(thread.group, signal).map(|_| false),
                None => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "threads-stand-for-their-process",
        who: "Signals the id itself when it leads no group and is no process's, as kill(2) lets it.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match is_thread(id) {
                true => answer(send(id, signal)),
                false => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "survivors-letters-say-exited",
        who: "Looks for survivors in /proc once the leader is gone, and leaves out those in state Z.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match is_there(id) {
                false if all_show_exited(id) => Ok(false),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "stopped-threads-are-continued",
        who: "Continues a process in state Z of which a thread is stopped, since that must be a mistake of the kernel's.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                let odd = members(id).into_iter().filter(|member| member.shows_exited() && member.is_live());
                odd.for_each(|member| _ = send(member.pid, libc::SIGCONT));
                sent
            })
        }),
    },
    Mutant {
        name: "refused-letters-say-exited",
        who: "Looks after EPERM whether /proc shows a member in another state than Z, as one has to on Darwin.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if all_show_exited(id) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "odd-members-are-sent-it-directly",
        who: "Sends directly to live members in state Z as well, which it thinks that the group's signal passed over.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id).into_iter().filter(|one| one.shows_exited() && one.is_live());
                let odd: Vec<_> = found.collect();
                let sent = deliver(id, signal);
                odd.iter().for_each(|one| _ = send(one.pid, signal));
                sent
            })
        }),
    },
    Mutant {
        name: "members-threads-stand-for-them",
        who: "Takes the id of a member's thread for the member, whose pid the same list in /proc has, and signals it.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                match Process::of(id).filter(|thread| is_thread(id) && !is_of_the_leader(thread)) {
                    Some(_) => answer(send(id, signal)),
                    None => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "odd-members-lead-groups",
        who: "Signals a process in state Z by its pid when it leads no group, to see whether it is there.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match deliver(id, signal) {
                Ok(false) => {
                    let odd =
                        Process::of(id).filter(|one| one.shows_exited() && one.is_live() && !is_thread(id));
                    odd.map_or(Ok(false), |_| answer(send(id, signal)))
                }
                answer => answer,
            })
        }),
    },
    Mutant {
        name: "asleep-are-sent-it-again",
        who: "Signals those in state D once more, since they cannot have taken the first.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let again = members(id).into_iter().filter(|one| one.state == 'D');
                let again: Vec<_> = again.map(|one| one.pid).collect();
                let sent = deliver(id, signal);
                again.into_iter().for_each(|pid| _ = send(pid, signal));
                sent
            })
        }),
    },
];

/// Whether it is the id of a thread, and no process's.
fn is_thread(id: i32) -> bool {
    Process::of(id).is_some() && !pids().contains(&id)
}

/// Whether it is a thread of its group's leader.
fn is_of_the_leader(thread: &Process) -> bool {
    threads(thread.group).contains(&thread.pid)
}

/// Whether /proc shows members of the group, and each in state Z.
fn all_show_exited(id: i32) -> bool {
    let found = members(id);
    !found.is_empty() && found.iter().all(Process::shows_exited)
}
