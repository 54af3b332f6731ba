//! Calls that are joined though they mean different things.

use super::parts::{checked, deliver, pause, right};
use super::{Mutant, Served};
use crate::contract::SAFE_TO_SHARE;
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use process_groups::signaller_fn;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// How long a batch stays open.
const WINDOW: u64 = 4;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "joins-calls-for-one-group",
        who: "Keys its single-flight cache by the group alone, so that a second name gets the first one's answer.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let flights = Flights::default();
            checked(move |id, signal| {
                flights.join(id, || {
                    pause(2);
                    deliver(id, signal)
                })
            })
        }),
    },
    Mutant {
        name: "joins-short-calls-for-one-group",
        who: "Has the same cache in front of kill(2) itself, where calls overlap for microseconds.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let flights = Flights::default();
            checked(move |id, signal| flights.join(id, || deliver(id, signal)))
        }),
    },
    Mutant {
        name: "joins-calls-with-one-name",
        who: "Keys its single-flight cache by the name alone.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let flights = Flights::default();
            checked(move |id, signal| {
                flights.join(signal, || {
                    pause(2);
                    deliver(id, signal)
                })
            })
        }),
    },
    Mutant {
        name: "joins-before-it-reads-the-name",
        who: "Looks a name up only in the call that is made, and lets calls for the same group share its answer.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let flights = Flights::default();
            Arc::new(signaller_fn(move |leader_pid, name: &str| {
                flights.join(leader_pid, || {
                    pause(2);
                    right(leader_pid, name)
                })
            }))
        }),
    },
    Mutant {
        name: "first-call-of-a-window",
        who: "Answers calls for a group as the last one, for a few milliseconds after it was made.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let made: Mutex<HashMap<i32, (Instant, SignalResult)>> = Mutex::default();
            checked(move |id, signal| {
                let mut made = lock(&made);
                let window = Duration::from_millis(WINDOW);
                if let Some((_, answer)) = made.get(&id).filter(|(since, _)| since.elapsed() < window) {
                    return answer.clone();
                }
                let answer = deliver(id, signal);
                made.insert(id, (Instant::now(), answer.clone()));
                answer
            })
        }),
    },
    Mutant {
        name: "last-call-of-a-window",
        who: "Collects calls for a few milliseconds, and sends each group the last name that was asked for.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let batches = Batches::default();
            checked(move |id, signal| batches.join(id, signal, || pause(WINDOW)))
        }),
    },
    Mutant {
        name: "keeps-the-last-of-those-that-wait",
        who: "Has room for one waiting call a group, and overwrites it with the next.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let (batches, line) = (Batches::default(), Mutex::new(()));
            checked(move |id, signal| {
                batches.join(id, signal, || {
                    let line = lock(&line);
                    pause(1);
                    line
                })
            })
        }),
    },
];

/// Calls under way: whoever comes with a key that is among them waits for that call's answer.
struct Flights<K>(Mutex<HashMap<K, Arc<OnceLock<SignalResult>>>>);

impl<K> Default for Flights<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash + Copy> Flights<K> {
    fn join(&self, key: K, call: impl FnOnce() -> SignalResult) -> SignalResult {
        let flight = Arc::clone(lock(&self.0).entry(key).or_default());
        let answer = flight.get_or_init(call).clone();
        lock(&self.0).remove(&key);
        answer
    }
}

/// Calls that are not made yet, by their group.
#[derive(Default)]
struct Batches(Mutex<HashMap<i32, Arc<Batch>>>);

/// Calls for one group: the last signal that was asked for, and the answer of all once that is sent.
#[derive(Default)]
struct Batch {
    last: AtomicI32,
    answer: OnceLock<SignalResult>,
}

impl Batches {
    /// Waits until `ready` for the first call for a group, and sends the last signal by then.
    fn join<T>(&self, id: i32, signal: i32, ready: impl FnOnce() -> T) -> SignalResult {
        let batch = {
            let mut batches = lock(&self.0);
            let batch = batches.entry(id).or_default();
            batch.last.store(signal, Ordering::SeqCst);
            Arc::clone(batch)
        };
        let send = || {
            let _ready = ready();
            lock(&self.0).remove(&id);
            deliver(id, batch.last.load(Ordering::SeqCst))
        };
        batch.answer.get_or_init(send).clone()
    }
}
