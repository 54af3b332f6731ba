//! Targets that no longer stand: nobody is asked for them, and nothing is dropped.

use super::super::checks::FIVE;
use super::{FENCING, answered_otherwise, asked_otherwise, kept, listed_otherwise};
use crate::cases::Case;
use crate::contract::STALE_TARGET_IS_SKIPPED;
use crate::harness::{Context, Result};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::Target;

/// The cases of this requirement that need no live groups.
pub fn cases() -> Vec<Case> {
    vec![
        stale(
            "next-owner",
            "Whichever of five is registered with another label since: its old target is stale, and the new \
             entry is not dropped, whatever would be answered for its pid.",
            |context, (leader_pid, _)| context.register(leader_pid, "next owner").map(drop),
        ),
        stale(
            "forgotten",
            "Whichever of five was forgotten since: its target is stale.",
            |context, (leader_pid, _)| context.forget(leader_pid).map(drop),
        ),
        stale(
            "dropped-as-exited",
            "Whichever of five was dropped as exited since: its target is stale.",
            |context, (leader_pid, _)| {
                context.script(Script::new(1).says(leader_pid, Ok(false)))?;
                context.signal_all("SIGTERM").map(drop)
            },
        ),
        stale(
            "back-under-the-same-label",
            "Whichever of five was forgotten and registered again with its old label: another registration, \
             at another place.",
            |context, (leader_pid, label)| {
                context.forget(leader_pid)?;
                context.register(leader_pid, label).map(drop)
            },
        ),
        stale(
            "back-to-the-first-label",
            "Whichever of five had another owner meanwhile, and then one with the first label.",
            |context, (leader_pid, label)| {
                context.register(leader_pid, "meanwhile")?;
                context.register(leader_pid, label).map(drop)
            },
        ),
        Case::new(
            STALE_TARGET_IS_SKIPPED,
            "among-those-that-stand",
            "Five targets of which two no longer stand: first and last, side by side, in the middle. The \
             others are asked for, and each result stands in its target's place.",
            FENCING,
            |context| {
                for stale in [[0, 4], [0, 1], [2, 3], [3, 4]] {
                    let refused = Err("connection lost".to_owned());
                    let script = Script::new(1).otherwise(refused.clone());
                    let targets = kept(context, &FIVE, script)?;
                    context.register(FIVE[stale[0]].0, "next owner")?;
                    context.forget(FIVE[stale[1]].0)?;
                    let answers: Vec<_> = (0..FIVE.len())
                        .map(|place| if stale.contains(&place) { Ok(false) } else { refused.clone() })
                        .collect();
                    let standing = (0..FIVE.len()).filter(|place| !stale.contains(place));
                    let asked: Vec<u32> = standing.map(|place| FIVE[place].0).collect();
                    let owed = context.targets()?;
                    let cycle = context.signal_targets("SIGKILL", &targets)?;
                    let mut problems = asked_otherwise(&cycle, &asked);
                    problems.extend(answered_otherwise(&cycle, &targets, &answers));
                    problems.extend(listed_otherwise(context, &owed)?);
                    context.expect_none(SKIPPED, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STALE_TARGET_IS_SKIPPED,
            "old-and-new-owner",
            "The targets of an earlier and of the present owner of one pid, in either order: the signaller is \
             asked once, for the present owner.",
            FENCING,
            |context| {
                for new_first in [false, true] {
                    let old = kept(context, &FIVE, Script::new(1))?;
                    context.register(FIVE[1].0, "next owner")?;
                    let now = context.targets()?;
                    let mut targets = vec![old[1].clone(), now[1].clone()];
                    let mut answers = vec![Ok(false), Ok(true)];
                    if new_first {
                        targets.reverse();
                        answers.reverse();
                    }
                    let cycle = context.signal_targets("SIGKILL", &targets)?;
                    let mut problems = asked_otherwise(&cycle, &[FIVE[1].0]);
                    problems.extend(answered_otherwise(&cycle, &targets, &answers));
                    problems.extend(listed_otherwise(context, &now)?);
                    context.expect_none(SKIPPED, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STALE_TARGET_IS_SKIPPED,
            "owner-after-owner",
            "Ten owners of a pid, one after the other: the targets of the first nine are stale, and stay so.",
            FENCING,
            |context| {
                let mut before: Vec<Target> = Vec::new();
                kept(context, &FIVE[..2], Script::new(1))?;
                for owner in 0..10 {
                    context.register(FIVE[0].0, &format!("owner {owner}"))?;
                    if owner % 3 == 2 {
                        context.forget(FIVE[0].0)?;
                        context.register(FIVE[0].0, "owner 1")?;
                    }
                    is_skipped(context, &before)?;
                    let pid = FIVE[0].0;
                    before.extend(
                        context.targets()?.into_iter().filter(|target| target.entry.leader_pid == pid),
                    );
                }
                Ok(())
            },
        ),
    ]
}

const SKIPPED: &str = "Ok(false) for each target whose registration no longer stands; nobody is asked for \
     it, and nothing is dropped for it";

/// A case in which `change` makes the target of each of five stale in turn. Whatever the signaller would say
/// of the pid then must not matter.
fn stale(
    own_name: &str,
    about: &str,
    change: impl Fn(&mut Context, (u32, &str)) -> Result + Send + Sync + 'static,
) -> Case {
    Case::new(STALE_TARGET_IS_SKIPPED, own_name, about, FENCING, move |context| {
        for (place, entry) in FIVE.into_iter().enumerate() {
            for says in [Ok(true), Ok(false), Err("connection lost".to_owned())] {
                let targets = kept(context, &FIVE, Script::new(1))?;
                change(context, entry)?;
                context.script(Script::new(1).otherwise(says))?;
                is_skipped(context, &targets[place..=place])?;
                is_skipped(context, &targets[place..=place])?;
            }
        }
        Ok(())
    })
}

/// Signals targets of which none stands, and ends the case unless that asks nobody and changes nothing.
fn is_skipped(context: &mut Context, targets: &[Target]) -> Result {
    let before = context.targets()?;
    let cycle = context.signal_targets("SIGKILL", targets)?;
    let mut problems = asked_otherwise(&cycle, &[]);
    problems.extend(answered_otherwise(&cycle, targets, &vec![Ok(false); targets.len()]));
    problems.extend(listed_otherwise(context, &before)?);
    context.expect_none(SKIPPED, problems)
}
