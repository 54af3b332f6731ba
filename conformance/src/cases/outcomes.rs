//! What is answered: delivered, exited, or an error.

use super::checks::{FOUR, WATCHABLE, answered, expect_answer, expect_err, missed, touched, unlike};
use super::delivery::{SESSIONS, thousand_calls};
use super::{Case, Need};
use crate::harness::{Bed, Group, Kin, Problems, Session, Shape, Step, Stop};
use crate::testbed::protocol::{Conduct, Place, Program};

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
            format!("{name} to a leader alone, and to groups with members of every kind and conduct."),
            &[],
            move |bed| {
                let family = Shape::family();
                let conducts = [Conduct::Watches, Conduct::Catches, Conduct::Dies, Conduct::Blocks]
                    .map(|one| family.clone().all(one));
                for shape in std::iter::once(Shape::alone()).chain(conducts) {
                    let group = bed.group(&shape)?;
                    let answer = bed.ask(group.id, name)?;
                    expect_answer(bed, &answer, true, LIVE)?;
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
            move |bed| {
                for (name, _) in FOUR {
                    let group = bed.group(&Shape::family().session(session))?;
                    let answer = bed.ask(group.id, name)?;
                    expect_answer(bed, &answer, true, LIVE)?;
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
            |bed| {
                let largest = bed.abilities().pid_max - 2;
                let ids = [2, 3, 9, 15, 45, 64, 77, 93, 94, 100, 128, 130, 999, 1000, 1234, 4096, 12_345, 19_999];
                for id in ids.into_iter().chain([65_535, 65_536, largest]).filter(|&id| id <= largest) {
                    let group = bed.group(&Shape::alone().at(id))?;
                    let answer = bed.ask(id, "SIGTERM")?;
                    expect_answer(bed, &answer, true, LIVE)?;
                    bed.end_all(&group)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reports-delivered/again-and-again",
            "The same group is signalled up to two hundred times, each of the names in turn.",
            &[],
            |bed| {
                let group = bed.group(&Shape::alone().with(Kin::Child))?;
                let mut calls = 0;
                while bed.another_round(calls, 25, 200) {
                    let answer = bed.ask(group.id, WATCHABLE[calls % WATCHABLE.len()].0)?;
                    calls += 1;
                    expect_answer(bed, &answer, true, &format!("{LIVE} (call {calls})"))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reports-delivered/after-a-thousand-calls",
            "After a thousand calls for a missing group, a live one is still answered for.",
            &[],
            |bed| {
                thousand_calls(bed)?;
                let group = bed.group(&Shape::family())?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_answer(bed, &answer, true, LIVE)
            },
        ),
        Case::new(
            "reports-delivered/odd-command-names",
            "The leader's command name looks like the rest of a line of /proc/PID/stat that says it has exited.",
            &[],
            |bed| {
                for name in ["x) Z 1 1 (y", ") X 0 0", "a b"] {
                    let group = bed.group(&Shape::alone().named(name))?;
                    let answer = bed.ask(group.id, "SIGTERM")?;
                    expect_answer(bed, &answer, true, LIVE)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reports-delivered/beside-exited",
            "Live and exited groups are asked for in turn: an answer is about its own group.",
            &[],
            |bed| {
                for _ in 0..6 {
                    let gone = bed.exited_group(&Shape::alone())?;
                    let live = bed.group(&Shape::alone())?;
                    let _ = bed.ask(gone.id, "SIGTERM")?;
                    let answer = bed.ask(live.id, "SIGTERM")?;
                    expect_answer(bed, &answer, true, LIVE)?;
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
            move |bed| {
                for shape in [Shape::alone(), Shape::family(), Shape::family().session(Session::Windows)] {
                    let group = bed.exited_group(&shape)?;
                    let answer = bed.ask(group.id, name)?;
                    expect_answer(bed, &answer, false, EXITED)?;
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
            |bed| {
                for (name, _) in FOUR {
                    let group = bed.group(&Shape::family().all(Conduct::Dies))?;
                    let _ = bed.ask(group.id, name)?;
                    bed.make_exited(&group)?;
                    let answer = bed.ask(group.id, name)?;
                    expect_answer(bed, &answer, false, EXITED)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "reports-exited/session-lives-on",
            "The group has exited, but other groups of the session that its leader led live on.",
            &[],
            |bed| {
                let group = bed.group(&Shape::alone().session(Session::Own))?;
                bed.bystander(
                    "a child of the leader in another group of its session",
                    Some(group.id),
                    Place::Own,
                    None,
                )?;
                bed.make_exited(&group)?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_answer(bed, &answer, false, EXITED)
            },
        ),
        Case::new(
            "reports-exited/children-live-on",
            "The group has exited, but children of its leader that moved to other groups live on.",
            &[],
            |bed| {
                let group = bed.group(&Shape::family())?;
                bed.bystander(
                    "a child of the leader in a group of its own",
                    Some(group.id),
                    Place::Own,
                    None,
                )?;
                bed.make_exited(&group)?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_answer(bed, &answer, false, EXITED)
            },
        ),
        Case::new(
            "reports-exited/after-the-survivors",
            "First the leader exits, then the survivors, one by one: the group has exited with the last.",
            &[],
            |bed| {
                let mut group = bed.group(&Shape::alone().with(Kin::Child).with(Kin::Orphan))?;
                bed.end_leader(&mut group)?;
                let _ = bed.ask(group.id, "SIGHUP")?;
                bed.make_exited(&group)?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_answer(bed, &answer, false, EXITED)
            },
        ),
        Case::new(
            "reports-exited/after-a-thousand-calls",
            "After a thousand calls for a missing group, one that has exited since is still answered for.",
            &[],
            |bed| {
                let group = bed.group(&Shape::alone())?;
                thousand_calls(bed)?;
                bed.make_exited(&group)?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_answer(bed, &answer, false, EXITED)
            },
        ),
        Case::new(
            "reports-exited/beside-live",
            "Live and exited groups are asked for in turn: an answer is about its own group.",
            &[],
            |bed| {
                for _ in 0..6 {
                    let live = bed.group(&Shape::alone())?;
                    let gone = bed.exited_group(&Shape::alone())?;
                    let _ = bed.ask(live.id, "SIGTERM")?;
                    let answer = bed.ask(gone.id, "SIGTERM")?;
                    expect_answer(bed, &answer, false, EXITED)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "exited-is-repeatable/three-times",
            "A group that has exited is asked for three times with each name; nobody hears of it.",
            &[],
            |bed| {
                let group = bed.exited_group(&Shape::family())?;
                bed.group(&Shape::family())?;
                bed.start()?;
                let before = bed.look()?;
                for (name, _) in FOUR {
                    for _ in 0..3 {
                        let answer = bed.ask(group.id, name)?;
                        expect_answer(bed, &answer, false, &format!("{EXITED}, as before"))?;
                    }
                }
                bed.wait_for_latecomers();
                let after = bed.look()?;
                let problems = touched(bed, &before, &after, &[]);
                bed.expect_none("asking for an exited group has no effect on anybody", problems)
            },
        ),
        Case::new(
            "exited-is-repeatable/again-and-again",
            "Up to two hundred times, with calls for a live group between.",
            &[],
            |bed| {
                let gone = bed.exited_group(&Shape::alone())?;
                let live = bed.group(&Shape::alone())?;
                let mut calls = 0;
                while bed.another_round(calls, 25, 200) {
                    if calls % 10 == 5 {
                        let _ = bed.ask(live.id, "SIGHUP")?;
                    }
                    let answer = bed.ask(gone.id, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                    expect_answer(bed, &answer, false, &format!("{EXITED}, as before (call {calls})"))?;
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
            |bed| {
                for index in 0..12 {
                    let id = bed.free_id()?;
                    let answer = bed.ask(id, FOUR[index % FOUR.len()].0)?;
                    expect_answer(bed, &answer, false, MISSING)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "never-existed-is-exited/beyond-the-kernels",
            "Ids above the largest pid that a kernel gives, up to i32::MAX: valid, and nobody's.",
            // A subject that cuts such an id down may hit anybody.
            &[Need::Sandbox],
            |bed| {
                let live = bed.group(&Shape::alone().with(Kin::Child))?.id;
                let ids = [4_194_304, 4_194_305, live + (1 << 23), live + (1 << 24), live + (1 << 30)];
                let round =
                    [10_000_000, 99_999_999, 1_000_000_000, 1 << 30, i32::MAX as u32 - 1, i32::MAX as u32];
                for id in ids.into_iter().chain(round) {
                    let answer = bed.ask(id, "SIGTERM")?;
                    expect_answer(
                        bed,
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
            |bed| {
                for id in 2..12 {
                    if !bed.exists(id)? {
                        let answer = bed.ask(id, "SIGTERM")?;
                        expect_answer(bed, &answer, false, MISSING)?;
                    }
                }
                Ok(())
            },
        ),
        not_leader("child", "A child of the leader, asked for by its own pid.", |bed| {
            let group = bed.group(&Shape::family())?;
            Ok(group.members[1..].to_vec())
        }),
        not_leader("survivor", "Members of a group whose leader is gone.", |bed| {
            let mut group = bed.group(&Shape::family())?;
            bed.end_leader(&mut group)?;
            Ok(group.members)
        }),
        not_leader("stopped-member", "Members of a stopped group.", |bed| {
            let group = bed.group(&Shape::family())?;
            bed.stop(&group)?;
            Ok(group.members[1..].to_vec())
        }),
        not_leader(
            "of-the-agents-group",
            "A process in the group of the agent, which is its parent.",
            |bed| Ok(vec![bed.bystander("a process in the agent's group", None, Place::Parents, None)?]),
        ),
        not_leader(
            "of-a-windows-group",
            "A process in the group of a window, beside the window's jobs.",
            |bed| {
                let group = bed.group(&Shape::family().session(Session::Windows))?;
                Ok(vec![bed.bystander(
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
            |bed| {
                for id in [3, 12, 77, 150] {
                    let group = bed.group(&Shape::alone().at(1000 + id))?;
                    let member = bed.bystander(
                        "a member, put there by somebody outside",
                        None,
                        Place::Of(group.id),
                        Some(id),
                    )?;
                    expect_no_leader(bed, member, "SIGTERM")?;
                }
                Ok(())
            },
        ),
    ]
}

fn not_leader(
    own_name: &str,
    about: &str,
    make: impl Fn(&mut Bed) -> Step<Vec<u32>> + Send + Sync + 'static,
) -> Case {
    let about = format!("{about} It leads no group: the answer is Ok(false), and it receives nothing.");
    Case::new(format!("member-is-not-leader/{own_name}"), about, &[], move |bed| {
        for pid in make(bed)? {
            for (name, _) in FOUR {
                expect_no_leader(bed, pid, name)?;
            }
        }
        Ok(())
    })
}

fn expect_no_leader(bed: &mut Bed, pid: u32, name: &str) -> Step {
    bed.start()?;
    let before = bed.look()?;
    let answer = bed.ask(pid, name)?;
    let after = bed.look()?;
    let mut problems = unlike(&answer, false);
    if before.signals(pid) != after.signals(pid) || before.state(pid) != after.state(pid) {
        problems.push(bed.sentence(&after, pid));
    }
    bed.expect_none("Ok(false): that process leads no group; it receives nothing", problems)
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
                move |bed| {
                    let group = bed.group(&shape())?;
                    bed.end_all(&group)?;
                    for (name, _) in FOUR.into_iter().chain(FOUR) {
                        let answer = bed.ask(group.id, name)?;
                        expect_no_error(bed, &answer)?;
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
        |bed| {
            let mut group = bed.group(&Shape::family())?;
            bed.end_leader(&mut group)?;
            bed.end_all(&group)?;
            let answer = bed.ask(group.id, "SIGTERM")?;
            expect_no_error(bed, &answer)
        },
    ));
    cases.push(Case::new(
        "unreaped-is-not-an-error/just-ended",
        "SIGKILL, and at once SIGTERM: the members may be on their way out, so that either answer is right.",
        &[],
        |bed| {
            for _ in 0..8 {
                let group = bed.group(&Shape::family())?;
                let _ = bed.ask(group.id, "SIGKILL")?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_any_ok(bed, &answer)?;
            }
            Ok(())
        },
    ));
    cases
}

fn expect_no_error(bed: &mut Bed, answer: &crate::subject::wire::Answer) -> Step {
    if let Some(declared) = bed.settings().declared.of_unreaped() {
        let why =
            "nothing went wrong, the members wait to be reaped, and the subject declares that it says so";
        return expect_answer(bed, answer, declared, why);
    }
    expect_any_ok(bed, answer)
}

fn expect_any_ok(bed: &mut Bed, answer: &crate::subject::wire::Answer) -> Step {
    let problems: Problems = answer.is_err().then(|| answered(None, answer)).into_iter().collect();
    bed.expect_none("Ok(true) or Ok(false): nothing went wrong, the members wait to be reaped", problems)
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
            move |bed| {
                let groups = [refused_group(bed, &Shape::alone())?, refused_group(bed, &Shape::family())?];
                start_refused(bed, &groups)?;
                for group in &groups {
                    let answer = bed.ask(group.id, name)?;
                    expect_err(bed, &answer, REFUSED)?;
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
            |bed| {
                let mut group = refused_group(bed, &Shape::family())?;
                bed.end_leader(&mut group)?;
                start_refused(bed, std::slice::from_ref(&group))?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_err(bed, &answer, REFUSED)
            },
        ),
        Case::new(
            "refused-is-an-error/some-unreaped",
            "Some members have exited and are not reaped; those that live may not be signalled, nor may those.",
            &[],
            |bed| {
                let group = refused_group(bed, &Shape::family())?;
                bed.exit(group.members[1])?;
                start_refused(bed, std::slice::from_ref(&group))?;
                for (name, _) in FOUR {
                    let answer = bed.ask(group.id, name)?;
                    expect_err(bed, &answer, REFUSED)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "refused-is-an-error/unreaped-leader",
            "The leader has exited and is not reaped; the survivors may not be signalled.",
            &[],
            |bed| {
                let group = refused_group(bed, &Shape::family())?;
                bed.exit(group.id)?;
                start_refused(bed, std::slice::from_ref(&group))?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_err(bed, &answer, REFUSED)
            },
        ),
        Case::new("refused-is-an-error/stopped", "The group is stopped, and may not be signalled.", &[], |bed| {
            let group = refused_group(bed, &Shape::family())?;
            bed.stop(&group)?;
            start_refused(bed, std::slice::from_ref(&group))?;
            let answer = bed.ask(group.id, "SIGTERM")?;
            expect_err(bed, &answer, REFUSED)
        }),
        Case::new(
            "refused-is-an-error/own-session",
            "A group that leads its session, of another user.",
            &[],
            |bed| {
                let shape = Shape::alone().session(Session::Own).with(Kin::Child).with(Kin::Orphan);
                let group = refused_group(bed, &shape)?;
                start_refused(bed, std::slice::from_ref(&group))?;
                let answer = bed.ask(group.id, "SIGTERM")?;
                expect_err(bed, &answer, REFUSED)
            },
        ),
        Case::new(
            "refused-is-an-error/again-and-again",
            "The same refused group, up to two hundred times: it never comes to be taken for exited.",
            &[],
            |bed| {
                let group = refused_group(bed, &Shape::alone().with(Kin::Child))?;
                start_refused(bed, std::slice::from_ref(&group))?;
                let mut calls = 0;
                while bed.another_round(calls, 25, 200) {
                    let answer = bed.ask(group.id, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                    expect_err(bed, &answer, &format!("{REFUSED} (call {calls})"))?;
                }
                Ok(())
            },
        ),
        partly("guest-of-another-user", "The leader may be signalled, a guest may not.", || {
            Shape::alone().with(Kin::Child).with_others()
        }),
        partly("leader-of-another-user", "The leader may not be signalled, a guest may.", || Shape {
            leader_others: true,
            ..Shape::alone().with(Kin::Guest)
        }),
        partly("one-of-many", "Of many members, the one that joined last may be signalled.", || Shape {
            leader_others: true,
            ..(0..8).fold(Shape::alone(), |shape, _| shape.with(Kin::Child)).with(Kin::Guest)
        }),
        Case::new(
            "partly-refused-is-delivered/survivors",
            "The leader is gone; of the survivors one may be signalled.",
            &[Need::OtherUser],
            |bed| {
                for (name, signal) in FOUR {
                    let mut group = bed.group(&Shape::alone().with_others().with(Kin::Orphan))?;
                    bed.end_leader(&mut group)?;
                    expect_partly(bed, &group, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "partly-refused-is-delivered/stopped",
            "The member that may be signalled is stopped.",
            &[Need::OtherUser],
            |bed| {
                let group = bed.group(&Shape::alone().with_others())?;
                bed.stop(&group)?;
                expect_partly(bed, &group, "SIGTERM", libc::SIGTERM)
            },
        ),
    ]);
    cases
}

/// A group that the subject may not signal: another user's where that can be had.
pub(super) fn refused_group(bed: &mut Bed, shape: &Shape) -> Step<Group> {
    if bed.is_remote() {
        let reason = "needs a subject whose permissions the suite can take away: behind a testbed others do for it what it asks";
        return Err(Stop::Skip(reason.to_owned()));
    }
    let abilities = bed.abilities();
    if abilities.other_uid && abilities.drop_cap_kill {
        bed.group(&shape.clone().all_others())
    } else {
        bed.group(shape)
    }
}

/// Starts the subject so that it may not signal `groups`.
pub(super) fn start_refused(bed: &mut Bed, groups: &[Group]) -> Step {
    let abilities = bed.abilities();
    if abilities.other_uid && abilities.drop_cap_kill {
        bed.note("the subject starts without CAP_KILL".to_owned());
        return bed.start_with(Program { without_cap_kill: true, ..Program::default() });
    }
    let refused = groups.iter().flat_map(|group| group.members.iter().copied().chain([group.id])).collect();
    bed.note("the subject starts with EPERM for each signal to the group (seccomp)".to_owned());
    bed.start_with(Program { refused, ..Program::default() })
}

fn partly(own_name: &str, about: &str, shape: fn() -> Shape) -> Case {
    Case::new(
        format!("partly-refused-is-delivered/{own_name}"),
        format!("{about} The subject has no CAP_KILL."),
        &[Need::OtherUser],
        move |bed| {
            for (name, signal) in FOUR {
                let group = bed.group(&shape())?;
                expect_partly(bed, &group, name, signal)?;
            }
            Ok(())
        },
    )
}

/// Asks a subject without CAP_KILL, and expects delivery to those members that are not another user's.
fn expect_partly(bed: &mut Bed, group: &Group, name: &str, signal: i32) -> Step {
    bed.start_with(Program { without_cap_kill: true, ..Program::default() })?;
    let answer = bed.ask(group.id, name)?;
    let scene = bed.look()?;
    let mut problems = unlike(&answer, true);
    let permitted: Vec<_> = group.members.iter().copied().filter(|&pid| !bed.is_others(pid)).collect();
    if permitted.is_empty() {
        return Err(Stop::Broken("the group has no member that may be signalled".to_owned()));
    }
    let conducts = vec![Conduct::Watches; permitted.len()];
    problems.extend(missed(bed, &scene, &Group { members: permitted, conducts, ..group.clone() }, signal, 1));
    bed.expect_none("Ok(true): at least one member could be signalled, and was", problems)
}
