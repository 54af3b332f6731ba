//! A stop that ends: SIGTERM to all, a grace period, SIGKILL to what is left.

mod waiting;

pub use waiting::StopCanceller;

use super::{ProcessGroupEntry, ProcessGroups};
use std::collections::HashSet;
use std::time::{Duration, Instant};
use waiting::{Beat, ExitEvent};

/// How an entry came out of a [stop](ProcessGroups::stop).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopOutcome {
    /// It exited by itself, or its entry was dropped meanwhile: it was sent no SIGKILL, or SIGKILL found
    /// nobody. Its entry is dropped.
    Exited,
    /// It was left when the grace period was over, and SIGKILL was delivered. Its entry stays, as it does
    /// after every signal that was delivered, until a later call finds that it has exited.
    Killed,
    /// The signaller refused, or could not reach it: this is its last message, unchanged. It may still run.
    /// Its entry stays.
    Failed(String),
    /// The stop was cancelled: it was asked by SIGTERM, and is not known to have exited. Its entry stays.
    Left,
    /// It was registered after the stop had begun, and received nothing. Its entry stays.
    NotAsked,
}

/// A stop under way, which holds no registry: others may register and forget meanwhile.
///
/// ```no_run
/// use process_groups::ProcessGroups;
/// use std::{sync::Mutex, time::Duration};
///
/// # let groups = Mutex::new(ProcessGroups::default());
/// let mut stop = groups.lock().unwrap().begin_stop(Duration::from_secs(5)); // SIGTERM was sent
/// let results = loop {
///     if let Some(results) = stop.advance(&mut groups.lock().unwrap()) {
///         break results;
///     }
///     stop.wait(); // without the lock
/// };
/// ```
///
/// In async code sleep for [`due_in`](Self::due_in) instead of [`wait`](Self::wait). To stop without a
/// registry to share, call [`ProcessGroups::stop`]. Dropping it cancels the stop: no SIGKILL follows.
#[derive(Debug)]
pub struct Stop {
    targets: Vec<Target>,
    /// When the grace period is over; `None` for one that is longer than time can be counted.
    deadline: Option<Instant>,
    canceller: StopCanceller,
    beat: Beat,
}

#[derive(Debug)]
struct Target {
    entry: ProcessGroupEntry,
    /// Why SIGTERM was not delivered.
    refused: Option<String>,
    outcome: Option<StopOutcome>,
    /// While there is one and nothing happened on it, the leader lives.
    exit_event: Option<ExitEvent>,
}

impl Target {
    fn is_left(&self) -> bool {
        self.outcome.is_none()
    }
}

/// How many groups a stop waits for by a descriptor each; it asks for the others now and then. Most programs may have
/// 1,024 in all (getrlimit(2)).
const MOST_EXIT_EVENTS: usize = 128;

