//! A registry that fences reused pids: a late signal or exit notice reaches nobody but whom it is meant for.

mod identity;
mod live;
mod notices;
mod panics;
mod stale;
mod targets;

use super::checks::listed_otherwise;
use crate::cases::{Case, Need};
use crate::harness::{Context, Cycle, Result, short_answer, target_text};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::Target;
use crate::subject::wire::SignalResult;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let families = [
        identity::cases(),
        targets::cases(),
        stale::cases(),
        notices::cases(),
        panics::cases(),
        live::cases(),
    ];
    families.into_iter().flatten().collect()
}

/// What every case of this family needs.
const FENCING: &[Need] = &[Need::Fencing];

/// Makes a registry whose signaller follows `script`, registers `entries` with it, and returns them as they
/// are listed.
fn kept<L: AsRef<str>>(context: &mut Context, entries: &[(u32, L)], script: Script) -> Result<Vec<Target>> {
    super::checks::holding(context, entries, script)?;
    context.targets()
}

/// The listed target of that leader pid, if there is one.
fn of_pid(targets: &[Target], leader_pid: u32) -> Option<&Target> {
    targets.iter().find(|target| target.entry.leader_pid == leader_pid)
}

/// How the leader pids that were asked for, in order, differ from `owed`, if they do.
fn asked_otherwise(cycle: &Cycle, owed: &[u32]) -> Vec<String> {
    let asked = cycle.asked();
    if asked == owed {
        Vec::new()
    } else {
        vec![format!("the signaller was asked for {asked:?}, not {owed:?}")]
    }
}

/// How the results differ from one for each of `targets`, in order, with that answer. The message of an error
/// does not matter.
fn answered_otherwise(cycle: &Cycle, targets: &[Target], answers: &[SignalResult]) -> Vec<String> {
    let mut problems = Vec::new();
    if cycle.results.len() != targets.len() {
        problems.push(format!("there are {} results for {} targets", cycle.results.len(), targets.len()));
    }
    for (place, ((entry, answer), (target, owed))) in
        cycle.results.iter().zip(targets.iter().zip(answers)).enumerate()
    {
        let place = place + 1;
        if *entry != target.entry || cycle.incarnations.get(place - 1) != Some(&target.incarnation) {
            problems.push(format!("result {place} is not of the target {}", target_text(target)));
        }
        if answer.as_ref().ok() != owed.as_ref().ok() {
            let (answer, owed) = (short_answer(answer), short_answer(owed));
            problems.push(format!("result {place}, for {}, is {answer}, not {owed}", target_text(target)));
        }
    }
    problems
}
