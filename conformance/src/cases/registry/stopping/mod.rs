//! A registry that stops its groups: SIGTERM, a grace period, SIGKILL to what is left.
//!
//! What a stop waits for is scripted: the signaller says who has exited, from the moment on that the case
//! wants. Where a stop must not wait the grace period is an hour, so that one that does is told by its
//! silence. Where it must wait, the times of the signaller's calls are compared, which the server takes from
//! one clock: SIGKILL too early is so on every machine, and one that is late is held against the registry
//! only if it is late when the case runs alone, too.

mod asking;
mod cancelling;
mod killing;
mod live;
mod telling;
mod waiting;

use super::checks::{FIVE, holding, listed_otherwise};
use crate::cases::{Case, Need};
use crate::harness::{Context, Result, Stopping, ending_text, target_text};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::{Ending, Operation, Target};
use crate::subject::wire::SignalResult;
use std::time::Duration;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let families = [
        asking::cases(),
        waiting::cases(),
        killing::cases(),
        telling::cases(),
        cancelling::cases(),
        live::cases(),
    ];
    families.into_iter().flatten().collect()
}

/// What every case of this family needs.
const STOPPING: &[Need] = &[Need::Stopping];
/// What those need that register a pid anew.
const FENCED: &[Need] = &[Need::Stopping, Need::Fencing];

/// A grace period that no case waits out.
const LONG: Duration = Duration::from_secs(3_600);
/// One that nothing happens in but what is to happen meanwhile.
const SHORT: Duration = Duration::from_millis(5);
/// One that is measured.
const MEASURED: Duration = Duration::from_millis(120);
/// How many times the grace period something may take that must end with it. A machine may be busy, and the
/// mistakes are far beyond.
const GENEROUS: u32 = 8;

/// Makes a registry of [`FIVE`] whose signaller follows `script`, and returns what is listed.
fn five(context: &mut Context, script: Script) -> Result<Vec<Target>> {
    holding(context, &FIVE, script)?;
    context.targets()
}

/// The leader pids of [`FIVE`] at these places.
fn at(places: &[usize]) -> Vec<u32> {
    places.iter().map(|place| FIVE[*place].0).collect()
}

/// From then on signaller 1 says that these have exited, and answers so.
fn exit(leader_pids: &[u32]) -> Operation {
    Operation::Script(exited(leader_pids))
}

/// Signaller 1 when these have exited.
fn exited(leader_pids: &[u32]) -> Script {
    let script = Script::new(1).exited(leader_pids);
    leader_pids.iter().fold(script, |script, leader_pid| script.says(*leader_pid, Ok(false)))
}

fn register(leader_pid: u32, label: &str) -> Operation {
    Operation::Register { leader_pid, label: label.to_owned() }
}

fn forget(leader_pid: u32) -> Operation {
    Operation::Forget { leader_pid }
}

/// How the leader pids differ that were asked for with that name, in order, if they do.
fn asked_otherwise(stopping: &Stopping, signal_name: &str, owed: &[u32]) -> Vec<String> {
    let asked = stopping.asked(signal_name);
    match asked == owed {
        true => Vec::new(),
        false => vec![format!("{signal_name} was sent to {asked:?}, and is owed to {owed:?}")],
    }
}

/// How the results differ from those, in order, if they do.
fn wrong_endings(stopping: &Stopping, owed: &[(Target, Ending)]) -> Vec<String> {
    let (is, owes) = (stopping.results.len(), owed.len());
    let mut problems = Vec::new();
    if is != owes {
        problems.push(format!("there are {is} results, and {owes} are owed"));
    }
    for (place, (result, owed)) in stopping.results.iter().zip(owed).enumerate() {
        if result != owed {
            let [result, owed] = [result, owed]
                .map(|(target, ending)| format!("{}: {}", target_text(target), ending_text(ending)));
            problems.push(format!("result {} is {result}; owed is {owed}", place + 1));
        }
    }
    problems
}

/// Each of `targets` with that ending.
fn each(targets: &[Target], ending: &Ending) -> Vec<(Target, Ending)> {
    targets.iter().map(|target| (target.clone(), ending.clone())).collect()
}

fn refused() -> SignalResult {
    Err("permission denied".to_owned())
}
