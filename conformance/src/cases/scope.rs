//! What a signal must not reach: everybody outside the group.

use super::checks::{FOUR, touched};
use super::{Case, Need};
use crate::contract::SPARES_OTHER_GROUPS;
use crate::harness::{Context, Group, Lineage, Result, Session, Shape};
use crate::testbed::protocol::{Disposition, Place};

const SPARED: &str = "nobody outside the group is signalled, stopped or ended, also a moment later";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, _) in FOUR {
        cases.push(Case::new(
            SPARES_OTHER_GROUPS,
            format!("{}-neighbours", name.to_lowercase()),
            format!(
                "{name} to a group beside another of the same session, children of its leader that moved to \
                 groups or sessions of their own, its leader's parent, and processes in the subject's and \
                 the agent's groups."
            ),
            &[],
            move |context| {
                let target = context.group(&Shape::family())?;
                let others = with_neighbours(context, &target)?;
                spares(context, &[&target], |context| context.ask(target.id, name).map(drop))?;
                // The neighbours are groups too: what is sent to one of them spares the first.
                spares(context, &[&target, &others[0]], |context| context.ask(others[0].id, name).map(drop))
            },
        ));
    }
    for (target, others) in PREFIXES {
        let list = others.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        cases.push(Case::new(
            SPARES_OTHER_GROUPS,
            format!("decimal-prefixes-of-{target}"),
            format!(
                "Group {target} beside the groups {list}, whose ids share its first or last digits. \
                 procps-ng 4.0.2 `kill -TERM -{target}` reads only the first digit."
            ),
            // What is signalled instead may be everybody: kill(-1) is what the digit 1 comes to.
            &[Need::Sandbox, Need::ChosenIds],
            move |context| {
                let group = context.group(&Shape::alone().at(target).with(Lineage::Child))?;
                for &id in others {
                    context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                }
                spares(context, &[&group], |context| context.ask(group.id, "SIGTERM").map(drop))
            },
        ));
    }
    cases.extend(elsewhere());
    cases.extend(nobody_there());
    cases
}

/// Ids of a target, and of groups that share its digits at either end.
const PREFIXES: [(u32, &[u32]); 6] = [
    (12_345, &[1_234, 123, 12, 2_345, 345, 45, 5]),
    (77, &[7, 777, 7_777]),
    (45, &[4, 5, 450, 451, 4_567]),
    (128, &[12, 28, 8, 1_280, 1_281]),
    (2_004, &[2, 20, 200, 4, 10_020]),
    (987, &[9, 98, 87, 9_876]),
];

