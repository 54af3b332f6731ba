//! The suite against the mutants: which requirement catches which mutant, and whom it accuses wrongly.

use super::Mutant;
use super::conforming::Conforming;
use super::golden::{self, Messages};
use crate::contract::{Requirement, Side};
use crate::harness::Case;
use crate::harness::Settings;
use crate::harness::runner;
use crate::report::{CaseResult, Outcome, causes};
use crate::sys::lock::lock;
use crate::sys::threads;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// How many subjects are judged at a time: while one's cases wait, another's run.
const SUBJECTS_AT_A_TIME: usize = 8;

/// Tries the cases on what is under test, at most `at_once` of them at a time.
fn judge(cases: &[&Case], settings: &Settings, at_once: usize) -> Vec<CaseResult> {
    runner::run(cases, settings, at_once, &|_| ()).0
}

/// Tries the cases one after the other until one fails, and then the rest but for those in `failed`, to which
/// it adds those that fail.
fn judge_until_caught(
    cases: &[&Case],
    settings: &Settings,
    at_once: usize,
    failed: &Mutex<BTreeSet<String>>,
) -> Vec<CaseResult> {
    let mut results = Vec::new();
    for case in cases {
        results.push(runner::run_one(case, settings).0);
        if breached(&results).next().is_some() {
            break;
        }
    }
    let failed = || lock(failed);
    failed().extend(breached(&results).map(|result| result.case.clone()));
    let (_, rest) = cases.split_at(results.len());
    let rest: Vec<_> = rest.iter().copied().filter(|case| !failed().contains(&case.id)).collect();
    results.extend(judge(&rest, settings, at_once));
    failed().extend(breached(&results).map(|result| result.case.clone()));
    results
}

/// The results of one mutant.
#[derive(Debug)]
pub struct MutantRow {
    /// The mutant.
    pub mutant: &'static Mutant,
    /// What became of each case that was tried on it.
    pub results: Vec<CaseResult>,
}

impl MutantRow {
    /// The requirements that it was found to break, in the order of the cases.
    pub fn broken(&self) -> Vec<&'static Requirement> {
        breached(&self.results).map(|result| result.requirement).fold(
            Vec::new(),
            |mut broken, requirement| {
                if !broken.contains(&requirement) {
                    broken.push(requirement);
                }
                broken
            },
        )
    }

    /// Whether the requirement that is named for it catches it.
    pub fn is_caught(&self) -> bool {
        self.broken().contains(&self.mutant.requirement)
    }

    /// Whether it is caught, but nothing is told of it that `messages` holds.
    fn has_another_message(&self, messages: &Messages) -> bool {
        self.is_caught() && !messages.have_message_of(self)
    }
}

/// The results of one conforming variant.
#[derive(Debug)]
pub struct ConformingRow {
    /// The subject.
    pub conforming: &'static Conforming,
    /// What became of each case that was tried on it.
    pub results: Vec<CaseResult>,
}

impl ConformingRow {
    /// Whether a case accuses it.
    pub fn is_accused(&self) -> bool {
        breached(&self.results).next().is_some()
    }
}

/// Which cases a mutant is tried with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of the requirement that is named for it, in their order until one fails, and then those of them
    /// that have failed for no other mutant yet: enough for the verdict.
    OfItsRequirement,
    /// All on its kind: shows what else it breaks.
    All,
}

/// The suite against the mutants.
#[derive(Debug)]
pub struct Scorecard {
    /// The mutants, in the order of the table.
    pub mutants: Vec<MutantRow>,
    /// The conforming ones, in the order of theirs.
    pub conforming: Vec<ConformingRow>,
}

impl Scorecard {
    /// Tries those of `cases` that are about its kind on each: on `mutants` as `scope` says, on `conforming`
    /// all of them. `done` hears the name of each that is through.
    pub fn of(
        mutants: &[&'static Mutant],
        conforming: &[&'static Conforming],
        cases: &[Case],
        scope: Scope,
        settings: &Settings,
        at_once: usize,
        done: &(dyn Fn(&str) + Sync),
    ) -> Self {
        let failed = Mutex::new(BTreeSet::new());
        let try_fault = |mutant: &'static Mutant| {
            let on_its_kind = on(mutant.subject.side(), cases);
            let settings = mutant.under_test(settings);
            let results = match scope {
                Scope::All => judge(&on_its_kind.collect::<Vec<_>>(), &settings, at_once),
                Scope::OfItsRequirement => {
                    let named = on_its_kind.filter(|case| case.requirement == mutant.requirement);
                    judge_until_caught(&named.collect::<Vec<_>>(), &settings, at_once, &failed)
                }
            };
            done(mutant.name);
            MutantRow { mutant, results }
        };
        let try_odd = |conforming: &'static Conforming| {
            let everything: Vec<_> = on(conforming.subject.side(), cases).collect();
            let results = judge(&everything, &conforming.under_test(settings), at_once);
            done(conforming.name);
            ConformingRow { conforming, results }
        };
        // Some conforming ones are slow, and leave the processors to the others.
        let (conforming, mutants) =
            threads::both(|| at_a_time(conforming, try_odd), || at_a_time(mutants, try_fault));
        Self { mutants, conforming }
    }

