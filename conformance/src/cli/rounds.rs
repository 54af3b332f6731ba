//! How often the cases run, and when a run ends early.

use super::gate::Gate;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::values;
use clap::Args;
use signaller_conformance::harness::Case;
use signaller_conformance::harness::Settings;
use signaller_conformance::harness::runner;
use signaller_conformance::report::timings::Timings;
use signaller_conformance::report::{CaseResult, Outcome, Repeats, Status};
use std::num::NonZeroUsize;
use std::sync::OnceLock;
use std::time::Instant;

/// The options of `check` on that.
#[derive(Args, Debug)]
pub struct RoundOptions {
    /// Stop at the first failure that no baseline excuses; what was not tried by then is skipped
    #[arg(long)]
    fail_fast: bool,

    /// Run the cases N times, and report how often each failed, which shows races
    #[arg(long, value_name = "N", value_parser = values::count, allow_negative_numbers = true)]
    repeat: Option<NonZeroUsize>,
}

const STOPPED: &str = "stopped at the first failure, as --fail-fast says";

impl RoundOptions {
    /// How many times the cases run.
    pub fn count(&self) -> usize {
        self.repeat.map_or(1, NonZeroUsize::get)
    }

    /// Runs the cases, at most `at_once` at a time; after an `interrupt` those that are left are skipped. Returns a
    /// result for each, of the worst of its runs, with remarks, and how long it took.
    pub fn run(
        &self,
        cases: &[&Case],
        settings: &Settings,
        at_once: usize,
        gate: &Gate,
        interrupt: &Interrupt,
    ) -> (Vec<CaseResult>, Vec<String>, Timings) {
        let (began, first_result) = (Instant::now(), OnceLock::new());
        let progress = Progress::new(cases.len() * self.count());
        let mut runs: Vec<Vec<CaseResult>> = Vec::new();
        let mut remarks: Vec<String> = Vec::new();
        for round in 0..self.count() {
            // Nothing that was found in one run is taken for found in the next.
            let settings = if round == 0 { settings.clone() } else { settings.anew(settings.timeout) };
            interrupt.follow(&settings.schedule);
            let (results, of_run) = runner::run(cases, &settings, at_once, &|case| {
                if self.ends(case, gate) {
                    settings.schedule.end(STOPPED);
                }
                if case.was_tried() {
                    first_result.get_or_init(|| began.elapsed());
                }
                progress.ended(case);
            });
            let is_end = results.iter().any(|case| self.ends(case, gate));
            runs.push(results);
            // What was said of an earlier run is not said again.
            let new: Vec<_> = of_run.into_iter().filter(|remark| !remarks.contains(remark)).collect();
            remarks.extend(new);
            if is_end || interrupt.has_come() {
                break;
            }
        }
        let elapsed = began.elapsed();
        let timings = Timings { first_result: first_result.into_inner().unwrap_or(elapsed), elapsed };
        match self.repeat {
            None => (runs.pop().unwrap_or_default(), remarks, timings),
            Some(_) => (merged(runs), remarks, timings),
        }
    }

    fn ends(&self, case: &CaseResult, gate: &Gate) -> bool {
        self.fail_fast && matches!(case.status(), Status::Failed | Status::Broken) && !gate.excuses(case)
    }
}

/// A result for each case: that of the worst run, with how often it failed.
fn merged(runs: Vec<Vec<CaseResult>>) -> Vec<CaseResult> {
    let mut of_cases: Vec<Vec<CaseResult>> = Vec::new();
    for run in runs {
        for (place, result) in run.into_iter().enumerate() {
            match of_cases.get_mut(place) {
                Some(results) => results.push(result),
                None => of_cases.push(vec![result]),
            }
        }
    }
    of_cases.into_iter().filter_map(worst).collect()
}

fn worst(results: Vec<CaseResult>) -> Option<CaseResult> {
    let count = |is: fn(&Outcome) -> bool| results.iter().filter(|result| is(&result.outcome)).count();
    let repeats = Repeats {
        runs: results.iter().filter(|result| result.was_tried()).count(),
        failed: count(|outcome| matches!(outcome, Outcome::Breached(_))),
        broken: count(|outcome| matches!(outcome, Outcome::Broken(_))),
    };
    let rank = |result: &CaseResult| match result.status() {
        Status::Failed => 0,
        Status::Broken => 1,
        Status::Warned => 2,
        Status::Passed => 3,
        Status::Skipped => 4,
        Status::Inapplicable => 5,
    };
    let phases = results.iter().map(|result| result.phases).sum();
    let mut worst = results.into_iter().min_by_key(rank)?;
    (worst.repeats, worst.phases) = (Some(repeats), phases);
    Some(worst)
}

#[cfg(test)]
mod tests {
    use super::*;
    use signaller_conformance::contract;
    use signaller_conformance::report::Finding;
    use std::time::Duration;

    #[test]
    fn the_worst_run_stands_for_all_and_they_are_counted() {
        let requirement = contract::find("reports-exited").unwrap();
        let result =
            |outcome| vec![CaseResult::new("reports-exited/a", requirement, outcome, Duration::ZERO)];
        let breached = || Outcome::Breached(Box::<Finding>::default());
        let broken = Outcome::Broken("fork".to_owned());
        let runs = [Outcome::Passed, breached(), broken, breached(), Outcome::Skipped("late".to_owned())];
        let merged = merged(runs.into_iter().map(result).collect());
        assert_eq!(merged[0].status(), Status::Failed);
        assert_eq!(merged[0].repeats, Some(Repeats { runs: 4, failed: 2, broken: 1 }));
    }
}
