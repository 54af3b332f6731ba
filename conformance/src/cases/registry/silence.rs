//! When nobody may be asked.

use super::checks::{FIVE, answering, holding, pids};
use crate::cases::{Case, checks::touched};
use crate::contract::{EMPTY_IS_SILENT, FORGET_SENDS_NOTHING};
use crate::harness::{Context, Problems, Result, Shape, call_text};
use crate::subject::registry::script::{Call, Script};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    sends_nothing().into_iter().chain(empty()).collect()
}

const SILENT: &str = "no call of any signaller: only signal_all asks";

fn sends_nothing() -> Vec<Case> {
    vec![
        Case::new(
            FORGET_SENDS_NOTHING,
            "every-operation",
            "A registry is made, and each operation but `signal_all` is tried on it, with signallers that \
             say delivered, exited or an error: none may be called.",
            &[],
            |context| {
                for answer in [Ok(true), Ok(false), Err("permission refused".to_owned())] {
                    let calls = context.registry(Script::new(1).otherwise(answer.clone()))?;
                    silent(context, &calls)?;
                    every_operation(context, Script::new(2).otherwise(answer))?;
                }
                Ok(())
            },
        ),
        Case::new(
            FORGET_SENDS_NOTHING,
            "after-a-cycle",
            "The same after all groups were signalled, some delivered, some exited, some in vain: nothing is \
             tried again.",
            &[],
            |context| {
                let refused = Err("permission refused".to_owned());
                let answers = [Ok(true), refused.clone(), Ok(false), refused, Ok(true)];
                holding(context, &FIVE, answering(&FIVE, &answers))?;
                context.signal_all("SIGTERM")?;
                every_operation(context, Script::new(2))
            },
        ),
        Case::new(
            FORGET_SENDS_NOTHING,
            "nor-later",
            "Nothing that happens by itself in the time after may call a signaller either: no poll, no \
             retry, no clean-up.",
            &[],
            |context| {
                context.registry(Script::new(1))?;
                every_operation(context, Script::new(2))?;
                context.register_all(&FIVE)?;
                context.wait_for_latecomers();
                let (_, calls) = context.entries_and_calls()?;
                silent(context, &calls)
            },
        ),
        Case::new(
            FORGET_SENDS_NOTHING,
            "live-groups",
            "Live groups are registered, get another label, are listed and forgotten, and the signaller is \
             replaced: no member may receive anything, by whatever way.",
            &[],
            |context| {
                let groups = [context.group(&Shape::family())?, context.group(&Shape::alone())?];
                context.start()?;
                let before = context.snapshot()?;
                context.default_registry()?;
                let [family, alone] = groups.map(|group| group.id);
                context.register_all(&[(family, "family"), (alone, "alone")])?;
                context.register_all(&[(family, "family still"), (alone, "alone still")])?;
                context.entries()?;
                context.forget(family)?;
                context.swap(Script::new(2))?;
                context.forget(alone)?;
                context.entries()?;
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &[]);
                context.expect_none("no process received anything", problems)
            },
        ),
    ]
}

/// Tries each operation but `signal_all`, and ends the case if one calls a signaller.
fn every_operation(context: &mut Context, other: Script) -> Result {
    let calls = context.register_all(&FIVE)?;
    silent(context, &calls)?;
    let calls = context.register_all(&FIVE)?;
    silent(context, &calls)?;
    let calls = context.register_all(&FIVE.map(|(leader_pid, _)| (leader_pid, "another label")))?;
    silent(context, &calls)?;
    let (_, calls) = context.entries_and_calls()?;
    silent(context, &calls)?;
    for forgotten in [FIVE[4].0, FIVE[0].0, 4_299_999] {
        let calls = context.forget(forgotten)?;
        silent(context, &calls)?;
    }
    let calls = context.swap(other.clone())?;
    silent(context, &calls)?;
    let calls = context.swap(Script { signaller: 3, ..other })?;
    silent(context, &calls)?;
    for (leader_pid, _) in FIVE {
        let calls = context.forget(leader_pid)?;
        silent(context, &calls)?;
    }
    let (_, calls) = context.entries_and_calls()?;
    silent(context, &calls)
}

fn silent(context: &mut Context, calls: &[Call]) -> Result {
    context.expect_none(SILENT, calls.iter().map(call_text).collect::<Problems>())
}

fn empty() -> Vec<Case> {
    vec![
        Case::new(
            EMPTY_IS_SILENT,
            "new",
            "A new registry is told to signal all, with each of the four names and with unknown ones, twice.",
            &[],
            |context| {
                context.registry(Script::new(1))?;
                for name in ["SIGTERM", "SIGKILL", "SIGINT", "SIGHUP", "SIGTERM", "sigterm", "", "0"] {
                    nothing(context, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            EMPTY_IS_SILENT,
            "by-default",
            "A registry made by default, which holds nothing, is told to signal all: no result, and no \
             process receives anything.",
            &[],
            |context| {
                context.group(&Shape::alone())?;
                context.start()?;
                let before = context.snapshot()?;
                context.default_registry()?;
                for name in ["SIGTERM", "sigterm"] {
                    nothing(context, name)?;
                }
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &[]);
                context.expect_none("no process received anything", problems)
            },
        ),
        Case::new(
            EMPTY_IS_SILENT,
            "all-forgotten",
            "A registry whose entries were all forgotten holds nothing: from one to five of them, forwards \
             and backwards.",
            &[],
            |context| {
                for count in 1..=FIVE.len() {
                    for backwards in [false, true] {
                        holding(context, &FIVE[..count], Script::new(1))?;
                        context.signal_all("SIGTERM")?;
                        let mut leader_pids: Vec<u32> = pids(&FIVE[..count]);
                        if backwards {
                            leader_pids.reverse();
                        }
                        for leader_pid in leader_pids {
                            context.forget(leader_pid)?;
                        }
                        nothing_left(context)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            EMPTY_IS_SILENT,
            "all-exited",
            "A registry whose groups have all exited drops them and holds nothing: from one to five of them.",
            &[],
            |context| {
                for count in 1..=FIVE.len() {
                    holding(context, &FIVE[..count], Script::new(1).otherwise(Ok(false)))?;
                    context.signal_all("SIGTERM")?;
                    nothing_left(context)?;
                }
                Ok(())
            },
        ),
        Case::new(
            EMPTY_IS_SILENT,
            "after-a-swap",
            "Neither the old signaller nor the new one may be asked when nothing is registered.",
            &[],
            |context| {
                context.registry(Script::new(1))?;
                context.swap(Script::new(2))?;
                nothing(context, "SIGTERM")
            },
        ),
    ]
}

/// Signals all, and ends the case if there is a result or a signaller was asked.
fn nothing(context: &mut Context, signal_name: &str) -> Result {
    let cycle = context.signal_all(signal_name)?;
    let mut problems: Vec<String> = cycle.calls.iter().map(call_text).collect();
    if !cycle.results.is_empty() {
        problems.push(format!("it returned {} results", cycle.results.len()));
    }
    context.expect_none("no result and no call of any signaller: nothing is registered", problems)
}

/// The same, unless something is listed: that it should have been dropped is another requirement's matter.
fn nothing_left(context: &mut Context) -> Result {
    if context.entries()?.is_empty() {
        nothing(context, "SIGTERM").and_then(|()| nothing(context, "SIGKILL"))
    } else {
        Ok(())
    }
}
