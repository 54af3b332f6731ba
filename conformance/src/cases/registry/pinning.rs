//! A group that the signaller pinned at registration is fenced by the kernel: whoever has its id later is not
//! hit, also when nobody told the registry.

use super::checks::FIVE;
use crate::cases::checks::{missed, touched, unlike};
use crate::cases::{Case, Need};
use crate::contract::PINNED_GROUP_IS_FENCED;
use crate::harness::{Context, Group, Lineage, Problems, Result, Shape};

/// What these cases cannot be tried without.
const NEEDS: &[Need] = &[Need::Pinning, Need::PidfdOfGroups, Need::ChosenIds];
/// The same with a registry that fences and is told of exits.
const FENCED: &[Need] = &[Need::Pinning, Need::PidfdOfGroups, Need::ChosenIds, Need::Fencing];

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        fenced(
            NEEDS,
            "nobody-told",
            "A group exits and its id comes back before the next signal_all; nobody forgot it, nobody registered the next.",
            |context, id, group| {
                context.make_exited(group)?;
                member(context, id)
            },
        ),
        fenced(
            NEEDS,
            "signalled-before",
            "The same when the group had been signalled before, and exited by it.",
            |context, id, group| {
                context.signal_all("SIGKILL")?;
                context.make_exited(group)?;
                member(context, id)
            },
        ),
        fenced(
            NEEDS,
            "several-owners-later",
            "The id has been given several times since, to groups of several makes.",
            |context, id, group| {
                context.make_exited(group)?;
                for _ in 0..3 {
                    let between = context.group(&Shape::family().at(id))?;
                    context.make_exited(&between)?;
                }
                member(context, id)
            },
        ),
        fenced(
            NEEDS,
            "registered-again",
            "The group was registered again with its label while it lived, which changes nothing.",
            |context, id, group| {
                context.register(id, "first")?;
                context.make_exited(group)?;
                member(context, id)
            },
        ),
        fenced(
            NEEDS,
            "relabelled",
            "The group was registered with another label while it lived.",
            |context, id, group| {
                context.register(id, "second")?;
                context.make_exited(group)?;
                member(context, id)
            },
        ),
        fenced(
            FENCED,
            "late-notice",
            "The exit notice of an earlier owner comes while the group lives, and drops nothing.",
            |context, id, group| {
                context.register(id, "second")?;
                context.forget_registration(id, "first")?;
                context.make_exited(group)?;
                member(context, id)
            },
        ),
        fenced(
            FENCED,
            "stale-target",
            "The target of an earlier owner is signalled while the group lives, which asks nobody.",
            |context, id, group| {
                let old = context.targets()?;
                context.register(id, "second")?;
                context.signal_targets("SIGHUP", &old)?;
                context.make_exited(group)?;
                member(context, id)
            },
        ),
        Case::new(
            PINNED_GROUP_IS_FENCED,
            "survivor",
            "The leader of a pinned group has exited and was reaped, a member has not: it receives the signal.",
            NEEDS,
            |context| {
                let group = context.group(&Shape::family())?;
                context.pinning_registry()?;
                context.register(group.id, "first")?;
                context.exit(group.id)?;
                context.reap(group.id)?;
                delivers(context, &group, &group.members[1..])
            },
        ),
        Case::new(
            PINNED_GROUP_IS_FENCED,
            "next-owner",
            "Once the next group with that id is registered, with another label or after the first was \
             forgotten, it is the one that is signalled.",
            NEEDS,
            |context| {
                for forgotten in [false, true] {
                    let id = context.free_id()?;
                    let first = first(context, id)?;
                    context.make_exited(&first)?;
                    if forgotten {
                        context.forget(id)?;
                    }
                    let second = member(context, id)?;
                    context.register(id, if forgotten { "first" } else { "second" })?;
                    delivers(context, &second, &second.members)?;
                    context.make_exited(&second)?;
                }
                Ok(())
            },
        ),
        Case::new(
            PINNED_GROUP_IS_FENCED,
            "holds-nothing-of-the-forgotten",
            "Four hundred groups are registered and forgotten or dropped as exited: the subject has as many \
             descriptors after it as before.",
            &[NEEDS, &[Need::Holdings]].concat(),
            |context| {
                let group = context.group(&Shape::alone())?;
                context.pinning_registry()?;
                context.register(group.id, "warm-up")?;
                context.forget(group.id)?;
                let before = context.load()?.descriptors;
                for round in 0..200 {
                    context.register(group.id, &format!("round {round}"))?;
                    context.forget(group.id)?;
                }
                for _ in 0..20 {
                    for (leader_pid, label) in FIVE {
                        context.register(leader_pid, label)?;
                    }
                    context.signal_all("SIGTERM")?;
                }
                for _ in 0..20 {
                    let exited = context.group(&Shape::alone())?;
                    context.register(exited.id, "exits")?;
                    context.make_exited(&exited)?;
                    context.signal_all("SIGTERM")?;
                }
                expect_no_more(context, before)
            },
        ),
        Case::new(
            PINNED_GROUP_IS_FENCED,
            "holds-nothing-of-the-dropped",
            "Forty groups are dropped by an exit notice under their label, and forty that `signal_targets` finds exited: the \
             subject has as many descriptors after it as before.",
            &[FENCED, &[Need::Holdings]].concat(),
            |context| {
                let group = context.group(&Shape::alone())?;
                context.pinning_registry()?;
                context.register(group.id, "warm-up")?;
                context.forget(group.id)?;
                let before = context.load()?.descriptors;
                for _ in 0..40 {
                    let noticed = context.group(&Shape::alone())?;
                    context.register(noticed.id, "job")?;
                    context.forget_registration(noticed.id, "job")?;
                    context.make_exited(&noticed)?;
                    let exited = context.group(&Shape::alone())?;
                    context.register(exited.id, "exits")?;
                    context.make_exited(&exited)?;
                    let targets = context.targets()?;
                    context.signal_targets("SIGTERM", &targets)?;
                }
                expect_no_more(context, before)
            },
        ),
    ]
}

