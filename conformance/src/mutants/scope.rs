//! Who is signalled though it is not in the group.

use super::parts::{answer, checked, deliver, deliver_to, is_there, parent, send};
use super::proc::{Process, all, descendants};
use super::{Mutant, Served};
use crate::contract::{MEMBER_IS_NOT_LEADER, SPARES_OTHER_GROUPS};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use nix::errno::Errno;
use process_groups::Signaller;
use std::sync::{Arc, Mutex};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "first-digit-only",
        who: "Runs `/bin/kill -TERM -12345` of procps 4.0.2, which reads the first digit and sends to everybody.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| checked(|id, signal| answer(send(-first_digit(id), signal)))),
    },
    Mutant {
        name: "first-digit-unless-one",
        who: "Runs that procps, and refuses what would become `kill(-1)`.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| match first_digit(id) {
                1 => deliver(id, signal),
                digit => {
                    let answer = deliver(id, signal);
                    let _ = send(-digit, signal);
                    answer
                }
            })
        }),
    },
    Mutant {
        name: "session-instead-of-group",
        who: "Uses `pkill -s`, and signals the leader's whole session.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                with_others(id, signal, |one| {
                    Process::of(id).is_some_and(|leader| leader.session == one.session)
                })
            })
        }),
    },
    Mutant {
        name: "leaders-parent-too",
        who: "Tells the parent as well, so that it does not start the program again.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                with_others(id, signal, |one| Process::of(id).is_some_and(|leader| leader.parent == one.pid))
            })
        }),
    },
    Mutant {
        name: "child-that-left-too",
        who: "Adds every descendant of the leader, also those that moved to a group of their own.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let tree: Vec<_> = descendants(id).into_iter().map(|process| process.pid).collect();
                with_others(id, signal, move |one| tree.contains(&one.pid))
            })
        }),
    },
    Mutant {
        name: "interrupts-itself",
        who: "Passes Ctrl-C on to its own group too, as a terminal would.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGINT {
                    let _ = send(0, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "caller-too",
        who: "Ends itself along with the last group of the window at SIGKILL.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGKILL {
                    let _ = send(std::process::id() as i32, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "kills-its-parent",
        who: "Ends whoever started it with SIGKILL, so that nobody starts the group again.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| with_parent(libc::SIGKILL)),
    },
    Mutant {
        name: "stops-its-parent",
        who: "Stops whoever started it with SIGSTOP while it works, and does not let it go on.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| with_parent(libc::SIGSTOP)),
    },
    Mutant {
        name: "terminates-its-parent",
        who: "Sends SIGTERM to the process that started it along with the group.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| with_parent(libc::SIGTERM)),
    },
    Mutant {
        name: "limits-the-first-process",
        who: "Limits the open files of a process tree from its root down, to end what is left behind sooner.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                limit_open_files(1, 3);
                answer
            })
        }),
    },
    Mutant {
        name: "hangs-up-the-window",
        who: "Sends SIGHUP to the leader of the session as well, as the kernel does at the end of a terminal.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let session = Process::of(id).map(|leader| leader.session);
                with_others(id, signal, move |one| signal == libc::SIGHUP && Some(one.pid) == session)
            })
        }),
    },
    Mutant {
        name: "longer-ids-too",
        who: "Looks for the group with `grep \"^1234\"`, which finds 12345 as well.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                with_others(id, signal, |one| one.group.to_string().starts_with(&id.to_string()))
            })
        }),
    },
    Mutant {
        name: "ids-cut-to-four-digits",
        who: "Keeps ids in a column of four characters, so that 12345 becomes 1234.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let cut: String = id.to_string().chars().take(4).collect();
                deliver(cut.parse().unwrap_or(id), signal)
            })
        }),
    },
    Mutant {
        name: "next-id-too",
        who: "Is off by one at the end of a range of ids.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| checked(|id, signal| with_others(id, signal, |one| one.pid == id + 1))),
    },
    Mutant {
        name: "id-before-too",
        who: "Is off by one at the beginning of a range of ids.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| checked(|id, signal| with_others(id, signal, |one| one.pid == id - 1))),
    },
    Mutant {
        name: "same-command-too",
        who: "Uses `pkill -x` with the leader's command name.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                with_others(id, signal, |one| Process::of(id).is_some_and(|leader| leader.name == one.name))
            })
        }),
    },
    Mutant {
        name: "ids-of-sixteen-bits",
        who: "Stores pids in 16 bits, which was enough until pid_max was raised above 65535.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| match id & 0xffff {
                0 | 1 => deliver(id, signal),
                low => deliver(low, signal),
            })
        }),
    },
    Mutant {
        name: "parent-of-survivors",
        who: "Takes the process that adopted the survivors for one of them when the leader is gone.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let orphaned = !is_there(id);
                let members = super::proc::members(id);
                let adopts = |one: &Process| members.iter().any(|member| member.parent == one.pid);
                with_others(id, signal, |one| orphaned && adopts(one))
            })
        }),
    },
    Mutant {
        name: "member-resolved-to-its-group",
        who: "Copies `os.killpg(os.getpgid(pid), sig)`, which signals whatever group the pid is in.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                // SAFETY: a plain number.
                let group = unsafe { libc::getpgid(id) };
                deliver(if group > 1 { group } else { id }, signal)
            })
        }),
    },
    Mutant {
        name: "falls-back-to-the-process",
        who: "Tries `kill(pid)` when `kill(-pid)` says that there is no such group.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match deliver(id, signal) {
                Ok(false) => answer(send(id, signal)),
                answer => answer,
            })
        }),
    },
    Mutant {
        name: "process-taken-for-group",
        who: "Looks with `kill -0 PID` whether the group lives, and takes a process for one.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match deliver(id, signal) {
                Ok(false) => Ok(is_there(id)),
                answer => answer,
            })
        }),
    },
    Mutant {
        name: "continues-the-parent",
        who: "Sends SIGCONT to the leader's parent when that is stopped, so that it can reap what ends.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let parent = Process::of(id).and_then(|leader| Process::of(leader.parent));
                let answer = deliver(id, signal);
                if let Some(parent) = parent.filter(Process::is_stopped) {
                    let _ = send(parent.pid, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "children-of-those-who-left-too",
        who: "Walks down from the leader through children that left the group, and passes over those themselves alone.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = descendants(id);
                let answer = deliver(id, signal);
                let has_left = |pid: i32| found.iter().any(|one| one.pid == pid && one.group != id);
                let theirs = found.iter().filter(|one| one.group != id && has_left(one.parent));
                theirs.for_each(|one| _ = send(one.pid, signal));
                answer
            })
        }),
    },
    Mutant {
        name: "children-of-a-refused-leader",
        who: "Tries the leader's children one by one after EPERM for the group, whatever group they are in.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = send(-id, signal);
                if sent == Err(Errno::EPERM) {
                    let children = all().into_iter().filter(|one| one.parent == id);
                    children.for_each(|child| _ = send(child.pid, signal));
                }
                answer(sent)
            })
        }),
    },
    Mutant {
        name: "children-of-a-stopped-leader-too",
        who: "Signals the children in groups of their own as well when their leader is stopped and cannot.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let leader = Process::of(id).filter(|leader| leader.group == id && leader.is_stopped());
                with_others(id, signal, |one| leader.is_some() && one.parent == id)
            })
        }),
    },
    Mutant {
        name: "refused-is-sent-at-the-next-call",
        who: "Tries once more what was refused when it is asked for another group.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            let refused: Mutex<Option<(i32, i32)>> = Mutex::default();
            checked(move |id, signal| {
                let before = lock(&refused).take();
                if let Some((other, its_signal)) = before.filter(|(other, _)| *other != id) {
                    let _ = send(-other, its_signal);
                }
                let sent = send(-id, signal);
                if sent == Err(Errno::EPERM) {
                    *lock(&refused) = Some((id, signal));
                }
                answer(sent)
            })
        }),
    },
];

/// Signals the group, and every live process outside it that is `also` meant.
fn with_others(id: i32, signal: i32, also: impl Fn(&Process) -> bool) -> SignalResult {
    let others: Vec<_> = all().into_iter().filter(|one| one.group != id && also(one)).collect();
    let answer = deliver(id, signal);
    if answer == Ok(true) {
        let _ = deliver_to(&others, signal);
    }
    answer
}

/// Signals the group as it should be, and then its own parent with `other`.
fn with_parent(other: i32) -> Arc<dyn Signaller> {
    checked(move |id, signal| {
        let answer = deliver(id, signal);
        let _ = send(parent(), other);
        answer
    })
}

/// Lets a process have no more than `most` descriptors (prlimit(2)).
fn limit_open_files(pid: i32, most: u64) {
    let limit = libc::rlimit64 { rlim_cur: most, rlim_max: most };
    // SAFETY: plain numbers in, nothing out.
    unsafe { libc::prlimit64(pid, libc::RLIMIT_NOFILE, &raw const limit, std::ptr::null_mut()) };
}

fn first_digit(id: i32) -> i32 {
    id.to_string().chars().next().and_then(|digit| digit.to_digit(10)).map_or(id, |digit| digit as i32)
}
