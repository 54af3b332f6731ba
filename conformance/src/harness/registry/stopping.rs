//! Stops of a registry.

use super::{Context, Operation, Result, Target, unfit};
use crate::subject::registry::script::Call;
use crate::subject::registry::wire::{AnswerLine, Ending, OperationOutcome};
use std::time::Duration;

/// One `stop`.
#[derive(Clone, Debug)]
pub struct Stopping {
    /// What it returned.
    pub results: Vec<(Target, Ending)>,
    /// Every call of a signaller that it made, in order.
    pub calls: Vec<Call>,
    /// When it returned, in microseconds of the calls' clock.
    pub returned_us: u64,
}

impl Stopping {
    /// The leader pids for which signallers were asked to send that, in order, however the calls were made.
    pub fn asked(&self, signal_name: &str) -> Vec<u32> {
        self.named(signal_name).flat_map(|call| call.leader_pids.iter().copied()).collect()
    }

    /// The calls with that name.
    pub fn named(&self, signal_name: &str) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(move |call| call.signal_name == signal_name)
    }

    /// When SIGTERM was answered for the last of them, in microseconds.
    pub fn asked_us(&self) -> u64 {
        self.named("SIGTERM").map(|call| call.at_us).max().unwrap_or_default()
    }
}

impl Context {
    /// Stops all. Once SIGTERM was sent others do `meanwhile` with the registry.
    ///
    /// # Errors
    /// As [`targets`](Self::targets).
    pub fn stop_all(&mut self, grace: Duration, meanwhile: &[Operation]) -> Result<Stopping> {
        self.stop_registry(grace, meanwhile, false)
    }

    /// The same, and then they cancel the stop.
    ///
    /// # Errors
    /// As [`targets`](Self::targets).
    pub fn stop_and_cancel(&mut self, grace: Duration, meanwhile: &[Operation]) -> Result<Stopping> {
        self.stop_registry(grace, meanwhile, true)
    }

    fn stop_registry(&mut self, grace: Duration, meanwhile: &[Operation], cancel: bool) -> Result<Stopping> {
        let grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        let operation = Operation::Stop { grace_ms, meanwhile: meanwhile.to_vec(), cancel };
        match self.operate_without_panic(vec![operation])?.pop() {
            Some(AnswerLine { outcome: OperationOutcome::Stopped(results, returned_us), calls, .. }) => {
                Ok(Stopping { results, calls, returned_us })
            }
            answer => Err(unfit(answer.as_ref())),
        }
    }
}