/// Ends the case unless the subject has about as many descriptors as `before`.
fn expect_no_more(context: &mut Context, before: usize) -> Result {
    let more = context.load()?.descriptors.saturating_sub(before);
    let problem = (more > 8).then(|| format!("it holds {more} descriptors more"));
    context.expect_none(
        "no descriptor is kept of a group that is not held",
        problem.into_iter().collect::<Vec<_>>(),
    )
}

/// A case in which the id of a pinned group comes back, and `prepare` returns the group that has it then.
fn fenced(
    needs: &[Need],
    own_name: &str,
    about: &str,
    prepare: impl Fn(&mut Context, u32, &Group) -> Result<Group> + Send + Sync + 'static,
) -> Case {
    Case::new(PINNED_GROUP_IS_FENCED, own_name, about, needs, move |context| {
        for name in ["SIGKILL", "SIGTERM"] {
            let id = context.free_id()?;
            let group = first(context, id)?;
            let stranger = prepare(context, id, &group)?;
            let before = context.snapshot()?;
            let cycle = context.signal_all(name)?;
            let after = context.snapshot()?;
            let mut problems = touched(context, &before, &after, &[]);
            problems.extend(cycle.answer(id).into_iter().flat_map(|answer| unlike(answer, false)));
            context.expect_none("Ok(false), and whoever has the id now receives nothing", problems)?;
            context.make_exited(&stranger)?;
        }
        Ok(())
    })
}

/// A group with that id, in a new registry.
fn first(context: &mut Context, id: u32) -> Result<Group> {
    let group = member(context, id)?;
    context.pinning_registry()?;
    context.register(id, "first")?;
    Ok(group)
}

fn member(context: &mut Context, id: u32) -> Result<Group> {
    context.group(&Shape::alone().at(id).with(Lineage::Child))
}

/// Ends the case unless a signal to all reaches these members.
fn delivers(context: &mut Context, group: &Group, members: &[u32]) -> Result {
    let cycle = context.signal_all("SIGTERM")?;
    let snapshot = context.snapshot()?;
    let mut owed = group.clone();
    owed.members = members.to_vec();
    let mut problems: Problems = missed(context, &snapshot, &owed, libc::SIGTERM, 1);
    problems.extend(cycle.answer(group.id).into_iter().flat_map(|answer| unlike(answer, true)));
    context.expect_none("Ok(true), and every live member receives SIGTERM", problems)
}
