//! Running cases: many at a time, each in its own testbed, and at last those that must be alone.

mod pace;
mod schedule;
pub mod slots;
mod turns;

pub use pace::Kind;
pub use schedule::Schedule;
pub use turns::Turns;

use crate::bed::Settings;
use crate::cases::Case;
use crate::report::CaseResult;
use nix::sys::resource::{Resource, getrlimit};
use schedule::Ran;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How many cases may be under way for each slot, since most of them wait most of the time.
const UNDER_WAY_PER_SLOT: usize = 12;
/// How many descriptors a case may hold in this process: six pipes, and as many again while processes are started.
const DESCRIPTORS_PER_CASE: usize = 12;
/// Descriptors for all else.
const DESCRIPTORS_KEPT: usize = 32;

/// How many cases keep the processors busy at a time, unless somebody wants otherwise.
pub fn default_jobs() -> usize {
    2 * std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// How many cases may be under way when `jobs` keep the processors busy: one of one, and no more than there are
/// descriptors for, of which many systems give a process 1024.
pub fn under_way(jobs: usize) -> usize {
    let descriptors = getrlimit(Resource::RLIMIT_NOFILE).map_or(1024, |(soft, _)| soft);
    let descriptors = usize::try_from(descriptors).unwrap_or(usize::MAX);
    let room = descriptors.saturating_sub(DESCRIPTORS_KEPT) / DESCRIPTORS_PER_CASE;
    let wanted = if jobs == 1 { 1 } else { jobs.saturating_mul(UNDER_WAY_PER_SLOT) };
    wanted.min(room).max(1)
}

/// Runs `cases`, at most `at_once` of them at a time, and returns their results in the same order, with remarks. `done`
/// hears of each result as it comes.
pub fn run(
    cases: &[&Case],
    settings: &Settings,
    at_once: usize,
    done: &(dyn Fn(&CaseResult) + Sync),
) -> (Vec<CaseResult>, Vec<String>) {
    let ended = Mutex::new(Vec::new());
    let work = |places: &[usize], next: &AtomicUsize| {
        // Each sandbox ends with the thread that made it, so a case stays on one thread.
        while let Some(&place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (result, remarks) = run_one(cases[place], settings);
            done(&result);
            ended.lock().unwrap_or_else(PoisonError::into_inner).push((place, result, remarks));
        }
    };
    let (alone, beside): (Vec<_>, Vec<_>) =
        (0..cases.len()).partition(|&place| cases[place].is_alone(settings));
    for (places, threads) in [(beside, at_once), (alone, 1)] {
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..threads.min(places.len()) {
                scope.spawn(|| work(&places, &next));
            }
        });
    }
    let mut ended = ended.into_inner().unwrap_or_else(PoisonError::into_inner);
    ended.sort_by_key(|(place, ..)| *place);
    let (results, remarks): (Vec<_>, Vec<_>) =
        ended.into_iter().map(|(_, result, remarks)| (result, remarks)).unzip();
    (results, remarks.into_iter().flatten().collect())
}

/// Tries one case when it has its turn. Returns its result, with remarks.
pub fn run_one(case: &Case, settings: &Settings) -> (CaseResult, Vec<String>) {
    let Ran { ended, duration, first_try } = settings.schedule.run(case, settings);
    let mut remarks = ended.remarks;
    if !ended.strays.is_empty() {
        remarks.push(format!("{}: the subject left behind {}", case.id, ended.strays.join(", ")));
    }
    let result = CaseResult {
        case: case.id.clone(),
        requirement: ended.outcome.requirement(case.requirement),
        outcome: ended.outcome,
        duration,
        replay: ended.replay,
        swept: ended.strays.len(),
        first_try,
    };
    (result, remarks)
}
