//! What the run comes to: the numbers, the verdict and the seed.

use super::Options;
use crate::report::{Outcome, Report, Status, text};
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
    write_repeats(report, out)?;
    write_known(report, out)?;
    let counts: Vec<String> =
        report.summary().counts().iter().map(|(status, count)| format!("{count} {status}")).collect();
    writeln!(out, "{} of {}", counts.join(", "), text::count(report.cases.len(), "case"))?;
    let verdict = report.verdict();
    let line = text::filled(&format!("Verdict: {} — {}", report.verdict_in_words(), report.meaning()), 0);
    write!(out, "{}", line.replacen(&verdict.to_string(), &options.verdict(verdict), 1))?;
    writeln!(out, "Seed: {}", report.seed)
}

/// How the failing histories are replayed.
fn write_histories(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut files = report.cases.iter().filter_map(|case| case.replay_file());
    let Some(first) = files.next() else { return Ok(()) };
    let more = match files.count() {
        0 => String::new(),
        more => format!(" ({more} more in the same folder)"),
    };
    writeln!(out, "To replay a failing history{more}:")?;
    write!(out, "{}", text::command(&report.replay_of(first), 2))
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

/// How often each case failed that did, of those that were run more than once.
fn write_repeats(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let repeated: Vec<_> = report.cases.iter().filter_map(|case| Some((case, case.repeats?))).collect();
    let Some(runs) = repeated.iter().map(|(_, repeats)| repeats.runs).max() else { return Ok(()) };
    let failed = repeated.iter().filter(|(_, repeats)| repeats.failed + repeats.broken > 0);
    let failed: Vec<_> = failed.collect();
    if failed.is_empty() {
        return writeln!(out, "Repeated: no case failed in {}", text::count(runs, "run"));
    }
    writeln!(
        out,
        "Repeated: {} in {}",
        text::count(failed.len(), "case") + " failed",
        text::count(runs, "run")
    )?;
    for (case, repeats) in failed {
        writeln!(out, "  {repeats}: {}", text::printable(&case.case))?;
    }
    Ok(())
}

fn write_known(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let known: Vec<_> = report.cases.iter().filter_map(|case| Some((case, case.known.as_ref()?))).collect();
    if known.is_empty() {
        return Ok(());
    }
    writeln!(out, "Excused by the baseline:")?;
    for (case, reason) in known {
        write!(out, "{}", text::filled(&text::labelled("", &format!("{}: {reason}", case.case)), 2))?;
    }
    Ok(())
}

/// Why a case that passed alone had not passed before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Slow,
    Interrupted,
    ScheduledLast,
    Hit,
}

impl Before {
    const ALL: [Self; 4] = [Self::Slow, Self::Interrupted, Self::ScheduledLast, Self::Hit];

    fn of(first_try: &Outcome) -> Self {
        match first_try {
            Outcome::Breached(finding) if !finding.late && finding.interrupted => Self::Interrupted,
            Outcome::Breached(finding) if !finding.late => Self::Hit,
            // Only where the subject was scheduled behind all others another mistake than silence is tried
            // again.
            Outcome::Breached(finding)
                if finding.protocol.as_ref().is_some_and(|error| !error.is_silence()) =>
            {
                Self::ScheduledLast
            }
            _ => Self::Slow,
        }
    }

    /// The reason, and what to do.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Slow => ("Slow under load", "; --jobs 1 avoids it"),
            Self::Interrupted => ("Interrupted (EINTR) in calls that were watched", ""),
            Self::ScheduledLast => ("Disturbed by being scheduled last (SCHED_IDLE)", ""),
            Self::Hit => ("Hit by other cases on the remote host", "; --jobs 1 avoids it"),
        }
    }
}

/// Says which cases passed alone that had not passed beside others: a report that is green for that reason
/// says so.
fn write_tried_again(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let again = report.cases.iter().filter_map(|case| Some((case, case.first_try.as_ref()?)));
    let passed: Vec<_> = again.filter(|(case, _)| case.status() == Status::Passed).collect();
    for before in Before::ALL {
        let cases: Vec<_> = passed.iter().filter(|(_, first_try)| Before::of(first_try) == before).collect();
        if cases.is_empty() {
            continue;
        }
        let (cause, advice) = before.words();
        let were = if cases.len() == 1 { "case was" } else { "cases were" };
        let hint = if options.verbose { "" } else { " (--verbose says which)" };
        writeln!(out, "{cause}: {} {were} tried again alone and passed{advice}{hint}", cases.len())?;
        for (case, first_try) in cases.iter().filter(|_| options.verbose) {
            let line = format!("{}, at first: {}", case.case, first_try.summary());
            writeln!(out, "{}", text::labelled("  ", &line))?;
        }
    }
    Ok(())
}
