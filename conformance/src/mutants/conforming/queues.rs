//! Conforming variants whose calls wait for each other.

use super::Conforming;
use crate::mutants::Served;
use crate::mutants::parts::{checked, deliver, pause};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use std::collections::HashMap;
use std::iter;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

/// The variants of this family.
pub const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "one-at-a-time-for-each-group",
        how: "Holds a lock of the group's own through each call of 2 ms.",
        subject: Served::Rust(|| {
            let lines: Mutex<HashMap<i32, Arc<Mutex<()>>>> = Mutex::default();
            checked(move |id, signal| {
                let line = Arc::clone(lock(&lines).entry(id).or_default());
                let _line = lock(&line);
                pause(2);
                deliver(id, signal)
            })
        }),
    },
    Conforming {
        name: "one-worker",
        how: "Queues all calls for one thread, which takes 2 ms for each.",
        subject: Served::Rust(|| {
            let queue = OnceLock::new();
            checked(move |id, signal| ask_workers(queue.get_or_init(|| start_workers(1, 2)), id, signal))
        }),
    },
    Conforming {
        name: "sends-in-batches",
        how: "Collects calls for 5 ms, and then sends every one of them.",
        subject: Served::Rust(|| {
            let queue = OnceLock::new();
            checked(move |id, signal| ask_workers(queue.get_or_init(start_batches), id, signal))
        }),
    },
    Conforming {
        name: "a-pool-of-threads",
        how: "Starts four threads at its first call, which take requests from one queue.",
        subject: Served::Rust(|| {
            let queue = OnceLock::new();
            checked(move |id, signal| ask_workers(queue.get_or_init(|| start_workers(4, 0)), id, signal))
        }),
    },
    Conforming {
        name: "rests-when-idle",
        how: "Ends its one worker when there was no call for 2 s, and starts another for the next call.",
        subject: Served::Rust(|| {
            let queue: Mutex<Option<Sender<Job>>> = Mutex::default();
            checked(move |id, signal| {
                let queue = &mut *lock(&queue);
                loop {
                    let worker = queue.get_or_insert_with(|| start_worker_that_rests(2));
                    let (answer, answered) = channel();
                    // A worker that ends drops what it has not begun.
                    if worker.send((id, signal, answer)).is_ok()
                        && let Ok(answer) = answered.recv()
                    {
                        return answer;
                    }
                    *queue = None;
                }
            })
        }),
    },
];

/// Starts a thread that takes requests from a queue until there is none for so many seconds.
fn start_worker_that_rests(seconds: u64) -> Sender<Job> {
    let (queue, jobs) = channel::<Job>();
    thread::spawn(move || {
        while let Ok((id, signal, answer)) = jobs.recv_timeout(Duration::from_secs(seconds)) {
            let _ = answer.send(deliver(id, signal));
        }
    });
    queue
}

type Job = (i32, i32, Sender<SignalResult>);

/// Starts threads that take requests from one queue, and let `milliseconds` pass before each.
fn start_workers(count: usize, milliseconds: u64) -> Sender<Job> {
    let (queue, jobs) = channel::<Job>();
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..count {
        let jobs = Arc::clone(&jobs);
        thread::spawn(move || {
            loop {
                let job = lock(&jobs).recv();
                let Ok((id, signal, reply)) = job else { return };
                pause(milliseconds);
                let _ = reply.send(deliver(id, signal));
            }
        });
    }
    queue
}

/// Starts a thread that makes the calls which came in the 5 ms after the first.
fn start_batches() -> Sender<Job> {
    let (queue, jobs) = channel::<Job>();
    thread::spawn(move || {
        while let Ok(first) = jobs.recv() {
            pause(5);
            for (id, signal, reply) in iter::once(first).chain(jobs.try_iter()) {
                let _ = reply.send(deliver(id, signal));
            }
        }
    });
    queue
}

fn ask_workers(queue: &Sender<Job>, id: i32, signal: i32) -> SignalResult {
    let gone = || "the worker is gone".to_owned();
    let (reply, answered) = channel();
    queue.send((id, signal, reply)).map_err(|_| gone())?;
    answered.recv().map_err(|_| gone())?
}
