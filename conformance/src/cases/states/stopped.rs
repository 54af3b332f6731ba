//! Stopped groups: the signal is sent, and nobody is continued by it.

use crate::cases::Case;
use crate::cases::checks::{FOUR, SESSIONS, WATCHABLE, continued, expect_answer, missed};
use crate::contract::REACHES_STOPPED_MEMBERS;
use crate::harness::{Context, Group, Lineage, Result, Session, Shape};
use crate::testbed::protocol::{Disposition, Request};

/// The cases of stopped groups.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in WATCHABLE {
        cases.push(Case::new(
            REACHES_STOPPED_MEMBERS,
            format!("{}-stays-pending", name.to_lowercase()),
            format!("{name} to a stopped group is pending on each member, and nobody is continued; then it goes on."),
            &[],
            move |context| {
                let dispositions = [Disposition::Watches, Disposition::Dies, Disposition::Catches];
                let dispositions = dispositions.map(|disposition| Shape::family().all(disposition));
                let sessions = SESSIONS.map(|(_, session, _)| Shape::family().session(session));
                for shape in dispositions.into_iter().chain(sessions) {
                    let group = context.group(&shape)?;
                    context.stop(&group)?;
                    let _ = context.ask(group.id, name)?;
                    expect_pending(context, &group, signal)?;
                    context.wait_for_latecomers();
                    expect_pending(context, &group, signal)?;
                }
                Ok(())
            },
        ));
    }
    for (own_name, session) in [
        ("subjects-session", Session::Callers),
        ("own-session", Session::Own),
        ("windows-session", Session::Windows),
    ] {
        cases.push(Case::new(
            REACHES_STOPPED_MEMBERS,
            format!("sigkill-{own_name}"),
            "SIGKILL ends every member of a stopped group while it is stopped.",
            &[],
            move |context| {
                let group = context.group(&Shape::family().session(session))?;
                context.stop(&group)?;
                let _ = context.ask(group.id, "SIGKILL")?;
                let snapshot = context.snapshot()?;
                let problems = missed(context, &snapshot, &group, libc::SIGKILL, 1);
                context.expect_none("SIGKILL ends each stopped member", problems)
            },
        ));
    }
    cases.extend([
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "answered-delivered",
            "A stopped group is live: the answer is Ok(true) for each name.",
            &[],
            |context| {
                for (name, _) in FOUR {
                    let group = context.group(&Shape::family())?;
                    context.stop(&group)?;
                    let answer = context.ask(group.id, name)?;
                    expect_answer(
                        context,
                        &answer,
                        true,
                        "a stopped group is live, and the signal is pending on it",
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "some-stopped",
            "The leader runs and its children are stopped, and the other way round.",
            &[],
            |context| {
                for leader_stopped in [false, true] {
                    let group = context.group(&Shape::alone().with(Lineage::Child).with(Lineage::Orphan))?;
                    let stopped = Group {
                        members: if leader_stopped { vec![group.id] } else { group.members[1..].to_vec() },
                        ..group.clone()
                    };
                    context.stop(&stopped)?;
                    let _ = context.ask(group.id, "SIGTERM")?;
                    let snapshot = context.snapshot()?;
                    let mut problems = missed(context, &snapshot, &group, libc::SIGTERM, 1);
                    problems.extend(continued(context, &snapshot, &stopped));
                    context.expect_none(
                        "those that run receive SIGTERM, on those that are stopped it is pending",
                        problems,
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "stopped-survivors",
            "The leader is gone and the survivors are stopped.",
            &[],
            |context| {
                for (name, signal) in FOUR {
                    let mut group = context.group(&Shape::family())?;
                    context.end_leader(&mut group)?;
                    context.stop(&group)?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    let problems = missed(context, &snapshot, &group, signal, 1);
                    context.expect_none(&format!("{name} reaches each stopped survivor"), problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "unreaped-leader",
            "The leader has exited and is not reaped, and the survivors are stopped: the signal is pending on each, the \
             answer is Ok(true), and nobody is continued.",
            &[],
            |context| {
                for (name, signal) in WATCHABLE {
                    let mut group = context.group(&Shape::family())?;
                    context.exit(group.id)?;
                    group.drop_leader();
                    context.stop(&group)?;
                    let answer = context.ask(group.id, name)?;
                    expect_pending(context, &group, signal)?;
                    expect_answer(context, &answer, true, "stopped survivors are live members")?;
                }
                Ok(())
            },
        ),
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "again-and-again",
            "A stopped group is asked for up to sixty times, with each of the names in turn: nobody is ever continued.",
            &[],
            |context| {
                let group = context.group(&Shape::family())?;
                context.stop(&group)?;
                let mut calls = 0;
                while context.another_round(calls, 12, 60) {
                    // Each name several times in a row, too.
                    let (name, signal) = WATCHABLE[calls / 4 % WATCHABLE.len()];
                    let _ = context.ask(group.id, name)?;
                    calls += 1;
                    expect_pending(context, &group, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "goes-on-with-it",
            "A stopped group that was sent SIGTERM is continued by its owner: each member receives it then.",
            &[],
            |context| {
                let group = context.group(&Shape::family())?;
                context.stop(&group)?;
                let _ = context.ask(group.id, "SIGTERM")?;
                for &pid in &group.members {
                    context.agent(&Request::Continue { pid })?;
                }
                context.note(format!("continued group {} with SIGCONT", group.id));
                let snapshot = context.snapshot()?;
                let problems = missed(context, &snapshot, &group, libc::SIGTERM, 1);
                context.expect_none("each member receives SIGTERM when it goes on", problems)
            },
        ),
    ]);
    cases
}

fn expect_pending(context: &mut Context, group: &Group, signal: i32) -> Result {
    let snapshot = context.snapshot()?;
    let mut problems = continued(context, &snapshot, group);
    problems.extend(missed(context, &snapshot, group, signal, 1));
    context.expect_none("the signal is pending on each member, and each member is still stopped", problems)
}
