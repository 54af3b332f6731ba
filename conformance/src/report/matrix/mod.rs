//! Several subjects side by side: requirement by subject.

mod html;
mod human;
mod markdown;

pub use {html::write as write_html, human::write as write_human, markdown::write as write_markdown};

use super::{Outcome, Report, Status, Summary, Verdict, text};
use crate::contract::{self, Level, Requirement};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// The version of the fields, which grows when one changes or goes away.
const SCHEMA: u32 = 1;

/// What several runs came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Matrix {
    schema: u32,
    /// The command that makes it.
    pub command: String,
    /// What a reader must know of the whole.
    pub remarks: Vec<String>,
    /// Which cases were tried.
    #[serde(default)]
    selection: Selection,
    /// A column each.
    pub subjects: Vec<Column>,
}

/// Which cases a matrix is of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// How many cases there are in all.
    pub catalogue: usize,
    /// What the id of a case must match to be tried; `None` where all are.
    pub filter: Option<String>,
}

impl fmt::Display for Selection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { catalogue, filter } = self;
        match filter {
            None => write!(out, "all {catalogue} cases"),
            Some(filter) => write!(out, "those of {catalogue} cases whose id matches `{filter}`"),
        }
    }
}

/// One subject.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Column {
    /// What people call it.
    pub name: String,
    /// The subject as `check` names it.
    pub subject: String,
    /// The version that was tried, if it is known.
    pub version: Option<String>,
    /// What the adapter maps, if there is one.
    pub maps: Option<String>,
    /// What may surprise whoever uses it.
    pub surprise: Option<String>,
    /// What it declares of itself.
    pub declared: Vec<String>,
    /// What its run came to; `None` if it could not be tried here.
    pub run: Option<Run>,
    /// Why it could not be tried.
    pub missing: Option<String>,
}

/// What one run came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    /// The verdict.
    pub verdict: Verdict,
    /// The seed.
    pub seed: u64,
    /// How many seconds it took.
    pub seconds: f64,
    /// The number of cases of each status.
    pub summary: Summary,
    /// What kept the first of those cases from being tried in which the suite's own work failed.
    #[serde(default)]
    pub broken: Option<String>,
    /// The same of each requirement that was asked.
    pub requirements: Vec<Cell>,
}

/// What a run says of one requirement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// The requirement's name.
    #[serde(deserialize_with = "known")]
    pub requirement: Name,
    /// The worst status of its cases; a skipped one beside a passed one counts as passed.
    pub status: Status,
    /// The number of its cases of each status.
    pub summary: Summary,
}

/// The name of a requirement. Not written out in [`Cell`]: serde would borrow it from what it reads.
type Name = &'static str;

fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    let name = String::deserialize(deserializer)?;
    let requirement = contract::find(&name);
    requirement.map(|one| one.name).ok_or_else(|| D::Error::custom(format!("unknown requirement `{name}`")))
}

impl Matrix {
    /// The matrix that [`write_json`](Self::write_json) wrote to a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no such matrix.
    pub fn read(path: &Path) -> io::Result<Self> {
        let matrix: Self = serde_json::from_slice(&fs::read(path)?)?;
        match matrix.schema {
            SCHEMA => Ok(matrix),
            other => Err(io::Error::other(format!(
                "its schema is {other}, but this program knows {SCHEMA}: update it, or make the matrix again"
            ))),
        }
    }

    /// Checks that it is of the same cases.
    ///
    /// # Errors
    /// Says of which it is.
    pub fn is_of(&self, selection: &Selection) -> Result<(), String> {
        match self.selection == *selection {
            true => Ok(()),
            false => Err(format!("it is of {}, and this run of {selection}", self.selection)),
        }
    }

    /// What it has of the subject of this column, in the same version and as it declares itself.
    pub fn run_of(&self, column: &Column) -> Option<&Run> {
        let is_same = |one: &&Column| {
            (&one.subject, &one.version, &one.declared)
                == (&column.subject, &column.version, &column.declared)
        };
        self.subjects.iter().filter(is_same).find_map(|one| one.run.as_ref())
    }

    /// Of these subjects. Where not all cases were tried, a remark says so.
    pub fn new(
        command: String,
        mut remarks: Vec<String>,
        selection: Selection,
        subjects: Vec<Column>,
    ) -> Self {
        if selection.filter.is_some() {
            remarks.push(format!("Tried were {selection}: no verdict says more than these do."));
        }
        Self { schema: SCHEMA, command, remarks, selection, subjects }
    }

