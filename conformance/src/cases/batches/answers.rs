//! What is answered for each group of a batch.

use super::{MANY, batch, batch_size, beside_everybody, expect_none, ids, of_every_make, problem};
use crate::cases::checks::{WATCHABLE, expect_nothing_late, touched};
use crate::cases::names::unknown;
use crate::cases::refused::{REFUSED, refused_group, start_refused};
use crate::cases::{Case, Need};
use crate::contract::{
    NAME_COMES_FIRST, NEVER_EXISTED_IS_EXITED, REFUSED_IS_AN_ERROR, REJECTS_LEADER_ONE,
    REJECTS_LEADER_OUT_OF_RANGE, REJECTS_LEADER_ZERO, REJECTS_UNKNOWN_NAMES, REPORTS_DELIVERED,
    REPORTS_EXITED, Requirement,
};
use crate::harness::{Context, Problems, Result, Shape, answer_text};
use crate::subject::wire::Question;

const LIVE: &str = "the group has a live member, whatever else is in the batch";
const EXITED: &str = "no process is in the group any more, whatever else is in the batch";
const NOBODY: &str = "no group has that id, whatever else is in the batch";
const NO_LEADER: &str = "no group can have that leader pid, whatever else is in the batch";

/// Unknown names, of which the first could be taken for one of the four.
const UNKNOWN: [&str; 4] = ["SIGTERN", "SIGFOO", "", "SIGTERM SIGTERM"];

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = answers();
    cases.extend(refusals());
    cases
}

