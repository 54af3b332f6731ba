//! Subjects that send more than one signal to the group, or in another way, and hit nobody else by it.

use super::super::Served;
use super::super::parts::{answer, checked, deliver, is_there, later, pidfd, send};
use super::super::proc::{Process, members};
use super::Conforming;
use crate::sys::pidfd;
use nix::errno::Errno;
use std::collections::HashSet;
use std::process::{Command, Stdio};
use std::thread;

/// The conforming variants of this family.
pub const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "member-by-member",
        how: "Reaches each member once through a pidfd of its own, after it has looked that it is a member \
              still; SIGKILL goes to the group at once, since members may fork.",
        subject: Served::Rust(|| {
            checked(|id, signal| match signal {
                libc::SIGKILL => deliver(id, signal),
                _ => one_by_one(id, signal),
            })
        }),
    },
    Conforming {
        name: "another-way-when-exited",
        how: "Asks the leader alone, and its members in /proc, with signal 0 once the group is not there.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if answer == Ok(false) && (is_there(id) || !members(id).is_empty()) && is_there(-id) {
                    return deliver(id, signal);
                }
                answer
            })
        }),
    },
    Conforming {
        name: "looks-again-later",
        how: "Asks with signal 0 for each group 100 ms after the answer, for its log.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                later(100, move || _ = is_there(-id));
                deliver(id, signal)
            })
        }),
    },
    Conforming {
        name: "ends-its-own-helper",
        how: "Starts a helper for one call in eight, and ends it with SIGTERM and SIGKILL when it is done.",
        subject: Served::Rust(|| {
            let calls = std::sync::atomic::AtomicUsize::new(0);
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                if calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed).is_multiple_of(8) {
                    end_a_helper()?;
                }
                answer
            })
        }),
    },
    Conforming {
        name: "interrupts-its-own-threads",
        how: "Signals a thread of its own with SIGURG in each call, as the scheduler of Go does.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let delivering = thread::spawn(move || deliver(id, signal));
                // SAFETY: plain numbers; the first thread of a process has its pid, and ignores SIGURG (signal(7)).
                unsafe {
                    let own = std::process::id();
                    libc::syscall(libc::SYS_tgkill, own, own, libc::SIGURG);
                    libc::raise(libc::SIGURG);
                }
                delivering.join().unwrap_or_else(|_| Err("the thread panicked".to_owned()))
            })
        }),
    },
];

/// Signals each member once, those that come up meanwhile too, and those that are not reaped: only the kernel
/// knows of each whether it is live.
fn one_by_one(id: i32, signal: i32) -> Result<bool, String> {
    let mut met = HashSet::new();
    let mut results = Vec::new();
    loop {
        let found: Vec<_> = members(id).into_iter().filter(|member| !met.contains(&member.pid)).collect();
        if found.is_empty() {
            break;
        }
        for member in found {
            met.insert(member.pid);
            results.extend(to_one(id, member.pid, signal));
        }
    }
    let is_refused = |result: &Result<(), Errno>| result.is_err_and(|cause| cause != Errno::ESRCH);
    match results.iter().find(|result| result.is_ok()).or(results.iter().find(|result| is_refused(result))) {
        Some(result) => answer(*result),
        // Only the kernel knows of those that have exited, or that hide.
        None if met.is_empty() => deliver(id, signal),
        None => Ok(is_there(-id)),
    }
}

/// Signals one process, unless it is no member any more: the descriptor is of the one that was looked at.
fn to_one(id: i32, pid: i32, signal: i32) -> Option<Result<(), Errno>> {
    let held = pidfd(pid)?;
    Process::of(pid).filter(|process| process.group == id)?;
    Some(pidfd::send(&held, signal))
}

fn end_a_helper() -> Result<(), String> {
    let failed = |cause: std::io::Error| format!("no helper: {cause}");
    let mut helper = Command::new("cat").stdin(Stdio::piped()).spawn().map_err(failed)?;
    let pid = helper.id() as i32;
    let _ = send(pid, libc::SIGTERM);
    let _ = send(pid, libc::SIGKILL);
    helper.wait().map(drop).map_err(failed)
}
