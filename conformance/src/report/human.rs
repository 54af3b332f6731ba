//! The report for people: what went wrong first and in full, then every requirement, then the verdict.

mod blocks;
mod causes;
mod closing;
mod table;
mod timings;

use super::{Report, Status, Verdict};
use owo_colors::{OwoColorize, Style};
use std::io::{self, Write};

pub use causes::write_one;

/// One screen, in lines: [`write_short`] never takes more, and [`write`] leaves its second cause out before it does.
const SHORT: usize = 60;
/// How many causes are shown: the first in full, and the second in brief where there is room.
const SHOWN: usize = 2;

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
    let mut rest = Vec::new();
    if options.verbose {
        blocks::write(report, options, &mut rest)?;
    }
    table::write(report, options, &mut rest)?;
    if let Some(timings) = report.timings {
        timings::write(report, timings, &mut rest)?;
    }
    closing::write(report, options, &mut rest)?;
    let mut causes = Vec::new();
    causes::write(report, options, SHOWN, &mut causes)?;
    if !options.verbose && lines(&causes) + lines(&rest) > SHORT {
        causes.clear();
        causes::write(report, options, 1, &mut causes)?;
    }
    out.write_all(&causes)?;
    out.write_all(&rest)
}

/// Writes what failed, warned or is broken and what that comes to, without the list of requirements: at most
/// 60 lines.
///
/// # Errors
///
/// Those of `out`.
pub fn write_short(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let options = Options::default();
    let (mut causes, mut closing) = (Vec::new(), Vec::new());
    causes::write(report, &options, SHOWN, &mut causes)?;
    closing::write(report, &options, &mut closing)?;
    let room = SHORT.saturating_sub(lines(&closing));
    let lines: Vec<_> = causes.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.len() <= room {
        out.write_all(&causes)?;
    } else {
        out.write_all(&lines[..room - 1].concat())?;
        writeln!(out, "… ({} more lines)", lines.len() + 1 - room)?;
    }
    out.write_all(&closing)
}

fn lines(text: &[u8]) -> usize {
    text.iter().filter(|byte| **byte == b'\n').count()
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
