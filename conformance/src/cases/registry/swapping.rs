//! Which signaller is asked: the newest alone, for all that was registered before.

use super::checks::{FIVE, answering, differing, holding, listed, thousand};
use crate::cases::Case;
use crate::cases::checks::touched;
use crate::contract::{SWAP_KEEPS_ENTRIES, SWAP_TAKES_EFFECT_AT_ONCE};
use crate::harness::{Context, Problems, Result, Shape, call_text, short_answer};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::Entry;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    keeps().into_iter().chain(takes_effect()).collect()
}

fn keeps() -> Vec<Case> {
    vec![
        Case::new(
            SWAP_KEEPS_ENTRIES,
            "any-number",
            "With no entry and up to five the signaller is replaced, thrice, in the end by the first one again.",
            &[],
            |context| {
                for count in 0..=FIVE.len() {
                    holding(context, &FIVE[..count], Script::new(1))?;
                    for signaller in [2, 3, 1, 1] {
                        swap_keeps(context, Script::new(signaller))?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            SWAP_KEEPS_ENTRIES,
            "whatever-the-new-one-says",
            "Not even a new signaller for which all have exited, or that fails, changes the list by itself.",
            &[],
            |context| {
                let panicking = FIVE.iter().fold(Script::new(2), |script, (pid, _)| script.panics(*pid));
                let failing = Script::new(2).otherwise(Err("not ready".to_owned()));
                for script in [Script::new(2).otherwise(Ok(false)), failing, panicking] {
                    holding(context, &FIVE, Script::new(1))?;
                    swap_keeps(context, script)?;
                }
                Ok(())
            },
        ),
        Case::new(
            SWAP_KEEPS_ENTRIES,
            "after-changes",
            "The list after new labels, forgetting, exits and failures, as it is: nothing dropped comes back.",
            &[],
            |context| {
                let answers = [Ok(true), Err("connection lost".to_owned()), Ok(false), Ok(true), Ok(true)];
                holding(context, &FIVE, answering(&FIVE, &answers))?;
                context.register(FIVE[0].0, "another label")?;
                swap_keeps(context, Script::new(2))?;
                context.forget(FIVE[4].0)?;
                swap_keeps(context, Script::new(3))?;
                context.swap(answering(&FIVE, &answers))?;
                context.signal_all("SIGTERM")?;
                swap_keeps(context, Script::new(2))?;
                context.register(FIVE[4].0, "again")?;
                swap_keeps(context, Script::new(3))
            },
        ),
        Case::new(
            SWAP_KEEPS_ENTRIES,
            "all-are-signalled-still",
            "What was registered before must be signalled through the new signaller, and be found when it is \
             registered again or forgotten.",
            &[],
            |context| {
                holding(context, &FIVE, Script::new(1))?;
                let before = context.entries()?;
                context.swap(Script::new(2))?;
                let asked = context.signal_all("SIGTERM")?.asked();
                let lost = listed(&before).into_iter().filter(|pid| !asked.contains(pid));
                let problems: Problems =
                    lost.map(|pid| format!("no signaller was asked for {pid}")).collect();
                context.expect_none("every entry from before is signalled after", problems)?;
                context.register_all(&FIVE)?;
                let after = context.entries()?;
                context.expect_none("the same list as before the swap", differing(&after, &before))
            },
        ),
        Case::new(
            SWAP_KEEPS_ENTRIES,
            "by-default",
            "A registry made by default keeps its entries when it is given a signaller.",
            &[],
            |context| {
                context.default_registry()?;
                context.register_all(&FIVE)?;
                swap_keeps(context, Script::new(1))
            },
        ),
        Case::new(
            SWAP_KEEPS_ENTRIES,
            "a-thousand",
            "A thousand groups, all labels and their order.",
            &[],
            |context| {
                holding(context, &thousand(), Script::new(1))?;
                swap_keeps(context, Script::new(2))
            },
        ),
    ]
}

fn swap_keeps(context: &mut Context, script: Script) -> Result {
    let before = context.entries()?;
    context.swap(script)?;
    let after = context.entries()?;
    context.expect_none("the same list after set_signaller as before it", differing(&after, &before))
}

/// A script of which every answer is this signaller's own.
fn own(signaller: u32) -> Script {
    Script::new(signaller).otherwise(Err(format!("answered by signaller {signaller}")))
}

fn takes_effect() -> Vec<Case> {
    vec![
        Case::new(
            SWAP_TAKES_EFFECT_AT_ONCE,
            "old-and-new-entries",
            "Entries from before the swap, from after it, and with a new label since: for all of them the \
             new signaller alone is asked.",
            &[],
            |context| {
                holding(context, &FIVE[..3], own(1))?;
                context.swap(own(2))?;
                only(context, 2)?;
                context.register_all(&FIVE[2..])?;
                context.register(FIVE[0].0, "another label")?;
                only(context, 2)?;
                only(context, 2)
            },
        ),
        Case::new(
            SWAP_TAKES_EFFECT_AT_ONCE,
            "between-two-cycles",
            "The first cycle goes through the old signaller, which said delivered, exited or failed; the \
             next one through the new one, whatever was said before.",
            &[],
            |context| {
                for before in [Ok(true), Err("connection lost".to_owned())] {
                    holding(context, &FIVE, Script::new(1).otherwise(before).says(FIVE[2].0, Ok(false)))?;
                    context.signal_all("SIGTERM")?;
                    context.swap(own(2))?;
                    only(context, 2)?;
                    context.swap(own(3))?;
                    only(context, 3)?;
                }
                Ok(())
            },
        ),
        Case::new(
            SWAP_TAKES_EFFECT_AT_ONCE,
            "several-in-a-row",
            "Of several swaps only the last counts, also when it brings back the first signaller, or the same.",
            &[],
            |context| {
                for row in [&[2, 3][..], &[2, 3, 4], &[2, 1], &[2, 2], &[1], &[2, 1, 2]] {
                    holding(context, &FIVE, own(1))?;
                    context.signal_all("SIGTERM")?;
                    let mut last = 1;
                    for &signaller in row {
                        context.swap(own(signaller))?;
                        last = signaller;
                    }
                    only(context, last)?;
                }
                Ok(())
            },
        ),
        Case::new(
            SWAP_TAKES_EFFECT_AT_ONCE,
            "before-anything-is-registered",
            "A swap of the signaller of a registry that holds nothing counts for what is registered later.",
            &[],
            |context| {
                context.registry(own(1))?;
                context.swap(own(2))?;
                context.register_all(&FIVE)?;
                only(context, 2)
            },
        ),
        Case::new(
            SWAP_TAKES_EFFECT_AT_ONCE,
            "away-from-live-groups",
            "A registry made by default, which reaches live groups of this machine, is given another \
             signaller: that one is asked, and no member receives anything.",
            &[],
            |context| {
                let group = context.group(&Shape::family())?;
                context.start()?;
                let before = context.snapshot()?;
                context.default_registry()?;
                context.register(group.id, "live")?;
                context.swap(own(1))?;
                only(context, 1)?;
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &[]);
                context.expect_none("no process received anything through the old signaller", problems)
            },
        ),
    ]
}

/// Signals all, and ends the case unless that signaller was asked, and no other, and the results are its
/// answers.
fn only(context: &mut Context, signaller: u32) -> Result {
    let expected = format!("signaller {signaller} is asked, it alone, and the results are its answers");
    let held = !context.entries()?.is_empty();
    let cycle = context.signal_all("SIGTERM")?;
    let others = cycle.calls.iter().filter(|call| call.signaller != signaller);
    let mut problems: Vec<String> = others.map(call_text).collect();
    if held && cycle.calls.iter().all(|call| call.signaller != signaller) {
        problems.push(format!("signaller {signaller} was not asked"));
    }
    let mine = |result: &Result<bool, String>| {
        let message = format!("answered by signaller {signaller}");
        result.as_ref().err().is_some_and(|text| text.contains(&message))
    };
    let strange = cycle.results.iter().filter(|(_, result)| !mine(result));
    let sentence = |(entry, result): &(Entry, _)| {
        format!("leader pid {} has the result {}", entry.leader_pid, short_answer(result))
    };
    problems.extend(strange.map(sentence));
    context.expect_none(&expected, problems)
}
