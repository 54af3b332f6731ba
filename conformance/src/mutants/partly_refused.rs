//! What is answered wrongly for a group of which some members may not be signalled.

use super::parts::{answer, checked, deliver, deliver_to, is_there, send};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::PARTLY_REFUSED_IS_DELIVERED;
use crate::sys::lock::lock;
use nix::errno::Errno;
use std::collections::HashMap;
use std::sync::Mutex;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "refused-while-the-leader-lives",
        who: "Remembers a refusal as long as the leader lives, which cannot change its user behind its back.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            let refused = Mutex::new(HashMap::new());
            checked(move |id, signal| {
                let mut refused = lock(&refused);
                if let Some(error) = refused.get(&id).filter(|_| is_there(id)) {
                    return Err(String::clone(error));
                }
                let answer = deliver(id, signal);
                answer.clone().err().map(|error| refused.insert(id, error));
                answer
            })
        }),
    },
    Mutant {
        name: "one-refusal-is-an-error",
        who: "Signals member by member and reports any refusal, whoever was reached.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let refused = members(id).iter().any(|member| send(member.pid, 0) == Err(Errno::EPERM));
                let sent = deliver(id, signal);
                if refused { answer(Err(Errno::EPERM)) } else { sent }
            })
        }),
    },
    Mutant {
        name: "stops-at-the-first-refusal",
        who: "Leaves its loop over the members at the first error.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let refuses = |member: &Process| send(member.pid, 0) == Err(Errno::EPERM);
                match found.iter().position(refuses) {
                    None => deliver(id, signal),
                    Some(place) => deliver_to(&found[..place], signal).and(answer(Err(Errno::EPERM))),
                }
            })
        }),
    },
    Mutant {
        name: "refused-leader-speaks-for-all",
        who: "Tests the permission on the leader alone, behind sudo the only one of another user.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(id, 0) {
                Err(Errno::EPERM) => answer(Err(Errno::EPERM)),
                _ => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "last-member-speaks-for-all",
        who: "Signals in a loop and answers with the last result.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let last = members(id).last().map(|member| send(member.pid, 0));
                let sent = deliver(id, signal);
                if last == Some(Err(Errno::EPERM)) { answer(Err(Errno::EPERM)) } else { sent }
            })
        }),
    },
    Mutant {
        name: "a-session-is-refused-as-a-whole",
        who: "Answers `Err` for a group of a session leader of which one member may not be signalled, as of a log-in.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let is_refused = |one: &Process| one.session == id && send(one.pid, 0) == Err(Errno::EPERM);
                match members(id).iter().any(is_refused) {
                    true => answer(Err(Errno::EPERM)),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "one-refusal-in-a-large-group-is-an-error",
        who: "Asks the members of a group of more than fifty with signal 0, and answers `Err` if one is refused.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let is_refused = |one: &Process| send(one.pid, 0) == Err(Errno::EPERM);
                match found.len() > 50 && found.iter().any(is_refused) {
                    true => answer(Err(Errno::EPERM)),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Mutant {
        name: "refused-unless-somebody-listens",
        who: "Answers `Err` for a group with refused members when all others ignore the signal.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let is_refused = |one: &Process| send(one.pid, 0) == Err(Errno::EPERM);
                let (refused, others): (Vec<_>, Vec<_>) = members(id).into_iter().partition(is_refused);
                let nobody_listens = others.iter().all(|one| one.has("SigIgn", signal));
                match !refused.is_empty() && nobody_listens {
                    true => answer(Err(Errno::EPERM)),
                    false => deliver(id, signal),
                }
            })
        }),
    },
];
