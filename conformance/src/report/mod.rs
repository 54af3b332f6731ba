//! What a run found out, and the verdict that follows. How it is written down is in the modules below, a file
//! a format.

use crate::contract::{self, Level, Requirement};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::{fs, io};
use timings::Timings;

mod case;
pub mod causes;
#[cfg(feature = "cli")]
pub mod html;
pub mod human;
pub mod json;
#[cfg(feature = "cli")]
pub mod junit;
#[cfg(feature = "cli")]
pub mod markdown;
#[cfg(feature = "cli")]
pub mod matrix;
mod meaning;
pub mod picture;
mod steps;
pub mod symptom;
#[cfg(feature = "cli")]
pub mod tap;
pub mod text;
pub mod timeline;
pub mod timings;

pub use case::{CaseResult, Extent, Finding, Outcome, Repeats, Replay};

/// What became of one case. The six are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What the command is called where nobody has called it.
pub const PROGRAM: &str = "signaller-conformance";
/// Where in [`Report::rerun`] the filter of a case belongs.
pub const FILTER: &str = "{filter}";
/// Where in [`Report::rerun`] the id of a case belongs, for what takes no filters.
pub const CASE: &str = "{case}";

/// A whole run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The subject as it was named on the command line.
    pub subject: String,
    /// What the subject declares of itself, each as it is written. It changed which answers were allowed.
    pub declared: Vec<String>,
    /// Whose answers the subject's system calls got, if not those of the kernel that ran it.
    pub kernel: Option<String>,
    /// The seed that the run's random choices came from.
    pub seed: u64,
    /// One row a case, in the order of the catalogue.
    pub cases: Vec<CaseResult>,
    /// The words that run a case again. The case's filter stands in for [`FILTER`], or its id for [`CASE`];
    /// the filter is appended where there is neither: behind `stdio -- PROGRAM` it would be the program's.
    pub rerun: String,
    /// How the command was called, as one word of a shell, for the hints that name another subcommand; else
    /// [`PROGRAM`].
    pub program: String,
    /// Whether the subject is a command, of which only the exit status is an answer.
    pub of_command: bool,
    /// How many cases there are in all, if a filter left some of them out.
    pub catalogue: Option<usize>,
    /// Further facts for `--verbose`: what the histories met, what was swept.
    pub remarks: Vec<String>,
    #[doc(hidden)]
    /// How long the run took, if the report shows it.
    pub timings: Option<Timings>,
}

/// How many cases ended in which status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
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

impl Summary {
    /// Counts these cases.
    pub fn of<'a>(cases: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut summary = Self::default();
        for case in cases {
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

    /// Each status with its count, in the contract's order.
    pub fn counts(&self) -> [(Status, usize); 6] {
        [
            (Status::Passed, self.passed),
            (Status::Failed, self.failed),
            (Status::Warned, self.warned),
            (Status::Skipped, self.skipped),
            (Status::Inapplicable, self.inapplicable),
            (Status::Broken, self.broken),
        ]
    }
}

/// The report for people, without colours.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        human::write(self, &human::Options::default(), &mut text).map_err(|_| fmt::Error)?;
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

impl Report {
    /// What a run on `subject` found out, with no more about it than that.
    pub fn new(subject: impl Into<String>, seed: u64, cases: Vec<CaseResult>) -> Self {
        Self {
            subject: subject.into(),
            declared: Vec::new(),
            kernel: None,
            seed,
            cases,
            rerun: String::new(),
            program: PROGRAM.to_owned(),
            of_command: false,
            catalogue: None,
            remarks: Vec::new(),
            timings: None,
        }
    }

    /// Writes the report for programs to the file at `path`, in JSON as `check --format json` does.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> io::Result<()> {
        let mut text = Vec::new();
        json::write(self, &mut text)?;
        fs::write(path, text)
    }

    /// The number of cases of each status.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.cases)
    }

    /// The verdict, by the rules of the contract: `nonconformant` when a case failed; else `broken` when one
    /// is broken or none ran; else `incomplete` when a MUST case was skipped; else `conformant`.
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

    /// The cases of each requirement that was asked, in the order in which the requirements first occur.
    pub fn by_requirement(&self) -> Vec<(&'static Requirement, Vec<&CaseResult>)> {
        let mut groups: Vec<(&'static Requirement, Vec<&CaseResult>)> = Vec::new();
        for case in &self.cases {
            match groups.iter_mut().find(|(requirement, _)| requirement.name == case.requirement.name) {
                Some((_, cases)) => cases.push(case),
                None => groups.push((case.requirement, vec![case])),
            }
        }
        groups
    }

    /// The requirements of which this run holds no case, in the contract's order.
    pub fn not_asked(&self) -> impl Iterator<Item = &'static Requirement> {
        contract::all()
            .filter(|requirement| !self.cases.iter().any(|case| case.requirement.name == requirement.name))
    }

    /// The command that runs the saved history in `file` again.
    pub fn replay_of(&self, file: &str) -> String {
        format!("{} replay {}", self.program, text::printable(file))
    }

    /// The command that runs this case alone once more; none for a case that leaves nothing to look into.
    pub fn rerun_of(&self, case: &CaseResult) -> Option<String> {
        if !matches!(case.status(), Status::Failed | Status::Warned | Status::Broken) {
            return None;
        }
        let filter = format!("--filter '^{}$'", case.case);
        Some(match &self.rerun {
            rerun if rerun.contains(FILTER) => rerun.replacen(FILTER, &filter, 1),
            rerun if rerun.contains(CASE) => rerun.replacen(CASE, &case.case, 1),
            rerun => format!("{rerun} {filter}"),
        })
    }
}
