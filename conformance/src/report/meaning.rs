//! The verdict in words.

use super::causes::Cause;
use super::{CaseResult, Report, Status, Summary, Verdict, causes, text};
use crate::contract::Level;

impl Report {
    /// The verdict for people, to whom a filtered run is not to look like a whole one.
    pub fn verdict_in_words(&self) -> String {
        match (self.verdict(), self.catalogue) {
            (verdict @ (Verdict::Conformant | Verdict::Incomplete), Some(_)) => {
                format!("{verdict} as far as tried")
            }
            (verdict, _) => verdict.to_string(),
        }
    }

    /// What the verdict means, in a short sentence without a full stop.
    pub fn meaning(&self) -> String {
        meaning(self)
    }
}

fn meaning(report: &Report) -> String {
    let verdict = report.verdict();
    let Summary { passed, failed, warned, broken, .. } = report.summary();
    let must = |status: Status| {
        let counts = |case: &&CaseResult| case.requirement.level == Level::Must && case.status() == status;
        report.cases.iter().filter(counts).count()
    };
    let first = || {
        let causes = causes::of(&report.cases);
        if report.of_command && causes.iter().any(Cause::never_says_exited) {
            return "begin with the command's exit status".to_owned();
        }
        let first = causes.first().map(|cause| match cause.is_protocol() {
            true => format!("the subject {}", cause.headline()),
            false => format!("begin with {}", cause.requirement.name),
        });
        first.unwrap_or_default()
    };
    if let Some(catalogue) = report.catalogue {
        let ran = format!("{} of {} ran", passed + failed + warned, text::count(catalogue, "case"));
        return match verdict {
            Verdict::Nonconformant => format!("{ran}, {failed} failed; {}", first()),
            _ => format!("{ran}, {passed} passed; only a run of all cases shows conformance"),
        };
    }
    match verdict {
        Verdict::Conformant => {
            let warnings = match warned {
                0 => String::new(),
                _ => format!(", {} did not", text::count(warned, "SHOULD case")),
            };
            format!("all {} passed{warnings}", text::count(must(Status::Passed), "MUST case"))
        }
        Verdict::Nonconformant => format!("{} failed; {}", text::count(failed, "MUST case"), first()),
        Verdict::Incomplete => {
            let skipped = text::count(must(Status::Skipped), "MUST case");
            format!("nothing failed, but {skipped} could not be tried: {}", skipped_names(report))
        }
        Verdict::Broken if broken > 0 => {
            let cases = text::count(broken, "case");
            format!("the suite could not do its own work in {cases}, which says nothing about the subject")
        }
        Verdict::Broken => "no case ran, so nothing is known about the subject".into(),
    }
}

/// The requirements of level MUST that have skipped cases, each with how many.
fn skipped_names(report: &Report) -> String {
    let count = |cases: &[&CaseResult]| cases.iter().filter(|case| case.status() == Status::Skipped).count();
    let groups = report.by_requirement();
    let names: Vec<String> = groups
        .iter()
        .filter(|(requirement, cases)| requirement.level == Level::Must && count(cases) > 0)
        .map(|(requirement, cases)| format!("{} {}", requirement.name, count(cases)))
        .collect();
    names.join(", ")
}
