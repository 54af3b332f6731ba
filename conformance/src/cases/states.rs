//! Groups in every state in which a naive signaller takes them for something else: without their leader,
//! stopped, ignoring the signal.

mod stopped;

use super::checks::{
    FOUR, ODD_NAMES, SESSIONS, WATCHABLE, expect_answer, missed, of_large_pids, start_with_cap_kill,
};
use super::larger::expect_crowd_reached;
use super::{Case, Need};
use crate::contract::{ACCEPTS_BEING_IGNORED, OUTLIVES_THE_LEADER};
use crate::harness::{Abort, Context, Group, Lineage, Result, Session, Shape};
use crate::testbed::protocol::Disposition;

const SURVIVORS_LIVE: &str = "the leader is gone, but members live: the group is live";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = outlives();
    cases.extend(stopped::cases());
    cases.extend(ignored());
    cases
}

fn outlives() -> Vec<Case> {
    let mut cases = Vec::new();
    for (own_name, lineage) in [
        ("child", Lineage::Child),
        ("grandchild", Lineage::Grandchild),
        ("orphan", Lineage::Orphan),
        ("guest", Lineage::Guest),
    ] {
        cases.push(Case::new(
            OUTLIVES_THE_LEADER,
            own_name,
            format!("The leader has exited and is reaped; a {lineage} lives. Each of the four names."),
            &[],
            move |context| {
                for (name, signal) in FOUR {
                    let mut group = context.group(&Shape::alone().with(lineage))?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, name, signal)?;
                }
                Ok(())
            },
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            OUTLIVES_THE_LEADER,
            own_name,
            format!("The leader has exited and is reaped, of a group {about}."),
            &[],
            move |context| {
                for (name, signal) in FOUR {
                    let mut group = context.group(&Shape::family().session(session))?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, name, signal)?;
                }
                Ok(())
            },
        ));
    }
    cases.extend([
        Case::new(
            OUTLIVES_THE_LEADER,
            "ignoring",
            "The leader has exited and is reaped, and the survivors ignore the signal: they live on all the same.",
            &[],
            |context| {
                for (name, signal) in FOUR {
                    let shape = Shape::alone().with(Lineage::Child).with(Lineage::Orphan);
                    let mut group = context.group(&shape.all(Disposition::Ignores))?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "unreaped-leader",
            "The leader, of a session or not, has exited but is not reaped: its pid is still there, and says nothing \
             about the group.",
            &[],
            |context| {
                for session in [Session::Callers, Session::Own] {
                    for (name, signal) in FOUR {
                        let mut group = context.group(&Shape::family().session(session))?;
                        context.exit(group.id)?;
                        group.drop_leader();
                        expect_live(context, &group, name, signal)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "term-then-kill",
            "SIGTERM ends the leader and a member ignores it; the leader is reaped; SIGKILL must then end the rest.",
            &[],
            |context| {
                let mut group = context.group(
                    &Shape::alone()
                        .led_by(Disposition::Dies)
                        .with_disposition(Lineage::Child, Disposition::Ignores)
                        .with_disposition(Lineage::Orphan, Disposition::Blocks),
                )?;
                let _ = context.ask(group.id, "SIGTERM")?;
                context.end_leader_anyhow(&mut group)?;
                expect_live(context, &group, "SIGKILL", libc::SIGKILL)
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "again-and-again",
            "A group without its leader is signalled up to two hundred times: it stays live each time.",
            &[],
            |context| {
                let mut group = context.group(&Shape::alone().with(Lineage::Child).with(Lineage::Orphan))?;
                context.end_leader(&mut group)?;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    let answer = context.ask(group.id, WATCHABLE[calls % WATCHABLE.len()].0)?;
                    expect_answer(context, &answer, true, SURVIVORS_LIVE)?;
                    calls += 1;
                }
                Ok(())
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "odd-command-names",
            "The leader is gone, and the command names of the survivors hold a line break, parentheses and spaces, or \
             are empty or not UTF-8, as /proc shows them.",
            &[],
            |context| {
                for name in ODD_NAMES {
                    let mut group =
                        context.group(&Shape::alone().named(name).with(Lineage::Child).with(Lineage::Orphan))?;
                    context.end_leader(&mut group)?;
                    for (name, signal) in [FOUR[0], FOUR[1]] {
                        expect_live(context, &group, name, signal)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "of-large-pids",
            "The leader is gone, and the pids of the survivors are the largest that the kernel gives.",
            &[Need::ChosenIds],
            |context| {
                for (name, signal) in FOUR {
                    let mut group = context.group(&of_large_pids(context))?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, name, signal)?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "many",
            "The leader is gone, and the survivors are more than three hundred: each receives it.",
            &[],
            |context| {
                let mut group = context.group(&Shape::alone().with(Lineage::Child))?;
                let parent = group.members[1];
                let crowd = context.gather(parent, 300)?;
                context.end_leader(&mut group)?;
                context.start()?;
                let reached = expect_live(context, &group, "SIGTERM", libc::SIGTERM);
                let reached = reached.and_then(|()| expect_crowd_reached(context, parent, crowd, FOUR[0]));
                let dispersed = context.disperse(parent);
                reached.and(dispersed)
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "of-another-user",
            "The leader is gone, and the survivors are another user's, whom the subject may signal.",
            &[Need::OtherUser],
            |context| {
                start_with_cap_kill(context)?;
                for (name, signal) in FOUR {
                    let mut group = context.group(&Shape::family().all_others())?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "traced",
            "The leader is gone, and the only survivor is traced by its parent outside the group and kept stopped.",
            &[Need::Tracing],
            |context| {
                for (name, signal) in FOUR {
                    let mut group = context.group(&Shape::alone().session(Session::Windows).with(Lineage::Guest))?;
                    let window = group.window.ok_or_else(|| Abort::Broken("no window".to_owned()))?;
                    context.trace(group.members[1], window)?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "asked-before",
            "The subject has known the group with its leader; then the leader goes.",
            &[],
            |context| {
                for (name, signal) in WATCHABLE {
                    let mut group = context.group(&Shape::family())?;
                    let _ = context.ask(group.id, if name == "SIGHUP" { "SIGINT" } else { "SIGHUP" })?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, name, signal)?;
                }
                Ok(())
            },
        ),
    ]);
    cases
}

fn expect_live(context: &mut Context, group: &Group, name: &str, signal: i32) -> Result {
    let answer = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    let mut problems = missed(context, &snapshot, group, signal, 1);
    problems.extend(super::checks::unlike(&answer, true));
    context.expect_none(
        &format!("{SURVIVORS_LIVE}, each survivor receives {name}, and the answer is Ok(true)"),
        problems,
    )
}

fn ignored() -> Vec<Case> {
    let mut cases = ignored_by_all();
    cases.push(Case::new(
        ACCEPTS_BEING_IGNORED,
        "stopped",
        "All members ignore the signal, and are stopped: it leaves no trace at all, not even a pending one.",
        &[],
        |context| {
            for (name, _) in WATCHABLE {
                let group = context.group(&Shape::family().all(Disposition::Ignores))?;
                context.stop(&group)?;
                let answer = context.ask(group.id, name)?;
                expect_answer(context, &answer, true, "it was sent to live members, which ignore it")?;
            }
            Ok(())
        },
    ));
    cases
}

fn ignored_by_all() -> Vec<Case> {
    [
        ("ignoring", Disposition::Ignores, "ignore it, as under nohup(1)"),
        ("blocking", Disposition::Blocks, "block it"),
        ("catching", Disposition::Catches, "catch it and go on"),
    ]
    .into_iter()
    .map(|(own_name, disposition, about)| {
        Case::new(
            ACCEPTS_BEING_IGNORED,
            own_name,
            format!("All members {about}; SIGTERM, SIGINT and SIGHUP, twice each."),
            &[],
            move |context| {
                for (name, _) in WATCHABLE {
                    let group = context.group(&Shape::family().all(disposition))?;
                    for _ in 0..2 {
                        let answer = context.ask(group.id, name)?;
                        let why =
                            format!("it was sent to live members; that they {about} is theirs to decide");
                        expect_answer(context, &answer, true, &why)?;
                    }
                }
                Ok(())
            },
        )
    })
    .collect()
}
