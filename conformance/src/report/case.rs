//! What became of one case, and how a broken requirement is told.

use super::steps::Shown;
use super::symptom::{ProtocolError, Symptom, Topic};
use super::timeline::Moment;
use super::timings::Phases;
use super::{Status, steps, text};
use crate::contract::{self, Level, Requirement};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// A timeline longer than twice this loses its middle: how it began and how it ended tell the most.
const STEPS_AT_EACH_END: usize = 50;

/// A broken requirement, as it is told to somebody who has never seen this project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// What the subject was asked, and in which situation.
    pub asked: String,
    /// What the contract expects of that.
    pub expected: String,
    /// What happened instead.
    pub happened: String,
    #[doc(hidden)]
    /// Everything that was done and observed in the case, in order.
    pub timeline: Vec<Moment>,
    /// The processes that it happened to, or did not happen to, as far as they are known one by one.
    pub processes: Vec<u32>,
    #[doc(hidden)]
    /// Whether something did not come in time, which also happens where others are in the way.
    pub late: bool,
    #[doc(hidden)]
    /// Whether a call of the subject's to the kernel was broken off (EINTR), which also happens because it is watched.
    pub interrupted: bool,
    /// The requirement that is broken, where that is another than the case's.
    #[serde(with = "contract::by_name")]
    pub requirement: Option<&'static Requirement>,
    #[doc(hidden)]
    /// What kind of thing happened.
    pub symptom: Symptom,
    #[doc(hidden)]
    /// What was special about the calls.
    pub topic: Topic,
    #[doc(hidden)]
    /// How the subject did not answer, if that was so.
    pub protocol: Option<ProtocolError>,
}

impl Finding {
    /// That this happened where that was expected, with no more about it.
    pub fn new(asked: impl Into<String>, expected: impl Into<String>, happened: impl Into<String>) -> Self {
        Self { asked: asked.into(), expected: expected.into(), happened: happened.into(), ..Self::default() }
    }

    /// Whether it may be the suite's doing, or that of whatever ran at the same time.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.late || self.interrupted
    }

    /// The same without what was done: what it says of every run like this one.
    #[cfg(feature = "mutants")]
    pub(crate) fn without_timeline(&self) -> Self {
        Self { timeline: Vec::new(), protocol: None, ..self.clone() }
    }
}

/// How much of a finding is shown.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// The most lines of what happened.
    pub lines: usize,
    /// The most characters of a line.
    pub line: usize,
    /// The most characters of a step.
    pub step: usize,
    /// How many steps are shown at each end, when there are more than twice as many.
    pub steps_at_each_end: usize,
    /// How many calls that send are shown beside those: the last ones.
    pub calls: usize,
}

impl Extent {
    /// All that a message holds.
    pub const FULL: Self = Self {
        lines: text::LINES,
        line: text::LINE,
        step: text::LINE,
        steps_at_each_end: STEPS_AT_EACH_END,
        calls: 0,
    };
    /// What fits on a part of a screen: a line a step.
    pub const SHORT: Self = Self { lines: 3, line: 160, step: 82, steps_at_each_end: 2, calls: 2 };

    /// The rows of steps that are left out: the first of each, and how many they are. One line that says that one is
    /// left out is no gain.
    fn left_out(&self, steps: &[Shown]) -> Vec<(usize, usize)> {
        let ends = self.steps_at_each_end..steps.len().saturating_sub(self.steps_at_each_end);
        let calls =
            ends.clone().rev().filter(|&place| steps[place].sends).take(self.calls).collect::<Vec<_>>();
        let between = ends.filter(|place| !calls.contains(place)).collect::<Vec<_>>();
        let rows = between.chunk_by(|one, next| one + 1 == *next);
        rows.filter(|row| row.len() > 1).map(|row| (row[0], row.len())).collect()
    }
}

/// Plain text, safe to print whatever the subject said, and bounded. No line break at its end.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown(Extent::FULL))
    }
}

impl Finding {
    /// Whether the subject answered a program's usage text as an error. procps' begins with an empty line.
    pub(crate) fn quotes_usage(&self) -> bool {
        let is_usage = |text: &str| text.contains("Err(\"Usage:") || text.contains("Err(\"\\nUsage:");
        is_usage(&self.happened) || self.timeline.iter().any(|moment| is_usage(&moment.text))
    }

