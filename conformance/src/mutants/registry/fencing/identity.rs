//! Registries whose incarnations are not their owners' alone.

use super::super::plain::{RIGHT, State, Ways, forget, prune, register, signal_all};
use super::super::{Mutant, fencing};
use crate::contract::{
    NEW_OWNER_GETS_A_NEW_IDENTITY, REGISTRATION_HAS_AN_IDENTITY, SAME_OWNER_KEEPS_ITS_IDENTITY,
};
use process_groups::ProcessGroupEntry as Entry;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "place-for-incarnation",
        who: "Takes the number of entries, which comes again once one was forgotten.",
        requirement: REGISTRATION_HAS_AN_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| {
                state.newest = state.entries.len() as u64;
                register(state, leader_pid, label);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forgotten-number-is-given-again",
        who: "Takes the number of a forgotten entry back into a pool.",
        requirement: REGISTRATION_HAS_AN_IDENTITY,
        subject: fencing(Ways {
            forget: |state, leader_pid| {
                if let Some(position) = state.position(leader_pid) {
                    state.newest = state.entries[position].incarnation - 1;
                }
                forget(state, leader_pid);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "exited-number-is-given-again",
        who: "Takes the numbers of those that have exited back into a pool.",
        requirement: REGISTRATION_HAS_AN_IDENTITY,
        subject: fencing(Ways {
            prune: |state, results, name| {
                if let Some((entry, _)) = results.iter().find(|(_, answer)| *answer == Ok(false)) {
                    state.newest = entry.incarnation - 1;
                }
                prune(state, results, name);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "each-pid-counts-for-itself",
        who: "Counts the registrations of each leader pid from one.",
        requirement: REGISTRATION_HAS_AN_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| {
                let before = state.position(leader_pid).map(|position| state.entries[position].clone());
                register(state, leader_pid, label);
                let position = state.position(leader_pid).expect("it was just registered");
                if before.as_ref() != Some(&state.entries[position]) {
                    let count = state.numbers.entry(leader_pid).or_default();
                    *count += 1;
                    state.entries[position].incarnation = *count as u64;
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "incarnation-of-a-byte",
        who: "Counts in one byte.",
        requirement: REGISTRATION_HAS_AN_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| {
                register(state, leader_pid, label);
                state.newest %= 256;
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "each-cycle-numbers-anew",
        who: "Numbers the entries whenever all are signalled.",
        requirement: REGISTRATION_HAS_AN_IDENTITY,
        subject: fencing(Ways {
            signal_all: |ways, state, signal_name| {
                let results = signal_all(ways, state, signal_name);
                for position in 0..state.entries.len() {
                    state.entries[position].incarnation = state.next_incarnation();
                }
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "same-owner-is-new",
        who: "Replaces the entry at each registration, its incarnation with it.",
        requirement: SAME_OWNER_KEEPS_ITS_IDENTITY,
        subject: fencing(Ways { register: always_new, ..RIGHT }),
    },
    Mutant {
        name: "new-after-each-cycle",
        who: "Takes a registration that follows a signal for another owner's.",
        requirement: SAME_OWNER_KEEPS_ITS_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| match state.count {
                0 => register(state, leader_pid, label),
                _ => always_new(state, leader_pid, label),
            },
            signal_all: |ways, state, signal_name| {
                state.count += 1;
                signal_all(ways, state, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "fiftieth-time-is-new",
        who: "Refreshes an entry after every fifty registrations.",
        requirement: SAME_OWNER_KEEPS_ITS_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| {
                state.count += 1;
                match state.count % 50 {
                    0 => always_new(state, leader_pid, label),
                    _ => register(state, leader_pid, label),
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "empty-label-is-nobodys",
        who: "Takes an empty label for an unknown owner, who is another each time.",
        requirement: SAME_OWNER_KEEPS_ITS_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| match label.as_str() {
                "" => always_new(state, leader_pid, label),
                _ => register(state, leader_pid, label),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "new-owner-keeps-the-number",
        who: "Assigns the label and leaves the incarnation.",
        requirement: NEW_OWNER_GETS_A_NEW_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| match state.position(leader_pid) {
                Some(position) => state.entries[position].label = label,
                None => register(state, leader_pid, label),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "number-of-pid-and-label",
        who: "Remembers which incarnation a leader pid had under a label, and gives it again.",
        requirement: NEW_OWNER_GETS_A_NEW_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| {
                let is_relabelled = state.position(leader_pid).is_some();
                register(state, leader_pid, label);
                let position = state.position(leader_pid).expect("it was just registered");
                let now = state.entries[position].clone();
                let known = |entry: &&Entry| (entry.leader_pid, &entry.label) == (leader_pid, &now.label);
                match state.other_entries.iter().find(known) {
                    Some(earlier) if is_relabelled => state.entries[position] = earlier.clone(),
                    _ => state.other_entries.push(now),
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "owners-by-trimmed-label",
        who: "Compares labels without the space around them.",
        requirement: NEW_OWNER_GETS_A_NEW_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| match state.position(leader_pid) {
                Some(position) if state.entries[position].label.trim() == label.trim() => {
                    state.entries[position].label = label;
                }
                _ => register(state, leader_pid, label),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "new-owner-goes-last",
        who: "Drops the entry of the owner before and adds one, which then stands last.",
        requirement: NEW_OWNER_GETS_A_NEW_IDENTITY,
        subject: fencing(Ways {
            register: |state, leader_pid, label| {
                state.entries.retain(|entry| entry.leader_pid != leader_pid || entry.label == label);
                register(state, leader_pid, label);
            },
            ..RIGHT
        }),
    },
];

fn always_new(state: &mut State, leader_pid: u32, label: String) {
    register(state, leader_pid, label);
    if let Some(position) = state.position(leader_pid) {
        state.entries[position].incarnation = state.next_incarnation();
    }
}