impl ProcessGroups {
    /// Stops all groups: sends SIGTERM to each, waits until each has exited or `grace` is over, and sends
    /// SIGKILL to what is left then, once. Returns how each came out, in the order of the entries.
    ///
    /// - The grace period is one for all groups, and begins when SIGTERM has been sent to all of them. It ends early once
    ///   the signaller says of each that it has exited (see [`Signaller::have_exited`]); with one that cannot tell it is
    ///   waited out.
    /// - SIGKILL goes only to those that SIGTERM was meant for, as [`signal_targets`](Self::signal_targets) does it. That
    ///   includes those for which SIGTERM came back with an error.
    /// - Nothing is waited for after SIGKILL. The whole takes no longer than `grace` and what the signaller takes to answer.
    /// - Members that ignore SIGTERM and stopped ones (for which it stays pending until somebody continues them) end by
    ///   SIGKILL. What they fork while they are stopped is in their group, and ends with it.
    ///
    /// The registry is borrowed as long as that takes. See [`begin_stop`](Self::begin_stop) for one that is
    /// shared, and to cancel.
    ///
    /// [`Signaller::have_exited`]: crate::Signaller::have_exited
    ///
    /// # Panics
    /// Only if the signaller does; then no entry is lost.
    ///
    /// ```
    /// use process_groups::{ProcessGroups, StopOutcome, signaller_fn};
    /// use std::{sync::Arc, time::Duration};
    ///
    /// // Nobody ends by SIGTERM here, and 30 may not be signalled.
    /// let mut groups = ProcessGroups::new(Arc::new(signaller_fn(|leader_pid, _| match leader_pid {
    ///     30 => Err("permission denied".to_owned()),
    ///     _ => Ok(true),
    /// })));
    /// groups.register(20, "build");
    /// groups.register(30, "sudo make install");
    /// let results = groups.stop(Duration::from_millis(20));
    /// assert_eq!(results[0].1, StopOutcome::Killed);
    /// assert_eq!(results[1].1, StopOutcome::Failed("permission denied".to_owned()));
    /// ```
    pub fn stop(&mut self, grace: Duration) -> Vec<(ProcessGroupEntry, StopOutcome)> {
        let mut stop = self.begin_stop(grace);
        loop {
            if let Some(results) = stop.advance(self) {
                return results;
            }
            stop.wait();
        }
    }

    /// Sends SIGTERM to all groups as [`stop`](Self::stop) does, and returns the rest of the stop, which is
    /// up to the caller to [advance](Stop::advance): the registry is free meanwhile. What is registered after
    /// this call is no part of the stop.
    ///
    /// # Panics
    /// Only if the signaller does; then no entry is lost.
    pub fn begin_stop(&mut self, grace: Duration) -> Stop {
        let results = self.signal_all("SIGTERM");
        // From here on, so that each has had all of it.
        let deadline = Instant::now().checked_add(grace);
        let mut events = 0;
        let target = |(entry, answer): (ProcessGroupEntry, Result<bool, String>)| {
            let may_have_event = events < MOST_EXIT_EVENTS && answer != Ok(false);
            let exit_event =
                may_have_event.then(|| ExitEvent::of(self.signaller.as_ref(), entry.leader_pid)).flatten();
            events += usize::from(exit_event.is_some());
            Target {
                outcome: (answer == Ok(false)).then_some(StopOutcome::Exited),
                exit_event,
                refused: answer.err(),
                entry,
            }
        };
        let targets = results.into_iter().map(target).collect();
        Stop { targets, deadline, canceller: StopCanceller::new(), beat: Beat::default() }
    }

    /// Asks the signaller which of these entries have exited, all of which stand, and drops those.
    fn find_exited(&mut self, targets: &[ProcessGroupEntry]) -> Vec<bool> {
        let leader_pids: Vec<u32> = targets.iter().map(|target| target.leader_pid).collect();
        let said = self.signaller.have_exited(&leader_pids);
        // An answer that is missing is none.
        let have_exited: Vec<bool> =
            (0..targets.len()).map(|place| said.get(place) == Some(&Some(true))).collect();
        let exited = leader_pids.iter().zip(&have_exited).filter(|(_, has_exited)| **has_exited);
        self.prune(&exited.map(|(leader_pid, _)| *leader_pid).collect::<Vec<_>>());
        have_exited
    }
}

impl Stop {
    /// Does what is due, without waiting: finds out who has exited, and once the grace period is over sends
    /// SIGKILL to those that are left. Returns the results when the stop is over.
    ///
    /// First those that the stop began with, in their order; then those that were registered meanwhile and
    /// are still held.
    ///
    /// # Panics
    /// Only if the signaller does; then no entry is lost.
    pub fn advance(&mut self, groups: &mut ProcessGroups) -> Option<Vec<(ProcessGroupEntry, StopOutcome)>> {
        let is_cancelled = self.canceller.is_cancelled();
        let is_over = self.deadline.is_some_and(|deadline| deadline <= Instant::now());
        self.drop_stale(groups);
        self.find_exited(groups, is_over || is_cancelled);
        if is_cancelled {
            for target in self.targets.iter_mut().filter(|target| target.is_left()) {
                target.outcome = Some(target.refused.clone().map_or(StopOutcome::Left, StopOutcome::Failed));
            }
        } else if is_over {
            self.kill(groups);
        }
        let is_done = !self.targets.iter().any(Target::is_left);
        is_done.then(|| self.results(groups))
    }

