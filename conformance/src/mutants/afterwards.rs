//! What comes seconds after the answer, and what comes of seconds without a call.

use super::parts::{checked, deliver, id_of, is_there, pause, send, set_alarm, signal_of};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, EXITED_IS_REPEATABLE, REJECTS_UNKNOWN_NAMES, REPORTS_DELIVERED,
    REPORTS_EXITED, SPARES_OTHER_GROUPS,
};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use process_groups::{Signaller, signaller_fn};
use std::collections::HashMap;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "escalates-after-a-grace-period",
        who: "Sends SIGKILL 5 s after any other signal to a group that is still there, by one thread with all timers.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| escalates_where(|_| true)),
    },
    Mutant {
        name: "escalates-where-stopped",
        who: "Sends SIGKILL 5 s after any other signal to a group that is stopped by then and cannot end by itself.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| escalates_where(|id| members(id).iter().any(Process::is_stopped))),
    },
    Mutant {
        name: "escalates-where-the-leader-is-gone",
        who: "Sends SIGKILL 5 s after any other signal to what is left of a group without a leader.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| escalates_where(|id| !is_there(id))),
    },
    Mutant {
        name: "reminds-after-seconds",
        who: "Sends the signal again 3 s after it to a group that is still there, by one thread with all timers.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| with_timers(3_000, |_| true, |id, signal| _ = send(-id, signal))),
    },
    Mutant {
        name: "makes-sure-after-seconds",
        who: "Sends SIGKILL once more 2 s after each SIGKILL, whoever has the id by then, by one thread with all timers.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            with_timers(2_000, |signal| signal == libc::SIGKILL, |id, signal| _ = send(-id, signal))
        }),
    },
    Mutant {
        name: "has-hung-up-when-idle",
        who: "Closes its connection when nothing was asked for 4 s, and the next call fails for want of it.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            idle_for(4_000, |id, signal, was_idle, _| match was_idle {
                true => Err("the connection is closed".to_owned()),
                false => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "answers-from-memory-when-idle",
        who: "Reconnects when nothing was asked for 4 s, and answers meanwhile for a group what it answered last.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            idle_for(4_000, |id, signal, was_idle, last| match last {
                Some(last) if was_idle && !is_there(-id) => last,
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "follows-former-members",
        who: "Remembers the members that it found in a call, and signals those that have left since in the next one.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            let known: Mutex<HashMap<i32, Vec<Process>>> = Mutex::default();
            checked(move |id, signal| {
                let now = members(id);
                let before = lock(&known).insert(id, now).unwrap_or_default();
                let answer = deliver(id, signal);
                for former in before {
                    let process = Process::of(former.pid).filter(|process| process.start == former.start);
                    if process.is_some_and(|process| process.group != id) {
                        let _ = send(former.pid, signal);
                    }
                }
                answer
            })
        }),
    },
    Mutant {
        name: "asked-again-means-kill",
        who: "Takes a signal that is asked for 4 s after the first one for a request to use force, and sends SIGKILL.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            let asked: Mutex<HashMap<i32, Instant>> = Mutex::default();
            checked(move |id, signal| {
                let first = *lock(&asked).entry(id).or_insert_with(Instant::now);
                let is_overdue = first.elapsed() > Duration::from_secs(4);
                deliver(id, if is_overdue { libc::SIGKILL } else { signal })
            })
        }),
    },
    Mutant {
        name: "rejects-with-the-alarm-on",
        who: "Sets an alarm of 2 s for each call, which ends the program, and returns with it set when the name is unknown.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                set_alarm(2);
                let (signal, id) = (signal_of(name)?, id_of(leader_pid)?);
                set_alarm(0);
                deliver(id, signal)
            }))
        }),
    },
    Mutant {
        name: "exited-leaves-the-alarm-on",
        who: "Sets an alarm of 2 s for each call, which ends the program, and returns with it set when the group has exited.",
        requirement: EXITED_IS_REPEATABLE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                set_alarm(2);
                let answer = deliver(id, signal);
                if answer != Ok(false) {
                    set_alarm(0);
                }
                answer
            })
        }),
    },
];

/// Work that is due a while after it was begun, in order, on one thread.
struct Timers(Mutex<Sender<(Instant, i32, i32)>>);

impl Timers {
    fn new(milliseconds: u64, act: impl Fn(i32, i32) + Send + 'static) -> Self {
        let (begin, begun) = mpsc::channel::<(Instant, i32, i32)>();
        thread::spawn(move || {
            for (since, id, signal) in begun {
                let due = Duration::from_millis(milliseconds).saturating_sub(since.elapsed());
                pause(due.as_millis() as u64);
                act(id, signal);
            }
        });
        Self(Mutex::new(begin))
    }

    fn begin(&self, id: i32, signal: i32) {
        let _ = lock(&self.0).send((Instant::now(), id, signal));
    }
}

/// A signaller that delivers, and `act`s so long after each signal that is `meant`.
fn with_timers(
    milliseconds: u64,
    meant: fn(i32) -> bool,
    act: impl Fn(i32, i32) + Send + 'static,
) -> Arc<dyn Signaller> {
    let timers = Timers::new(milliseconds, act);
    checked(move |id, signal| {
        if meant(signal) {
            timers.begin(id, signal);
        }
        deliver(id, signal)
    })
}

/// A signaller that delivers, and sends SIGKILL 5 s after any other signal to a group that is still there, if it is
/// `meant` by then.
fn escalates_where(meant: fn(i32) -> bool) -> Arc<dyn Signaller> {
    let kill = move |id, _| {
        if meant(id) {
            let _ = send(-id, libc::SIGKILL);
        }
    };
    with_timers(5_000, |signal| signal != libc::SIGKILL, kill)
}

/// A signaller that tells `deliver` whether it was idle for so long, and what it answered for the group last.
fn idle_for(
    milliseconds: u64,
    deliver: impl Fn(i32, i32, bool, Option<SignalResult>) -> SignalResult + Send + Sync + 'static,
) -> Arc<dyn Signaller> {
    let known = Mutex::new((Instant::now(), HashMap::new()));
    Arc::new(signaller_fn(move |leader_pid, name: &str| {
        let (signal, id) = (signal_of(name)?, id_of(leader_pid)?);
        let (asked_last, answers) = &mut *lock(&known);
        let was_idle = asked_last.elapsed() > Duration::from_millis(milliseconds);
        *asked_last = Instant::now();
        let answer = deliver(id, signal, was_idle, answers.get(&id).cloned());
        answers.insert(id, answer.clone());
        answer
    }))
}
