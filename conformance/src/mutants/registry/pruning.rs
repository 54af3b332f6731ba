//! Registries that drop too little of what has exited, or something else.

use super::plain::{RIGHT, Results, State, Ways, forget, prune};
use super::{Mutant, plain};
use crate::contract::EXITED_IS_PRUNED;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "drops-nothing",
        who: "Leaves it to the caller to forget what has exited.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways { prune: |_, _, _| (), ..RIGHT }),
    },
    Mutant {
        name: "drops-the-first-only",
        who: "Writes `find` for `filter`.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                if let Some(leader_pid) = exited(results).next() {
                    forget(state, leader_pid);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-one-of-two-neighbours",
        who: "Removes while iterating over the list: whoever moves into the gap is not looked at.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                let gone: Vec<u32> = exited(results).collect();
                let mut place = 0;
                while place < state.entries.len() {
                    if gone.contains(&state.entries[place].leader_pid) {
                        state.entries.remove(place);
                    }
                    place += 1;
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-by-old-places",
        who: "Removes by places in ascending order: after the first, each is off by one.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                for (place, (_, answer)) in results.iter().enumerate() {
                    if *answer == Ok(false) && place < state.entries.len() {
                        state.entries.remove(place);
                    }
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-by-swap-remove",
        who: "Removes in constant time: the last entry jumps into the gap.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                for leader_pid in exited(results).collect::<Vec<_>>() {
                    if let Some(position) = state.position(leader_pid) {
                        state.entries.swap_remove(position);
                    }
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-by-label",
        who: "Takes the label for the key when dropping.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                let is_gone = |label: &str| {
                    results.iter().any(|(entry, answer)| entry.label == label && *answer == Ok(false))
                };
                state.entries.retain(|entry| !is_gone(&entry.label));
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-after-sigkill-only",
        who: "Thinks that only SIGKILL makes an end.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, name| {
                if name == "SIGKILL" {
                    prune(state, results, name);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-when-said-twice",
        who: "Drops a group when it is said to have exited for the second time, to be sure.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                for leader_pid in exited(results) {
                    *state.numbers.entry(leader_pid).or_default() += 1;
                    if state.numbers[&leader_pid] > 1 {
                        state.numbers.remove(&leader_pid);
                        forget(state, leader_pid);
                    }
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-by-a-short",
        who: "Keeps the ids of what has exited as short numbers.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                let gone: Vec<u16> = exited(results).map(|leader_pid| leader_pid as u16).collect();
                state.entries.retain(|entry| !gone.contains(&(entry.leader_pid as u16)));
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-when-all-have-exited",
        who: "Clears the list once nothing is left of the window.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                if exited(results).count() == results.len() {
                    state.entries.clear();
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-a-bufferful-at-most",
        who: "Collects what has exited in a buffer of fixed size.",
        requirement: EXITED_IS_PRUNED,
        subject: plain(Ways {
            prune: |state, results, _| {
                let gone: Vec<u32> = exited(results).take(256).collect();
                drop_all(state, &gone);
            },
            ..RIGHT
        }),
    },
];

fn exited(results: &Results) -> impl Iterator<Item = u32> {
    results.iter().filter(|(_, answer)| *answer == Ok(false)).map(|(entry, _)| entry.leader_pid)
}

fn drop_all(state: &mut State, gone: &[u32]) {
    state.entries.retain(|entry| !gone.contains(&entry.leader_pid));
}
