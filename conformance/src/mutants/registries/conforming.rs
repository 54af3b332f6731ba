//! Registries that are made in other ways than most, and right all the same: none may be accused.

use super::plain::{RIGHT, Ways, ask};
use super::shapes::{Linked, Locked, Numbered, OnAThread};
use super::{Conforming, Make, Served, plain};
use crate::subject::registry::Registry;
use crate::subject::wire::Answer;
use process_groups::Signaller;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// All of them.
pub(in crate::mutants) const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "plain",
        how: "The plain registry of the mutants, without a mistake.",
        subject: plain(RIGHT),
    },
    Conforming {
        name: "numbered",
        how: "A map by the number of the registration, and an index of the numbers.",
        subject: own::<Numbered>(),
    },
    Conforming { name: "linked", how: "A linked list, rebuilt at each change.", subject: own::<Linked>() },
    Conforming {
        name: "behind-a-lock",
        how: "Behind a lock that is held over each call, and taken also when it is poisoned.",
        subject: own::<Locked>(),
    },
    Conforming {
        name: "on-a-thread",
        how: "Lives on a thread of its own and answers over a channel.",
        subject: own::<OnAThread>(),
    },
    Conforming {
        name: "one-by-one",
        how: "Asks with `signal`, one by one, and drops each that has exited before it asks for the next.",
        subject: plain(ONE_BY_ONE),
    },
    Conforming {
        name: "in-hundreds",
        how: "Asks for a hundred groups at a time.",
        subject: plain(IN_HUNDREDS),
    },
    Conforming {
        name: "strict",
        how: "Trusts no answer of a batch whose length is wrong: all entries get an error, and stay.",
        subject: plain(STRICT),
    },
    Conforming {
        name: "catches-panics",
        how: "Takes a panic of the signaller for an error of the entry, and goes on.",
        subject: plain(CATCHES_PANICS),
    },
];

const fn own<R: Registry + 'static>() -> Served {
    Served::Registry(Make::Own(made::<R>))
}

fn made<R: Registry + 'static>(signaller: Option<Arc<dyn Signaller>>) -> Box<dyn Registry> {
    Box::new(signaller.map_or_else(R::made_by_default, R::new))
}

const ONE_BY_ONE: Ways = Ways {
    signal_all: |_, state, signal_name| {
        let (mut results, mut place) = (Vec::new(), 0);
        while let Some(entry) = state.entries.get(place).cloned() {
            let answer = state.signaller.signal(entry.leader_pid, signal_name);
            if answer == Ok(false) {
                state.entries.remove(place);
            } else {
                place += 1;
            }
            results.push((entry, answer));
        }
        results
    },
    ..RIGHT
};

const IN_HUNDREDS: Ways = Ways {
    ask: |state, signal_name| {
        let leader_pids = state.leader_pids();
        leader_pids.chunks(100).flat_map(|some| state.signaller.signal_each(some, signal_name)).collect()
    },
    ..RIGHT
};

const STRICT: Ways = Ways {
    ask: |state, signal_name| {
        let (answers, asked) = (ask(state, signal_name), state.entries.len());
        if answers.len() == asked {
            return answers;
        }
        vec![Err(format!("{} answers came for {asked} groups", answers.len())); asked]
    },
    ..RIGHT
};

const CATCHES_PANICS: Ways = Ways {
    ask: |state, signal_name| {
        let ask = |leader_pid: u32| -> Answer {
            let call = || state.signaller.signal(leader_pid, signal_name);
            let panicked = || Err("the signaller panicked".to_owned());
            catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| panicked())
        };
        state.leader_pids().into_iter().map(ask).collect()
    },
    ..RIGHT
};
