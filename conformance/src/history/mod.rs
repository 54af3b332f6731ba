//! Histories: a model and the real thing go through the same steps side by side, and must agree after each.
//!
//! A history is a row of [steps](step::Step): groups are spawned, stopped, continued, end and are reaped;
//! leader pids are registered, relabelled and forgotten; the registry signals all it holds, with right and
//! wrong names; its signaller is replaced. After each step is compared what signallers were asked and
//! answered, what the registry returned and lists, and what reached every process, members of no registered
//! group included. Where the contract allows several answers, the model follows the one that was given.
//!
//! Where they part a requirement is broken, and its name is known. The history is then shrunk to the shortest
//! that breaks the same requirement, told as a timeline, and saved in a file for `replay`.

/// The names of these requirements of the contract, and `ALL` of them.
macro_rules! names {
    ($($constant:ident,)*) => {
        $(pub const $constant: &str = crate::contract::$constant.name;)*
        pub const ALL: &[&str] = &[$($constant),*];
    };
}

mod effects;
mod fencing;
mod found;
mod judge;
mod reality;
mod reference;
mod registry;
mod run;
mod saved;
mod search;
mod shared;
mod shorter;
mod shrink;
pub mod step;
mod stopping;
mod strategy;
mod tally;

pub use saved::{LoadError, Saved};
pub use tally::Tally;

use crate::contract::{self, Requirement};
use crate::harness::{self, Abort, Context, Ended, Need, Settings, missing, outcome_of};
use crate::report::{Finding, Outcome, Replay};
use found::Found;
use process_groups::model;
use shared::Shared;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use step::Step;

/// What histories cannot be tried without.
pub const NEEDS: [Need; 3] = [Need::Sandbox, Need::ChosenIds, Need::EnoughHistories];

/// One thing that is not as the model says.
#[derive(Clone, Debug)]
struct Breach {
    requirement: &'static str,
    /// Others that could be the broken one instead, when several things were asked at once.
    suspects: Vec<&'static str>,
    expected: String,
    happened: String,
    /// The processes that it happened to.
    processes: Vec<u32>,
}

impl Breach {
    fn new(requirement: &'static str, expected: String, happened: String) -> Self {
        Self { requirement, suspects: Vec::new(), expected, happened, processes: Vec::new() }
    }
}

/// A history in which model and reality part at the last step.
#[derive(Clone, Debug)]
pub struct Divergence {
    /// The requirement that is broken.
    pub requirement: &'static str,
    /// Others that could be the broken one instead: a shorter history may tell.
    suspects: Vec<&'static str>,
    /// What was expected and what happened, with the history as its timeline.
    pub finding: Box<Finding>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// What came of the histories of a run: they are tried once, when the first case asks, and each case has its
/// verdict from that.
#[derive(Debug, Default)]
struct Once {
    outcome: OnceLock<Result<Found, Outcome>>,
    /// The same once those that ran out of time were tried again alone.
    alone: OnceLock<Result<Found, Outcome>>,
    remarked: AtomicBool,
}

/// The shortest history that was found for each requirement that is broken.
///
/// # Errors
/// What becomes of every case when no history could be tried.
pub fn divergences(settings: &Settings) -> Result<Vec<&Divergence>, Outcome> {
    let found = settings.permits.with_permit(|| found(settings));
    found.as_ref().map(|found| found.divergences.values().collect()).map_err(Outcome::clone)
}

/// What the histories say of one requirement, asked with a permit. Only the first to ask tries them, and
/// gets the remarks on all. Asked alone, those that ran out of time are tried again, one at a time.
pub fn verdict(settings: &Settings, requirement: &'static str) -> Ended {
    let all = || requirements().map(|(known, _)| (known.name, own_verdict(settings, known.name))).collect();
    let shared = settings.histories.shared.as_deref().map(Shared::in_folder);
    let shared = shared.and_then(|shared| shared.verdict(settings.alone, requirement, all));
    shared.unwrap_or_else(|| own_verdict(settings, requirement))
}

/// What the histories of this process say.
fn own_verdict(settings: &Settings, requirement: &'static str) -> Ended {
    let found = match found(settings) {
        Ok(found) => found,
        Err(outcome) => return outcome.clone().into(),
    };
    let mut ended = Ended::from(found.outcome(requirement));
    if let (Outcome::Breached(finding), Some(divergence)) =
        (&mut ended.outcome, found.divergences.get(requirement))
    {
        let saved = Saved::new(settings, divergence);
        let folder = settings.histories.saves.get();
        let file = folder.and_then(|folder| folder.map(|folder| saved.write(folder)).transpose());
        let file = file.unwrap_or_else(|cause| {
            finding.happened += &format!("\n({cause})");
            None
        });
        ended.replay = Some(Replay { file, history: saved.value() });
    }
    if !settings.memo.get::<Once>().remarked.swap(true, Ordering::Relaxed) {
        ended.remarks = found.remarks();
    }
    ended
}

fn found(settings: &Settings) -> &Result<Found, Outcome> {
    let once = settings.memo.get::<Once>();
    let all = || search(settings).map_err(outcome_of);
    // Whoever waits for the histories leaves its permit to them.
    settings.permits.release_while(|| match settings.alone {
        false => once.outcome.get_or_init(all),
        true => once.alone.get_or_init(|| match once.outcome.get() {
            Some(Ok(found)) => search::again(settings, found).map_err(outcome_of),
            _ => all(),
        }),
    })
}

fn search(settings: &Settings) -> harness::Result<Found> {
    let abilities = settings
        .permits
        .with_permit(|| Context::new(settings, &[], "histories").map(|context| context.abilities()))?;
    if let Some(missing) = missing(&NEEDS, settings, abilities) {
        return Err(Abort::Lacks(missing, String::new()));
    }
    let others = missing(&[Need::SomeRefused], settings, abilities).is_none();
    search::search(settings, settings.histories.count.get(), others)
}

/// The requirements that histories try, each with the capability of a registry that they need for it.
pub fn requirements() -> impl Iterator<Item = (&'static Requirement, Option<Need>)> {
    let all = [
        (model::requirement::ALL, None),
        (registry::requirement::ALL, None),
        (fencing::requirement::ALL, Some(Need::Fencing)),
        (stopping::requirement::ALL, Some(Need::Stopping)),
    ];
    let tried = |(names, need): (&'static [&'static str], _)| {
        names.iter().filter_map(|name| contract::find(name)).map(move |known| (known, need))
    };
    all.into_iter().flat_map(tried)
}
