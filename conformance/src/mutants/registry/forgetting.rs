//! Registries that forget the wrong entry, or too little, or too much.

use super::plain::{RIGHT, State, Ways, forget, register, set_signaller};
use super::{Mutant, plain};
use crate::contract::{FORGET_DROPS, FORGET_UNKNOWN_IS_A_NO_OP};
use process_groups::ProcessGroupEntry as Entry;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "forgotten-is-only-hidden",
        who: "Marks entries as forgotten, and filters them from the list but not from the cycle.",
        requirement: FORGET_DROPS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.numbers.remove(&leader_pid).is_some() {
                    forget(state, leader_pid);
                }
                register(state, leader_pid, label);
            },
            forget: |state, leader_pid| {
                state.numbers.insert(leader_pid, 0);
            },
            entries: |state| {
                let hidden = |entry: &&Entry| state.numbers.contains_key(&entry.leader_pid);
                state.entries.iter().filter(|entry| !hidden(entry)).cloned().collect()
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forgets-by-label",
        who: "Looks up the label and removes every entry that has it.",
        requirement: FORGET_DROPS,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if let Some(position) = state.position(leader_pid) {
                    let label = state.entries[position].label.clone();
                    state.entries.retain(|entry| entry.label != label);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forgets-by-prefix",
        who: "Compares ids as text with grep: forgetting 12 drops 123.",
        requirement: FORGET_DROPS,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if state.position(leader_pid).is_some() {
                    let text = leader_pid.to_string();
                    state.entries.retain(|entry| !entry.leader_pid.to_string().starts_with(&text));
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forgets-by-a-short",
        who: "Keeps ids short: all that end in the same 16 bits go together.",
        requirement: FORGET_DROPS,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if state.position(leader_pid).is_some() {
                    state.entries.retain(|entry| entry.leader_pid as u16 != leader_pid as u16);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "the-first-cannot-be-forgotten",
        who: "Writes `if (index)`: place 0 is false.",
        requirement: FORGET_DROPS,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if let Some(position) = state.position(leader_pid).filter(|&position| position > 0) {
                    state.entries.remove(position);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forgets-the-rest-too",
        who: "Calls `splice(index)` without a count: everything behind goes too.",
        requirement: FORGET_DROPS,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if let Some(position) = state.position(leader_pid) {
                    state.entries.truncate(position);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forgets-at-a-stale-place",
        who: "Keeps the place of each entry, and does not move the places up when one is dropped.",
        requirement: FORGET_DROPS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.position(leader_pid).is_none() {
                    state.numbers.insert(leader_pid, state.entries.len());
                }
                register(state, leader_pid, label);
            },
            forget: |state, leader_pid| {
                if let Some(&place) =
                    state.numbers.get(&leader_pid).filter(|_| state.position(leader_pid).is_some())
                {
                    let last = state.entries.len() - 1;
                    state.entries.remove(place.min(last));
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "swap-brings-back-the-forgotten",
        who: "Tells a new signaller everything that was ever registered.",
        requirement: FORGET_DROPS,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if let Some(position) = state.position(leader_pid) {
                    let entry = state.entries.remove(position);
                    state.other_entries.push(entry);
                }
            },
            set_signaller: |state, signaller| {
                let forgotten = std::mem::take(&mut state.other_entries);
                state.entries.extend(forgotten);
                set_signaller(state, signaller);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "unknown-drops-the-last",
        who: "Calls `splice(indexOf(pid), 1)`: at -1 stands the last.",
        requirement: FORGET_UNKNOWN_IS_A_NO_OP,
        subject: plain(Ways {
            forget: |state, leader_pid| match state.position(leader_pid) {
                Some(position) => drop(state.entries.remove(position)),
                None => drop(state.entries.pop()),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "unknown-panics",
        who: "Is sure that it is there.",
        requirement: FORGET_UNKNOWN_IS_A_NO_OP,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                let position = state.position(leader_pid).expect("it is registered");
                state.entries.remove(position);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "unknown-drops-the-next-greater",
        who: "Removes where a search says that it would stand.",
        requirement: FORGET_UNKNOWN_IS_A_NO_OP,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                let greater = || state.entries.iter().position(|entry| entry.leader_pid > leader_pid);
                if let Some(position) = state.position(leader_pid).or_else(greater) {
                    state.entries.remove(position);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "unknown-is-counted-down",
        who: "Keeps a counter beside the list, which goes down although nothing was removed.",
        requirement: FORGET_UNKNOWN_IS_A_NO_OP,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                state.count += usize::from(state.position(leader_pid).is_none());
                register(state, leader_pid, label);
            },
            forget: |state, leader_pid| {
                state.count = state.count.saturating_sub(1);
                forget(state, leader_pid);
            },
            ask: |state, signal_name| {
                let counted: Vec<u32> = state.leader_pids().into_iter().take(state.count).collect();
                state.signaller.signal_each(&counted, signal_name)
            },
            prune: |state, results, name| {
                super::plain::prune(state, results, name);
                state.count = state.entries.len().min(state.count);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "unknown-is-made-known",
        who: "Uses a `defaultdict`, in which looking is making.",
        requirement: FORGET_UNKNOWN_IS_A_NO_OP,
        subject: plain(Ways {
            forget: |state, leader_pid| match state.position(leader_pid) {
                Some(_) => forget(state, leader_pid),
                None => make(state, leader_pid),
            },
            ..RIGHT
        }),
    },
];

fn make(state: &mut State, leader_pid: u32) {
    state.entries.push(Entry::new(leader_pid, "", 0));
}
