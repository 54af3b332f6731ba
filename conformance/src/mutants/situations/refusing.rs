//! What is concluded from a refusal after a delivery.

use crate::contract::REFUSED_IS_AN_ERROR;
use crate::mutants::parts::{answer, checked, is_there, send};
use crate::mutants::proc::{Process, members};
use crate::mutants::{Mutant, Served};
use crate::sys::lock::lock;
use nix::errno::Errno;
use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "refused-after-delivery-is-exited",
        who: "Takes EPERM for a group that it has signalled before for a stranger's that has the id now.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            let reached = Mutex::new(HashSet::new());
            checked(move |id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if lock(&reached).contains(&id) => Ok(false),
                sent => {
                    if sent.is_ok() {
                        lock(&reached).insert(id);
                    }
                    answer(sent)
                }
            })
        }),
    },
    Mutant {
        name: "those-it-reached-are-gone",
        who: "Remembers the members that it could signal, and answers `Ok(false)` after EPERM once they are gone.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            let reached = Mutex::new(HashMap::<i32, Vec<i32>>::new());
            checked(move |id, signal| {
                let own = members(id).into_iter().map(|one| one.pid).filter(|pid| send(*pid, 0).is_ok());
                let own: Vec<_> = own.collect();
                match send(-id, signal) {
                    Err(Errno::EPERM) => match lock(&reached).get(&id) {
                        Some(known) if !known.iter().any(|pid: &i32| is_there(*pid)) => Ok(false),
                        _ => answer(Err(Errno::EPERM)),
                    },
                    sent => {
                        lock(&reached).insert(id, own);
                        answer(sent)
                    }
                }
            })
        }),
    },
    Mutant {
        name: "refused-after-delivery-is-delivered",
        who: "Takes EPERM for a group that it has signalled before for a member of another user, beside those it reached.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            let reached = Mutex::new(HashSet::new());
            checked(move |id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if lock(&reached).contains(&id) => Ok(true),
                sent => {
                    if sent.is_ok() {
                        lock(&reached).insert(id);
                    }
                    answer(sent)
                }
            })
        }),
    },
    Mutant {
        name: "refused-by-another-user-is-exited",
        who: "Remembers whose the leader was, and takes EPERM for another user's for the sign that the pid was reused.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            let users: Mutex<HashMap<i32, u32>> = Mutex::default();
            checked(move |id, signal| {
                let sent = send(-id, signal);
                let Some(user) = Process::of(id).and_then(|leader| leader.user()) else {
                    return answer(sent);
                };
                let mut users = lock(&users);
                match sent {
                    Ok(()) => _ = users.insert(id, user),
                    Err(Errno::EPERM) if users.get(&id).is_some_and(|known| *known != user) => {
                        return Ok(false);
                    }
                    Err(_) => {}
                }
                answer(sent)
            })
        }),
    },
];
