//! When a case runs, and when it runs once more: what may be the fault of others that ran at the same time is
//! tried again alone before it is held against the subject.

use super::pace::Pace;
use super::turns::Turns;
use crate::harness::{Case, Ended, Settings, Spent};
use crate::report::timings::Phases;
use crate::report::{CaseResult, Outcome, causes};
use crate::sys::lock::lock;
use std::collections::BTreeSet;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// After so many requirements whose cases ran out of time alone as well, with none between that passed alone,
/// a subject is known to wait. What else runs out of time is then held against it as it is: each such case
/// takes as long as an answer may.
const KNOWN_TO_WAIT: usize = 2;
/// A subject that is known to wait does so often if one of so many cases ran out of time: the rest of the run is
/// made short. Who waits in few cases keeps the whole limit: under many at a time its other cases would run out
/// of a short one.
const OFTEN: usize = 3;
/// How often a case must pass alone whose processes somebody else's call may have hit: a race need not show
/// at once.
const TRIES_WITHOUT_NEIGHBOURS: usize = 3;
/// How often a case is tried whose calls are interrupted, and which cannot do without watching them.
const TRIES_WATCHED: usize = 5;
/// After so many cases in a row whose agent was lost the run ends.
const LOST_IN_A_ROW: usize = 3;

/// After so many cases that could not be judged for want of a processor the run ends: each takes a minute.
const STARVED: usize = 2;

/// When the cases of one run on one subject have their turn.
#[derive(Debug)]
pub struct Schedule {
    most: usize,
    /// How many cases are under way.
    pub pace: Pace,
    turns: Turns,
    known: Mutex<Known>,
    /// Notified when no more cases are tried.
    over: Condvar,
}

/// What the run has learned.
#[derive(Debug, Default)]
struct Known {
    /// The requirements of which a case ran out of time alone.
    waits: BTreeSet<&'static str>,
    /// How many of them since the last case that passed alone.
    waits_in_a_row: usize,
    /// How many cases were tried, and how many of them ran out of time.
    tried: usize,
    late: usize,
    /// How many cases in a row have lost their agent.
    lost_in_a_row: usize,
    /// How many cases could not be judged for want of a processor.
    starved: usize,
    /// Whether a first answer that did not come in time was waited for longer.
    has_waited_longer: bool,
    /// The results so far.
    results: Vec<CaseResult>,
    /// Why no more cases are tried.
    ended: Option<String>,
    /// Whether that is somebody's wish, who may have ended more than this program.
    is_interrupted: bool,
}

/// How a case ended at last.
#[derive(Debug)]
pub struct Ran {
    /// How its last try ended.
    pub ended: Ended,
    /// How long that took.
    pub duration: Duration,
    /// What it spent that on.
    pub phases: Phases,
    /// What came of its first try, if it was tried again alone.
    pub first_try: Option<Outcome>,
}

impl Ran {
    fn at_once(outcome: Outcome) -> Self {
        Self { ended: outcome.into(), duration: Duration::ZERO, phases: Phases::default(), first_try: None }
    }

    fn without_turn(cause: &io::Error) -> Self {
        Self::at_once(Outcome::Broken(format!("cannot wait for the case's turn: {cause}")))
    }
}

/// Why the result of a case may be the fault of others that ran at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// Something did not come in time.
    WantOfTime,
    /// Somebody signalled the suite's processes on a remote host, where cases share one PID namespace.
    Neighbours,
    /// The suite's own work failed, maybe for want of what others held.
    Broken,
    /// A system call failed that was broken off (EINTR): kill(2) never is, unless it is watched and waits to be seen.
    Interrupted,
}

impl Schedule {
    /// For at most `most` cases at a time, on a subject that must answer within `limit`.
    pub fn new(most: usize, limit: Duration, turns: Turns) -> Self {
        Self { most, pace: Pace::new(most, limit), turns, known: Mutex::default(), over: Condvar::new() }
    }

    /// The same for another run in this process, on a subject that must answer within `limit`.
    pub fn anew(&self, limit: Duration) -> Self {
        Self::new(self.most, limit, Turns::default())
    }

