//! Who is signalled more than once, or by another signal than the named one.

use super::parts::{checked, deliver, deliver_to, later, pause, send};
use super::proc::members;
use super::{Mutant, Served};
use crate::contract::{DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "twice-back-to-back",
        who: "Sends again at once, because one signal may get lost.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let _ = send(-id, signal);
                answer
            })
        }),
    },
    Mutant {
        name: "twice-a-while-apart",
        who: "Sends again after 200 ms, since the first answer was so slow to come.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                pause(200);
                let _ = send(-id, signal);
                answer
            })
        }),
    },
    Mutant {
        name: "again-after-the-answer",
        who: "Has a watchdog that sends once more 200 ms after the answer.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                later(200, move || _ = send(-id, signal));
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leader-once-more",
        who: "Signals the group, and the leader also, to be sure.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let _ = send(id, signal);
                answer
            })
        }),
    },
    Mutant {
        name: "group-then-each-member",
        who: "Follows the signal to the group with one for each member that /proc still lists.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let _ = deliver_to(&members(id), signal);
                answer
            })
        }),
    },
    Mutant {
        name: "children-by-hand",
        who: "Does not trust the group and signals the leader's children as well.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let children: Vec<_> = members(id).into_iter().filter(|member| member.parent == id).collect();
                let _ = deliver_to(&children, signal);
                answer
            })
        }),
    },
    Mutant {
        name: "survivors-again",
        who: "Sends again as long as the leader is gone and somebody is left, as a clean-up of survivors.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let leader_is_gone = send(id, 0).is_err();
                if leader_is_gone {
                    pause(5);
                    let _ = send(-id, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "hang-up-twice",
        who: "Sends SIGHUP by way of the terminal and then itself.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGHUP {
                    pause(5);
                    let _ = send(-id, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "one-in-twenty-retried",
        who: "Repeats a request whose answer came late, as one of twenty does, though it had arrived.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            let calls = AtomicUsize::new(1);
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(20) {
                    pause(5);
                    let _ = send(-id, signal);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "cont-after-it",
        who: "Uses the builtin `kill` of ksh93, which follows TERM, HUP and INT with SIGCONT.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal != libc::SIGKILL {
                    let _ = send(-id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "escalates-within-the-call",
        who: "Gives the group 50 ms after SIGTERM and then kills it, as `docker stop` does after ten seconds.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGTERM {
                    pause(50);
                    let _ = send(-id, libc::SIGKILL);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "escalates-after-the-answer",
        who: "Starts a timer at SIGTERM that kills the group 300 ms later.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGTERM {
                    later(300, move || _ = send(-id, libc::SIGKILL));
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "hang-up-is-term",
        who: "Maps SIGHUP to SIGTERM, since there is no terminal here.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver(id, if signal == libc::SIGHUP { libc::SIGTERM } else { signal }))
        }),
    },
    Mutant {
        name: "interrupt-is-quit",
        who: "Mixes up 2 and 3 in a table of numbers.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver(id, if signal == libc::SIGINT { libc::SIGQUIT } else { signal }))
        }),
    },
    Mutant {
        name: "always-kills",
        who: "Wraps `Child::kill` and `Process.Kill`, which know SIGKILL only.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| checked(|id, _| deliver(id, libc::SIGKILL))),
    },
    Mutant {
        name: "asks-nicely-before-it-kills",
        who: "Sends SIGTERM 20 ms before each SIGKILL, to be polite.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGKILL && send(-id, libc::SIGTERM).is_ok() {
                    pause(20);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "probes-with-winch",
        who: "Asks whether the group is there with SIGWINCH, which everybody ignores, instead of signal 0.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let _ = send(-id, libc::SIGWINCH);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "children-are-killed",
        who: "Lets the leader end in order and clears its children away with SIGKILL.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let children: Vec<_> = members(id).into_iter().filter(|member| member.parent == id).collect();
                let answer = deliver(id, signal);
                let _ = deliver_to(&children, libc::SIGKILL);
                answer
            })
        }),
    },
];
