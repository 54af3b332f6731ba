//! Where the time of the run went, for `--timings`.

use crate::report::timings::{Phases, Timings, by_requirement};
use crate::report::{Report, text};
use std::io::{self, Write};
use std::time::Duration;

/// The most requirements that are shown.
const MOST: usize = 12;

/// Writes what each phase took, and what the slowest requirements did.
pub fn write(report: &Report, timings: Timings, out: &mut dyn Write) -> io::Result<()> {
    let phases: Phases = report.cases.iter().map(|case| case.phases).sum();
    let total = phases.total();
    let requirements = by_requirement(report);
    let cases = text::count(requirements.iter().map(|of| of.cases).sum(), "case");
    writeln!(
        out,
        "Timings: {cases} in {} s, the first result after {} s",
        seconds(timings.elapsed),
        seconds(timings.first_result)
    )?;
    writeln!(out, "All cases together, which run side by side: {} s", seconds(total))?;
    writeln!(out, "  {:>8}  {:>5}  phase", "seconds", "share")?;
    for (phase, time) in phases.iter() {
        writeln!(out, "  {:>8}  {:>5}  {}", seconds(time), share(time, total), phase.what())?;
    }
    writeln!(out, "  {:>8}  {:>5}  requirement (its slowest case)", "seconds", "cases")?;
    for of in requirements.iter().take(MOST) {
        let slowest = of.slowest.case.rsplit('/').next().unwrap_or_default();
        let slowest = format!("{slowest} {} s", seconds(of.slowest.duration));
        let (time, name) = (seconds(of.time), of.requirement.name);
        writeln!(out, "  {time:>8}  {:>5}  {name} ({})", of.cases, text::printable(&slowest))?;
    }
    let rest = requirements.iter().skip(MOST);
    let time: Duration = rest.clone().map(|of| of.time).sum();
    match rest.count() {
        0 => Ok(()),
        rest => writeln!(out, "  {:>8}  {:>5}  {rest} more requirements", seconds(time), ""),
    }?;
    writeln!(out)
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}

fn share(part: Duration, whole: Duration) -> String {
    let whole = whole.as_secs_f64();
    let percent = if whole > 0.0 { 100.0 * part.as_secs_f64() / whole } else { 0.0 };
    format!("{percent:.0} %")
}
