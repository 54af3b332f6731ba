//! Registries that give an entry a wrong label, or a wrong place with it.

use super::plain::{RIGHT, State, Ways, forget, prune, register};
use super::{Mutant, plain};
use crate::contract::REGISTER_RELABELS_IN_PLACE;
use process_groups::ProcessGroupEntry as Entry;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "relabel-moves-to-the-end",
        who: "Removes and pushes, as `delete` and `set` on a JavaScript Map do.",
        requirement: REGISTER_RELABELS_IN_PLACE,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                forget(state, leader_pid);
                register(state, leader_pid, label);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "first-label-stays",
        who: "Writes `entry().or_insert()`, or `setdefault` in Python.",
        requirement: REGISTER_RELABELS_IN_PLACE,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.position(leader_pid).is_none() {
                    register(state, leader_pid, label);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "empty-label-is-none",
        who: "Writes `label or old` in a language in which an empty text is false.",
        requirement: REGISTER_RELABELS_IN_PLACE,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if !label.is_empty() || state.position(leader_pid).is_none() {
                    register(state, leader_pid, label);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "trims-labels",
        who: "Trims whatever people read.",
        requirement: REGISTER_RELABELS_IN_PLACE,
        subject: plain(Ways {
            register: |state, leader_pid, label| register(state, leader_pid, label.trim().to_owned()),
            ..RIGHT
        }),
    },
    Mutant {
        name: "labels-end-at-nul",
        who: "Passes labels through C, where a text ends at NUL.",
        requirement: REGISTER_RELABELS_IN_PLACE,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                let label = label.split('\0').next().unwrap_or_default().to_owned();
                register(state, leader_pid, label);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "labels-cut-to-a-column",
        who: "Keeps labels in a column of 255 characters.",
        requirement: REGISTER_RELABELS_IN_PLACE,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                register(state, leader_pid, label.chars().take(255).collect())
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "label-at-a-stale-place",
        who: "Keeps for each leader pid the place where it was registered: once another was dropped, the \
              neighbour gets the label.",
        requirement: REGISTER_RELABELS_IN_PLACE,
        subject: plain(Ways {
            register: |state, leader_pid, label| match (
                state.position(leader_pid),
                state.numbers.get(&leader_pid),
            ) {
                (Some(_), Some(&place)) => {
                    if let Some(entry) = state.entries.get_mut(place) {
                        entry.label = label;
                    }
                }
                _ => {
                    state.numbers.insert(leader_pid, state.entries.len());
                    register(state, leader_pid, label);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "new-label-lost-in-a-cycle",
        who: "Signals a copy of the list made at registration, and puts the copy back afterwards.",
        requirement: REGISTER_RELABELS_IN_PLACE,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.position(leader_pid).is_none() {
                    state.other_entries.retain(|entry| entry.leader_pid != leader_pid);
                    state.other_entries.push(Entry::new(leader_pid, label.clone(), 0));
                }
                register(state, leader_pid, label);
            },
            prune: |state, results, name| {
                prune(state, results, name);
                restore_first_labels(state);
            },
            ..RIGHT
        }),
    },
];

fn restore_first_labels(state: &mut State) {
    for entry in &mut state.entries {
        let first = state.other_entries.iter().find(|first| first.leader_pid == entry.leader_pid);
        if let Some(first) = first {
            entry.label.clone_from(&first.label);
        }
    }
}