    /// Runs a case when it has its turn, and again alone if what came of it may be the fault of others.
    pub fn run(&self, case: &Case, settings: &Settings) -> Ran {
        let alone = case.is_alone(settings);
        let first = match alone {
            true => self.try_once(case, settings, true),
            false => self.pace.admit(|| self.try_once(case, settings, false)),
        };
        let doubt = Doubt::of(&first.ended, alone);
        self.count(doubt);
        let doubt = doubt.filter(|doubt| !self.is_settled(*doubt, case));
        let again = doubt.and_then(|doubt| self.try_alone(case, settings, doubt));
        let ran = match again {
            None if doubt.is_some_and(|doubt| doubt != Doubt::Broken) => self.in_doubt(first),
            None => first,
            Some(again) => Ran { first_try: Some(first.ended.outcome), ..again },
        };
        self.end_if_futile(&ran.ended);
        ran
    }

    /// A case that would have been tried again alone, unless the run was interrupted: it accuses nobody then.
    fn in_doubt(&self, ran: Ran) -> Ran {
        let known = self.known();
        match &known.ended {
            Some(reason) if known.is_interrupted => {
                let outcome = Outcome::Skipped(format!("{reason}, before it was tried again alone"));
                Ran { ended: Ended { outcome, ..ran.ended }, ..ran }
            }
            _ => ran,
        }
    }

    /// Tries no more cases, for that reason.
    pub fn end(&self, reason: &str) {
        self.known().ended.get_or_insert_with(|| reason.to_owned());
        self.over.notify_all();
    }

    /// Takes the one turn of the run to wait for a first answer longer than the time limit. Returns whether it
    /// was still available.
    pub fn take_long_wait(&self) -> bool {
        !std::mem::replace(&mut self.known().has_waited_longer, true)
    }

    /// Waits for `time`, or until no more cases are tried. Unless the case that calls it is `alone`, others
    /// have its place and its turn meanwhile.
    pub fn sit_out(&self, time: Duration, alone: bool) {
        let wait = || {
            let goes_on = |known: &mut Known| known.ended.is_none();
            drop(self.over.wait_timeout_while(self.known(), time, goes_on));
        };
        match alone {
            true => wait(),
            false => self.pace.leave_while(|| self.turns.leave_while(wait)),
        }
    }

    /// Tries no more cases, since somebody wants this program to end.
    pub fn interrupt(&self, reason: &str) {
        self.known().is_interrupted = true;
        self.end(reason);
    }

    /// Whether no more cases are tried.
    pub fn has_ended(&self) -> bool {
        self.known().ended.is_some()
    }

    /// Takes note of a result, and tries no more cases if all so far show that the subject answers nothing.
    pub fn end_if_hopeless(&self, result: &CaseResult) {
        let reason = {
            let results = &mut self.known().results;
            results.push(result.clone());
            causes::hopeless(&results.iter().collect::<Vec<_>>())
        };
        if let Some(reason) = reason {
            self.end(&reason);
        }
    }

    /// Tries a case again with nothing else running. `None` if it would tell nothing new by the time of its
    /// turn.
    fn try_alone(&self, case: &Case, settings: &Settings, doubt: Doubt) -> Option<Ran> {
        let settings = Settings { alone: true, ..settings.clone() };
        let unwatched = Settings { unwatched: doubt == Doubt::Interrupted, ..settings.clone() };
        let _turn = match self.turns.take(true) {
            Ok(turn) => turn,
            Err(cause) => return Some(Ran::without_turn(&cause)),
        };
        if self.is_settled(doubt, case) || self.known().ended.is_some() {
            return None;
        }
        let tries = if doubt == Doubt::Neighbours { TRIES_WITHOUT_NEIGHBOURS } else { 1 };
        let mut ran = self.try_now(case, &unwatched);
        for _ in 1..tries {
            if !matches!(ran.ended.outcome, Outcome::Passed) {
                break;
            }
            ran = self.try_now(case, &unwatched);
        }
        if doubt == Doubt::Interrupted && matches!(ran.ended.outcome, Outcome::Skipped(_)) {
            // It cannot be tried unwatched; alone, calls wait for microseconds, and few are interrupted.
            let watched = (0..TRIES_WATCHED).map(|_| self.try_now(case, &settings));
            let mut judged = watched.filter(|ran| Doubt::of(&ran.ended, true) != Some(Doubt::Interrupted));
            ran = judged.next().unwrap_or(ran);
        }
        self.learn_of(doubt, case, &ran.ended.outcome);
        Some(ran)
    }