    /// The requirements of the rows, in the contract's order: those that several subjects were tried for, or
    /// one broke; of a single subject, all that it was asked.
    pub fn rows(&self) -> impl Iterator<Item = &'static Requirement> {
        contract::all().filter(|requirement| self.is_row(requirement))
    }

    fn is_row(&self, requirement: &Requirement) -> bool {
        if let [subject] = &self.subjects[..] {
            return subject.cell(requirement.name).is_some();
        }
        let tried: Vec<Status> = self.statuses(requirement).collect();
        tried.len() > 1 || tried.iter().any(|status| *status != Status::Passed)
    }

    /// How each subject came out that was tried for this requirement.
    fn statuses(&self, requirement: &Requirement) -> impl Iterator<Item = Status> {
        let cells = self.subjects.iter().filter_map(|subject| subject.cell(requirement.name));
        cells
            .map(|cell| cell.status)
            .filter(|status| !matches!(status, Status::Skipped | Status::Inapplicable))
    }

    /// What the signs mean, and what has no row.
    fn legend(&self) -> String {
        let of_one = contract::all().filter(|one| !self.is_row(one) && self.statuses(one).count() > 0);
        match of_one.count() {
            0 => format!("{SIGNS}."),
            count => format!(
                "{SIGNS}. {} that a single subject was tried for, and passed, {} no row.",
                text::count(count, "requirement"),
                if count == 1 { "has" } else { "have" }
            ),
        }
    }

    /// Writes it as one JSON object and a line break.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        writeln!(out)
    }
}

impl Run {
    /// What a report came to, which took so long to make.
    pub fn of(report: &Report, took: Duration) -> Self {
        let cell = |(requirement, cases): (&'static Requirement, Vec<&super::CaseResult>)| {
            let summary = Summary::of(cases);
            let rank = [Status::Failed, Status::Broken, Status::Warned, Status::Passed, Status::Skipped];
            let counts = summary.counts();
            let is_there =
                |wanted: &Status| counts.iter().any(|(status, count)| status == wanted && *count > 0);
            let status = rank.into_iter().find(is_there).unwrap_or(Status::Inapplicable);
            Cell { requirement: requirement.name, status, summary }
        };
        Self {
            verdict: report.verdict(),
            seed: report.seed,
            seconds: (took.as_secs_f64() * 10.0).round() / 10.0,
            summary: report.summary(),
            broken: report.cases.iter().find_map(|case| match &case.outcome {
                Outcome::Broken(reason) => Some(format!("{}: {reason}", case.case)),
                _ => None,
            }),
            requirements: report.by_requirement().into_iter().map(cell).collect(),
        }
    }
}

impl Column {
    /// What is said of a requirement, if it was asked.
    pub fn cell(&self, requirement: &str) -> Option<&Cell> {
        self.run.as_ref()?.requirements.iter().find(|cell| cell.requirement == requirement)
    }

    /// Why it was not tried, or what of it was not, in a sentence without its full stop.
    fn untried(&self) -> Option<String> {
        let broken = |run: &Run| {
            let cases = text::count(run.summary.broken, "case");
            run.broken
                .as_ref()
                .map(|first| format!("The suite's own work failed in {cases}, first in {first}"))
        };
        let missing = self.missing.as_ref().map(|why| format!("Not tried: {why}"));
        missing.or_else(|| self.run.as_ref().and_then(broken))
    }

    /// The verdict, or that there is none.
    fn verdict(&self) -> String {
        self.run.as_ref().map_or("not tried".to_owned(), |run| run.verdict.to_string())
    }
}

impl Cell {
    /// A character or a few: passed, how many failed or warned, not tried.
    fn sign(&self) -> String {
        match self.status {
            Status::Passed => "✓".to_owned(),
            Status::Failed => format!("✗{}", self.summary.failed),
            Status::Warned => format!("!{}", self.summary.warned),
            Status::Broken => "?".to_owned(),
            Status::Skipped | Status::Inapplicable => "·".to_owned(),
        }
    }
}

/// What the signs mean, in a line.
const SIGNS: &str =
    "✓ passed; ✗N failed in N cases; !N warned in N cases; ? the suite's own work failed; · not tried";

/// The level of a requirement as a table has it.
fn level(requirement: &Requirement) -> &'static str {
    match requirement.level {
        Level::Must => "MUST",
        Level::Should => "SHOULD",
    }
}
