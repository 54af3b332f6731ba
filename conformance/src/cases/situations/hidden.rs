//! /proc that hides processes from the subject (`hidepid`, proc(5)), and members that are not dumpable.

use super::expect_reached;
use crate::cases::checks::{FOUR, answered, missed};
use crate::cases::refused::{expect_refusals, refused_group, without_permission};
use crate::cases::{Case, Need};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, REFUSED_IS_AN_ERROR, REPORTS_DELIVERED};
use crate::harness::{Context, Group, Problems, Result, Shape};
use crate::report::symptom::AnswerKind;
use crate::testbed::make::Make;
use crate::testbed::protocol::Program;

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            REFUSED_IS_AN_ERROR,
            "hidden",
            "/proc hides the group from the subject, which may not signal it: what it does not see there has not exited.",
            &[Need::OtherProc, Need::Refusal],
            |context| {
                let mut make = |shape: Shape| refused_group(context, &shape.of_make(Make::Undumpable));
                let mut groups = [make(Shape::alone())?, make(Shape::family())?, make(Shape::family())?];
                context.end_leader(&mut groups[2])?;
                let held = without_permission(context, &groups);
                context.start_where_proc_hides(held)?;
                groups.iter().try_for_each(|group| expect_refusals(context, group))
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "hidden",
            "/proc hides the group from the subject, which may signal it: the answer is Ok(true), or Err by \
             a subject that has to see it, and never Ok(false).",
            &[Need::OtherProc],
            |context| {
                hidden_groups(context)?.iter().zip(FOUR).try_for_each(|(group, (name, _))| {
                    let answer = context.ask(group.id, name)?;
                    let wrong = (answer == Ok(false)).then(|| answered(Some(AnswerKind::Delivered), &answer));
                    let problems: Problems = wrong.into_iter().collect();
                    context.expect_none(
                        "Ok(true), or Err: the group is live, and /proc does not show it",
                        problems,
                    )
                })
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "hidden",
            "/proc hides the group from the subject, which may signal it: who answers Ok(true) has reached each member.",
            &[Need::OtherProc],
            |context| {
                hidden_groups(context)?.iter().zip(FOUR).try_for_each(|(group, (name, signal))| {
                    let answer = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    let problems = match answer {
                        Ok(true) => missed(context, &snapshot, group, signal, 1),
                        _ => Problems::default(),
                    };
                    context
                        .expect_none(&format!("every live member has received {name} by Ok(true)"), problems)
                })
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "undumpable",
            "Members that are not dumpable, as those that hold keys: the subject may not read their environment.",
            &[],
            |context| {
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family().of_make(Make::Undumpable))?;
                    expect_reached(context, &group, name, signal)?;
                }
                Ok(())
            },
        ),
    ]
}

/// A group for each of the four names, of the subject's user, and a subject whose /proc hides them.
fn hidden_groups(context: &mut Context) -> Result<Vec<Group>> {
    let shape = Shape::family().of_make(Make::Undumpable);
    let groups = FOUR.iter().map(|_| context.group(&shape)).collect::<Result<_>>()?;
    context.start_where_proc_hides(Program::default())?;
    Ok(groups)
}
