//! Registries that lose entries to a swap, or go on with the old signaller; and wrong ones by default.

use super::plain::{RIGHT, Ways, ask, prune, register, set_signaller};
use super::{Mutant, plain};
use crate::contract::{DEFAULT_IS_LOCAL, SWAP_KEEPS_ENTRIES, SWAP_TAKES_EFFECT_AT_ONCE};
use process_groups::{LocalSignaller, Signaller, signaller_fn};
use std::sync::Arc;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "swap-clears",
        who: "Builds a new registry around the new signaller.",
        requirement: SWAP_KEEPS_ENTRIES,
        subject: plain(Ways {
            set_signaller: |state, signaller| {
                state.entries.clear();
                set_signaller(state, signaller);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "swap-sorts",
        who: "Copies the entries over by way of a map.",
        requirement: SWAP_KEEPS_ENTRIES,
        subject: plain(Ways {
            set_signaller: |state, signaller| {
                state.entries.sort_by_key(|entry| entry.leader_pid);
                set_signaller(state, signaller);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "swap-loses-labels",
        who: "Copies only the leader pids over.",
        requirement: SWAP_KEEPS_ENTRIES,
        subject: plain(Ways {
            set_signaller: |state, signaller| {
                state.entries.iter_mut().for_each(|entry| entry.label.clear());
                set_signaller(state, signaller);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "swap-loses-the-failed",
        who: "Takes along what the old signaller could reach, and leaves the rest behind.",
        requirement: SWAP_KEEPS_ENTRIES,
        subject: plain(Ways {
            prune: |state, results, name| {
                prune(state, results, name);
                state.answers =
                    results.iter().map(|(entry, answer)| (entry.leader_pid, answer.clone())).collect();
            },
            set_signaller: |state, signaller| {
                let answers = std::mem::take(&mut state.answers);
                let failed = |leader_pid| answers.get(&leader_pid).is_some_and(Result::is_err);
                state.entries.retain(|entry| !failed(entry.leader_pid));
                set_signaller(state, signaller);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "swap-leaves-entries-with-the-old",
        who: "Lists what belongs to the window, and signals what belongs to the signaller.",
        requirement: SWAP_KEEPS_ENTRIES,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let left = |leader_pid: &u32| state.numbers.contains_key(leader_pid);
                let none = Err("registered with another signaller".to_owned());
                let asked: Vec<u32> = state.leader_pids().into_iter().filter(|pid| !left(pid)).collect();
                if asked.len() == state.entries.len() {
                    return ask(state, signal_name);
                }
                let answers = state.signaller.signal_each(&asked, signal_name);
                let answer = |leader_pid| {
                    let place = asked.iter().position(|&pid| pid == leader_pid)?;
                    answers.get(place).cloned()
                };
                state.leader_pids().into_iter().map(|pid| answer(pid).unwrap_or(none.clone())).collect()
            },
            set_signaller: |state, signaller| {
                state.numbers = state.leader_pids().into_iter().map(|leader_pid| (leader_pid, 0)).collect();
                set_signaller(state, signaller);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "signaller-kept-with-each-entry",
        who: "Gives each entry the signaller of its registration.",
        requirement: SWAP_TAKES_EFFECT_AT_ONCE,
        subject: plain(Ways {
            register: |state, leader_pid, label| {
                if state.position(leader_pid).is_none() {
                    state.numbers.insert(leader_pid, state.other_signallers.len());
                    state.other_signallers.push(state.signaller.clone());
                }
                register(state, leader_pid, label);
            },
            ask: |state, signal_name| {
                let ask = |leader_pid: u32| {
                    state.other_signallers[state.numbers[&leader_pid]].signal(leader_pid, signal_name)
                };
                state.leader_pids().into_iter().map(ask).collect()
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "swap-counts-from-the-next-cycle-on",
        who: "Lets the worker take the new signaller when it has done a cycle with the old.",
        requirement: SWAP_TAKES_EFFECT_AT_ONCE,
        subject: plain(Ways {
            set_signaller: |state, signaller| state.other_signallers.push(signaller),
            prune: |state, results, name| {
                prune(state, results, name);
                if let Some(newest) = state.other_signallers.drain(..).next_back() {
                    state.signaller = newest;
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "only-the-first-swap-counts",
        who: "Keeps the signaller in a `OnceLock`, with one for the beginning beside it.",
        requirement: SWAP_TAKES_EFFECT_AT_ONCE,
        subject: plain(Ways {
            set_signaller: |state, signaller| {
                if state.count == 0 {
                    state.count = 1;
                    set_signaller(state, signaller);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "asks-both",
        who: "Wants to be sure during the change-over, and asks the old one after the new.",
        requirement: SWAP_TAKES_EFFECT_AT_ONCE,
        subject: plain(Ways {
            set_signaller: |state, signaller| {
                state.other_signallers = vec![std::mem::replace(&mut state.signaller, signaller)];
            },
            ask: |state, signal_name| {
                let answers = ask(state, signal_name);
                for old in &state.other_signallers {
                    let _ = old.signal_each(&state.leader_pids(), signal_name);
                }
                answers
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "falls-back-to-the-old",
        who: "Takes the old signaller for what the new one cannot do.",
        requirement: SWAP_TAKES_EFFECT_AT_ONCE,
        subject: plain(Ways {
            set_signaller: |state, signaller| {
                state.other_signallers = vec![std::mem::replace(&mut state.signaller, signaller)];
            },
            ask: |state, signal_name| {
                let answers = ask(state, signal_name).into_iter().zip(state.leader_pids());
                let fallback = |(answer, leader_pid): (Result<bool, String>, u32)| {
                    let old = state.other_signallers.first().filter(|_| answer.is_err());
                    old.map_or(answer, |old| old.signal(leader_pid, signal_name))
                };
                answers.map(fallback).collect()
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "errors-are-remembered",
        who: "Keeps the error of an entry and shows it until something better is known, also after a swap.",
        requirement: SWAP_TAKES_EFFECT_AT_ONCE,
        subject: plain(Ways {
            prune: |state, results, name| {
                prune(state, results, name);
                let failed = results.iter().filter(|(_, answer)| answer.is_err());
                state.answers = failed.map(|(entry, answer)| (entry.leader_pid, answer.clone())).collect();
            },
            ask: |state, signal_name| {
                let answers = ask(state, signal_name).into_iter().zip(state.leader_pids());
                let best = |(answer, leader_pid): (Result<bool, String>, u32)| match &answer {
                    Err(_) => state.answers.get(&leader_pid).cloned().unwrap_or(answer),
                    Ok(_) => answer,
                };
                answers.map(best).collect()
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "default-says-delivered",
        who: "Makes the stand-in for tests the default.",
        requirement: DEFAULT_IS_LOCAL,
        subject: plain(Ways { default: || Arc::new(signaller_fn(|_, _| Ok(true))), ..RIGHT }),
    },
    Mutant {
        name: "default-reaches-nobody",
        who: "Makes the signaller optional, and has none by default.",
        requirement: DEFAULT_IS_LOCAL,
        subject: plain(Ways {
            default: || Arc::new(signaller_fn(|_, _| Err("no signaller is set".to_owned()))),
            ..RIGHT
        }),
    },
    Mutant {
        name: "default-signals-the-leader-alone",
        who: "Writes a signaller for the default in one line: kill of the pid, not of the group.",
        requirement: DEFAULT_IS_LOCAL,
        subject: plain(Ways { default: || Arc::new(signaller_fn(signal_leader)), ..RIGHT }),
    },
    Mutant {
        name: "default-knows-sigterm-only",
        who: "Lets the default stop softly, whatever is asked for.",
        requirement: DEFAULT_IS_LOCAL,
        subject: plain(Ways {
            default: || Arc::new(signaller_fn(|leader_pid, _| LocalSignaller.signal(leader_pid, "SIGTERM"))),
            ..RIGHT
        }),
    },
];

fn signal_leader(leader_pid: u32, signal_name: &str) -> Result<bool, String> {
    use nix::errno::Errno;
    use nix::sys::signal::{Signal, kill};
    let signal: Signal = signal_name.parse().map_err(|_| format!("unknown signal name {signal_name:?}"))?;
    match kill(nix::unistd::Pid::from_raw(leader_pid as i32), signal) {
        Ok(()) => Ok(true),
        Err(Errno::ESRCH) => Ok(false),
        Err(cause) => Err(cause.to_string()),
    }
}
