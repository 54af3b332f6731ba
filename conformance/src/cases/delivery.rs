//! What reaches the members of the group: each of them, once a call, that signal and no other.

use super::checks::{FOUR, WATCHABLE, expect_answer, missed, strange, surplus};
use super::{Case, Need};
use crate::harness::{Bed, Group, Kin, Problems, Session, Shape, Step};
use crate::subject::wire::Question;
use crate::testbed::protocol::Conduct;
use std::time::{Duration, Instant};

const EVERY_MEMBER: &str = "every live member has received the signal when the answer comes";
const ONCE: &str = "every member receives the signal exactly once a call, also a moment later";
const THAT_SIGNAL: &str = "the members receive the named signal and nothing else beside it";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = every_member();
    cases.extend(once());
    cases.extend(that_signal());
    cases
}

fn every_member() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in FOUR {
        cases.push(Case::new(
            format!("delivers-to-every-member/{}", name.to_lowercase()),
            format!(
                "{name} to a leader with children, a grandchild, a grandchild whose parent is gone, and a member \
                 that somebody outside put there: each receives it."
            ),
            &[],
            move |bed| expect_reached(bed, &Shape::family(), name, signal),
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            format!("delivers-to-every-member/{own_name}"),
            format!("All four names to groups {about}, each with members of every kind."),
            &[],
            move |bed| {
                FOUR.into_iter().try_for_each(|(name, signal)| {
                    expect_reached(bed, &Shape::family().session(session), name, signal)
                })
            },
        ));
    }
    cases.extend([
        Case::new(
            "delivers-to-every-member/ids",
            "Groups with ids of every shape: as small as can be, in the range of signal numbers, beginning with 1 \
             and with other digits, two to five digits long, as large as the kernel gives.",
            &[Need::ChosenIds],
            |bed| {
                let largest = bed.abilities().pid_max;
                let ids = [2, 3, 7, 9, 15, 31, 45, 64, 77, 93, 94, 100, 123, 131, 256, 512, 999, 1000, 1234, 4096];
                let more = [9_999, 10_000, 12_345, 19_999, 65_535, 65_536, 70_001, largest - 2];
                for id in ids.into_iter().chain(more).filter(|&id| id < largest - 1) {
                    let shape = Shape::alone().at(id).with(Kin::Child);
                    expect_reached(bed, &shape, "SIGTERM", libc::SIGTERM)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/conducts",
            "Members that catch, block, watch for and die of the signal are in one group: what one does with it \
             keeps it from no other.",
            &[],
            |bed| {
                for (name, signal) in FOUR {
                    let shape = Shape::alone()
                        .led_by(Conduct::Catches)
                        .with_conduct(Kin::Child, Conduct::Dies)
                        .with_conduct(Kin::Child, Conduct::Ignores)
                        .with_conduct(Kin::Grandchild, Conduct::Blocks)
                        .with_conduct(Kin::Orphan, Conduct::Dies)
                        .with_conduct(Kin::Guest, Conduct::Catches);
                    expect_reached(bed, &shape, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/leader-dies-of-it",
            "The leader is ended by the signal before the others have seen it: they receive it all the same.",
            &[],
            |bed| {
                for (name, signal) in FOUR {
                    expect_reached(bed, &Shape::family().led_by(Conduct::Dies), name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/other-users",
            "Root's subject, and members of another user, some or all: whoever may signal them leaves none of them out.",
            &[Need::OtherUser],
            |bed| {
                for (name, signal) in FOUR {
                    expect_reached(bed, &Shape::family().with_others(), name, signal)?;
                    expect_reached(bed, &Shape::family().all_others(), name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/odd-command-names",
            "Members whose command names hold spaces, parentheses and digits, as /proc shows them, and one of another \
             name: whoever reads /proc must not be misled.",
            &[],
            |bed| {
                for name in ["x) Z 1 1 (y", "a b c d e f g h", "((", ") R 1 2 3 4"] {
                    let shape = Shape::alone().named(name).with(Kin::Child).with(Kin::Orphan).with(Kin::Guest);
                    expect_reached(bed, &shape, "SIGTERM", libc::SIGTERM)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/many-members",
            "A group of three hundred members, in several generations.",
            &[],
            |bed| {
                let shape = (0..75).fold(Shape::alone(), |shape, _| {
                    shape.with(Kin::Child).with(Kin::Grandchild).with(Kin::Guest)
                });
                expect_reached(bed, &shape, "SIGTERM", libc::SIGTERM)
            },
        ),
        Case::new(
            "delivers-to-every-member/any-shape",
            "Groups of random make, each with a random name. The seed makes them the same again.",
            &[],
            |bed| {
                for _ in 0..12 {
                    let (name, signal) = FOUR[bed.rng().usize(..FOUR.len())];
                    let shape = random_shape(bed.rng());
                    expect_reached(bed, &shape, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/again-and-again",
            "The same group is signalled up to two hundred times: each call reaches each member.",
            &[],
            |bed| {
                let group = bed.group(&Shape::alone().with(Kin::Child))?;
                let mut calls = 0;
                while bed.another_round(calls, 25, 200) {
                    let (name, signal) = WATCHABLE[calls % WATCHABLE.len()];
                    let _ = bed.ask(group.id, name)?;
                    calls += 1;
                    let scene = bed.look()?;
                    let times = calls.div_ceil(WATCHABLE.len());
                    let problems = missed(bed, &scene, &group, signal, times);
                    bed.expect_none(&format!("{EVERY_MEMBER}: {name} {times} times by call {calls}"), problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/many-groups",
            "Forty groups are signalled one after the other: each has received it when its answer comes.",
            &[],
            |bed| {
                let groups: Vec<_> =
                    (0..40).map(|_| bed.group(&Shape::alone().with(Kin::Child))).collect::<Result<_, _>>()?;
                for group in &groups {
                    let _ = bed.ask(group.id, "SIGTERM")?;
                    let scene = bed.look()?;
                    let problems = missed(bed, &scene, group, libc::SIGTERM, 1);
                    bed.expect_none(EVERY_MEMBER, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/after-a-thousand-calls",
            "After a thousand calls for exited groups a live one is still reached.",
            &[],
            |bed| {
                thousand_calls(bed)?;
                expect_reached(bed, &Shape::family(), "SIGTERM", libc::SIGTERM)
            },
        ),
        Case::new(
            "delivers-to-every-member/members-that-fork",
            "Members fork successors and exit while SIGKILL is sent: afterwards nobody is left.",
            &[],
            |bed| {
                for _ in 0..3 {
                    let group = bed.group(&Shape::alone().with_conduct(Kin::Child, Conduct::Storms))?;
                    let _ = bed.ask(group.id, "SIGKILL")?;
                    expect_nobody_left(bed, &group)?;
                }
                Ok(())
            },
        ),
    ]);
    cases
}

fn once() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in WATCHABLE {
        cases.push(Case::new(
            format!("delivers-once/{}", name.to_lowercase()),
            format!(
                "{name} three times to a group with members of every kind, which take each before the subject's \
                 next step: two sends could not coalesce unseen."
            ),
            &[],
            move |bed| {
                let group = bed.group(&Shape::family())?;
                bed.let_members_go_first()?;
                for _ in 0..3 {
                    let _ = bed.ask(group.id, name)?;
                }
                bed.wait_for_latecomers();
                let scene = bed.look()?;
                bed.expect_none(&format!("{ONCE}: 3 {name}"), surplus(bed, &scene, &group, signal, 3))
            },
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            format!("delivers-once/{own_name}"),
            format!(
                "One call a name to a group {about}: nobody receives it twice by being found in two ways."
            ),
            &[],
            move |bed| {
                let group = bed.group(&Shape::family().session(session))?;
                bed.let_members_go_first()?;
                for (name, _) in WATCHABLE {
                    let _ = bed.ask(group.id, name)?;
                }
                bed.wait_for_latecomers();
                let scene = bed.look()?;
                let problems = |&(_, signal): &(&str, i32)| surplus(bed, &scene, &group, signal, 1);
                let problems: Problems = WATCHABLE.iter().flat_map(problems).collect();
                bed.expect_none(ONCE, problems)
            },
        ));
    }
    cases.extend([
        Case::new(
            "delivers-once/survivors",
            "One call to a group whose leader is gone: the survivors receive it once.",
            &[],
            |bed| {
                let mut group = bed.group(&Shape::family())?;
                bed.end_leader(&mut group)?;
                bed.let_members_go_first()?;
                let _ = bed.ask(group.id, "SIGTERM")?;
                bed.wait_for_latecomers();
                let scene = bed.look()?;
                bed.expect_none(ONCE, surplus(bed, &scene, &group, libc::SIGTERM, 1))
            },
        ),
        Case::new(
            "delivers-once/catching-members",
            "The members catch the signal with a handler, as shells and servers do.",
            &[],
            |bed| {
                let group = bed.group(&Shape::family().all(Conduct::Catches))?;
                bed.let_members_go_first()?;
                let _ = bed.ask(group.id, "SIGHUP")?;
                bed.wait_for_latecomers();
                let scene = bed.look()?;
                bed.expect_none(ONCE, surplus(bed, &scene, &group, libc::SIGHUP, 1))
            },
        ),
        Case::new(
            "delivers-once/again-and-again",
            "The same group is signalled up to two hundred times: the members count as many signals as calls.",
            &[],
            |bed| {
                let group = bed.group(&Shape::alone().with(Kin::Child))?;
                bed.let_members_go_first()?;
                let mut calls = 0;
                while bed.another_round(calls, 25, 200) {
                    let _ = bed.ask(group.id, "SIGINT")?;
                    calls += 1;
                    let scene = bed.look()?;
                    let problems = surplus(bed, &scene, &group, libc::SIGINT, calls);
                    bed.expect_none(&format!("{ONCE}: {calls} SIGINT after {calls} calls"), problems)?;
                }
                bed.wait_for_latecomers();
                let scene = bed.look()?;
                let problems = surplus(bed, &scene, &group, libc::SIGINT, calls);
                bed.expect_none(&format!("{ONCE}: {calls} SIGINT after {calls} calls"), problems)
            },
        ),
    ]);
    cases
}

fn that_signal() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in FOUR {
        cases.push(Case::new(
            format!("delivers-the-named-signal/{}", name.to_lowercase()),
            format!(
                "{name} to groups whose members watch, catch and die: it is that signal, and the only one."
            ),
            &[],
            move |bed| {
                for conduct in [Conduct::Watches, Conduct::Catches, Conduct::Dies] {
                    let group = bed.group(&Shape::family().all(conduct))?;
                    let _ = bed.ask(group.id, name)?;
                    let scene = bed.look()?;
                    bed.expect_none(THAT_SIGNAL, strange(bed, &scene, &group, signal))?;
                    bed.wait_for_latecomers();
                    let scene = bed.look()?;
                    bed.expect_none(THAT_SIGNAL, strange(bed, &scene, &group, signal))?;
                }
                Ok(())
            },
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            format!("delivers-the-named-signal/{own_name}"),
            format!("Each of the four to a group {about}."),
            &[],
            move |bed| {
                for (name, signal) in FOUR {
                    let group = bed.group(&Shape::family().session(session))?;
                    let _ = bed.ask(group.id, name)?;
                    let scene = bed.look()?;
                    bed.expect_none(THAT_SIGNAL, strange(bed, &scene, &group, signal))?;
                }
                Ok(())
            },
        ));
    }
    cases.push(Case::new(
        "delivers-the-named-signal/survivors",
        "Each of the four to a group whose leader is gone.",
        &[],
        |bed| {
            for (name, signal) in FOUR {
                let mut group = bed.group(&Shape::family())?;
                bed.end_leader(&mut group)?;
                let _ = bed.ask(group.id, name)?;
                let scene = bed.look()?;
                bed.expect_none(THAT_SIGNAL, strange(bed, &scene, &group, signal))?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        "delivers-the-named-signal/declared-names",
        "Each name that the subject declares beyond the four is delivered as that signal.",
        &[Need::DeclaredNames],
        |bed| {
            let declared: Vec<_> = bed.settings().declared.signals().collect();
            for signal in declared {
                let group = bed.group(&Shape::family())?;
                let answer = bed.ask(group.id, signal.as_str())?;
                expect_answer(bed, &answer, true, "the subject declares this name, and the group is live")?;
                let scene = bed.look()?;
                let mut problems = missed(bed, &scene, &group, signal as i32, 1);
                problems.extend(strange(bed, &scene, &group, signal as i32));
                bed.expect_none(THAT_SIGNAL, problems)?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        "delivers-the-named-signal/in-any-order",
        "Up to two hundred calls with the names in a random order: no call sends another call's signal.",
        &[],
        |bed| {
            let group = bed.group(&Shape::alone().with(Kin::Child))?;
            let mut sent = [0; WATCHABLE.len()];
            let mut calls = 0;
            while bed.another_round(calls, 25, 200) {
                let choice = bed.rng().usize(..WATCHABLE.len());
                let _ = bed.ask(group.id, WATCHABLE[choice].0)?;
                sent[choice] += 1;
                calls += 1;
                let scene = bed.look()?;
                let wrong = |(&(_, signal), &times): (&(&str, i32), &usize)| {
                    surplus(bed, &scene, &group, signal, times)
                };
                let mut problems: Problems = WATCHABLE.iter().zip(&sent).flat_map(wrong).collect();
                let others = |signal: &i32| !WATCHABLE.iter().any(|(_, known)| known == signal);
                let strangers = group.members.iter().filter(|&&pid| scene.signals(pid).iter().any(others));
                problems.extend(strangers.map(|&pid| bed.sentence(&scene, pid)));
                bed.expect_none(THAT_SIGNAL, problems)?;
            }
            Ok(())
        },
    ));
    cases
}

/// The sessions that a group can be in, with the words for a case's id and prose.
pub(super) const SESSIONS: [(&str, Session, &str); 2] = [
    ("own-session", Session::Own, "whose leader leads a session of its own, as setsid(1) and sshd make them"),
    ("windows-session", Session::Windows, "in another session than the subject's, as a terminal's jobs are"),
];

/// Makes a group, asks, and looks whether each member was reached when the answer came.
fn expect_reached(bed: &mut Bed, shape: &Shape, name: &str, signal: i32) -> Step {
    let group = bed.group(shape)?;
    let _ = bed.ask(group.id, name)?;
    let scene = bed.look()?;
    let problems = missed(bed, &scene, &group, signal, 1);
    bed.expect_none(&EVERY_MEMBER.replace("the signal", name), problems)
}

/// Waits until no process is in the group any more: ended ones are reaped as they come.
fn expect_nobody_left(bed: &mut Bed, group: &Group) -> Step {
    let deadline = Instant::now() + Duration::from_secs(3);
    let scene = bed.look()?;
    for &pid in group.members.iter().rev() {
        if scene.state(pid).is_live() {
            let problem = bed.sentence(&scene, pid);
            return bed.expect_none("SIGKILL ends every member", vec![problem]);
        }
        bed.reap(pid)?;
    }
    while bed.exists(group.id)? {
        if Instant::now() > deadline {
            let problem = format!("3 s later processes of group {} go on forking", group.id);
            return bed.expect_none_late(
                "after SIGKILL nobody is left of a group whose members fork",
                vec![problem],
            );
        }
    }
    Ok(())
}

/// A thousand calls, or as many as a slow subject makes in a few seconds, for a leader pid that no group has.
pub(super) fn thousand_calls(bed: &mut Bed) -> Step {
    let leader_pid = bed.free_id()?;
    let question = Question { leader_pid, signal_name: "SIGTERM".to_owned(), ..Question::default() };
    let mut batches = 0;
    while bed.another_round(batches, 2, 50) {
        bed.ask_all(&vec![question.clone(); 22], 8)?;
        batches += 1;
    }
    Ok(())
}

fn random_shape(rng: &mut fastrand::Rng) -> Shape {
    const KINS: [Kin; 4] = [Kin::Child, Kin::Grandchild, Kin::Orphan, Kin::Guest];
    const CONDUCTS: [Conduct; 5] =
        [Conduct::Watches, Conduct::Catches, Conduct::Ignores, Conduct::Blocks, Conduct::Dies];
    const SESSIONS: [Session; 3] = [Session::Callers, Session::Own, Session::Windows];
    let mut shape = Shape::alone().session(SESSIONS[rng.usize(..SESSIONS.len())]);
    shape.leader = CONDUCTS[rng.usize(..CONDUCTS.len())];
    for _ in 0..rng.usize(..6) {
        shape = shape.with_conduct(KINS[rng.usize(..KINS.len())], CONDUCTS[rng.usize(..CONDUCTS.len())]);
    }
    shape
}
