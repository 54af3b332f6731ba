//! Groups in every state in which a naive signaller takes them for something else: without their leader,
//! stopped, ignoring the signal.

use super::Case;
use super::checks::{FOUR, WATCHABLE, expect_answer, missed};
use super::delivery::SESSIONS;
use crate::harness::{Bed, Group, Kin, Scene, Session, Shape, Step};
use crate::testbed::protocol::{Conduct, Request, State};

const SURVIVORS_LIVE: &str = "the leader is gone, but members live: the group is live";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = outlives();
    cases.extend(stopped());
    cases.extend(ignored());
    cases
}

fn outlives() -> Vec<Case> {
    let mut cases = Vec::new();
    for (own_name, kin) in [
        ("child", Kin::Child),
        ("grandchild", Kin::Grandchild),
        ("orphan", Kin::Orphan),
        ("guest", Kin::Guest),
    ] {
        cases.push(Case::new(
            format!("outlives-the-leader/{own_name}"),
            format!("The leader has exited and is reaped; a {kin} lives. Each of the four names."),
            &[],
            move |bed| {
                for (name, signal) in FOUR {
                    let mut group = bed.group(&Shape::alone().with(kin))?;
                    bed.end_leader(&mut group)?;
                    expect_live(bed, &group, name, signal)?;
                }
                Ok(())
            },
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            format!("outlives-the-leader/{own_name}"),
            format!("The leader has exited and is reaped, of a group {about}."),
            &[],
            move |bed| {
                for (name, signal) in FOUR {
                    let mut group = bed.group(&Shape::family().session(session))?;
                    bed.end_leader(&mut group)?;
                    expect_live(bed, &group, name, signal)?;
                }
                Ok(())
            },
        ));
    }
    cases.extend([
        Case::new(
            "outlives-the-leader/unreaped-leader",
            "The leader has exited but is not reaped: its pid is still there, and says nothing about the group.",
            &[],
            |bed| {
                for (name, signal) in FOUR {
                    let mut group = bed.group(&Shape::family())?;
                    bed.exit(group.id)?;
                    group.drop_leader();
                    expect_live(bed, &group, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "outlives-the-leader/term-then-kill",
            "SIGTERM ends the leader and a member ignores it; the leader is reaped; SIGKILL must then end the rest.",
            &[],
            |bed| {
                let mut group = bed.group(
                    &Shape::alone()
                        .led_by(Conduct::Dies)
                        .with_conduct(Kin::Child, Conduct::Ignores)
                        .with_conduct(Kin::Orphan, Conduct::Blocks),
                )?;
                let _ = bed.ask(group.id, "SIGTERM")?;
                bed.end_leader_anyhow(&mut group)?;
                expect_live(bed, &group, "SIGKILL", libc::SIGKILL)
            },
        ),
        Case::new(
            "outlives-the-leader/again-and-again",
            "A group without its leader is signalled up to two hundred times: it stays live each time.",
            &[],
            |bed| {
                let mut group = bed.group(&Shape::alone().with(Kin::Child).with(Kin::Orphan))?;
                bed.end_leader(&mut group)?;
                let mut calls = 0;
                while bed.another_round(calls, 25, 200) {
                    let answer = bed.ask(group.id, WATCHABLE[calls % WATCHABLE.len()].0)?;
                    expect_answer(bed, &answer, true, SURVIVORS_LIVE)?;
                    calls += 1;
                }
                Ok(())
            },
        ),
        Case::new(
            "outlives-the-leader/asked-before",
            "The subject has known the group with its leader; then the leader goes.",
            &[],
            |bed| {
                for (name, signal) in WATCHABLE {
                    let mut group = bed.group(&Shape::family())?;
                    let _ = bed.ask(group.id, if name == "SIGHUP" { "SIGINT" } else { "SIGHUP" })?;
                    bed.end_leader(&mut group)?;
                    expect_live(bed, &group, name, signal)?;
                }
                Ok(())
            },
        ),
    ]);
    cases
}

fn expect_live(bed: &mut Bed, group: &Group, name: &str, signal: i32) -> Step {
    let answer = bed.ask(group.id, name)?;
    let scene = bed.look()?;
    let mut problems = missed(bed, &scene, group, signal, 1);
    problems.extend(super::checks::unlike(&answer, true));
    bed.expect_none(
        &format!("{SURVIVORS_LIVE}, each survivor receives {name}, and the answer is Ok(true)"),
        problems,
    )
}

fn stopped() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in WATCHABLE {
        cases.push(Case::new(
            format!("reaches-stopped-members/{}-stays-pending", name.to_lowercase()),
            format!("{name} to a stopped group is pending on each member, and nobody is continued; then it goes on."),
            &[],
            move |bed| {
                for conduct in [Conduct::Watches, Conduct::Dies, Conduct::Catches] {
                    let group = bed.group(&Shape::family().all(conduct))?;
                    bed.stop(&group)?;
                    let _ = bed.ask(group.id, name)?;
                    expect_pending(bed, &group, signal)?;
                    bed.wait_for_latecomers();
                    expect_pending(bed, &group, signal)?;
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
            format!("reaches-stopped-members/sigkill-{own_name}"),
            "SIGKILL ends every member of a stopped group while it is stopped.",
            &[],
            move |bed| {
                let group = bed.group(&Shape::family().session(session))?;
                bed.stop(&group)?;
                let _ = bed.ask(group.id, "SIGKILL")?;
                let scene = bed.look()?;
                let problems = missed(bed, &scene, &group, libc::SIGKILL, 1);
                bed.expect_none("SIGKILL ends each stopped member", problems)
            },
        ));
    }
    cases.extend([
        Case::new(
            "reaches-stopped-members/answered-delivered",
            "A stopped group is live: the answer is Ok(true) for each name.",
            &[],
            |bed| {
                for (name, _) in FOUR {
                    let group = bed.group(&Shape::family())?;
                    bed.stop(&group)?;
                    let answer = bed.ask(group.id, name)?;
                    expect_answer(
                        bed,
                        &answer,
                        true,
                        "a stopped group is live, and the signal is pending on it",
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reaches-stopped-members/some-stopped",
            "The leader runs and its children are stopped, and the other way round.",
            &[],
            |bed| {
                for leader_stopped in [false, true] {
                    let group = bed.group(&Shape::alone().with(Kin::Child).with(Kin::Orphan))?;
                    let stopped = Group {
                        members: if leader_stopped { vec![group.id] } else { group.members[1..].to_vec() },
                        ..group.clone()
                    };
                    bed.stop(&stopped)?;
                    let _ = bed.ask(group.id, "SIGTERM")?;
                    let scene = bed.look()?;
                    let mut problems = missed(bed, &scene, &group, libc::SIGTERM, 1);
                    problems.extend(continued(bed, &scene, &stopped));
                    bed.expect_none(
                        "those that run receive SIGTERM, on those that are stopped it is pending",
                        problems,
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reaches-stopped-members/stopped-survivors",
            "The leader is gone and the survivors are stopped.",
            &[],
            |bed| {
                for (name, signal) in FOUR {
                    let mut group = bed.group(&Shape::family())?;
                    bed.end_leader(&mut group)?;
                    bed.stop(&group)?;
                    let _ = bed.ask(group.id, name)?;
                    let scene = bed.look()?;
                    let problems = missed(bed, &scene, &group, signal, 1);
                    bed.expect_none(&format!("{name} reaches each stopped survivor"), problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reaches-stopped-members/goes-on-with-it",
            "A stopped group that was sent SIGTERM is continued by its owner: each member receives it then.",
            &[],
            |bed| {
                let group = bed.group(&Shape::family())?;
                bed.stop(&group)?;
                let _ = bed.ask(group.id, "SIGTERM")?;
                for &pid in &group.members {
                    bed.agent(&Request::Continue { pid })?;
                }
                bed.note(format!("continued group {} with SIGCONT", group.id));
                let scene = bed.look()?;
                let problems = missed(bed, &scene, &group, libc::SIGTERM, 1);
                bed.expect_none("each member receives SIGTERM when it goes on", problems)
            },
        ),
    ]);
    cases
}

fn expect_pending(bed: &mut Bed, group: &Group, signal: i32) -> Step {
    let scene = bed.look()?;
    let mut problems = continued(bed, &scene, group);
    problems.extend(missed(bed, &scene, group, signal, 1));
    bed.expect_none("the signal is pending on each member, and each member is still stopped", problems)
}

/// A sentence for each member that is not stopped any more.
fn continued(bed: &Bed, scene: &Scene, group: &Group) -> crate::harness::Problems {
    let running = group.members.iter().filter(|&&pid| scene.state(pid) != State::Stopped);
    running.map(|&pid| format!("{}, and is not stopped any more", bed.sentence(scene, pid))).collect()
}

fn ignored() -> Vec<Case> {
    [
        ("ignoring", Conduct::Ignores, "ignore it, as under nohup(1)"),
        ("blocking", Conduct::Blocks, "block it"),
        ("catching", Conduct::Catches, "catch it and go on"),
    ]
    .into_iter()
    .map(|(own_name, conduct, about)| {
        Case::new(
            format!("accepts-being-ignored/{own_name}"),
            format!("All members {about}; SIGTERM, SIGINT and SIGHUP, twice each."),
            &[],
            move |bed| {
                for (name, _) in WATCHABLE {
                    let group = bed.group(&Shape::family().all(conduct))?;
                    for _ in 0..2 {
                        let answer = bed.ask(group.id, name)?;
                        let why =
                            format!("it was sent to live members; that they {about} is theirs to decide");
                        expect_answer(bed, &answer, true, &why)?;
                    }
                }
                Ok(())
            },
        )
    })
    .collect()
}
