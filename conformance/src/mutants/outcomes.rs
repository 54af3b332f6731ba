//! What is answered wrongly for groups that are live, have exited or never were.

use super::parts::{answer, checked, deliver, is_there, later, pause, send};
use super::proc::{Process, all, members};
use super::{Mutant, Served};
use crate::contract::{
    DELIVERS_TO_EVERY_MEMBER, EXITED_IS_REPEATABLE, NEVER_EXISTED_IS_EXITED, REPORTS_DELIVERED,
    REPORTS_EXITED,
};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use nix::errno::Errno;
use process_groups::Signaller;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "one-unreaped-member-ends-the-group",
        who: "Finds a member that has exited while its leader lives, and answers for the whole group by that.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let leads = found.iter().any(|member| member.pid == id && member.is_live());
                match leads && found.iter().any(|member| !member.is_live()) {
                    true => Ok(false),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "delivers-and-fails",
        who: "Takes the status of busybox 1.35, which signals every member and exits 1.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| match deliver(id, signal) {
                Ok(true) => Err("kill: exit status 1".to_owned()),
                answer => answer,
            })
        }),
    },
    Mutant {
        name: "killed-is-exited",
        who: "Answers `Ok(false)` to SIGKILL, since after that the group is gone.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver(id, signal).map(|sent| sent && signal != libc::SIGKILL))
        }),
    },
    Mutant {
        name: "looks-again-after-sending",
        who: "Answers by whether anybody still lives 20 ms after the signal.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                pause(20);
                answer.map(|sent| sent && members(id).iter().any(Process::is_live))
            })
        }),
    },
    Mutant {
        name: "small-ids-are-options",
        who: "Runs `kill -s TERM -- -ID` of procps 4.0.2, a usage error for the ids 1 to 93.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| match id {
                ..94 => Err("kill: usage".to_owned()),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "thousands-separator",
        who: "Writes the id in the user's locale, so that 1234 becomes `1,234`, which no `kill` takes.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| match id {
                1_000.. if is_there(-id) => Err("kill: illegal pid".to_owned()),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "large-ids-are-exited",
        who: "Reads the id into 16 bits with a check, and calls what does not fit exited.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| if id > i32::from(u16::MAX) { Ok(false) } else { deliver(id, signal) })
        }),
    },
    Mutant {
        name: "second-call-is-exited",
        who: "Marks a group as stopped after the first signal, and has nothing to do for it afterwards.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            let stopped = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                match answer {
                    Ok(true) => Ok(lock(&stopped).insert(id)),
                    answer => answer,
                }
            })
        }),
    },
    Mutant {
        name: "foreign-sessions-are-exited",
        who: "Looks with `ps` but without `-e` whether the group is there, which shows one session.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                // SAFETY: asks for the calling process.
                let own = unsafe { libc::getsid(0) };
                let found = members(id);
                match found.is_empty() || found.iter().any(|member| member.session == own) {
                    true => deliver(id, signal),
                    false => deliver(id, signal).map(|_| false),
                }
            })
        }),
    },
    Mutant {
        name: "exited-is-an-error",
        who: "Passes every failure of kill(2) on as an error.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            checked(|id, signal| send(-id, signal).map(|()| true).map_err(|cause| cause.to_string()))
        }),
    },
    Mutant {
        name: "exited-is-delivered",
        who: "Makes stopping idempotent: what is gone has been stopped.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| checked(|id, signal| deliver(id, signal).map(|_| true))),
    },
    Mutant {
        name: "killing-the-exited-succeeds",
        who: "Answers `Ok(true)` to SIGKILL for an exited group: that is what was wanted.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver(id, signal).map(|sent| sent || signal == libc::SIGKILL))
        }),
    },
    Mutant {
        name: "hanging-up-the-exited-fails",
        who: "Has an arm for each signal, and in that of SIGHUP passes ESRCH on as an error.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::ESRCH) if signal == libc::SIGHUP => Err("no terminal to hang up".to_owned()),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "exited-once-only",
        who: "Reports the end of a group once, and then an error, as a process that was finished already.",
        requirement: EXITED_IS_REPEATABLE,
        subject: Served::Rust(|| {
            let reported = Mutex::new(HashSet::new());
            checked(move |id, signal| match deliver(id, signal) {
                Ok(false) if !lock(&reported).insert(id) => Err(format!("group {id} has finished already")),
                answer => answer,
            })
        }),
    },
    Mutant {
        name: "exited-then-delivered",
        who: "Takes a group that is marked as handled for delivered.",
        requirement: EXITED_IS_REPEATABLE,
        subject: Served::Rust(|| {
            let handled = Mutex::new(HashSet::new());
            checked(move |id, signal| match deliver(id, signal) {
                Ok(false) => Ok(!lock(&handled).insert(id)),
                answer => answer,
            })
        }),
    },
    Mutant {
        name: "exited-three-times-at-most",
        who: "Counts failures of a group and gives up with an error at the fourth.",
        requirement: EXITED_IS_REPEATABLE,
        subject: Served::Rust(|| {
            let failures = Mutex::new(HashMap::new());
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                if answer == Ok(false) {
                    let mut failures = lock(&failures);
                    let count = failures.entry(id).or_insert(0);
                    *count += 1;
                    if *count > 3 {
                        return Err(format!("gave up on group {id}"));
                    }
                }
                answer
            })
        }),
    },
    Mutant {
        name: "pid-max-is-a-limit",
        who: "Refuses ids that this kernel gives to nobody.",
        requirement: NEVER_EXISTED_IS_EXITED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let text = std::fs::read_to_string("/proc/sys/kernel/pid_max").unwrap_or_default();
                match text.trim().parse() {
                    Ok(limit) if id >= limit => Err(format!("no process can have the pid {id}")),
                    _ => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "largest-id-refused",
        who: "Writes `>=` for `>` at the upper end of the range.",
        requirement: NEVER_EXISTED_IS_EXITED,
        subject: Served::Rust(|| {
            checked(
                |id, signal| {
                    if id == i32::MAX { Err("out of range".to_owned()) } else { deliver(id, signal) }
                },
            )
        }),
    },
    Mutant {
        name: "two-is-a-kernel-thread",
        who: "Refuses 2, which is kthreadd on every machine but not in a container.",
        requirement: NEVER_EXISTED_IS_EXITED,
        subject: Served::Rust(|| {
            checked(|id, signal| if id == 2 { Err("2 is kthreadd".to_owned()) } else { deliver(id, signal) })
        }),
    },
    Mutant {
        name: "unknown-until-seen",
        who: "Answers `Err` for a group that it has never signalled.",
        requirement: NEVER_EXISTED_IS_EXITED,
        subject: Served::Rust(|| {
            let seen = Mutex::new(HashSet::new());
            checked(move |id, signal| match deliver(id, signal) {
                Ok(true) => {
                    lock(&seen).insert(id);
                    Ok(true)
                }
                Ok(false) if !lock(&seen).contains(&id) => Err(format!("unknown group {id}")),
                answer => answer,
            })
        }),
    },
    Mutant {
        name: "nothing-there-is-delivered",
        who: "Answers `Ok(true)` when the first group it is asked for does not exist, to warm up quietly.",
        requirement: NEVER_EXISTED_IS_EXITED,
        subject: Served::Rust(|| {
            let warm = AtomicBool::new(false);
            checked(move |id, signal| {
                let first = !warm.swap(true, Ordering::Relaxed);
                deliver(id, signal).map(|sent| sent || first)
            })
        }),
    },
    Mutant {
        name: "looks-again-for-anybody",
        who: "Answers by whether kill(2) finds the group 10 ms after the signal, unreaped members included.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if answer == Ok(true) {
                    pause(10);
                }
                answer.map(|sent| sent && is_there(-id))
            })
        }),
    },
    Mutant {
        name: "unreaped-of-the-session-are-live",
        who: "Waits for the last process of the leader's session to be reaped before it calls the group exited.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let is_left = |one: &Process| one.session == id && !one.is_live();
                answer.map(|sent| sent || all().iter().any(is_left))
            })
        }),
    },
    Mutant {
        name: "another-program-is-an-error",
        who: "Answers `Err` when the leader has another name than at the last call, and is the same process still.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            comparing(|before, now| match before.name == now.name {
                true => None,
                false => Some(Err(format!("process {} is another program now", now.pid))),
            })
        }),
    },
    Mutant {
        name: "adopted-leaders-are-exited",
        who: "Answers `Ok(false)` when the leader has another parent than at the last call, and is the same process still.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            comparing(|before, now| if before.parent == now.parent { None } else { Some(Ok(false)) })
        }),
    },
    Mutant {
        name: "all-unreaped-stay-exited",
        who: "Takes a group that it found with unreaped members alone for exited as long as its leader is not reaped.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            let exited = Mutex::new(HashSet::new());
            checked(move |id, signal| match Process::of(id).filter(|leader| !leader.is_live()) {
                Some(leader) => {
                    let mut exited = lock(&exited);
                    if !members(id).iter().any(Process::is_live) {
                        exited.insert((id, leader.start));
                    }
                    if exited.contains(&(id, leader.start)) { Ok(false) } else { deliver(id, signal) }
                }
                None => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "timeout-is-exited",
        who: "Gives a call a second, and takes one that has not returned by then for an exit.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let (done, answers) = mpsc::channel();
                later(0, move || _ = done.send(deliver(id, signal)));
                answers.recv_timeout(Duration::from_secs(1)).unwrap_or(Ok(false))
            })
        }),
    },
];

/// A signaller that remembers the leaders that it signalled. For a live one that is the same process as
/// before, `instead` has the answer if it is not to be signalled.
fn comparing(instead: fn(&Process, &Process) -> Option<SignalResult>) -> Arc<dyn Signaller> {
    let known: Mutex<HashMap<i32, Process>> = Mutex::default();
    checked(move |id, signal| {
        let leader = Process::of(id).filter(Process::is_live);
        let Some(leader) = leader else { return deliver(id, signal) };
        let before = lock(&known).get(&id).filter(|before| before.start == leader.start).cloned();
        if let Some(answer) = before.and_then(|before| instead(&before, &leader)) {
            return answer;
        }
        let answer = deliver(id, signal);
        if answer == Ok(true) {
            lock(&known).insert(id, leader);
        }
        answer
    })
}
