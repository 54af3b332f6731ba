//! Groups that have exited are dropped, and nothing else is.

use super::checks::{
    EDGES, FIVE, Round, answering, disordered, holding, lingering, listed, missing, rows, thousand,
};
use crate::cases::checks::FOUR;
use crate::cases::{Case, Need};
use crate::contract::EXITED_IS_PRUNED;
use crate::harness::{Context, Result};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            EXITED_IS_PRUNED,
            "each-mixture",
            "One to six groups with every mixture of exited and delivered: first, last, in the middle, side \
             by side, none and all.",
            &[],
            |context| {
                let six = [&FIVE[..], &[(4_200_000, "sixth")]].concat();
                for count in 1..=six.len() {
                    for answers in rows(count, &[Ok(false), Ok(true)]) {
                        holding(context, &six[..count], answering(&six, &answers))?;
                        pruned(context, "SIGTERM")?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            EXITED_IS_PRUNED,
            "whatever-the-name",
            "Exited is exited, whichever signal was asked for.",
            &[],
            |context| {
                for name in FOUR.map(|(name, _)| name).into_iter().chain(["SIGUSR1", "sigterm", ""]) {
                    holding(
                        context,
                        &FIVE,
                        Script::new(1).says(FIVE[1].0, Ok(false)).says(FIVE[4].0, Ok(false)),
                    )?;
                    pruned(context, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            EXITED_IS_PRUNED,
            "equal-labels",
            "Five groups of one label, of which one has exited: only that one is dropped.",
            &[],
            |context| {
                for (exited, _) in FIVE {
                    let alike = FIVE.map(|(leader_pid, _)| (leader_pid, "make"));
                    holding(context, &alike, Script::new(1).says(exited, Ok(false)))?;
                    pruned(context, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            EXITED_IS_PRUNED,
            "cycle-after-cycle",
            "Each cycle drops another one of five: some long after their registration, some after a new \
             label, some through a new signaller, and one that came back.",
            &[],
            |context| {
                for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 1, 3, 0, 4]] {
                    holding(context, &FIVE, Script::new(1))?;
                    for place in order {
                        context.register(FIVE[place].0, "another label")?;
                        context.swap(Script::new(2).says(FIVE[place].0, Ok(false)))?;
                        pruned(context, "SIGTERM")?;
                    }
                    context.register_all(&FIVE)?;
                    pruned(context, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            EXITED_IS_PRUNED,
            "delivered-before",
            "A group that was signalled ten times, with other answers, and then has exited.",
            &[],
            |context| {
                for before in [Ok(true), Err("connection lost".to_owned())] {
                    holding(context, &FIVE, Script::new(1).otherwise(before))?;
                    for _ in 0..10 {
                        context.signal_all("SIGTERM")?;
                    }
                    context.script(Script::new(1).says(FIVE[0].0, Ok(false)).says(FIVE[3].0, Ok(false)))?;
                    pruned(context, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            EXITED_IS_PRUNED,
            "any-leader-pid",
            "Leader pids at every edge, some of them equal in their last 8, 16 or 31 bits: whichever has \
             exited, it alone is dropped.",
            &[Need::Sandbox],
            |context| {
                for exited in EDGES {
                    let entries = EDGES.map(|leader_pid| (leader_pid, "edge"));
                    holding(context, &entries, Script::new(1).says(exited, Ok(false)))?;
                    pruned(context, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            EXITED_IS_PRUNED,
            "a-thousand",
            "A thousand groups, two of three exited; then all.",
            &[],
            |context| {
                let entries = thousand();
                let answers: Vec<_> =
                    [Ok(false), Ok(true), Ok(false)].into_iter().cycle().take(1_000).collect();
                holding(context, &entries, answering(&entries, &answers))?;
                pruned(context, "SIGTERM")?;
                context.script(Script::new(1).otherwise(Ok(false)))?;
                pruned(context, "SIGTERM")
            },
        ),
    ]
}

/// Signals all, and ends the case unless exactly the entries whose answer was exited are gone, the rest in
/// order.
fn pruned(context: &mut Context, signal_name: &str) -> Result {
    let Round { before, cycle, after } = Round::run(context, signal_name)?;
    let given = cycle.given();
    let (exited, rest): (Vec<u32>, Vec<u32>) =
        listed(&before).into_iter().partition(|&pid| given.holds(pid, &Ok(false)));
    let mut problems = lingering(&after, &exited);
    problems.extend(missing(&after, &rest));
    problems.extend(disordered(&after, &rest));
    context
        .expect_none("the entries answered Ok(false) are dropped, and the rest stay in their order", problems)
}
