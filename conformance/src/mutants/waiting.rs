//! Who waits for somebody to exit.

use super::parts::{answer, checked, deliver, is_there, pause, send};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::DOES_NOT_WAIT;
use crate::sys::lock::lock;
use nix::errno::Errno;
use process_groups::Signaller;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a group is watched that was sent SIGKILL.
const WATCHED: Duration = Duration::from_millis(400);

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "waits-up-to-a-second",
        who: "Polls with signal 0 until the group is gone, for a second at most.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                (0..100).take_while(|_| is_there(-id)).for_each(|_| pause(10));
                answer
            })
        }),
    },
    Mutant {
        name: "waits-until-exit",
        who: "Collects the end of the group, as `docker stop` does, but without a limit.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                while is_there(-id) {
                    pause(5);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "fixed-grace",
        who: "Sleeps 300 ms after each delivery, so that the group can write its files.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if answer == Ok(true) {
                    pause(300);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "waits-a-moment",
        who: "Gives a live group 200 ms to end, and answers early if it has.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                (0..20).take_while(|_| members(id).iter().any(Process::is_live)).for_each(|_| pause(10));
                answer
            })
        }),
    },
    Mutant {
        name: "waits-until-taken",
        who: "Answers once no member has the signal pending any more, so that delivered means taken.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let pending = |one: &Process| one.is_live() && one.has("ShdPnd", signal);
                while members(id).iter().any(pending) {
                    pause(5);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "waits-after-kill-alone",
        who: "Waits for SIGKILL to work, which nobody can ignore, until the last member was reaped.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGKILL {
                    (0..100).take_while(|_| is_there(-id)).for_each(|_| pause(10));
                }
                answer
            })
        }),
    },
    Mutant {
        name: "waits-for-the-leader",
        who: "Waits half a second for the leader alone to exit.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                (0..50)
                    .take_while(|_| Process::of(id).is_some_and(|one| one.is_live()))
                    .for_each(|_| pause(10));
                answer
            })
        }),
    },
    Mutant {
        name: "waits-for-survivors",
        who: "Waits up to half a second for the members that are left when the leader has exited.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let orphaned = || !is_there(id) && members(id).iter().any(Process::is_live);
                (0..50).take_while(|_| orphaned()).for_each(|_| pause(10));
                answer
            })
        }),
    },
    Mutant {
        name: "waits-for-session-leaders",
        who: "Waits up to 300 ms for a group whose leader leads its session, since a shell takes a moment to leave.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| waiting_for(|_, found| found.iter().any(|one| one.session == one.group))),
    },
    Mutant {
        name: "waits-for-jobs",
        who: "Waits up to 300 ms for a group in a session that is neither its own nor the caller's, as a job's is.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            waiting_for(|_, found| {
                let own = Process::of(std::process::id() as i32).map_or(0, |one| one.session);
                found.iter().any(|one| one.session != one.group && one.session != own)
            })
        }),
    },
    Mutant {
        name: "waits-for-other-users",
        who: "Waits up to 300 ms for a group with a member of another user, whom it cannot tell otherwise to have exited.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| waiting_for(|_, found| found.iter().any(|one| !one.is_own_users()))),
    },
    Mutant {
        name: "waits-for-the-reaper",
        who: "Waits up to 300 ms while a member has exited and is not reaped, since the group is about to end.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| waiting_for(|_, found| found.iter().any(|one| !one.is_live()))),
    },
    Mutant {
        name: "waits-for-the-stopped-to-hang-up",
        who: "Waits up to 300 ms after SIGHUP for a stopped group to be continued by the kernel, as orphaned ones are.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            waiting_for(|signal, found| signal == libc::SIGHUP && found.iter().any(Process::is_stopped))
        }),
    },
    Mutant {
        name: "waits-for-the-refused",
        who: "Waits up to 300 ms when a member may not be signalled, for one that is about to change users.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            waiting_for(|_, found| found.iter().any(|one| send(one.pid, 0) == Err(Errno::EPERM)))
        }),
    },
    Mutant {
        name: "waits-before-repeating",
        who: "Gives a group that was sent the same signal a moment ago 300 ms to obey before it answers.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            let last = Mutex::new((0, 0));
            checked(move |id, signal| {
                let again = std::mem::replace(&mut *lock(&last), (id, signal)) == (id, signal);
                let answer = deliver(id, signal);
                if again && answer == Ok(true) {
                    pause(300);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "waits-for-large-groups",
        who: "Waits up to 300 ms for a group of more than sixty members, so that the machine is not overrun.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| waiting_for(|_, found| found.len() > 60)),
    },
    Mutant {
        name: "waits-for-one-that-is-stopped",
        who: "Waits up to 300 ms while a member is stopped and another is not, as if it were about to go on.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            waiting_for(|_, found| {
                found.iter().any(Process::is_stopped) && !found.iter().all(Process::is_stopped)
            })
        }),
    },
    Mutant {
        name: "waits-when-refused",
        who: "Waits after EPERM up to a second for the group to go, in case that it is on its way out.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = send(-id, signal);
                if sent != Err(Errno::EPERM) {
                    return answer(sent);
                }
                let has_gone = (0..50).any(|_| {
                    pause(20);
                    !is_there(-id)
                });
                if has_gone { Ok(false) } else { answer(sent) }
            })
        }),
    },
    Mutant {
        name: "waits-for-all-to-be-reaped",
        who: "Waits up to 700 ms for a group of unreaped members alone to be reaped, before it says that it has exited.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                if !found.is_empty() && !found.iter().any(Process::is_live) {
                    (0..35).take_while(|_| is_there(-id)).for_each(|_| pause(20));
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "waits-for-the-leader-to-be-reaped",
        who: "Waits up to 300 ms while the leader has exited and is not reaped, and others live.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            waiting_for(|_, found| found.iter().any(|one| one.pid == one.group && !one.is_live()))
        }),
    },
    Mutant {
        name: "waits-behind-its-answer",
        who: "Answers SIGKILL at once, and watches the group for up to 400 ms before it begins with the next call.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            let killed: Mutex<Option<(i32, Instant)>> = Mutex::default();
            checked(move |id, signal| {
                let before = lock(&killed).take();
                while before.is_some_and(|(group, since)| since.elapsed() < WATCHED && is_there(-group)) {
                    pause(10);
                }
                let answer = deliver(id, signal);
                if signal == libc::SIGKILL && answer == Ok(true) {
                    *lock(&killed) = Some((id, Instant::now()));
                }
                answer
            })
        }),
    },
];

/// A signaller that waits up to 300 ms while a live member is left and the members, and the signal, are such.
fn waiting_for(wants: fn(i32, &[Process]) -> bool) -> Arc<dyn Signaller> {
    checked(move |id, signal| {
        let answer = deliver(id, signal);
        let still = || {
            let found = members(id);
            found.iter().any(Process::is_live) && wants(signal, &found)
        };
        (0..30).take_while(|_| still()).for_each(|_| pause(10));
        answer
    })
}