fn answers() -> Vec<Case> {
    vec![
        batch(
            REPORTS_DELIVERED,
            "live groups beside exited ones in every order, and up to 131 live ones.",
            &[],
            |context| {
                let gone = context.exited_group(&Shape::alone())?.id;
                expect_live_delivered(context, gone)?;
                let many: Vec<_> = (0..batch_size(context, MANY)?)
                    .map(|_| Ok(context.group(&Shape::alone())?.id))
                    .collect::<Result<_>>()?;
                ask_each_expecting(context, (&many, "SIGTERM"), &many, (Some(true), LIVE))
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "beside-refused-in-one-batch",
            "By one call of `signal_each`: live groups beside one that may not be signalled, in every order.",
            &[Need::Batches, Need::Refusal],
            |context| {
                let refused = refused_group(context, &Shape::family())?;
                start_refused(context, std::slice::from_ref(&refused))?;
                expect_live_delivered(context, refused.id)
            },
        ),
        batch(REPORTS_EXITED, "groups that have exited, among live ones in every order.", &[], |context| {
            let live = [context.group(&Shape::family())?.id, context.group(&Shape::alone())?.id];
            let gone =
                [context.exited_group(&Shape::family())?.id, context.exited_group(&Shape::alone())?.id];
            // Every pair of places that those that have exited can have among four.
            for places in (0_u32..16).filter(|places| places.count_ones() == 2) {
                let (mut live, mut exited) = (live.into_iter(), gone.into_iter());
                let next = |place: u32| if places & (1 << place) != 0 { exited.next() } else { live.next() };
                let batch: Vec<_> = (0..4).filter_map(next).collect();
                ask_each_expecting(context, (&batch, "SIGHUP"), &gone, (Some(false), EXITED))?;
            }
            Ok(())
        }),
        batch(
            NEVER_EXISTED_IS_EXITED,
            "up to a thousand leader pids that no group has, as large as can be: more than many a buffer holds.",
            &[],
            |context| {
                let count = batch_size(context, 1000)?;
                let nobodys: Vec<_> = (0..count).map(|index| i32::MAX as u32 - index).collect();
                ask_each_expecting(context, (&nobodys, "SIGTERM"), &nobodys, (Some(false), NOBODY))
            },
        ),
        batch(
            REFUSED_IS_AN_ERROR,
            "groups that may not be signalled, one of them without its leader, beside live and exited ones in every order.",
            &[Need::Refusal],
            |context| {
                let mut survivors = refused_group(context, &Shape::family())?;
                let refused = [
                    refused_group(context, &Shape::alone())?,
                    refused_group(context, &Shape::family())?,
                    survivors.clone(),
                ];
                context.end_leader(&mut survivors)?;
                start_refused(context, &refused)?;
                let refused = ids(&refused);
                let live = context.group(&Shape::family())?.id;
                for (turn, (name, _)) in WATCHABLE.into_iter().cycle().take(5).enumerate() {
                    let mut batch = [refused[0], live, context.free_id()?, refused[1], refused[2]];
                    batch.rotate_left(turn);
                    ask_each_expecting(context, (&batch, name), &refused, (None, REFUSED))?;
                }
                Ok(())
            },
        ),
    ]
}

/// Asks for live groups beside `other` and one that never existed, in every order.
fn expect_live_delivered(context: &mut Context, other: u32) -> Result {
    let live = [context.group(&Shape::family())?.id, context.group(&Shape::alone())?.id];
    for turn in 0..4 {
        let mut batch = [live[0], other, live[1], context.free_id()?];
        batch.rotate_left(turn);
        let name = WATCHABLE[turn % WATCHABLE.len()].0;
        ask_each_expecting(context, (&batch, name), &live, (Some(true), LIVE))?;
    }
    Ok(())
}

/// What must be refused, with nothing sent for it.
fn refusals() -> Vec<Case> {
    let mut cases = vec![
        batch(
            REJECTS_UNKNOWN_NAMES,
            "unknown names, for live groups: each answer is an Err, and nobody receives anything.",
            &[],
            |context| {
                let groups = of_every_make(context)?;
                context.start()?;
                let before = context.snapshot()?;
                for name in unknown(context, UNKNOWN) {
                    let batch = ids(&groups);
                    ask_each_expecting(context, (&batch, &name), &batch, (None, "the name is unknown"))?;
                }
                expect_nothing_late(context, &before, "the name is unknown")
            },
        ),
        batch(
            NAME_COMES_FIRST,
            "unknown names, for groups that have exited or never existed: each answer is an Err.",
            &[],
            |context| {
                let batch = [context.exited_group(&Shape::alone())?.id, context.free_id()?];
                for name in unknown(context, UNKNOWN) {
                    let why = "the name is unknown, whatever has become of the groups";
                    ask_each_expecting(context, (&batch, &name), &batch, (None, why))?;
                }
                Ok(())
            },
        ),
    ];
    let wrong: [(&'static Requirement, &'static [u32]); 3] = [
        (REJECTS_LEADER_ZERO, &[0]),
        (REJECTS_LEADER_ONE, &[1]),
        (REJECTS_LEADER_OUT_OF_RANGE, &[1 << 31, (1 << 31) + 1, u32::MAX - 1, u32::MAX]),
    ];
    cases.extend(wrong.map(|(requirement, wrong)| {
        batch(
            requirement,
            "such a leader pid first, last and between two live groups, beside groups and processes of every kind.",
            &[Need::Sandbox],
            move |context| {
                let targets = [context.group(&Shape::family())?, context.group(&Shape::alone())?];
                let before = beside_everybody(context)?;
                for &wrong in wrong {
                    for turn in 0..3 {
                        let mut batch = [wrong, targets[0].id, targets[1].id];
                        batch.rotate_left(turn);
                        let name = WATCHABLE[turn % WATCHABLE.len()].0;
                        ask_each_expecting(context, (&batch, name), &[wrong], (None, NO_LEADER))?;
                    }
                }
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &targets.each_ref());
                expect_none(context, "nobody but the live groups of the batch receives anything", problems)
            },
        )
    }));
    cases
}

/// Asks for a batch, and ends the case unless the answer for each of `those` is what is owed: an `Err`, if that
/// is `None`.
pub(super) fn ask_each_expecting(
    context: &mut Context,
    (batch, name): (&[u32], &str),
    those: &[u32],
    (owed, why): (Option<bool>, &str),
) -> Result {
    let answers = context.ask_each(batch, name)?;
    let questions = Question::batch(batch, name);
    let wrong = questions.iter().zip(&answers).filter(|(question, answer)| {
        let is_owed = owed.map_or(answer.is_err(), |owed| **answer == Ok(owed));
        those.contains(&question.leader_pid) && !is_owed
    });
    let problems: Problems = wrong.map(|(question, answer)| problem(question, answer, owed)).collect();
    let expected = owed.map_or_else(|| "Err".to_owned(), |owed| answer_text(&Ok(owed)));
    expect_none(context, &format!("{expected}: {why}"), problems)
}