    /// As much of it as `extent` says: plain text, safe to print whatever the subject said. No line break at
    /// its end.
    pub(crate) fn shown(&self, extent: Extent) -> String {
        let labelled =
            |label: &str, text: &str| text::labelled_within(label, text, extent.lines, extent.line);
        let mut shown = labelled("call:     ", &self.asked);
        shown += &labelled("\nexpected: ", &self.expected);
        shown += &labelled("\nactual:   ", &self.happened);
        // How it did not answer explains the rest, also where others were looked at first.
        if let Some(error) = self.protocol.as_ref().filter(|error| !self.happened.contains(&error.what)) {
            shown += &labelled("\n          ", &error.text());
        }
        let steps = steps::folded(&self.timeline);
        if !steps.is_empty() {
            shown += "\nsteps:";
        }
        let told = |steps: &[Shown]| {
            let told = |step: &Shown| {
                labelled(&format!("\n  {:>2}. ", step.place), &text::cut(&step.text, extent.step))
            };
            steps.iter().map(told).collect::<String>()
        };
        let mut place = 0;
        for (first, count) in extent.left_out(&steps) {
            shown += &told(&steps[place..first]);
            shown += &format!("\n      … ({count} steps left out)");
            place = first + count;
        }
        shown += &told(&steps[place..]);
        shown
    }
}

/// What became of one case, with the reason.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Outcome {
    /// As the contract says.
    Passed,
    /// The requirement is broken: `failed` for a MUST, `warned` for a SHOULD.
    Breached(Box<Finding>),
    /// Could not be tried here; says what is missing.
    Skipped(String),
    /// Means nothing for this subject; says by which declaration.
    Inapplicable(String),
    /// The suite could not do its work; says what went wrong.
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

/// A shrunk history that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Replay {
    /// The file that it was saved in, if it was.
    pub file: Option<String>,
    /// The history, as its file holds it.
    pub history: serde_json::Value,
}

/// One row of a report.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaseResult {
    /// The case's id: its requirement's name, a slash, and its own.
    pub case: String,
    /// The requirement it checks, or another that is broken where that came to light.
    pub requirement: &'static Requirement,
    /// What became of it.
    pub outcome: Outcome,
    /// How long it took, from its fresh sandbox to the end of its sweep.
    pub duration: Duration,
    #[doc(hidden)]
    /// The shrunk history that failed, for `replay`.
    pub replay: Option<Replay>,
    #[doc(hidden)]
    /// What it spent its time on.
    pub phases: Phases,
    /// Processes that the case's sweep found and ended beyond those that the case had ended itself.
    pub swept: usize,
    /// What came of its first try, if it was tried again alone.
    pub first_try: Option<Outcome>,
    /// Why its failure is known, if a baseline lists it: it does not fail the run.
    pub known: Option<String>,
    #[doc(hidden)]
    /// How often it failed, if it was run more than once. The outcome is that of the worst run.
    pub repeats: Option<Repeats>,
}

/// How often a case was run, and how often it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Repeats {
    /// Number of runs.
    pub runs: usize,
    /// Number of runs in which it broke its requirement.
    pub failed: usize,
    /// Number of runs in which the suite could not do its own work.
    pub broken: usize,
}

impl fmt::Display for Repeats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed in {} of {}", self.failed, text::count(self.runs, "run"))?;
        if self.broken > 0 { write!(f, ", broken in {}", self.broken) } else { Ok(()) }
    }
}

impl CaseResult {
    /// A case of that id which took so long, with nothing else to say of it.
    pub fn new(
        case: impl Into<String>,
        requirement: &'static Requirement,
        outcome: Outcome,
        duration: Duration,
    ) -> Self {
        Self {
            case: case.into(),
            requirement,
            outcome,
            duration,
            replay: None,
            phases: Phases::default(),
            swept: 0,
            first_try: None,
            known: None,
            repeats: None,
        }
    }

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

    /// Whether it was tried, and not skipped or inapplicable.
    pub fn was_tried(&self) -> bool {
        !matches!(self.outcome, Outcome::Skipped(_) | Outcome::Inapplicable(_))
    }

    /// The file with the history that failed.
    pub fn replay_file(&self) -> Option<&str> {
        self.replay.as_ref()?.file.as_deref()
    }

    /// Whether random histories tried it.
    pub(crate) fn is_history(&self) -> bool {
        self.case.ends_with("/histories")
    }
}
