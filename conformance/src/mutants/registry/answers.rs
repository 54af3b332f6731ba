//! Registries that give answers to the wrong entries, or results of the wrong ones.

use super::plain::{RIGHT, Ways, pair, register, signal_all};
use super::{Mutant, plain};
use crate::contract::{ANSWERS_STAY_WITH_THEIR_ENTRY, REPORTS_EVERY_ENTRY};
use process_groups::ProcessGroupEntry as Entry;
use std::collections::HashMap;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "zips",
        who: "Zips entries with answers: the rest of the longer side is dropped in silence.",
        requirement: ANSWERS_STAY_WITH_THEIR_ENTRY,
        subject: plain(Ways {
            pair: |state, answers| state.entries.iter().cloned().zip(answers).collect(),
            ..RIGHT
        }),
    },
    Mutant {
        name: "no-answer-is-exited",
        who: "Fills up the missing answers with what is false by default.",
        requirement: ANSWERS_STAY_WITH_THEIR_ENTRY,
        subject: plain(Ways {
            pair: |state, mut answers| {
                answers.resize(state.entries.len(), Ok(false));
                pair(state, answers)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "no-answer-is-the-last-one",
        who: "Lets the last answer stand for all that follow.",
        requirement: ANSWERS_STAY_WITH_THEIR_ENTRY,
        subject: plain(Ways {
            pair: |state, mut answers| {
                if let Some(last) = answers.last().cloned() {
                    answers.resize(state.entries.len(), last);
                }
                pair(state, answers)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "takes-the-last-answers",
        who: "Takes the end of what came, since a banner may come first.",
        requirement: ANSWERS_STAY_WITH_THEIR_ENTRY,
        subject: plain(Ways {
            pair: |state, mut answers| {
                let surplus = answers.len().saturating_sub(state.entries.len());
                pair(state, answers.split_off(surplus))
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "asserts-the-length",
        who: "Asserts the length, and rather panics than guesses.",
        requirement: ANSWERS_STAY_WITH_THEIR_ENTRY,
        subject: plain(Ways {
            pair: |state, answers| {
                assert_eq!(answers.len(), state.entries.len(), "one answer for each group");
                pair(state, answers)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "errors-come-last",
        who: "Sorts answers into good and bad before matching them by position.",
        requirement: ANSWERS_STAY_WITH_THEIR_ENTRY,
        subject: plain(Ways {
            pair: |state, mut answers| {
                answers.sort_by_key(Result::is_err);
                pair(state, answers)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "one-status-for-all",
        who: "Sends one command for all groups, and has one exit status.",
        requirement: ANSWERS_STAY_WITH_THEIR_ENTRY,
        subject: plain(Ways {
            pair: |state, mut answers| {
                if answers.contains(&Ok(true)) {
                    answers.fill(Ok(true));
                }
                pair(state, answers)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "answers-by-label",
        who: "Keeps answers by label: of groups with one label the last answer counts.",
        requirement: ANSWERS_STAY_WITH_THEIR_ENTRY,
        subject: plain(Ways {
            pair: |state, answers| {
                let mut results = pair(state, answers);
                let by_label: HashMap<_, _> =
                    results.iter().map(|(entry, answer)| (entry.label.clone(), answer.clone())).collect();
                results.iter_mut().for_each(|(entry, answer)| answer.clone_from(&by_label[&entry.label]));
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "reports-failures-only",
        who: "Reports what needs attention, which is failures.",
        requirement: REPORTS_EVERY_ENTRY,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                let mut results = signal_all(ways, state, signal_name);
                results.retain(|(_, answer)| answer.is_err());
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "reports-what-is-left",
        who: "Makes the results from the list, after it was pruned.",
        requirement: REPORTS_EVERY_ENTRY,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                let mut results = signal_all(ways, state, signal_name);
                results.retain(|(entry, _)| state.position(entry.leader_pid).is_some());
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "reports-without-labels",
        who: "Has only the leader pid of what was dropped, and reports it without its label.",
        requirement: REPORTS_EVERY_ENTRY,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                let mut results = signal_all(ways, state, signal_name);
                let pruned = |leader_pid| state.position(leader_pid).is_none();
                for (entry, _) in results.iter_mut().filter(|(entry, _)| pruned(entry.leader_pid)) {
                    entry.label.clear();
                }
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "reports-the-first-label",
        who: "Keeps the label in two places, of which a new one reaches only the first.",
        requirement: REPORTS_EVERY_ENTRY,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.position(leader_pid).is_none() {
                    state.other_entries.retain(|entry| entry.leader_pid != leader_pid);
                    state.other_entries.push(Entry::new(leader_pid, label.clone(), 0));
                }
                register(state, leader_pid, label);
            },
            signal_all: |ways, state, signal_name| {
                let mut results = signal_all(ways, state, signal_name);
                for (entry, _) in &mut results {
                    let first = state.other_entries.iter().find(|first| first.leader_pid == entry.leader_pid);
                    entry.label = first.map(|first| first.label.clone()).unwrap_or_default();
                }
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "reports-by-label",
        who: "Returns a map by label: groups of one label fall together.",
        requirement: REPORTS_EVERY_ENTRY,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                let mut seen = std::collections::HashSet::new();
                let mut results = signal_all(ways, state, signal_name);
                results.retain(|(entry, _)| seen.insert(entry.label.clone()));
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "reports-failures-first",
        who: "Shows first what needs attention.",
        requirement: REPORTS_EVERY_ENTRY,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                let mut results = signal_all(ways, state, signal_name);
                results.sort_by_key(|(_, answer)| answer.is_ok());
                results
            },
            ..RIGHT
        }),
    },
];
