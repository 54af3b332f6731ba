//! What a run is held to beyond its verdict: a baseline, and what is denied.

use super::baseline::Baseline;
use super::exit::{self, Refusal};
use super::output::{self, File};
use clap::Args;
use signaller_conformance::contract::Level;
use signaller_conformance::harness::Case;
use signaller_conformance::report::{CaseResult, Outcome, Report, Status, Verdict, text};
use std::path::PathBuf;

/// The options of `check` that decide what fails a run.
#[derive(Args, Debug)]
pub struct GateOptions {
    /// Excuse the failures that this TOML file lists; a listed one that passes fails the run
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write a baseline that excuses every failure of this run; entries of --baseline that still apply are
    /// kept
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,

    /// Exit with 1 when a MUST case could not be tried here
    #[arg(long)]
    deny_skips: bool,

    /// Exit with 1 when a SHOULD is broken
    #[arg(long)]
    deny_warnings: bool,
}

/// The same with their files read and found to be writable.
#[derive(Debug)]
pub struct Gate {
    baseline: Baseline,
    is_renewed: Option<(File, PathBuf)>,
    deny_skips: bool,
    deny_warnings: bool,
}

impl GateOptions {
    /// Reads the baseline, and finds out whether the new one can be written.
    ///
    /// # Errors
    /// [`Refusal::CommandLine`] when not.
    pub fn ready(&self, catalogue: &[Case]) -> Result<Gate, Refusal> {
        let baseline = self.baseline.as_ref().map(|path| Baseline::read(path, catalogue)).transpose();
        let is_renewed = self.write_baseline.as_ref();
        let is_renewed = is_renewed
            .map(|path| Ok::<_, Refusal>((File::at(path, "--write-baseline")?, path.clone())))
            .transpose()?;
        Ok(Gate {
            baseline: baseline.map_err(Refusal::CommandLine)?.unwrap_or_default(),
            is_renewed,
            deny_skips: self.deny_skips,
            deny_warnings: self.deny_warnings,
        })
    }
}

