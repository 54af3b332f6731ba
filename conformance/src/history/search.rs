//! Many histories, and for each requirement that one breaks the shortest that does.

use super::Divergence;
use super::found::Found;
use super::run::{Ran, run};
use super::shrink::shrink;
use super::strategy::{self, Strategies, Tree};
use crate::harness::{self, Settings};
use crate::sys::threads;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// After so many histories that diverged no more are begun: a subject that fails everywhere is known by then.
const ENOUGH: usize = 24;
/// After so many histories that ran out of time no more are begun: each takes as long as an answer may.
const ENOUGH_LATE: usize = 4;
/// After so long no more are begun: a subject may take its time to answer. Where one answers at once all take a few
/// seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long divergences are shrunk at most. One of a subject that answers at once takes about a second.
const SHRINKING: Duration = Duration::from_secs(60);
/// How long those that ran out of time are shrunk at most: each try that fails takes as long as an answer may.
const SHRINKING_LATE: Duration = Duration::from_secs(10);

/// Tries `count` histories. `others` says whether processes of another user are to be had. The same seed tries the
/// same histories.
///
/// # Errors
/// [`harness::Abort::Broken`] when the testbed does not do its part.
pub fn search(settings: &Settings, count: u32, others: bool) -> harness::Result<Found> {
    let indices: Vec<usize> = (0..count as usize).collect();
    search_in(settings, &indices, Found { others, ..Found::default() })
}

/// What was found, with those that ran out of time tried again, one at a time.
///
/// # Errors
/// [`harness::Abort::Broken`] when the testbed does not do its part.
pub fn again(settings: &Settings, found: &Found) -> harness::Result<Found> {
    let mut rest = found.clone();
    rest.divergences.retain(|_, divergence| !divergence.finding.late);
    let late: Vec<usize> = std::mem::take(&mut rest.late).into_iter().collect();
    search_in(settings, &late, rest)
}

/// Tries the histories of these numbers and adds to what was found what they came to.
fn search_in(settings: &Settings, indices: &[usize], mut found: Found) -> harness::Result<Found> {
    let strategy = strategy::histories(found.others);
    let (diverged, late) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let deadline = Instant::now() + PATIENCE;
    let ended = each(settings, indices, |index| {
        let is_known =
            diverged.load(Ordering::Relaxed) >= ENOUGH || late.load(Ordering::Relaxed) >= ENOUGH_LATE;
        if is_known || Instant::now() > deadline {
            return harness::Result::<Option<Ran>>::Ok(None);
        }
        let (_, steps, _) = history(&strategy, settings.seed, *index)?.current();
        let ran = run(settings, &steps, None)?;
        if let Some(divergence) = &ran.divergence {
            diverged.fetch_add(1, Ordering::Relaxed);
            late.fetch_add(usize::from(divergence.finding.late), Ordering::Relaxed);
        }
        Ok(Some(ran))
    });
    let mut first: BTreeMap<_, (usize, Divergence)> = BTreeMap::new();
    let mut tried = 0;
    for (index, ran) in indices.iter().zip(ended) {
        let Some(ran) = ran? else { continue };
        tried += 1;
        found.tally.add(&ran.tally);
        let Some(divergence) = ran.divergence else { continue };
        if divergence.finding.late {
            found.late.insert(*index);
        }
        // One that is no matter of time tells more.
        let known = first.get(divergence.requirement);
        if known.is_none_or(|(_, known)| known.finding.late && !divergence.finding.late) {
            first.insert(divergence.requirement, (*index, divergence));
        }
    }
    if tried < indices.len() {
        let reason = match (diverged.into_inner(), late.into_inner()) {
            (ENOUGH.., _) => "so many diverged that no more were tried".to_owned(),
            (_, ENOUGH_LATE..) => "so many were not answered that no more were tried".to_owned(),
            _ => format!("no more were tried after {} s", PATIENCE.as_secs()),
        };
        found.ended_early = Some(reason);
    }
    let deadline = Instant::now() + SHRINKING;
    let first: Vec<(usize, Divergence)> = first.into_values().collect();
    let shrunk = each(settings, &first, |(index, divergence)| {
        if divergence.finding.late && !settings.alone {
            // It will be tried again alone, and counts only if it happens then.
            return Ok(divergence.clone());
        }
        let deadline =
            if divergence.finding.late { deadline.min(Instant::now() + SHRINKING_LATE) } else { deadline };
        shrink(settings, history(&strategy, settings.seed, *index)?, divergence.clone(), deadline)
    });
    for divergence in shrunk {
        let divergence = divergence?;
        let shortest = found.divergences.entry(divergence.requirement).or_insert_with(|| divergence.clone());
        if divergence.steps.len() < shortest.steps.len() {
            *shortest = divergence;
        }
    }
    Ok(found)
}

/// Does `work` for each of `items`, as many at a time as there are permits, or one if nothing else is to be under way. A
/// sandbox ends with the thread that made it, so a history stays on one thread.
fn each<T: Sync, R: Send>(settings: &Settings, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let semaphore = &settings.permits;
    let at_once = if settings.alone { 1 } else { semaphore.permits() };
    threads::each(at_once, items, |item| semaphore.with_permit(|| work(item)))
}

/// The history of that number.
pub fn history(strategy: &Strategies, seed: u64, index: usize) -> harness::Result<Tree> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(index as u64).to_le_bytes());
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    strategy.new_tree(&mut runner).map_err(|reason| harness::Abort::Broken(format!("no history: {reason}")))
}
