//! What reaches the members of the group: each of them.

use super::checks::{
    FOUR, ODD_NAMES, SESSIONS, WATCHABLE, expect_answer, missed, start_with_cap_kill, thousand_calls,
};
use super::sent::ask_slowly;
use super::{Case, Need};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, REPORTS_DELIVERED};
use crate::harness::{Context, Group, Lineage, Result, Session, Shape};
use crate::testbed::protocol::{Disposition, Place};
use std::time::{Duration, Instant};

const EVERY_MEMBER: &str = "every live member has received the signal when the answer comes";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in FOUR {
        cases.push(Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            name.to_lowercase(),
            format!(
                "{name} to a leader with children, a grandchild, a grandchild whose parent is gone, and a \
                 member that somebody outside put there: each receives it."
            ),
            &[],
            move |context| expect_reached(context, &Shape::family(), name, signal),
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            own_name,
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
            DELIVERS_TO_EVERY_MEMBER,
            "ids",
            "Groups with ids of every shape: as small as can be, in the range of signal numbers, beginning \
             with 1 and with other digits, two to five digits long, as large as the kernel gives.",
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
            DELIVERS_TO_EVERY_MEMBER,
            "dispositions",
            "Members that catch, block, watch for and die of the signal are in one group: what one does with \
             it keeps it from no other.",
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
                    expect_reached(context, &Shape::family().led_by(Disposition::Ignores), name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "leader-dies-of-it",
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
            DELIVERS_TO_EVERY_MEMBER,
            "other-users",
            "Members of another user, some or all: a subject that may signal them, as root's may, leaves none of them out.",
            &[Need::OtherUser],
            |context| {
                start_with_cap_kill(context)?;
                for (name, signal) in FOUR {
                    expect_reached(context, &Shape::family().with_others(), name, signal)?;
                    expect_reached(context, &Shape::family().all_others(), name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "odd-command-names",
            "Members whose command names hold spaces, parentheses, digits or a line break, are empty or not UTF-8, as \
             /proc shows them, and one of another name: whoever reads /proc must not be misled.",
            &[],
            |context| {
                for name in ODD_NAMES {
                    let shape = Shape::alone().named(name).with(Lineage::Child).with(Lineage::Orphan).with(Lineage::Guest);
                    let group = context.group(&shape)?;
                    // Before SIGKILL some look more closely.
                    for named in [FOUR[0], FOUR[1]] {
                        expect_all_reached(context, &group, named, EVERY_MEMBER)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "joined-between-calls",
            "A group is signalled; then a child is forked and a guest joins, and the group is signalled again: the \
             newcomers receive that.",
            &[],
            |context| {
                for (name, signal) in FOUR {
                    let mut group = context.group(&Shape::family())?;
                    let _ = context.ask(group.id, if name == "SIGHUP" { "SIGINT" } else { "SIGHUP" })?;
                    for member in Shape::alone().with(Lineage::Child).with(Lineage::Guest).members {
                        context.join(&mut group, member)?;
                    }
                    expect_all_reached(context, &group, (name, signal), EVERY_MEMBER)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "older-than-the-leader",
            "A process that is older than the leader moves from group to group: it is a member of each in turn.",
            &[],
            |context| {
                let what = "a process that is older than the leader";
                let older = context.bystander(what, None, Place::Own, None)?;
                context.start()?;
                for (name, signal) in WATCHABLE {
                    let mut group = context.group(&Shape::alone().with(Lineage::Child))?;
                    context.move_to(&mut group, older)?;
                    expect_all_reached(context, &group, (name, signal), EVERY_MEMBER)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "another-cgroup",
            "A member is in another cgroup than its leader: it is a member all the same.",
            &[Need::Freezer],
            |context| {
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family())?;
                    context.move_to_cgroup(group.members[1])?;
                    expect_all_reached(context, &group, (name, signal), EVERY_MEMBER)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "many-members",
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
            DELIVERS_TO_EVERY_MEMBER,
            "any-shape",
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
            DELIVERS_TO_EVERY_MEMBER,
            "again-and-again",
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
                    context.expect_none(&format!("{EVERY_MEMBER}: of {calls} calls so far, {times} asked for {name}"), problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "many-groups",
            "Forty groups are signalled one after the other: each has received it when its answer comes.",
            &[],
            |context| {
                let groups: Vec<_> =
                    (0..40).map(|_| context.group(&Shape::alone().with(Lineage::Child))).collect::<Result<_, _>>()?;
                for group in &groups {
                    expect_all_reached(context, group, ("SIGTERM", libc::SIGTERM), EVERY_MEMBER)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "after-a-thousand-calls",
            "After a thousand calls for exited groups a live one is still reached.",
            &[],
            |context| {
                thousand_calls(context)?;
                expect_reached(context, &Shape::family(), "SIGTERM", libc::SIGTERM)
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "members-that-fork",
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
        Case::new(
            REPORTS_DELIVERED,
            "slow-call",
            "The call that signals the group takes two seconds, as on a host that is suspended for a moment: `Ok(true)`, or \
             `Err` of whoever does not wait so long.",
            &[Need::Watch],
            |context| {
                let group = context.group(&Shape::family())?;
                let answer = ask_slowly(context, &group, "SIGTERM")?;
                match answer {
                    Err(_) => Ok(()),
                    answer => expect_answer(context, &answer, true, "the group is live, however long a call takes"),
                }
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "beside-a-storm",
            "A live group, and survivors, beside a group whose members fork successors and exit without pause: who reads \
             /proc meets processes that are gone a moment later. `Ok(true)`, or `Err`.",
            // In a sandbox: elsewhere the storm is not over before the agent is, and leaves its dead to whoever adopts them.
            &[Need::Watch],
            |context| {
                let live = context.group(&Shape::alone().with(Lineage::Child))?;
                let mut survivors = context.group(&Shape::family())?;
                context.end_leader(&mut survivors)?;
                context.start()?;
                context.group(&Shape::alone().with_disposition(Lineage::Child, Disposition::Storms))?;
                let mut calls = 0;
                while context.another_round(calls, 12, 60) {
                    for group in [&live, &survivors] {
                        let answer = context.ask(group.id, WATCHABLE[calls % WATCHABLE.len()].0)?;
                        // Err says that the look failed, as it may.
                        if answer.is_ok() {
                            expect_answer(context, &answer, true, "the group is live; other processes come and go")?;
                        }
                    }
                    calls += 1;
                }
                Ok(())
            },
        ),
    ]);
    cases
}

/// Makes a group, asks, and looks whether each member was reached when the answer came.
fn expect_reached(context: &mut Context, shape: &Shape, name: &str, signal: i32) -> Result {
    let group = context.group(shape)?;
    expect_all_reached(context, &group, (name, signal), &EVERY_MEMBER.replace("the signal", name))
}

/// Asks for a group, and looks whether each member was reached when the answer came.
fn expect_all_reached(
    context: &mut Context,
    group: &Group,
    (name, signal): (&str, i32),
    expected: &str,
) -> Result {
    let _ = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    let problems = missed(context, &snapshot, group, signal, 1);
    context.expect_none(expected, problems)
}

/// Waits until no process is in the group any more: ended ones are reaped as they come. Whoever was sent
/// SIGKILL forks no more, so a process that comes later has escaped; those that are there may take a while to
/// exit on a busy machine.
pub(super) fn expect_nobody_left(context: &mut Context, group: &Group) -> Result {
    let deadline = Instant::now() + Duration::from_secs(3);
    let snapshot = context.snapshot()?;
    for &pid in group.members.iter().rev() {
        if snapshot.state(pid).is_live() {
            let problem = context.sentence(&snapshot, pid);
            return context.expect_none("SIGKILL ends every member", vec![problem]);
        }
        context.reap(pid)?;
    }
    let nobody = "after SIGKILL nobody is left of the group";
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
