//! What was delivered stays, what failed stays, and a failure stops nothing.

use super::checks::{FIVE, Round, answering, holding, listed, missing, odd_texts, rows, thousand};
use crate::cases::{Case, checks::FOUR};
use crate::contract::{DELIVERED_IS_KEPT, FAILED_IS_KEPT, ONE_FAILURE_STOPS_NOTHING};
use crate::harness::{Context, Result, Shape, short_answer};
use crate::subject::registry::script::Script;
use crate::subject::wire::SignalResult;
use crate::testbed::protocol::Disposition;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    delivered().into_iter().chain(failed()).chain(goes_on()).collect()
}

/// The four names, and two that no signaller knows.
fn names() -> impl Iterator<Item = &'static str> + Clone {
    FOUR.map(|(name, _)| name).into_iter().chain(["SIGUSR1", "sigterm"])
}

fn three_kinds() -> [SignalResult; 3] {
    [Ok(true), Ok(false), Err("connection lost".to_owned())]
}

fn delivered() -> Vec<Case> {
    vec![
        Case::new(
            DELIVERED_IS_KEPT,
            "each-mixture",
            "One to four groups with every mixture of delivered, exited and error: what was delivered to stays.",
            &[],
            |context| {
                for count in 1..=4 {
                    for answers in rows(count, &three_kinds()) {
                        holding(context, &FIVE[..count], answering(&FIVE, &answers))?;
                        delivered_kept(context, "SIGTERM")?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERED_IS_KEPT,
            "whatever-the-name",
            "Also SIGKILL, after which little lives: a member may have been out of reach, and the group is \
             dropped once it is said to have exited.",
            &[],
            |context| {
                for name in names() {
                    holding(context, &FIVE, Script::new(1))?;
                    delivered_kept(context, name)?;
                    delivered_kept(context, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERED_IS_KEPT,
            "however-often",
            "Fifty cycles with every name in turn.",
            &[],
            |context| {
                holding(context, &FIVE, Script::new(1))?;
                for name in names().cycle().take(50) {
                    delivered_kept(context, name)?;
                }
                Ok(())
            },
        ),
        Case::new(DELIVERED_IS_KEPT, "a-thousand", "A thousand groups, all delivered to.", &[], |context| {
            holding(context, &thousand(), Script::new(1))?;
            delivered_kept(context, "SIGTERM")
        }),
        Case::new(
            DELIVERED_IS_KEPT,
            "a-live-group",
            "A live group that ignores SIGTERM is signalled twice through a registry made by default: it must stay.",
            &[],
            |context| {
                let group = context.group(&Shape::family().all(Disposition::Ignores))?;
                context.default_registry()?;
                context.register(group.id, "stubborn")?;
                for _ in 0..2 {
                    let Round { cycle, after, .. } = Round::run(context, "SIGTERM")?;
                    if cycle.answer(group.id) == Some(&Ok(true)) {
                        context.expect_none(
                            "the entry, whose result is Ok(true), stays",
                            missing(&after, &[group.id]),
                        )?;
                    }
                }
                Ok(())
            },
        ),
    ]
}

/// Signals all, and ends the case unless the entries answered `Ok(true)` are listed after it.
fn delivered_kept(context: &mut Context, signal_name: &str) -> Result {
    let Round { before, cycle, after } = Round::run(context, signal_name)?;
    let given = cycle.given();
    let owed: Vec<u32> = listed(&before).into_iter().filter(|&pid| given.holds(pid, &Ok(true))).collect();
    context.expect_none("every entry answered Ok(true) is listed still", missing(&after, &owed))
}

fn failed() -> Vec<Case> {
    vec![
        Case::new(
            FAILED_IS_KEPT,
            "each-mixture",
            "One to four groups with every mixture of delivered, exited and error: what failed stays.",
            &[],
            |context| {
                for count in 1..=4 {
                    for answers in rows(count, &three_kinds()) {
                        holding(context, &FIVE[..count], answering(&FIVE, &answers))?;
                        failed_kept(context, "SIGTERM")?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            FAILED_IS_KEPT,
            "messages-unchanged",
            "Messages of every kind (empty, long, with line ends, equal ones, some that sound like exited) \
             must be in the results byte by byte, and drop nobody.",
            &[],
            |context| {
                let entries: Vec<_> = (4_200_000..).zip(odd_texts()).collect();
                let messages: Vec<SignalResult> = odd_texts().into_iter().map(Err).collect();
                holding(context, &entries, answering(&entries, &messages))?;
                failed_kept(context, "SIGTERM")?;
                for message in ["no such process", "ESRCH", "os error 3", "group has exited", "Ok(false)"] {
                    holding(context, &FIVE, Script::new(1).otherwise(Err(message.to_owned())))?;
                    failed_kept(context, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            FAILED_IS_KEPT,
            "whatever-the-name",
            "Whichever signal was asked for, known or not: an error says nothing about the group.",
            &[],
            |context| {
                for name in names() {
                    let message = format!("unknown signal name {name:?}");
                    holding(context, &FIVE, Script::new(1).otherwise(Err(message)))?;
                    failed_kept(context, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            FAILED_IS_KEPT,
            "however-often",
            "Fifty cycles in vain, after one that was delivered.",
            &[],
            |context| {
                holding(context, &FIVE, Script::new(1))?;
                context.signal_all("SIGTERM")?;
                context.script(Script::new(1).otherwise(Err("connection lost".to_owned())))?;
                for name in names().cycle().take(50) {
                    failed_kept(context, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            FAILED_IS_KEPT,
            "a-thousand",
            "A thousand groups, none of which could be asked for.",
            &[],
            |context| {
                holding(context, &thousand(), Script::new(1).otherwise(Err("connection lost".to_owned())))?;
                failed_kept(context, "SIGTERM")
            },
        ),
    ]
}

fn failed_kept(context: &mut Context, signal_name: &str) -> Result {
    let Round { before, cycle, after } = Round::run(context, signal_name)?;
    let all_given = cycle.given();
    let mut problems = Vec::new();
    let mut owed = Vec::new();
    for leader_pid in listed(&before) {
        let Some(given @ Err(_)) = all_given.of(leader_pid).first().copied() else { continue };
        owed.push(leader_pid);
        if let Some(result) = cycle.answer(leader_pid).filter(|result| *result != given) {
            let (result, given) = (short_answer(result), short_answer(given));
            problems
                .push(format!("leader pid {leader_pid} has the result {result}, but the answer was {given}"));
        }
    }
    problems.extend(missing(&after, &owed));
    context.expect_none(
        "every entry answered Err is listed still, and its result is that very message",
        problems,
    )
}

fn goes_on() -> Vec<Case> {
    vec![
        Case::new(
            ONE_FAILURE_STOPS_NOTHING,
            "each-place",
            "One of five fails, wherever it stands: each behind it must be signalled and have its own answer \
             in the results.",
            &[],
            |context| {
                for message in ["permission refused", "connection lost", "unreachable", "timed out", ""] {
                    for (failing, _) in FIVE {
                        for others in [Ok(true), Ok(false)] {
                            let script =
                                Script::new(1).says(failing, Err(message.to_owned())).otherwise(others);
                            holding(context, &FIVE, script)?;
                            went_on(context)?;
                        }
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            ONE_FAILURE_STOPS_NOTHING,
            "several",
            "Two, three or four of five fail, in every mixture.",
            &[],
            |context| {
                for answers in rows(FIVE.len(), &[Ok(true), Err("connection lost".to_owned())]) {
                    holding(context, &FIVE, answering(&FIVE, &answers))?;
                    went_on(context)?;
                }
                Ok(())
            },
        ),
        Case::new(
            ONE_FAILURE_STOPS_NOTHING,
            "next-cycle",
            "After a cycle in which all failed, the next must be as any other.",
            &[],
            |context| {
                holding(context, &FIVE, Script::new(1).otherwise(Err("connection lost".to_owned())))?;
                for _ in 0..5 {
                    went_on(context)?;
                }
                context.script(Script::new(1).says(FIVE[0].0, Err("connection lost".to_owned())))?;
                went_on(context)
            },
        ),
        Case::new(
            ONE_FAILURE_STOPS_NOTHING,
            "a-thousand",
            "The first of a thousand fails, and every tenth.",
            &[],
            |context| {
                let entries = thousand();
                let failing = entries.iter().step_by(10);
                let script = failing.fold(Script::new(1), |script, (pid, _)| {
                    script.says(*pid, Err(format!("permission refused for group {pid}")))
                });
                holding(context, &entries, script)?;
                went_on(context)
            },
        ),
    ]
}

/// Signals all, and ends the case if an entry behind one that failed was not asked for, or does not have the
/// kind of answer that it was given.
fn went_on(context: &mut Context) -> Result {
    let Round { before, cycle, .. } = Round::run(context, "SIGTERM")?;
    let given = cycle.given();
    let is_err = |pid: u32| given.of(pid).first().is_some_and(|answer| answer.is_err());
    let behind = listed(&before).into_iter().skip_while(|&pid| !is_err(pid)).skip(1);
    let mut problems = Vec::new();
    if cycle.calls.is_empty() && !before.is_empty() {
        problems.push(format!("no signaller was asked for any of {} entries", before.len()));
    }
    for leader_pid in behind {
        match (given.of(leader_pid).first(), cycle.answer(leader_pid)) {
            (None, _) => {
                problems.push(format!("the signaller was not asked for {leader_pid}, behind a failure"))
            }
            (Some(Ok(given)), Some(Err(message))) => problems.push(format!(
                "leader pid {leader_pid} has the result {}, but the answer was {}",
                short_answer(&Err(message.clone())),
                short_answer(&Ok(*given)),
            )),
            (Some(_), None) => {
                problems.push(format!("leader pid {leader_pid} has no result, behind a failure"))
            }
            _ => {}
        }
    }
    context.expect_none(
        "every group behind one that failed is signalled all the same, with its own answer",
        problems,
    )
}