fn elsewhere() -> Vec<Case> {
    vec![
        Case::new(
            SPARES_OTHER_GROUPS,
            "windows-session",
            "A group in a window's session, beside the window, which is its leader's parent, and another \
             group of the same window.",
            &[],
            |context| {
                for (name, _) in FOUR {
                    let target = context.group(&Shape::family().session(Session::Windows))?;
                    context.bystander("another group of the same window", target.window, Place::Own, None)?;
                    context.bystander(
                        "a process in the window's own group",
                        target.window,
                        Place::Parents,
                        None,
                    )?;
                    spares(context, &[&target], |context| context.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "own-session",
            "A group whose leader leads the session too, beside another group of that session.",
            &[],
            |context| {
                for (name, _) in FOUR {
                    let target = context.group(&Shape::family().session(Session::Own))?;
                    let what = "a child of the leader in another group of its session";
                    context.bystander(what, Some(target.id), Place::Own, None)?;
                    spares(context, &[&target], |context| context.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "stopped-parent",
            "The leader's parent is stopped, and will reap nobody: nobody continues it.",
            &[],
            |context| {
                for (name, _) in FOUR {
                    let target = context.group(&Shape::family().session(Session::Windows))?;
                    if let Some(window) = target.window {
                        context.stop_process(window)?;
                    }
                    spares(context, &[&target], |context| context.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "stopped-target",
            "A stopped group, beside children of its leader in groups of their own: that the leader cannot act says \
             nothing about them.",
            &[],
            |context| {
                for (name, _) in FOUR {
                    let target = context.group(&Shape::family())?;
                    with_neighbours(context, &target)?;
                    context.stop(&target)?;
                    spares(context, &[&target], |context| context.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "survivors",
            "A group whose leader is gone, beside children of that leader in groups of their own.",
            &[],
            |context| {
                for (name, _) in FOUR {
                    let mut target = context.group(&Shape::family())?;
                    with_neighbours(context, &target)?;
                    context.end_leader(&mut target)?;
                    spares(context, &[&target], |context| context.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "adjacent-ids",
            "Groups whose ids differ by one, by a bit, or by what a narrow integer would cut off.",
            &[Need::ChosenIds],
            |context| {
                let largest = context.abilities().pid_max - 1;
                for target in
                    [300, 1_027, 4_096, 16_384, 65_836, 66_563].into_iter().filter(|&id| id < largest)
                {
                    let group = context.group(&Shape::alone().at(target).with(Lineage::Child))?;
                    let near =
                        [target - 1, target + 1, target ^ 2, target ^ 256, target % 256, target % 65_536];
                    let mut near: Vec<_> = near.into_iter().filter(|&id| id > 2 && id < largest).collect();
                    near.sort_unstable();
                    near.dedup();
                    for id in near {
                        if id != target && !context.exists(id)? {
                            context.group(&Shape::alone().at(id))?;
                        }
                    }
                    spares(context, &[&group], |context| context.ask(group.id, "SIGTERM").map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "again-and-again",
            "Two groups are signalled in turn, up to two hundred times, beside a third: each call touches \
             its own target alone.",
            &[],
            |context| {
                let targets = [
                    context.group(&Shape::alone().with(Lineage::Child))?,
                    context.group(&Shape::alone().with(Lineage::Child))?,
                ];
                context.group(&Shape::alone().with(Lineage::Child))?;
                context.start()?;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    let target = &targets[calls % 2];
                    let before = context.snapshot()?;
                    let _ = context.ask(target.id, "SIGTERM")?;
                    calls += 1;
                    let after = context.snapshot()?;
                    let problems = touched(context, &before, &after, &[target]);
                    context.expect_none(SPARED, problems)?;
                }
                Ok(())
            },
        ),
    ]
}

fn nobody_there() -> Vec<Case> {
    vec![
        Case::new(
            SPARES_OTHER_GROUPS,
            "exited-target",
            "The target has exited: nobody is signalled in its stead, not even children of its leader in \
             groups of their own, nor the rest of its session, nor a live group that was asked for before.",
            &[],
            |context| {
                let before = context.group(&Shape::family())?.id;
                let _ = context.ask(before, "SIGHUP")?;
                context.wait_for_latecomers();
                for (name, _) in FOUR {
                    let target = context.group(&Shape::family().session(Session::Own))?;
                    let what = "a child of the leader in another group of its session";
                    context.bystander(what, Some(target.id), Place::Own, None)?;
                    context.make_exited(&target)?;
                    spares(context, &[], |context| context.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "missing-target",
            "No group has the id, but others have ids that share digits or low bits with it.",
            &[Need::Sandbox],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                let tenfold = group.id * 10 + 3;
                let mut missing =
                    vec![group.id + 65_536, group.id + (1 << 24), group.id + (1 << 30), i32::MAX as u32];
                if !context.exists(tenfold)? {
                    missing.push(tenfold);
                }
                for id in missing {
                    spares(context, &[], |context| context.ask(id, "SIGTERM").map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "member-for-leader",
            "The pid is a member's, not a leader's: neither the rest of its group nor anybody else is touched.",
            &[],
            |context| {
                let group = context.group(&Shape::family())?;
                let own = [group.members[1]];
                for name in ["SIGTERM", "SIGKILL"] {
                    let member = Group { members: own.to_vec(), ..group.clone() };
                    spares(context, &[&member], |context| context.ask(own[0], name).map(drop))?;
                }
                Ok(())
            },
        ),
    ]
}

/// Puts bystanders of every kind around a group. Returns those that are groups of the same make.
fn with_neighbours(context: &mut Context, target: &Group) -> Result<Vec<Group>> {
    let leader = Some(target.id);
    let what = "a child of the leader that moved to a group of its own";
    let moved = context.bystander(what, leader, Place::Own, None)?;
    context.bystander("a child of that one, in its group", Some(moved), Place::Parents, None)?;
    context.bystander(
        "a child of the leader that moved to a session of its own",
        leader,
        Place::OwnSession,
        None,
    )?;
    let child = target.members.get(1).copied();
    context.bystander(
        "a grandchild of the leader that moved to a group of its own",
        child,
        Place::Own,
        None,
    )?;
    context.bystander(
        "a process in the agent's group, which the leader's parent is in",
        None,
        Place::Parents,
        None,
    )?;
    let mut sibling = context.group(&Shape::family())?;
    context.group(&Shape::alone().session(Session::Own).with(Lineage::Child))?;
    let joined = context.bystander(
        "a child of the leader that joined another group",
        leader,
        Place::Of(sibling.id),
        None,
    )?;
    sibling.add(joined, Disposition::Watches);
    Ok(vec![sibling])
}

/// Lets `ask` happen and ends the case if anybody outside `targets` was touched by it, at once or late.
pub(super) fn spares(
    context: &mut Context,
    targets: &[&Group],
    ask: impl FnOnce(&mut Context) -> Result,
) -> Result {
    context.start()?;
    let before = context.snapshot()?;
    let asked = ask(context);
    let after = context.snapshot()?;
    let problems = touched(context, &before, &after, targets);
    context.expect_none(SPARED, problems)?;
    asked?;
    context.wait_for_latecomers();
    let after = context.snapshot()?;
    let problems = touched(context, &before, &after, targets);
    context.expect_none(SPARED, problems)
}
