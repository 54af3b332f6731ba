//! The operations that only a registry which fences reused pids has.

use super::{Cycle, Operation, Target, Which};
use crate::harness::{Context, Result};
use crate::subject::registry::script::Call;

impl Context {
    /// Makes a registry that holds nothing, with the given signaller, which is told what the registry pins.
    ///
    /// # Errors
    /// As [`targets`](Self::targets).
    pub fn pinning_registry(&mut self) -> Result<Vec<Call>> {
        self.calls_of(vec![Operation::New { signaller: Which::Pinning }])
    }

    /// Lists. Returns the entries with their incarnations.
    ///
    /// # Errors
    /// [`Abort::Breach`](crate::harness::Abort::Breach) when it panics, or the registry's server does not
    /// answer.
    pub fn targets(&mut self) -> Result<Vec<Target>> {
        Ok(self.targets_and_calls()?.0)
    }

    /// Signals those of `targets` that still stand.
    ///
    /// # Errors
    /// As [`targets`](Self::targets).
    pub fn signal_targets(&mut self, signal_name: &str, targets: &[Target]) -> Result<Cycle> {
        let signal_name = signal_name.to_owned();
        self.cycle(Operation::SignalTargets { signal_name, targets: targets.to_vec() })
    }

    /// Forgets a leader pid while it bears that label. Returns the calls of signallers that it made.
    ///
    /// # Errors
    /// As [`targets`](Self::targets).
    pub fn forget_registration(&mut self, leader_pid: u32, label: &str) -> Result<Vec<Call>> {
        self.calls_of(vec![Operation::ForgetRegistration { leader_pid, label: label.to_owned() }])
    }
}