    /// Blocks until there may be something to [advance](Self::advance), and no longer than the grace period
    /// lasts. It holds no registry. Returns at once when the stop is over or cancelled.
    pub fn wait(&self) {
        let events =
            self.targets.iter().filter(|target| target.is_left()).map(|target| target.exit_event.as_ref());
        waiting::wait(&self.canceller, events, self.deadline, &self.beat);
    }

    /// How long to sleep before [advancing](Self::advance) again, for those who cannot block in
    /// [`wait`](Self::wait).
    pub fn due_in(&self) -> Duration {
        if self.canceller.is_cancelled() || !self.targets.iter().any(Target::is_left) {
            return Duration::ZERO;
        }
        self.beat.due_in(self.deadline)
    }

    /// What cancels this stop, from whatever thread.
    pub fn canceller(&self) -> StopCanceller {
        self.canceller.clone()
    }

    /// Those whose entry was dropped or belongs to another owner by now have left this registry.
    fn drop_stale(&mut self, groups: &ProcessGroups) {
        for target in self.targets.iter_mut().filter(|target| target.is_left()) {
            if !groups.stands(&target.entry) {
                target.outcome = Some(StopOutcome::Exited);
            }
        }
    }

    /// Asks for those that are left, unless their leaders are known to live. At the end `all` are asked for,
    /// so that nobody is killed who has exited.
    fn find_exited(&mut self, groups: &mut ProcessGroups, all: bool) {
        let left = self.targets.iter_mut().filter(|target| target.is_left());
        let beat = &mut self.beat;
        let mut is_live =
            |target: &mut Target| target.exit_event.as_mut().is_some_and(|event| event.is_pending(beat));
        let mut asked: Vec<&mut Target> =
            left.filter_map(|target| (!is_live(target) || all).then_some(target)).collect();
        if asked.is_empty() {
            return self.beat.skip();
        }
        let entries: Vec<ProcessGroupEntry> = asked.iter().map(|target| target.entry.clone()).collect();
        let have_exited = self.beat.measure(|| groups.find_exited(&entries));
        for (target, has_exited) in asked.iter_mut().zip(have_exited) {
            if has_exited {
                target.outcome = Some(StopOutcome::Exited);
            }
        }
    }

    fn kill(&mut self, groups: &mut ProcessGroups) {
        let left: Vec<&mut Target> = self.targets.iter_mut().filter(|target| target.is_left()).collect();
        let entries: Vec<ProcessGroupEntry> = left.iter().map(|target| target.entry.clone()).collect();
        for (target, (_, answer)) in left.into_iter().zip(groups.signal_targets("SIGKILL", &entries)) {
            target.outcome = Some(match answer {
                Ok(true) => StopOutcome::Killed,
                Ok(false) => StopOutcome::Exited,
                Err(message) => StopOutcome::Failed(message),
            });
        }
    }

    fn results(&self, groups: &ProcessGroups) -> Vec<(ProcessGroupEntry, StopOutcome)> {
        let of_target = |target: &Target| Some((target.entry.clone(), target.outcome.clone()?));
        let mut results: Vec<_> = self.targets.iter().filter_map(of_target).collect();
        let asked: HashSet<&ProcessGroupEntry> = self.targets.iter().map(|target| &target.entry).collect();
        let newcomers = groups.entries().iter().filter(|entry| !asked.contains(entry));
        results.extend(newcomers.map(|entry| (entry.clone(), StopOutcome::NotAsked)));
        results
    }
}

#[cfg(test)]
mod tests;
