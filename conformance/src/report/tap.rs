//! TAP 14, the Test Anything Protocol: a test point a case.

use super::{CaseResult, Report, Status, causes, text};
use serde::Serialize;
use std::io::{self, Write};

/// Writes the report.
///
/// A warning is a TODO, and so is a failure that a baseline lists: they do not fail the run. What was skipped
/// or is inapplicable is a SKIP. A failed and a broken case are `not ok`; the diagnostics tell them apart.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TAP version 14\n1..{}", report.cases.len())?;
    writeln!(out, "# {}", text::printable(&report.subject))?;
    for (index, case) in report.cases.iter().enumerate() {
        write_point(report, index + 1, case, out)?;
    }
    writeln!(out, "# Verdict: {} — {}", report.verdict_in_words(), report.meaning())?;
    writeln!(out, "# Seed: {}", report.seed)
}

/// What a case's diagnostics tell.
#[derive(Serialize)]
struct Diagnostics<'a> {
    status: Status,
    requirement: &'a str,
    level: String,
    message: &'a str,
    duration_ms: f64,
    rerun: Option<String>,
    replay: Option<String>,
    repeats: Option<String>,
}

fn write_point(report: &Report, number: usize, case: &CaseResult, out: &mut dyn Write) -> io::Result<()> {
    let message = causes::message(case).unwrap_or_default();
    let (ok, directive) = match (case.status(), &case.known) {
        (Status::Passed, _) => ("ok", String::new()),
        (Status::Failed, Some(reason)) => ("not ok", format!(" # TODO known failure: {}", line(reason))),
        (Status::Failed | Status::Broken, _) => ("not ok", String::new()),
        (Status::Warned, _) => ("not ok", " # TODO a SHOULD, which fails no run".to_owned()),
        (Status::Skipped, _) => ("ok", format!(" # SKIP {}", line(&message))),
        (Status::Inapplicable, _) => ("ok", format!(" # SKIP inapplicable: {}", line(&message))),
    };
    writeln!(out, "{ok} {number} - {}{directive}", line(&case.case))?;
    if !matches!(case.status(), Status::Failed | Status::Warned | Status::Broken) {
        return Ok(());
    }
    let diagnostics = serde_json::to_value(Diagnostics {
        status: case.status(),
        requirement: case.requirement.name,
        level: case.requirement.level.to_string(),
        message: &message,
        duration_ms: text::milliseconds(case.duration),
        rerun: report.rerun_of(case),
        replay: case.replay_file().map(|file| report.replay_of(file)),
        repeats: case.repeats.map(|repeats| repeats.to_string()),
    })?;
    writeln!(out, "  ---")?;
    // A JSON scalar is a YAML scalar (YAML 1.2, section 1.3).
    for (key, value) in diagnostics.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        writeln!(out, "  {key}: {value}")?;
    }
    writeln!(out, "  ...")
}

/// The text as one line in which nothing is a directive.
fn line(text: &str) -> String {
    let text: Vec<_> = text.lines().map(text::printable).collect();
    text.join(" / ").replace('\\', "\\\\").replace('#', "\\#")
}
