//! Leaks that are small beside a thousand calls, and leaks of memory.

use super::means::tool;
use super::parts::{checked, deliver, id_of, later, pause, signal_of};
use super::proc::Process;
use super::steady::idle;
use super::{Mutant, Served};
use crate::contract::STEADY_UNDER_REPETITION;
use crate::sys::lock::lock;
use process_groups::{Signaller, signaller_fn};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "leaks-a-descriptor-in-a-hundred",
        who: "Rotates its log file after every hundred calls, and does not close the old one.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| every_hundredth(|| std::mem::forget(File::open("/proc/self/stat")))),
    },
    Mutant {
        name: "leaks-a-thread-in-a-hundred",
        who: "Starts a thread after every hundred calls to tidy up, which waits for ever.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| every_hundredth(|| later(600_000, || ()))),
    },
    Mutant {
        name: "leaks-a-zombie-in-a-hundred",
        who: "Checks its connection with a helper after every hundred calls, and never waits for it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| every_hundredth(|| drop(idle(Stdio::null())))),
    },
    Mutant {
        name: "leaks-a-process-in-a-hundred",
        who: "Connects anew after every hundred calls, and leaves the old connection's helper running.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| every_hundredth(|| std::mem::forget(idle(Stdio::piped())))),
    },
    Mutant {
        name: "keeps-ten-kilobytes-of-each-call",
        who: "Appends what each call wrote to a list that nobody reads.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let kept = Mutex::new(Vec::new());
            checked(move |id, signal| {
                lock(&kept).push(vec![1_u8; 10 << 10]);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "keeps-the-pipes-of-what-did-not-start",
        who: "Makes a pipe for each program that it starts, and closes it when the program has ended, which is never when \
              it was not started.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                tool().map_err(|cause| {
                    std::mem::forget(io::pipe());
                    cause.to_string()
                })?;
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "loses-a-place-with-each-failure",
        who: "Runs up to forty programs at a time, and gives a program's place back when it has ended, which is never when \
              it was not started.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let lost = AtomicUsize::new(0);
            checked(move |id, signal| {
                while lost.load(Ordering::Relaxed) >= 40 {
                    pause(50);
                }
                tool().map_err(|cause| {
                    lost.fetch_add(1, Ordering::Relaxed);
                    cause.to_string()
                })?;
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "keeps-each-name",
        who: "Keeps each name that it has refused, to log it once.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let refused = Mutex::new(HashSet::new());
            Arc::new(signaller_fn(move |leader_pid, name: &str| {
                let signal = signal_of(name).inspect_err(|_| {
                    lock(&refused).insert(name.to_owned());
                })?;
                deliver(id_of(leader_pid)?, signal)
            }))
        }),
    },
    Mutant {
        name: "keeps-a-buffer-for-each-leader",
        who: "Has a buffer for the messages of each leader pid that it was asked for.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            let buffers: Mutex<HashMap<i32, Vec<u8>>> = Mutex::default();
            checked(move |id, signal| {
                lock(&buffers).entry(id).or_insert_with(|| vec![1; 20_000]);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaks-for-leaders-of-sessions",
        who: "Opens the /proc/PID/stat of a leader that leads its session, and closes it in the other case alone.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if Process::of(id).is_some_and(|leader| leader.session == id) {
                    std::mem::forget(File::open(format!("/proc/{id}/stat")));
                }
                deliver(id, signal)
            })
        }),
    },
];

/// A signaller that does something more in every hundredth call.
fn every_hundredth(more: impl Fn() + Send + Sync + 'static) -> Arc<dyn Signaller> {
    let calls = AtomicUsize::new(0);
    checked(move |id, signal| {
        if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(100) {
            more();
        }
        deliver(id, signal)
    })
}
