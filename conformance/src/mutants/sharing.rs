//! What goes wrong when many threads ask at once.

use super::parts::{checked, deliver, id_of, is_recent, pause, remembering_the_exited, right, signal_of};
use super::{Mutant, Served};
use crate::contract::{ERROR_NAMES_THE_SIGNAL, SAFE_TO_SHARE};
use crate::sys::lock::lock;
use process_groups::signaller_fn;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "shared-request",
        who: "Keeps the request in a static buffer between writing and sending it.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let request = AtomicI32::new(0);
            checked(move |id, signal| {
                request.store(id, Ordering::Relaxed);
                pause(20);
                deliver(request.load(Ordering::Relaxed), signal)
            })
        }),
    },
    Mutant {
        name: "shared-answer",
        who: "Reads the result from a global after another call may have set it, like `$?` or errno.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let last = Mutex::new(Ok(false));
            checked(move |id, signal| {
                *lock(&last) = deliver(id, signal);
                pause(20);
                lock(&last).clone()
            })
        }),
    },
    Mutant {
        name: "shared-name",
        who: "Keeps the name of a call in a field of the signaller, of which the message is made.",
        requirement: ERROR_NAMES_THE_SIGNAL,
        subject: Served::Rust(|| {
            let last = Mutex::new(String::new());
            Arc::new(signaller_fn(move |leader_pid, name: &str| {
                if signal_of(name).is_err() {
                    name.clone_into(&mut lock(&last));
                    pause(1);
                    return Err(format!("no such signal: {}", lock(&last).escape_debug()));
                }
                right(leader_pid, name)
            }))
        }),
    },
    Mutant {
        name: "deadlock-of-two-locks",
        who: "Takes the lock of the line and then that of the table, and every other call the other way round.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let (line, table, calls) = (Mutex::new(()), Mutex::new(()), AtomicUsize::new(0));
            checked(move |id, signal| {
                let even = calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
                let (first, second) = if even { (&line, &table) } else { (&table, &line) };
                let _first = lock(first);
                pause(20);
                let _second = lock(second);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "busy-is-an-error",
        who: "Tries the lock once, and reports that the connection is busy.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let line = Mutex::new(());
            checked(move |id, signal| {
                let _line = line.try_lock().map_err(|_| "the connection is busy".to_owned())?;
                pause(20);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "one-flight-for-all",
        who: "Lets a second caller share the answer under way, without looking whether it is for the same group.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let flying = AtomicBool::new(false);
            checked(move |id, signal| {
                if flying.swap(true, Ordering::Relaxed) {
                    return Ok(true);
                }
                let answer = deliver(id, signal);
                pause(20);
                flying.store(false, Ordering::Relaxed);
                answer
            })
        }),
    },
    Mutant {
        name: "same-group-at-once-is-exited",
        who: "Lists the groups that are being signalled, and has nothing to do for one that is on the list.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let under_way = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                if !lock(&under_way).insert(id) {
                    return Ok(false);
                }
                let answer = deliver(id, signal);
                pause(20);
                lock(&under_way).remove(&id);
                answer
            })
        }),
    },
    Mutant {
        name: "more-than-eight-at-once",
        who: "Has eight slots for requests and takes the last one again when all are in use.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let (slots, busy) = ([const { AtomicI32::new(0) }; 8], AtomicUsize::new(0));
            checked(move |id, signal| {
                let slot = &slots[busy.fetch_add(1, Ordering::SeqCst).min(7)];
                slot.store(id, Ordering::SeqCst);
                pause(2);
                let target = if busy.load(Ordering::SeqCst) > 8 { slot.load(Ordering::SeqCst) } else { id };
                let answer = deliver(target, signal);
                busy.fetch_sub(1, Ordering::SeqCst);
                answer
            })
        }),
    },
    Mutant {
        name: "remembers-the-exited-for-a-moment",
        who: "Asks the kernel once for calls that come within three milliseconds, if it said that nobody is there.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| remembering_the_exited(Duration::from_millis(3))),
    },
    Mutant {
        name: "remembers-the-live-for-a-moment",
        who: "Sends always, and takes what the kernel said of a live group for what it says three milliseconds later.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let live = Mutex::new(HashMap::new());
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                if is_recent(&live, id, Duration::from_millis(3)) {
                    return Ok(true);
                }
                if answer == Ok(true) {
                    lock(&live).insert(id, Instant::now());
                }
                answer
            })
        }),
    },
    Mutant {
        name: "publishes-an-empty-table",
        who: "Fills its table of names in the first call, and lets others look into it before it is full.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let (is_begun, is_full) = (AtomicBool::new(false), AtomicBool::new(false));
            checked(move |id, signal| {
                if !is_begun.swap(true, Ordering::SeqCst) {
                    pause(20);
                    is_full.store(true, Ordering::SeqCst);
                }
                match is_full.load(Ordering::SeqCst) {
                    true => deliver(id, signal),
                    false => Err("there is no such signal".to_owned()),
                }
            })
        }),
    },
    Mutant {
        name: "one-wrong-id-spoils-the-batch",
        who: "Collects the calls of a few milliseconds, and answers `Err` to all when one has an impossible leader pid.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let impossible = AtomicUsize::new(0);
            Arc::new(signaller_fn(move |leader_pid, name: &str| {
                let is_impossible = id_of(leader_pid).is_err();
                impossible.fetch_add(usize::from(is_impossible), Ordering::SeqCst);
                pause(20);
                let is_spoiled = impossible.load(Ordering::SeqCst) > 0;
                impossible.fetch_sub(usize::from(is_impossible), Ordering::SeqCst);
                signal_of(name)?;
                if is_spoiled { Err(format!("{name}: the batch failed")) } else { right(leader_pid, name) }
            }))
        }),
    },
];
