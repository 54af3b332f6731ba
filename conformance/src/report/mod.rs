//! What a run found out, and the verdict that follows. How it is written down is in the modules below, a file a
//! format.

use crate::requirements::{Level, Requirement};
use serde::Serialize;
use std::time::Duration;

pub mod human;
pub mod json;

/// What became of one case. The six are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Tried, and as the contract says.
    Passed,
    /// Tried, and a MUST is broken: the subject's fault.
    Failed,
    /// Tried, and a SHOULD is broken; never changes the exit status.
    Warned,
    /// Could not be tried here; the message says what is missing.
    Skipped,
    /// Means nothing for this subject, by its own declared capabilities.
    Inapplicable,
    /// The suite's own set-up or clean-up failed; no statement about the subject.
    Broken,
}

/// What the whole run says of the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every MUST case passed.
    Conformant,
    /// At least one MUST case failed.
    Nonconformant,
    /// Nothing failed, but a MUST case was skipped.
    Incomplete,
    /// Nothing failed, but the suite's own work did, or no case ran at all.
    Broken,
}

/// A broken requirement, as it is told to somebody who has never seen this project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What the subject was asked, and in which situation.
    pub asked: String,
    /// What the contract expects of that.
    pub expected: String,
    /// What happened instead.
    pub happened: String,
    /// Everything that was done and observed in the case, a line a step, in order.
    pub timeline: Vec<String>,
}

/// What became of one case, with the reason.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// As the contract says.
    Passed,
    /// The requirement is broken: `failed` for a MUST, `warned` for a SHOULD.
    Breached(Box<Finding>),
    /// Could not be tried here; says what is missing.
    Skipped(String),
    /// Means nothing for this subject; says by which declaration.
    Inapplicable(String),
    /// The suite's own fault; says what went wrong.
    Broken(String),
}

/// One row of a report.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The case's id: its requirement's name, a slash, and its own.
    pub case: String,
    /// The requirement it checks.
    pub requirement: &'static Requirement,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took, from its fresh sandbox to the end of its sweep.
    pub duration: Duration,
    /// The file with the shrunk history that failed, for `replay`.
    pub replay: Option<String>,
    /// Processes that the case's sweep found and ended beyond those that the case had ended itself.
    pub swept: usize,
}

impl CaseResult {
    /// The outcome as one of the six, by the requirement's level.
    pub fn status(&self) -> Status {
        match (&self.outcome, self.requirement.level) {
            (Outcome::Passed, _) => Status::Passed,
            (Outcome::Breached(_), Level::Must) => Status::Failed,
            (Outcome::Breached(_), Level::Should) => Status::Warned,
            (Outcome::Skipped(_), _) => Status::Skipped,
            (Outcome::Inapplicable(_), _) => Status::Inapplicable,
            (Outcome::Broken(_), _) => Status::Broken,
        }
    }
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct Report {
    /// The subject as it was named on the command line.
    pub subject: String,
    /// The seed that the run's random choices came from.
    pub seed: u64,
    /// One row a case, in the order of the catalogue.
    pub cases: Vec<CaseResult>,
    /// The words that run a case again; the case's filter is appended to them.
    pub rerun: String,
    /// Further facts for `--verbose`: what the histories met, what was swept.
    pub remarks: Vec<String>,
}

/// How many cases ended in which status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Number of cases that passed.
    pub passed: usize,
    /// Number of cases that failed.
    pub failed: usize,
    /// Number of cases that warned.
    pub warned: usize,
    /// Number of cases that were skipped.
    pub skipped: usize,
    /// Number of cases that are inapplicable.
    pub inapplicable: usize,
    /// Number of cases that are broken.
    pub broken: usize,
}

impl Report {
    /// The number of cases of each status.
    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for case in &self.cases {
            let count = match case.status() {
                Status::Passed => &mut summary.passed,
                Status::Failed => &mut summary.failed,
                Status::Warned => &mut summary.warned,
                Status::Skipped => &mut summary.skipped,
                Status::Inapplicable => &mut summary.inapplicable,
                Status::Broken => &mut summary.broken,
            };
            *count += 1;
        }
        summary
    }

    /// The verdict, by the rules of the contract: `nonconformant` when a case failed; else `broken` when one is
    /// broken or none ran; else `incomplete` when a MUST case was skipped; else `conformant`.
    pub fn verdict(&self) -> Verdict {
        let summary = self.summary();
        let ran = summary.passed + summary.failed + summary.warned;
        let must_skipped = |case: &CaseResult| {
            matches!(case.outcome, Outcome::Skipped(_)) && case.requirement.level == Level::Must
        };
        if summary.failed > 0 {
            Verdict::Nonconformant
        } else if summary.broken > 0 || ran == 0 {
            Verdict::Broken
        } else if self.cases.iter().any(must_skipped) {
            Verdict::Incomplete
        } else {
            Verdict::Conformant
        }
    }
}
