//! What is answered: delivered, exited, or an error.

use super::checks::{FOUR, WATCHABLE, answered, expect_answer, expect_err, missed, touched, unlike};
use super::delivery::{SESSIONS, thousand_calls};
use super::{Case, Need};
use crate::harness::{Abort, Context, Group, Lineage, Problems, Result, Session, Shape};
use crate::testbed::protocol::{Disposition, Place, Program};

const LIVE: &str = "the group has a live member";
const EXITED: &str = "no process is in the group any more, not even one waiting to be reaped";
const MISSING: &str = "no group has that id";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = delivered();
    cases.extend(exited());
    cases.extend(missing());
    cases.extend(unreaped());
    cases.extend(refused());
    cases
}

fn delivered() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, _) in FOUR {
        cases.push(Case::new(
            format!("reports-delivered/{}", name.to_lowercase()),
            format!("{name} to a leader alone, and to groups with members of every kind and disposition."),
            &[],
            move |context| {
                let family = Shape::family();
                let dispositions =
                    [Disposition::Watches, Disposition::Catches, Disposition::Dies, Disposition::Blocks]
                        .map(|one| family.clone().all(one));
                for shape in std::iter::once(Shape::alone()).chain(dispositions) {
                    let group = context.group(&shape)?;
                    let answer = context.ask(group.id, name)?;
                    expect_answer(context, &answer, true, LIVE)?;
                }
                Ok(())
            },
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            format!("reports-delivered/{own_name}"),
            format!("Each of the four to a group {about}."),
            &[],
            move |context| {
                for (name, _) in FOUR {
                    let group = context.group(&Shape::family().session(session))?;
                    let answer = context.ask(group.id, name)?;
                    expect_answer(context, &answer, true, LIVE)?;
                }
                Ok(())
            },
        ));
    }
    cases.extend([
        Case::new(
            "reports-delivered/ids",
            "Live groups with ids of every shape, from 2 to the largest that the kernel gives.",
            &[Need::ChosenIds],
            |context| {
                let largest = context.abilities().pid_max - 2;
                let ids = [2, 3, 9, 15, 45, 64, 77, 93, 94, 100, 128, 130, 999, 1000, 1234, 4096, 12_345, 19_999];
                for id in ids.into_iter().chain([65_535, 65_536, largest]).filter(|&id| id <= largest) {
                    let group = context.group(&Shape::alone().at(id))?;
                    let answer = context.ask(id, "SIGTERM")?;
                    expect_answer(context, &answer, true, LIVE)?;
                    context.end_all(&group)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reports-delivered/again-and-again",
            "The same group is signalled up to two hundred times, each of the names in turn.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    let answer = context.ask(group.id, WATCHABLE[calls % WATCHABLE.len()].0)?;
                    calls += 1;
                    expect_answer(context, &answer, true, &format!("{LIVE} (call {calls})"))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reports-delivered/after-a-thousand-calls",
            "After a thousand calls for a missing group, a live one is still answered for.",
            &[],
            |context| {
                thousand_calls(context)?;
                let group = context.group(&Shape::family())?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_answer(context, &answer, true, LIVE)
            },
        ),
        Case::new(
            "reports-delivered/odd-command-names",
            "The leader's command name looks like the rest of a line of /proc/PID/stat that says it has exited.",
            &[],
            |context| {
                for name in ["x) Z 1 1 (y", ") X 0 0", "a b"] {
                    let group = context.group(&Shape::alone().named(name))?;
                    let answer = context.ask(group.id, "SIGTERM")?;
                    expect_answer(context, &answer, true, LIVE)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reports-delivered/beside-exited",
            "Live and exited groups are asked for in turn: an answer is about its own group.",
            &[],
            |context| {
                for _ in 0..6 {
                    let gone = context.exited_group(&Shape::alone())?;
                    let live = context.group(&Shape::alone())?;
                    let _ = context.ask(gone.id, "SIGTERM")?;
                    let answer = context.ask(live.id, "SIGTERM")?;
                    expect_answer(context, &answer, true, LIVE)?;
                }
                Ok(())
            },
        ),
    ]);
    cases
}

fn exited() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, _) in FOUR {
        cases.push(Case::new(
            format!("reports-exited/{}", name.to_lowercase()),
            format!("{name} to a leader alone, and to a group with members of every kind, that have exited."),
            &[],
            move |context| {
                for shape in [Shape::alone(), Shape::family(), Shape::family().session(Session::Windows)] {
                    let group = context.exited_group(&shape)?;
                    let answer = context.ask(group.id, name)?;
                    expect_answer(context, &answer, false, EXITED)?;
                }
                Ok(())
            },
        ));
    }
    cases.extend([
        Case::new(
            "reports-exited/whole-life",
            "A group is signalled while it lives, ends of it, is reaped, and is signalled again.",
            &[],
            |context| {
                for (name, _) in FOUR {
                    let group = context.group(&Shape::family().all(Disposition::Dies))?;
                    let _ = context.ask(group.id, name)?;
                    context.make_exited(&group)?;
                    let answer = context.ask(group.id, name)?;
                    expect_answer(context, &answer, false, EXITED)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reports-exited/session-lives-on",
            "The group has exited, but other groups of the session that its leader led live on.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().session(Session::Own))?;
                context.bystander(
                    "a child of the leader in another group of its session",
                    Some(group.id),
                    Place::Own,
                    None,
                )?;
                context.make_exited(&group)?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_answer(context, &answer, false, EXITED)
            },
        ),
        Case::new(
            "reports-exited/children-live-on",
            "The group has exited, but children of its leader that moved to other groups live on.",
            &[],
            |context| {
                let group = context.group(&Shape::family())?;
                context.bystander(
                    "a child of the leader in a group of its own",
                    Some(group.id),
                    Place::Own,
                    None,
                )?;
                context.make_exited(&group)?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_answer(context, &answer, false, EXITED)
            },
        ),
        Case::new(
            "reports-exited/after-the-survivors",
            "First the leader exits, then the survivors, one by one: the group has exited with the last.",
            &[],
            |context| {
                let mut group = context.group(&Shape::alone().with(Lineage::Child).with(Lineage::Orphan))?;
                context.end_leader(&mut group)?;
                let _ = context.ask(group.id, "SIGHUP")?;
                context.make_exited(&group)?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_answer(context, &answer, false, EXITED)
            },
        ),
        Case::new(
            "reports-exited/after-a-thousand-calls",
            "After a thousand calls for a missing group, one that has exited since is still answered for.",
            &[],
            |context| {
                let group = context.group(&Shape::alone())?;
                thousand_calls(context)?;
                context.make_exited(&group)?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_answer(context, &answer, false, EXITED)
            },
        ),
        Case::new(
            "reports-exited/beside-live",
            "Live and exited groups are asked for in turn: an answer is about its own group.",
            &[],
            |context| {
                for _ in 0..6 {
                    let live = context.group(&Shape::alone())?;
                    let gone = context.exited_group(&Shape::alone())?;
                    let _ = context.ask(live.id, "SIGTERM")?;
                    let answer = context.ask(gone.id, "SIGTERM")?;
                    expect_answer(context, &answer, false, EXITED)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "exited-is-repeatable/three-times",
            "A group that has exited is asked for three times with each name; nobody hears of it.",
            &[],
            |context| {
                let group = context.exited_group(&Shape::family())?;
                context.group(&Shape::family())?;
                context.start()?;
                let before = context.snapshot()?;
                for (name, _) in FOUR {
                    for _ in 0..3 {
                        let answer = context.ask(group.id, name)?;
                        expect_answer(context, &answer, false, &format!("{EXITED}, as before"))?;
                    }
                }
                context.wait_for_latecomers();
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &[]);
                context.expect_none("asking for an exited group has no effect on anybody", problems)
            },
        ),
        Case::new(
            "exited-is-repeatable/again-and-again",
            "Up to two hundred times, with calls for a live group between.",
            &[],
            |context| {
                let gone = context.exited_group(&Shape::alone())?;
                let live = context.group(&Shape::alone())?;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    if calls % 10 == 5 {
                        let _ = context.ask(live.id, "SIGHUP")?;
                    }
                    let answer = context.ask(gone.id, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                    expect_answer(context, &answer, false, &format!("{EXITED}, as before (call {calls})"))?;
                }
                Ok(())
            },
        ),
    ]);
    cases
}

fn missing() -> Vec<Case> {
    vec![
        Case::new(
            "never-existed-is-exited/free-ids",
            "Ids of every shape that no process has.",
            &[],
            |context| {
                for index in 0..12 {
                    let id = context.free_id()?;
                    let answer = context.ask(id, FOUR[index % FOUR.len()].0)?;
                    expect_answer(context, &answer, false, MISSING)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "never-existed-is-exited/beyond-the-kernels",
            "Ids above the largest pid that a kernel gives, up to i32::MAX: valid, and nobody's.",
            // A subject that cuts such an id down may hit anybody.
            &[Need::Sandbox],
            |context| {
                let live = context.group(&Shape::alone().with(Lineage::Child))?.id;
                let ids = [4_194_304, 4_194_305, live + (1 << 23), live + (1 << 24), live + (1 << 30)];
                let round =
                    [10_000_000, 99_999_999, 1_000_000_000, 1 << 30, i32::MAX as u32 - 1, i32::MAX as u32];
                for id in ids.into_iter().chain(round) {
                    let answer = context.ask(id, "SIGTERM")?;
                    expect_answer(
                        context,
                        &answer,
                        false,
                        &format!("{MISSING}; a valid leader pid is 2 to {}", i32::MAX),
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            "never-existed-is-exited/smallest",
            "Ids from 2 on that no process has.",
            &[Need::Sandbox],
            |context| {
                for id in 2..12 {
                    if !context.exists(id)? {
                        let answer = context.ask(id, "SIGTERM")?;
                        expect_answer(context, &answer, false, MISSING)?;
                    }
                }
                Ok(())
            },
        ),
        not_leader("child", "A child of the leader, asked for by its own pid.", |context| {
            let group = context.group(&Shape::family())?;
            Ok(group.members[1..].to_vec())
        }),
        not_leader("survivor", "Members of a group whose leader is gone.", |context| {
            let mut group = context.group(&Shape::family())?;
            context.end_leader(&mut group)?;
            Ok(group.members)
        }),
        not_leader("stopped-member", "Members of a stopped group.", |context| {
            let group = context.group(&Shape::family())?;
            context.stop(&group)?;
            Ok(group.members[1..].to_vec())
        }),
        not_leader(
            "of-the-agents-group",
            "A process in the group of the agent, which is its parent.",
            |context| {
                Ok(vec![context.bystander("a process in the agent's group", None, Place::Parents, None)?])
            },
        ),
        not_leader(
            "of-a-windows-group",
            "A process in the group of a window, beside the window's jobs.",
            |context| {
                let group = context.group(&Shape::family().session(Session::Windows))?;
                Ok(vec![context.bystander(
                    "a process in the window's own group",
                    group.window,
                    Place::Parents,
                    None,
                )?])
            },
        ),
        Case::new(
            "member-is-not-leader/small-id",
            "A member whose own pid is small, as in a container.",
            &[Need::ChosenIds],
            |context| {
                for id in [3, 12, 77, 150] {
                    let group = context.group(&Shape::alone().at(1000 + id))?;
                    let member = context.bystander(
                        "a member, put there by somebody outside",
                        None,
                        Place::Of(group.id),
                        Some(id),
                    )?;
                    expect_no_leader(context, member, "SIGTERM")?;
                }
                Ok(())
            },
        ),
    ]
}

fn not_leader(
    own_name: &str,
    about: &str,
    make: impl Fn(&mut Context) -> Result<Vec<u32>> + Send + Sync + 'static,
) -> Case {
    let about = format!("{about} It leads no group: the answer is Ok(false), and it receives nothing.");
    Case::new(format!("member-is-not-leader/{own_name}"), about, &[], move |context| {
        for pid in make(context)? {
            for (name, _) in FOUR {
                expect_no_leader(context, pid, name)?;
            }
        }
        Ok(())
    })
}

fn expect_no_leader(context: &mut Context, pid: u32, name: &str) -> Result {
    context.start()?;
    let before = context.snapshot()?;
    let answer = context.ask(pid, name)?;
    let after = context.snapshot()?;
    let mut problems = unlike(&answer, false);
    if before.signals(pid) != after.signals(pid) || before.state(pid) != after.state(pid) {
        problems.push(context.sentence(&after, pid));
    }
    context.expect_none("Ok(false): that process leads no group; it receives nothing", problems)
}

/// A shape with a case's own name and the words for its prose.
pub(super) type Made = (&'static str, &'static str, fn() -> Shape);

fn unreaped() -> Vec<Case> {
    let shapes: [Made; 4] = [
        ("leader", "a leader alone", Shape::alone),
        ("family", "a leader and members of every kind", Shape::family),
        ("own-session", "a group whose leader leads its session", || Shape::family().session(Session::Own)),
        ("windows-session", "a group in a window's session", || Shape::family().session(Session::Windows)),
    ];
    let mut cases: Vec<_> = shapes
        .into_iter()
        .map(|(own_name, about, shape)| {
            Case::new(
                format!("unreaped-is-not-an-error/{own_name}"),
                format!("All members of {about} have exited and none is reaped; each name, twice."),
                &[],
                move |context| {
                    let group = context.group(&shape())?;
                    context.end_all(&group)?;
                    for (name, _) in FOUR.into_iter().chain(FOUR) {
                        let answer = context.ask(group.id, name)?;
                        expect_no_error(context, &answer)?;
                    }
                    Ok(())
                },
            )
        })
        .collect();
    cases.push(Case::new(
        "unreaped-is-not-an-error/survivors",
        "The leader is reaped, then the survivors exit and are not.",
        &[],
        |context| {
            let mut group = context.group(&Shape::family())?;
            context.end_leader(&mut group)?;
            context.end_all(&group)?;
            let answer = context.ask(group.id, "SIGTERM")?;
            expect_no_error(context, &answer)
        },
    ));
    cases.push(Case::new(
        "unreaped-is-not-an-error/just-ended",
        "SIGKILL, and at once SIGTERM: the members may be on their way out, so that either answer is right.",
        &[],
        |context| {
            for _ in 0..8 {
                let group = context.group(&Shape::family())?;
                let _ = context.ask(group.id, "SIGKILL")?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_any_ok(context, &answer)?;
            }
            Ok(())
        },
    ));
    cases
}

fn expect_no_error(context: &mut Context, answer: &crate::subject::wire::Answer) -> Result {
    if let Some(declared) = context.settings().declared.of_unreaped() {
        let why =
            "nothing went wrong, the members wait to be reaped, and the subject declares that it says so";
        return expect_answer(context, answer, declared, why);
    }
    expect_any_ok(context, answer)
}

fn expect_any_ok(context: &mut Context, answer: &crate::subject::wire::Answer) -> Result {
    let problems: Problems = answer.is_err().then(|| answered(None, answer)).into_iter().collect();
    context.expect_none("Ok(true) or Ok(false): nothing went wrong, the members wait to be reaped", problems)
}

const REFUSED: &str = "no live member may be signalled: permission is refused, and the group has not exited";

fn refused() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, _) in FOUR {
        cases.push(Case::new(
            format!("refused-is-an-error/{}", name.to_lowercase()),
            format!(
                "{name} to groups of another user, by a subject without the privilege (CAP_KILL); without root, to \
                 groups for which the system answers EPERM to the subject (seccomp)."
            ),
            &[],
            move |context| {
                let groups = [refused_group(context, &Shape::alone())?, refused_group(context, &Shape::family())?];
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
            "refused-is-an-error/survivors",
            "The leader is gone, and the survivors may not be signalled.",
            &[],
            |context| {
                let mut group = refused_group(context, &Shape::family())?;
                context.end_leader(&mut group)?;
                start_refused(context, std::slice::from_ref(&group))?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_err(context, &answer, REFUSED)
            },
        ),
        Case::new(
            "refused-is-an-error/some-unreaped",
            "Some members have exited and are not reaped; those that live may not be signalled, nor may those.",
            &[],
            |context| {
                let group = refused_group(context, &Shape::family())?;
                context.exit(group.members[1])?;
                start_refused(context, std::slice::from_ref(&group))?;
                for (name, _) in FOUR {
                    let answer = context.ask(group.id, name)?;
                    expect_err(context, &answer, REFUSED)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "refused-is-an-error/unreaped-leader",
            "The leader has exited and is not reaped; the survivors may not be signalled.",
            &[],
            |context| {
                let group = refused_group(context, &Shape::family())?;
                context.exit(group.id)?;
                start_refused(context, std::slice::from_ref(&group))?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_err(context, &answer, REFUSED)
            },
        ),
        Case::new("refused-is-an-error/stopped", "The group is stopped, and may not be signalled.", &[], |context| {
            let group = refused_group(context, &Shape::family())?;
            context.stop(&group)?;
            start_refused(context, std::slice::from_ref(&group))?;
            let answer = context.ask(group.id, "SIGTERM")?;
            expect_err(context, &answer, REFUSED)
        }),
        Case::new(
            "refused-is-an-error/own-session",
            "A group that leads its session, of another user.",
            &[],
            |context| {
                let shape = Shape::alone().session(Session::Own).with(Lineage::Child).with(Lineage::Orphan);
                let group = refused_group(context, &shape)?;
                start_refused(context, std::slice::from_ref(&group))?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_err(context, &answer, REFUSED)
            },
        ),
        Case::new(
            "refused-is-an-error/again-and-again",
            "The same refused group, up to two hundred times: it never comes to be taken for exited.",
            &[],
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
        partly("guest-of-another-user", "The leader may be signalled, a guest may not.", || {
            Shape::alone().with(Lineage::Child).with_others()
        }),
        partly("leader-of-another-user", "The leader may not be signalled, a guest may.", || Shape {
            leader_others: true,
            ..Shape::alone().with(Lineage::Guest)
        }),
        partly("one-of-many", "Of many members, the one that joined last may be signalled.", || Shape {
            leader_others: true,
            ..(0..8).fold(Shape::alone(), |shape, _| shape.with(Lineage::Child)).with(Lineage::Guest)
        }),
        Case::new(
            "partly-refused-is-delivered/survivors",
            "The leader is gone; of the survivors one may be signalled.",
            &[Need::OtherUser],
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
            "partly-refused-is-delivered/stopped",
            "The member that may be signalled is stopped.",
            &[Need::OtherUser],
            |context| {
                let group = context.group(&Shape::alone().with_others())?;
                context.stop(&group)?;
                expect_partly(context, &group, "SIGTERM", libc::SIGTERM)
            },
        ),
    ]);
    cases
}

/// A group that the subject may not signal: another user's where that can be had.
pub(super) fn refused_group(context: &mut Context, shape: &Shape) -> Result<Group> {
    if context.is_remote() {
        let reason = "needs a subject whose permissions the suite can take away: behind a testbed others do for it what it asks";
        return Err(Abort::Skip(reason.to_owned()));
    }
    let abilities = context.abilities();
    if abilities.other_uid && abilities.drop_cap_kill {
        context.group(&shape.clone().all_others())
    } else {
        context.group(shape)
    }
}

/// Starts the subject so that it may not signal `groups`.
pub(super) fn start_refused(context: &mut Context, groups: &[Group]) -> Result {
    let abilities = context.abilities();
    if abilities.other_uid && abilities.drop_cap_kill {
        context.note("the subject starts without CAP_KILL".to_owned());
        return context.start_with(Program { without_cap_kill: true, ..Program::default() });
    }
    let refused = groups.iter().flat_map(|group| group.members.iter().copied().chain([group.id])).collect();
    context.note("the subject starts with EPERM for each signal to the group (seccomp)".to_owned());
    context.start_with(Program { refused, ..Program::default() })
}

fn partly(own_name: &str, about: &str, shape: fn() -> Shape) -> Case {
    Case::new(
        format!("partly-refused-is-delivered/{own_name}"),
        format!("{about} The subject has no CAP_KILL."),
        &[Need::OtherUser],
        move |context| {
            for (name, signal) in FOUR {
                let group = context.group(&shape())?;
                expect_partly(context, &group, name, signal)?;
            }
            Ok(())
        },
    )
}

/// Asks a subject without CAP_KILL, and expects delivery to those members that are not another user's.
fn expect_partly(context: &mut Context, group: &Group, name: &str, signal: i32) -> Result {
    context.start_with(Program { without_cap_kill: true, ..Program::default() })?;
    let answer = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    let mut problems = unlike(&answer, true);
    let permitted: Vec<_> = group.members.iter().copied().filter(|&pid| !context.is_others(pid)).collect();
    if permitted.is_empty() {
        return Err(Abort::Broken("the group has no member that may be signalled".to_owned()));
    }
    let dispositions = vec![Disposition::Watches; permitted.len()];
    problems.extend(missed(
        context,
        &snapshot,
        &Group { members: permitted, dispositions, ..group.clone() },
        signal,
        1,
    ));
    context.expect_none("Ok(true): at least one member could be signalled, and was", problems)
}
