//! Registries that drop what was delivered or failed, or stop at a failure.

use super::plain::{RIGHT, Results, State, Ways, pair, prune, signal_all};
use super::{Mutant, plain};
use crate::contract::{DELIVERED_IS_KEPT, FAILED_IS_KEPT, ONE_FAILURE_STOPS_NOTHING};
use crate::subject::wire::SignalResult;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "drops-the-delivered",
        who: "Takes stopping for done when the signal is sent.",
        requirement: DELIVERED_IS_KEPT,
        subject: plain(Ways {
            prune: |state, results, _| keep(state, results, |answer| answer.is_err()),
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-after-sigkill",
        who: "Knows that nothing survives SIGKILL.",
        requirement: DELIVERED_IS_KEPT,
        subject: plain(Ways {
            prune: |state, results, name| match name {
                "SIGKILL" => keep(state, results, |answer| answer.is_err()),
                _ => prune(state, results, name),
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "mixes-up-the-booleans",
        who: "Reads `Ok(true)` as: true, it has exited.",
        requirement: DELIVERED_IS_KEPT,
        subject: plain(Ways {
            prune: |state, results, _| keep(state, results, |answer| *answer != Ok(true)),
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-after-ten-deliveries",
        who: "Gives up: what took ten signals takes no eleventh.",
        requirement: DELIVERED_IS_KEPT,
        subject: plain(Ways {
            prune: |state, results, name| {
                prune(state, results, name);
                drop_after(state, results, 10, |answer| *answer == Ok(true));
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "failed-is-exited",
        who: "Writes `unwrap_or(false)`.",
        requirement: FAILED_IS_KEPT,
        subject: plain(Ways {
            prune: |state, results, _| keep(state, results, |answer| *answer == Ok(true)),
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-after-three-failures",
        who: "Counts failures and gives up.",
        requirement: FAILED_IS_KEPT,
        subject: plain(Ways {
            prune: |state, results, name| {
                prune(state, results, name);
                drop_after(state, results, 3, |answer| answer.is_err());
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "reads-no-such-process",
        who: "Knows better than the signaller what `No such process` means.",
        requirement: FAILED_IS_KEPT,
        subject: plain(Ways {
            prune: |state, results, _| {
                keep(state, results, |answer| match answer {
                    Ok(delivered) => *delivered,
                    Err(message) => !message.to_lowercase().contains("no such process"),
                });
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "messages-with-a-prefix",
        who: "Adds context to every error on its way up.",
        requirement: FAILED_IS_KEPT,
        subject: plain(Ways {
            pair: |state, answers| {
                let in_context =
                    |answer: SignalResult| answer.map_err(|message| format!("signal_all: {message}"));
                pair(state, answers.into_iter().map(in_context).collect())
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "messages-of-one-line",
        who: "Has one line a group on the screen, and keeps no more of a message.",
        requirement: FAILED_IS_KEPT,
        subject: plain(Ways {
            pair: |state, answers| {
                let first_line =
                    |message: String| message.lines().next().map(str::to_owned).unwrap_or_default();
                let answers = answers.into_iter().map(|answer| answer.map_err(first_line));
                pair(state, answers.collect())
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "an-empty-message-is-no-error",
        who: "Takes an error without words for none.",
        requirement: FAILED_IS_KEPT,
        subject: plain(Ways {
            prune: |state, results, _| {
                keep(state, results, |answer| match answer {
                    Ok(delivered) => *delivered,
                    Err(message) => !message.is_empty(),
                });
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "returns-at-the-first-failure",
        who: "Writes `?` in the loop.",
        requirement: ONE_FAILURE_STOPS_NOTHING,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let mut answers = Vec::new();
                for leader_pid in state.leader_pids() {
                    answers.push(state.signaller.signal(leader_pid, signal_name));
                    if answers.last().is_some_and(Result::is_err) {
                        break;
                    }
                }
                answers
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "one-failure-is-everybodys",
        who: "Collects into one `Result`, as `collect::<Result<Vec<_>, _>>()` does.",
        requirement: ONE_FAILURE_STOPS_NOTHING,
        subject: plain(Ways {
            pair: |state, answers| {
                let one = answers.iter().find(|answer| answer.is_err()).cloned();
                pair(
                    state,
                    match one {
                        Some(one) => vec![one; state.entries.len()],
                        None => answers,
                    },
                )
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "lost-is-lost",
        who: "Saves the rest the wait once the connection is lost.",
        requirement: ONE_FAILURE_STOPS_NOTHING,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let mut answers: Vec<SignalResult> = Vec::new();
                for leader_pid in state.leader_pids() {
                    let lost =
                        answers.last().filter(|last| **last == Err("connection lost".to_owned())).cloned();
                    answers.push(lost.unwrap_or_else(|| state.signaller.signal(leader_pid, signal_name)));
                }
                answers
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "two-failures-are-enough",
        who: "Takes one failure for bad luck and two for an outage.",
        requirement: ONE_FAILURE_STOPS_NOTHING,
        subject: plain(Ways {
            ask: |state, signal_name| {
                let mut answers: Vec<SignalResult> = Vec::new();
                for leader_pid in state.leader_pids() {
                    if answers.iter().filter(|answer| answer.is_err()).count() == 2 {
                        break;
                    }
                    answers.push(state.signaller.signal(leader_pid, signal_name));
                }
                answers
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "opens-the-circuit",
        who: "Uses a circuit breaker: after a cycle in which all failed nobody is asked any more.",
        requirement: ONE_FAILURE_STOPS_NOTHING,
        subject: plain(Ways {
            signal_all: |ways, state, signal_name| {
                if state.count > 0 {
                    let open = |entry: &process_groups::ProcessGroupEntry| {
                        (entry.clone(), Err("not tried: the last cycle failed".to_owned()))
                    };
                    return state.entries.iter().map(open).collect();
                }
                let results = signal_all(ways, state, signal_name);
                state.count =
                    usize::from(!results.is_empty() && results.iter().all(|(_, answer)| answer.is_err()));
                results
            },
            set_signaller: |state, signaller| {
                state.count = 0;
                state.signaller = signaller;
            },
            ..RIGHT
        }),
    },
];

/// Keeps the entries whose answer is such.
fn keep(state: &mut State, results: &Results, is_such: fn(&SignalResult) -> bool) {
    let mut results = results.iter();
    state.entries.retain(|_| results.next().is_none_or(|(_, answer)| is_such(answer)));
}

/// Drops the entries whose answer was such so many times.
fn drop_after(state: &mut State, results: &Results, times: usize, is_such: fn(&SignalResult) -> bool) {
    for (entry, _) in results.iter().filter(|(_, answer)| is_such(answer)) {
        *state.numbers.entry(entry.leader_pid).or_default() += 1;
    }
    state.entries.retain(|entry| state.numbers.get(&entry.leader_pid).is_none_or(|&number| number < times));
}
