//! How a plain registry stops its groups, step by step: a mutant replaces one step.

pub mod killing;
pub mod telling;
pub mod waiting;

use super::plain::{Plain, Results};
use crate::subject::registry::{Meanwhile, Registry};
use process_groups::{ProcessGroupEntry as Entry, StopOutcome};
use std::thread;
use std::time::{Duration, Instant};

/// What `stop` returns.
pub type Endings = Vec<(Entry, StopOutcome)>;

/// One group that is being stopped.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its entry.
    pub entry: Entry,
    /// Why SIGTERM failed.
    pub refused: Option<String>,
    /// How it ended, once that is known.
    pub ending: Option<StopOutcome>,
}

impl Asked {
    /// Whether it is not known to have ended.
    pub fn is_left(&self) -> bool {
        self.ending.is_none()
    }
}

/// How each thing is done.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// Sending SIGTERM.
    pub ask: fn(&mut Plain) -> Vec<Asked>,
    /// Finding out who has exited.
    pub find: fn(&mut Plain, &mut [Asked]),
    /// When the grace period begins: of the moments before and after SIGTERM was sent, the second.
    pub begins: fn(Instant, Instant) -> Instant,
    /// How long is waited at most; it is looked at after each round.
    pub grace: fn(&[Asked], Duration) -> Duration,
    /// Whether there is nobody to wait for.
    pub is_over: fn(&[Asked]) -> bool,
    /// What a cancelled stop comes to; `false` if it is not heeded.
    pub cancel: fn(&mut Plain, &mut [Asked]) -> bool,
    /// Sending SIGKILL.
    pub kill: fn(&mut Plain, &mut [Asked]),
    /// Making results, those of newcomers included.
    pub tell: fn(&mut Plain, Vec<Asked>) -> Endings,
}

/// Every step without a mistake.
pub const RIGHT: Steps = Steps { ask, find, begins: |_, asked| asked, grace, is_over, cancel, kill, tell };

/// Stops by its steps.
pub fn stop(plain: &mut Plain, grace: Duration, meanwhile: Meanwhile<'_>) -> Endings {
    let steps = plain.ways.stop;
    let before = Instant::now();
    let mut asked = (steps.ask)(plain);
    let began = (steps.begins)(before, Instant::now());
    let is_cancelled = meanwhile(plain).is_break();
    loop {
        (steps.find)(plain, &mut asked);
        if (steps.is_over)(&asked) || (is_cancelled && (steps.cancel)(plain, &mut asked)) {
            break;
        }
        if began.elapsed() >= (steps.grace)(&asked, grace) {
            (steps.kill)(plain, &mut asked);
            break;
        }
        // Whoever is asked has no event to wait for.
        thread::sleep(Duration::from_millis(1));
    }
    (steps.tell)(plain, asked)
}

/// Sends SIGTERM as one should.
pub fn ask(plain: &mut Plain) -> Vec<Asked> {
    asked_of((plain.ways.signal_all)(&plain.ways.clone(), &mut plain.state, "SIGTERM"))
}

/// What the answers to SIGTERM mean.
pub fn asked_of(results: Results) -> Vec<Asked> {
    let asked = |(entry, answer): (Entry, Result<bool, String>)| Asked {
        entry,
        ending: (answer == Ok(false)).then_some(StopOutcome::Exited),
        refused: answer.err(),
    };
    results.into_iter().map(asked).collect()
}

/// Finds out as one should who has exited: what stands no longer, and what the signaller says of the rest.
pub fn find(plain: &mut Plain, asked: &mut [Asked]) {
    find_stale(plain, asked);
    find_told(plain, asked);
}

/// Takes for exited what is held no longer.
pub fn find_stale(plain: &Plain, asked: &mut [Asked]) {
    for one in asked.iter_mut().filter(|one| one.is_left()) {
        if !(plain.ways.stands)(&plain.state, &one.entry) {
            one.ending = Some(StopOutcome::Exited);
        }
    }
}

/// Takes for exited, and drops, what the signaller says has.
pub fn find_told(plain: &mut Plain, asked: &mut [Asked]) {
    let mut left: Vec<&mut Asked> = asked.iter_mut().filter(|one| one.is_left()).collect();
    let leader_pids: Vec<u32> = left.iter().map(|one| one.entry.leader_pid).collect();
    let told = plain.state.signaller.have_exited(&leader_pids);
    for (one, told) in left.iter_mut().zip(told) {
        if told == Some(true) {
            one.ending = Some(StopOutcome::Exited);
            plain.state.entries.retain(|entry| *entry != one.entry);
        }
    }
}

/// Waits as long as one should.
pub fn grace(_: &[Asked], grace: Duration) -> Duration {
    grace
}

/// Knows as one should when nobody is left.
pub fn is_over(asked: &[Asked]) -> bool {
    !asked.iter().any(Asked::is_left)
}

/// Leaves alone what is left, as one should.
pub fn cancel(_: &mut Plain, asked: &mut [Asked]) -> bool {
    for one in asked.iter_mut().filter(|one| one.is_left()) {
        one.ending = Some(one.refused.clone().map_or(StopOutcome::Left, StopOutcome::Failed));
    }
    true
}

/// Kills as one should.
pub fn kill(plain: &mut Plain, asked: &mut [Asked]) {
    let left: Vec<Entry> = asked.iter().filter(|one| one.is_left()).map(|one| one.entry.clone()).collect();
    let results = plain.signal_targets("SIGKILL", &left);
    killed(asked, &results);
}

/// What the answers to SIGKILL mean.
pub fn killed(asked: &mut [Asked], results: &Results) {
    for one in asked.iter_mut().filter(|one| one.is_left()) {
        if let Some((_, answer)) = results.iter().find(|(entry, _)| *entry == one.entry) {
            one.ending = Some(match answer.clone() {
                Ok(true) => StopOutcome::Killed,
                Ok(false) => StopOutcome::Exited,
                Err(message) => StopOutcome::Failed(message),
            });
        }
    }
}

/// Tells as one should.
pub fn tell(plain: &mut Plain, asked: Vec<Asked>) -> Endings {
    let is_newcomer = |entry: &&Entry| !asked.iter().any(|one| one.entry == **entry);
    let newcomers: Vec<Entry> = plain.state.entries.iter().filter(is_newcomer).cloned().collect();
    let told = asked.into_iter().map(|one| (one.entry, one.ending.unwrap_or(StopOutcome::Left)));
    told.chain(newcomers.into_iter().map(|entry| (entry, StopOutcome::NotAsked))).collect()
}
