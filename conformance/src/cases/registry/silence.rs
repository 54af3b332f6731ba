//! When nobody may be asked.

use super::checks::{FIVE, answering, holding, pids};
use crate::cases::{Case, checks::touched};
use crate::harness::{Bed, Problems, Shape, Step, call_text};
use crate::subject::registry::script::{Call, Script};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    sends_nothing().into_iter().chain(empty()).collect()
}

const SILENT: &str = "no call of any signaller: only signal_all asks";

fn sends_nothing() -> Vec<Case> {
    vec![
        Case::new(
            "forget-sends-nothing/every-operation",
            "A registry is made, and each operation but `signal_all` is tried on it, with signallers that say \
             delivered, exited or an error: none may be called.",
            &[],
            |bed| {
                for answer in [Ok(true), Ok(false), Err("permission refused".to_owned())] {
                    let calls = bed.registry(Script::new(1).otherwise(answer.clone()))?;
                    silent(bed, &calls)?;
                    every_operation(bed, Script::new(2).otherwise(answer))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "forget-sends-nothing/after-a-cycle",
            "The same after all groups were signalled, some delivered, some exited, some in vain: nothing is \
             tried again.",
            &[],
            |bed| {
                let refused = Err("permission refused".to_owned());
                let answers = [Ok(true), refused.clone(), Ok(false), refused, Ok(true)];
                holding(bed, &FIVE, answering(&FIVE, &answers))?;
                bed.signal_all("SIGTERM")?;
                every_operation(bed, Script::new(2))
            },
        ),
        Case::new(
            "forget-sends-nothing/nor-later",
            "Nothing that happens by itself in the time after may call a signaller either: no poll, no retry, no \
             clean-up.",
            &[],
            |bed| {
                bed.registry(Script::new(1))?;
                every_operation(bed, Script::new(2))?;
                bed.register_all(&FIVE)?;
                bed.wait_for_latecomers();
                let (_, calls) = bed.entries_and_calls()?;
                silent(bed, &calls)
            },
        ),
        Case::new(
            "forget-sends-nothing/live-groups",
            "Live groups are registered, get another label, are listed and forgotten, and the signaller is \
             replaced: no member may receive anything, by whatever way.",
            &[],
            |bed| {
                let groups = [bed.group(&Shape::family())?, bed.group(&Shape::alone())?];
                bed.start()?;
                let before = bed.look()?;
                bed.default_registry()?;
                let [family, alone] = groups.map(|group| group.id);
                bed.register_all(&[(family, "family"), (alone, "alone")])?;
                bed.register_all(&[(family, "family still"), (alone, "alone still")])?;
                bed.entries()?;
                bed.forget(family)?;
                bed.swap(Script::new(2))?;
                bed.forget(alone)?;
                bed.entries()?;
                let after = bed.look()?;
                let problems = touched(bed, &before, &after, &[]);
                bed.expect_none("no process received anything", problems)
            },
        ),
    ]
}

/// Tries each operation but `signal_all`, and ends the case if one calls a signaller.
fn every_operation(bed: &mut Bed, other: Script) -> Step {
    let calls = bed.register_all(&FIVE)?;
    silent(bed, &calls)?;
    let calls = bed.register_all(&FIVE)?;
    silent(bed, &calls)?;
    let calls = bed.register_all(&FIVE.map(|(leader_pid, _)| (leader_pid, "another label")))?;
    silent(bed, &calls)?;
    let (_, calls) = bed.entries_and_calls()?;
    silent(bed, &calls)?;
    for forgotten in [FIVE[4].0, FIVE[0].0, 4_299_999] {
        let calls = bed.forget(forgotten)?;
        silent(bed, &calls)?;
    }
    let calls = bed.swap(other.clone())?;
    silent(bed, &calls)?;
    let calls = bed.swap(Script { signaller: 3, ..other })?;
    silent(bed, &calls)?;
    for (leader_pid, _) in FIVE {
        let calls = bed.forget(leader_pid)?;
        silent(bed, &calls)?;
    }
    let (_, calls) = bed.entries_and_calls()?;
    silent(bed, &calls)
}

fn silent(bed: &mut Bed, calls: &[Call]) -> Step {
    bed.expect_none(SILENT, calls.iter().map(call_text).collect::<Problems>())
}

fn empty() -> Vec<Case> {
    vec![
        Case::new(
            "empty-is-silent/new",
            "A new registry is told to signal all, with each of the four names and with unknown ones, twice.",
            &[],
            |bed| {
                bed.registry(Script::new(1))?;
                for name in ["SIGTERM", "SIGKILL", "SIGINT", "SIGHUP", "SIGTERM", "sigterm", "", "0"] {
                    nothing(bed, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "empty-is-silent/by-default",
            "A registry made by default, which holds nothing, is told to signal all: no result, and no process \
             receives anything.",
            &[],
            |bed| {
                bed.group(&Shape::alone())?;
                bed.start()?;
                let before = bed.look()?;
                bed.default_registry()?;
                for name in ["SIGTERM", "sigterm"] {
                    nothing(bed, name)?;
                }
                let after = bed.look()?;
                let problems = touched(bed, &before, &after, &[]);
                bed.expect_none("no process received anything", problems)
            },
        ),
        Case::new(
            "empty-is-silent/all-forgotten",
            "A registry whose entries were all forgotten holds nothing: from one to five of them, forwards and \
             backwards.",
            &[],
            |bed| {
                for count in 1..=FIVE.len() {
                    for backwards in [false, true] {
                        holding(bed, &FIVE[..count], Script::new(1))?;
                        bed.signal_all("SIGTERM")?;
                        let mut leader_pids: Vec<u32> = pids(&FIVE[..count]);
                        if backwards {
                            leader_pids.reverse();
                        }
                        for leader_pid in leader_pids {
                            bed.forget(leader_pid)?;
                        }
                        nothing_left(bed)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            "empty-is-silent/all-exited",
            "A registry whose groups have all exited drops them and holds nothing: from one to five of them.",
            &[],
            |bed| {
                for count in 1..=FIVE.len() {
                    holding(bed, &FIVE[..count], Script::new(1).otherwise(Ok(false)))?;
                    bed.signal_all("SIGTERM")?;
                    nothing_left(bed)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "empty-is-silent/after-a-swap",
            "Neither the old signaller nor the new one may be asked when nothing is registered.",
            &[],
            |bed| {
                bed.registry(Script::new(1))?;
                bed.swap(Script::new(2))?;
                nothing(bed, "SIGTERM")
            },
        ),
    ]
}

/// Signals all, and ends the case if there is a result or a signaller was asked.
fn nothing(bed: &mut Bed, signal_name: &str) -> Step {
    let cycle = bed.signal_all(signal_name)?;
    let mut problems: Vec<String> = cycle.calls.iter().map(call_text).collect();
    if !cycle.results.is_empty() {
        problems.push(format!("it returned {} results", cycle.results.len()));
    }
    bed.expect_none("no result and no call of any signaller: nothing is registered", problems)
}

/// The same, unless something is listed: that it should have been dropped is another requirement's matter.
fn nothing_left(bed: &mut Bed) -> Step {
    if bed.entries()?.is_empty() {
        nothing(bed, "SIGTERM").and_then(|()| nothing(bed, "SIGKILL"))
    } else {
        Ok(())
    }
}
