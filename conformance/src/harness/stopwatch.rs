//! How long each phase of a case takes.

use super::Context;
use crate::report::timings::{Phase, Phases};
use crate::sys::lock::lock;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What the testbeds of one case took, added up as they end.
#[derive(Clone, Debug, Default)]
pub struct Spent(Arc<Mutex<Phases>>);

impl Spent {
    /// What they took so far.
    pub fn phases(&self) -> Phases {
        *lock(&self.0)
    }
}

/// Measures one testbed: each moment counts for one phase. Dropping it ends that.
#[derive(Debug)]
pub(super) struct Stopwatch {
    spent: Spent,
    phases: Phases,
    phase: Phase,
    since: Instant,
}

impl Stopwatch {
    /// Begins to measure `phase`, for `spent`.
    pub fn start(spent: &Spent, phase: Phase) -> Self {
        Self { spent: spent.clone(), phases: Phases::default(), phase, since: Instant::now() }
    }

    /// From now on it is `phase`. Returns which it was until now.
    pub fn switch(&mut self, phase: Phase) -> Phase {
        let now = Instant::now();
        self.phases.add(self.phase, now - self.since);
        self.since = now;
        std::mem::replace(&mut self.phase, phase)
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        self.switch(Phase::Other);
        *lock(&self.spent.0) += self.phases;
    }
}

impl Context {
    /// Does `work`, and counts the time for `phase`, but for what is done meanwhile in a phase of its own.
    pub(super) fn in_phase<T>(&mut self, phase: Phase, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.stopwatch.switch(phase);
        let result = work(self);
        self.stopwatch.switch(before);
        result
    }
}
