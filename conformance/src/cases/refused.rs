//! What is answered for members that may not be signalled.

use super::checks::{FOUR, WATCHABLE, expect_answer, expect_err, missed, unlike};
use super::{Case, Need};
use crate::contract::{PARTLY_REFUSED_IS_DELIVERED, REFUSED_IS_AN_ERROR, REPORTS_DELIVERED, REPORTS_EXITED};
use crate::harness::{Abort, Context, Group, Lineage, MemberShape, Result, Session, Shape};
use crate::testbed::protocol::{CapKill, Disposition, Program, Refused};
use std::collections::BTreeSet;

pub(super) const REFUSED: &str =
    "no live member may be signalled: permission is refused, and the group has not exited";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, _) in FOUR {
        cases.push(Case::new(
            REFUSED_IS_AN_ERROR,
            name.to_lowercase(),
            format!(
                "{name} to groups of another user, by a subject without the privilege (CAP_KILL); without \
                 root, to groups for which the system answers EPERM to the subject (seccomp)."
            ),
            &[Need::Refusal],
            move |context| {
                let groups =
                    [refused_group(context, &Shape::alone())?, refused_group(context, &Shape::family())?];
                start_refused(context, &groups)?;
                for group in &groups {
                    let answer = context.ask(group.id, name)?;
                    expect_err(context, &answer, REFUSED)?;
                }
                Ok(())
            },
        ));
    }
    cases.extend([
        Case::new(
            REFUSED_IS_AN_ERROR,
            "survivors",
            "The leader is gone, and the survivors may not be signalled.",
            &[Need::Refusal],
            |context| {
                let mut group = refused_group(context, &Shape::family())?;
                context.end_leader(&mut group)?;
                start_refused(context, std::slice::from_ref(&group))?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_err(context, &answer, REFUSED)
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "some-unreaped",
            "Some members have exited and are not reaped; those that live may not be signalled, nor may those.",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::family())?;
                context.exit(group.members[1])?;
                start_refused(context, std::slice::from_ref(&group))?;
                expect_refusals(context, &group)
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "unreaped-leader",
            "The leader has exited and is not reaped; the survivors may not be signalled.",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::family())?;
                context.exit(group.id)?;
                start_refused(context, std::slice::from_ref(&group))?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_err(context, &answer, REFUSED)
            },
        ),
        Case::new(REFUSED_IS_AN_ERROR, "stopped", "The group is stopped, and may not be signalled.", &[Need::Refusal], |context| {
            let group = refused_group(context, &Shape::family())?;
            context.stop(&group)?;
            start_refused(context, std::slice::from_ref(&group))?;
            let answer = context.ask(group.id, "SIGTERM")?;
            expect_err(context, &answer, REFUSED)
        }),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "own-session",
            "A group that leads its session, of another user.",
            &[Need::Refusal],
            |context| {
                let shape = Shape::alone().session(Session::Own).with(Lineage::Child).with(Lineage::Orphan);
                let group = refused_group(context, &shape)?;
                start_refused(context, std::slice::from_ref(&group))?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_err(context, &answer, REFUSED)
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "windows-session",
            "A group in a window's session, of another user. Each of the four names.",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::family().session(Session::Windows))?;
                start_refused(context, std::slice::from_ref(&group))?;
                expect_refusals(context, &group)
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "again-and-again",
            "The same refused group, up to two hundred times: it never comes to be taken for exited.",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::alone().with(Lineage::Child))?;
                start_refused(context, std::slice::from_ref(&group))?;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    let answer = context.ask(group.id, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                    expect_err(context, &answer, &format!("{REFUSED} (call {calls})"))?;
                }
                Ok(())
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "own-users",
            "Groups of the subject's own user that may not be signalled all the same: the subject is in a Landlock \
             domain where the kernel has those (Linux 6.12), else a filter answers EPERM. Each of the four names.",
            &[Need::SystemErrors],
            |context| {
                let mut survivors = context.group(&Shape::family())?;
                context.end_leader(&mut survivors)?;
                let groups =
                    [context.group(&Shape::alone())?, context.group(&Shape::family())?, survivors];
                let held = in_landlock(context, &groups);
                context.start_with(held)?;
                groups.iter().try_for_each(|group| expect_refusals(context, group))
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "security-module",
            "The system answers EACCES for each signal to the group, as security modules do for what their policy \
             forbids (SELinux, AppArmor). Each of the four names.",
            &[Need::SystemErrors],
            |context| {
                let groups = [context.group(&Shape::alone())?, context.group(&Shape::family())?];
                let held = refused_with(context, &groups, ("EACCES", libc::EACCES));
                context.start_with(held)?;
                groups.iter().try_for_each(|group| expect_refusals(context, group))
            },
        ),
        Case::new(
            REPORTS_EXITED,
            "was-refused-before",
            "A group that may not be signalled is asked for a dozen times; it exits at once after the \
             answer, and is asked for again: the refusal is not remembered.",
            &[Need::SomeRefused],
            |context| {
                for (name, _) in FOUR {
                    let group = context.group(&Shape::alone().with(Lineage::Child).all_others())?;
                    context.start_without_cap_kill()?;
                    for _ in 0..12 {
                        let _ = context.ask(group.id, name)?;
                    }
                    context.make_exited(&group)?;
                    let answer = context.ask(group.id, name)?;
                    expect_answer(context, &answer, false, "the group was refused before, and has exited since")?;
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "after-many-refusals",
            "A group that may not be signalled is asked for up to 260 times in a row, and at once another \
             that may: who was refused often is not refused for ever.",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::family())?;
                start_refused(context, std::slice::from_ref(&group))?;
                let live = context.group(&Shape::family())?;
                let mut calls = 0;
                while context.another_round(calls, 12, 260) {
                    let _ = context.ask(group.id, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                }
                let answer = context.ask(live.id, "SIGTERM")?;
                expect_answer(context, &answer, true, "the group is live, and its members may be signalled")
            },
        ),
        partly("guest-of-another-user", "The leader may be signalled, a guest may not.", || {
            Shape::alone().with(Lineage::Child).with_others()
        }),
        partly("leader-of-another-user", "The leader may not be signalled, a guest may.", || Shape {
            leader_others: true,
            ..Shape::alone().with(Lineage::Guest)
        }),
        partly("large", "Of more than fifty members one may not be signalled.", || {
            (0..60).fold(Shape::alone().with_others(), |shape, _| shape.with(Lineage::Child))
        }),
        partly("ignoring", "The members that may be signalled ignore the signal, a guest may not be.", || {
            let ignoring = Disposition::Ignores;
            Shape::alone().led_by(ignoring).with_disposition(Lineage::Child, ignoring).with_others()
        }),
        partly("own-session", "The leader leads its session, and may be signalled, a guest may not.", || {
            Shape::alone().session(Session::Own).with_others()
        }),
        partly("one-of-many", "Of many members, the one that joined last may be signalled.", || Shape {
            leader_others: true,
            ..(0..8).fold(Shape::alone(), |shape, _| shape.with(Lineage::Child)).with(Lineage::Guest)
        }),
        Case::new(
            PARTLY_REFUSED_IS_DELIVERED,
            "survivors",
            "The leader is gone; of the survivors one may be signalled.",
            &[Need::SomeRefused],
            |context| {
                for (name, signal) in FOUR {
                    let mut group = context.group(&Shape::alone().with_others().with(Lineage::Orphan))?;
                    context.end_leader(&mut group)?;
                    expect_partly(context, &group, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            PARTLY_REFUSED_IS_DELIVERED,
            "joined-after-a-refusal",
            "A group is refused a dozen times; then a guest joins that may be signalled.",
            &[Need::SomeRefused],
            |context| {
                let mut group = context.group(&Shape::alone().with(Lineage::Child).all_others())?;
                context.start_without_cap_kill()?;
                for calls in 0..12 {
                    let _ = context.ask(group.id, FOUR[calls % FOUR.len()].0)?;
                }
                context.join(&mut group, MemberShape::guest())?;
                WATCHABLE
                    .into_iter()
                    .try_for_each(|(name, signal)| expect_permitted_reached(context, &group, name, signal))
            },
        ),
        Case::new(
            PARTLY_REFUSED_IS_DELIVERED,
            "stopped",
            "The member that may be signalled is stopped.",
            &[Need::SomeRefused],
            |context| {
                let group = context.group(&Shape::alone().with_others())?;
                context.stop(&group)?;
                expect_partly(context, &group, "SIGTERM", libc::SIGTERM)
            },
        ),
    ]);
    cases
}

/// A group that the subject may not signal: another user's where one is available.
pub(super) fn refused_group(context: &mut Context, shape: &Shape) -> Result<Group> {
    if context.abilities().has_other_user() {
        context.group(&shape.clone().all_others())
    } else {
        context.group(shape)
    }
}

/// Asks for the group by each of the four names, and ends the case unless each answer is an `Err`.
pub(super) fn expect_refusals(context: &mut Context, group: &Group) -> Result {
    for (name, _) in FOUR {
        let answer = context.ask(group.id, name)?;
        expect_err(context, &answer, REFUSED)?;
    }
    Ok(())
}

/// Starts the subject so that it may not signal `groups`.
pub(super) fn start_refused(context: &mut Context, groups: &[Group]) -> Result {
    let held = without_permission(context, groups);
    context.start_with(held)
}

/// How a subject is held that may not signal `groups`.
pub(super) fn without_permission(context: &mut Context, groups: &[Group]) -> Program {
    if context.abilities().has_other_user() {
        return Program { cap_kill: CapKill::Taken, ..Program::default() };
    }
    refused_with(context, groups, ("EPERM", libc::EPERM))
}

/// How a subject is held to which the system answers with an error for each signal to `groups`.
pub(super) fn refused_with(context: &mut Context, groups: &[Group], (name, errno): (&str, i32)) -> Program {
    let pids: BTreeSet<u32> =
        groups.iter().flat_map(|group| group.members.iter().copied().chain([group.id])).collect();
    let pids = pids.into_iter().collect();
    context.note(format!("the subject starts with {name} for each signal to the group (seccomp)"));
    Program { refused: Refused { pids, errno }, ..Program::default() }
}

/// How a subject is held that may not signal `groups`, though they are of its own user.
fn in_landlock(context: &mut Context, groups: &[Group]) -> Program {
    if !context.abilities().landlock {
        return refused_with(context, groups, ("EPERM", libc::EPERM));
    }
    context.note("the subject starts in a Landlock domain: it may signal nobody else".to_owned());
    Program { in_landlock: true, ..Program::default() }
}

fn partly(own_name: &str, about: &str, shape: fn() -> Shape) -> Case {
    Case::new(
        PARTLY_REFUSED_IS_DELIVERED,
        own_name,
        format!("{about} The subject has no CAP_KILL."),
        &[Need::SomeRefused],
        move |context| {
            for (name, signal) in FOUR {
                let group = context.group(&shape())?;
                expect_partly(context, &group, name, signal)?;
                context.make_exited(&group)?;
            }
            Ok(())
        },
    )
}

/// Asks a subject without CAP_KILL, and expects delivery to those members that are not another user's.
fn expect_partly(context: &mut Context, group: &Group, name: &str, signal: i32) -> Result {
    context.start_without_cap_kill()?;
    expect_permitted_reached(context, group, name, signal)
}

/// Asks, and expects delivery to those members that are not another user's.
fn expect_permitted_reached(context: &mut Context, group: &Group, name: &str, signal: i32) -> Result {
    let answer = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    let mut problems = unlike(&answer, true);
    let permitted = group.iter().filter(|&(pid, _)| !context.is_others(pid));
    let (permitted, dispositions): (Vec<_>, Vec<_>) = permitted.unzip();
    if permitted.is_empty() {
        return Err(Abort::Broken("the group has no member that may be signalled".to_owned()));
    }
    problems.extend(missed(
        context,
        &snapshot,
        &Group { members: permitted, dispositions, ..group.clone() },
        signal,
        1,
    ));
    context.expect_none("Ok(true): at least one member could be signalled, and was", problems)
}
