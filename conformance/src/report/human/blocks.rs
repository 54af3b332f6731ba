//! A block for each case that failed, warned or is broken: what `--verbose` adds to the causes.

use super::Options;
use crate::report::picture::{self, Picture};
use crate::report::{CaseResult, Outcome, Report, Status, causes, text};
use std::io::{self, Write};

/// Writes the blocks, each in full.
pub fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for case in &report.cases {
        let Some(rerun) = report.rerun_of(case) else { continue };
        write_heading(case, options, out)?;
        write!(out, "{}", text::filled(&format!("\"{}\"", text::sentence(case.requirement)), 2))?;
        writeln!(out)?;
        if matches!(case.outcome, Outcome::Broken(_)) {
            writeln!(out, "  The suite could not do its work, which says nothing about the subject:")?;
        }
        write!(out, "{}", text::filled(&causes::message(case).unwrap_or_default(), 2))?;
        write_picture(case, out)?;
        write_again(report, case, &rerun, out)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Draws a case that broke its requirement.
fn write_picture(case: &CaseResult, out: &mut dyn Write) -> io::Result<()> {
    let Outcome::Breached(finding) = &case.outcome else { return Ok(()) };
    match Picture::of(finding, picture::text::LANES) {
        Some(picture) => {
            write!(out, "  picture, with the numbers of the steps:\n{}", picture::text::draw(&picture, 2))
        }
        None => Ok(()),
    }
}

/// Writes a case's status and name.
pub fn write_heading(case: &CaseResult, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let status: Status = case.status();
    let word = options.status(status, &status.to_string().to_uppercase());
    writeln!(out, "{word}  {}  ({})", text::printable(&case.case), case.requirement.level)
}

/// Writes how a case is run again.
pub fn write_again(report: &Report, case: &CaseResult, rerun: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  run again:")?;
    write!(out, "{}", text::command(rerun, 4))?;
    if let Some(file) = case.replay_file() {
        writeln!(out, "  replay the failing history:")?;
        write!(out, "{}", text::command(&report.replay_of(file), 4))?;
    }
    Ok(())
}