    fn try_once(&self, case: &Case, settings: &Settings, alone: bool) -> Ran {
        match self.turns.take(alone) {
            Ok(_turn) => self.try_now(case, settings),
            Err(cause) => Ran::without_turn(&cause),
        }
    }

    /// Tries a case whose turn it is, unless the run has ended by then.
    fn try_now(&self, case: &Case, settings: &Settings) -> Ran {
        settings.permits.with_permit(|| {
            let (ended, waits) = {
                let known = self.known();
                (known.ended.clone(), known.waits_often())
            };
            if let Some(reason) = ended {
                return Ran::at_once(Outcome::Skipped(reason));
            }
            // Its verdict stands, and the rest of the run is to take seconds, not minutes.
            let timeout = match waits {
                true => {
                    // Whoever waits keeps no processor busy.
                    self.pace.open();
                    self.pace.short_limit()
                }
                false => settings.timeout,
            };
            let spent = Spent::default();
            let shortened_from = (timeout < settings.timeout).then_some(settings.timeout);
            let settings = &Settings { timeout, shortened_from, spent: spent.clone(), ..settings.clone() };
            let began = Instant::now();
            let mut ended = case.run(settings);
            let (reason, is_interrupted) = {
                let known = self.known();
                (known.ended.clone(), known.is_interrupted)
            };
            let is_undone = match &ended.outcome {
                // It looked too early.
                Outcome::Passed => case.sits_out,
                // The command that leads to the groups may have been ended, too.
                Outcome::Broken(_) => is_interrupted,
                _ => false,
            };
            if let Some(reason) = reason.filter(|_| is_undone) {
                ended.outcome = Outcome::Skipped(reason);
            }
            let duration = began.elapsed();
            Ran { ended, duration, phases: spent.phases().with_rest_of(duration), first_try: None }
        })
    }

    /// Whether another try would tell nothing new.
    fn is_settled(&self, doubt: Doubt, case: &Case) -> bool {
        let known = self.known();
        doubt == Doubt::WantOfTime && (known.waits() || known.waits.contains(case.requirement.name))
    }

    /// Takes note of the first try of a case.
    fn count(&self, doubt: Option<Doubt>) {
        let mut known = self.known();
        known.tried += 1;
        known.late += usize::from(doubt == Some(Doubt::WantOfTime));
    }

    fn learn_of(&self, doubt: Doubt, case: &Case, again: &Outcome) {
        let mut known = self.known();
        match (doubt, again) {
            (Doubt::WantOfTime, Outcome::Breached(finding)) if finding.late => {
                known.waits_in_a_row += usize::from(known.waits.insert(case.requirement.name));
            }
            (Doubt::WantOfTime, Outcome::Passed) => {
                known.waits_in_a_row = 0;
                self.pace.was_too_fast();
            }
            _ => {}
        }
    }

    /// Tries no more cases once they say nothing any more.
    fn end_if_futile(&self, ended: &Ended) {
        let (lost_in_a_row, starved) = {
            let mut known = self.known();
            known.lost_in_a_row = if ended.agent_is_lost { known.lost_in_a_row + 1 } else { 0 };
            known.starved += usize::from(ended.is_starved);
            (known.lost_in_a_row, known.starved)
        };
        if lost_in_a_row == LOST_IN_A_ROW {
            self.end(&format!("stopped after {LOST_IN_A_ROW} cases in a row whose agent was lost"));
        } else if starved == STARVED {
            self.end(&format!(
                "stopped after {STARVED} cases that this machine left too little of a processor"
            ));
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }
}

impl Known {
    /// Whether the subject is known to wait.
    fn waits(&self) -> bool {
        self.waits_in_a_row >= KNOWN_TO_WAIT
    }

    /// Whether that was seen in a large part of its cases.
    fn waits_often(&self) -> bool {
        self.waits() && self.late * OFTEN >= self.tried
    }
}

impl Doubt {
    fn of(ended: &Ended, alone: bool) -> Option<Self> {
        match &ended.outcome {
            Outcome::Breached(finding) if finding.late => Some(Self::WantOfTime),
            Outcome::Breached(finding) if finding.interrupted => Some(Self::Interrupted),
            Outcome::Breached(_) if ended.disturbed && !alone => Some(Self::Neighbours),
            Outcome::Broken(_) => Some(Self::Broken),
            _ => None,
        }
    }
}
