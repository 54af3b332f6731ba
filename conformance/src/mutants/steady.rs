//! What is left behind by a thousand calls, and what is remembered of a pid that comes back.

use super::parts::{
    answer, checked, deliver, is_there, later, naming, pidfd, remembering_the_exited, send, signal_of,
};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::{SEES_A_REUSED_PID, STEADY_UNDER_REPETITION};
use crate::subcommands::{self, Subcommand};
use crate::sys::lock::lock;
use crate::sys::pidfd;
use nix::errno::Errno;
use process_groups::Signaller;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "leaks-a-descriptor",
        who: "Opens a file in each call and gives its descriptor away without closing it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                std::mem::forget(File::open("/proc/self/stat"));
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaks-a-descriptor-when-exited",
        who: "Returns early for an exited group, past the line that closes.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let file = File::open("/proc/self/stat");
                let answer = deliver(id, signal);
                if answer == Ok(false) {
                    std::mem::forget(file);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "leaks-a-descriptor-when-delivered",
        who: "Opens a pidfd of each leader it has signalled, and keeps all of them.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if answer == Ok(true) {
                    std::mem::forget(pidfd(id));
                }
                answer
            })
        }),
    },
    Mutant {
        name: "leaks-a-pidfd-per-leader",
        who: "Keeps a pidfd of each leader that it has met, and never closes one.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let known: Mutex<HashMap<i32, OwnedFd>> = Mutex::default();
            checked(move |id, signal| {
                let mut known = lock(&known);
                if let Some(new) = pidfd(id).filter(|_| !known.contains_key(&id)) {
                    known.insert(id, new);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaks-where-the-leader-is-gone",
        who: "Opens /proc/PID/stat of each member where the leader is gone, and never closes it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| leaking(|id| Process::of(id).is_none() && !members(id).is_empty())),
    },
    Mutant {
        name: "leaks-where-the-leader-is-stopped",
        who: "Opens /proc/PID/stat of a stopped leader to see when it goes on, and never closes it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| leaking(|id| Process::of(id).is_some_and(|leader| leader.is_stopped()))),
    },
    Mutant {
        name: "leaks-where-users-differ",
        who: "Opens its log to note that a group has members of several users, and never closes it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            leaking(|id| {
                let (own, others): (Vec<_>, Vec<_>) =
                    members(id).into_iter().partition(Process::is_own_users);
                !own.is_empty() && !others.is_empty()
            })
        }),
    },
    Mutant {
        name: "leaks-a-zombie",
        who: "Spawns a helper in every tenth call and never waits for it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let calls = AtomicUsize::new(0);
            checked(move |id, signal| {
                if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(10) {
                    drop(idle(Stdio::null()));
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaks-a-process",
        who: "Starts a helper in every tenth call, whose input it never closes.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let calls = AtomicUsize::new(0);
            checked(move |id, signal| {
                if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(10) {
                    std::mem::forget(idle(Stdio::piped()));
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaks-a-thread",
        who: "Starts a timer thread in each call for a time limit that never ends it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                later(60_000, || ());
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaks-when-asked-at-an-unknown-name",
        who: "Opens its connection before it reads the name, and forgets it on the way out with an error.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            naming(|name| {
                let file = File::open("/proc/self/stat");
                signal_of(name).inspect_err(|_| std::mem::forget(file))
            })
        }),
    },
    Mutant {
        name: "worn-out-after-a-thousand",
        who: "Numbers its requests in a field of three digits, and refuses the thousandth.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let calls = AtomicUsize::new(0);
            checked(move |id, signal| match calls.fetch_add(1, Ordering::Relaxed) {
                ..1000 => deliver(id, signal),
                _ => Err("out of request numbers".to_owned()),
            })
        }),
    },
    Mutant {
        name: "never-forgets-the-exited",
        who: "Saves a call for groups that it knows to have exited.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let exited = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                if lock(&exited).contains(&id) {
                    return Ok(false);
                }
                let answer = deliver(id, signal);
                if answer == Ok(false) {
                    lock(&exited).insert(id);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "remembers-the-exited-for-a-while",
        who: "Keeps what it knows of exited groups for five seconds.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| remembering_the_exited(Duration::from_secs(5))),
    },
    Mutant {
        name: "keeps-a-tombstone",
        who: "Remembers which groups have exited, and forgets that only when a process has that pid.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let exited = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                if is_there(id) {
                    lock(&exited).remove(&id);
                } else if lock(&exited).contains(&id) {
                    return Ok(false);
                }
                let answer = deliver(id, signal);
                if answer == Ok(false) {
                    lock(&exited).insert(id);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "keeps-the-first-pidfd",
        who: "Opens a pidfd once for each id and signals the group through it from then on.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let known: Mutex<HashMap<i32, OwnedFd>> = Mutex::default();
            checked(move |id, signal| {
                let mut known = lock(&known);
                if let Some(old) = known.get(&id) {
                    return answer(pidfd::send_to_group(old, signal));
                }
                if let Some(new) = pidfd(id) {
                    known.insert(id, new);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "compares-start-times",
        who: "Remembers when the leader was started, and takes another time for another, exited group.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let known = Mutex::new(HashMap::new());
            checked(move |id, signal| {
                let Some(now) = started(id) else { return deliver(id, signal) };
                if *lock(&known).entry(id).or_insert_with(|| now.clone()) == now {
                    deliver(id, signal)
                } else {
                    Ok(false)
                }
            })
        }),
    },
    Mutant {
        name: "once-a-leader-always-a-leader",
        who: "Remembers which pids led a group, and signals that process itself when the group is gone.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let leaders = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                match answer {
                    Ok(true) => drop(lock(&leaders).insert(id)),
                    Ok(false) if lock(&leaders).contains(&id) => {
                        return super::parts::answer(send(id, signal));
                    }
                    _ => {}
                }
                answer
            })
        }),
    },
    Mutant {
        name: "exited-after-its-kill",
        who: "Crosses a group off its list once SIGKILL was delivered.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let killed = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                if lock(&killed).contains(&id) {
                    return Ok(false);
                }
                if signal == libc::SIGKILL && is_there(-id) {
                    lock(&killed).insert(id);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "keeps-the-user-of-an-id",
        who: "Remembers whose the group of an id was, and answers `Ok(false)` when it is another user's later.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let users: Mutex<HashMap<i32, bool>> = Mutex::default();
            checked(move |id, signal| {
                let Some(now) = Process::of(id).map(|leader| leader.is_own_users()) else {
                    return deliver(id, signal);
                };
                match *lock(&users).entry(id).or_insert(now) == now {
                    true => deliver(id, signal),
                    false => Ok(false),
                }
            })
        }),
    },
    Mutant {
        name: "keeps-a-tombstone-until-delivery",
        who: "Remembers the ids that had no group and no process, and forgets one only when it has delivered to it.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let delivered: Mutex<HashMap<i32, bool>> = Mutex::default();
            checked(move |id, signal| {
                if lock(&delivered).get(&id) == Some(&false) && !is_there(id) {
                    return Ok(false);
                }
                let answer = deliver(id, signal);
                match answer {
                    Ok(true) => _ = lock(&delivered).insert(id, true),
                    Ok(false) => _ = lock(&delivered).entry(id).or_insert(false),
                    Err(_) => {}
                }
                answer
            })
        }),
    },
    Mutant {
        name: "leaks-where-the-leader-is-unreaped",
        who: "Looks in /proc for a live member beside an unreaped leader, and returns without closing when it finds one.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            leaking(|id| {
                Process::of(id).is_some_and(|leader| !leader.is_live())
                    && members(id).iter().any(Process::is_live)
            })
        }),
    },
    Mutant {
        name: "leaks-where-the-refused-are-unreaped",
        who: "Looks in /proc after EPERM for an unreaped member, and returns without closing when it finds one.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            leaking(|id| send(-id, 0) == Err(Errno::EPERM) && !members(id).iter().all(Process::is_live))
        }),
    },
    Mutant {
        name: "leaks-where-the-leader-is-anothers",
        who: "Opens its log to note that it signals another user's leader, and never closes it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            leaking(|id| send(-id, 0).is_ok() && Process::of(id).is_some_and(|leader| !leader.is_own_users()))
        }),
    },
    Mutant {
        name: "leaks-the-pidfd-of-a-reused-id",
        who: "Keeps a table of 64 pidfds, and does not close the old one when an id has come back with another process.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let table: Mutex<HashMap<i32, (Process, OwnedFd)>> = Mutex::default();
            checked(move |id, signal| {
                if let Some((now, new)) = Process::of(id).zip(pidfd(id)) {
                    let mut table = lock(&table);
                    let is_known = |(one, _): &(Process, OwnedFd)| one.pid == id && one.start == now.start;
                    if !table.get(&(id % 64)).is_some_and(is_known) {
                        let replaced = table.insert(id % 64, (now, new));
                        std::mem::forget(replaced.filter(|(one, _)| one.pid == id));
                    }
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaks-where-members-are-many",
        who: "Opens the members' pidfds in batches of 64, and closes the last batch alone.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| leaking(|id| members(id).len() > 64)),
    },
    Mutant {
        name: "leaks-where-there-is-a-terminal",
        who: "Opens the terminal of a job in the foreground, to drop what was typed ahead, and does not close it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            leaking(|id| {
                Process::of(id).is_some_and(|leader| leader.terminal != 0 && leader.foreground == id)
            })
        }),
    },
];

/// Starts a helper that ends when `input` does.
pub(super) fn idle(input: Stdio) -> io::Result<Child> {
    subcommands::start(Subcommand::Idle).stdin(input).stdout(Stdio::null()).spawn()
}

/// When a process was started (proc_pid_stat(5)).
fn started(pid: i32) -> Option<String> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    line.rsplit_once(')')?.1.split_whitespace().nth(19).map(str::to_owned)
}

/// A signaller that leaks a descriptor in each call for such a group.
fn leaking(is_such: fn(i32) -> bool) -> Arc<dyn Signaller> {
    checked(move |id, signal| {
        if is_such(id) {
            std::mem::forget(File::open("/proc/self/stat"));
        }
        deliver(id, signal)
    })
}
