//! Why the run failed: the causes in a few lines, then the first with its best example, the others in brief.

use super::{Options, blocks};
use crate::contract::Level;
use crate::report::causes::{self, Cause, Kind, counts, ids, of_commands};
use crate::report::{CaseResult, Extent, Outcome, Report, Status, text};
use std::io::{self, Write};

/// How many causes are listed.
const LISTED: usize = 10;
/// How many cases of a cause are named; of more the requirements are.
const NAMED: usize = 5;
/// How many things to check are told: `explain` has them all.
const CHECKED: usize = 3;
/// How many lines of the subject's standard error are shown.
const LAST_LINES: usize = 3;

/// Writes the first `shown` causes of what failed, the first in full and the others in brief, and what the suite could
/// not do; nothing where there is neither.
pub fn write(report: &Report, options: &Options, shown: usize, out: &mut dyn Write) -> io::Result<()> {
    let causes = causes::of(&report.cases);
    if !causes.is_empty() {
        write_overview(report, &causes, options, out)?;
        for (index, cause) in causes.iter().enumerate().take(shown) {
            let number = (causes.len() > 1).then_some(index + 1);
            write_heading(number, cause, options, out)?;
            match index {
                0 => {
                    write_in_full(cause, out)?;
                    write_cases(cause, out)?;
                    write_again(report, cause, out)?;
                }
                _ => {
                    write_in_brief(cause, out)?;
                    write_cases(cause, out)?;
                }
            }
            writeln!(out)?;
        }
        if causes.len() > shown && !options.verbose {
            let rest = match causes.len() {
                last if last == shown + 1 => format!("Cause {last} is"),
                last => format!("Causes {} to {last} are", shown + 1),
            };
            let rest = format!(
                "{rest} not shown: fix those above and run again, or use --verbose to see every case."
            );
            write!(out, "{}", text::filled(&rest, 0))?;
            writeln!(out)?;
        }
    }
    write_broken(report, options, out)
}

/// Writes why one case failed. Where `told` is another case of the same cause, which tells it in full, this
/// one tells only what is its own.
pub fn write_one(
    report: &Report,
    cause: &Cause<'_>,
    told: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut headline = line(cause);
    headline[..1].make_ascii_uppercase();
    write!(out, "{}", text::filled(&headline, 0))?;
    match told {
        None => write_in_full(cause, out)?,
        Some(told) => {
            write!(out, "{}", text::filled(&format!("in full:  {}", text::printable(told)), 3))?;
            write_rule(cause, out)?;
            write_facts(cause, 3, out)?;
        }
    }
    write_again(report, cause, out)
}

