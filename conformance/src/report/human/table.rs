//! Every requirement with what became of its cases.

use super::{Options, indented};
use crate::report::{CaseResult, Report, Status, Summary, text};
use crate::requirements::{Level, Requirement};
use std::io::{self, Write};

/// The width that a list of names keeps to.
const WIDTH: usize = 100;

/// Writes a row for each requirement that was asked, with the reasons of what was not tried, and after them the
/// names of the requirements that were not asked.
pub fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let groups = report.by_requirement();
    let width = groups.iter().map(|(requirement, _)| requirement.name.len()).max().unwrap_or(0);
    if !groups.is_empty() {
        writeln!(out, "Requirements asked of {}:\n", text::printable(&report.subject))?;
        if !report.declared.is_empty() {
            writeln!(out, "  It declares {}, and was judged by that.\n", report.declared.join(" "))?;
        }
    }
    for (requirement, cases) in &groups {
        let counts = counts(&Summary::of(cases.iter().copied()), options);
        writeln!(out, "  {:<6}  {:<width$}  {counts}", requirement.level, requirement.name)?;
        if options.verbose {
            write_cases(cases, options, out)?;
        }
        write_reasons(cases, out)?;
    }
    if !groups.is_empty() {
        writeln!(out)?;
    }
    write_not_asked(&report.not_asked().collect::<Vec<_>>(), out)
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
            swept => writeln!(out, "  (swept {})", text::processes(swept))?,
        }
    }
    Ok(())
}

/// Why cases were not tried; a reason that several share is written once.
fn write_reasons(cases: &[&CaseResult], out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: Vec<(Status, String, usize)> = Vec::new();
    for case in cases.iter().filter(|case| matches!(case.status(), Status::Skipped | Status::Inapplicable)) {
        let (status, reason) = (case.status(), case.message().unwrap_or_default());
        match reasons.iter_mut().find(|known| (known.0, &known.1) == (status, &reason)) {
            Some(known) => known.2 += 1,
            None => reasons.push((status, reason, 1)),
        }
    }
    for (status, reason, count) in reasons {
        let label = match count {
            1 => format!("{status}: "),
            _ => format!("{count} {status}: "),
        };
        write!(out, "{}", indented(&text::labelled(&label, &reason), 12))?;
    }
    Ok(())
}

fn write_not_asked(requirements: &[&Requirement], out: &mut dyn Write) -> io::Result<()> {
    if requirements.is_empty() {
        return Ok(());
    }
    writeln!(out, "Not asked in this run, so nothing is said of:\n")?;
    for level in [Level::Must, Level::Should] {
        let names = requirements.iter().filter(|requirement| requirement.level == level);
        let names: Vec<&str> = names.map(|requirement| requirement.name).collect();
        for (index, line) in wrapped(&names).iter().enumerate() {
            let label = if index == 0 { level.to_string() } else { String::new() };
            writeln!(out, "  {label:<6}  {line}")?;
        }
    }
    writeln!(out)
}

/// The names, with commas between them, in lines of bounded width.
fn wrapped(names: &[&str]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + name.len() + 3 <= WIDTH => *line += &format!(", {name}"),
            Some(line) => {
                line.push(',');
                lines.push((*name).to_owned());
            }
            None => lines.push((*name).to_owned()),
        }
    }
    lines
}
