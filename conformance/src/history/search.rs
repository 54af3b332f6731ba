//! Many histories, and for each requirement that one breaks the shortest that does.

use super::Divergence;
use super::found::Found;
use super::run::{Ran, run};
use super::shrink::shrink;
use super::strategy::{self, Strategies, Tree};
use crate::contract::{self, Level};
use crate::harness::{self, Settings};
use crate::sys::lock::lock;
use crate::sys::threads;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// After so many histories that broke what must be kept no more are begun: a subject that fails everywhere is
/// known by then.
const ENOUGH: usize = 24;
/// After so many histories that ran out of time no more are begun: each takes as long as an answer may.
const ENOUGH_LATE: usize = 4;
/// After so long no more are begun, if those that ended came to each requirement: a subject may take its time
/// to answer. Where one answers at once all take a few seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// After so long no more are begun, whatever they came to.
const LONG_PATIENCE: Duration = Duration::from_secs(240);
/// How long divergences are shrunk at most. One of a subject that answers at once takes about a second.
const SHRINKING: Duration = Duration::from_secs(60);
/// How long those that ran out of time are shrunk at most: each try that fails takes as long as an answer
/// may.
const SHRINKING_LATE: Duration = Duration::from_secs(10);

/// For so many histories of any kind there is one of each special kind.
const TO_ONE: usize = 4;
/// How many there are of each special kind at least: fewer meet too little.
const FEWEST: usize = 12;

/// Tries `count` histories, and for what the registry under test has beyond others, fencing and stops, a
/// quarter more each. `others` says whether processes of another user are available. The same seed tries the
/// same histories.
///
/// # Errors
/// [`harness::Abort::Broken`] when the testbed does not do its part.
pub fn search(settings: &Settings, count: u32, others: bool) -> harness::Result<Found> {
    let found = Found { others, fencing: settings.fences(), stopping: settings.stops(), ..Found::default() };
    let indices = Kinds::of(&found).indices(count as usize);
    search_in(settings, &indices, found)
}

/// What was found, with those in doubt tried again, one at a time.
///
/// # Errors
/// [`harness::Abort::Broken`] when the testbed does not do its part.
pub fn again(settings: &Settings, found: &Found) -> harness::Result<Found> {
    let mut rest = found.clone();
    rest.divergences.retain(|_, divergence| !divergence.finding.is_in_doubt());
    let in_doubt: Vec<usize> = std::mem::take(&mut rest.in_doubt).into_iter().collect();
    search_in(settings, &in_doubt, rest)
}

/// Tries the histories of these numbers and adds to what was found what they came to.
fn search_in(settings: &Settings, indices: &[usize], mut found: Found) -> harness::Result<Found> {
    let kinds = Kinds::of(&found);
    let (diverged, late) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let begun = Instant::now();
    let tally = Mutex::new(std::mem::take(&mut found.tally));
    let tally = || lock(&tally);
    let has_registry = settings.registry.is_some();
    let patience = || if found.lacks_nothing(&tally(), has_registry) { PATIENCE } else { LONG_PATIENCE };
    let ended = each(settings, indices, |index| {
        let is_known =
            diverged.load(Ordering::Relaxed) >= ENOUGH || late.load(Ordering::Relaxed) >= ENOUGH_LATE;
        if is_known
            || settings.schedule.has_ended()
            || begun.elapsed() > PATIENCE && begun.elapsed() > patience()
        {
            return harness::Result::<Option<Ran>>::Ok(None);
        }
        let (_, steps, _) = history(kinds.strategy(*index), settings.seed, *index)?.current();
        let ran = run(settings, &steps, None)?;
        tally().add(&ran.tally);
        if let Some(divergence) = &ran.divergence {
            diverged.fetch_add(usize::from(breaks_a_must(divergence)), Ordering::Relaxed);
            late.fetch_add(usize::from(divergence.finding.late), Ordering::Relaxed);
        }
        Ok(Some(ran))
    });
    let patience = patience();
    found.tally = std::mem::take(&mut tally());
    let mut diverged_by: BTreeMap<_, Vec<(usize, Divergence)>> = BTreeMap::new();
    let mut tried = 0;
    for (index, ran) in indices.iter().zip(ended) {
        let Some(ran) = ran? else { continue };
        tried += 1;
        let Some(divergence) = ran.divergence else { continue };
        if divergence.finding.is_in_doubt() {
            found.in_doubt.insert(*index);
        }
        diverged_by.entry(divergence.requirement).or_default().push((*index, divergence));
    }
    if tried < indices.len() {
        let reason = match (diverged.into_inner(), late.into_inner()) {
            (ENOUGH.., _) => "so many diverged that no more were tried".to_owned(),
            (_, ENOUGH_LATE..) => "so many were not answered that no more were tried".to_owned(),
            _ if settings.schedule.has_ended() => "the run ended".to_owned(),
            _ => format!("no more were tried after {} s", patience.as_secs()),
        };
        found.ended_early = Some(reason);
    }
    let deadline = Instant::now() + if settings.schedule.has_ended() { Duration::ZERO } else { SHRINKING };
    let diverged: Vec<Vec<(usize, Divergence)>> = diverged_by.into_values().collect();
    let shrunk = each(settings, &diverged, |diverged| shrink_one(settings, &kinds, diverged, deadline));
    for divergence in shrunk {
        let divergence = divergence?;
        let shortest = found.divergences.entry(divergence.requirement).or_insert_with(|| divergence.clone());
        if divergence.steps.len() < shortest.steps.len() {
            *shortest = divergence;
        }
    }
    Ok(found)
}

