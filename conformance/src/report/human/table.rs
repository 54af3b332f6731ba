//! What became of the requirements: by status in a few lines, or with `--verbose` a row each with its cases.

use super::Options;
use crate::contract::{Requirement, Side};
use crate::report::{CaseResult, Extent, Report, Status, Summary, causes, text};
use std::io::{self, Write};

/// Where the text behind a status begins.
const BEHIND: usize = 14;
/// The most reasons that are told of cases that were not tried.
const REASONS: usize = 4;

/// Writes what became of each requirement, with the reasons of what was not tried, and which were not asked.
pub fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let groups = report.by_requirement();
    let nothing_passed = report.summary().passed == 0;
    if nothing_passed && report.cases.iter().any(|case| case.status() == Status::Failed) && !options.verbose {
        return Ok(());
    }
    if !groups.is_empty() {
        let is_told =
            report.cases.iter().any(|case| matches!(case.status(), Status::Failed | Status::Warned));
        let of = match is_told {
            true => String::new(),
            false => format!(" asked of {}", text::printable(&report.subject)),
        };
        write!(out, "{}", text::filled(&format!("Requirements{of}:"), 0))?;
        let mut conditions = Vec::new();
        if !report.declared.is_empty() {
            conditions.push(format!("It declares {}, and was judged by that.", report.declared.join(" ")));
        }
        if let Some(kernel) = &report.kernel {
            conditions.push(format!("kill(2) answered it as on another kernel: {kernel}."));
        }
        if !conditions.is_empty() {
            writeln!(out, "{}", text::filled(&conditions.join(" "), 2))?;
        }
        match options.verbose {
            true => write_rows(&groups, options, out)?,
            false => write_lists(report, &groups, options, out)?,
        }
    }
    write_not_asked(report, options, out)?;
    writeln!(out)
}

