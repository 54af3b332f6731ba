//! Registries that ask too often, too little, in another order or for another name.

use super::plain::{RIGHT, State, Ways, ask, prune};
use super::{Mutant, plain};
use crate::contract::ASKS_ONCE_PER_ENTRY_IN_ORDER;
use crate::subject::wire::SignalResult;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "skips-the-neighbour",
        who: "Drops entries while walking over them: the neighbour of each takes its place and is passed \
              over.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            signal_all: |_, state, signal_name| {
                let (mut results, mut place) = (Vec::new(), 0);
                while place < state.entries.len() {
                    let answer = state.signaller.signal(state.entries[place].leader_pid, signal_name);
                    results.push((state.entries[place].clone(), answer.clone()));
                    if answer == Ok(false) {
                        state.entries.remove(place);
                    }
                    place += 1;
                }
                results
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "asks-again-after-an-error",
        who: "Believes in a second try: what was delivered in part is delivered twice.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| asking_again(state, signal_name, |answer| answer.is_err()),
            ..RIGHT
        }),
    },
    Mutant {
        name: "asks-again-after-an-exit",
        who: "Wants an exit confirmed before dropping anything.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| asking_again(state, signal_name, |answer| *answer == Ok(false)),
            ..RIGHT
        }),
    },
    Mutant {
        name: "asks-again-after-a-short-answer",
        who: "Takes a batch answer of the wrong length for none at all, and asks for the groups one by one.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let answers = ask(state, signal_name);
                if answers.len() == state.entries.len() {
                    return answers;
                }
                let pids = state.leader_pids();
                pids.iter().map(|&leader_pid| state.signaller.signal(leader_pid, signal_name)).collect()
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "names-in-upper-case",
        who: "Makes `sigterm` a name that the signaller knows, to be helpful.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways { ask: |state, signal_name| ask(state, &signal_name.to_uppercase()), ..RIGHT }),
    },
    Mutant {
        name: "names-trimmed",
        who: "Trims what comes from a text field.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways { ask: |state, signal_name| ask(state, signal_name.trim()), ..RIGHT }),
    },
    Mutant {
        name: "names-looked-up-first",
        who: "Saves the round trip for a name that is unknown anyway, and errs for all.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| match signal_name {
                "SIGTERM" | "SIGKILL" | "SIGINT" | "SIGHUP" => ask(state, signal_name),
                _ => vec![Err(format!("unknown signal name {signal_name:?}")); state.entries.len()],
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "last-started-first-stopped",
        who: "Tears down in reverse, as one does with resources.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let backwards: Vec<u32> = state.leader_pids().into_iter().rev().collect();
                let mut answers = state.signaller.signal_each(&backwards, signal_name);
                if answers.len() == backwards.len() {
                    answers.reverse();
                }
                answers
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "asks-for-the-first-hundreds-only",
        who: "Minds the limit of a command line, and forgets the second one.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let first: Vec<u32> = state.leader_pids().into_iter().take(256).collect();
                state.signaller.signal_each(&first, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "escalates-by-itself",
        who: "Sends SIGTERM before each SIGKILL, to be kind.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| {
                if signal_name == "SIGKILL" {
                    let _ = ask(state, "SIGTERM");
                }
                ask(state, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "leader-pid-without-its-sign",
        who: "Keeps ids as pid_t and takes the amount, since some come negated.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let as_pid = |leader_pid: u32| (leader_pid as i32).unsigned_abs();
                let leader_pids: Vec<u32> = state.leader_pids().into_iter().map(as_pid).collect();
                state.signaller.signal_each(&leader_pids, signal_name)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "skips-what-it-delivered-to",
        who: "Saves a call: SIGTERM was delivered once, why again.",
        requirement: ASKS_ONCE_PER_ENTRY_IN_ORDER,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let mut answers = Vec::new();
                for leader_pid in state.leader_pids() {
                    let known = state.answers.get(&leader_pid).filter(|_| signal_name == "SIGTERM").cloned();
                    answers.push(known.unwrap_or_else(|| state.signaller.signal(leader_pid, signal_name)));
                }
                answers
            },
            prune: |state, results, name| {
                prune(state, results, name);
                let delivered = results.iter().filter(|(_, answer)| *answer == Ok(true));
                state.answers = delivered.map(|(entry, answer)| (entry.leader_pid, answer.clone())).collect();
            },
            set_signaller: |state, signaller| {
                state.answers.clear();
                state.signaller = signaller;
            },
            ..RIGHT
        }),
    },
];

fn asking_again(
    state: &mut State,
    signal_name: &str,
    is_doubtful: fn(&SignalResult) -> bool,
) -> Vec<SignalResult> {
    let answers = ask(state, signal_name);
    let leader_pids = state.leader_pids();
    let again = |(place, answer): (usize, SignalResult)| match leader_pids.get(place) {
        Some(&leader_pid) if is_doubtful(&answer) => state.signaller.signal(leader_pid, signal_name),
        _ => answer,
    };
    answers.into_iter().enumerate().map(again).collect()
}
