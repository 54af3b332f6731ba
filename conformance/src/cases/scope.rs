//! What a signal must not reach: everybody outside the group.

use super::checks::{FOUR, touched};
use super::{Case, Need};
use crate::harness::{Bed, Group, Kin, Session, Shape, Step};
use crate::testbed::protocol::{Conduct, Place};

const SPARED: &str = "nobody outside the group is signalled, stopped or ended, also a moment later";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, _) in FOUR {
        cases.push(Case::new(
            format!("spares-other-groups/{}-neighbours", name.to_lowercase()),
            format!(
                "{name} to a group beside another of the same session, children of its leader that moved to groups \
                 or sessions of their own, its leader's parent, and processes in the subject's and the agent's groups."
            ),
            &[],
            move |bed| {
                let target = bed.group(&Shape::family())?;
                let others = with_neighbours(bed, &target)?;
                spares(bed, &[&target], |bed| bed.ask(target.id, name).map(drop))?;
                // The neighbours are groups too: what is sent to one of them spares the first.
                spares(bed, &[&target, &others[0]], |bed| bed.ask(others[0].id, name).map(drop))
            },
        ));
    }
    for (target, others) in PREFIXES {
        let list = others.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        cases.push(Case::new(
            format!("spares-other-groups/decimal-prefixes-of-{target}"),
            format!(
                "Group {target} beside the groups {list}, whose ids share its first or last digits. procps-ng 4.0.2 \
                 `kill -TERM -{target}` reads only the first digit."
            ),
            // What is signalled instead may be everybody: kill(-1) is what the digit 1 comes to.
            &[Need::Sandbox, Need::ChosenIds],
            move |bed| {
                let group = bed.group(&Shape::alone().at(target).with(Kin::Child))?;
                for &id in others {
                    bed.group(&Shape::alone().at(id).with(Kin::Child))?;
                }
                spares(bed, &[&group], |bed| bed.ask(group.id, "SIGTERM").map(drop))
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
            "spares-other-groups/windows-session",
            "A group in a window's session, beside the window, which is its leader's parent, and another group of \
             the same window.",
            &[],
            |bed| {
                for (name, _) in FOUR {
                    let target = bed.group(&Shape::family().session(Session::Windows))?;
                    bed.bystander("another group of the same window", target.window, Place::Own, None)?;
                    bed.bystander(
                        "a process in the window's own group",
                        target.window,
                        Place::Parents,
                        None,
                    )?;
                    spares(bed, &[&target], |bed| bed.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "spares-other-groups/own-session",
            "A group whose leader leads the session too, beside another group of that session.",
            &[],
            |bed| {
                for (name, _) in FOUR {
                    let target = bed.group(&Shape::family().session(Session::Own))?;
                    let what = "a child of the leader in another group of its session";
                    bed.bystander(what, Some(target.id), Place::Own, None)?;
                    spares(bed, &[&target], |bed| bed.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "spares-other-groups/survivors",
            "A group whose leader is gone, beside children of that leader in groups of their own.",
            &[],
            |bed| {
                for (name, _) in FOUR {
                    let mut target = bed.group(&Shape::family())?;
                    with_neighbours(bed, &target)?;
                    bed.end_leader(&mut target)?;
                    spares(bed, &[&target], |bed| bed.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "spares-other-groups/adjacent-ids",
            "Groups whose ids differ by one, by a bit, or by what a narrow integer would cut off.",
            &[Need::ChosenIds],
            |bed| {
                let largest = bed.abilities().pid_max - 1;
                for target in
                    [300, 1_027, 4_096, 16_384, 65_836, 66_563].into_iter().filter(|&id| id < largest)
                {
                    let group = bed.group(&Shape::alone().at(target).with(Kin::Child))?;
                    let near =
                        [target - 1, target + 1, target ^ 2, target ^ 256, target % 256, target % 65_536];
                    let mut near: Vec<_> = near.into_iter().filter(|&id| id > 2 && id < largest).collect();
                    near.sort_unstable();
                    near.dedup();
                    for id in near {
                        if id != target && !bed.exists(id)? {
                            bed.group(&Shape::alone().at(id))?;
                        }
                    }
                    spares(bed, &[&group], |bed| bed.ask(group.id, "SIGTERM").map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "spares-other-groups/again-and-again",
            "Two groups are signalled in turn, up to two hundred times, beside a third: each call touches its own \
             target alone.",
            &[],
            |bed| {
                let targets = [
                    bed.group(&Shape::alone().with(Kin::Child))?,
                    bed.group(&Shape::alone().with(Kin::Child))?,
                ];
                bed.group(&Shape::alone().with(Kin::Child))?;
                bed.start()?;
                let mut calls = 0;
                while bed.another_round(calls, 25, 200) {
                    let target = &targets[calls % 2];
                    let before = bed.look()?;
                    let _ = bed.ask(target.id, "SIGTERM")?;
                    calls += 1;
                    let after = bed.look()?;
                    let problems = touched(bed, &before, &after, &[target]);
                    bed.expect_none(SPARED, problems)?;
                }
                Ok(())
            },
        ),
    ]
}

fn nobody_there() -> Vec<Case> {
    vec![
        Case::new(
            "spares-other-groups/exited-target",
            "The target has exited: nobody is signalled in its stead, not even children of its leader in groups of \
             their own, nor the rest of its session.",
            &[],
            |bed| {
                for (name, _) in FOUR {
                    let target = bed.group(&Shape::family().session(Session::Own))?;
                    let what = "a child of the leader in another group of its session";
                    bed.bystander(what, Some(target.id), Place::Own, None)?;
                    bed.make_exited(&target)?;
                    spares(bed, &[], |bed| bed.ask(target.id, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "spares-other-groups/missing-target",
            "No group has the id, but others have ids that share digits or low bits with it.",
            &[Need::Sandbox],
            |bed| {
                let group = bed.group(&Shape::alone().with(Kin::Child))?;
                let tenfold = group.id * 10 + 3;
                let mut missing =
                    vec![group.id + 65_536, group.id + (1 << 24), group.id + (1 << 30), i32::MAX as u32];
                if !bed.exists(tenfold)? {
                    missing.push(tenfold);
                }
                for id in missing {
                    spares(bed, &[], |bed| bed.ask(id, "SIGTERM").map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "spares-other-groups/member-for-leader",
            "The pid is a member's, not a leader's: neither the rest of its group nor anybody else is touched.",
            &[],
            |bed| {
                let group = bed.group(&Shape::family())?;
                let own = [group.members[1]];
                for name in ["SIGTERM", "SIGKILL"] {
                    let member = Group { members: own.to_vec(), ..group.clone() };
                    spares(bed, &[&member], |bed| bed.ask(own[0], name).map(drop))?;
                }
                Ok(())
            },
        ),
    ]
}

/// Puts bystanders of every kind around a group. Returns those that are groups of the same make.
fn with_neighbours(bed: &mut Bed, target: &Group) -> Step<Vec<Group>> {
    let leader = Some(target.id);
    bed.bystander("a child of the leader that moved to a group of its own", leader, Place::Own, None)?;
    bed.bystander(
        "a child of the leader that moved to a session of its own",
        leader,
        Place::OwnSession,
        None,
    )?;
    let child = target.members.get(1).copied();
    bed.bystander("a grandchild of the leader that moved to a group of its own", child, Place::Own, None)?;
    bed.bystander(
        "a process in the agent's group, which the leader's parent is in",
        None,
        Place::Parents,
        None,
    )?;
    let mut sibling = bed.group(&Shape::family())?;
    bed.group(&Shape::alone().session(Session::Own).with(Kin::Child))?;
    let joined = bed.bystander(
        "a child of the leader that joined another group",
        leader,
        Place::Of(sibling.id),
        None,
    )?;
    sibling.add(joined, Conduct::Watches);
    Ok(vec![sibling])
}

/// Lets `ask` happen and ends the case if anybody outside `targets` was touched by it, at once or late.
fn spares(bed: &mut Bed, targets: &[&Group], ask: impl FnOnce(&mut Bed) -> Step) -> Step {
    bed.start()?;
    let before = bed.look()?;
    let asked = ask(bed);
    let after = bed.look()?;
    let problems = touched(bed, &before, &after, targets);
    bed.expect_none(SPARED, problems)?;
    asked?;
    bed.wait_for_latecomers();
    let after = bed.look()?;
    let problems = touched(bed, &before, &after, targets);
    bed.expect_none(SPARED, problems)
}
