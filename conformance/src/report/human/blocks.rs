//! A block for each case that failed, warned or is broken.

use super::{Options, indented};
use crate::report::{CaseResult, Outcome, Report, Status, text};
use std::io::{self, Write};

/// Writes the blocks. Of several cases that break one requirement the first is told in full and the others in a
/// line, unless everything is asked for.
pub fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut told = Vec::new();
    let mut shortened = 0;
    for case in &report.cases {
        let Some(rerun) = report.rerun_of(case) else {
            continue;
        };
        write_heading(case, options, out)?;
        match &case.outcome {
            Outcome::Breached(finding) if told.contains(&case.requirement.name) && !options.verbose => {
                let first_line = finding.happened.lines().next().unwrap_or_default();
                write!(out, "{}", indented(&text::labelled("happened: ", first_line), 2))?;
                shortened += 1;
            }
            outcome => {
                if matches!(outcome, Outcome::Breached(_)) {
                    told.push(case.requirement.name);
                }
                write_body(case, out)?;
                writeln!(out, "\n  run just this again:\n    {}", text::printable(&rerun))?;
            }
        }
        writeln!(out)?;
    }
    if shortened > 0 {
        let cases = text::count(shortened, "further case");
        writeln!(out, "{cases} of a requirement that is told above in full: --verbose tells all.\n")?;
    }
    Ok(())
}

fn write_heading(case: &CaseResult, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let status = case.status();
    let word = options.status(status, &status.to_string().to_uppercase());
    writeln!(out, "{word}  {}  ({})", text::printable(&case.case), case.requirement.level)
}

fn write_body(case: &CaseResult, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  \"{}\"\n", text::sentence(case.requirement))?;
    if case.status() == Status::Broken {
        writeln!(out, "  The suite's own fault, no statement about the subject:")?;
    }
    write!(out, "{}", indented(&case.message().unwrap_or_default(), 2))?;
    if let Some(file) = &case.replay {
        writeln!(out, "\n  the failing history, for replay:\n    {}", text::printable(file))?;
    }
    Ok(())
}
