//! What the run comes to: the numbers, the verdict and the seed.

use super::Options;
use crate::report::{CaseResult, Outcome, Report, Status, Summary, Verdict, text};
use crate::requirements::Level;
use std::io::{self, Write};

/// Writes the last lines.
pub fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if options.verbose {
        for remark in &report.remarks {
            writeln!(out, "{}", text::labelled("Remark: ", remark))?;
        }
    }
    write_swept(report, options, out)?;
    write_tried_again(report, options, out)?;
    let counts: Vec<String> =
        report.summary().counts().iter().map(|(status, count)| format!("{count} {status}")).collect();
    writeln!(out, "{} of {}", counts.join(", "), text::count(report.cases.len(), "case"))?;
    let verdict = report.verdict();
    writeln!(out, "Verdict: {} — {}", options.verdict(verdict), meaning(report, verdict))?;
    writeln!(out, "Seed: {}", report.seed)
}

fn write_swept(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let swept: usize = report.cases.iter().map(|case| case.swept).sum();
    if swept == 0 {
        return Ok(());
    }
    let cases = report.cases.iter().filter(|case| case.swept > 0).count();
    let hint = if options.verbose { "" } else { " (--verbose says which)" };
    writeln!(out, "Swept up after {}: {}{hint}", text::count(cases, "case"), text::processes(swept))
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

/// What the verdict means, in a sentence.
fn meaning(report: &Report, verdict: Verdict) -> String {
    let Summary { failed, warned, broken, .. } = report.summary();
    match verdict {
        Verdict::Conformant if warned > 0 => {
            format!("every MUST case asked of it passed; a warning for {}.", names(report, Status::Warned))
        }
        Verdict::Conformant => "every MUST case asked of it passed.".into(),
        Verdict::Nonconformant => {
            let cases = text::count(failed, "MUST case");
            format!("{cases} failed; the subject breaks {}.", names(report, Status::Failed))
        }
        Verdict::Incomplete => {
            format!("nothing failed, but not everything was tried: {}.", names(report, Status::Skipped))
        }
        Verdict::Broken if broken > 0 => {
            let cases = text::count(broken, "case");
            format!("the suite could not do its own work in {cases}; that says nothing about the subject.")
        }
        Verdict::Broken => "no case ran, so nothing is known about the subject.".into(),
    }
}

/// The requirements that have cases of this status, each with how many of its cases they are. Of skipped ones only
/// those of level MUST count for the verdict.
fn names(report: &Report, status: Status) -> String {
    let counts = |case: &&&CaseResult| case.status() == status;
    let of_level = |level: Level| status != Status::Skipped || level == Level::Must;
    let groups = report.by_requirement();
    let groups = groups.iter().filter(|(requirement, _)| of_level(requirement.level));
    let names: Vec<String> = groups
        .map(|(requirement, cases)| (requirement.name, cases.iter().filter(counts).count(), cases.len()))
        .filter(|(_, number, _)| *number > 0)
        .map(|(name, number, all)| format!("{name} ({number} of {})", text::count(all, "case")))
        .collect();
    names.join(", ")
}
