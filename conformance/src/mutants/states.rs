//! What is done wrongly with members that are stopped, survivors or unwilling.

use super::parts::{checked, deliver, deliver_except, deliver_to, is_there, pause, pidfd, send};
use super::proc::{Process, group_behind_the_name, members, shows_all, stats};
use super::{Mutant, Served};
use crate::contract::{ACCEPTS_BEING_IGNORED, OUTLIVES_THE_LEADER, REACHES_STOPPED_MEMBERS};
use crate::sys::lock::lock;
use process_groups::Signaller;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "stopped-are-continued",
        who: "Sends SIGCONT to a stopped group after the signal, so that it works now.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let stopped = members(id).iter().any(Process::is_stopped);
                let answer = deliver(id, signal);
                if stopped {
                    let _ = send(-id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "stopped-are-skipped",
        who: "Skips processes in state T, which cannot take a signal anyway.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| checked(|id, signal| deliver_except(id, signal, Process::is_stopped))),
    },
    Mutant {
        name: "stopped-leader-is-hung",
        who: "Answers that the group does not respond when its leader is stopped.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| match Process::of(id) {
                Some(leader) if leader.group == id && leader.is_stopped() => {
                    deliver(id, signal).and(Err(format!("group {id} does not respond")))
                }
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "stopped-are-not-killed",
        who: "Thinks that a stopped process must be continued before SIGKILL works, and leaves it to others.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                deliver_except(id, signal, |member| signal == libc::SIGKILL && member.is_stopped())
            })
        }),
    },
    Mutant {
        name: "getpgid-guard",
        who: "Asks getpgid(leader) first, which fails once the leader was reaped.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            // SAFETY: a plain number.
            checked(
                |id, signal| if unsafe { libc::getpgid(id) } < 0 { Ok(false) } else { deliver(id, signal) },
            )
        }),
    },
    Mutant {
        name: "proc-entry-guard",
        who: "Looks for /proc/LEADER first, since a group without one must be gone.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match Path::new(&format!("/proc/{id}")).exists() {
                true => deliver(id, signal),
                false => Ok(false),
            })
        }),
    },
    Mutant {
        name: "session-ends-with-its-leader",
        who: "Takes a session whose leader has exited for over, as a terminal does, before that is reaped.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match Process::of(id) {
                Some(leader) if leader.session == id && !leader.is_live() => Ok(false),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "kill-zero-on-the-leader",
        who: "Tests with signal 0 whether the leader lives.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| if is_there(id) { deliver(id, signal) } else { Ok(false) })
        }),
    },
    Mutant {
        name: "pidfd-of-the-leader",
        who: "Opens a pidfd of the leader for PIDFD_SIGNAL_PROCESS_GROUP, and has no other way when that fails.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let Some(_closed_at_the_end) = pidfd(id) else { return Ok(false) };
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "exited-leader-ends-the-group",
        who: "Takes an exited leader for the end of the group while it is still waiting to be reaped.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| match Process::of(id) {
                Some(leader) if !leader.is_live() => Ok(false),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "survivors-of-a-session",
        who: "Takes a session for gone when its leader is, and its groups with it.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let leads_session = members(id).iter().any(|member| member.session == id);
                if leads_session && !is_there(id) { Ok(false) } else { deliver(id, signal) }
            })
        }),
    },
    Mutant {
        name: "ignored-is-an-error",
        who: "Reads SigIgn in /proc and reports a signal that is ignored as undelivered.",
        requirement: ACCEPTS_BEING_IGNORED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let ignored = members(id).iter().any(|member| member.has("SigIgn", signal));
                deliver(id, signal).and_then(|sent| match ignored {
                    true => Err("a member ignores the signal".to_owned()),
                    false => Ok(sent),
                })
            })
        }),
    },
    Mutant {
        name: "blocked-is-not-delivered",
        who: "Takes a signal that stays pending for one that did not arrive.",
        requirement: ACCEPTS_BEING_IGNORED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                pause(20);
                let pending = |member: &Process| member.is_live() && member.has("ShdPnd", signal);
                match members(id).iter().any(|member| pending(member) && !member.is_stopped()) {
                    true => Err("the signal stays pending".to_owned()),
                    false => sent,
                }
            })
        }),
    },
    Mutant {
        name: "disobedience-is-an-error",
        who: "Looks 50 ms after SIGTERM whether the group is gone, and answers `Err` if it is not.",
        requirement: ACCEPTS_BEING_IGNORED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                pause(50);
                match members(id).iter().any(|member| member.is_live() && !member.is_stopped()) {
                    true => Err(format!("group {id} is still running")),
                    false => sent,
                }
            })
        }),
    },
    Mutant {
        name: "caught-is-exited",
        who: "Answers `Ok(false)` when every member has a handler for the signal: nothing is going to happen.",
        requirement: ACCEPTS_BEING_IGNORED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let caught = !found.is_empty() && found.iter().all(|member| member.has("SigCgt", signal));
                let unblocked = !found.iter().any(|member| member.has("SigBlk", signal));
                deliver(id, signal).map(|sent| sent && !(caught && unblocked))
            })
        }),
    },
    Mutant {
        name: "stopped-jobs-are-continued",
        who: "Sends SIGCONT behind the signal to a stopped group of another session, as a shell does to its stopped jobs.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let own = Process::of(std::process::id() as i32).map_or(0, |one| one.session);
                let is_job = |one: &Process| one.is_stopped() && one.session != own;
                let is_job = members(id).iter().any(is_job);
                let answer = deliver(id, signal);
                if is_job {
                    let _ = send(-id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "ignoring-survivors-are-exited",
        who: "Answers `Ok(false)` when the leader is gone and the survivors all ignore the signal, as daemons do.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let all_ignore = found.iter().all(|one| one.has("SigIgn", signal));
                deliver(id, signal).map(|sent| sent && (is_there(id) || !all_ignore))
            })
        }),
    },
    Mutant {
        name: "stopped-and-ignoring-is-an-error",
        who: "Answers `Err` when no member has the signal pending though all are stopped.",
        requirement: ACCEPTS_BEING_IGNORED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let found = members(id);
                let took_none = |one: &Process| one.is_stopped() && one.has("SigIgn", signal);
                match !found.is_empty() && found.iter().all(took_none) {
                    true => Err(format!("group {id} did not take the signal")),
                    false => answer,
                }
            })
        }),
    },
    Mutant {
        name: "survivors-behind-a-line-end",
        who: "Looks for survivors in the first line of each /proc/PID/stat, and a command's name has a line end in it.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            surviving_if(|id| {
                let group = |stat: &String| group_behind_the_name(stat.lines().next()?.rsplit_once(')')?.1);
                stats().iter().any(|stat| group(stat) == Some(id))
            })
        }),
    },
    Mutant {
        name: "survivors-with-latin-names",
        who: "Looks for survivors in each /proc/PID/stat that is UTF-8, and passes over the others.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            surviving_if(|id| members(id).iter().any(|one| !one.name.contains(char::REPLACEMENT_CHARACTER)))
        }),
    },
    Mutant {
        name: "survivors-with-large-pids",
        who: "Looks for survivors in /proc by paths that have room for five digits.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| surviving_if(|id| members(id).iter().any(|one| one.pid <= 99_999))),
    },
    Mutant {
        name: "survivors-without-a-name",
        who: "Looks for survivors in /proc, and skips one whose command has no name, as if its stat were incomplete.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| surviving_if(|id| members(id).iter().any(|one| !one.name.is_empty()))),
    },
    Mutant {
        name: "stopped-are-continued-when-asked-again",
        who: "Sends SIGCONT behind the second SIGTERM to a group whose leader is stopped still, so that it can end.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            let found_stopped = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                let is_stopped = || Process::of(id).is_some_and(|leader| leader.is_stopped());
                if signal == libc::SIGTERM
                    && answer == Ok(true)
                    && is_stopped()
                    && !lock(&found_stopped).insert(id)
                {
                    let _ = send(-id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "stopped-without-their-leader-are-continued",
        who: "Continues members that are all stopped when the leader is unreaped, as nobody else would do it.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let (live, unreaped): (Vec<_>, Vec<_>) = members(id).into_iter().partition(Process::is_live);
                let is_left_alone = !live.is_empty()
                    && live.iter().all(Process::is_stopped)
                    && unreaped.iter().any(|one| one.pid == id);
                if is_left_alone && signal != libc::SIGKILL {
                    let _ = send(-id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "sixty-four-survivors",
        who: "Signals what is left of a group without a leader one by one, from a table of 64.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let survivors = members(id);
                match survivors.get(..64).filter(|_| !is_there(id)) {
                    Some(first) => deliver_to(first, signal),
                    None => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "survivors-of-its-own-user",
        who: "Looks for what is left of a group without a leader among its own user's processes, as `ps -U` lists them.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let are_others = || shows_all() && !members(id).iter().any(Process::is_own_users);
                if is_there(id) || !are_others() { deliver(id, signal) } else { Ok(false) }
            })
        }),
    },
    Mutant {
        name: "survivors-in-known-states",
        who: "Counts what is left of a group without a leader by the states R, S, D and T, and knows no other.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let is_known = |one: &Process| matches!(one.state, 'R' | 'S' | 'D' | 'T') || one.threads > 1;
                let are_unknown = || shows_all() && !members(id).iter().any(is_known);
                if is_there(id) || !are_unknown() { deliver(id, signal) } else { Ok(false) }
            })
        }),
    },
];

/// A signaller that answers `Ok(false)` when the leader is gone and nobody seems to be `left`, unless /proc
/// hides processes.
fn surviving_if(left: fn(i32) -> bool) -> Arc<dyn Signaller> {
    checked(move |id, signal| {
        let is_led = Process::of(id).is_some_and(|leader| leader.group == id);
        if is_led || !shows_all() || left(id) { deliver(id, signal) } else { Ok(false) }
    })
}
