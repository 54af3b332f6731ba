//! Asking a registry: each operation with what it returned and every call of a signaller that it made.

mod fencing;
mod stopping;
mod text;

pub use stopping::Stopping;
pub use text::{call_text, ending_text, entries_text, entry_text, short_answer, target_text};

use super::{Abort, Context, Moment, Result};
use crate::report::symptom::AnswerKind;
use crate::report::timeline::Event;
use crate::subject::registry::script::{Call, Script};
use crate::subject::registry::wire::{AnswerLine, Entry, Operation, OperationOutcome, Target, Which};
use crate::subject::wire::SignalResult;
use std::collections::HashMap;
use text::{operation_text, shortened, step_text};

/// How many operations are under way at a time: their order is kept, since a registry is served by one
/// thread.
const AT_ONCE: usize = 64;
/// How many operations, entries or calls of many are shown at each end.
const SHOWN: usize = 4;
/// How many of the last operations a report shows.
const LAST_ASKED: usize = 16;

/// One `signal_all` or `signal_targets`.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// What it returned.
    pub results: Vec<(Entry, SignalResult)>,
    /// The incarnations of the entries that it returned, which mean something only where the registry fences.
    pub incarnations: Vec<u64>,
    /// Every call of a signaller that it made, in order.
    pub calls: Vec<Call>,
}

impl Cycle {
    /// The leader pids that signallers were asked for, in order, however the calls were made.
    pub fn asked(&self) -> Vec<u32> {
        self.calls.iter().flat_map(|call| call.leader_pids.iter().copied()).collect()
    }

    /// The answers that signallers gave for each leader pid, in order.
    pub fn given(&self) -> Given<'_> {
        let mut given = HashMap::<u32, Vec<&SignalResult>>::new();
        for call in &self.calls {
            for (leader_pid, answer) in call.leader_pids.iter().zip(call.answers.iter().flatten()) {
                given.entry(*leader_pid).or_default().push(answer);
            }
        }
        Given(given)
    }

    /// The first result for that leader pid.
    pub fn answer(&self, leader_pid: u32) -> Option<&SignalResult> {
        let result = self.results.iter().find(|(entry, _)| entry.leader_pid == leader_pid);
        result.map(|(_, answer)| answer)
    }
}

/// What signallers answered in one `signal_all`.
#[derive(Clone, Debug)]
pub struct Given<'a>(HashMap<u32, Vec<&'a SignalResult>>);

impl Given<'_> {
    /// The answers for that leader pid, in order.
    pub fn of(&self, leader_pid: u32) -> &[&SignalResult] {
        self.0.get(&leader_pid).map_or(&[], Vec::as_slice)
    }

    /// Whether that answer was given for that leader pid.
    pub fn holds(&self, leader_pid: u32, answer: &SignalResult) -> bool {
        self.of(leader_pid).contains(&answer)
    }

    /// The leader pids for which that answer was given.
    pub fn owners(&self, answer: &SignalResult) -> impl Iterator<Item = u32> {
        self.0.keys().copied().filter(|&leader_pid| self.holds(leader_pid, answer))
    }
}

impl Context {
    /// Lets a scripted signaller follow that script from now on.
    ///
    /// # Errors
    /// [`Abort::Breach`] when the registry's server does not answer.
    pub fn script(&mut self, script: Script) -> Result {
        self.operate(vec![Operation::Script(script)]).map(drop)
    }

    /// Makes a registry that holds nothing, with the signaller of that script.
    ///
    /// # Errors
    /// [`Abort::Breach`] when that panics, or the registry's server does not answer.
    pub fn registry(&mut self, script: Script) -> Result<Vec<Call>> {
        let signaller = Which::Scripted(script.signaller);
        self.calls_of(vec![Operation::Script(script), Operation::New { signaller }])
    }

    /// Makes a registry by default.
    ///
    /// # Errors
    /// [`Abort::Breach`] when that panics, or the registry's server does not answer.
    pub fn default_registry(&mut self) -> Result<Vec<Call>> {
        self.calls_of(vec![Operation::Default])
    }

