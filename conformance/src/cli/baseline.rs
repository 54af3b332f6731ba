//! A baseline: failures that are known, each with its reason, in a TOML file.

use super::suggest;
use chrono::{Datelike, Utc};
use serde::{Deserialize, Serialize};
use signaller_conformance::contract;
use signaller_conformance::harness::Case;
use signaller_conformance::report::{CaseResult, Outcome, Report, Status, text};
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::value::{Date, Datetime};

/// The failures that are known.
#[derive(Debug, Default)]
pub struct Baseline {
    path: PathBuf,
    entries: Vec<Entry>,
}

/// A line of a baseline, checked.
#[derive(Clone, Debug)]
struct Entry {
    line: usize,
    known: Known,
}

/// An entry as the file has it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Known {
    #[serde(skip_serializing_if = "Option::is_none")]
    case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<String>,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issue: Option<String>,
    /// The last day on which it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Datetime>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    known: Vec<Spanned<Known>>,
}

#[derive(Serialize)]
struct Written {
    known: Vec<Known>,
}

impl Baseline {
    /// Reads the file. Every case and requirement in it must be known.
    ///
    /// # Errors
    /// Says which line is wrong, how, and what would be right.
    pub fn read(path: &Path, catalogue: &[Case]) -> Result<Self, String> {
        let place = path.display();
        let text = std::fs::read_to_string(path).map_err(|cause| format!("--baseline {place}: {cause}"))?;
        let line = |byte: usize| text[..byte.min(text.len())].matches('\n').count() + 1;
        let document: Document = toml::from_str(&text).map_err(|cause| {
            let line = cause.span().map_or(1, |span| line(span.start));
            let message = cause.message().trim_end();
            format!(
                "{place}:{line}: {message}; an entry is [[known]] with `case` or `requirement`, and `reason`"
            )
        })?;
        let mut entries: Vec<Entry> = Vec::new();
        for row in document.known {
            let entry = Entry { line: line(row.span().start), known: row.into_inner() };
            let wrong = |reason: String| format!("{place}:{}: {reason}", entry.line);
            entry.known.check(catalogue).map_err(wrong)?;
            if let Some(first) = entries.iter().find(|first| first.known.name() == entry.known.name()) {
                return Err(wrong(format!(
                    "`{}` is listed already, in line {}",
                    entry.known.name(),
                    first.line
                )));
            }
            entries.push(entry);
        }
        Ok(Self { path: path.to_owned(), entries })
    }

    /// The file; empty if there is none.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why a failure of this case is known; `None` if it is not.
    pub fn reason(&self, case: &CaseResult) -> Option<String> {
        let holds = |entry: &&Entry| entry.known.is_about(case) && !entry.known.is_over();
        self.entries.iter().find(holds).map(|entry| entry.known.words())
    }

    /// What is wrong with the baseline after this run, a sentence each: entries that are over, that passed,
    /// or that match nothing. A run that left cases out says nothing of those.
    pub fn complaints(&self, report: &Report, is_whole: bool) -> Vec<String> {
        let complaint = |entry: &Entry| {
            let about: Vec<_> = report.cases.iter().filter(|case| entry.known.is_about(case)).collect();
            let is_there = |wanted: &[Status]| about.iter().any(|case| wanted.contains(&case.status()));
            let name = entry.known.name();
            let reason = if is_there(&[Status::Failed, Status::Warned]) {
                let until = entry.known.until.filter(|_| entry.known.is_over())?;
                format!("`{name}` fails, and was excused until {until}: fix it, or set a later date")
            } else if is_there(&[Status::Skipped, Status::Broken]) {
                return None;
            } else if is_there(&[Status::Passed]) {
                if !is_whole && entry.known.requirement.is_some() {
                    return None;
                }
                format!("`{name}` is listed, and passed: remove the entry")
            } else if is_whole {
                format!("`{name}` is listed, and was not tried on this subject: remove the entry")
            } else {
                return None;
            };
            Some(format!("{}:{}: {reason}", self.path.display(), entry.line))
        };
        self.entries.iter().filter_map(complaint).collect()
    }

