//! Registries that signal when nobody told them to.

use super::plain::{RIGHT, Ways, forget, register, set_signaller, signal_all};
use super::{Mutant, plain};
use crate::contract::{ASKS_ONCE_PER_ENTRY_IN_ORDER, EMPTY_IS_SILENT, FORGET_SENDS_NOTHING};
use process_groups::{LocalSignaller, ProcessGroupEntry as Entry, Signaller};
use std::sync::Arc;
use std::time::Duration;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "forgets-with-a-last-sigterm",
        who: "Lets an entry stop its group when it is dropped.",
        requirement: FORGET_SENDS_NOTHING,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if state.position(leader_pid).is_some() {
                    let _ = state.signaller.signal(leader_pid, "SIGTERM");
                }
                forget(state, leader_pid);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "forgets-with-a-kill-of-its-own",
        who: "Stops a forgotten group past the signaller, with kill(2).",
        requirement: FORGET_SENDS_NOTHING,
        subject: plain(Ways {
            forget: |state, leader_pid| {
                if state.position(leader_pid).is_some() {
                    let _ = LocalSignaller.signal(leader_pid, "SIGHUP");
                }
                forget(state, leader_pid);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "lists-only-the-live",
        who: "Asks with signal 0, as kill(2) allows it, and lists what answers.",
        requirement: FORGET_SENDS_NOTHING,
        subject: plain(Ways {
            entries: |state| {
                let live = |entry: &&Entry| state.signaller.signal(entry.leader_pid, "0") != Ok(false);
                state.entries.iter().filter(live).cloned().collect()
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "registers-with-a-greeting",
        who: "Tests the way to a group as soon as it is registered.",
        requirement: FORGET_SENDS_NOTHING,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                let _ = state.signaller.signal(leader_pid, "0");
                register(state, leader_pid, label);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "new-owner-new-signal",
        who: "Takes another label for another owner, and stops what the old one left.",
        requirement: FORGET_SENDS_NOTHING,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                let old = state.position(leader_pid).map(|position| &state.entries[position].label);
                if old.is_some_and(|old| *old != label) {
                    let _ = state.signaller.signal(leader_pid, "SIGTERM");
                }
                register(state, leader_pid, label);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "swaps-with-a-stop",
        who: "Stops everything through the old signaller before it goes.",
        requirement: FORGET_SENDS_NOTHING,
        subject: plain(Ways {
            set_signaller: |state, signaller| {
                let _ = state.signaller.signal_each(&state.leader_pids(), "SIGTERM");
                set_signaller(state, signaller);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "swaps-with-a-greeting",
        who: "Opens the new signaller's connection by asking it for nobody.",
        requirement: FORGET_SENDS_NOTHING,
        subject: plain(Ways {
            set_signaller: |state, signaller| {
                let _ = signaller.signal_each(&[], "SIGTERM");
                set_signaller(state, signaller);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "polls",
        who: "Starts a thread that asks from time to time who lives, so that exits are noticed.",
        requirement: FORGET_SENDS_NOTHING,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                register(state, leader_pid, label);
                later(&state.signaller, leader_pid, "0");
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "asks-for-nobody",
        who: "Sees no reason for an exception, and asks `signal_each` with no leader pids.",
        requirement: EMPTY_IS_SILENT,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                if state.entries.is_empty() {
                    state.signaller.signal_each(&[], signal_name);
                }
                signal_all(ways, state, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "an-error-for-nobody",
        who: "Thinks that a result is owed in any case: nothing is registered.",
        requirement: EMPTY_IS_SILENT,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                if state.entries.is_empty() {
                    let entry = Entry::new(0, "", 0);
                    return vec![(entry, Err("nothing is registered".to_owned()))];
                }
                signal_all(ways, state, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "panics-for-nobody",
        who: "Looks at the first entry to see whose turn it is.",
        requirement: EMPTY_IS_SILENT,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                let _first = &state.entries[0];
                signal_all(ways, state, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stops-the-last-ones-again",
        who: "Keeps the leader pids of the last cycle, and uses them when the list is empty.",
        requirement: EMPTY_IS_SILENT,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                if state.entries.is_empty() && !state.other_entries.is_empty() {
                    let leader_pids: Vec<u32> =
                        state.other_entries.iter().map(|entry| entry.leader_pid).collect();
                    state.signaller.signal_each(&leader_pids, signal_name);
                }
                state.other_entries.clone_from(&state.entries);
                signal_all(ways, state, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "tries-again-later",
        who: "Lets a worker try once more what failed, long after the caller was told.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            prune: |state, results, name| {
                for (entry, _) in results.iter().filter(|(_, answer)| answer.is_err()) {
                    later(&state.signaller, entry.leader_pid, name);
                }
                super::plain::prune(state, results, name);
            },
            ..RIGHT
        }),
    },
];

/// Asks from a thread of its own, some time after.
fn later(signaller: &Arc<dyn Signaller>, leader_pid: u32, signal_name: &str) {
    let (signaller, signal_name) = (Arc::clone(signaller), signal_name.to_owned());
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        let _ = signaller.signal(leader_pid, &signal_name);
    });
}
