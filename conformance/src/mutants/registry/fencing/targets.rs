//! Registries that do not signal their targets as they should.

use super::super::plain::{RIGHT, Ways, prune_targets, set_signaller, signal_targets};
use super::super::{Mutant, fencing};
use crate::contract::CURRENT_TARGET_IS_SIGNALLED;
use std::sync::Arc;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "sixteen-targets",
        who: "Has room for sixteen targets, and takes the others for stale.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| {
                let (asked, rest) = targets.split_at(targets.len().min(16));
                let mut results = signal_targets(ways, state, signal_name, asked);
                results.extend(rest.iter().map(|target| (target.clone(), Ok(false))));
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "many-exited-are-swapped-out",
        who: "Puts the last entry in the place of each target that has exited, when there are more than eight of them.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            prune_targets: |state, results, standing| {
                let exited =
                    results.iter().filter(|(entry, answer)| standing.contains(entry) && *answer == Ok(false));
                let exited: Vec<_> = exited.map(|(entry, _)| entry.leader_pid).collect();
                if exited.len() <= 8 {
                    return prune_targets(state, results, standing);
                }
                for leader_pid in exited {
                    if let Some(place) = state.position(leader_pid) {
                        state.entries.swap_remove(place);
                    }
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "targets-in-the-lists-order",
        who: "Goes through the list and looks whether an entry is among the targets.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| {
                let mut sorted = targets.to_vec();
                sorted.sort_by_key(|target| state.position(target.leader_pid));
                let results = signal_targets(ways, state, signal_name, &sorted);
                let of = |target| results.iter().find(|(entry, _)| entry == target).cloned();
                targets.iter().filter_map(of).collect()
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "exited-targets-stay",
        who: "Leaves pruning to the next cycle.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways { prune_targets: |_, _, _| {}, ..RIGHT }),
    },
    Mutant {
        name: "killed-targets-are-dropped",
        who: "Drops every target that the signal was delivered to, since nothing survives SIGKILL.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            prune_targets: |state, results, standing| {
                let delivered = results.iter().filter(|(_, answer)| *answer == Ok(true));
                let gone = delivered.map(|(entry, _)| entry.clone()).collect::<Vec<_>>();
                state.entries.retain(|entry| !gone.contains(entry));
                prune_targets(state, results, standing);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "targets-through-the-first-signaller",
        who: "Keeps the first signaller for whatever comes late.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            set_signaller: |state, signaller| {
                state.other_signallers.push(Arc::clone(&state.signaller));
                set_signaller(state, signaller);
            },
            signal_targets: |ways, state, signal_name, targets| {
                let now = Arc::clone(&state.signaller);
                if let Some(first) = state.other_signallers.first() {
                    state.signaller = Arc::clone(first);
                }
                let results = signal_targets(ways, state, signal_name, targets);
                state.signaller = now;
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "targets-are-killed-whatever-the-name",
        who: "Takes targets for what is left to be killed, and the name for a remark.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            signal_targets: |ways, state, _, targets| signal_targets(ways, state, "SIGKILL", targets),
            ..RIGHT
        }),
    },
    Mutant {
        name: "no-targets-are-all",
        who: "Takes an empty list of targets for all that is held.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| match targets {
                [] => {
                    let all = state.entries.clone();
                    signal_targets(ways, state, signal_name, &all)
                }
                targets => signal_targets(ways, state, signal_name, targets),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "relabelling-counts-for-targets",
        who: "Takes a target for stale once its leader pid was registered again, by whomever.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            register: |state, leader_pid, label| {
                *state.numbers.entry(leader_pid).or_default() += 1;
                super::super::plain::register(state, leader_pid, label);
            },
            stands: |state, target| {
                let is_first = state.numbers.get(&target.leader_pid).is_none_or(|times| *times < 2);
                is_first && state.entries.contains(target)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "delivered-targets-are-left-out",
        who: "Takes those that a first signal was delivered to for done.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            prune: |state, results, name| {
                for (entry, answer) in results {
                    state.answers.insert(entry.leader_pid, answer.clone());
                }
                super::super::plain::prune(state, results, name);
            },
            stands: |state, target| {
                state.answers.get(&target.leader_pid) != Some(&Ok(true)) && state.entries.contains(target)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "missing-target-answers-are-exits",
        who: "Takes a target without an answer for one that has exited.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| {
                let mut results = signal_targets(ways, state, signal_name, targets);
                for (entry, answer) in &mut results {
                    if answer.as_ref().is_err_and(|message| message.contains("no answer")) {
                        *answer = Ok(false);
                        state.entries.retain(|held| held != entry);
                    }
                }
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "targets-leader-alone",
        who: "Sends what is late to the leader's pid itself, to be quick.",
        requirement: CURRENT_TARGET_IS_SIGNALLED,
        subject: fencing(Ways {
            signal_targets: |ways, state, signal_name, targets| {
                let is_live = |pid: u32| crate::mutants::parts::is_there(-(pid as i32));
                if targets
                    .iter()
                    .any(|target| !(2..4_200_000).contains(&target.leader_pid) || !is_live(target.leader_pid))
                {
                    return signal_targets(ways, state, signal_name, targets);
                }
                let send = |target: &process_groups::ProcessGroupEntry| {
                    let signal = crate::mutants::parts::signal_of(signal_name)?;
                    crate::mutants::parts::answer(crate::mutants::parts::send(
                        target.leader_pid as i32,
                        signal,
                    ))
                };
                targets.iter().map(|target| (target.clone(), send(target))).collect()
            },
            ..RIGHT
        }),
    },
];
