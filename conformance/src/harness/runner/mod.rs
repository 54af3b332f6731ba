//! Running cases: many at a time, each in its own testbed, and at last those that must be alone.

mod limits;
mod pace;
mod schedule;
mod turns;

pub(super) use limits::room_for_crowd;
pub use limits::{LARGEST, Shortage};
pub use pace::Kind;
pub use schedule::Schedule;
pub use turns::Turns;

use crate::harness::{Case, Settings};
use crate::report::CaseResult;
use crate::sys::threads;
use schedule::Ran;
use std::collections::HashSet;
use std::num::NonZeroUsize;

/// How many cases may be under way for each permit, since most of them wait most of the time.
const UNDER_WAY_PER_SLOT: usize = 12;

/// How many cases keep the processors busy at a time by default.
pub fn default_jobs() -> usize {
    2 * std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// How many cases keep the processors busy at a time: `wanted`, or as many as limits leave room for.
///
/// # Errors
/// What there is too little of to try any of `cases`.
pub fn jobs(wanted: usize, cases: &[&Case]) -> Result<usize, Shortage> {
    limits::room(cases).map(|room| wanted.min(room.div_ceil(2)))
}

/// How many of `cases` may be under way when `jobs` keep the processors busy: no more than limits leave room
/// for. Of random histories, which are a case, so many are under way as there are jobs. Those that sit out
/// keep nobody waiting.
pub fn under_way(jobs: usize, cases: &[&Case]) -> usize {
    let room = limits::room(cases).unwrap_or(1).saturating_sub(jobs - 1);
    let sit_out = cases.iter().filter(|case| case.sits_out).count();
    (most_under_way(jobs) + sit_out).min(room).max(1)
}

/// How many cases are under way at most when `jobs` keep the processors busy: one of one.
pub fn most_under_way(jobs: usize) -> usize {
    if jobs == 1 { 1 } else { jobs.saturating_mul(UNDER_WAY_PER_SLOT) }
}

/// Runs `cases`, at most `at_once` of them at a time, and returns their results in the same order, with
/// remarks. `done` hears of each result as it comes.
pub fn run(
    cases: &[&Case],
    settings: &Settings,
    at_once: usize,
    done: &(dyn Fn(&CaseResult) + Sync),
) -> (Vec<CaseResult>, Vec<String>) {
    // Each sandbox ends with the thread that made it, so a case stays on one thread.
    let work = |place: &usize| {
        let (result, remarks) = run_one(cases[*place], settings);
        done(&result);
        (*place, result, remarks)
    };
    let (alone, beside): (Vec<_>, Vec<_>) =
        (0..cases.len()).partition(|&place| cases[place].is_alone(settings));
    let mut ended = threads::each(at_once, &varied(beside, cases), work);
    ended.extend(threads::each(1, &alone, work));
    ended.sort_by_key(|(place, ..)| *place);
    let (results, remarks): (Vec<_>, Vec<_>) =
        ended.into_iter().map(|(_, result, remarks)| (result, remarks)).unzip();
    (results, remarks.into_iter().flatten().collect())
}

/// Of all requirements the first to be tried: it asks for groups that never existed. An answer tells a
/// subject that waits for members from one that never answers at all.
const FIRST: &str = "never-existed-is-exited";

/// The places in another order: first one case of each requirement, so that a subject which does the same
/// wrong thing whatever it is asked shows it soon; then those that sit out.
fn varied(places: Vec<usize>, cases: &[&Case]) -> Vec<usize> {
    let mut seen = HashSet::new();
    let (mut firsts, mut others): (Vec<_>, Vec<_>) =
        places.into_iter().partition(|&place| seen.insert(cases[place].requirement.name));
    firsts.sort_by_key(|&place| cases[place].requirement.name != FIRST);
    others.sort_by_key(|&place| !cases[place].sits_out);
    firsts.extend(others);
    firsts
}

/// Tries one case when it has its turn. Returns its result, with remarks.
pub fn run_one(case: &Case, settings: &Settings) -> (CaseResult, Vec<String>) {
    let Ran { ended, duration, phases, first_try } = settings.schedule.run(case, settings);
    let mut remarks = ended.remarks;
    if !ended.strays.is_empty() {
        remarks.push(format!("{}: the subject left behind {}", case.id, ended.strays.join(", ")));
    }
    let requirement = ended.outcome.requirement(case.requirement);
    let result = CaseResult {
        replay: ended.replay,
        swept: ended.strays.len(),
        first_try,
        phases,
        ..CaseResult::new(&case.id, requirement, ended.outcome, duration)
    };
    if !settings.keep_going {
        settings.schedule.end_if_hopeless(&result);
    }
    (result, remarks)
}
