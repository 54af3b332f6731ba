//! How many cases are under way: as many as the subject and the link to the groups have shown that they can
//! serve.
//!
//! What is slow because others use it at the same time must not be taken for what never answers. So the time
//! that answers take is watched, and the number of cases follows it, as TCP's window follows a network: it
//! grows while answers come as fast as they did in the beginning, and falls when they do not (RFC 5681).

use crate::sys::lock::{lock, wait_while};
use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// Cases under way before anything is known.
const FIRST: f64 = 4.0;
/// How many times of one kind show what is usual.
const TRIALS: usize = 5;
/// An answer that takes less than this part of the time limit is quick enough, whatever is usual. One `docker
/// exec` of 60 ms alone takes over 5 s beside a hundred others.
const QUICK: u32 = 10;
/// The part of the time limit within which a subject must answer that is known to wait…
const SHORT: u32 = 5;
/// … unless this many times its quickest answer is more.
const AMPLE: u32 = 4;
/// No answer may usually take more than this part of the time limit.
const SLOWEST: f64 = 0.6;
/// What is left of the number of cases when answers become slow.
const DECREASE: f64 = 0.7;

/// What is measured, each kind beside its own usual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The first answer of a subject that was just started.
    FirstAnswer,
    /// A later `Ok(true)`, to a question that was asked alone, as all answers here.
    Delivered,
    /// A later `Ok(false)`.
    Exited,
    /// A later `Err`: often given without asking anybody.
    Error,
    /// A fresh agent on a remote host.
    Agent,
}

/// A number of cases under way that adapts to how long answers take.
#[derive(Debug)]
pub struct Pace {
    most: f64,
    /// The time in which an answer must come.
    limit: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    under_way: usize,
    allowed: f64,
    /// Whether the number grows by one with each answer, as it does until the first slow one.
    doubling: bool,
    decreased: Option<Instant>,
    /// Whether the number stays as it is.
    is_open: bool,
    trials: BTreeMap<Kind, Vec<Duration>>,
}

impl Pace {
    /// At most `most` cases under way, each of whose answers must come within `limit`.
    pub fn new(most: usize, limit: Duration) -> Self {
        let most = most.max(1) as f64;
        let state = State {
            under_way: 0,
            allowed: FIRST.min(most),
            doubling: true,
            decreased: None,
            is_open: false,
            trials: BTreeMap::new(),
        };
        Self { most, limit, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Runs a case as soon as there is room for one more.
    pub fn admit<T>(&self, case: impl FnOnce() -> T) -> T {
        /// Makes room again, also when the case panics.
        struct Admitted<'a>(&'a Pace);
        impl Drop for Admitted<'_> {
            fn drop(&mut self) {
                self.0.lock().under_way -= 1;
                self.0.changed.notify_all();
            }
        }
        let full = |state: &mut State| state.under_way as f64 + 1.0 > state.allowed;
        let mut state = wait_while(&self.changed, self.lock(), full);
        state.under_way += 1;
        drop(state);
        let _admitted = Admitted(self);
        case()
    }

