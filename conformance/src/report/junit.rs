//! JUnit XML, as CI servers read it: a test suite a requirement.

use super::{CaseResult, Report, Status, causes, text};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::io::{self, Write};

/// Writes the report as one XML document.
///
/// What failed is a `failure`, and what is broken an `error`: the two are never mixed. What was skipped or is
/// inapplicable is `skipped`, and so is a failure that a baseline lists, since it does not fail the run. A
/// warning passes, with its message as the case's output.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut document = quick_junit::Report::new(text::printable(&report.subject));
    for (requirement, cases) in report.by_requirement() {
        let mut suite = TestSuite::new(requirement.name);
        suite.add_property(("level".to_owned(), requirement.level.to_string()));
        suite.add_property(("sentence".to_owned(), text::sentence(requirement)));
        suite.set_time(cases.iter().map(|case| case.duration).sum());
        suite.add_test_cases(cases.into_iter().map(|case| test_case(report, case)));
        document.add_test_suite(suite);
    }
    let text = document.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn test_case(report: &Report, case: &CaseResult) -> TestCase {
    let message = causes::message(case).unwrap_or_default();
    let first = case.outcome.summary();
    let status = match (case.status(), &case.known) {
        (Status::Passed | Status::Warned, _) => TestCaseStatus::success(),
        (Status::Failed, Some(reason)) => skipped("known", &text::labelled("known failure: ", reason)),
        (Status::Failed, None) => unsuccessful(NonSuccessKind::Failure, case, &first, &message),
        (Status::Broken, _) => unsuccessful(NonSuccessKind::Error, case, &first, &message),
        (status @ (Status::Skipped | Status::Inapplicable), _) => skipped(&status.to_string(), &message),
    };
    let mut test = TestCase::new(text::printable(&case.case), status);
    test.set_classname(case.requirement.name);
    test.set_time(case.duration);
    let rerun = report.rerun_of(case).map(|rerun| format!("\nrun again:\n  {rerun}")).unwrap_or_default();
    let replay = case.replay_file().map(|file| report.replay_of(file));
    let replay =
        replay.map(|replay| format!("\nreplay the failing history:\n  {replay}")).unwrap_or_default();
    let repeats = case.repeats.map(|repeats| format!("{repeats}\n")).unwrap_or_default();
    if !message.is_empty() {
        test.set_system_out(format!("{}: {repeats}{message}{rerun}{replay}", case.status()));
    }
    test
}

fn unsuccessful(kind: NonSuccessKind, case: &CaseResult, first: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(case.requirement.name).set_message(first).set_description(message);
    status
}

fn skipped(kind: &str, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_type(kind).set_message(message);
    status
}
