//! Registries that are made in other ways than most, and right all the same: none may be accused.

use super::plain::{RIGHT, Ways, ask, register};
use super::shapes::{Linked, Locked, Numbered, OnAThread};
use super::stopping::{self, Asked, Steps};
use super::{Conforming, Make, Served, fencing, pinning, plain, stops};
use crate::subject::registry::Registry;
use crate::subject::wire::SignalResult;
use process_groups::{PinningSignaller, ProcessGroups, Signaller};
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
        subject: own::<Numbered>(false),
    },
    Conforming {
        name: "linked",
        how: "A linked list, rebuilt at each change.",
        subject: own::<Linked>(false),
    },
    Conforming {
        name: "behind-a-lock",
        how: "Behind a lock that is held over each call, and taken also when it is poisoned.",
        subject: own::<Locked>(false),
    },
    Conforming {
        name: "on-a-thread",
        how: "Lives on a thread of its own and answers over a channel.",
        subject: own::<OnAThread>(false),
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
    Conforming {
        name: "fences",
        how: "Fences reused pids, and asks twice for a target that it is given twice.",
        subject: fencing(RIGHT),
    },
    Conforming {
        name: "fences-as-the-project-does",
        how: "The registry of the package process-groups.",
        subject: own::<ProcessGroups>(true),
    },
    Conforming {
        name: "fences-by-the-kernel",
        how: "The same with the signaller of that package which pins what is registered.",
        subject: Served::Registry(Make::Pinning(pinning::made, || Arc::new(PinningSignaller::new()))),
    },
    Conforming {
        name: "fences-one-by-one",
        how: "Asks with `signal` for one target after the other, and looks before each whether it still stands.",
        subject: fencing(FENCES_ONE_BY_ONE),
    },
    Conforming {
        name: "fences-with-gaps",
        how: "Takes incarnations from far above, and leaves out some each time.",
        subject: fencing(FENCES_WITH_GAPS),
    },
    Conforming {
        name: "stops",
        how: "Stops its groups, and asks every millisecond who has exited.",
        subject: stops(stopping::RIGHT),
    },
    Conforming {
        name: "stops-one-by-one",
        how: "Sends both signals with `signal`, one by one, and asks for one after the other who has exited.",
        subject: Served::Registry(Make::Stopping(Ways { stop: STOPS_ONE_BY_ONE, ..ONE_BY_ONE })),
    },
    Conforming {
        name: "stops-at-leisure",
        how: "Looks every twenty milliseconds who has exited, and waits a twentieth longer than the grace period.",
        subject: stops(STOPS_AT_LEISURE),
    },
];

const fn own<R: Registry + 'static>(fences: bool) -> Served {
    Served::Registry(Make::Own(made::<R>, fences))
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
        let ask = |leader_pid: u32| -> SignalResult {
            let call = || state.signaller.signal(leader_pid, signal_name);
            let panicked = || Err("the signaller panicked".to_owned());
            catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| panicked())
        };
        state.leader_pids().into_iter().map(ask).collect()
    },
    ..RIGHT
};

const FENCES_ONE_BY_ONE: Ways = Ways {
    signal_targets: |_, state, signal_name, targets| {
        let mut results = Vec::new();
        for target in targets {
            let Some(place) = state.entries.iter().position(|entry| entry == target) else {
                results.push((target.clone(), Ok(false)));
                continue;
            };
            let answer = state.signaller.signal(target.leader_pid, signal_name);
            if answer == Ok(false) {
                state.entries.remove(place);
            }
            results.push((target.clone(), answer));
        }
        results
    },
    ..RIGHT
};

const STOPS_ONE_BY_ONE: Steps = Steps {
    find: |plain, asked| {
        stopping::find_stale(plain, asked);
        asked.iter_mut().for_each(|one| stopping::find_told(plain, std::slice::from_mut(one)));
    },
    kill: |plain, asked| {
        for one in asked.iter_mut().filter(|one| one.is_left()) {
            stopping::kill(plain, std::slice::from_mut(one));
        }
    },
    ..stopping::RIGHT
};

const STOPS_AT_LEISURE: Steps = Steps {
    find: |plain, asked| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        stopping::find(plain, asked);
    },
    grace: |_: &[Asked], grace| grace + grace / 20,
    ..stopping::RIGHT
};

const FENCES_WITH_GAPS: Ways = Ways {
    register: |state, leader_pid, label| {
        state.newest = state.newest.max(1 << 40) + 1_000;
        register(state, leader_pid, label);
    },
    ..RIGHT
};
