//! What is remembered of a process that led no group when it was asked for.

use crate::contract::{DELIVERS_TO_EVERY_MEMBER, MEMBER_IS_NOT_LEADER, REPORTS_DELIVERED, SEES_A_REUSED_PID};
use crate::mutants::parts::{checked, deliver, later, send};
use crate::mutants::proc::{Process, members, pids};
use crate::mutants::{Mutant, Served};
use crate::sys::lock::lock;
use std::collections::HashSet;
use std::sync::Mutex;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "never-a-leader",
        who: "Remembers a process that led no group, by its pid and its start, and answers `Ok(false)` ever after.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let known = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                if let Some(process) = Process::of(id).filter(|process| process.group != id) {
                    lock(&known).insert((id, process.start));
                }
                match Process::of(id).is_some_and(|process| lock(&known).contains(&(id, process.start))) {
                    true => Ok(false),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "waits-until-it-leads",
        who: "Answers `Ok(false)` for a live process that leads no group, and signals it once it does, 50 ms later.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if Process::of(id).is_some_and(|process| process.group != id) {
                    later(50, move || _ = send(-id, signal));
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "own-children-lead-nothing",
        who: "Remembers who was in its own group, and answers `Err` for those, which are no jobs of anybody's.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            let known = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                let process = Process::of(id);
                if let Some(process) = process.as_ref().filter(|process| process.group == own_group()) {
                    lock(&known).insert((id, process.start));
                }
                match process.is_some_and(|process| lock(&known).contains(&(id, process.start))) {
                    true => deliver(id, 0).and(Err("it is a child of this program".to_owned())),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "first-group-is-kept",
        who: "Looks up the group of a process once, and sends nothing while that is another's.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            let known = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                let Some(process) = Process::of(id) else { return deliver(id, signal) };
                let mut known = lock(&known);
                if process.group != id {
                    known.insert((id, process.start));
                    return Ok(false);
                }
                if known.contains(&(id, process.start)) { Ok(true) } else { deliver(id, signal) }
            })
        }),
    },
    Mutant {
        name: "own-group-is-helped-out",
        who: "Signals the members of its own group, but for itself, when it is asked for one of them that leads none.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match Process::of(id) {
                Some(process) if process.group != id && process.group == own_group() => {
                    let others = members(process.group).into_iter().filter(|one| one.pid != process.group);
                    others.for_each(|one| _ = send(one.pid, signal));
                    Ok(false)
                }
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "window-is-told",
        who: "Signals the leader of the group that the process is still in, which will see to its child.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match Process::of(id) {
                Some(process)
                    if process.group != id && process.session == process.group && pids().len() > 1 =>
                {
                    let _ = send(process.group, signal);
                    Ok(false)
                }
                _ => deliver(id, signal),
            })
        }),
    },
];

fn own_group() -> i32 {
    // SAFETY: asks for the calling process.
    unsafe { libc::getpgrp() }
}
