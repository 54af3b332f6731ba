//! Who is not reached.

use super::parts::{answer, checked, deliver, deliver_except, deliver_to, is_there, later, send};
use super::proc::{Process, all, descendants, members, pids, shows_all};
use super::{Mutant, Served};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, REPORTS_DELIVERED};
use crate::sys::lock::lock;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "leader-only",
        who: "Ports `child.kill()`, and takes the leader for the group.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| checked(|id, signal| answer(send(id, signal)))),
    },
    Mutant {
        name: "leader-and-children",
        who: "Uses `pkill -P LEADER` and `kill LEADER`, which end the processes that show up in a demo.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver_except(id, signal, |member| member.pid != id && member.parent != id))
        }),
    },
    Mutant {
        name: "descendants-only",
        who: "Walks down from the leader by parent pid, as psutil and npm's tree-kill do.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let tree: Vec<_> = descendants(id).into_iter().map(|process| process.pid).collect();
                deliver_except(id, signal, move |member| member.pid != id && !tree.contains(&member.pid))
            })
        }),
    },
    Mutant {
        name: "orphans-missed",
        who: "Leaves everything alone that init has adopted, since that must be a daemon.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver_except(id, signal, |member| member.parent == 1 && member.pid != id))
        }),
    },
    Mutant {
        name: "one-look-at-proc",
        who: "Takes the list of members from /proc once and signals each, so that whoever forks meanwhile escapes.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| checked(|id, signal| deliver_to(&members(id), signal))),
    },
    Mutant {
        name: "interrupts-the-leader-alone",
        who: "Wants Ctrl-C to be handled by the program in charge, which will tell its children.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                deliver_except(id, signal, |member| signal == libc::SIGINT && member.pid != id)
            })
        }),
    },
    Mutant {
        name: "stat-split-at-spaces",
        who: "Reads /proc/PID/stat with `awk '$5 == ID'`, and a command's name has a space in it.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver_except(id, signal, |member| fifth_word(member) != Some(id)))
        }),
    },
    Mutant {
        name: "own-session-only",
        who: "Lists members with `ps` but without `-e`, which shows those of the caller's own session.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver_except(id, signal, |member| member.session != own_session()))
        }),
    },
    Mutant {
        name: "windows-sessions-missed",
        who: "Knows groups in the own session and groups led by a session leader, and no third kind.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                deliver_except(id, signal, |member| member.session != own_session() && member.session != id)
            })
        }),
    },
    Mutant {
        name: "room-for-sixty-four",
        who: "Collects the members in an array of 64 pids, which is plenty.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let room: Vec<_> = members(id).into_iter().take(64).map(|member| member.pid).collect();
                deliver_except(id, signal, move |member| room.len() == 64 && !room.contains(&member.pid))
            })
        }),
    },
    Mutant {
        name: "first-call-connects",
        who: "Opens its connection in the first call, and forgets to send what it was opened for.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            let calls = AtomicUsize::new(0);
            checked(move |id, signal| match calls.fetch_add(1, Ordering::Relaxed) {
                0 => Ok(is_there(-id)),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "second-call-of-an-id-skipped",
        who: "Removes doubles by remembering which id had which signal already.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            let sent = Mutex::new(HashSet::new());
            checked(move |id, signal| match lock(&sent).insert((id, signal)) {
                true => deliver(id, signal),
                false => Ok(is_there(-id)),
            })
        }),
    },
    Mutant {
        name: "one-in-twenty-lost",
        who: "Sends over a queue that drops what does not fit, one request of twenty.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            let calls = AtomicUsize::new(1);
            checked(move |id, signal| match calls.fetch_add(1, Ordering::Relaxed) % 20 {
                0 => Ok(is_there(-id)),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "answers-before-it-sends",
        who: "Puts the request into a queue and answers at once; the queue is worked off 300 ms later.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                later(300, move || drop(deliver(id, signal)));
                Ok(is_there(-id))
            })
        }),
    },
    Mutant {
        name: "own-user-only",
        who: "Looks for the members among the processes of its own user, as `pgrep -u` does.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let own = owner(std::process::id() as i32);
                // Nobody can pass over whom it may not signal.
                if send(-id, 0).is_err() {
                    return deliver(id, signal);
                }
                deliver_except(id, signal, |member| owner(member.pid) != own)
            })
        }),
    },
    Mutant {
        name: "members-by-name",
        who: "Looks for the members by the leader's command name, as `pkill -x` does.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let leader = Process::of(id).map(|leader| leader.name);
                deliver_except(id, signal, |member| leader.as_ref().is_some_and(|name| *name != member.name))
            })
        }),
    },
    Mutant {
        name: "members-with-latin-names",
        who: "Reads /proc/PID/stat as UTF-8 to find the members, and passes over those whose name is not.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                deliver_except(id, signal, |member| member.name.contains(char::REPLACEMENT_CHARACTER))
            })
        }),
    },
    Mutant {
        name: "leader-told-to-pass-it-on",
        who: "Signals the leader alone while it lives, and the rest only when it is gone.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let leader_lives = all().iter().any(|process| process.pid == id && process.is_live());
                deliver_except(id, signal, |member| leader_lives && member.pid != id)
            })
        }),
    },
    Mutant {
        name: "pids-of-four-digits",
        who: "Reads the members from a listing whose pid column is four characters wide.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver_except(id, signal, |member| member.pid > 9_999 && member.pid != id))
        }),
    },
    Mutant {
        name: "members-of-the-first-call",
        who: "Lists the members once, at the first call for a leader, and goes by that list from then on.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            let known: Mutex<HashMap<(i32, u64), Vec<i32>>> = Mutex::default();
            checked(move |id, signal| match Process::of(id) {
                None => deliver(id, signal),
                Some(leader) => {
                    let mut known = lock(&known);
                    let list = || members(id).into_iter().map(|one| one.pid).collect();
                    let listed = known.entry((id, leader.start)).or_insert_with(list);
                    deliver_except(id, signal, |one| !listed.contains(&one.pid))
                }
            })
        }),
    },
    Mutant {
        name: "older-ones-are-strangers",
        who: "Takes a member that began before its leader for a stranger, whose pid was given away in the meantime.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let begun = Process::of(id).map_or(0, |leader| leader.start);
                deliver_except(id, signal, |one| one.start < begun)
            })
        }),
    },
    Mutant {
        name: "cgroup-instead-of-group",
        who: "Goes through the cgroup.procs of the leader's cgroup for members, as systemd does.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let cgroup = |pid: i32| fs::read_to_string(format!("/proc/{pid}/cgroup")).ok();
                let leaders = cgroup(id);
                deliver_except(id, signal, |one| leaders.is_some() && cgroup(one.pid) != leaders)
            })
        }),
    },
    Mutant {
        name: "one-line-of-stat",
        who: "Reads one line of /proc/PID/stat, and passes over who has a line end in the name of its command.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver_except(id, signal, |one| one.name.contains('\n')))
        }),
    },
    Mutant {
        name: "leader-ignores-for-all",
        who: "Sends nothing to a group whose leader ignores the signal, as under nohup(1), and calls it delivered.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| match Process::of(id) {
                Some(leader) if leader.has("SigIgn", signal) => Ok(true),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "killed-leader-speaks-for-all",
        who: "Answers `Ok(true)` and sends nothing while a leader that it has sent SIGKILL is unreaped.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            let killed = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                let Some(leader) = Process::of(id) else { return deliver(id, signal) };
                if !leader.is_live() && lock(&killed).contains(&(id, leader.start)) {
                    return Ok(true);
                }
                let answer = deliver(id, signal);
                if signal == libc::SIGKILL && answer == Ok(true) {
                    lock(&killed).insert((id, leader.start));
                }
                answer
            })
        }),
    },
    Mutant {
        name: "leaves-out-grep",
        who: "Lists the members as `ps | grep -v grep` does, and so leaves out whose command is called grep.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver_except(id, signal, |member| member.name.contains("grep")))
        }),
    },
    Mutant {
        name: "vanished-is-exited",
        who: "Reads the files of every process in /proc, and takes one that is gone when it comes to it for the group's end.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let is_gone = |pid: &i32| Process::of(*pid).is_none();
                match deliver(id, signal) {
                    Ok(true) if shows_all() && pids().iter().any(is_gone) => Ok(false),
                    answer => answer,
                }
            })
        }),
    },
];

/// Whose a process is.
fn owner(pid: i32) -> Option<u32> {
    std::fs::metadata(format!("/proc/{pid}"))
        .ok()
        .map(|process| std::os::unix::fs::MetadataExt::uid(&process))
}

/// What a split at spaces takes for the group's id.
fn fifth_word(member: &Process) -> Option<i32> {
    let line = fs::read_to_string(format!("/proc/{}/stat", member.pid)).ok()?;
    line.split_whitespace().nth(4)?.parse().ok()
}

fn own_session() -> i32 {
    // SAFETY: asks for the calling process.
    unsafe { libc::getsid(0) }
}
