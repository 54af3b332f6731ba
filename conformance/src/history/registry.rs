//! What a registry under test asked, returned and lists, held against the registry of the model.

use super::Breach;
use super::fencing::requirement::{CURRENT_TARGET_IS_SIGNALLED, STALE_FORGET_IS_IGNORED};
use super::reality::Observed;
use super::reference::Reference;
use super::step::Step;
use super::stopping::requirement::{STOP_CAN_BE_CANCELLED, STOP_TELLS_HOW_EACH_ENDED};
use crate::harness::{call_text, entries_text, entry_text, short_answer};
use crate::subject::registry::wire::Entry;
use crate::subject::wire::SignalResult;
use process_groups::model::Owed;

/// The names of the requirements on a registry that histories try.
pub mod requirement {
    names! {
        REGISTER_TRACKS,
        REGISTER_IS_IDEMPOTENT,
        REGISTER_RELABELS_IN_PLACE,
        KEEPS_REGISTRATION_ORDER,
        FORGET_DROPS,
        FORGET_UNKNOWN_IS_A_NO_OP,
        FORGET_SENDS_NOTHING,
        ASKS_ONCE_PER_ENTRY_IN_ORDER,
        ANSWERS_STAY_WITH_THEIR_ENTRY,
        REPORTS_EVERY_ENTRY,
        EXITED_IS_PRUNED,
        DELIVERED_IS_KEPT,
        FAILED_IS_KEPT,
        ONE_FAILURE_STOPS_NOTHING,
        EMPTY_IS_SILENT,
        SWAP_KEEPS_ENTRIES,
        SWAP_TAKES_EFFECT_AT_ONCE,
    }
}
use requirement::*;

/// The requirement that is broken when the operation of a step panics or is not answered.
pub fn by_silence(step: &Step, before: &Reference) -> &'static str {
    match step {
        Step::Forget { leader_pid } if is_held(before, *leader_pid) => FORGET_DROPS,
        Step::Forget { .. } => FORGET_UNKNOWN_IS_A_NO_OP,
        Step::Swap { .. } => SWAP_KEEPS_ENTRIES,
        Step::SignalTargets { .. } => CURRENT_TARGET_IS_SIGNALLED,
        Step::ForgetRegistration { .. } => STALE_FORGET_IS_IGNORED,
        Step::StopRegistry { cancelled: true, .. } => STOP_CAN_BE_CANCELLED,
        Step::StopRegistry { .. } => STOP_TELLS_HOW_EACH_ENDED,
        Step::SignalAll { .. } if before.registry.entries().is_empty() => EMPTY_IS_SILENT,
        Step::SignalAll { .. } => REPORTS_EVERY_ENTRY,
        _ => REGISTER_TRACKS,
    }
}

/// How the calls of signallers differ from those that are owed, if they do.
pub fn wrong_calls(step: &Step, before: &Reference, observed: &Observed) -> Option<Breach> {
    if let Step::SignalTargets { .. } = step {
        return super::fencing::wrong_calls(step, before, observed);
    }
    let calls = &observed.calls;
    let happened = || match calls.as_slice() {
        [] => "no signaller was asked anything".to_owned(),
        calls => calls.iter().map(call_text).collect::<Vec<_>>().join("\n"),
    };
    let breach = |requirement, expected: String| Some(Breach::new(requirement, expected, happened()));
    let Step::SignalAll { signal_name } = step else {
        let silent = "no signaller is asked anything".to_owned();
        return if calls.is_empty() { None } else { breach(FORGET_SENDS_NOTHING, silent) };
    };
    let owed = before.registry.questions();
    if owed.is_empty() {
        let silent = "nobody is asked, since nothing is held".to_owned();
        return if calls.is_empty() { None } else { breach(EMPTY_IS_SILENT, silent) };
    }
    let signaller = before.signaller.id();
    let asked: Vec<u32> = calls.iter().flat_map(|call| call.leader_pids.iter().copied()).collect();
    let ended_by_failure = || {
        let last = calls.last().and_then(|call| call.answers.as_ref()).and_then(|answers| answers.last());
        owed.starts_with(&asked) && matches!(last, Some(Err(_)))
    };
    let expected =
        format!("signaller {signaller} alone is asked for {owed:?}, in this order, with {signal_name:?}");
    if calls.iter().any(|call| call.signaller != signaller) {
        breach(SWAP_TAKES_EFFECT_AT_ONCE, expected)
    } else if asked == owed && calls.iter().all(|call| call.signal_name == *signal_name) {
        None
    } else if ended_by_failure() {
        breach(ONE_FAILURE_STOPS_NOTHING, expected)
    } else {
        breach(ASKS_ONCE_PER_ENTRY_IN_ORDER, expected)
    }
}