    /// Tries the cases again, with nothing else under way, that caught a mutant of which nothing was told
    /// that `messages` holds, and those of which it holds one. Of what a subject does after a while, one case
    /// tells before the answer and another after it: next to many others that is a race. Of a mutant that nothing caught
    /// it tries those of which `messages` holds one: next to many others their time may have been short. Returns whom
    /// nothing had caught.
    pub fn try_again(
        &mut self,
        messages: &Messages,
        cases: &[Case],
        settings: &Settings,
    ) -> Vec<&'static str> {
        let is_missed = |row: &MutantRow| !row.is_caught();
        let missed = self.mutants.iter().filter(|row| is_missed(row)).map(|row| row.mutant.name).collect();
        let again = |row: &&mut MutantRow| is_missed(row) || row.has_another_message(messages);
        for row in self.mutants.iter_mut().filter(again) {
            let failed = breached(&row.results).map(|result| result.case.as_str());
            let known = messages.cases_of(row.mutant.name).into_iter();
            let names: BTreeSet<String> = failed.chain(known).map(str::to_owned).collect();
            let settings = row.mutant.under_test(settings);
            let again = cases.iter().filter(|case| names.contains(&case.id));
            let results: Vec<_> = again.map(|case| runner::run_one(case, &settings).0).collect();
            row.results.extend(results);
        }
        missed
    }

    /// What is wrong with the suite, a sentence each: a mutant that its requirement does not catch, a
    /// conforming variant that is accused, a case that has never failed though it was tried, a case that
    /// broke.
    pub fn complaints(&self) -> Vec<String> {
        let idle = self
            .never_failed()
            .into_iter()
            .map(|case| format!("the case {case} fails for none of the mutants"));
        self.failures().into_iter().chain(idle).collect()
    }

    /// The same but for the cases that have never failed, which a part among the mutants says nothing of.
    pub fn failures(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for row in self.mutants.iter().filter(|row| !row.is_caught()) {
            let broken: Vec<_> = row.broken().iter().map(|requirement| requirement.name).collect();
            let instead = if broken.is_empty() { "nothing".to_owned() } else { broken.join(", ") };
            complaints.push(format!(
                "the mutant {} is not caught by {}, but by {instead}",
                row.mutant.name, row.mutant.requirement
            ));
        }
        complaints.extend(self.accusations());
        complaints.extend(self.rows().flat_map(|(name, results)| {
            results.iter().filter(|result| matches!(result.outcome, Outcome::Broken(_))).map(move |result| {
                format!("{} broke while {name} was tried: {}", result.case, render(result))
            })
        }));
        complaints
    }

    /// The mutants that are caught, but of which nothing is told that `messages` holds, a paragraph each.
    pub fn differing_messages(&self, messages: &Messages) -> Vec<String> {
        let strange = self.mutants.iter().filter(|row| row.has_another_message(messages));
        let paragraph = |row: &MutantRow| {
            let message = golden::provoked(row).next().unwrap_or_default();
            format!(
                "of the mutant {} something else is told than the golden file holds:\n{message}",
                row.mutant.name
            )
        };
        strange.map(paragraph).collect()
    }

    /// The cases that accuse a conforming variant, a sentence each.
    pub fn accusations(&self) -> Vec<String> {
        let of_row = |row: &ConformingRow| {
            let name = row.conforming.name;
            let accusation = |result: &CaseResult| {
                format!("{name}, which is correct, is accused by {}: {}", result.case, render(result))
            };
            breached(&row.results).map(accusation).collect::<Vec<_>>()
        };
        self.conforming.iter().flat_map(of_row).collect()
    }

    /// The cases that were tried on mutants and failed for none of them.
    pub fn never_failed(&self) -> BTreeSet<&str> {
        let results = || self.mutants.iter().flat_map(|row| &row.results);
        let tried = results().filter(|result| result.was_tried()).map(|result| result.case.as_str());
        let failed: BTreeSet<_> = breached(results()).map(|result| result.case.as_str()).collect();
        tried.filter(|case| !failed.contains(case)).collect()
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, &Vec<CaseResult>)> {
        let mutants = self.mutants.iter().map(|row| (row.mutant.name, &row.results));
        mutants.chain(self.conforming.iter().map(|row| (row.conforming.name, &row.results)))
    }
}

