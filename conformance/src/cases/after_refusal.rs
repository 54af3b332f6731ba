//! What a subject does after a refusal: whom it looks for, whom it signals instead of the group, what it keeps.

use super::checks::{FOUR, ODD_NAMES, expect_answer, expect_err, of_large_pids, touched_of};
use super::refused::{REFUSED, refused_group, refused_with, start_refused};
use super::scope::spares;
use super::{Case, Need};
use crate::contract::{REFUSED_IS_AN_ERROR, REPORTS_DELIVERED, SPARES_OTHER_GROUPS};
use crate::harness::{Context, Lineage, MemberShape, Result, Shape};
use crate::testbed::protocol::Place;

/// How many processes there are beside a refused group: more than a table of a hundred and twenty-eight holds.
const MANY: usize = 130;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            REFUSED_IS_AN_ERROR,
            "odd-command-names",
            "Every member's command name holds parentheses, spaces or a line break, is empty or is not UTF-8: whoever \
             looks into /proc after a refusal must find them live all the same.",
            &[Need::Refusal],
            |context| {
                let shapes = ODD_NAMES.map(|name| Shape::alone().named(name));
                let groups = shapes.iter().map(|shape| refused_group(context, shape));
                let groups = groups.collect::<Result<Vec<_>>>()?;
                start_refused(context, &groups)?;
                groups.iter().try_for_each(|group| {
                    ["SIGTERM", "SIGKILL"].iter().try_for_each(|name| expect_refusal(context, group.id, name))
                })
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "of-large-pids",
            "Every member of the refused group has a pid that is as large as the kernel gives: whoever looks into /proc \
             after a refusal must find them live all the same.",
            &[Need::ChosenIds, Need::Refusal],
            |context| {
                let group = refused_group(context, &of_large_pids(context))?;
                start_refused(context, std::slice::from_ref(&group))?;
                FOUR.iter().try_for_each(|(name, _)| expect_refusal(context, group.id, name))
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "unknown-error",
            "The system answers ENOSYS for each signal to the group, as filters of containers do for calls that they do \
             not know: what is not known to have exited has not.",
            &[Need::SystemErrors],
            |context| {
                let groups = [context.group(&Shape::alone())?, context.group(&Shape::family())?];
                let held = refused_with(context, &groups, ("ENOSYS", libc::ENOSYS));
                context.start_with(held)?;
                groups.iter().try_for_each(|group| {
                    FOUR.iter().try_for_each(|(name, _)| expect_refusal(context, group.id, name))
                })
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "after-the-security-module",
            "A group for which the system answers EACCES is asked for up to 260 times, and at once another that may be \
             signalled.",
            &[Need::SystemErrors],
            |context| {
                let refused = context.group(&Shape::alone())?;
                let live = context.group(&Shape::alone().with(Lineage::Child))?;
                let held = refused_with(context, std::slice::from_ref(&refused), ("EACCES", libc::EACCES));
                context.start_with(held)?;
                // The filter does not see for whom a pidfd stands: who sends through one is refused every group, and
                // owes nothing here.
                if context.ask(live.id, "SIGHUP")?.is_err() {
                    return Ok(());
                }
                let mut calls = 0;
                while context.another_round(calls, 12, 260) {
                    let _ = context.ask(refused.id, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                }
                let answer = context.ask(live.id, "SIGTERM")?;
                expect_answer(context, &answer, true, "the group is live, and its members may be signalled")
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "among-many",
            "Beside the refused group, and before it in /proc, are a hundred and thirty other processes.",
            &[Need::Refusal],
            |context| {
                for _ in 0..MANY {
                    context.bystander("a bystander", None, Place::Parents, None)?;
                }
                let shape = Shape::alone().with(Lineage::Child);
                let abilities = context.abilities();
                let shape = if abilities.chosen_ids { shape.at(abilities.pid_max - 2) } else { shape };
                let group = refused_group(context, &shape)?;
                start_refused(context, std::slice::from_ref(&group))?;
                expect_refusal(context, group.id, "SIGTERM")
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "id-was-permitted",
            "The subject has signalled a group, which exits then; a group of another user has the id at once, and \
             may not be signalled.",
            &[Need::ChosenIds, Need::SomeRefused],
            |context| {
                context.start_without_cap_kill()?;
                for (name, _) in FOUR {
                    let group = context.group(&Shape::alone().with(Lineage::Child))?;
                    let _ = context.ask(group.id, name)?;
                    context.make_exited(&group)?;
                    context.group(&Shape::alone().at(group.id).all_others())?;
                    expect_refusal(context, group.id, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "after-idle-seconds",
            "A group is refused, and asked for again when the subject was idle for more than 5 s: no watchdog of \
             the first call is left.",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::alone().with(Lineage::Child))?;
                start_refused(context, std::slice::from_ref(&group))?;
                expect_refusal(context, group.id, "SIGTERM")?;
                context.sit_out_a_grace_period();
                expect_refusal(context, group.id, "SIGTERM")?;
                let exited = context.exited_group(&Shape::alone())?;
                let answer = context.ask(exited.id, "SIGTERM")?;
                expect_answer(context, &answer, false, "the group has exited, also after a refusal and idle seconds")
            },
        )
        .sitting_out(),
        Case::new(
            SPARES_OTHER_GROUPS,
            "refused-target",
            "The system answers EPERM for each signal to the group; children of its leader and of other members are \
             in groups of their own, and may be signalled. None of them is signalled instead.",
            &[Need::SystemErrors],
            |context| {
                let target = context.group(&Shape::family())?;
                for parent in [target.id, target.members[1]] {
                    let what = "a child of a member that moved to a group of its own";
                    context.bystander(what, Some(parent), Place::Own, None)?;
                }
                let held = refused_with(context, std::slice::from_ref(&target), ("EPERM", libc::EPERM));
                context.start_with(held)?;
                for (name, _) in FOUR {
                    spares(context, &[], |context| context.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "refused-before",
            "A group is refused; then a member joins that may be signalled, and another group is asked for: nobody \
             sends the first one what was refused.",
            &[Need::SomeRefused],
            |context| {
                context.start_without_cap_kill()?;
                for (name, _) in FOUR {
                    let mut refused = context.group(&Shape::alone().all_others())?;
                    let other = context.group(&Shape::alone())?;
                    let _ = context.ask(refused.id, name)?;
                    context.join(&mut refused, MemberShape::guest())?;
                    let before = context.snapshot()?;
                    let _ = context.ask(other.id, "SIGTERM")?;
                    let after = context.snapshot()?;
                    let problems = touched_of(context, &refused.members, &before, &after);
                    context.expect_none("a group that was refused receives nothing by a later call", problems)?;
                }
                Ok(())
            },
        ),
    ]
}

fn expect_refusal(context: &mut Context, leader_pid: u32, name: &str) -> Result {
    let answer = context.ask(leader_pid, name)?;
    expect_err(context, &answer, REFUSED)
}
