//! What many histories found, and what that says of each requirement.

use super::tally::{OF_OTHERS, SITUATIONS, Tally, fenced, stopped};
use super::{Divergence, fencing, registry, stopping};
use crate::harness::{Need, Settings};
use crate::report::Outcome;
use process_groups::model;
use process_groups::model::requirement::PARTLY_REFUSED_IS_DELIVERED;
use std::collections::{BTreeMap, BTreeSet};

/// What came of the histories of a run.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// What they put to the test.
    pub tally: Tally,
    /// The shortest history that was found for each requirement that is broken.
    pub divergences: BTreeMap<&'static str, Divergence>,
    /// Whether processes of another user were available.
    pub others: bool,
    /// Whether the registry under test fences reused pids.
    pub fencing: bool,
    /// Whether it stops its groups.
    pub stopping: bool,
    /// The numbers of those whose finding is in doubt.
    pub in_doubt: BTreeSet<usize>,
    /// Why no more were tried, if there were to be more.
    pub ended_early: Option<String>,
}

impl Found {
    /// What they say of one requirement. That none has broken it says something only if they came to it, and
    /// if they were so many that they had to, nothing that they should have met may be missing.
    pub fn outcome(&self, requirement: &'static str) -> Outcome {
        let missing = self.missing();
        if let Some(divergence) = self.divergences.get(requirement) {
            Outcome::Breached(divergence.finding.clone())
        } else if !missing.is_empty() {
            Outcome::Broken(format!(
                "the histories were vacuous, since none met this: {}",
                missing.join("; ")
            ))
        } else if self.tally.at_stake(requirement) > 0 {
            Outcome::Passed
        } else if !self.others && requirement == PARTLY_REFUSED_IS_DELIVERED {
            Outcome::Skipped(Need::SomeRefused.reason(""))
        } else {
            let early = self.ended_early.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let detail = format!("none of {} did{early}", self.tally.histories);
            Outcome::Skipped(Need::EnoughHistories.reason(&detail))
        }
    }

    /// Whether histories that met what `tally` counts came to every requirement that they can put to the
    /// test.
    pub fn lacks_nothing(&self, tally: &Tally, has_registry: bool) -> bool {
        let of_signaller = model::requirement::ALL
            .iter()
            .filter(|name| self.others || **name != PARTLY_REFUSED_IS_DELIVERED);
        let of_registry = registry::requirement::ALL.iter().filter(|_| has_registry);
        let of_fencing = fencing::requirement::ALL.iter().filter(|_| self.fencing);
        let of_stopping = stopping::requirement::ALL.iter().filter(|_| self.stopping);
        let wanted = of_signaller.chain(of_registry).chain(of_fencing).chain(of_stopping);
        wanted.copied().all(|name| tally.at_stake(name) > 0)
    }

    /// The situations that had to be met and were not.
    fn missing(&self) -> Vec<&'static str> {
        let is_enough =
            self.tally.histories >= Settings::HISTORIES.get() as usize && self.divergences.is_empty();
        let situations = self.situations().filter(|_| is_enough);
        let wanted = situations.filter(|one| self.others || *one != OF_OTHERS);
        wanted.filter(|one| self.tally.met(one) == 0).collect()
    }

    /// What histories of this kind have to meet.
    fn situations(&self) -> impl Iterator<Item = &'static str> {
        let fenced = fenced::SITUATIONS.iter().filter(|_| self.fencing);
        let stopped = stopped::SITUATIONS.iter().filter(|_| self.stopping);
        SITUATIONS.iter().chain(fenced).chain(stopped).copied()
    }

    /// How many there were and what they met.
    pub fn remarks(&self) -> Vec<String> {
        let Tally { histories, steps, groups, processes, .. } = self.tally;
        let average = self.tally.average_steps();
        let early = self.ended_early.as_ref().map(|reason| format!("; {reason}")).unwrap_or_default();
        let total = format!(
            "{histories} histories of {steps} steps in all, {average:.1} on average, \
             with {groups} groups of {processes} processes{early}"
        );
        let rare = fenced::RARE.iter().copied().filter(|_| self.fencing);
        let met = self.situations().chain(rare).map(|one| format!("{:>6} times {one}", self.tally.met(one)));
        [total].into_iter().chain(met).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Found {
        let mut found = Found { others: true, ..Found::default() };
        for _ in 0..Settings::HISTORIES.get() {
            found.tally.add(&Tally::of(SITUATIONS, &["delivers-once", PARTLY_REFUSED_IS_DELIVERED]));
        }
        found
    }

    fn finding() -> Divergence {
        Divergence {
            requirement: "delivers-once",
            suspects: Vec::new(),
            finding: Box::default(),
            steps: Vec::new(),
        }
    }

    #[test]
    fn a_requirement_that_was_tried_and_never_broken_is_kept() {
        assert!(matches!(whole().outcome("delivers-once"), Outcome::Passed));
    }

    #[test]
    fn histories_that_missed_a_situation_say_nothing() {
        let mut found = Found { others: true, ..Found::default() };
        for _ in 0..Settings::HISTORIES.get() {
            found.tally.add(&Tally::of(&SITUATIONS[1..], &["delivers-once"]));
        }
        let Outcome::Broken(reason) = found.outcome("delivers-once") else { panic!("they were vacuous") };
        assert!(reason.contains(SITUATIONS[0]), "{reason}");
    }

    #[test]
    fn few_histories_need_not_meet_everything() {
        let mut found = Found::default();
        found.tally.add(&Tally::of(&[], &["delivers-once"]));
        assert!(matches!(found.outcome("delivers-once"), Outcome::Passed));
        assert!(matches!(found.outcome("reports-exited"), Outcome::Skipped(_)));
    }

    #[test]
    fn histories_lack_what_none_of_them_came_to() {
        let found = Found { others: true, ..Found::default() };
        let all = model::requirement::ALL;
        assert!(found.lacks_nothing(&Tally::of(&[], all), false));
        assert!(!found.lacks_nothing(&Tally::of(&[], all), true), "no requirement of the registry");
        assert!(!found.lacks_nothing(&Tally::of(&[], &all[1..]), false), "not {}", all[0]);
    }

    #[test]
    fn a_broken_requirement_does_not_hide_that_others_are_kept() {
        let mut found = whole();
        found.divergences.insert("delivers-once", finding());
        assert!(matches!(found.outcome("delivers-once"), Outcome::Breached(_)));
        assert!(matches!(found.outcome(PARTLY_REFUSED_IS_DELIVERED), Outcome::Passed));
        assert!(matches!(found.outcome("reports-exited"), Outcome::Skipped(_)));
    }

    #[test]
    fn what_takes_another_user_says_so_where_there_is_none() {
        let Outcome::Skipped(reason) = Found::default().outcome(PARTLY_REFUSED_IS_DELIVERED) else {
            panic!("it was not tried")
        };
        assert!(reason.contains("run as root"), "{reason}");
    }
}
