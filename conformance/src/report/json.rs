//! The JSON report, for programs. Its fields are the contract's, and are only ever added to.

use super::{CaseResult, Outcome, Report, Status, Summary, Verdict, text};
use crate::requirements::Level;
use serde::Serialize;
use std::io::{self, Write};

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    subject: &'a str,
    verdict: Verdict,
    seed: u64,
    summary: Summary,
    cases: Vec<Row<'a>>,
    declared: &'a [String],
}

#[derive(Serialize)]
struct Row<'a> {
    case: &'a str,
    requirement: &'static str,
    level: Level,
    status: Status,
    duration_ms: f64,
    message: Option<String>,
    replay: Option<&'a str>,
    rerun: Option<String>,
    swept: usize,
    first_try: Option<String>,
}

impl<'a> Row<'a> {
    fn new(report: &Report, case: &'a CaseResult) -> Self {
        Self {
            case: &case.case,
            requirement: case.requirement.name,
            level: case.requirement.level,
            status: case.status(),
            duration_ms: text::milliseconds(case.duration),
            message: case.message(),
            replay: case.replay.as_deref(),
            rerun: report.rerun_of(case),
            swept: case.swept,
            first_try: case.first_try.as_ref().map(Outcome::summary),
        }
    }
}

/// Writes the report as one JSON object and a line break.
///
/// # Errors
///
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        schema: 1,
        subject: &report.subject,
        verdict: report.verdict(),
        seed: report.seed,
        summary: report.summary(),
        cases: report.cases.iter().map(|case| Row::new(report, case)).collect(),
        declared: &report.declared,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
