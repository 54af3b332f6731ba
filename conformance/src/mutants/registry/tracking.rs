//! Registries that lose what they are given, or hold it twice.

use super::plain::{RIGHT, State, Ways, forget, register};
use super::{Mutant, plain};
use crate::contract::{REGISTER_IS_IDEMPOTENT, REGISTER_TRACKS};
use process_groups::ProcessGroupEntry as Entry;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "looks-in-proc-first",
        who: "Registers only what /proc shows, where nothing is that lives in a container.",
        requirement: REGISTER_TRACKS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if std::path::Path::new(&format!("/proc/{leader_pid}")).exists() {
                    register(state, leader_pid, label);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "keyed-by-label",
        who: "Takes the label for the key, having only commands of different names.",
        requirement: REGISTER_TRACKS,
        subject: plain(Ways {
            register: |state, leader_pid, label| match state
                .entries
                .iter_mut()
                .find(|entry| entry.label == label)
            {
                Some(entry) => entry.leader_pid = leader_pid,
                None => register(state, leader_pid, label),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drives-out-the-oldest",
        who: "Bounds every buffer: the 513th group drives out the oldest.",
        requirement: REGISTER_TRACKS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                register(state, leader_pid, label);
                if state.entries.len() > 512 {
                    state.entries.remove(0);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "leader-pid-in-a-short",
        who: "Looks a pid up as a u16, having learned that it is at most 32,768.",
        requirement: REGISTER_TRACKS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                let same = |entry: &&mut Entry| entry.leader_pid as u16 == leader_pid as u16;
                match state.entries.iter_mut().find(same) {
                    Some(entry) => entry.label = label,
                    None => state.entries.push(Entry::new(leader_pid, label, 0)),
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "leader-pid-signed",
        who: "Keeps a pid_t: what does not fit is left out in silence.",
        requirement: REGISTER_TRACKS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if i32::try_from(leader_pid).is_ok() {
                    register(state, leader_pid, label);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "shown-with-the-next",
        who: "Queues registrations for a worker, which is one behind.",
        requirement: REGISTER_TRACKS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                for Entry { leader_pid, label, .. } in std::mem::take(&mut state.other_entries) {
                    register(state, leader_pid, label);
                }
                state.other_entries.push(Entry::new(leader_pid, label, 0));
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "never-again",
        who: "Remembers what was forgotten, so that a late registration cannot revive it.",
        requirement: REGISTER_TRACKS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if !state.numbers.contains_key(&leader_pid) {
                    register(state, leader_pid, label);
                }
            },
            forget: |state, leader_pid| {
                state.numbers.insert(leader_pid, 0);
                forget(state, leader_pid);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "index-keeps-the-pruned",
        who: "Prunes the list but not the index beside it, so that what comes back seems to be there.",
        requirement: REGISTER_TRACKS,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.numbers.insert(leader_pid, 0).is_none() || state.position(leader_pid).is_some() {
                    register(state, leader_pid, label);
                }
            },
            forget: |state, leader_pid| {
                state.numbers.remove(&leader_pid);
                forget(state, leader_pid);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "pushes",
        who: "Pushes in a hurry, without a look-up.",
        requirement: REGISTER_IS_IDEMPOTENT,
        subject: plain(Ways { register: push, ..RIGHT }),
    },
    Mutant {
        name: "entry-is-the-key",
        who: "Keeps a set of entries, whose equality counts the label in.",
        requirement: REGISTER_IS_IDEMPOTENT,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                let entry = Entry::new(leader_pid, label, 0);
                if !state.entries.contains(&entry) {
                    state.entries.push(entry);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "compares-with-the-last",
        who: "Guards against the same registration twice in a row, since that was seen, and not otherwise.",
        requirement: REGISTER_IS_IDEMPOTENT,
        subject: plain(Ways {
            register: |state, leader_pid, label| match state.entries.last_mut() {
                Some(last) if last.leader_pid == leader_pid => last.label = label,
                _ => push(state, leader_pid, label),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "binary-search-in-a-list-that-is-not-sorted",
        who: "Makes the look-up fast, on a list that happened to be sorted in the demo.",
        requirement: REGISTER_IS_IDEMPOTENT,
        subject: plain(Ways {
            register: |state, leader_pid, label| match state
                .entries
                .binary_search_by_key(&leader_pid, |entry| entry.leader_pid)
            {
                Ok(position) => state.entries[position].label = label,
                Err(_) => push(state, leader_pid, label),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "index-of-places-never-shifted",
        who: "Keeps an index of places, of which all behind a dropped entry are wrong, and pushes where \
              another stands there.",
        requirement: REGISTER_IS_IDEMPOTENT,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                let place = state.numbers.get(&leader_pid).copied();
                let entry = place.and_then(|place| state.entries.get_mut(place));
                match entry.filter(|entry| entry.leader_pid == leader_pid) {
                    Some(entry) => entry.label = label,
                    None => {
                        state.numbers.insert(leader_pid, state.entries.len());
                        push(state, leader_pid, label);
                    }
                }
            },
            ..RIGHT
        }),
    },
];

fn push(state: &mut State, leader_pid: u32, label: String) {
    state.entries.push(Entry::new(leader_pid, label, 0));
}
