//! Registries that a panic of their signaller breaks.

use super::plain::{RIGHT, State, Ways, entries, forget, pair, register, set_signaller, signal_all};
use super::{Mutant, plain};
use crate::contract::SURVIVES_A_PANICKING_SIGNALLER;
use crate::subject::wire::Answer;
use std::sync::Arc;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "takes-the-list-out",
        who: "Takes the entries out with `mem::take`, to please the borrow checker.",
        requirement: SURVIVES_A_PANICKING_SIGNALLER,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let leader_pids = state.leader_pids();
                let entries = std::mem::take(&mut state.entries);
                let answers = state.signaller.signal_each(&leader_pids, signal_name);
                state.entries = entries;
                answers
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drains-and-puts-back",
        who: "Takes one entry at a time and puts back what stays.",
        requirement: SURVIVES_A_PANICKING_SIGNALLER,
        subject: plain(Ways {
            signal_all: |_, state, signal_name| {
                let mut results = Vec::new();
                for _ in 0..state.entries.len() {
                    let entry = state.entries.remove(0);
                    let answer = state.signaller.signal(entry.leader_pid, signal_name);
                    if answer != Ok(false) {
                        state.entries.push(entry.clone());
                    }
                    results.push((entry, answer));
                }
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "lock-held-over-the-call",
        who: "Puts a mutex around everything, which a panic under it poisons for ever.",
        requirement: SURVIVES_A_PANICKING_SIGNALLER,
        subject: plain(Ways {
            register: |state, leader_pid, label| locked(state, |state| register(state, leader_pid, label)),
            forget: |state, leader_pid| locked(state, |state| forget(state, leader_pid)),
            set_signaller: |state, signaller| locked(state, |state| set_signaller(state, signaller)),
            entries: |state| {
                let _held = state.lock.lock().expect("the lock is not poisoned");
                entries(state)
            },
            signal_all: |ways, state, signal_name| {
                locked(state, |state| signal_all(ways, state, signal_name))
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "lock-held-over-the-call-by-signal-all-alone",
        who: "Locks against two cycles at once: after a panic there is none any more.",
        requirement: SURVIVES_A_PANICKING_SIGNALLER,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                locked(state, |state| signal_all(ways, state, signal_name))
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "busy-for-ever",
        who: "Sets a flag against a cycle within a cycle, which a panic leaves set.",
        requirement: SURVIVES_A_PANICKING_SIGNALLER,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                if state.count > 0 {
                    return pair(state, vec![Err("busy".to_owned()); state.entries.len()]);
                }
                state.count = 1;
                let results = signal_all(ways, state, signal_name);
                state.count = 0;
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "a-panic-is-an-exit",
        who: "Catches panics and makes the best of them: whoever made the signaller panic is gone.",
        requirement: SURVIVES_A_PANICKING_SIGNALLER,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let ask = |leader_pid: u32| -> Answer {
                    let call = || state.signaller.signal(leader_pid, signal_name);
                    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).unwrap_or(Ok(false))
                };
                state.leader_pids().into_iter().map(ask).collect()
            },
            ..RIGHT
        }),
    },
];

fn locked<T>(state: &mut State, work: impl FnOnce(&mut State) -> T) -> T {
    let lock = Arc::clone(&state.lock);
    let _held = lock.lock().expect("the lock is not poisoned");
    work(state)
}