/// The requirements that passed, how many did not, and why cases were not tried. What failed has been told
/// with its causes, and is more urgent than what was not tried.
fn write_lists(
    report: &Report,
    groups: &[(&'static Requirement, Vec<&CaseResult>)],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let count =
        |status: Status, cases: &[&CaseResult]| cases.iter().filter(|case| case.status() == status).count();
    let is_whole = |cases: &[&CaseResult]| {
        count(Status::Passed, cases) > 0
            && [Status::Failed, Status::Warned, Status::Broken]
                .iter()
                .all(|status| count(*status, cases) == 0)
    };
    let passed: Vec<_> =
        groups.iter().filter(|(_, cases)| is_whole(cases)).map(|(requirement, _)| requirement.name).collect();
    if report.cases.iter().any(|case| case.status() == Status::Failed) {
        let Summary { skipped, inapplicable, .. } = report.summary();
        let kept = format!("{} of {}", passed.len(), text::count(groups.len(), "requirement"));
        write_list("passed", Status::Passed, &kept, options, out)?;
        let untried =
            format!("{} skipped; {inapplicable} do not apply to this subject", text::count(skipped, "case"));
        write_list("not tried", Status::Skipped, &untried, options, out)?;
        return write_list(
            "more",
            Status::Skipped,
            &format!("`{} explain NAME`, or --verbose", report.program),
            options,
            out,
        );
    }
    write_list("passed", Status::Passed, &passed.join(", "), options, out)?;
    for status in [Status::Skipped, Status::Inapplicable] {
        let reasons = reasons(report.cases.iter().filter(|case| case.status() == status));
        write_reasons(status, &reasons, options, out)?;
    }
    Ok(())
}

fn write_reasons(
    status: Status,
    reasons: &[(String, Vec<&CaseResult>)],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (reason, cases) in reasons.iter().take(REASONS) {
        let mut names: Vec<_> = cases.iter().map(|case| case.requirement.name).collect();
        names.dedup();
        let of = match names.len() {
            1..=3 => names.join(", "),
            number => format!("{number} requirements"),
        };
        let reason = text::labelled_within("", reason, 1, Extent::SHORT.line);
        let list = format!("{} of {of}: {reason}", text::count(cases.len(), "case"));
        write_list(&status.to_string(), status, &list, options, out)?;
    }
    let rest: usize = reasons.iter().skip(REASONS).map(|(_, cases)| cases.len()).sum();
    if rest > 0 {
        let rest = text::count(rest, "case");
        let list = format!("{rest} for other reasons: --verbose says which");
        write_list(&status.to_string(), status, &list, options, out)?;
    }
    Ok(())
}

fn write_list(
    word: &str,
    status: Status,
    list: &str,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    if list.is_empty() {
        return Ok(());
    }
    let filled = text::filled(list, 2 + BEHIND);
    let space = " ".repeat(BEHIND - word.len());
    let word = options.status(status, word);
    write!(out, "  {word}{space}{}", filled.trim_start())
}

fn write_rows(
    groups: &[(&'static Requirement, Vec<&CaseResult>)],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = groups.iter().map(|(requirement, _)| requirement.name.len()).max().unwrap_or(0);
    for (requirement, cases) in groups {
        let counts = counts(&Summary::of(cases.iter().copied()), options);
        writeln!(out, "  {:<6}  {:<width$}  {counts}", requirement.level, requirement.name)?;
        write_cases(cases, options, out)?;
        let untried = cases.iter().copied().filter(|case| is_untried(case));
        for (reason, cases) in reasons(untried) {
            let label = match cases.len() {
                1 => format!("{}: ", cases[0].status()),
                count => format!("{count} {}: ", cases[0].status()),
            };
            write!(out, "{}", text::filled(&text::labelled(&label, &reason), 12))?;
        }
    }
    Ok(())
}

fn is_untried(case: &CaseResult) -> bool {
    matches!(case.status(), Status::Skipped | Status::Inapplicable)
}

/// The statuses that occur, with their numbers.
fn counts(summary: &Summary, options: &Options) -> String {
    let occurring = summary.counts().into_iter().filter(|(_, count)| *count > 0);
    let words: Vec<String> =
        occurring.map(|(status, count)| options.status(status, &format!("{count} {status}"))).collect();
    words.join(", ")
}

fn write_cases(cases: &[&CaseResult], options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for case in cases {
        let status = options.status(case.status(), &format!("{:<12}", case.status()));
        let duration = text::milliseconds(case.duration);
        write!(out, "            {status}  {duration:>9.1} ms  {}", text::printable(&case.case))?;
        match case.swept {
            0 => writeln!(out)?,
            swept => writeln!(out, "  (left {})", text::processes(swept))?,
        }
    }
    Ok(())
}

/// Why these cases were not tried, each reason once with its cases.
fn reasons<'a>(cases: impl Iterator<Item = &'a CaseResult>) -> Vec<(String, Vec<&'a CaseResult>)> {
    let mut reasons: Vec<(String, Vec<&CaseResult>)> = Vec::new();
    for case in cases {
        let reason = causes::message(case).unwrap_or_default();
        match reasons.iter_mut().find(|(known, cases)| *known == reason && cases[0].status() == case.status())
        {
            Some((_, cases)) => cases.push(case),
            None => reasons.push((reason, vec![case])),
        }
    }
    reasons
}

fn write_not_asked(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let requirements: Vec<_> = report.not_asked().collect();
    if requirements.is_empty() {
        return Ok(());
    }
    let names = || requirements.iter().map(|requirement| requirement.name).collect::<Vec<_>>().join(", ");
    let of = match requirements.iter().all(|requirement| requirement.side == Side::Registry) {
        true => " on a registry",
        false => "",
    };
    let list = match options.verbose {
        true => names(),
        false => format!(
            "{}{of}; `{} list` has them",
            text::count(requirements.len(), "requirement"),
            report.program
        ),
    };
    let filled = text::filled(&list, 2 + BEHIND);
    write!(out, "  {:<BEHIND$}{}", "not asked", filled.trim_start())
}
