//! Who claims something about a group while nobody can be asked.

use super::{Lost, unreachable};
use crate::contract::UNREACHABLE_IS_AN_ERROR;
use crate::mutants::parts::{checked, pause, right};
use crate::mutants::{Mutant, Served};
use crate::sys::lock::lock;
use process_groups::signaller_fn;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "cut-is-exited",
        who: "Reads whatever is not 0 as exited, so also the 255 of ssh and the 1 of `docker exec`.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Partition(|link| {
            Arc::new(signaller_fn(move |leader_pid, name: &str| match link.connect() {
                Ok(_) => right(leader_pid, name),
                Err(Lost) => Ok(false),
            }))
        }),
    },
    Mutant {
        name: "cut-is-delivered",
        who: "Writes into a buffer that nobody reads any more, and waits for no answer.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Partition(|link| {
            checked(move |id, signal| link.send_alone(id, signal).unwrap_or(Ok(true)))
        }),
    },
    Mutant {
        name: "waits-for-the-way",
        who: "Holds a connection without a time limit, and reads until something comes.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Partition(|link| {
            checked(move |id, signal| {
                loop {
                    if let Ok(answer) = link.send_alone(id, signal) {
                        return answer;
                    }
                    pause(20);
                }
            })
        }),
    },
    Mutant {
        name: "remembers-the-exited",
        who: "Keeps a list of those that have exited, and asks it when nobody else can be asked.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Partition(|link| {
            let exited = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                let mut exited = lock(&exited);
                match link.send_alone(id, signal) {
                    Ok(answer) => {
                        if answer == Ok(false) {
                            exited.insert(id);
                        } else {
                            exited.remove(&id);
                        }
                        answer
                    }
                    Err(Lost) if exited.contains(&id) => Ok(false),
                    Err(Lost) => unreachable(),
                }
            })
        }),
    },
    Mutant {
        name: "no-connection-is-exited",
        who: "Drops a connection that is lost, and takes having none for an authority that is gone with its groups.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Partition(|link| {
            let kept = Mutex::new(None);
            checked(move |id, signal| {
                let mut kept = lock(&kept);
                let Some(line) = kept.or_else(|| link.connect().ok()) else { return Ok(false) };
                *kept = Some(line);
                link.send(line, id, signal).unwrap_or_else(|Lost| {
                    *kept = None;
                    unreachable()
                })
            })
        }),
    },
    Mutant {
        name: "ends-with-its-connection",
        who: "Ends when its connection does, as a program that was written for one connection.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Partition(|link| {
            checked(move |id, signal| {
                link.send_alone(id, signal).unwrap_or_else(|Lost| std::process::exit(1))
            })
        }),
    },
    Mutant {
        name: "kills-and-forgets",
        who: "Looks at no answer to SIGKILL, which nobody survives anyway.",
        requirement: UNREACHABLE_IS_AN_ERROR,
        subject: Served::Partition(|link| {
            checked(move |id, signal| match link.send_alone(id, signal) {
                Err(Lost) if signal == libc::SIGKILL => Ok(true),
                sent => sent.unwrap_or_else(|Lost| unreachable()),
            })
        }),
    },
];
