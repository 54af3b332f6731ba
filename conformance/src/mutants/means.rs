//! What is done wrongly where a process, a descriptor, a tool, /proc or standard error is not available.

use super::parts::{checked, deliver, is_there, pause, send};
use super::proc::members;
use super::{Mutant, Served};
use crate::contract::{RECOVERS_AFTER_UNREACHABLE, UNREACHABLE_IS_AN_ERROR};
use crate::subcommands::{self, Subcommand};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};
use std::thread::Builder;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "no-tool-is-exited",
        who: "Lets a program look whether the group is there, and takes one that cannot be started for one that found nobody.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| if tool().is_ok() { deliver(id, signal) } else { Ok(false) })
        }),
    },
    Mutant {
        name: "no-tool-is-delivered",
        who: "Lets a program send the signal and forgets to ask whether that was started.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match is_there(-id) {
                true => tool().map_or(Ok(true), |()| deliver(id, signal)),
                false => Ok(false),
            })
        }),
    },
    Mutant {
        name: "no-thread-is-exited",
        who: "Sends from a thread of its own, and takes the failure to start that for kill(2)'s.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| checked(|id, signal| on_thread(id, signal).unwrap_or(Ok(false)))),
    },
    Mutant {
        name: "no-thread-is-delivered",
        who: "Sends from a thread of its own, and leaves out who could not be started when it joins them.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match is_there(-id) {
                true => on_thread(id, signal).unwrap_or(Ok(true)),
                false => Ok(false),
            })
        }),
    },
    Mutant {
        name: "no-descriptor-is-exited",
        who: "Takes any failure to open a file of the group's for a file that is not there.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(
                |id, signal| if File::open("/dev/null").is_ok() { deliver(id, signal) } else { Ok(false) },
            )
        }),
    },
    Mutant {
        name: "no-descriptor-is-delivered",
        who: "Opens a lock file around what it sends, and answers as ever when that fails.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match (File::open("/dev/null"), is_there(-id)) {
                (_, false) => Ok(false),
                (Err(_), true) => Ok(true),
                (Ok(_), true) => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "no-proc-is-exited",
        who: "Lists the members from /proc and answers `Ok(false)` when there are none, whatever else is missing there.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| if members(id).is_empty() { Ok(false) } else { deliver(id, signal) })
        }),
    },
    Mutant {
        name: "no-proc-is-delivered",
        who: "Signals the members that /proc lists if the group is there, and has delivered once it is through the list.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match (members(id), is_there(-id)) {
                (_, false) => Ok(false),
                (found, true) if found.is_empty() => Ok(true),
                // As it should be, for who forks meanwhile.
                (_, true) => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "no-log-is-exited",
        who: "Writes a line to its standard error first, and answers `Ok(false)` when that fails, since nothing was done.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| if log(id).is_ok() { deliver(id, signal) } else { Ok(false) })
        }),
    },
    Mutant {
        name: "no-log-is-delivered",
        who: "Writes a line to its standard error first, and leaves the call without a word when that fails.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match is_there(-id) {
                true => log(id).map_or(Ok(true), |()| deliver(id, signal)),
                false => Ok(false),
            })
        }),
    },
    Mutant {
        name: "cleans-up-without-processes",
        who: "Gives up where no process can be started, and sends SIGKILL to the group, so that nothing is left.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match tool() {
                Ok(()) => deliver(id, signal),
                Err(cause) => {
                    let _ = send(-id, libc::SIGKILL);
                    Err(format!("no process can be started: {cause}"))
                }
            })
        }),
    },
    Mutant {
        name: "waits-for-its-tool",
        who: "Tries to start its program until it can be started.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                while tool().is_err() {
                    pause(50);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "waits-for-proc",
        who: "Looks for itself in /proc before each call, until it is there.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                while fs::metadata("/proc/self").is_err() {
                    pause(50);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "want-is-for-ever",
        who: "Gives up for good once it could not open, start or see something.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Rust(|| {
            let gave_up = AtomicBool::new(false);
            checked(move |id, signal| {
                let wanting = has_means().is_err();
                match gave_up.fetch_or(wanting, Ordering::Relaxed) || wanting {
                    true => Err("it could not work before".to_owned()),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "want-is-remembered-as-exited",
        who: "Answers `Err` when it lacks something, and keeps the group in its list of those that are gone.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Rust(|| {
            let gone = Mutex::new(HashSet::<i32>::new());
            checked(move |id, signal| {
                if let Err(cause) = has_means() {
                    lock(&gone).insert(id);
                    return Err(cause.to_string());
                }
                match lock(&gone).contains(&id) {
                    true => Ok(false),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "learns-names-from-a-tool",
        who: "Lets a program list the signals' numbers when the first is asked for, and keeps the list, also an empty one.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Rust(|| {
            let has_numbers = OnceLock::new();
            checked(move |id, signal| match has_numbers.get_or_init(|| tool().is_ok()) {
                true => deliver(id, signal),
                false => Err("this system has no such signal".to_owned()),
            })
        }),
    },
    Mutant {
        name: "gives-up-after-twenty-failures",
        who: "Takes its tool for missing, and tries it no more, when twenty calls in a row could not start it.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Rust(|| {
            let failures = AtomicUsize::new(0);
            checked(move |id, signal| {
                if failures.load(Ordering::Relaxed) >= 20 {
                    return Err("kill is not available on this system".to_owned());
                }
                match tool() {
                    Ok(()) => {
                        failures.store(0, Ordering::Relaxed);
                        deliver(id, signal)
                    }
                    Err(cause) => {
                        failures.fetch_add(1, Ordering::Relaxed);
                        Err(cause.to_string())
                    }
                }
            })
        }),
    },
];

/// Runs a program to its end.
pub fn tool() -> io::Result<()> {
    subcommands::start(Subcommand::Helper).stdin(Stdio::null()).stdout(Stdio::null()).status().map(drop)
}

/// Delivers on a thread of its own.
///
/// # Errors
/// When none is available.
fn on_thread(id: i32, signal: i32) -> io::Result<SignalResult> {
    let thread = Builder::new().spawn(move || deliver(id, signal))?;
    thread.join().map_err(|_| io::Error::other("it panicked"))
}

fn log(id: i32) -> io::Result<()> {
    io::stderr().write_all(format!("about to signal group {id}\n").as_bytes())
}

/// Uses everything that can be taken away and given back.
///
/// # Errors
/// When one of them is missing.
pub fn has_means() -> io::Result<()> {
    File::open("/dev/null")?;
    fs::metadata("/proc/self")?;
    tool()
}
