//! Histories: a model and the real thing go through the same steps side by side, and must agree after each.
//!
//! A history is a row of [steps](step::Step): groups are spawned, stopped, continued, end and are reaped; leader pids
//! are registered, relabelled and forgotten; the registry signals all it holds, with right and wrong names; its
//! signaller is replaced. After each step is compared what signallers were asked and answered, what the registry
//! returned and lists, and what reached every process, members of no registered group included. Where the contract
//! allows several answers, the model follows the one that was given.
//!
//! Where they part a requirement is broken, and its name is known. The history is then shrunk to the shortest that
//! breaks the same requirement, told as a timeline, and saved in a file for `replay`.

mod effects;
mod judge;
mod reality;
mod reference;
mod registry;
mod run;
mod saved;
mod search;
pub mod step;
mod strategy;
mod tally;

pub use saved::{LoadError, Saved};
pub use tally::Tally;

use crate::bed::{Bed, Settings};
use crate::cases::{Ended, Need, missing, outcome_of};
use crate::report::{Finding, Outcome};
use crate::requirements::Requirement;
use process_groups::model;
use search::Found;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use step::Step;

/// What histories cannot be tried without.
pub const NEEDS: [Need; 2] = [Need::Sandbox, Need::ChosenIds];

/// One thing that is not as the model says.
#[derive(Clone, Debug)]
struct Breach {
    requirement: &'static str,
    expected: String,
    happened: String,
}

/// A history in which model and reality part at the last step.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// The requirement that is broken.
    pub requirement: &'static str,
    /// What was expected and what happened, with the history as its timeline.
    pub finding: Box<Finding>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// The histories of a run: they are tried once, when the first case asks, and each case has its verdict from that.
#[derive(Debug)]
pub struct Histories {
    count: NonZeroU32,
    folder: Option<PathBuf>,
    outcome: OnceLock<Result<Found, Outcome>>,
    remarked: AtomicBool,
}

impl Histories {
    /// So many histories, of which none is saved.
    pub fn new(count: NonZeroU32) -> Self {
        let (outcome, remarked) = (OnceLock::new(), AtomicBool::new(false));
        Self { count, folder: None, outcome, remarked }
    }

    /// The same, but one that fails is saved in that folder.
    #[must_use]
    pub fn saved_in(self, folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..self }
    }

    /// As many again, for another subject.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { folder: self.folder.clone(), ..Self::new(self.count) }
    }

    /// The shortest history that was found for each requirement that is broken.
    ///
    /// # Errors
    /// What becomes of every case when no history could be tried.
    pub fn divergences(&self, settings: &Settings) -> Result<Vec<&Divergence>, Outcome> {
        let found = settings.slots.occupy(|| self.found(settings));
        found.as_ref().map(|found| found.divergences.values().collect()).map_err(Outcome::clone)
    }

    fn found(&self, settings: &Settings) -> &Result<Found, Outcome> {
        // Whoever waits for the histories leaves its slot to them.
        settings.slots.lend(|| self.outcome.get_or_init(|| self.search(settings)))
    }
}

impl Histories {
    /// What the histories say of one requirement. Only the first to ask tries them, and gets the remarks on all.
    pub fn verdict(&self, settings: &Settings, requirement: &'static Requirement) -> Ended {
        let found = match self.found(settings) {
            Ok(found) => found,
            Err(outcome) => return outcome.clone().into(),
        };
        let mut ended = match found.divergences.get(requirement.name) {
            None => self.without_divergence(found, requirement.name).into(),
            Some(divergence) => {
                let mut finding = divergence.finding.clone();
                let save = |folder: &PathBuf| Saved::new(settings, divergence).write(folder);
                let saved = self.folder.as_ref().map(save).transpose();
                let saved = saved.inspect_err(|cause| finding.happened += &format!("\n({cause})"));
                let replay = saved.ok().flatten();
                Ended { replay, ..Outcome::Breached(finding).into() }
            }
        };
        if !self.remarked.swap(true, Ordering::Relaxed) {
            ended.remarks = found.remarks();
        }
        ended
    }

    fn without_divergence(&self, found: &Found, requirement: &'static str) -> Outcome {
        let missing = found.missing_situations();
        if found.tally.at_stake(requirement) > 0 && (missing.is_empty() || self.count < Settings::HISTORIES) {
            Outcome::Passed
        } else if !found.others && requirement == model::requirement::PARTLY_REFUSED_IS_DELIVERED {
            Outcome::Skipped(format!("needs {}", Need::OtherUser.what()))
        } else if !found.divergences.is_empty() {
            let broken: Vec<_> = found.divergences.keys().copied().collect();
            Outcome::Skipped(format!("the histories ended before, since they broke {}", broken.join(", ")))
        } else if self.count < Settings::HISTORIES {
            Outcome::Skipped(format!("the histories did not come to it: they are only {}", self.count))
        } else {
            Outcome::Broken(format!("the histories were vacuous: none met this: {}", missing.join("; ")))
        }
    }

    fn search(&self, settings: &Settings) -> Result<Found, Outcome> {
        let abilities =
            settings.slots.occupy(|| Bed::new(settings, &[], "histories").map(|bed| bed.abilities()));
        let abilities = abilities.map_err(outcome_of)?;
        if let Some(missing) = missing(&NEEDS, abilities) {
            return Err(Outcome::Skipped(format!("needs {}", missing.what())));
        }
        search::search(settings, self.count.get(), missing(&[Need::OtherUser], abilities).is_none())
            .map_err(outcome_of)
    }
}

impl Found {
    /// The situations that should have been met and were not. None are missed by histories that diverged.
    fn missing_situations(&self) -> Vec<&'static str> {
        let wanted = tally::SITUATIONS.iter().copied().filter(|one| self.others || *one != tally::OF_OTHERS);
        wanted.filter(|one| self.divergences.is_empty() && self.tally.met(one) == 0).collect()
    }

    /// How many there were and what they met.
    fn remarks(&self) -> Vec<String> {
        let Tally { histories, steps, .. } = self.tally;
        let average = self.tally.average_steps();
        let mut remarks =
            vec![format!("{histories} histories of {steps} steps in all, {average:.1} on average")];
        remarks.extend(tally::SITUATIONS.iter().map(|one| format!("{:>6} times {one}", self.tally.met(one))));
        remarks
    }
}

/// The requirements that histories try.
pub fn requirements() -> impl Iterator<Item = &'static str> {
    model::requirement::ALL.iter().chain(registry::requirement::ALL).copied()
}
