//! The report for people: what went wrong first and in full, then every requirement, then the verdict.

mod blocks;
mod causes;
mod closing;
mod table;

use super::{Report, Status, Verdict};
use owo_colors::{OwoColorize, Style};
use std::io::{self, Write};

/// How the report is shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether statuses are coloured; the words are the same either way.
    pub color: bool,
    /// Whether each case is told in full, with its duration and the run's remarks.
    pub verbose: bool,
}

/// Writes the whole report.
///
/// # Errors
///
/// Those of `out`.
pub fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    causes::write(report, options, out)?;
    if options.verbose {
        blocks::write(report, options, out)?;
    }
    table::write(report, options, out)?;
    closing::write(report, options, out)
}

impl Options {
    fn paint(&self, text: &str, style: Style) -> String {
        match self.color {
            true => text.style(style).to_string(),
            false => text.to_owned(),
        }
    }

    fn status(&self, status: Status, text: &str) -> String {
        let style = Style::new();
        self.paint(
            text,
            match status {
                Status::Passed => style.green(),
                Status::Failed => style.red().bold(),
                Status::Warned => style.yellow(),
                Status::Skipped => style.cyan(),
                Status::Inapplicable => style.dimmed(),
                Status::Broken => style.magenta().bold(),
            },
        )
    }

    fn verdict(&self, verdict: Verdict) -> String {
        let status = match verdict {
            Verdict::Conformant => Status::Passed,
            Verdict::Nonconformant => Status::Failed,
            Verdict::Incomplete => Status::Skipped,
            Verdict::Broken => Status::Broken,
        };
        self.status(status, &verdict.to_string())
    }
}
