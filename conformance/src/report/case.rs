//! What became of one case, and how a broken requirement is told.

use super::{Status, text};
use crate::requirements::{Level, Requirement};
use std::fmt;
use std::time::Duration;

/// A timeline longer than twice this loses its middle: how it began and how it ended tell the most.
const STEPS_AT_EACH_END: usize = 50;

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
    /// Whether something did not come in time, which also happens where others are in the way.
    pub late: bool,
    /// The requirement that is broken, where that is another than the case's.
    pub requirement: Option<&'static Requirement>,
}

impl Finding {
    /// The same without what was done: what it says of every run like this one.
    pub fn without_timeline(&self) -> Self {
        Self { timeline: Vec::new(), ..self.clone() }
    }
}

/// Plain text, safe to print whatever the subject said, and bounded. No line break at its end.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::labelled("asked:    ", &self.asked))?;
        f.write_str(&text::labelled("\nexpected: ", &self.expected))?;
        f.write_str(&text::labelled("\nhappened: ", &self.happened))?;
        if self.timeline.is_empty() {
            return Ok(());
        }
        f.write_str("\nwhat was done:")?;
        let steps = self.timeline.len();
        let left_out = STEPS_AT_EACH_END..steps.saturating_sub(STEPS_AT_EACH_END);
        for (index, step) in self.timeline.iter().enumerate() {
            if !left_out.contains(&index) {
                f.write_str(&text::labelled(&format!("\n  {:>2}. ", index + 1), step))?;
            } else if index == left_out.start {
                write!(f, "\n      … ({} steps left out)", left_out.len())?;
            }
        }
        Ok(())
    }
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

impl Outcome {
    /// What happened, without the steps, as text that is safe to print.
    pub fn summary(&self) -> String {
        match self {
            Outcome::Passed => "passed".to_owned(),
            Outcome::Breached(finding) => text::labelled("", &finding.happened),
            Outcome::Skipped(reason) | Outcome::Inapplicable(reason) | Outcome::Broken(reason) => {
                text::labelled("", reason)
            }
        }
    }

    /// The requirement that the outcome is about; `own` is the case's.
    pub fn requirement(&self, own: &'static Requirement) -> &'static Requirement {
        match self {
            Outcome::Breached(finding) => finding.requirement.unwrap_or(own),
            _ => own,
        }
    }
}

/// One row of a report.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The case's id: its requirement's name, a slash, and its own.
    pub case: String,
    /// The requirement it checks, or another that is broken where that came to light.
    pub requirement: &'static Requirement,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took, from its fresh sandbox to the end of its sweep.
    pub duration: Duration,
    /// The file with the shrunk history that failed, for `replay`.
    pub replay: Option<String>,
    /// Processes that the case's sweep found and ended beyond those that the case had ended itself.
    pub swept: usize,
    /// What came of its first try, if it was tried again alone.
    pub first_try: Option<Outcome>,
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

    /// Why the case ended so, as text that is safe to print: the finding with what to check, in order, or the
    /// reason. None for a case that passed.
    pub fn message(&self) -> Option<String> {
        match &self.outcome {
            Outcome::Passed => None,
            Outcome::Breached(finding) => Some(format!("{finding}{}", text::what_to_check(self.requirement))),
            Outcome::Skipped(reason) | Outcome::Inapplicable(reason) | Outcome::Broken(reason) => {
                Some(text::labelled("", reason))
            }
        }
    }
}
