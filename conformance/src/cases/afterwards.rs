//! What comes seconds after the answer: an escalation that nobody asked for (SIGTERM now, SIGKILL after a
//! grace period), and what a subject that was idle for seconds answers next.

use super::checks::{FOUR, WATCHABLE, expect_answer, expect_err, expect_live, strange, surplus, touched};
use super::{Case, Need};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, EXITED_IS_REPEATABLE, REJECTS_UNKNOWN_NAMES, REPORTS_DELIVERED,
    REPORTS_EXITED, Requirement, SPARES_OTHER_GROUPS,
};
use crate::harness::{Context, Group, Lineage, Problems, Result, Shape};
use crate::testbed::protocol::{Disposition, Place};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let cases = [
        Case::new(
            DELIVERS_ONCE,
            "seconds-later",
            "SIGTERM, SIGINT and SIGHUP to a group each, which stays: nobody sends it again when a grace \
             period of 5 s is over.",
            &[],
            |context| {
                let asked = ask_for_groups_that_stay(context, Disposition::Watches)?;
                context.sit_out_a_grace_period();
                let snapshot = context.snapshot()?;
                let again = |(group, signal): &(Group, i32)| surplus(context, &snapshot, group, *signal, 1);
                let problems: Problems = asked.iter().flat_map(again).collect();
                context.expect_none(
                    "every member receives the signal exactly once a call, also seconds later",
                    problems,
                )
            },
        ),
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            "seconds-later",
            "SIGTERM, SIGINT and SIGHUP to groups that watch for them and that ignore them, to one that is stopped, \
             and to survivors: nobody sends SIGKILL after them when a grace period of 5 s is over. Whether to do so \
             is up to the caller.",
            &[],
            |context| {
                let mut asked = ask_for_groups_that_stay(context, Disposition::Watches)?;
                asked.extend(ask_for_groups_that_stay(context, Disposition::Ignores)?);
                let stopped = context.group(&Shape::alone().with(Lineage::Child))?;
                context.stop(&stopped)?;
                let mut survivors = context.group(&Shape::family())?;
                context.end_leader(&mut survivors)?;
                for group in [stopped, survivors] {
                    let _ = context.ask(group.id, "SIGTERM")?;
                    asked.push((group, libc::SIGTERM));
                }
                context.sit_out_a_grace_period();
                let snapshot = context.snapshot()?;
                let others = |(group, signal): &(Group, i32)| strange(context, &snapshot, group, *signal);
                let problems: Problems = asked.iter().flat_map(others).collect();
                context.expect_none(
                    "the members receive the named signal and nothing else beside it, also seconds later",
                    problems,
                )
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "seconds-later",
            "Each of the four names to a group that exits then, or has exited before, and whose id another \
             group has at once: when a grace period of 5 s is over, nothing is sent to who has the id by \
             then.",
            &[Need::ChosenIds],
            |context| {
                for (name, _) in FOUR {
                    let live = context.group(&Shape::alone().with(Lineage::Child))?;
                    let exited = context.exited_group(&Shape::alone())?;
                    for id in [live.id, exited.id] {
                        let _ = context.ask(id, name)?;
                    }
                    context.make_exited(&live)?;
                    for id in [live.id, exited.id] {
                        context.bystander("another group that has the id now", None, Place::Own, Some(id))?;
                    }
                }
                let before = context.snapshot()?;
                context.sit_out_a_grace_period();
                let after = context.snapshot()?;
                context.expect_none(
                    "nobody outside the group is signalled, stopped or ended, also seconds later",
                    touched(context, &before, &after, &[]),
                )
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "after-idle-seconds",
            "A live group is asked for, and again when the subject was idle for more than 5 s: what it keeps \
             to do its work is still there, or is made anew.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                let _ = context.ask(group.id, "SIGTERM")?;
                context.sit_out_a_grace_period();
                expect_live(context, &group, ("SIGHUP", libc::SIGHUP), "the group is live")
            },
        ),
        Case::new(
            REPORTS_EXITED,
            "after-idle-seconds",
            "A live group is asked for; it exits, and is asked for again when the subject was idle for more than 5 s.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                let _ = context.ask(group.id, "SIGTERM")?;
                context.make_exited(&group)?;
                context.sit_out_a_grace_period();
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_answer(context, &answer, false, "the group has exited, also after idle seconds")
            },
        ),
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            "again-seconds-later",
            "SIGTERM, SIGINT and SIGHUP to a group each, which stays, and the same to the same more than 5 s later: nobody \
             takes the second for a request to use force.",
            &[],
            |context| {
                let asked = ask_for_groups_that_stay(context, Disposition::Watches)?;
                context.sit_out_a_grace_period();
                for ((group, _), (name, _)) in asked.iter().zip(WATCHABLE) {
                    let _ = context.ask(group.id, name)?;
                }
                let snapshot = context.snapshot()?;
                let others = |(group, signal): &(Group, i32)| strange(context, &snapshot, group, *signal);
                let problems: Problems = asked.iter().flat_map(others).collect();
                context.expect_none(
                    "the members receive the named signal and nothing else beside it, also at the second call",
                    problems,
                )
            },
        ),
        idle_after(
            REJECTS_UNKNOWN_NAMES,
            "An unknown name is rejected; when the subject was idle for more than 5 s",
            |context| {
                let group = context.group(&Shape::alone())?;
                let answer = context.ask(group.id, "SIGFOO")?;
                expect_err(context, &answer, "the name is unknown")
            },
        ),
        idle_after(
            EXITED_IS_REPEATABLE,
            "A group has exited, and is told so; when the subject was idle for more than 5 s",
            |context| {
                let exited = context.exited_group(&Shape::alone())?;
                let answer = context.ask(exited.id, "SIGTERM")?;
                expect_answer(context, &answer, false, "the group has exited")
            },
        ),
    ];
    let mut cases: Vec<_> = cases.into_iter().map(Case::sitting_out).collect();
    cases.push(Case::new(
        REPORTS_DELIVERED,
        "after-being-suspended",
        "The subject is stopped while it waits for a question, and goes on, as by Ctrl-Z and fg: it answers the next \
         question. Some system calls fail with EINTR then, without any handler (signal(7)).",
        &[Need::StaysUp],
        |context| {
            for (name, signal) in WATCHABLE {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                let first = if name == "SIGHUP" { "SIGINT" } else { "SIGHUP" };
                let _ = context.ask(group.id, first)?;
                context.suspend_subject()?;
                expect_live(context, &group, (name, signal), "the group is live")?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        SPARES_OTHER_GROUPS,
        "former-member",
        "A group is signalled; then one member moves to a group of its own, and the group is signalled \
         again: who was a member once receives nothing.",
        &[],
        |context| {
            for (name, _) in FOUR {
                let shape = Shape::alone().with(Lineage::Child).with(Lineage::Child);
                let mut group = context.group(&shape)?;
                let _ = context.ask(group.id, "SIGTERM")?;
                if let Some(former) = group.members.pop() {
                    group.dispositions.pop();
                    context.lead(former)?;
                }
                let before = context.snapshot()?;
                let _ = context.ask(group.id, name)?;
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &[&group]);
                context.expect_none(
                    "nobody outside the group is signalled, stopped or ended: a former member is outside",
                    problems,
                )?;
            }
            Ok(())
        },
    ));
    cases
}

/// A case in which a live group is asked for when the subject was idle since `first`.
fn idle_after(
    requirement: &'static Requirement,
    about: &str,
    first: impl Fn(&mut Context) -> Result + Send + Sync + 'static,
) -> Case {
    let about = format!(
        "{about}, it answers for a live group as ever: no alarm or watchdog of the first call is left."
    );
    Case::new(requirement, "after-idle-seconds", about, &[], move |context| {
        first(context)?;
        context.sit_out_a_grace_period();
        let group = context.group(&Shape::alone().with(Lineage::Child))?;
        expect_live(context, &group, ("SIGHUP", libc::SIGHUP), "the group is live")
    })
}

/// Asks for a group each with the names that a process can watch for, and returns the groups with the
/// signals.
pub(super) fn ask_for_groups_that_stay(
    context: &mut Context,
    disposition: Disposition,
) -> Result<Vec<(Group, i32)>> {
    let mut asked = Vec::new();
    for (name, signal) in WATCHABLE {
        let group = context.group(&Shape::alone().with(Lineage::Child).all(disposition))?;
        let _ = context.ask(group.id, name)?;
        asked.push((group, signal));
    }
    Ok(asked)
}
