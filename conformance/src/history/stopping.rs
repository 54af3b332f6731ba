//! What a registry that stops its groups did in a stop, held against the stop of the model.
//!
//! Which groups have exited when the grace period is over is up to the machine. Whoever may have, by the
//! model, may be left out of SIGKILL, and nobody else; the model follows what was done.

use super::Breach;
use super::reality::Observed;
use super::reference::Reference;
use super::step::Newcomer;
use crate::harness::{call_text, ending_text, entries_text, entry_text};
use crate::subject::registry::script::Call;
use crate::subject::registry::wire::{Ending, Entry};
use crate::subject::wire::SignalResult;
use process_groups::model::{Ending as Owed, Registration, Stop};

/// The names of the requirements on a stop that histories try. The others are about time.
pub mod requirement {
    names! {
        STOP_ASKS_ALL_FIRST,
        STOP_KILLS_WHAT_IS_LEFT,
        STOP_SPARES_THE_EXITED,
        STOP_ASKS_NO_NEWCOMERS,
        STOP_TELLS_HOW_EACH_ENDED,
        STOP_CAN_BE_CANCELLED,
    }
}
use requirement::*;

/// The calls of a stop: those that ask, and those that kill.
pub struct Calls<'a> {
    all: &'a [Call],
    /// Whom SIGTERM was sent to, with the answers.
    pub asked: Vec<(u32, SignalResult)>,
    /// Whom SIGKILL was sent to, with the answers.
    pub killed: Vec<(u32, SignalResult)>,
}

impl<'a> Calls<'a> {
    /// Those of a step that stops.
    pub fn of(observed: &'a Observed) -> Self {
        let named = |name: &str| {
            let calls = observed.calls.iter().filter(|call| call.signal_name == name);
            let pairs = calls.flat_map(|call| call.leader_pids.iter().zip(call.answers.iter().flatten()));
            pairs.map(|(leader_pid, answer)| (*leader_pid, answer.clone())).collect()
        };
        Self { all: &observed.calls, asked: named("SIGTERM"), killed: named("SIGKILL") }
    }

    fn breach(&self, requirement: &'static str, expected: String) -> Option<Breach> {
        let calls: Vec<String> = self.all.iter().map(call_text).collect();
        let happened =
            if calls.is_empty() { "no signaller was asked anything".to_owned() } else { calls.join("\n") };
        Some(Breach::new(requirement, expected, happened))
    }

    /// How the calls before the grace period differ from those that are owed, if they do.
    pub fn wrongly_asked(&self, before: &Reference) -> Option<Breach> {
        let (owed, signaller) = (before.registry.questions(), before.signaller.id());
        let is_first = self.all.iter().take_while(|call| call.signal_name == "SIGTERM").count();
        let rest = &self.all[is_first..];
        let is_right = pids(&self.asked) == owed
            && rest.iter().all(|call| call.signal_name == "SIGKILL")
            && self.all.iter().all(|call| call.signaller == signaller);
        let expected = format!(
            "signaller {signaller} alone is asked, with SIGTERM for {owed:?}, in this order, and then with nothing but SIGKILL"
        );
        if is_right { None } else { self.breach(STOP_ASKS_ALL_FIRST, expected) }
    }

    /// How the calls after it differ, if they do, once SIGTERM was answered. `now` is what the model says of
    /// that moment.
    pub fn wrongly_killed(
        &self,
        stop: &Stop,
        before: &Reference,
        now: &Reference,
        newcomer: Option<&Newcomer>,
        cancelled: bool,
    ) -> Option<Breach> {
        let killed = pids(&self.killed);
        if cancelled {
            let expected = "nobody is sent SIGKILL, since the stop was cancelled".to_owned();
            return if killed.is_empty() { None } else { self.breach(STOP_CAN_BE_CANCELLED, expected) };
        }
        let left = stop.left(&now.registry);
        if let Some(stranger) = killed.iter().find(|pid| !left.contains(pid)) {
            let is_new = newcomer.is_some_and(|newcomer| newcomer.leader_pid == *stranger)
                && !before.registry.questions().contains(stranger);
            let requirement = if is_new { STOP_ASKS_NO_NEWCOMERS } else { STOP_SPARES_THE_EXITED };
            return self.breach(requirement, format!("nobody but {left:?} is left and may be sent SIGKILL"));
        }
        let must = |pid: &u32| !now.may_have_exited(*pid);
        let owed: Vec<u32> = left.iter().copied().filter(|pid| must(pid) || killed.contains(pid)).collect();
        let expected = format!(
            "SIGKILL is sent once to each that is left, in order: {owed:?}, of which {:?} are live",
            left.iter().copied().filter(must).collect::<Vec<_>>()
        );
        if killed == owed { None } else { self.breach(STOP_KILLS_WHAT_IS_LEFT, expected) }
    }
}

/// Whom the model says to be left that was found to have exited: by what was killed, or else by what was
/// told.
pub fn exited(stop: &Stop, now: &Reference, calls: &Calls, cancelled: bool, observed: &Observed) -> Vec<u32> {
    let is_told = |leader_pid: u32| {
        let endings = observed.endings.iter().flatten();
        endings
            .filter(|(entry, _)| entry.leader_pid == leader_pid)
            .any(|(_, ending)| *ending == Ending::Exited)
    };
    let killed = pids(&calls.killed);
    let mut left = stop.left(&now.registry);
    left.retain(
        |pid| if cancelled { now.may_have_exited(*pid) && is_told(*pid) } else { !killed.contains(pid) },
    );
    left
}

/// How what a stop returned and lists after it differ from what is owed, if they do.
pub fn wrong_ending(owed: &[(Registration, Owed)], after: &Reference, observed: &Observed) -> Option<Breach> {
    let owed: Vec<(Entry, Ending)> = owed.iter().cloned().map(result).collect();
    if let Some(endings) = observed.endings.as_ref().filter(|endings| **endings != owed) {
        let [expected, happened] = [&owed, endings].map(|endings| results_text(endings));
        let happened = format!("it returned {happened}");
        return Some(Breach::new(STOP_TELLS_HOW_EACH_ENDED, format!("it returns {expected}"), happened));
    }
    let expected: Vec<Entry> = after.registry.entries().iter().cloned().map(Entry::from).collect();
    let entries = observed.entries.as_ref().filter(|entries| **entries != expected)?;
    let happened = format!("it listed {}", entries_text(entries));
    Some(Breach::new(STOP_TELLS_HOW_EACH_ENDED, format!("it lists {}", entries_text(&expected)), happened))
}

fn result((registration, ending): (Registration, Owed)) -> (Entry, Ending) {
    let ending = match ending {
        Owed::Exited => Ending::Exited,
        Owed::Killed => Ending::Killed,
        Owed::Failed(message) => Ending::Failed(message),
        Owed::Left => Ending::Left,
        Owed::NotAsked => Ending::NotAsked,
    };
    (Entry { leader_pid: registration.leader_pid, label: registration.label }, ending)
}

fn results_text(results: &[(Entry, Ending)]) -> String {
    let one = |(entry, ending): &(Entry, Ending)| format!("{}: {}", entry_text(entry), ending_text(ending));
    format!("[{}]", results.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn pids(answers: &[(u32, SignalResult)]) -> Vec<u32> {
    answers.iter().map(|(leader_pid, _)| *leader_pid).collect()
}