    /// Registers. Returns the calls of signallers that it made.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it panics, or the registry's server does not answer.
    pub fn register(&mut self, leader_pid: u32, label: &str) -> Result<Vec<Call>> {
        self.register_all(&[(leader_pid, label)])
    }

    /// Registers one after the other. Returns the calls of signallers that this made.
    ///
    /// # Errors
    /// [`Abort::Breach`] when one panics, or the registry's server does not answer.
    pub fn register_all<L: AsRef<str>>(&mut self, entries: &[(u32, L)]) -> Result<Vec<Call>> {
        let register = |(leader_pid, label): &(u32, L)| Operation::Register {
            leader_pid: *leader_pid,
            label: label.as_ref().to_owned(),
        };
        self.calls_of(entries.iter().map(register).collect())
    }

    /// Forgets. Returns the calls of signallers that it made.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it panics, or the registry's server does not answer.
    pub fn forget(&mut self, leader_pid: u32) -> Result<Vec<Call>> {
        self.calls_of(vec![Operation::Forget { leader_pid }])
    }

    /// Replaces the signaller by the one of that script. Returns the calls of signallers that this made.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it panics, or the registry's server does not answer.
    pub fn swap(&mut self, script: Script) -> Result<Vec<Call>> {
        let signaller = Which::Scripted(script.signaller);
        self.calls_of(vec![Operation::Script(script), Operation::SetSignaller { signaller }])
    }

    /// Signals all.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it panics, or the registry's server does not answer.
    pub fn signal_all(&mut self, signal_name: &str) -> Result<Cycle> {
        self.cycle(Operation::SignalAll { signal_name: signal_name.to_owned() })
    }

    /// Signals all though the signaller panics: whether `signal_all` does too, or returns, is up to it. There
    /// are no results if it does.
    ///
    /// # Errors
    /// [`Abort::Breach`] when the registry's server does not answer.
    pub fn signal_all_in_panic(&mut self, signal_name: &str) -> Result<Cycle> {
        let operation = Operation::SignalAll { signal_name: signal_name.to_owned() };
        cycle_of(self.operate(vec![operation])?.pop())
    }

    fn cycle(&mut self, operation: Operation) -> Result<Cycle> {
        cycle_of(self.operate_without_panic(vec![operation])?.pop())
    }

    /// Lists. Returns the entries.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it panics, or the registry's server does not answer.
    pub fn entries(&mut self) -> Result<Vec<Entry>> {
        Ok(self.entries_and_calls()?.0)
    }

    /// Lists. Returns the entries, and the calls of signallers that this made.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it panics, or the registry's server does not answer.
    pub fn entries_and_calls(&mut self) -> Result<(Vec<Entry>, Vec<Call>)> {
        let (targets, calls) = self.targets_and_calls()?;
        Ok((targets.into_iter().map(|target| target.entry).collect(), calls))
    }

    fn targets_and_calls(&mut self) -> Result<(Vec<Target>, Vec<Call>)> {
        match self.operate_without_panic(vec![Operation::Entries])?.pop() {
            Some(AnswerLine { outcome: OperationOutcome::Entries(targets), calls, .. }) => {
                Ok((targets, calls))
            }
            answer => Err(unfit(answer.as_ref())),
        }
    }

    /// Does all of `operations`, in order. Returns an answer for each; one that panicked is no breach.
    ///
    /// # Errors
    /// [`Abort::Breach`] when the registry's server does not answer.
    pub fn operate(&mut self, operations: Vec<Operation>) -> Result<Vec<AnswerLine>> {
        self.start()?;
        self.record(&operations);
        let answers = match self.connection()?.ask_all(&operations, AT_ONCE) {
            Ok(answers) => answers.into_iter().map(|answered| answered.line).collect::<Vec<_>>(),
            Err(fault) => return Err(self.unanswered(&fault)),
        };
        let pairs: Vec<_> = operations.iter().zip(&answers).collect();
        let steps = shortened(&pairs, (SHOWN, SHOWN), |(operation, answer)| moment(operation, answer));
        steps.into_iter().for_each(|step| self.timeline.record(step));
        Ok(answers)
    }

