//! What is answered wrongly for members that are unreaped or may not be signalled.

use super::means::tool;
use super::parts::{answer, checked, deliver, is_there, send, set_alarm};
use super::proc::{Process, group_behind_the_name, members, pids, shows_all, stats};
use super::{Mutant, Served};
use crate::contract::{
    REFUSED_IS_AN_ERROR, REPORTS_DELIVERED, REPORTS_EXITED, SEES_A_REUSED_PID, UNREAPED_IS_NOT_AN_ERROR,
};
use crate::sys::lock::lock;
use nix::errno::Errno;
use process_groups::Signaller;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "unreaped-is-a-contradiction",
        who: "Finds processes in state Z only, and calls that an error.",
        requirement: UNREAPED_IS_NOT_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match members(id).as_slice() {
                [] => deliver(id, signal),
                found if found.iter().any(Process::is_live) => deliver(id, signal),
                _ => Err(format!("group {id} is defunct")),
            })
        }),
    },
    Mutant {
        name: "unreaped-leader-as-on-darwin",
        who: "Passes on the EPERM that Darwin has for a group with nobody left but an unreaped leader.",
        requirement: UNREAPED_IS_NOT_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match members(id).as_slice() {
                [alone] if alone.pid == id && !alone.is_live() => answer(Err(Errno::EPERM)),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "unreaped-outlasts-kill",
        who: "Looks after SIGKILL whether the group is gone, and takes the unreaped for immortal.",
        requirement: UNREAPED_IS_NOT_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let unreaped = !members(id).iter().any(Process::is_live);
                let answer = deliver(id, signal);
                match answer {
                    Ok(true) if unreaped && signal == libc::SIGKILL && is_there(-id) => {
                        Err(format!("group {id} is still there after SIGKILL"))
                    }
                    answer => answer,
                }
            })
        }),
    },
    Mutant {
        name: "eperm-alone-is-refused",
        who: "Knows EPERM for a refusal, and takes any other error for \"no such group\".",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) => answer(Err(Errno::EPERM)),
                sent => Ok(sent.is_ok()),
            })
        }),
    },
    Mutant {
        name: "own-groups-are-never-refused",
        who: "Looks after EPERM whose the members are, and takes a group of its own user for gone.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| exited_if_refused_and(are_own_users)),
    },
    Mutant {
        name: "own-groups-are-always-reached",
        who: "Looks after EPERM whose the members are, and takes it for noise if all are its own user's.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if are_own_users(id) => Ok(true),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "refused-is-exited",
        who: "Reads every status but 0 as \"no such group\".",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| checked(|id, signal| Ok(send(-id, signal).is_ok()))),
    },
    Mutant {
        name: "refused-is-delivered",
        who: "Reads EPERM as \"somebody is there\", as one does for signal 0.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| checked(|id, signal| Ok(send(-id, signal) != Err(Errno::ESRCH)))),
    },
    Mutant {
        name: "refused-beside-unreaped",
        who: "Swallows EPERM for a group with an unreaped member, because Darwin says it of those.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if members(id).iter().any(|member| !member.is_live()) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "refused-kill-is-exited",
        who: "Thinks that SIGKILL cannot be refused, so that an error means the group is gone.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(_) if signal == libc::SIGKILL => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "refused-survivors-are-exited",
        who: "Asks after a refusal whether the leader is there, and if not calls the group exited.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if !is_there(id) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "refused-without-proc-is-exited",
        who: "Looks at all processes in /proc after EPERM, and takes it for an exit that there is none at all.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if pids().is_empty() => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "refused-without-tool-is-exited",
        who: "Lets a program look for members after EPERM, and finds none where that is not installed.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| looking_by_tool(io::ErrorKind::NotFound)),
    },
    Mutant {
        name: "refused-without-process-is-exited",
        who: "Lets a program look for members after EPERM, and finds none where there is no memory to start it.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| looking_by_tool(io::ErrorKind::OutOfMemory)),
    },
    Mutant {
        name: "loses-a-slot-when-denied",
        who: "Takes one of thirty-two slots for each call, and gives it back after every error but EACCES.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            let taken = AtomicUsize::new(0);
            checked(move |id, signal| {
                if taken.load(Ordering::Relaxed) >= 32 {
                    return Err("no slot is free".to_owned());
                }
                let sent = send(-id, signal);
                taken.fetch_add(usize::from(sent == Err(Errno::EACCES)), Ordering::Relaxed);
                answer(sent)
            })
        }),
    },
    Mutant {
        name: "remembers-a-refusal",
        who: "Answers for a second what it was refused last, so as not to fill the log of the security module.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            let refused: Mutex<HashMap<i32, Instant>> = Mutex::default();
            checked(move |id, signal| {
                if lock(&refused).get(&id).is_some_and(|since| since.elapsed() < Duration::from_secs(1)) {
                    return answer(Err(Errno::EPERM));
                }
                let sent = send(-id, signal);
                if sent == Err(Errno::EPERM) {
                    lock(&refused).insert(id, Instant::now());
                }
                answer(sent)
            })
        }),
    },
    Mutant {
        name: "refused-often-is-refused-for-a-while",
        who: "Answers `Err` for 3 s, without asking, for an id that was refused five times in a row and is still there.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let refused: Mutex<HashMap<i32, (u32, Instant)>> = Mutex::default();
            checked(move |id, signal| {
                let mut refused = lock(&refused);
                if let Some((times, last)) = refused.get(&id)
                    && *times >= 5
                    && last.elapsed() < Duration::from_secs(3)
                    && is_there(-id)
                {
                    return answer(Err(Errno::EPERM));
                }
                let sent = send(-id, signal);
                match sent {
                    Err(Errno::EPERM) => {
                        let times = refused.get(&id).map_or(0, |(times, _)| *times);
                        refused.insert(id, (times + 1, Instant::now()));
                    }
                    _ => _ = refused.remove(&id),
                }
                answer(sent)
            })
        }),
    },
    Mutant {
        name: "refused-jobs-are-exited",
        who: "Answers `Ok(false)` when a group of another session may not be signalled: it is nobody's it knows.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let own = Process::of(std::process::id() as i32).map_or(0, |one| one.session);
                let is_job = |one: &Process| one.session != own && one.session != one.group;
                match send(-id, signal) {
                    Err(Errno::EPERM) if members(id).iter().any(is_job) => Ok(false),
                    sent => answer(sent),
                }
            })
        }),
    },
    Mutant {
        name: "refused-behind-a-bracket-is-exited",
        who: "Looks after EPERM for members in /proc, and takes the first `)` of a stat for the end of the name.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            exited_if_refused_and(|id| {
                let group = |stat: &String| group_behind_the_name(stat.split_once(')')?.1);
                !stats().iter().any(|stat| group(stat) == Some(id))
            })
        }),
    },
    Mutant {
        name: "refused-with-large-pids-is-exited",
        who: "Looks after EPERM for members in /proc, by paths that have room for five digits.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| exited_if_refused_and(|id| members(id).iter().all(|one| one.pid > 99_999))),
    },
    Mutant {
        name: "all-but-eperm-is-exited",
        who: "Takes every error of kill(2) but EPERM and EACCES for that of a group which has exited.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(cause) if !matches!(cause, Errno::EPERM | Errno::EACCES) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "one-policy-for-all",
        who: "Refuses every group once the system has answered EACCES, since a policy forbids signals.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            let forbidden = AtomicBool::new(false);
            checked(move |id, signal| {
                if forbidden.load(Ordering::Relaxed) {
                    return Err("a policy forbids it".to_owned());
                }
                let sent = send(-id, signal);
                forbidden.fetch_or(sent == Err(Errno::EACCES), Ordering::Relaxed);
                answer(sent)
            })
        }),
    },
    Mutant {
        name: "refused-past-the-expression-is-exited",
        who: "Looks after EPERM for members with a regular expression, whose `.+` takes no line end in a name and no empty one.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            exited_if_refused_and(|id| {
                let group = |stat: &String| {
                    let (head, tail) = stat.lines().next()?.rsplit_once(')')?;
                    let (_, name) = head.split_once('(')?;
                    group_behind_the_name(tail).filter(|_| !name.is_empty())
                };
                !stats().iter().any(|stat| group(stat) == Some(id))
            })
        }),
    },
    Mutant {
        name: "refused-past-the-table-is-exited",
        who: "Looks after EPERM for members in a table of processes that has room for 128.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            exited_if_refused_and(|id| {
                let mut table = pids().into_iter().take(128).filter_map(Process::of);
                !table.any(|one| one.group == id)
            })
        }),
    },
    Mutant {
        name: "refused-leaves-the-alarm-on",
        who: "Sets an alarm of 1 s for each call, which ends the program, and returns at EPERM with it set.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                set_alarm(1);
                let sent = send(-id, signal);
                if sent != Err(Errno::EPERM) {
                    set_alarm(0);
                }
                answer(sent)
            })
        }),
    },
];

/// A signaller that answers `Ok(false)` after EPERM for a group that `seems_gone`, unless /proc hides
/// processes.
fn exited_if_refused_and(seems_gone: fn(i32) -> bool) -> Arc<dyn Signaller> {
    checked(move |id, signal| match send(-id, signal) {
        Err(Errno::EPERM) if shows_all() && seems_gone(id) => Ok(false),
        sent => answer(sent),
    })
}

/// Whether a group has live members, and all of them are this process's user's.
fn are_own_users(id: i32) -> bool {
    let mut live = members(id).into_iter().filter(Process::is_live).peekable();
    live.peek().is_some() && live.all(|member| member.is_own_users())
}

/// Who lets a program look after EPERM, and takes that way of not being able to start it for an exit.
fn looking_by_tool(kind: io::ErrorKind) -> Arc<dyn Signaller> {
    checked(move |id, signal| match send(-id, signal) {
        Err(Errno::EPERM) if tool().is_err_and(|cause| cause.kind() == kind) => Ok(false),
        sent => answer(sent),
    })
}
