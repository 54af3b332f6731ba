//! What the run comes to: the numbers, the verdict and the seed.

use super::Options;
use crate::report::{CaseResult, Outcome, Report, Status, Summary, Verdict, causes, text};
use crate::requirements::Level;
use std::io::{self, Write};

/// Writes the last lines.
pub fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if options.verbose {
        for remark in &report.remarks {
            write!(out, "{}", text::filled(&text::labelled("remark: ", remark), 0))?;
        }
    }
    write_histories(report, out)?;
    write_swept(report, out)?;
    write_tried_again(report, options, out)?;
    let counts: Vec<String> =
        report.summary().counts().iter().map(|(status, count)| format!("{count} {status}")).collect();
    writeln!(out, "{} of {}", counts.join(", "), text::count(report.cases.len(), "case"))?;
    let verdict = report.verdict();
    let line = text::filled(&format!("Verdict: {verdict} — {}", meaning(report, verdict)), 0);
    write!(out, "{}", line.replacen(&verdict.to_string(), &options.verdict(verdict), 1))?;
    writeln!(out, "Seed: {}", report.seed)
}

/// Where the failing histories are, and what to do with them.
fn write_histories(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut files = report.cases.iter().filter_map(|case| case.replay_file());
    let Some(first) = files.next() else { return Ok(()) };
    let more = match files.count() {
        0 => String::new(),
        more => format!(", and {more} more beside it"),
    };
    let first = text::printable(first);
    let words = format!("A failing history, for `signaller-conformance replay FILE`: {first}{more}");
    write!(out, "{}", text::filled(&words, 0))
}

fn write_swept(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let swept: usize = report.cases.iter().map(|case| case.swept).sum();
    if swept == 0 {
        return Ok(());
    }
    let cases = report.cases.iter().filter(|case| case.swept > 0).count();
    let (swept, cases) = (text::processes(swept), text::count(cases, "case"));
    let words =
        format!("The subject left {swept} running after {cases}; the suite ended them. No fault by itself.");
    write!(out, "{}", text::filled(&words, 0))
}

/// Says which cases passed alone that had not passed beside others: a report that is green for that reason says so.
fn write_tried_again(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let again = report.cases.iter().filter_map(|case| Some((case, case.first_try.as_ref()?)));
    let passed = again.filter(|(case, _)| case.status() == Status::Passed);
    let was_hit = |first_try: &Outcome| matches!(first_try, Outcome::Breached(finding) if !finding.late);
    let (hit, slow): (Vec<_>, Vec<_>) = passed.partition(|(_, first_try)| was_hit(first_try));
    for (cause, cases) in [("Slow under load", slow), ("Hit by other cases at the remote host", hit)] {
        if cases.is_empty() {
            continue;
        }
        let were = if cases.len() == 1 { "case was" } else { "cases were" };
        let hint = if options.verbose { "" } else { " (--verbose says which)" };
        writeln!(out, "{cause}: {} {were} tried again alone; --jobs 1 avoids it{hint}", cases.len())?;
        for (case, first_try) in cases.iter().filter(|_| options.verbose) {
            let line = format!("{}, at first: {}", case.case, first_try.summary());
            writeln!(out, "{}", text::labelled("  ", &line))?;
        }
    }
    Ok(())
}

/// What the verdict means, in a short sentence.
fn meaning(report: &Report, verdict: Verdict) -> String {
    let Summary { passed, failed, warned, broken, .. } = report.summary();
    let must = |status: Status| {
        let counts = |case: &&CaseResult| case.requirement.level == Level::Must && case.status() == status;
        report.cases.iter().filter(counts).count()
    };
    let first = || {
        let causes = causes::of(&report.cases);
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
            _ => format!("{ran}, {passed} passed; a filtered run says nothing on conformance"),
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