fn on(side: Side, cases: &[Case]) -> impl Iterator<Item = &Case> {
    cases.iter().filter(move |case| case.requirement.side == side)
}

fn breached<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> impl Iterator<Item = &'a CaseResult> {
    results.into_iter().filter(|result| matches!(result.outcome, Outcome::Breached(_)))
}

/// What happened, in a few lines.
fn render(result: &CaseResult) -> String {
    match &result.outcome {
        Outcome::Breached(finding) => finding.happened.clone(),
        _ => causes::message(result).unwrap_or_default(),
    }
}

/// Does `work` for each of `items`, a few at a time, and returns the results in the items' order.
fn at_a_time<T: Sync + Copy, R: Send>(items: &[T], work: impl Fn(T) -> R + Sync) -> Vec<R> {
    threads::each(SUBJECTS_AT_A_TIME, items, |&item| work(item))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::contract;
    use crate::mutants::{self, conforming};
    use crate::report::Finding;
    use std::time::Duration;

    pub fn result(case: &str, outcome: Outcome) -> CaseResult {
        let name = case.split('/').next().unwrap_or_default();
        let requirement = contract::find(name).expect("a known requirement");
        CaseResult::new(case, requirement, outcome, Duration::ZERO)
    }

    pub fn breach() -> Outcome {
        Outcome::Breached(Box::new(Finding {
            asked: "asked".to_owned(),
            expected: "expected".to_owned(),
            happened: "it answered otherwise".to_owned(),
            ..Finding::default()
        }))
    }

    /// The results of the mutant `leader-only`, whose requirement is `delivers-to-every-member`.
    pub fn row(results: Vec<CaseResult>) -> MutantRow {
        let mutant =
            mutants::all().find(|mutant| mutant.name == "leader-only").expect("it is among the mutants");
        MutantRow { mutant, results }
    }

    fn of_faults(mutants: Vec<MutantRow>) -> Scorecard {
        Scorecard { mutants, conforming: Vec::new() }
    }

    #[test]
    fn a_fault_that_its_requirement_catches_is_no_complaint() {
        let matrix = of_faults(vec![row(vec![result("delivers-to-every-member/a", breach())])]);
        assert_eq!(matrix.complaints(), Vec::<String>::new());
    }

    #[test]
    fn a_fault_that_only_another_requirement_catches_is_a_complaint() {
        let results =
            vec![result("delivers-to-every-member/a", Outcome::Passed), result("delivers-once/b", breach())];
        let complaints = of_faults(vec![row(results)]).complaints();
        assert_eq!(
            complaints,
            [
                "the mutant leader-only is not caught by delivers-to-every-member, but by delivers-once",
                "the case delivers-to-every-member/a fails for none of the mutants"
            ]
        );
    }

    #[test]
    fn a_case_that_fails_for_one_fault_may_pass_for_others() {
        let results = |second| {
            vec![
                result("delivers-to-every-member/a", breach()),
                result("delivers-to-every-member/b", second),
                result("delivers-to-every-member/c", Outcome::Skipped("no second user".to_owned())),
            ]
        };
        let matrix = of_faults(vec![row(results(Outcome::Passed)), row(results(breach()))]);
        assert_eq!(matrix.complaints(), Vec::<String>::new());
    }

    #[test]
    fn an_accused_odd_signaller_and_a_broken_case_are_complaints() {
        let conforming =
            conforming::all().find(|conforming| conforming.name == "slow").expect("it is among the mutants");
        let broken = Outcome::Broken("cannot fork".to_owned());
        let results = vec![result("does-not-wait/a", breach()), result("delivers-once/b", broken)];
        let complaints =
            Scorecard { mutants: Vec::new(), conforming: vec![ConformingRow { conforming, results }] }
                .complaints();
        assert_eq!(
            complaints,
            [
                "slow, which is correct, is accused by does-not-wait/a: it answered otherwise",
                "delivers-once/b broke while slow was tried: cannot fork"
            ]
        );
    }
}
