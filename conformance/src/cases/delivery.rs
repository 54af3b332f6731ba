//! What reaches the members of the group: each of them, once a call, that signal and no other.

use super::checks::{FOUR, WATCHABLE, expect_answer, missed, strange, surplus};
use super::{Case, Need};
use crate::harness::{Context, Group, Lineage, Problems, Result, Session, Shape};
use crate::subject::wire::Question;
use crate::testbed::protocol::Disposition;
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
            move |context| expect_reached(context, &Shape::family(), name, signal),
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            format!("delivers-to-every-member/{own_name}"),
            format!("All four names to groups {about}, each with members of every kind."),
            &[],
            move |context| {
                FOUR.into_iter().try_for_each(|(name, signal)| {
                    expect_reached(context, &Shape::family().session(session), name, signal)
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
            |context| {
                let largest = context.abilities().pid_max;
                let ids = [2, 3, 7, 9, 15, 31, 45, 64, 77, 93, 94, 100, 123, 131, 256, 512, 999, 1000, 1234, 4096];
                let more = [9_999, 10_000, 12_345, 19_999, 65_535, 65_536, 70_001, largest - 2];
                for id in ids.into_iter().chain(more).filter(|&id| id < largest - 1) {
                    let shape = Shape::alone().at(id).with(Lineage::Child);
                    expect_reached(context, &shape, "SIGTERM", libc::SIGTERM)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/dispositions",
            "Members that catch, block, watch for and die of the signal are in one group: what one does with it \
             keeps it from no other.",
            &[],
            |context| {
                for (name, signal) in FOUR {
                    let shape = Shape::alone()
                        .led_by(Disposition::Catches)
                        .with_disposition(Lineage::Child, Disposition::Dies)
                        .with_disposition(Lineage::Child, Disposition::Ignores)
                        .with_disposition(Lineage::Grandchild, Disposition::Blocks)
                        .with_disposition(Lineage::Orphan, Disposition::Dies)
                        .with_disposition(Lineage::Guest, Disposition::Catches);
                    expect_reached(context, &shape, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/leader-dies-of-it",
            "The leader is ended by the signal before the others have seen it: they receive it all the same.",
            &[],
            |context| {
                for (name, signal) in FOUR {
                    expect_reached(context, &Shape::family().led_by(Disposition::Dies), name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/other-users",
            "Root's subject, and members of another user, some or all: whoever may signal them leaves none of them out.",
            &[Need::OtherUser],
            |context| {
                for (name, signal) in FOUR {
                    expect_reached(context, &Shape::family().with_others(), name, signal)?;
                    expect_reached(context, &Shape::family().all_others(), name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/odd-command-names",
            "Members whose command names hold spaces, parentheses and digits, as /proc shows them, and one of another \
             name: whoever reads /proc must not be misled.",
            &[],
            |context| {
                for name in ["x) Z 1 1 (y", "a b c d e f g h", "((", ") R 1 2 3 4"] {
                    let shape = Shape::alone().named(name).with(Lineage::Child).with(Lineage::Orphan).with(Lineage::Guest);
                    expect_reached(context, &shape, "SIGTERM", libc::SIGTERM)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/many-members",
            "A group of three hundred members, in several generations.",
            &[],
            |context| {
                let shape = (0..75).fold(Shape::alone(), |shape, _| {
                    shape.with(Lineage::Child).with(Lineage::Grandchild).with(Lineage::Guest)
                });
                expect_reached(context, &shape, "SIGTERM", libc::SIGTERM)
            },
        ),
        Case::new(
            "delivers-to-every-member/any-shape",
            "Groups of random make, each with a random name. The seed makes them the same again.",
            &[],
            |context| {
                for _ in 0..12 {
                    let (name, signal) = FOUR[context.rng().usize(..FOUR.len())];
                    let shape = random_shape(context.rng());
                    expect_reached(context, &shape, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/again-and-again",
            "The same group is signalled up to two hundred times: each call reaches each member.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    let (name, signal) = WATCHABLE[calls % WATCHABLE.len()];
                    let _ = context.ask(group.id, name)?;
                    calls += 1;
                    let snapshot = context.snapshot()?;
                    let times = calls.div_ceil(WATCHABLE.len());
                    let problems = missed(context, &snapshot, &group, signal, times);
                    context.expect_none(&format!("{EVERY_MEMBER}: {name} {times} times by call {calls}"), problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/many-groups",
            "Forty groups are signalled one after the other: each has received it when its answer comes.",
            &[],
            |context| {
                let groups: Vec<_> =
                    (0..40).map(|_| context.group(&Shape::alone().with(Lineage::Child))).collect::<Result<_, _>>()?;
                for group in &groups {
                    let _ = context.ask(group.id, "SIGTERM")?;
                    let snapshot = context.snapshot()?;
                    let problems = missed(context, &snapshot, group, libc::SIGTERM, 1);
                    context.expect_none(EVERY_MEMBER, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "delivers-to-every-member/after-a-thousand-calls",
            "After a thousand calls for exited groups a live one is still reached.",
            &[],
            |context| {
                thousand_calls(context)?;
                expect_reached(context, &Shape::family(), "SIGTERM", libc::SIGTERM)
            },
        ),
        Case::new(
            "delivers-to-every-member/members-that-fork",
            "Members fork successors and exit while SIGKILL is sent: afterwards nobody is left.",
            &[],
            |context| {
                // Whoever goes by a list may be lucky, and meet everybody before they have forked again.
                let shape = Shape::alone().with_disposition(Lineage::Child, Disposition::Storms);
                let mut rounds = 0;
                while context.another_round(rounds, 6, 12) {
                    let group = context.group(&shape)?;
                    let _ = context.ask(group.id, "SIGKILL")?;
                    expect_nobody_left(context, &group)?;
                    rounds += 1;
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
            move |context| {
                let group = context.group(&Shape::family())?;
                context.let_members_go_first()?;
                for _ in 0..3 {
                    let _ = context.ask(group.id, name)?;
                }
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                context.expect_none(&format!("{ONCE}: 3 {name}"), surplus(context, &snapshot, &group, signal, 3))
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
            move |context| {
                let group = context.group(&Shape::family().session(session))?;
                context.let_members_go_first()?;
                for (name, _) in WATCHABLE {
                    let _ = context.ask(group.id, name)?;
                }
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                let problems = |&(_, signal): &(&str, i32)| surplus(context, &snapshot, &group, signal, 1);
                let problems: Problems = WATCHABLE.iter().flat_map(problems).collect();
                context.expect_none(ONCE, problems)
            },
        ));
    }
    cases.extend([
        Case::new(
            "delivers-once/survivors",
            "One call to a group whose leader is gone: the survivors receive it once.",
            &[],
            |context| {
                let mut group = context.group(&Shape::family())?;
                context.end_leader(&mut group)?;
                context.let_members_go_first()?;
                let _ = context.ask(group.id, "SIGTERM")?;
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                context.expect_none(ONCE, surplus(context, &snapshot, &group, libc::SIGTERM, 1))
            },
        ),
        Case::new(
            "delivers-once/catching-members",
            "The members catch the signal with a handler, as shells and servers do.",
            &[],
            |context| {
                let group = context.group(&Shape::family().all(Disposition::Catches))?;
                context.let_members_go_first()?;
                let _ = context.ask(group.id, "SIGHUP")?;
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                context.expect_none(ONCE, surplus(context, &snapshot, &group, libc::SIGHUP, 1))
            },
        ),
        Case::new(
            "delivers-once/again-and-again",
            "The same group is signalled up to two hundred times: the members count as many signals as calls.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                context.let_members_go_first()?;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    let _ = context.ask(group.id, "SIGINT")?;
                    calls += 1;
                    let snapshot = context.snapshot()?;
                    let problems = surplus(context, &snapshot, &group, libc::SIGINT, calls);
                    context.expect_none(&format!("{ONCE}: {calls} SIGINT after {calls} calls"), problems)?;
                }
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                let problems = surplus(context, &snapshot, &group, libc::SIGINT, calls);
                context.expect_none(&format!("{ONCE}: {calls} SIGINT after {calls} calls"), problems)
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
            move |context| {
                for disposition in [Disposition::Watches, Disposition::Catches, Disposition::Dies] {
                    let group = context.group(&Shape::family().all(disposition))?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    context.expect_none(THAT_SIGNAL, strange(context, &snapshot, &group, signal))?;
                    context.wait_for_latecomers();
                    let snapshot = context.snapshot()?;
                    context.expect_none(THAT_SIGNAL, strange(context, &snapshot, &group, signal))?;
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
            move |context| {
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family().session(session))?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    context.expect_none(THAT_SIGNAL, strange(context, &snapshot, &group, signal))?;
                }
                Ok(())
            },
        ));
    }
    cases.push(Case::new(
        "delivers-the-named-signal/survivors",
        "Each of the four to a group whose leader is gone.",
        &[],
        |context| {
            for (name, signal) in FOUR {
                let mut group = context.group(&Shape::family())?;
                context.end_leader(&mut group)?;
                let _ = context.ask(group.id, name)?;
                let snapshot = context.snapshot()?;
                context.expect_none(THAT_SIGNAL, strange(context, &snapshot, &group, signal))?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        "delivers-the-named-signal/declared-names",
        "Each name that the subject declares beyond the four is delivered as that signal.",
        &[Need::DeclaredNames],
        |context| {
            let declared: Vec<_> = context.settings().declared.signals().collect();
            for signal in declared {
                let group = context.group(&Shape::family())?;
                let answer = context.ask(group.id, signal.as_str())?;
                expect_answer(
                    context,
                    &answer,
                    true,
                    "the subject declares this name, and the group is live",
                )?;
                let snapshot = context.snapshot()?;
                let mut problems = missed(context, &snapshot, &group, signal as i32, 1);
                problems.extend(strange(context, &snapshot, &group, signal as i32));
                context.expect_none(THAT_SIGNAL, problems)?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        "delivers-the-named-signal/in-any-order",
        "Up to two hundred calls with the names in a random order: no call sends another call's signal.",
        &[],
        |context| {
            let group = context.group(&Shape::alone().with(Lineage::Child))?;
            let mut sent = [0; WATCHABLE.len()];
            let mut calls = 0;
            while context.another_round(calls, 25, 200) {
                let choice = context.rng().usize(..WATCHABLE.len());
                let _ = context.ask(group.id, WATCHABLE[choice].0)?;
                sent[choice] += 1;
                calls += 1;
                let snapshot = context.snapshot()?;
                let wrong = |(&(_, signal), &times): (&(&str, i32), &usize)| {
                    surplus(context, &snapshot, &group, signal, times)
                };
                let mut problems: Problems = WATCHABLE.iter().zip(&sent).flat_map(wrong).collect();
                let others = |signal: &i32| !WATCHABLE.iter().any(|(_, known)| known == signal);
                let strangers = group.members.iter().filter(|&&pid| snapshot.signals(pid).iter().any(others));
                problems.extend(strangers.map(|&pid| context.sentence(&snapshot, pid)));
                context.expect_none(THAT_SIGNAL, problems)?;
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
fn expect_reached(context: &mut Context, shape: &Shape, name: &str, signal: i32) -> Result {
    let group = context.group(shape)?;
    let _ = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    let problems = missed(context, &snapshot, &group, signal, 1);
    context.expect_none(&EVERY_MEMBER.replace("the signal", name), problems)
}

/// Waits until no process is in the group any more: ended ones are reaped as they come. Whoever was sent SIGKILL forks no
/// more, so a process that comes later has escaped; those that are there may take a while to exit on a busy machine.
fn expect_nobody_left(context: &mut Context, group: &Group) -> Result {
    let deadline = Instant::now() + Duration::from_secs(3);
    let snapshot = context.snapshot()?;
    for &pid in group.members.iter().rev() {
        if snapshot.state(pid).is_live() {
            let problem = context.sentence(&snapshot, pid);
            return context.expect_none("SIGKILL ends every member", vec![problem]);
        }
        context.reap(pid)?;
    }
    let nobody = "after SIGKILL nobody is left of a group whose members fork";
    let at_first = context.live_in(group.id)?;
    while context.exists(group.id)? {
        let now = context.live_in(group.id)?;
        if let Some(newcomer) = now.iter().find(|pid| !at_first.contains(pid)) {
            let problem = format!("after the answer process {newcomer} of group {} was forked", group.id);
            return context.expect_none(nobody, vec![problem]);
        }
        if Instant::now() > deadline {
            let problem = format!("3 s later processes of group {} live: {now:?}", group.id);
            return context.expect_none_late(nobody, vec![problem]);
        }
    }
    Ok(())
}

/// A thousand calls, or as many as a slow subject makes in a few seconds, for a leader pid that no group has.
pub(super) fn thousand_calls(context: &mut Context) -> Result {
    let leader_pid = context.free_id()?;
    let question = Question { leader_pid, signal_name: "SIGTERM".to_owned(), ..Question::default() };
    let mut batches = 0;
    while context.another_round(batches, 2, 50) {
        context.ask_all(&vec![question.clone(); 22], 8)?;
        batches += 1;
    }
    Ok(())
}

fn random_shape(rng: &mut fastrand::Rng) -> Shape {
    const LINEAGES: [Lineage; 4] = [Lineage::Child, Lineage::Grandchild, Lineage::Orphan, Lineage::Guest];
    const DISPOSITIONS: [Disposition; 5] = [
        Disposition::Watches,
        Disposition::Catches,
        Disposition::Ignores,
        Disposition::Blocks,
        Disposition::Dies,
    ];
    const SESSIONS: [Session; 3] = [Session::Callers, Session::Own, Session::Windows];
    let mut shape = Shape::alone().session(SESSIONS[rng.usize(..SESSIONS.len())]);
    shape.leader = DISPOSITIONS[rng.usize(..DISPOSITIONS.len())];
    for _ in 0..rng.usize(..6) {
        shape = shape.with_disposition(
            LINEAGES[rng.usize(..LINEAGES.len())],
            DISPOSITIONS[rng.usize(..DISPOSITIONS.len())],
        );
    }
    shape
}
