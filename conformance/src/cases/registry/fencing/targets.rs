//! Targets that stand are asked for, and dropped once they have exited.

use super::super::checks::{FIVE, answering, rows, thousand};
use super::{FENCING, answered_otherwise, asked_otherwise, kept, listed_otherwise};
use crate::cases::Case;
use crate::cases::checks::FOUR;
use crate::contract::CURRENT_TARGET_IS_SIGNALLED;
use crate::harness::{Context, Result, call_text};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::Target;
use crate::subject::wire::SignalResult;

/// The cases of this requirement that need no live groups.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "each-order",
            "One to five targets in several orders, none of them that of the list: the signaller is asked \
             for these, in their order, once each, and for nobody else.",
            FENCING,
            |context| {
                for order in [&[4][..], &[3, 1], &[2, 4, 0], &[4, 3, 2, 1, 0], &[1, 0, 4, 2, 3]] {
                    let listed = kept(context, &FIVE, Script::new(1))?;
                    let targets = chosen(&listed, order);
                    let answers = vec![Ok(true); targets.len()];
                    signalled(context, &targets, &answers, &listed)?;
                }
                Ok(())
            },
        ),
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "each-mixture",
            "Three targets of five with every mixture of delivered, exited and failed: each has its answer, \
             and exactly those that have exited are dropped.",
            FENCING,
            |context| {
                let kinds = [Ok(true), Ok(false), Err("connection lost".to_owned())];
                for answers in rows(3, &kinds) {
                    let order = [4, 0, 2];
                    let pids = order.map(|place| FIVE[place]);
                    let listed = kept(context, &FIVE, answering(&pids, &answers))?;
                    let targets = chosen(&listed, &order);
                    let exited = |target: &Target| {
                        let place = targets.iter().position(|other| other == target);
                        place.is_some_and(|place| answers[place] == Ok(false))
                    };
                    let owed: Vec<_> = listed.iter().filter(|target| !exited(target)).cloned().collect();
                    signalled(context, &targets, &answers, &owed)?;
                }
                Ok(())
            },
        ),
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "from-results",
            "Targets are the entries that signal_all returned: SIGTERM to all, then SIGKILL to those that it \
             was delivered to.",
            FENCING,
            |context| {
                let answers = [Ok(true), Ok(false), Ok(true), Err("refused".to_owned()), Ok(true)];
                kept(context, &FIVE, answering(&FIVE, &answers))?;
                let cycle = context.signal_all("SIGTERM")?;
                let owed = context.targets()?;
                let results = cycle.results.into_iter().zip(cycle.incarnations);
                let targets: Vec<Target> = results
                    .filter(|((_, answer), _)| *answer == Ok(true))
                    .map(|((entry, _), incarnation)| Target { entry, incarnation })
                    .collect();
                signalled(context, &targets, &vec![Ok(true); targets.len()], &owed)
            },
        ),
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "name-as-given",
            "Each name reaches the signaller as it is, also one that no signaller takes; and SIGKILL that \
             was delivered drops nobody.",
            FENCING,
            |context| {
                for name in FOUR.map(|(name, _)| name).into_iter().chain(["SIGUSR1", "sigterm", " TERM", ""])
                {
                    let listed = kept(context, &FIVE, Script::new(1))?;
                    let cycle = context.signal_targets(name, &listed)?;
                    let others = cycle.calls.iter().filter(|call| call.signal_name != name);
                    let mut problems: Vec<_> = others.map(call_text).collect();
                    problems.extend(listed_otherwise(context, &listed)?);
                    context.expect_none("the name as it was given, and every entry is kept", problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "many",
            "Sixty targets, of which every second has exited: each is asked for, those are dropped, and the rest stay \
             in order.",
            FENCING,
            |context| {
                let many = &thousand()[..60];
                let has_exited = |place: usize| place % 2 == 1;
                let exited = many.iter().enumerate().filter(|(place, _)| has_exited(*place));
                let script =
                    exited.fold(Script::new(1), |script, (_, entry)| script.says(entry.0, Ok(false)));
                let listed = kept(context, many, script)?;
                let answers: Vec<_> = (0..many.len()).map(|place| Ok(!has_exited(place))).collect();
                let owed: Vec<_> = listed.iter().step_by(2).cloned().collect();
                signalled(context, &listed, &answers, &owed)
            },
        ),
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "same-owner-again",
            "Targets that were registered again with their label since still stand.",
            FENCING,
            |context| {
                let listed = kept(context, &FIVE, Script::new(1))?;
                context.register_all(&FIVE)?;
                signalled(context, &listed, &vec![Ok(true); listed.len()], &listed)
            },
        ),
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "through-the-newest-signaller",
            "Once the signaller was replaced the new one alone is asked, for targets from before.",
            FENCING,
            |context| {
                let listed = kept(context, &FIVE, Script::new(1))?;
                context.signal_all("SIGTERM")?;
                context.swap(Script::new(2).says(FIVE[1].0, Ok(false)))?;
                let cycle = context.signal_targets("SIGKILL", &listed)?;
                let others = cycle.calls.iter().filter(|call| call.signaller != 2);
                let mut problems: Vec<_> = others.map(call_text).collect();
                problems.extend(asked_otherwise(&cycle, &FIVE.map(|(leader_pid, _)| leader_pid)));
                let owed = chosen(&listed, &[0, 2, 3, 4]);
                problems.extend(listed_otherwise(context, &owed)?);
                context.expect_none("signaller 2 is asked, it alone, and its answers count", problems)
            },
        ),
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "batch-of-the-wrong-length",
            "The signaller answers many at once with too few answers or too many: no answer may go to \
             another target, and one without an answer is an error and stays.",
            FENCING,
            |context| {
                for answers in rows(2, &[Ok(false), Ok(true)]).into_iter().chain([vec![], vec![Ok(false); 7]])
                {
                    let listed = kept(context, &FIVE, Script::new(1).batch(answers))?;
                    let targets = chosen(&listed, &[3, 0, 4, 1]);
                    let cycle = context.signal_targets("SIGKILL", &targets)?;
                    let given = cycle.given();
                    let mut problems = Vec::new();
                    for (target, (_, answer)) in targets.iter().zip(&cycle.results) {
                        let pid = target.entry.leader_pid;
                        if answer.is_ok() && !given.holds(pid, answer) {
                            problems
                                .push(format!("leader pid {pid} has an answer that was not given for it"));
                        }
                    }
                    let results = cycle.results.len();
                    if results != targets.len() {
                        problems.push(format!("there are {results} results for {} targets", targets.len()));
                    }
                    let dropped = |target: &Target| {
                        let results = cycle.results.iter();
                        results.clone().any(|(entry, answer)| *entry == target.entry && *answer == Ok(false))
                    };
                    let owed: Vec<_> = listed.iter().filter(|target| !dropped(target)).cloned().collect();
                    problems.extend(listed_otherwise(context, &owed)?);
                    context.expect_none("each target has its own answer or an error", problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "none",
            "No targets: there are no results, and nobody is asked.",
            FENCING,
            |context| {
                let listed = kept(context, &FIVE, Script::new(1).otherwise(Ok(false)))?;
                signalled(context, &[], &[], &listed)
            },
        ),
    ]
}

/// Those of `targets` at these places, in this order.
fn chosen(targets: &[Target], places: &[usize]) -> Vec<Target> {
    places.iter().filter_map(|place| targets.get(*place)).cloned().collect()
}

/// Signals `targets`, and ends the case unless the signaller is asked for them in order, each has that
/// answer, and the list is `owed` after it.
fn signalled(context: &mut Context, targets: &[Target], answers: &[SignalResult], owed: &[Target]) -> Result {
    let cycle = context.signal_targets("SIGKILL", targets)?;
    let pids: Vec<u32> = targets.iter().map(|target| target.entry.leader_pid).collect();
    let mut problems = asked_otherwise(&cycle, &pids);
    problems.extend(answered_otherwise(&cycle, targets, answers));
    problems.extend(listed_otherwise(context, owed)?);
    context.expect_none(
        "the signaller is asked for each target, in the targets' order; each has its answer, and those that \
         have exited are dropped",
        problems,
    )
}
