//! Groups of every state in a batch, beside a plain one.

use super::answers::ask_each_expecting;
use super::{batch, expect_none, ids};
use crate::cases::checks::{FOUR, WATCHABLE, missed, touched_of};
use crate::cases::waiting::expect_no_wait_of;
use crate::cases::{Case, Need};
use crate::contract::{
    DOES_NOT_WAIT, MEMBER_IS_NOT_LEADER, OUTLIVES_THE_LEADER, PARTLY_REFUSED_IS_DELIVERED, REPORTS_DELIVERED,
    SEES_A_REUSED_PID,
};
use crate::harness::{Context, Group, Lineage, Problems, Result, Shape};
use crate::subject::wire::Question;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        batch(
            OUTLIVES_THE_LEADER,
            "groups whose leader has exited and is reaped, beside one that is led. Each survivor receives it, and each \
             answer is Ok(true).",
            &[],
            |context| {
                for named in FOUR {
                    let mut survivors = [context.group(&Shape::family())?, context.group(&Shape::family())?];
                    for group in &mut survivors {
                        context.end_leader(group)?;
                    }
                    expect_live(context, &survivors, named)?;
                }
                Ok(())
            },
        ),
        batch(
            PARTLY_REFUSED_IS_DELIVERED,
            "groups of which the leader or a member is another user's, beside one that may be signalled. Each answer is \
             Ok(true), and who may be signalled is.",
            &[Need::SomeRefused],
            |context| {
                context.start_without_cap_kill()?;
                for named in FOUR {
                    let led_by_others = Shape { leader_others: true, ..Shape::alone().with(Lineage::Guest) };
                    let mut led_by_others = context.group(&led_by_others)?;
                    let mut with_others =
                        context.group(&Shape::alone().with(Lineage::Child).with_others())?;
                    let of_others =
                        [led_by_others.members.remove(0), with_others.members.pop().unwrap_or_default()];
                    led_by_others.dispositions.remove(0);
                    with_others.dispositions.pop();
                    context.note(format!("of another user are {of_others:?}"));
                    expect_live(context, &[led_by_others, with_others], named)?;
                }
                Ok(())
            },
        ),
        batch(
            MEMBER_IS_NOT_LEADER,
            "the pids of members that lead no group, beside a live group. Nobody is signalled for them.",
            &[],
            |context| {
                let group = context.group(&Shape::family())?;
                let live = context.group(&Shape::alone())?;
                context.start()?;
                for (turn, (name, _)) in WATCHABLE.into_iter().enumerate() {
                    let before = context.snapshot()?;
                    let mut batch = [group.members[1], live.id, group.members[2]];
                    batch.rotate_left(turn);
                    let _ = context.ask_each(&batch, name)?;
                    let after = context.snapshot()?;
                    let problems = touched_of(context, &group.members, &before, &after);
                    expect_none(
                        context,
                        "no member of a group is signalled for the pid of one that does not lead it",
                        problems,
                    )?;
                }
                Ok(())
            },
        ),
        batch(
            SEES_A_REUSED_PID,
            "a group that has exited, up to a dozen times; then its id comes back, and the answer is that of the new group.",
            &[Need::ChosenIds],
            |context| {
                let live = context.group(&Shape::alone())?;
                for named in FOUR {
                    let id = context.exited_group(&Shape::alone())?.id;
                    for _ in 0..12 {
                        let _ = context.ask_each(&[id, live.id], "SIGHUP")?;
                    }
                    let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                    expect_live(context, &[group], named)?;
                }
                Ok(())
            },
        ),
        batch(
            DOES_NOT_WAIT,
            "groups that stay. The answers take as long as for groups that end at once or have exited.",
            &[],
            |context| {
                let beside = context.free_id()?;
                ["SIGTERM", "SIGKILL"].into_iter().try_for_each(|name| {
                    expect_no_wait_of(
                        context,
                        |context, group| context.ask_each_timed(&[group.id, beside], name),
                        |context| context.group(&Shape::family()),
                    )
                })
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "beside-impossible-in-one-batch",
            "By one call of `signal_each`: live groups beside leader pids that no group can have, in every order. Each \
             group has its own answer.",
            &[Need::Batches, Need::Sandbox],
            |context| {
                let live = [context.group(&Shape::family())?.id, context.group(&Shape::alone())?.id];
                for wrong in [0, 1, 1 << 31, u32::MAX] {
                    for (turn, (name, _)) in WATCHABLE.into_iter().enumerate() {
                        let mut batch = [wrong, live[0], live[1]];
                        batch.rotate_left(turn);
                        let why = "the group has a live member, whatever else is in the batch";
                        ask_each_expecting(context, (&batch, name), &live, (Some(true), why))?;
                    }
                }
                Ok(())
            },
        ),
    ]
}

/// Asks for these beside a plain group, and ends the case unless each answer is that it was delivered and each member
/// has received it.
fn expect_live(context: &mut Context, groups: &[Group], (name, signal): (&str, i32)) -> Result {
    let plain = context.group(&Shape::alone())?;
    let batch = [&ids(groups)[..], &[plain.id]].concat();
    let answers = context.ask_each(&batch, name)?;
    let snapshot = context.snapshot()?;
    let questions = Question::batch(&batch, name);
    let wrong = questions.iter().zip(&answers).take(groups.len()).filter(|(_, answer)| **answer != Ok(true));
    let mut problems: Problems =
        wrong.map(|(question, answer)| super::problem(question, answer, Some(true))).collect();
    for group in groups {
        problems.extend(missed(context, &snapshot, group, signal, 1));
    }
    expect_none(
        context,
        &format!("Ok(true) for each, and each member that may be signalled has received {name}"),
        problems,
    )
}
