//! Conforming variants that are careful in the situations that real systems bring about.

use super::{Conforming, only_unreaped};
use crate::mutants::Served;
use crate::mutants::declared::declaring;
use crate::mutants::parts::{answer, checked, deliver, is_there, send};
use crate::mutants::proc::{Process, members};
use crate::sys::lock::lock;
use nix::errno::Errno;
use std::collections::HashMap;
use std::sync::Mutex;

/// The variants of this family.
pub const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "counts-threads",
        how: "Answers `Ok(false)` for members in state Z alone, once none of them has another thread.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                match !found.is_empty()
                    && !found.iter().any(Process::is_live)
                    && found.len() == members(id).len()
                {
                    true => Ok(false),
                    false => deliver(id, signal),
                }
            })
        }),
    },
    Conforming {
        name: "has-to-see-whom-it-signals",
        how: "Answers `Err` for a group that kill(2) knows and /proc does not show.",
        subject: Served::Rust(|| {
            checked(|id, signal| match is_there(-id) && members(id).is_empty() && is_there(-id) {
                true => Err(format!("group {id} cannot be seen in /proc")),
                false => deliver(id, signal),
            })
        }),
    },
    Conforming {
        name: "looks-twice-after-a-refusal",
        how: "Answers `Ok(false)` after EPERM if kill(2) finds nobody any more, and `Err` else, whatever /proc shows.",
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if !is_there(-id) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Conforming {
        name: "knows-a-fifth-name",
        how: "Delivers SIGUSR1 beside the four names, as it declares.",
        subject: Served::Declaring(|| declaring(|id| deliver(id, libc::SIGUSR1))),
    },
    Conforming {
        name: "looks-twice-on-darwin",
        how: "Answers `Ok(false)` after Darwin's EPERM if every member is unreaped or nobody is there any more.",
        subject: Served::OnDarwin(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if only_unreaped(id) || !is_there(-id) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Conforming {
        name: "not-yet-is-an-error",
        how: "Answers `Err` for a live process that leads no group, since it may lead one yet.",
        subject: Served::Rust(|| {
            checked(|id, signal| match deliver(id, signal) {
                Ok(false) if Process::of(id).is_some_and(|one| one.is_live() && one.group != id) => {
                    Err(format!("process {id} leads no group"))
                }
                answer => answer,
            })
        }),
    },
    Conforming {
        name: "counts-what-it-sent",
        how: "Keeps a tally of what it has sent to each of its last 200 groups, and never acts on it.",
        subject: Served::Rust(|| {
            let tally = Mutex::new(HashMap::<(i32, i32), usize>::new());
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                let mut tally = lock(&tally);
                if tally.len() > 200 {
                    tally.clear();
                }
                *tally.entry((id, signal)).or_default() += usize::from(answer == Ok(true));
                answer
            })
        }),
    },
];
