//! The JSON report, for programs. Its fields are the contract's, and are only ever added to.

use super::timings::Phases;
use super::{CaseResult, Outcome, Repeats, Report, Status, Summary, Verdict, causes, text};
use crate::contract::Level;
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Write};

/// The version of the fields, which grows when one changes or goes away; `report.schema.json` beside this
/// file describes them.
pub const SCHEMA: u32 = 1;

/// The JSON Schema of the report.
pub const JSON_SCHEMA: &str = include_str!("report.schema.json");

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    subject: &'a str,
    verdict: Verdict,
    seed: u64,
    summary: Summary,
    cases: Vec<Row<'a>>,
    declared: &'a [String],
    /// Whose answers its system calls got, if not this kernel's.
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<&'a str>,
    /// Whether a filter left cases out.
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<bool>,
    /// How many cases there are in all, then.
    #[serde(skip_serializing_if = "Option::is_none")]
    catalogue: Option<usize>,
    /// How long the run took, with --timings.
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<Run>,
}

#[derive(Serialize)]
struct Run {
    first_result_ms: f64,
    elapsed_ms: f64,
    phases_ms: Map<String, Value>,
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
    /// The shrunk history that failed, as `replay` takes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<&'a Value>,
    /// Why a baseline lists it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<&'a str>,
    /// How often it failed, if it was run more than once.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<Repeats>,
    /// What it spent its time on, with --timings.
    #[serde(skip_serializing_if = "Option::is_none")]
    phases_ms: Option<Map<String, Value>>,
}

/// Milliseconds by phase.
fn by_phase(phases: Phases) -> Map<String, Value> {
    phases.iter().map(|(phase, time)| (phase.key().to_owned(), text::milliseconds(time).into())).collect()
}

impl<'a> Row<'a> {
    fn new(report: &Report, case: &'a CaseResult) -> Self {
        Self {
            case: &case.case,
            requirement: case.requirement.name,
            level: case.requirement.level,
            status: case.status(),
            duration_ms: text::milliseconds(case.duration),
            message: causes::message(case),
            replay: case.replay_file(),
            rerun: report.rerun_of(case),
            swept: case.swept,
            first_try: case.first_try.as_ref().map(Outcome::summary),
            history: case.replay.as_ref().map(|replay| &replay.history),
            known: case.known.as_deref(),
            repeats: case.repeats,
            phases_ms: report.timings.map(|_| by_phase(case.phases)),
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
        schema: SCHEMA,
        subject: &report.subject,
        verdict: report.verdict(),
        seed: report.seed,
        summary: report.summary(),
        cases: report.cases.iter().map(|case| Row::new(report, case)).collect(),
        declared: &report.declared,
        kernel: report.kernel.as_deref(),
        partial: report.catalogue.map(|_| true),
        catalogue: report.catalogue,
        timings: report.timings.map(|timings| Run {
            first_result_ms: text::milliseconds(timings.first_result),
            elapsed_ms: text::milliseconds(timings.elapsed),
            phases_ms: by_phase(report.cases.iter().map(|case| case.phases).sum()),
        }),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}