/// Of histories that break the same requirement the first that breaks it once more, made short. Where none
/// does, the first as it was.
fn shrink_one(
    settings: &Settings,
    kinds: &Kinds,
    diverged: &[(usize, Divergence)],
    deadline: Instant,
) -> harness::Result<Divergence> {
    // Those that are no matter of time tell more.
    let (late, in_time): (Vec<_>, Vec<_>) =
        diverged.iter().partition(|(_, divergence)| divergence.finding.is_in_doubt());
    let in_order: Vec<_> = in_time.into_iter().chain(late).collect();
    let (_, first) = in_order[0];
    if first.finding.is_in_doubt() && !settings.alone {
        // It will be tried again alone, and counts only if it happens then.
        return Ok(first.clone());
    }
    for (index, divergence) in in_order {
        let late = divergence.finding.late;
        let deadline = if late { deadline.min(Instant::now() + SHRINKING_LATE) } else { deadline };
        let tree = history(kinds.strategy(*index), settings.seed, *index)?;
        if let Some(shortest) = shrink(settings, tree, divergence, deadline)? {
            return Ok(shortest);
        }
    }
    let mut first = first.clone();
    first.finding.happened += "\n(when the same history was tried again, it did not happen each time)";
    Ok(first)
}

/// Whether it makes a subject nonconformant. One that is but warned must have all that it is asked tried.
fn breaks_a_must(divergence: &Divergence) -> bool {
    contract::find(divergence.requirement).is_some_and(|requirement| requirement.level == Level::Must)
}

/// The kinds of histories.
struct Kinds {
    any: Strategies,
    special: Vec<Strategies>,
}

impl Kinds {
    fn of(found: &Found) -> Self {
        let fenced = found.fencing.then(|| strategy::fenced_histories(found.others));
        let stopped = found.stopping.then(|| strategy::stopped_histories(found.others, found.fencing));
        Self { any: strategy::histories(found.others), special: fenced.into_iter().chain(stopped).collect() }
    }

    /// The numbers of the histories that are tried if `count` are of any kind.
    fn indices(&self, count: usize) -> Vec<usize> {
        let round = TO_ONE + self.special.len();
        let rounds = count.div_ceil(TO_ONE).max(FEWEST);
        let of_any = |index: &usize| index / round * TO_ONE + index % round < count;
        (0..rounds * round).filter(|index| index % round >= TO_ONE || of_any(index)).collect()
    }

    /// Which kind the history of that number is of.
    fn strategy(&self, index: usize) -> &Strategies {
        let place = index % (TO_ONE + self.special.len());
        place.checked_sub(TO_ONE).map_or(&self.any, |special| &self.special[special])
    }
}

/// Does `work` for each of `items`, as many at a time as there are permits, or one if nothing else is to be
/// under way. A sandbox ends with the thread that made it, so a history stays on one thread.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(fencing: bool, stopping: bool, count: usize) -> (usize, usize) {
        let kinds = Kinds::of(&Found { fencing, stopping, ..Found::default() });
        let indices = kinds.indices(count);
        let any = indices.iter().filter(|index| std::ptr::eq(kinds.strategy(**index), &kinds.any)).count();
        (any, indices.len() - any)
    }

    #[test]
    fn special_histories_come_on_top_of_those_that_were_asked_for() {
        assert_eq!(numbers(false, false, 10), (10, 0));
        assert_eq!(numbers(false, false, 256), (256, 0));
        assert_eq!(numbers(true, false, 256), (256, 64));
        assert_eq!(numbers(true, true, 255), (255, 128));
        assert_eq!(numbers(true, true, 10), (10, 24));
    }
}
