//! Who sends what leaves no trace: it is seen at the system calls alone.

use super::parts::{answer, checked, deliver, is_there, later, pause, send};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::{DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, EXITED_IS_REPEATABLE, SPARES_OTHER_GROUPS};
use std::fs;
use std::sync::mpsc;
use std::time::Duration;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "kills-twice",
        who: "Sends SIGKILL again at once, since nobody can die twice.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGKILL {
                    let _ = send(-id, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "kills-again-a-while-later",
        who: "Has a timer that sends SIGKILL once more 200 ms after the answer.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGKILL {
                    later(200, move || _ = send(-id, signal));
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "kills-the-leader-once-more",
        who: "Sends SIGKILL to the group and then to the leader, to be sure.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGKILL {
                    let _ = send(id, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "again-to-large-groups",
        who: "Sends again to a group of more than a hundred members, of which the first pass may have missed some.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let is_large = members(id).len() > 100;
                let answer = deliver(id, signal);
                if is_large {
                    let _ = send(-id, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "again-to-other-users",
        who: "Sends again to each member of another user, as if its group had been refused for it.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let others: Vec<_> =
                    members(id).into_iter().filter(|member| !member.is_own_users()).collect();
                let answer = deliver(id, signal);
                if signal != libc::SIGKILL {
                    others.iter().for_each(|other| _ = send(other.pid, signal));
                }
                answer
            })
        }),
    },
    Mutant {
        name: "again-to-who-is-stopped",
        who: "Sends again after 5 ms to a group with a stopped member, on which nothing seems to happen.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| again_if(|member, _| member.is_stopped())),
    },
    Mutant {
        name: "again-to-who-ignores-it",
        who: "Sends again after 5 ms to a group with a member that ignores the signal, as if it could be talked round.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| again_if(|member, signal| member.has("SigIgn", signal))),
    },
    Mutant {
        name: "again-to-who-has-it-pending",
        who: "Sends again after 300 ms to a group with a member on which the signal is pending still.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            again_if(|member, signal| {
                let is_pending = |member: &Process| member.has("ShdPnd", signal);
                // Who only had no time yet takes it meanwhile.
                is_pending(member) && {
                    pause(300);
                    is_pending(member)
                }
            })
        }),
    },
    Mutant {
        name: "stops-before-it-kills",
        who: "Sends SIGSTOP before each SIGKILL, so that nobody runs away.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGKILL {
                    let _ = send(-id, libc::SIGSTOP);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "wakes-before-it-kills",
        who: "Sends SIGCONT before each SIGKILL, so that stopped members can die.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGKILL {
                    let _ = send(-id, libc::SIGCONT);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "child-signal-beside-it",
        who: "Sends SIGCHLD after each signal, so that the leader looks after its children.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let _ = send(-id, libc::SIGCHLD);
                answer
            })
        }),
    },
    Mutant {
        name: "tries-again-later-when-exited",
        who: "Answers `Ok(false)` and tries once more 200 ms later, in case that the group was only slow to come up.",
        requirement: EXITED_IS_REPEATABLE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if answer == Ok(false) {
                    later(200, move || _ = send(-id, signal));
                }
                answer
            })
        }),
    },
    Mutant {
        name: "kills-what-has-exited",
        who: "Sends SIGKILL to a group that has exited, so that nothing is left of it.",
        requirement: EXITED_IS_REPEATABLE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if answer == Ok(false) {
                    let _ = send(-id, libc::SIGKILL);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "reminds-the-parent",
        who: "Sends SIGCHLD to the parent of unreaped members, so that it reaps them.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let members = members(id);
                let mut parents: Vec<_> =
                    members.iter().filter(|member| !member.is_live()).map(|member| member.parent).collect();
                parents.retain(|&parent| parent > 1 && members.iter().all(|member| member.pid != parent));
                parents.dedup();
                parents.into_iter().for_each(|parent| _ = send(parent, libc::SIGCHLD));
                answer
            })
        }),
    },
    Mutant {
        name: "tells-everybody-of-its-child",
        who: "Sends SIGCHLD to all in its own group, so that a shell above it redraws its prompt.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let _ = send(0, libc::SIGCHLD);
                answer
            })
        }),
    },
    Mutant {
        name: "hangs-up-on-itself",
        who: "Ignores SIGHUP from the start, as nohup(1) does, and sends it to itself with each group.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            // SAFETY: no handler is installed.
            unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGHUP {
                    let _ = send(std::process::id() as i32, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "kills-who-is-left",
        who: "Looks 30 ms after SIGKILL whether a live member is left, and sends it to the group again then.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGKILL {
                    later(30, move || {
                        if members(id).iter().any(Process::is_live) {
                            let _ = send(-id, signal);
                        }
                    });
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "kills-other-sessions-twice",
        who: "Sends SIGKILL again to a leader in another session, which it may not have reached by its own.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let own = Process::of(std::process::id() as i32).map_or(0, |one| one.session);
                let is_elsewhere = Process::of(id).is_some_and(|leader| leader.session != own);
                let answer = deliver(id, signal);
                if is_elsewhere && signal == libc::SIGKILL {
                    let _ = deliver(id, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "holds-survivors-before-it-kills",
        who: "Stops what is left of a group without a leader before it is killed, since it may fork.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGKILL && !is_there(id) {
                    let _ = send(-id, libc::SIGSTOP);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "holds-large-groups-before-it-kills",
        who: "Stops a group of more than fifty members before it is killed, so that none can fork meanwhile.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGKILL && members(id).len() > 50 {
                    let _ = send(-id, libc::SIGSTOP);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "asks-sessions-before-it-kills",
        who: "Sends SIGTERM before SIGKILL to a group that leads its session, so that a shell can write its history.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGKILL && Process::of(id).is_some_and(|leader| leader.session == id) {
                    let _ = send(-id, libc::SIGTERM);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "other-cgroups-are-sent-it-again",
        who: "Signals the leader's cgroup by its group, and then once more each member that is in another one.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let again = members(id).into_iter().filter(|one| cgroup(one.pid) != cgroup(id));
                let again: Vec<_> = again.map(|one| one.pid).collect();
                let sent = deliver(id, signal);
                again.into_iter().for_each(|pid| _ = send(pid, signal));
                sent
            })
        }),
    },
    Mutant {
        name: "hung-call-is-made-again",
        who: "Takes a call that has not returned in half a second for hung, and makes another.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let (done, answers) = mpsc::channel();
                let call = || {
                    let done = done.clone();
                    later(0, move || _ = done.send(deliver(id, signal)));
                };
                call();
                match answers.recv_timeout(Duration::from_millis(500)) {
                    Ok(answer) => answer,
                    Err(_) => {
                        call();
                        answers.recv().unwrap_or_else(|cause| Err(cause.to_string()))
                    }
                }
            })
        }),
    },
];

/// A signaller that sends again to a group with such a member.
fn again_if(
    wanted: impl Fn(&Process, i32) -> bool + Send + Sync + 'static,
) -> std::sync::Arc<dyn process_groups::Signaller> {
    checked(move |id, signal| {
        let sent = send(-id, signal);
        pause(5);
        if signal != libc::SIGKILL
            && members(id).iter().any(|member| member.is_live() && wanted(member, signal))
        {
            let _ = send(-id, signal);
        }
        answer(sent)
    })
}

fn cgroup(pid: i32) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()
}
