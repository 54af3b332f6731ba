//! Every case as a test of its own, for `cargo test` and nextest. A cause is told in full once a run, and
//! briefly by each further case that it fails.

use super::environment::is_nextest;
use super::ready::Ready;
use super::shared::Shared;
use crate::harness::Case;
use crate::harness::runner;
use crate::report::causes::{self, Cause, Kind};
use crate::report::{CaseResult, Outcome, Status, human, text};
use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

/// The most lines of a failed case whose cause another tells in full.
const BRIEF: usize = 12;
/// The most lines of a reason that says nothing of the subject.
const REASON: usize = 8;
/// What a case that passed leaves for the others.
const PASSED: &str = "passed";

/// Runs every case as a test.
pub fn run(ready: Ready, arguments: &Arguments) -> ExitCode {
    let reasons: BTreeMap<_, _> = ready
        .cases
        .iter()
        .filter_map(|case| {
            Some((case.id.clone(), case.why_untriable(&ready.settings, ready.here, ready.there)?))
        })
        .collect();
    if arguments.list && !is_nextest() {
        write_reasons(&reasons);
    }
    // Cases wait most of the time, also for their turn.
    let arguments = Arguments { test_threads: Some(ready.at_once), ..arguments.clone() };
    let run = Arc::new(ready);
    let (alone, others): (Vec<_>, Vec<_>) =
        (0..run.cases.len()).partition(|&place| run.cases[place].is_alone(&run.settings));
    let trial = |place: usize| {
        let id = run.cases[place].id.clone();
        let ignored = reasons.contains_key(&id);
        let run = Arc::clone(&run);
        Trial::test(id, move || test(&run, &run.cases[place], ignored)).with_ignored_flag(ignored)
    };
    let trials = others.into_iter().chain(alone).map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Says why cases are ignored, on standard error: the list itself is for programs.
fn write_reasons(reasons: &BTreeMap<String, String>) {
    let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, reason) in reasons {
        ids.entry(reason).or_default().push(id);
    }
    for (reason, ids) in ids {
        eprint!("{}", text::filled(&format!("ignored: {reason}"), 0));
        eprint!("{}", text::filled(&ids.join(", "), 2));
    }
}

/// One case as a test; `ignored` unless it is wanted all the same.
fn test(run: &Ready, case: &Case, ignored: bool) -> Result<(), Failed> {
    let (result, _) = runner::run_one(case, &run.settings);
    let reason = |what: &str, reason: &str| {
        Err(text::labelled_within(&format!("{what}: "), reason, REASON, text::LINE).into())
    };
    match &result.outcome {
        Outcome::Passed => {
            // What is not known of the others makes a message longer, no more.
            let _ = run.shared.as_ref().map(|shared| shared.first(PASSED, &case.id));
            Ok(())
        }
        Outcome::Breached(_) if result.status() == Status::Warned => {
            eprintln!("warning: {}", render(run, &result));
            Ok(())
        }
        Outcome::Breached(_) => Err(render(run, &result).into()),
        // Some needs show only in the run.
        Outcome::Skipped(why) if !ignored => {
            eprintln!("{} could not be tried: {why}", case.id);
            Ok(())
        }
        Outcome::Skipped(why) => reason("it could not be tried", why),
        Outcome::Inapplicable(why) => reason("it means nothing for this subject", why),
        Outcome::Broken(why) => reason("the suite itself failed, which says nothing about the subject", why),
    }
}

/// Why a case broke its requirement.
fn render(run: &Ready, result: &CaseResult) -> String {
    let shared = run.shared.as_ref();
    let passed = shared.is_some_and(|shared| shared.has(PASSED));
    let Some(cause) = causes::of_one(result, passed) else { return String::new() };
    let first = shared.and_then(|shared| first_of(&cause, shared));
    let other = first.as_deref().filter(|first| *first != result.case);
    let mut told = Vec::new();
    // Writing to memory does not fail.
    let _ = human::write_one(&run.report(Vec::new()), &cause, other, &mut told);
    let told = String::from_utf8_lossy(&told);
    match other {
        Some(_) => told.lines().take(BRIEF).collect::<Vec<_>>().join("\n"),
        None => told.trim_end().to_owned(),
    }
}

/// The case that tells this cause in full, of all cases of the run. What only its requirement explains, the
/// first that broke it explains, too.
fn first_of(cause: &Cause<'_>, shared: &Shared) -> Option<String> {
    let (case, _) = cause.example;
    let first = |kind: Kind| {
        let name = format!("{kind:?}").replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        shared.first(&name, &case.case).ok()
    };
    let of_requirement = first(Kind::Requirement(case.requirement));
    if let Kind::Requirement(_) = cause.kind { of_requirement } else { first(cause.kind) }
}
