//! Where the time of a run went: by the phases of its cases, and by requirement.

use super::{CaseResult, Report};
use crate::contract::Requirement;
use std::iter::Sum;
use std::ops::AddAssign;
use std::time::Duration;

/// What a case spends its time on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Bringing up the sandbox and the agent in it.
    Sandbox,
    /// Starting the subject.
    Start,
    /// Having the agent fork members, end them, move them and the like.
    Groups,
    /// Asking the subject, until it answers.
    Ask,
    /// Looking at every process.
    Look,
    /// Waiting for what must not come.
    Wait,
    /// Ending whatever the case made, and the sandbox.
    CleanUp,
    /// Everything else: comparing, and waiting for a turn or for the histories that cases share.
    #[default]
    Other,
}

impl Phase {
    /// Each phase, in the order in which a case meets them.
    pub const ALL: [Self; 8] = [
        Self::Sandbox,
        Self::Start,
        Self::Groups,
        Self::Ask,
        Self::Look,
        Self::Wait,
        Self::CleanUp,
        Self::Other,
    ];

    /// Its name in the JSON report.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Start => "start",
            Self::Groups => "groups",
            Self::Ask => "ask",
            Self::Look => "look",
            Self::Wait => "wait",
            Self::CleanUp => "clean-up",
            Self::Other => "other",
        }
    }

    /// What is done in it, in words.
    pub fn what(self) -> &'static str {
        match self {
            Self::Sandbox => "bring up the sandbox and its agent",
            Self::Start => "start the subject",
            Self::Groups => "make the groups, and change them",
            Self::Ask => "ask the subject, until it answers",
            Self::Look => "look at every process",
            Self::Wait => "wait for what must not come",
            Self::CleanUp => "end all that was made",
            Self::Other => "everything else: compare, wait for a turn or for shared histories",
        }
    }
}

/// How long each phase took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases([Duration; Phase::ALL.len()]);

impl Phases {
    /// Adds `time` to that phase.
    pub fn add(&mut self, phase: Phase, time: Duration) {
        self.0[phase as usize] += time;
    }

    /// Each phase with the time that it took.
    pub fn iter(&self) -> impl Iterator<Item = (Phase, Duration)> {
        Phase::ALL.into_iter().zip(self.0)
    }

    /// The same with what is missing to `whole` as everything else.
    #[must_use]
    pub fn with_rest_of(mut self, whole: Duration) -> Self {
        self.add(Phase::Other, whole.saturating_sub(self.total()));
        self
    }

    /// The time of all phases. Where a case does several things at once, as the histories do, it is more than
    /// the case took.
    pub fn total(&self) -> Duration {
        self.0.iter().sum()
    }
}

impl AddAssign for Phases {
    fn add_assign(&mut self, other: Self) {
        other.iter().for_each(|(phase, time)| self.add(phase, time));
    }
}

impl Sum for Phases {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        let mut sum = Self::default();
        all.for_each(|phases| sum += phases);
        sum
    }
}

/// How long a run took, measured from its first case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Until the first case that was tried had its result.
    pub first_result: Duration,
    /// Until the last one had.
    pub elapsed: Duration,
}

/// What the cases of one requirement took.
#[derive(Clone, Copy, Debug)]
pub struct OfRequirement<'a> {
    /// The requirement.
    pub requirement: &'static Requirement,
    /// The number of its cases that were tried.
    pub cases: usize,
    /// What they took together.
    pub time: Duration,
    /// The one that took longest.
    pub slowest: &'a CaseResult,
}

/// What the cases of each requirement took that were tried, the longest first.
pub fn by_requirement(report: &Report) -> Vec<OfRequirement<'_>> {
    let mut all: Vec<_> = report
        .by_requirement()
        .into_iter()
        .filter_map(|(requirement, cases)| {
            let tried: Vec<_> = cases.into_iter().filter(|case| case.was_tried()).collect();
            let slowest = *tried.iter().max_by_key(|case| case.duration)?;
            let time = tried.iter().map(|case| case.duration).sum();
            Some(OfRequirement { requirement, cases: tried.len(), time, slowest })
        })
        .collect();
    all.sort_by_key(|of| std::cmp::Reverse(of.time));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_phase_has_counts_as_everything_else() {
        let seconds = Duration::from_secs;
        let mut phases = Phases::default();
        phases.add(Phase::Ask, seconds(2));
        let of =
            |phases: Phases, wanted| phases.iter().find(|(phase, _)| *phase == wanted).map(|(_, time)| time);
        let whole = phases.with_rest_of(seconds(5));
        assert_eq!((of(whole, Phase::Other), whole.total()), (Some(seconds(3)), seconds(5)));
        // Who does several things at once, spends more than the whole.
        assert_eq!(phases.with_rest_of(seconds(1)), phases);
    }
}