    fn operate_without_panic(&mut self, operations: Vec<Operation>) -> Result<Vec<AnswerLine>> {
        let answers = self.operate(operations.clone())?;
        for (operation, answer) in operations.iter().zip(&answers) {
            if let OperationOutcome::Panicked(message) = &answer.outcome {
                let happened = format!("{} panicked: {message}", operation_text(operation));
                return Err(self.breach("the operation returns, and does not panic", &happened));
            }
        }
        Ok(answers)
    }

    /// Does them, and returns the calls of signallers that this made.
    fn calls_of(&mut self, operations: Vec<Operation>) -> Result<Vec<Call>> {
        let answers = self.operate_without_panic(operations)?;
        Ok(answers.into_iter().flat_map(|answer| answer.calls).collect())
    }

    /// Keeps for reports what was done with the newest registry, its signaller's script included. What was
    /// done with those before it was as expected, and would only hide it.
    fn record(&mut self, operations: &[Operation]) {
        let made = |operation: &Operation| matches!(operation, Operation::New { .. } | Operation::Default);
        if operations.iter().any(made) {
            match self.registries.made {
                0 => self.registries.began = self.timeline.moments().len(),
                before => {
                    self.timeline.cut(self.registries.began);
                    self.note(format!("… (registries tried before this one, all as expected: {before}) …"));
                }
            }
            self.registries.made += 1;
            self.registries.done.clear();
        }
        self.registries.done.extend(shortened(operations, (SHOWN, SHOWN), operation_text));
        self.last_asked = shortened(&self.registries.done, (SHOWN, LAST_ASKED), String::clone).join("; ");
    }
}

/// What was done with the registries of a case.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// How many were made.
    made: usize,
    /// Where the timeline of the first begins.
    began: usize,
    /// What was done with the newest, as reports write it.
    done: Vec<String>,
}

/// An operation with what came of it, the calls of signallers included.
fn moment(operation: &Operation, answer: &AnswerLine) -> Moment {
    let called = |call: &Call| -> Vec<Event> {
        let answers = call.answers.iter().flatten().map(|answer| Some(AnswerKind::of(answer)));
        let called = call.leader_pids.iter().zip(answers.chain(std::iter::repeat(None)));
        let signal_name = &call.signal_name;
        let event =
            |(&leader_pid, answer)| Event::Called { leader_pid, signal_name: signal_name.clone(), answer };
        called.map(event).take(SHOWN).collect()
    };
    let operated = Event::Operated { operation: operation_text(operation) };
    let calls = answer.calls.iter().take(SHOWN).flat_map(called);
    let events = match operation {
        Operation::Script(_) => Vec::new(),
        _ => [operated].into_iter().chain(calls).collect(),
    };
    Moment::new(step_text(operation, answer), events)
}

/// What one that signals came to. A panic has no results.
fn cycle_of(answer: Option<AnswerLine>) -> Result<Cycle> {
    let (targets, calls) = match answer {
        Some(AnswerLine { outcome: OperationOutcome::Results(results), calls, .. }) => (results, calls),
        Some(AnswerLine { outcome: OperationOutcome::Panicked(_), calls, .. }) => (Vec::new(), calls),
        answer => return Err(unfit(answer.as_ref())),
    };
    let incarnations = targets.iter().map(|(target, _)| target.incarnation).collect();
    let results = targets.into_iter().map(|(target, answer)| (target.entry, answer)).collect();
    Ok(Cycle { results, incarnations, calls })
}

/// An answer of another kind than the operation has.
fn unfit(answer: Option<&AnswerLine>) -> Abort {
    Abort::Broken(format!("the server of the registry answered {answer:?}"))
}