/// How the results of `signal_all` differ from those that are owed, if they do.
pub fn wrong_results(owed: &[Owed], results: &[(Entry, SignalResult)]) -> Option<Breach> {
    let entry = |owed: &Owed| Entry { leader_pid: owed.leader_pid, label: owed.label.clone() };
    let place = owed
        .iter()
        .zip(results)
        .position(|(owed, (of, answer))| *of != entry(owed) || !owed.is_met_by(answer))
        .or_else(|| (owed.len() != results.len()).then_some(owed.len().min(results.len())))?;
    let requirement = match (owed.get(place), results.get(place)) {
        (Some(one), Some((of, answer))) if *of == entry(one) => wrong_answer(owed, one, answer),
        (Some(_), None) if place > 0 && matches!(owed[place - 1].answer, Some(Err(_))) => {
            ONE_FAILURE_STOPS_NOTHING
        }
        (None, Some(_)) if owed.is_empty() => EMPTY_IS_SILENT,
        _ => REPORTS_EVERY_ENTRY,
    };
    let answer = |owed: &Owed| owed.answer.as_ref().map_or_else(|| "an Err".to_owned(), short_answer);
    let expected = owed.iter().map(|owed| format!("{}: {}", entry_text(&entry(owed)), answer(owed)));
    let happened = results.iter().map(|(of, answer)| format!("{}: {}", entry_text(of), short_answer(answer)));
    let expected = format!("it returns [{}]", expected.collect::<Vec<_>>().join(", "));
    let happened = format!("it returned [{}]", happened.collect::<Vec<_>>().join(", "));
    Some(Breach::new(requirement, expected, happened))
}

/// The requirement that is broken when an entry bears another answer than the one that was given for it.
fn wrong_answer(owed: &[Owed], of: &Owed, answer: &SignalResult) -> &'static str {
    let is_anothers = owed.iter().any(|other| other.answer.as_ref() == Some(answer));
    match of.answer {
        Some(Err(_)) if !is_anothers => FAILED_IS_KEPT,
        _ => ANSWERS_STAY_WITH_THEIR_ENTRY,
    }
}

/// How the list differs from the one that is owed after a step, if it does. `owed` is what `signal_all` owed.
pub fn wrong_entries(
    step: &Step,
    before: &Reference,
    after: &Reference,
    owed: &[Owed],
    entries: &[Entry],
) -> Option<Breach> {
    let expected: Vec<Entry> = after.registry.entries().iter().map(entry).collect();
    if expected == entries {
        return None;
    }
    let times = |pid: u32| entries.iter().filter(|entry| entry.leader_pid == pid).count();
    let requirement = match step {
        Step::Register { leader_pid, .. } if times(*leader_pid) > 1 => REGISTER_IS_IDEMPOTENT,
        Step::Register { leader_pid, .. } if times(*leader_pid) == 0 => REGISTER_TRACKS,
        Step::Register { leader_pid, .. } if is_held(before, *leader_pid) => REGISTER_RELABELS_IN_PLACE,
        Step::Register { .. } if same_but_for_order(&expected, entries) => KEEPS_REGISTRATION_ORDER,
        Step::Register { .. } => REGISTER_TRACKS,
        Step::Forget { leader_pid } if is_held(before, *leader_pid) => FORGET_DROPS,
        Step::Forget { .. } => FORGET_UNKNOWN_IS_A_NO_OP,
        Step::Swap { .. } => SWAP_KEEPS_ENTRIES,
        Step::SignalAll { .. } => after_signalling(owed, &times),
        // Nobody was asked, and still the list is another one.
        _ => EXITED_IS_PRUNED,
    };
    let expected = format!("it lists {}", entries_text(&expected));
    Some(Breach::new(requirement, expected, format!("it listed {}", entries_text(entries))))
}

fn after_signalling(owed: &[Owed], times: &dyn Fn(u32) -> usize) -> &'static str {
    let wrong = owed.iter().find(|owed| (times(owed.leader_pid) == 1) == (owed.answer == Some(Ok(false))));
    match wrong.map(|owed| &owed.answer) {
        Some(Some(Ok(false))) | None => EXITED_IS_PRUNED,
        Some(Some(Ok(true))) => DELIVERED_IS_KEPT,
        Some(Some(Err(_)) | None) => FAILED_IS_KEPT,
    }
}

fn same_but_for_order(some: &[Entry], others: &[Entry]) -> bool {
    some.len() == others.len() && some.iter().all(|entry| others.contains(entry))
}

fn entry((leader_pid, label): &(u32, String)) -> Entry {
    Entry { leader_pid: *leader_pid, label: label.clone() }
}

fn is_held(reference: &Reference, leader_pid: u32) -> bool {
    reference.registry.questions().contains(&leader_pid)
}
