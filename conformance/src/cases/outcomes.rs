//! What is answered for groups that live and that have exited.

use super::Case;
use super::Need;
use super::checks::{FOUR, ODD_NAMES, SESSIONS, WATCHABLE, expect_answer, thousand_calls, touched};
use crate::contract::{EXITED_IS_REPEATABLE, REPORTS_DELIVERED, REPORTS_EXITED};
use crate::harness::{Abort, Lineage, Session, Shape};
use crate::testbed::protocol::{Disposition, Place};

const LIVE: &str = "the group has a live member";
const EXITED: &str = "no process is in the group any more, not even one waiting to be reaped";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = delivered();
    cases.extend(exited());
    cases
}

/// A case that asks for many things that are refused, as `wrong` says for a live group and the number of the
/// call, and then for that group.
fn after_many(
    own_name: &'static str,
    about: &'static str,
    needs: &[Need],
    wrong: fn(u32, usize) -> (u32, &'static str),
) -> Case {
    Case::new(REPORTS_DELIVERED, own_name, about, needs, move |context| {
        let group = context.group(&Shape::family())?;
        let mut calls = 0;
        while context.another_round(calls, 12, 260) {
            let (leader_pid, name) = wrong(group.id, calls);
            let _ = context.ask(leader_pid, name)?;
            calls += 1;
            if context.has_held_back() {
                let why = "it signals everybody, or its own group, for what it must refuse";
                return Err(Abort::Lacks(Need::RightAlone, why.to_owned()));
            }
        }
        let answer = context.ask(group.id, "SIGTERM")?;
        expect_answer(context, &answer, true, LIVE)
    })
}

fn delivered() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, _) in FOUR {
        cases.push(Case::new(
            REPORTS_DELIVERED,
            name.to_lowercase(),
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
            REPORTS_DELIVERED,
            own_name,
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
            REPORTS_DELIVERED,
            "partly-unreaped",
            "The leader lives, and a member has exited and is not reaped: the group is live.",
            &[],
            |context| {
                for (name, _) in FOUR {
                    let group = context.group(&Shape::family())?;
                    context.exit(group.members[1])?;
                    let answer = context.ask(group.id, name)?;
                    expect_answer(context, &answer, true, LIVE)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "ids",
            "Live groups with ids of every shape, from 2 to the largest that the kernel gives.",
            &[Need::ChosenIds],
            |context| {
                let largest = context.abilities().pid_max - 2;
                let ids =
                    [2, 3, 9, 15, 45, 64, 77, 93, 94, 100, 128, 130, 999, 1000, 1234, 4096, 12_345, 19_999];
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
            REPORTS_DELIVERED,
            "again-and-again",
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
        after_many(
            "after-many-unknown-names",
            "An unknown name is asked with up to 260 times in a row, and at once one of the four: a caller's \
             mistakes do not close the way for others.",
            &[Need::RightAlone],
            |id, call| (id, ["SIGFOO", "sigterm", ""][call % 3]),
        ),
        after_many(
            "after-many-wrong-leader-pids",
            "The leader pids 0, 1 and above 2147483647 are asked for up to 260 times in a row, and at once a \
             live group: a caller's mistakes do not close the way for others.",
            &[Need::Sandbox, Need::RightAlone],
            |_, call| ([0, 1, 1 << 31, u32::MAX][call % 4], "SIGTERM"),
        ),
        Case::new(
            REPORTS_DELIVERED,
            "after-a-thousand-calls",
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
            REPORTS_DELIVERED,
            "odd-command-names",
            "The command name of a leader, and of a survivor, looks like the rest of a line of \
             /proc/PID/stat that says it has exited, holds a line break, is empty or is not UTF-8.",
            &[],
            |context| {
                for name in ODD_NAMES {
                    let led = context.group(&Shape::alone().named(name))?;
                    let mut survivor = context.group(&Shape::alone().named(name).with(Lineage::Child))?;
                    context.end_leader(&mut survivor)?;
                    for (id, signal_name) in [led.id, survivor.id]
                        .into_iter()
                        .flat_map(|id| ["SIGTERM", "SIGKILL"].map(|name| (id, name)))
                    {
                        let answer = context.ask(id, signal_name)?;
                        expect_answer(context, &answer, true, LIVE)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "reaped-at-once",
            "All members die of the signal, and are reaped at once, while the subject may still be at work: \
             it was delivered all the same. Each of the four names, up to a dozen times.",
            &[],
            |context| {
                let mut calls = 0;
                while context.another_round(calls, FOUR.len(), 12) {
                    let group = context.group(&Shape::alone().with(Lineage::Guest).all(Disposition::Dies))?;
                    let answer = context.ask_reaping(&group, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                    expect_answer(context, &answer, true, "the group was live when it was signalled")?;
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "beside-exited",
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
            REPORTS_EXITED,
            name.to_lowercase(),
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
            REPORTS_EXITED,
            "whole-life",
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
            REPORTS_EXITED,
            "session-lives-on",
            "The group has exited, but other groups of the session that its leader led live on, or have \
             exited and are not reaped.",
            &[],
            |context| {
                for unreaped in [false, true] {
                    let group = context.group(&Shape::alone().session(Session::Own))?;
                    let what = "a child of the leader in another group of its session";
                    let other = context.bystander(what, Some(group.id), Place::Own, None)?;
                    if unreaped {
                        context.exit(other)?;
                    }
                    context.make_exited(&group)?;
                    let answer = context.ask(group.id, "SIGTERM")?;
                    expect_answer(context, &answer, false, EXITED)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_EXITED,
            "children-live-on",
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
            REPORTS_EXITED,
            "after-the-survivors",
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
            REPORTS_EXITED,
            "after-a-thousand-calls",
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
            REPORTS_EXITED,
            "beside-live",
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
            EXITED_IS_REPEATABLE,
            "three-times",
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
            EXITED_IS_REPEATABLE,
            "again-and-again",
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
