//! What a registry that fences reused pids did with targets and incarnations, held against the registry of
//! the model.

use super::Breach;
use super::reality::Observed;
use super::reference::Reference;
use super::registry::requirement::SWAP_TAKES_EFFECT_AT_ONCE;
use super::step::Step;
use crate::harness::{call_text, entries_text, entry_text, short_answer};
use crate::subject::registry::wire::Entry;
use crate::subject::wire::SignalResult;
use process_groups::model::{Owed, Registration};
use std::collections::BTreeMap;

/// The names of the requirements on a registry that fences.
pub mod requirement {
    names! {
        REGISTRATION_HAS_AN_IDENTITY,
        SAME_OWNER_KEEPS_ITS_IDENTITY,
        NEW_OWNER_GETS_A_NEW_IDENTITY,
        CURRENT_TARGET_IS_SIGNALLED,
        STALE_TARGET_IS_SKIPPED,
        STALE_FORGET_IS_IGNORED,
    }
}
use requirement::*;

/// How the calls of signallers for the targets of a step differ from those that are owed, if they do.
pub fn wrong_calls(step: &Step, before: &Reference, observed: &Observed) -> Option<Breach> {
    let (owed, signaller) = (before.questions(step), before.signaller.id());
    let calls = &observed.calls;
    let asked: Vec<u32> = calls.iter().flat_map(|call| call.leader_pids.iter().copied()).collect();
    let is_right = |name: &str| step.signal_name() == Some(name);
    let requirement = if asked.iter().any(|pid| !owed.contains(pid)) {
        STALE_TARGET_IS_SKIPPED
    } else if calls.iter().any(|call| call.signaller != signaller && !call.leader_pids.is_empty()) {
        SWAP_TAKES_EFFECT_AT_ONCE
    } else if asked != owed || !calls.iter().all(|call| is_right(&call.signal_name)) {
        CURRENT_TARGET_IS_SIGNALLED
    } else {
        return None;
    };
    let expected = match owed.as_slice() {
        [] => "nobody is asked, since no target stands any more".to_owned(),
        owed => {
            format!("signaller {signaller} alone is asked for {owed:?}, the targets that stand, in order")
        }
    };
    let happened = match calls.as_slice() {
        [] => "no signaller was asked anything".to_owned(),
        calls => calls.iter().map(call_text).collect::<Vec<_>>().join("\n"),
    };
    Some(Breach::new(requirement, expected, happened))
}

/// How the results for `targets` differ from those that are owed, if they do.
pub fn wrong_results(
    targets: &[Registration],
    before: &Reference,
    owed: &[Owed],
    results: &[(Entry, SignalResult)],
) -> Option<Breach> {
    let entry = |owed: &Owed| Entry { leader_pid: owed.leader_pid, label: owed.label.clone() };
    let differs =
        |(owed, (of, answer)): (&Owed, &(Entry, SignalResult))| *of != entry(owed) || !owed.is_met_by(answer);
    let place = owed
        .iter()
        .zip(results)
        .position(differs)
        .or_else(|| (owed.len() != results.len()).then_some(owed.len().min(results.len())))?;
    let is_stale = targets.get(place).is_some_and(|target| !before.registry.stands(target));
    let requirement = if is_stale { STALE_TARGET_IS_SKIPPED } else { CURRENT_TARGET_IS_SIGNALLED };
    let answer = |owed: &Owed| owed.answer.as_ref().map_or_else(|| "an Err".to_owned(), short_answer);
    let expected = owed.iter().map(|owed| format!("{}: {}", entry_text(&entry(owed)), answer(owed)));
    let happened = results.iter().map(|(of, answer)| format!("{}: {}", entry_text(of), short_answer(answer)));
    let expected = format!("it returns [{}]", expected.collect::<Vec<_>>().join(", "));
    let happened = format!("it returned [{}]", happened.collect::<Vec<_>>().join(", "));
    Some(Breach::new(requirement, expected, happened))
}

/// How the list differs from the one that is owed after a step that only a registry which fences is asked
/// for.
pub fn wrong_entries(
    step: &Step,
    before: &Reference,
    after: &Reference,
    entries: &[Entry],
) -> Option<Breach> {
    let expected: Vec<Entry> = after.registry.entries().iter().cloned().map(Entry::from).collect();
    if expected == entries {
        return None;
    }
    let requirement = match step {
        Step::SignalTargets { leader_pids, .. } => {
            let stale = before.targets(leader_pids).into_iter().filter(|one| !before.registry.stands(one));
            let stale: Vec<u32> = stale.map(|one| one.leader_pid).collect();
            let is_lost = |entry: &Entry| stale.contains(&entry.leader_pid) && !entries.contains(entry);
            if expected.iter().any(is_lost) { STALE_TARGET_IS_SKIPPED } else { CURRENT_TARGET_IS_SIGNALLED }
        }
        _ => STALE_FORGET_IS_IGNORED,
    };
    let expected = format!("it lists {}", entries_text(&expected));
    Some(Breach::new(requirement, expected, format!("it listed {}", entries_text(entries))))
}

/// Which incarnation the registry under test gave to each registration of the model.
#[derive(Clone, Debug, Default)]
pub struct Incarnations(BTreeMap<u64, u64>);

impl Incarnations {
    /// How the incarnations of a list that is otherwise as owed differ from what is owed, if they do.
    /// `is_again` says whether they are listed after a registration.
    pub fn wrong(
        &mut self,
        is_again: bool,
        before: &Reference,
        after: &Reference,
        incarnations: &[u64],
    ) -> Option<Breach> {
        for (registration, &incarnation) in after.registry.registrations().iter().zip(incarnations) {
            let of = entry_text(&Entry::from((registration.leader_pid, registration.label.clone())));
            let given = |identity: &u64| self.0.get(identity).copied();
            match given(&registration.identity) {
                Some(known) if known == incarnation => {}
                Some(known) => {
                    let requirement =
                        if is_again { SAME_OWNER_KEEPS_ITS_IDENTITY } else { REGISTRATION_HAS_AN_IDENTITY };
                    let expected = format!("{of} keeps its incarnation {known}");
                    return Some(Breach::new(requirement, expected, format!("it had {incarnation}")));
                }
                None if self.0.values().any(|known| *known == incarnation) => {
                    let earlier = before.registry.registrations();
                    let earlier = earlier.iter().find(|one| one.leader_pid == registration.leader_pid);
                    let is_its_own = earlier.is_some_and(|one| given(&one.identity) == Some(incarnation));
                    let requirement =
                        if is_its_own { NEW_OWNER_GETS_A_NEW_IDENTITY } else { REGISTRATION_HAS_AN_IDENTITY };
                    let expected = format!("{of} gets an incarnation that no registration had before");
                    return Some(Breach::new(requirement, expected, format!("it got {incarnation} again")));
                }
                None => drop(self.0.insert(registration.identity, incarnation)),
            }
        }
        None
    }
}
