//! Who is right during a cut and after it, in an unusual link.

use super::{Lost, unreachable};
use crate::mutants::parts::{checked, pause};
use crate::mutants::{Served, conforming::Conforming};
use crate::sys::lock::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The conforming variants of this family.
pub const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "connects-each-call",
        how: "Makes a connection for each call.",
        subject: Served::Partition(|link| {
            checked(move |id, signal| link.send_alone(id, signal).unwrap_or_else(|Lost| unreachable()))
        }),
    },
    Conforming {
        name: "reconnects-at-the-next-call",
        how: "Answers `Err` when it finds its connection lost, also when another could be made, and makes \
              that at the next call.",
        subject: Served::Partition(|link| {
            let kept = Mutex::new(None);
            checked(move |id, signal| {
                let mut kept = lock(&kept);
                let Some(line) = kept.or_else(|| link.connect().ok()) else { return unreachable() };
                *kept = Some(line);
                link.send(line, id, signal).unwrap_or_else(|Lost| {
                    *kept = None;
                    unreachable()
                })
            })
        }),
    },
    Conforming {
        name: "reconnects-after-a-while",
        how: "Takes 100 ms to give up, and does not try again for 400 ms after that.",
        subject: Served::Partition(|link| {
            let failed: Mutex<Option<Instant>> = Mutex::new(None);
            checked(move |id, signal| {
                let mut failed = lock(&failed);
                if failed.is_some_and(|at| at.elapsed() < Duration::from_millis(400)) {
                    return unreachable();
                }
                link.send_alone(id, signal).unwrap_or_else(|Lost| {
                    pause(100);
                    *failed = Some(Instant::now());
                    unreachable()
                })
            })
        }),
    },
    Conforming {
        name: "delivers-when-restored",
        how: "Answers `Err` during a cut, and what was asked arrives after it, as in a container that was paused.",
        subject: Served::Partition(|link| {
            let waiting = Mutex::new(Vec::new());
            checked(move |id, signal| {
                let mut waiting = lock(&waiting);
                let Ok(line) = link.connect() else {
                    waiting.push((id, signal));
                    return unreachable();
                };
                for (id, signal) in waiting.drain(..) {
                    let _ = link.send(line, id, signal);
                }
                link.send(line, id, signal).unwrap_or_else(|Lost| unreachable())
            })
        }),
    },
];
