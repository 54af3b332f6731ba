//! Registries that a panic of their signaller breaks.

use super::plain::{
    RIGHT, Results, State, Ways, entries, forget, forget_registration, pair, register, set_signaller,
    signal_all, stands,
};
use super::{Mutant, fencing, plain};
use crate::contract::SURVIVES_A_PANICKING_SIGNALLER;
use crate::subject::wire::SignalResult;
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
                within_a_cycle(ways, state, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "no-target-stands-after-a-panic",
        who: "Calls every target stale while a cycle is under way, and a cycle that panicked never ends.",
        requirement: SURVIVES_A_PANICKING_SIGNALLER,
        subject: fencing(Ways {
            signal_all: within_a_cycle,
            stands: |state, target| state.count == 0 && stands(state, target),
            ..RIGHT
        }),
    },
    Mutant {
        name: "no-exit-notice-after-a-panic",
        who: "Leaves exit notices that come during a cycle to its end, and a cycle that panicked has none.",
        requirement: SURVIVES_A_PANICKING_SIGNALLER,
        subject: fencing(Ways {
            signal_all: within_a_cycle,
            forget_registration: |state, leader_pid, label| {
                if state.count == 0 {
                    forget_registration(state, leader_pid, label);
                }
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
                let ask = |leader_pid: u32| -> SignalResult {
                    let call = || state.signaller.signal(leader_pid, signal_name);
                    std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).unwrap_or(Ok(false))
                };
                state.leader_pids().into_iter().map(ask).collect()
            },
            ..RIGHT
        }),
    },
];

/// Signals all, and counts meanwhile that it does.
fn within_a_cycle(ways: &Ways, state: &mut State, signal_name: &str) -> Results {
    state.count = 1;
    let results = signal_all(ways, state, signal_name);
    state.count = 0;
    results
}

fn locked<T>(state: &mut State, work: impl FnOnce(&mut State) -> T) -> T {
    let lock = Arc::clone(&state.lock);
    let _held = lock.lock().expect("the lock is not poisoned");
    work(state)
}
