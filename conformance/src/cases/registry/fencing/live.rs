//! The same on live groups, whose pid is given again.

use super::of_pid;
use crate::cases::checks::{FOUR, missed, touched};
use crate::cases::{Case, Need};
use crate::contract::{CURRENT_TARGET_IS_SIGNALLED, STALE_FORGET_IS_IGNORED, STALE_TARGET_IS_SKIPPED};
use crate::harness::{Context, Group, Lineage, Problems, Result, Shape};
use crate::subject::registry::wire::Target;

/// What these cases cannot be tried without.
const NEEDS: &[Need] = &[Need::Fencing, Need::ChosenIds];

/// The cases of this family with live groups.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            CURRENT_TARGET_IS_SIGNALLED,
            "live",
            "Two of three live groups are targets: every member of theirs receives each of the four signals, \
             and nobody else receives anything.",
            &[Need::Fencing],
            |context| {
                for (name, signal) in FOUR {
                    let groups: Vec<Group> =
                        (0..3).map(|_| context.group(&Shape::family())).collect::<Result<_>>()?;
                    context.default_registry()?;
                    let entries: Vec<_> = groups.iter().map(|group| (group.id, "live")).collect();
                    context.register_all(&entries)?;
                    let mut targets = context.targets()?;
                    targets.remove(1);
                    let before = context.snapshot()?;
                    context.signal_targets(name, &targets)?;
                    let after = context.snapshot()?;
                    let mut problems = Problems::default();
                    for group in [&groups[0], &groups[2]] {
                        problems.extend(missed(context, &after, group, signal, 1));
                    }
                    problems.extend(touched(context, &before, &after, &[&groups[0], &groups[2]]));
                    let expected = format!("both targets receive {name}, and nobody else receives anything");
                    context.expect_none(&expected, problems)?;
                }
                Ok(())
            },
        ),
        late(
            "pid-came-back",
            "A group was sent SIGTERM and has exited; its pid leads another owner's group when the SIGKILL \
             comes that was due for the first.",
            |context, id| {
                let group = first(context, id, "first run")?;
                let targets = targets_of(context, "SIGTERM")?;
                context.make_exited(&group)?;
                second(context, id, "second run")?;
                Ok(targets)
            },
        ),
        late(
            "pid-came-back-after-an-exit-notice",
            "The first group's exit was noticed and forgotten, and the second is registered under the same label.",
            |context, id| {
                let group = first(context, id, "job")?;
                let targets = targets_of(context, "SIGTERM")?;
                context.make_exited(&group)?;
                context.forget_registration(id, "job")?;
                second(context, id, "job")?;
                Ok(targets)
            },
        ),
        late(
            "pid-came-back-after-pruning",
            "The first group was found to have exited and was dropped; the second is registered under the same label.",
            |context, id| {
                let group = first(context, id, "job")?;
                let targets = targets_of(context, "SIGTERM")?;
                context.make_exited(&group)?;
                context.signal_all("SIGTERM")?;
                second(context, id, "job")?;
                Ok(targets)
            },
        ),
        Case::new(
            STALE_FORGET_IS_IGNORED,
            "pid-came-back",
            "The exit notice of a group comes when its pid leads another owner's group: that one is \
             signalled by the next signal_all.",
            NEEDS,
            |context| {
                let id = context.free_id()?;
                let gone = first(context, id, "first run")?;
                context.make_exited(&gone)?;
                let group = second(context, id, "second run")?;
                context.forget_registration(id, "first run")?;
                context.signal_all("SIGTERM")?;
                let snapshot = context.snapshot()?;
                let problems = missed(context, &snapshot, &group, libc::SIGTERM, 1);
                context.expect_none("the second group is held still, and receives SIGTERM", problems)
            },
        ),
    ]
}

/// A case of `stale-target-is-skipped` in which `prepare` returns the targets of groups that are gone, while
/// a live group has their pid.
fn late(
    own_name: &str,
    about: &str,
    prepare: impl Fn(&mut Context, u32) -> Result<Vec<Target>> + Send + Sync + 'static,
) -> Case {
    Case::new(STALE_TARGET_IS_SKIPPED, own_name, about, NEEDS, move |context| {
        let id = context.free_id()?;
        let targets = prepare(context, id)?;
        let before = context.snapshot()?;
        context.signal_targets("SIGKILL", &targets)?;
        let after = context.snapshot()?;
        let mut problems = touched(context, &before, &after, &[]);
        if of_pid(&context.targets()?, id).is_none() {
            problems.push(format!("the entry of the group that has {id} now is no longer listed"));
        }
        context.expect_none("the group that has the pid now receives nothing and stays registered", problems)
    })
}

/// The first group with that id, registered by default under that label.
fn first(context: &mut Context, id: u32, label: &str) -> Result<Group> {
    let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
    context.default_registry()?;
    context.register(id, label)?;
    Ok(group)
}

/// The next group with that id, registered under that label.
fn second(context: &mut Context, id: u32, label: &str) -> Result<Group> {
    let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
    context.register(id, label)?;
    Ok(group)
}

/// Signals all, and returns what was signalled as targets for later.
fn targets_of(context: &mut Context, signal_name: &str) -> Result<Vec<Target>> {
    let targets = context.targets()?;
    context.signal_all(signal_name)?;
    Ok(targets)
}