impl Gate {
    /// The option that names the same file, if one does: a report would take the place of a baseline, or the
    /// other way round.
    pub fn option_of(&self, file: &File) -> Option<&'static str> {
        let is_new = self.is_renewed.as_ref().is_some_and(|(own, _)| own.is_at(file));
        match is_new {
            true => Some("--write-baseline"),
            false => file.is_of(self.baseline.path()).then_some("--baseline"),
        }
    }

    /// Whether this failure fails no run.
    pub fn excuses(&self, case: &CaseResult) -> bool {
        self.is_renewed.is_some() || self.baseline.reason(case).is_some()
    }

    /// Marks the failures that are known.
    pub fn mark(&self, cases: &mut [CaseResult]) {
        for case in cases.iter_mut().filter(|case| matches!(case.outcome, Outcome::Breached(_))) {
            case.known = self.baseline.reason(case);
        }
    }

    /// Whether something is denied that came about, which is said.
    fn denied(&self, report: &Report) -> bool {
        let is_skipped =
            |case: &&CaseResult| case.status() == Status::Skipped && case.requirement.level == Level::Must;
        // A new baseline lists them.
        let is_warned = |case: &&CaseResult| {
            case.status() == Status::Warned && case.known.is_none() && self.is_renewed.is_none()
        };
        let skipped: Vec<_> =
            report.cases.iter().filter(|case| self.deny_skips && is_skipped(case)).collect();
        let warned: Vec<_> =
            report.cases.iter().filter(|case| self.deny_warnings && is_warned(case)).collect();
        for (words, cases) in
            [("--deny-skips: not tried here", &skipped), ("--deny-warnings: SHOULD is broken", &warned)]
        {
            let Some((first, more)) = cases.split_first() else { continue };
            let more = if more.is_empty() { String::new() } else { format!(", and {} more", more.len()) };
            output::remark(&format!("{words}: {}{more}", first.case));
        }
        !(skipped.is_empty() && warned.is_empty())
    }

    /// Says what the run comes to, and writes the new baseline. Returns the exit status. `is_whole`: no case
    /// of the subject was left out.
    ///
    /// # Errors
    /// [`Refusal::Broken`] when the new baseline cannot be written.
    pub fn judge(self, report: &Report, is_whole: bool) -> Result<u8, Refusal> {
        let denied = self.denied(report);
        if let Some((file, path)) = self.is_renewed {
            let written = self.baseline.renewed(report, self.deny_warnings).map_err(Refusal::Broken)?;
            file.write(written.as_bytes()).map_err(|cause| {
                Refusal::Broken(format!("cannot write the baseline to {}: {cause}", path.display()))
            })?;
            output::remark(&format!("The baseline is in {}", path.display()));
            // Every failure is known now.
            return Ok(match report.verdict() {
                Verdict::Broken => exit::BROKEN,
                _ if report.summary().broken > 0 => exit::BROKEN,
                _ if denied => exit::NOT_CONFORMANT,
                _ => exit::SUCCESS,
            });
        }
        let complaints = self.baseline.complaints(report, is_whole);
        complaints.iter().for_each(|complaint| output::remark(complaint));
        let known = report.cases.iter().filter(|case| case.known.is_some()).count();
        let has_new_failures =
            report.cases.iter().any(|case| case.status() == Status::Failed && case.known.is_none());
        if known > 0 {
            let others = if has_new_failures { "others are new" } else { "none is new" };
            output::remark(&format!("{} by the baseline; {others}", text::count(known, "known failure")));
        }
        let summary = report.summary();
        Ok(if has_new_failures {
            exit::NOT_CONFORMANT
        } else if summary.broken > 0 || report.verdict() == Verdict::Broken {
            exit::BROKEN
        } else if !complaints.is_empty() || denied {
            exit::NOT_CONFORMANT
        } else {
            exit::SUCCESS
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signaller_conformance::contract;
    use signaller_conformance::report::Finding;
    use std::time::Duration;

    /// A report with a case of each of these requirements. A failure is known if `known`.
    fn report(outcomes: impl IntoIterator<Item = (&'static str, Outcome)>, known: bool) -> Report {
        let case = |(name, outcome): (&'static str, Outcome)| {
            let requirement = contract::find(name).unwrap();
            let known = (known && matches!(outcome, Outcome::Breached(_))).then(|| "known".to_owned());
            let mut result = CaseResult::new(format!("{name}/a"), requirement, outcome, Duration::ZERO);
            result.known = known;
            result
        };
        Report::new("local", 1, outcomes.into_iter().map(case).collect())
    }

    fn status(report: &Report, deny: bool) -> u8 {
        let gate =
            Gate { baseline: Baseline::default(), is_renewed: None, deny_skips: deny, deny_warnings: deny };
        gate.judge(report, true).unwrap()
    }

    const MUST: &str = "reports-exited";
    const SHOULD: &str = "describes-itself";

    fn breached() -> Outcome {
        Outcome::Breached(Box::<Finding>::default())
    }

    fn skipped() -> Outcome {
        Outcome::Skipped("no root".to_owned())
    }

    #[test]
    fn each_verdict_has_the_contracts_status() {
        let broken = || Outcome::Broken("fork".to_owned());
        for (outcomes, expected, denied) in [
            (vec![(MUST, Outcome::Passed)], 0, 0),
            (vec![(MUST, Outcome::Passed), (MUST, skipped())], 0, 1),
            (vec![(MUST, Outcome::Passed), (SHOULD, skipped())], 0, 0),
            (vec![(MUST, Outcome::Passed), (SHOULD, breached())], 0, 1),
            (vec![(MUST, breached())], 1, 1),
            (vec![(MUST, breached()), (MUST, broken())], 1, 1),
            (vec![(MUST, Outcome::Passed), (MUST, broken())], 3, 3),
            (vec![(MUST, skipped())], 3, 3),
            (vec![], 3, 3),
        ] {
            let report = report(outcomes, false);
            assert_eq!((status(&report, false), status(&report, true)), (expected, denied), "{report:?}");
        }
    }

    #[test]
    fn what_is_known_fails_no_run_and_what_is_broken_is_never_excused() {
        assert_eq!(status(&report([(MUST, breached())], true), true), 0);
        assert_eq!(status(&report([(MUST, Outcome::Passed), (SHOULD, breached())], true), true), 0);
        let broken = (MUST, Outcome::Broken("fork".to_owned()));
        assert_eq!(status(&report([(MUST, breached()), broken], true), false), 3);
    }
}
