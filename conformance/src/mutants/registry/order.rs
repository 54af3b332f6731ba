//! Registries that list in another order.

use super::plain::{RIGHT, State, Ways, forget, prune, register};
use super::{Mutant, plain};
use crate::contract::KEEPS_REGISTRATION_ORDER;
use process_groups::ProcessGroupEntry as Entry;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "sorted-by-leader-pid",
        who: "Uses a BTreeMap, or a plain JavaScript object, which lists such keys in ascending order.",
        requirement: KEEPS_REGISTRATION_ORDER,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                register(state, leader_pid, label);
                state.entries.sort_by_key(|entry| entry.leader_pid);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "listed-by-hash",
        who: "Lists a HashMap.",
        requirement: KEEPS_REGISTRATION_ORDER,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                register(state, leader_pid, label);
                state.entries.sort_by_key(|entry| entry.leader_pid.wrapping_mul(0x9E37_79B9));
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "sorted-by-label",
        who: "Lists for people, and sorts by what they read.",
        requirement: KEEPS_REGISTRATION_ORDER,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.position(leader_pid).is_none() {
                    let place = state.entries.partition_point(|entry| entry.label <= label);
                    state.entries.insert(place, Entry::new(leader_pid, label, 0));
                } else {
                    register(state, leader_pid, label);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "newest-first",
        who: "Shows the newest on top.",
        requirement: KEEPS_REGISTRATION_ORDER,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.position(leader_pid).is_none() {
                    state.entries.insert(0, Entry::new(leader_pid, label, 0));
                } else {
                    register(state, leader_pid, label);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forget-by-swap-remove",
        who: "Removes in constant time: the last entry jumps into the gap.",
        requirement: KEEPS_REGISTRATION_ORDER,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if let Some(position) = state.position(leader_pid) {
                    state.entries.swap_remove(position);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forgotten-keeps-its-number",
        who: "Numbers registrations and never forgets a number: what was forgotten comes back to its old \
              place.",
        requirement: KEEPS_REGISTRATION_ORDER,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                number(state, leader_pid);
                register(state, leader_pid, label);
                by_number(state);
            },
            prune: |state, results, name| {
                prune(state, results, name);
                for (entry, _) in results.iter().filter(|(_, answer)| *answer == Ok(false)) {
                    state.numbers.remove(&entry.leader_pid);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "pruned-keeps-its-number",
        who: "Clears the number of a registration in `forget`, but not when the entry is dropped as \
              exited.",
        requirement: KEEPS_REGISTRATION_ORDER,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                number(state, leader_pid);
                register(state, leader_pid, label);
                by_number(state);
            },
            forget: |state, leader_pid| {
                state.numbers.remove(&leader_pid);
                forget(state, leader_pid);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "failed-go-last",
        who: "Tries first what worked before: what failed goes to the end of the list.",
        requirement: KEEPS_REGISTRATION_ORDER,
        subject: plain(Ways {
            prune: |state, results, name| {
                prune(state, results, name);
                let failed = |leader_pid: u32| {
                    results.iter().any(|(entry, answer)| entry.leader_pid == leader_pid && answer.is_err())
                };
                state.entries.sort_by_key(|entry| failed(entry.leader_pid));
            },
            ..RIGHT
        }),
    },
];

fn number(state: &mut State, leader_pid: u32) {
    state.count += 1;
    let next = state.count;
    state.numbers.entry(leader_pid).or_insert(next);
}

fn by_number(state: &mut State) {
    state.entries.sort_by_key(|entry| state.numbers.get(&entry.leader_pid));
}