    /// Runs `wait` while another case has the place of the one that calls it, which [`admit`](Self::admit)
    /// runs.
    pub fn leave_while<T>(&self, wait: impl FnOnce() -> T) -> T {
        /// Comes back, also when the wait panics. Nobody waits for that: a case that is under way ends soon.
        struct Left<'a>(&'a Pace);
        impl Drop for Left<'_> {
            fn drop(&mut self) {
                self.0.lock().under_way += 1;
            }
        }
        self.lock().under_way -= 1;
        self.changed.notify_all();
        let _left = Left(self);
        wait()
    }

    /// Takes note of how long something of that kind took.
    pub fn took(&self, kind: Kind, time: Duration) {
        let mut state = self.lock();
        let trials = state.trials.entry(kind).or_default();
        if trials.len() < TRIALS {
            trials.push(time);
            trials.sort_unstable();
        }
        let usual = trials[trials.len() / 2];
        let most = (self.limit / QUICK).max(usual * 2).min(self.limit.mul_f64(SLOWEST));
        if time > most {
            state.decrease(time);
        } else if state.under_way as f64 + 1.0 > state.allowed {
            let more = if state.doubling { 1.0 } else { 1.0 / state.allowed };
            state.allowed = (state.allowed + more).min(self.most);
            self.changed.notify_all();
        }
    }

    /// A time limit for a subject that is known to wait: short, but ample beside the quickest answers of each
    /// kind that it did give. Where it has given none it is the whole limit, since nobody knows how long it
    /// takes to start.
    pub fn short_limit(&self) -> Duration {
        let quickest = self.lock().trials.values().map(|times| times[0]).max();
        // In tenths of a second, since reports tell it.
        let in_tenths = |time: Duration| Duration::from_millis(100 * time.as_millis().div_ceil(100) as u64);
        quickest.map_or(self.limit, |time| in_tenths((self.limit / SHORT).max(time * AMPLE)).min(self.limit))
    }

    /// Allows as many cases as there may be, however long answers take from now on.
    pub fn open(&self) {
        let mut state = self.lock();
        state.allowed = self.most;
        state.is_open = true;
        self.changed.notify_all();
    }

    /// Takes note that something did not come in time which comes when nothing else is under way.
    pub fn was_too_fast(&self) {
        self.lock().decrease(Duration::ZERO);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    /// Allows fewer cases. What began before the last decrease, and so took `time`, says nothing of what came
    /// after.
    fn decrease(&mut self, time: Duration) {
        if !self.is_open && self.decreased.is_none_or(|since| since.elapsed() > time) {
            self.allowed = (self.allowed.min(self.under_way as f64) * DECREASE).max(1.0);
            self.decreased = Some(Instant::now());
        }
        self.doubling = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LIMIT: Duration = Duration::from_secs(5);

    fn allowed(pace: &Pace) -> f64 {
        pace.lock().allowed
    }

    /// Takes note of a time while as many cases are under way as may be.
    fn took_when_full(pace: &Pace, kind: Kind, millis: u64) {
        pace.lock().under_way = allowed(pace) as usize;
        pace.took(kind, Duration::from_millis(millis));
        pace.lock().under_way = 0;
    }

    #[test]
    fn quick_answers_allow_as_many_as_there_may_be() {
        let pace = Pace::new(48, LIMIT);
        (0..100).for_each(|_| took_when_full(&pace, Kind::Delivered, 1));
        assert_eq!(allowed(&pace), 48.0);
    }

    #[test]
    fn answers_that_become_slow_allow_fewer_until_they_are_quick_again() {
        let pace = Pace::new(48, LIMIT);
        (0..20).for_each(|_| took_when_full(&pace, Kind::Delivered, 60));
        let before = allowed(&pace);
        took_when_full(&pace, Kind::Delivered, 900);
        let after = allowed(&pace);
        assert!(after < before * 0.75, "{before} {after}");
        took_when_full(&pace, Kind::Delivered, 900);
        assert_eq!(allowed(&pace), after, "it began before the decrease");
        (0..100).for_each(|_| took_when_full(&pace, Kind::Delivered, 60));
        assert!(allowed(&pace) > after + 2.0);
    }

    #[test]
    fn a_subject_that_is_always_slow_is_no_reason_for_fewer() {
        let pace = Pace::new(48, LIMIT);
        (0..50).for_each(|_| took_when_full(&pace, Kind::Delivered, 1500));
        (0..50).for_each(|_| took_when_full(&pace, Kind::Error, 1));
        assert_eq!(allowed(&pace), 48.0);
    }

    #[test]
    fn whoever_is_known_to_wait_is_waited_for_by_as_many_as_there_may_be() {
        let pace = Pace::new(48, LIMIT);
        pace.open();
        took_when_full(&pace, Kind::Delivered, 4900);
        assert_eq!(allowed(&pace), 48.0);
    }

    #[test]
    fn the_short_limit_leaves_time_for_the_answers_that_came() {
        let pace = Pace::new(48, LIMIT);
        assert_eq!(pace.short_limit(), LIMIT, "nothing is known of a subject that never answered");
        pace.took(Kind::Exited, Duration::from_millis(2));
        assert_eq!(pace.short_limit(), LIMIT / 5);
        pace.took(Kind::FirstAnswer, Duration::from_millis(390));
        assert_eq!(pace.short_limit(), Duration::from_millis(1600));
        pace.took(Kind::FirstAnswer, Duration::from_secs(3));
        assert_eq!(pace.short_limit(), Duration::from_millis(1600), "it was one of many then");
        pace.took(Kind::Delivered, Duration::from_secs(3));
        assert_eq!(pace.short_limit(), LIMIT);
    }

    #[test]
    fn one_case_is_always_allowed() {
        let pace = Pace::new(48, LIMIT);
        for _ in 0..20 {
            pace.was_too_fast();
        }
        assert_eq!(allowed(&pace), 1.0);
        assert_eq!(pace.admit(|| 7), 7);
    }

    #[test]
    fn no_more_are_admitted_than_are_allowed() {
        let pace = Pace::new(3, LIMIT);
        let (under_way, most, all) = (AtomicUsize::new(0), AtomicUsize::new(0), Barrier::new(12));
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    all.wait();
                    pace.admit(|| {
                        most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        under_way.fetch_sub(1, Ordering::SeqCst);
                    });
                });
            }
        });
        assert!(most.into_inner() <= 3);
    }
}