    /// The baseline that excuses every failure of this run, as its file has it: entries that still are about
    /// one, or about cases that were not run, and new ones.
    ///
    /// # Errors
    /// When it cannot be written as TOML.
    pub fn renewed(&self, report: &Report, with_warnings: bool) -> Result<String, String> {
        let fails = |case: &&CaseResult| match case.status() {
            Status::Failed => true,
            Status::Warned => with_warnings,
            _ => false,
        };
        let failing: Vec<_> = report.cases.iter().filter(fails).collect();
        let was_run = |known: &Known| report.cases.iter().any(|case| known.is_about(case));
        let is_kept = |known: &Known| {
            !known.is_over() && (failing.iter().any(|case| known.is_about(case)) || !was_run(known))
        };
        let kept = self.entries.iter().map(|entry| entry.known.clone()).filter(is_kept);
        let mut known: Vec<_> = kept.collect();
        for case in failing {
            if !known.iter().any(|known| known.is_about(case)) {
                known.push(Known::recorded(case));
            }
        }
        let body = toml::to_string(&Written { known }).map_err(|cause| cause.to_string())?;
        Ok(format!("{HEAD}\n{body}"))
    }
}

const HEAD: &str = "\
# Known failures of signaller-conformance. A failure that is listed does not fail the run; one that passes does, until
# its entry is gone. An entry names a `case` or a `requirement`, and a `reason`; it may have an `issue`, and hold
# `until` a date: until = 2030-12-31.
";

impl Known {
    /// For a failure of this run.
    fn recorded(case: &CaseResult) -> Self {
        let happened = match &case.outcome {
            Outcome::Breached(finding) => finding.happened.lines().next().unwrap_or_default(),
            _ => "",
        };
        let today = today();
        Self {
            case: Some(case.case.clone()),
            requirement: None,
            reason: format!("recorded on {today}: {}", text::printable(happened)),
            issue: None,
            until: None,
        }
    }

    fn check(&self, catalogue: &[Case]) -> Result<(), String> {
        match (&self.case, &self.requirement) {
            (Some(case), None) => {
                let ids = || catalogue.iter().map(|known| known.id.as_str());
                if !ids().any(|id| id == case) {
                    return Err(format!("unknown case `{case}`{}", suggest::did_you_mean(case, ids())));
                }
            }
            (None, Some(name)) => {
                if contract::find(name).is_none() {
                    let names = contract::all().map(|requirement| requirement.name);
                    return Err(format!(
                        "unknown requirement `{name}`{}",
                        suggest::did_you_mean(name, names)
                    ));
                }
            }
            _ => return Err("an entry has either a `case` or a `requirement`".to_owned()),
        }
        if self.reason.trim().is_empty() {
            return Err("an entry needs a `reason`".to_owned());
        }
        match self.until {
            Some(Datetime { date: None, .. } | Datetime { time: Some(_), .. }) => {
                Err("`until` is a date, such as 2030-12-31".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// What it lists.
    fn name(&self) -> &str {
        self.case.as_ref().or(self.requirement.as_ref()).map_or("", String::as_str)
    }

    fn is_about(&self, case: &CaseResult) -> bool {
        match (&self.case, &self.requirement) {
            (Some(id), _) => *id == case.case,
            (None, Some(name)) => *name == case.requirement.name,
            (None, None) => false,
        }
    }

    /// Whether its last day is gone.
    fn is_over(&self) -> bool {
        let key = |date: Date| (date.year, date.month, date.day);
        self.until.and_then(|until| until.date).is_some_and(|until| key(until) < key(today()))
    }

    fn words(&self) -> String {
        let issue = self.issue.as_ref().map(|issue| format!(" ({issue})")).unwrap_or_default();
        format!("{}{issue}", self.reason)
    }
}

/// Today's date, in UTC.
fn today() -> Date {
    let now = Utc::now();
    let part = |part: u32| u8::try_from(part).unwrap_or_default();
    Date {
        year: u16::try_from(now.year()).unwrap_or_default(),
        month: part(now.month()),
        day: part(now.day()),
    }
}
