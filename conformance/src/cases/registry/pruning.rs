//! Groups that have exited are dropped, and nothing else is.

use super::checks::{
    EDGES, FIVE, Round, answering, disordered, holding, lingering, listed, missing, rows, thousand,
};
use crate::cases::checks::FOUR;
use crate::cases::{Case, Need};
use crate::harness::{Bed, Step};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "exited-is-pruned/each-mixture",
            "One to six groups with every mixture of exited and delivered: first, last, in the middle, side by \
             side, none and all.",
            &[],
            |bed| {
                let six = [&FIVE[..], &[(4_200_000, "sixth")]].concat();
                for count in 1..=six.len() {
                    for answers in rows(count, &[Ok(false), Ok(true)]) {
                        holding(bed, &six[..count], answering(&six, &answers))?;
                        pruned(bed, "SIGTERM")?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            "exited-is-pruned/whatever-the-name",
            "Exited is exited, whichever signal was asked for.",
            &[],
            |bed| {
                for name in FOUR.map(|(name, _)| name).into_iter().chain(["SIGUSR1", "sigterm", ""]) {
                    holding(
                        bed,
                        &FIVE,
                        Script::new(1).says(FIVE[1].0, Ok(false)).says(FIVE[4].0, Ok(false)),
                    )?;
                    pruned(bed, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "exited-is-pruned/equal-labels",
            "Five groups of one label, of which one has exited: only that one is dropped.",
            &[],
            |bed| {
                for (exited, _) in FIVE {
                    let alike = FIVE.map(|(leader_pid, _)| (leader_pid, "make"));
                    holding(bed, &alike, Script::new(1).says(exited, Ok(false)))?;
                    pruned(bed, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            "exited-is-pruned/cycle-after-cycle",
            "Each cycle drops another one of five: some long after their registration, some after a new label, \
             some through a new signaller, and one that came back.",
            &[],
            |bed| {
                for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 1, 3, 0, 4]] {
                    holding(bed, &FIVE, Script::new(1))?;
                    for place in order {
                        bed.register(FIVE[place].0, "another label")?;
                        bed.swap(Script::new(2).says(FIVE[place].0, Ok(false)))?;
                        pruned(bed, "SIGTERM")?;
                    }
                    bed.register_all(&FIVE)?;
                    pruned(bed, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            "exited-is-pruned/delivered-before",
            "A group that was signalled ten times, with other answers, and then has exited.",
            &[],
            |bed| {
                for before in [Ok(true), Err("connection lost".to_owned())] {
                    holding(bed, &FIVE, Script::new(1).otherwise(before))?;
                    for _ in 0..10 {
                        bed.signal_all("SIGTERM")?;
                    }
                    bed.script(Script::new(1).says(FIVE[0].0, Ok(false)).says(FIVE[3].0, Ok(false)))?;
                    pruned(bed, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            "exited-is-pruned/any-leader-pid",
            "Leader pids at every edge, some of them equal in their last 8, 16 or 31 bits: whichever has exited, it \
             alone is dropped.",
            &[Need::Sandbox],
            |bed| {
                for exited in EDGES {
                    let entries = EDGES.map(|leader_pid| (leader_pid, "edge"));
                    holding(bed, &entries, Script::new(1).says(exited, Ok(false)))?;
                    pruned(bed, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            "exited-is-pruned/a-thousand",
            "A thousand groups, two of three exited; then all.",
            &[],
            |bed| {
                let entries = thousand();
                let answers: Vec<_> =
                    [Ok(false), Ok(true), Ok(false)].into_iter().cycle().take(1_000).collect();
                holding(bed, &entries, answering(&entries, &answers))?;
                pruned(bed, "SIGTERM")?;
                bed.script(Script::new(1).otherwise(Ok(false)))?;
                pruned(bed, "SIGTERM")
            },
        ),
    ]
}

/// Signals all, and ends the case unless exactly the entries whose answer was exited are gone, the rest in order.
fn pruned(bed: &mut Bed, signal_name: &str) -> Step {
    let Round { before, cycle, after } = Round::run(bed, signal_name)?;
    let given = cycle.given();
    let (exited, rest): (Vec<u32>, Vec<u32>) =
        listed(&before).into_iter().partition(|&pid| given.holds(pid, &Ok(false)));
    let mut problems = lingering(&after, &exited);
    problems.extend(missing(&after, &rest));
    problems.extend(disordered(&after, &rest));
    bed.expect_none("the entries answered Ok(false) are dropped, and the rest stay in their order", problems)
}
