//! Many histories, and for each requirement that one breaks the shortest that does.

use super::Divergence;
use super::reference::Reference;
use super::run::{Ran, run};
use super::step::Step;
use super::strategy::{self, Strategies};
use super::tally::Tally;
use crate::bed::{self, Settings};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// After so many histories that diverged no more are begun: a subject that fails everywhere is known by then.
const ENOUGH: usize = 24;
/// How long one divergence is shrunk at most. A subject that answers at once takes about a second.
const SHRINKING: Duration = Duration::from_secs(15);

/// What came of all histories.
#[derive(Debug, Default)]
pub struct Found {
    /// What they put to the test.
    pub tally: Tally,
    /// The shortest history that was found for each requirement that is broken.
    pub divergences: BTreeMap<&'static str, Divergence>,
    /// Whether processes of another user were to be had.
    pub others: bool,
}

/// Tries `count` histories. `others` says whether processes of another user are to be had. The same seed tries the
/// same histories.
///
/// # Errors
/// [`bed::Stop::Broken`] when the testbed does not do its part.
pub fn search(settings: &Settings, count: u32, others: bool) -> bed::Step<Found> {
    let strategy = strategy::histories(others);
    let next = AtomicUsize::new(0);
    let diverged = AtomicUsize::new(0);
    let ended = Mutex::new(Vec::new());
    let work = || {
        // A sandbox ends with the thread that made it, so a history stays on one thread.
        while diverged.load(Ordering::Relaxed) < ENOUGH {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count as usize {
                return;
            }
            let result = settings.slots.occupy(|| {
                let (_, steps, _) = history(&strategy, settings.seed, index)?.current();
                run(settings, &steps, None)
            });
            if !matches!(&result, Ok(Ran { divergence: None, .. })) {
                diverged.fetch_add(1, Ordering::Relaxed);
            }
            ended.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..settings.slots.count() {
            scope.spawn(work);
        }
    });
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    ended.sort_by_key(|(index, _)| *index);
    let mut found = Found { others, ..Found::default() };
    let mut first = BTreeMap::new();
    for (index, result) in ended {
        let ran = result?;
        found.tally.add(&ran.tally);
        if let Some(divergence) = ran.divergence {
            first.entry(divergence.requirement).or_insert((index, divergence));
        }
    }
    for (requirement, (index, divergence)) in first {
        let shrunk = settings.slots.occupy(|| shrink(settings, &strategy, index, divergence))?;
        found.divergences.insert(requirement, shrunk);
    }
    Ok(found)
}

/// The history of that number.
pub fn history(strategy: &Strategies, seed: u64, index: usize) -> bed::Step<<Strategies as Strategy>::Tree> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(index as u64).to_le_bytes());
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    strategy.new_tree(&mut runner).map_err(|reason| bed::Stop::Broken(format!("no history: {reason}")))
}

/// The shortest history that breaks the same requirement, as far as it can be found in time.
fn shrink(
    settings: &Settings,
    strategy: &Strategies,
    index: usize,
    first: Divergence,
) -> bed::Step<Divergence> {
    let deadline = Instant::now() + SHRINKING;
    let requirement = first.requirement;
    let again = |steps: &[Step], seen: Option<&AtomicUsize>| -> bed::Step<Option<Divergence>> {
        let divergence = run(settings, steps, seen)?.divergence;
        Ok(divergence.filter(|divergence| divergence.requirement == requirement))
    };
    let mut tree = history(strategy, settings.seed, index)?;
    let mut best = first;
    let (_, steps, seen) = tree.current();
    match again(&steps, seen.as_deref())? {
        Some(divergence) => best = divergence,
        None => {
            best.finding.happened += "\n(when the same history was tried again, it did not happen)";
            return Ok(best);
        }
    }
    let mut going_on = tree.simplify();
    while going_on && Instant::now() < deadline {
        let (_, steps, seen) = tree.current();
        going_on = match again(&steps, seen.as_deref())? {
            Some(divergence) => {
                best = divergence;
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    leave_out(best, deadline, &|steps| again(steps, None))
}

/// Leaves out single steps and pairs as long as it still happens: one pass from the end does not find those that
/// become needless later, nor two that only go together.
fn leave_out(
    mut best: Divergence,
    deadline: Instant,
    again: &dyn Fn(&[Step]) -> bed::Step<Option<Divergence>>,
) -> bed::Step<Divergence> {
    'shorter: while Instant::now() < deadline {
        let length = best.steps.len();
        let singles = (0..length).map(|one| vec![one]);
        let pairs = (0..length).flat_map(|one| (one + 1..length).map(move |other| vec![one, other]));
        for left_out in singles.chain(pairs) {
            let kept = best.steps.iter().enumerate().filter(|(place, _)| !left_out.contains(place));
            let steps: Vec<Step> = kept.map(|(_, step)| step.clone()).collect();
            if is_possible(&steps)
                && Instant::now() < deadline
                && let Some(divergence) = again(&steps)?
            {
                best = divergence;
                continue 'shorter;
            }
        }
        break;
    }
    Ok(best)
}

fn is_possible(steps: &[Step]) -> bool {
    let mut reference = Reference::default();
    steps.iter().all(|step| {
        let possible = reference.objection(step).is_none();
        reference.apply(step);
        possible
    })
}
