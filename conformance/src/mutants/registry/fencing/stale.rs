//! Registries that take an owner for the one before.

use super::super::plain::{
    RIGHT, Ways, forget, forget_registration, prune, prune_targets, register, signal_targets, stands,
};
use super::super::{Mutant, fencing};
use crate::contract::{STALE_FORGET_IS_IGNORED, STALE_TARGET_IS_SKIPPED};
use process_groups::ProcessGroupEntry as Entry;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "notices-among-many-swap",
        who: "Puts the last of more than sixteen entries in the place of one whose exit notice comes.",
        requirement: STALE_FORGET_IS_IGNORED,
        subject: fencing(Ways {
            forget_registration: |state, leader_pid, label| match state.position(leader_pid) {
                Some(place) if state.entries.len() > 16 && state.entries[place].label == label => {
                    state.entries.swap_remove(place);
                }
                _ => forget_registration(state, leader_pid, label),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stands-by-its-pid",
        who: "Compares leader pids only.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            stands: |state, target| state.position(target.leader_pid).is_some(),
            ..RIGHT
        }),
    },
    Mutant {
        name: "stands-by-pid-and-label",
        who: "Compares leader pids and labels, and takes the second run of a command for the first.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            stands: |state, target| {
                let mut held = state.entries.iter();
                held.any(|entry| (entry.leader_pid, &entry.label) == (target.leader_pid, &target.label))
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stands-while-nobody-else-has-it",
        who: "Takes a target for stale only when its leader pid has another entry.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            stands: |state, target| state.position(target.leader_pid).is_none() || stands(state, target),
            ..RIGHT
        }),
    },
    Mutant {
        name: "exited-targets-stand",
        who: "Asks once more for what was dropped as exited, to be sure.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            prune: |state, results, name| {
                let exited = results.iter().filter(|(_, answer)| *answer == Ok(false));
                state.other_entries.extend(exited.map(|(entry, _)| entry.clone()));
                prune(state, results, name);
            },
            stands: |state, target| state.other_entries.contains(target) || stands(state, target),
            ..RIGHT
        }),
    },
    Mutant {
        name: "later-incarnation-stands",
        who: "Compares incarnations with `>=`.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            stands: |state, target| {
                let is_later = |entry: &Entry| entry.incarnation >= target.incarnation;
                state.position(target.leader_pid).is_some_and(|place| is_later(&state.entries[place]))
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stale-answer-prunes",
        who: "Drops by leader pid whatever has the answer `Ok(false)`, made up or not.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            prune_targets: |state, results, _| {
                for (entry, _) in results.iter().filter(|(_, answer)| *answer == Ok(false)) {
                    forget(state, entry.leader_pid);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stale-is-an-error",
        who: "Says of a stale target that something is wrong with it.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| {
                let is_stale: Vec<bool> = targets.iter().map(|target| !stands(state, target)).collect();
                let mut results = signal_targets(ways, state, signal_name, targets);
                for ((_, answer), is_stale) in results.iter_mut().zip(is_stale) {
                    if is_stale {
                        *answer = Err("no such registration".to_owned());
                    }
                }
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stale-has-no-result",
        who: "Filters the stale targets out before anything else.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| {
                let standing: Vec<_> =
                    targets.iter().filter(|target| stands(state, target)).cloned().collect();
                signal_targets(ways, state, signal_name, &standing)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stale-shifts-the-answers",
        who: "Pairs the answers with all targets, the stale ones included.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| {
                let (standing, stale): (Vec<_>, Vec<_>) =
                    targets.iter().cloned().partition(|target| stands(state, target));
                let mut answers = signal_targets(ways, state, signal_name, &standing);
                answers.extend(stale.into_iter().map(|target| (target, Ok(false))));
                targets.iter().cloned().zip(answers.into_iter().map(|(_, answer)| answer)).collect()
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "one-stale-spoils-all",
        who: "Gives up on all targets when one is stale.",
        requirement: STALE_TARGET_IS_SKIPPED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| match targets
                .iter()
                .all(|target| stands(state, target))
            {
                true => signal_targets(ways, state, signal_name, targets),
                false => targets.iter().map(|target| (target.clone(), Ok(false))).collect(),
            },
            prune_targets,
            ..RIGHT
        }),
    },
    Mutant {
        name: "notice-leaves-the-label-aside",
        who: "Calls `forget` for every exit notice.",
        requirement: STALE_FORGET_IS_IGNORED,
        subject: fencing(Ways {
            forget_registration: |state, leader_pid, _| forget(state, leader_pid),
            ..RIGHT
        }),
    },
    Mutant {
        name: "notice-leaves-the-pid-aside",
        who: "Drops whatever bears the label.",
        requirement: STALE_FORGET_IS_IGNORED,
        subject: fencing(Ways {
            forget_registration: |state, _, label| state.entries.retain(|entry| entry.label != label),
            ..RIGHT
        }),
    },
    Mutant {
        name: "notice-by-the-beginning",
        who: "Compares only the beginning of a label, since notices are cut short.",
        requirement: STALE_FORGET_IS_IGNORED,
        subject: fencing(Ways {
            forget_registration: |state, leader_pid, label| {
                let is_its = |entry: &Entry| !label.is_empty() && entry.label.starts_with(label.trim());
                state.entries.retain(|entry| entry.leader_pid != leader_pid || !is_its(entry));
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "notice-of-the-first-owner",
        who: "Compares with the label of the first registration.",
        requirement: STALE_FORGET_IS_IGNORED,
        subject: fencing(Ways {
            register: |state, leader_pid, label| {
                if state.position(leader_pid).is_none() {
                    state.other_entries.retain(|first| first.leader_pid != leader_pid);
                    state.other_entries.push(Entry::new(leader_pid, label.clone(), 0));
                }
                register(state, leader_pid, label);
            },
            forget_registration: |state, leader_pid, label| {
                let is_first = |first: &Entry| first.leader_pid == leader_pid && first.label == label;
                if state.other_entries.iter().any(is_first) {
                    forget(state, leader_pid);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "notices-are-lost",
        who: "Has not got round to exit notices yet.",
        requirement: STALE_FORGET_IS_IGNORED,
        subject: fencing(Ways { forget_registration: |_, _, _| {}, ..RIGHT }),
    },
];