/// What failed in numbers, the reason of a run that was given up, and the list of causes if there are
/// several.
fn write_overview(
    report: &Report,
    causes: &[Cause<'_>],
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_tried = |case: &&CaseResult| matches!(case.outcome, Outcome::Passed | Outcome::Breached(_));
    let tried =
        report.cases.iter().filter(|case| case.requirement.level == Level::Must).filter(is_tried).count();
    let summary = report.summary();
    let warned = match summary.warned {
        0 => String::new(),
        warned => format!(", {} warned", text::count(warned, "SHOULD case")),
    };
    write!(out, "{}", text::filled(&text::printable(&report.subject), 0))?;
    let tried = text::count(tried, "MUST case");
    match causes.len() {
        1 => writeln!(out, "{} of {tried} failed{warned}", summary.failed)?,
        number => writeln!(out, "{} of {tried} failed{warned}; {number} causes:", summary.failed)?,
    }
    if let Some(reason) = why_most_were_skipped(report) {
        write!(out, "{}", text::filled(&text::printable(reason), 0))?;
    }
    writeln!(out)?;
    if report.of_command && causes.iter().any(Cause::never_says_exited) {
        writeln!(out, "{}", text::filled(&of_commands(), 0))?;
    }
    if causes.len() > 1 {
        write_list(causes, options, out)?;
    }
    Ok(())
}

/// The causes, a line each.
fn write_list(causes: &[Cause<'_>], options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for (index, cause) in causes.iter().enumerate().take(LISTED) {
        let number = text::count(cause.cases.len(), "case");
        let warning = if cause.failed() == 0 { " (a warning)" } else { "" };
        let filled = text::filled(&format!("{:>3}. {number:>9}: {}{warning}", index + 1, line(cause)), 0);
        // Lines are broken where they would be without colours.
        write!(out, "{}", filled.replacen(&number, &options.status(status(cause), &number), 1))?;
    }
    let rest: usize = causes.iter().skip(LISTED).map(|cause| cause.cases.len()).sum();
    if rest > 0 {
        writeln!(
            out,
            "      … and {} with {}",
            text::count(causes.len() - LISTED, "more cause"),
            text::count(rest, "case")
        )?;
    }
    writeln!(out)
}

/// Why more than half of the cases were skipped, if it was for one reason: then the run was given up.
fn why_most_were_skipped(report: &Report) -> Option<&str> {
    let reasons = report.cases.iter().filter_map(|case| match &case.outcome {
        Outcome::Skipped(reason) => Some(reason.as_str()),
        _ => None,
    });
    let reasons: Vec<_> = reasons.collect();
    let count = |reason: &str| reasons.iter().filter(|other| **other == reason).count();
    reasons.iter().copied().find(|reason| count(reason) * 2 > report.cases.len())
}

/// The cause, with the requirement that fits it.
fn line(cause: &Cause<'_>) -> String {
    let headline = cause.headline();
    match cause.is_protocol() || headline.contains(cause.requirement.name) {
        true => headline,
        false => format!("{headline} ({})", cause.requirement.name),
    }
}

fn status(cause: &Cause<'_>) -> Status {
    if cause.failed() > 0 { Status::Failed } else { Status::Warned }
}

fn write_heading(
    number: Option<usize>,
    cause: &Cause<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    // Where there is a list, it names the requirement.
    let mut headline = if number.is_some() { cause.headline() } else { line(cause) };
    headline[..1].make_ascii_uppercase();
    match number {
        Some(number) => {
            writeln!(out, "{} {headline}", options.status(status(cause), &format!("{number}.")))
        }
        None => writeln!(out, "{}", options.status(status(cause), &headline)),
    }
}

fn write_in_full(cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (_, finding) = cause.example;
    let mut shown = finding.clone();
    if let Some(error) = &mut shown.protocol {
        // Its standard error is shown by itself, and what it did is no step of the suite's.
        if shown.happened == error.text() {
            shown.happened.clone_from(&error.what);
        }
        error.errors.clear();
        if cause.is_protocol() {
            // Nobody needs to see how the group was made that an unanswered call was about.
            shown.timeline.clear();
        }
        shown.timeline.retain(|moment| !moment.text.ends_with(&error.what));
    }
    // An answer's headline and what was expected say as much.
    if !cause.is_protocol() && !matches!(cause.kind, Kind::Answer { owed: Some(_), .. }) {
        write_sentence(cause, out)?;
    }
    let advice = text::numbered(&cause.advice().into_iter().take(CHECKED).collect::<Vec<_>>());
    if cause.is_protocol() {
        write!(out, "{}", text::filled(&format!("what to check:{advice}"), 3))?;
    }
    if let Some(error) = &finding.protocol {
        let lines = error.last_lines(LAST_LINES);
        if !lines.is_empty() {
            writeln!(out, "   the end of its standard error:")?;
            lines.iter().try_for_each(|line| write!(out, "{}", text::filled(&shortened(line), 5)))?;
        }
    }
    write_example(cause, out)?;
    write!(out, "{}", text::filled(&shown.shown(Extent::SHORT), 5))?;
    if !cause.is_protocol() {
        write!(out, "{}", text::filled(&format!("what to check:{advice}"), 3))?;
    }
    Ok(())
}

/// Writes which case shows the cause.
fn write_example(cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (case, _) = cause.example;
    writeln!(out, "   for example {} ({}):", text::printable(&case.case), case.requirement.level)
}

/// Writes how the example is run again.
fn write_again(report: &Report, cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (case, _) = cause.example;
    match report.rerun_of(case) {
        Some(rerun) => blocks::write_again(report, case, &rerun, out),
        None => Ok(()),
    }
}

fn write_in_brief(cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_rule(cause, out)?;
    write_example(cause, out)?;
    write_facts(cause, 5, out)
}

/// Writes the rule that is broken, where the headline does not say as much.
fn write_rule(cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    match cause.kind {
        Kind::Requirement(_) => write_sentence(cause, out),
        _ => Ok(()),
    }
}

/// Writes what was asked, expected and happened in the example, a line each.
fn write_facts(cause: &Cause<'_>, indent: usize, out: &mut dyn Write) -> io::Result<()> {
    let (_, finding) = cause.example;
    let facts = [
        ("call:     ", &finding.asked),
        ("expected: ", &finding.expected),
        ("actual:   ", &finding.happened),
    ];
    let first = |text: &str| text.lines().next().map(shortened).unwrap_or_default();
    let lines = facts.map(|(label, fact)| format!("{label}{}", first(fact)));
    write!(out, "{}", text::filled(&lines.join("\n"), indent))
}

/// Writes the rule that is broken.
fn write_sentence(cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", text::filled(&format!("\"{}\"", text::sentence(cause.requirement)), 3))
}

/// The line as far as it fits on two lines.
fn shortened(line: &str) -> String {
    text::labelled_within("", line, 1, Extent::SHORT.line)
}

/// Which cases it explains: their ids, or the requirements that they break.
fn write_cases(cause: &Cause<'_>, out: &mut dyn Write) -> io::Result<()> {
    let named = match cause.cases.len() {
        number if cause.is_total => format!("all {number} that were tried"),
        number if number > NAMED => counts(cause, NAMED),
        _ => ids(cause),
    };
    write!(out, "{}", text::filled(&format!("cases: {named}"), 3))
}

/// What the suite could not do, each reason once.
fn write_broken(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: Vec<(&str, Vec<&CaseResult>)> = Vec::new();
    for case in &report.cases {
        let Outcome::Broken(reason) = &case.outcome else { continue };
        match reasons.iter_mut().find(|(known, _)| known == reason) {
            Some((_, cases)) => cases.push(case),
            None => reasons.push((reason, vec![case])),
        }
    }
    for (reason, cases) in reasons {
        blocks::write_heading(cases[0], options, out)?;
        writeln!(out, "  The suite could not do its work, which says nothing about the subject:")?;
        write!(
            out,
            "{}",
            text::filled(&text::labelled_within("", reason, Extent::SHORT.lines, text::LINE), 2)
        )?;
        let others: Vec<_> = cases[1..].iter().map(|case| text::printable(&case.case)).collect();
        if !others.is_empty() {
            write!(out, "{}", text::filled(&format!("also: {}", others.join(", ")), 2))?;
        }
        if let Some(rerun) = report.rerun_of(cases[0]) {
            blocks::write_again(report, cases[0], &rerun, out)?;
        }
        writeln!(out)?;
    }
    Ok(())
}
