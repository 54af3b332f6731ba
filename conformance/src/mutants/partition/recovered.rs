//! Who does not work any more after a cut.

use super::{Line, Lost, unreachable};
use crate::contract::RECOVERS_AFTER_UNREACHABLE;
use crate::mutants::parts::{checked, is_there};
use crate::mutants::{Mutant, Served};
use crate::sys::lock::lock;
use std::collections::VecDeque;
use std::sync::Mutex;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "never-recovers",
        who: "Sets a flag when the connection is lost, and has nothing that resets it.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Partition(|link| {
            let is_lost = Mutex::new(false);
            let kept = Mutex::new(None);
            checked(move |id, signal| {
                let mut is_lost = lock(&is_lost);
                if *is_lost {
                    return unreachable();
                }
                let line = lock(&kept).or_else(|| link.connect().ok());
                *lock(&kept) = line;
                let sent = line.ok_or(Lost).and_then(|line| link.send(line, id, signal));
                sent.unwrap_or_else(|Lost| {
                    *is_lost = true;
                    unreachable()
                })
            })
        }),
    },
    Mutant {
        name: "recovers-for-the-exited-alone",
        who: "Connects anew only in the branch that makes sure of an exit.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Partition(|link| {
            let kept: Mutex<Option<Line>> = Mutex::new(link.connect().ok());
            checked(move |id, signal| {
                let mut kept = lock(&kept);
                if !is_there(-id) {
                    *kept = link.connect().ok();
                }
                let sent = kept.ok_or(Lost).and_then(|line| link.send(line, id, signal));
                sent.unwrap_or_else(|Lost| unreachable())
            })
        }),
    },
    Mutant {
        name: "recovers-once",
        who: "Tries its second connection when the first is lost, as two addresses were configured.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Partition(|link| {
            let lines: Mutex<Vec<Line>> = Mutex::new(Vec::new());
            checked(move |id, signal| {
                let mut lines = lock(&lines);
                let sent = lines.last().map_or(Err(Lost), |&line| link.send(line, id, signal));
                match (sent, link.connect()) {
                    (Ok(answer), _) => answer,
                    (Err(Lost), Ok(line)) if lines.len() < 2 => {
                        lines.push(line);
                        link.send(line, id, signal).unwrap_or_else(|Lost| unreachable())
                    }
                    (Err(Lost), _) => unreachable(),
                }
            })
        }),
    },
    Mutant {
        name: "keeps-a-dead-connection",
        who: "Connects anew after a connection that was refused, but not after one that has died.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Partition(|link| {
            let kept: Mutex<Option<Line>> = Mutex::new(None);
            checked(move |id, signal| {
                let mut kept = lock(&kept);
                if link.connect().is_err() {
                    *kept = None;
                    return unreachable();
                }
                let line = kept.or_else(|| link.connect().ok());
                *kept = line;
                let sent = line.ok_or(Lost).and_then(|line| link.send(line, id, signal));
                sent.unwrap_or_else(|Lost| unreachable())
            })
        }),
    },
    Mutant {
        name: "one-answer-behind",
        who: "Reads the late answer to a question that was given up as that to the next one.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Partition(|link| {
            let asked = Mutex::new(VecDeque::new());
            checked(move |id, signal| {
                let mut asked = lock(&asked);
                asked.push_back((id, signal));
                let (id, signal) = match link.connect() {
                    Ok(_) => asked.pop_front().unwrap_or((id, signal)),
                    Err(Lost) => return unreachable(),
                };
                link.send_alone(id, signal).unwrap_or_else(|Lost| unreachable())
            })
        }),
    },
    Mutant {
        name: "runs-out-of-connections",
        who: "Puts a connection back into its pool of four only when it has worked.",
        requirement: RECOVERS_AFTER_UNREACHABLE,
        subject: Served::Partition(|link| {
            let free = Mutex::new(4);
            checked(move |id, signal| {
                let mut free = lock(&free);
                if *free == 0 {
                    return Err("no connection is free".to_owned());
                }
                link.send_alone(id, signal).unwrap_or_else(|Lost| {
                    *free -= 1;
                    unreachable()
                })
            })
        }),
    },
];
