//! The groups that one window owns.

mod entries;
mod stop;

pub use stop::{Stop, StopCanceller, StopOutcome};

use crate::{LocalSignaller, Signaller};
use entries::Entries;
use std::collections::HashMap;
use std::sync::Arc;

/// One group that the registry holds, as it was at some moment: keep one to signal that registration later,
/// and no other, with [`signal_targets`](ProcessGroups::signal_targets).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ProcessGroupEntry {
    /// The pid of the process that created the group, which is the group's id.
    pub leader_pid: u32,
    /// What people call it: the command, the cell, the task.
    pub label: String,
    /// Which registration of that leader pid this is. A registry gives none of these numbers twice.
    pub incarnation: u64,
}

impl ProcessGroupEntry {
    /// An entry of a registry of your own. One that does not tell registrations apart gives them all the
    /// incarnation 0, which [`ProcessGroups`] gives to none.
    pub fn new(leader_pid: u32, label: impl Into<String>, incarnation: u64) -> Self {
        Self { leader_pid, label: label.into(), incarnation }
    }
}

/// The process groups that one window owns, in the order in which they were first registered.
///
/// # Pids that come back
/// Once a group has exited, its id may be given to somebody else. A second signal that was due for the first
/// owner (SIGKILL after a grace period) and an exit notice that comes late must not hit the second. So each
/// registration has an [`incarnation`](ProcessGroupEntry::incarnation): keep entries, and hand them to
/// [`signal_targets`](Self::signal_targets), which asks only for those that still stand; and let exit notices
/// call [`forget_registration`](Self::forget_registration). Both protect groups that are registered here;
/// they know nothing of processes that nobody registered. Against those the kernel itself can fence: see
/// [`PinningSignaller`](crate::PinningSignaller).
///
/// # Costs
/// Finding an entry takes a hash and a binary search, registering and forgetting it the same, amortised:
/// forgetting all entries in whatever order is linear. The first [`entries`](Self::entries) after some were
/// forgotten closes their gaps, which is linear in the number of entries. [`signal_all`](Self::signal_all)
/// and [`signal_targets`](Self::signal_targets) with their pruning are linear in the number of entries and
/// targets.
#[derive(Debug)]
pub struct ProcessGroups {
    signaller: Arc<dyn Signaller>,
    entries: Entries,
    /// The newest incarnation that was given.
    newest: u64,
}

impl Default for ProcessGroups {
    /// An empty registry of groups on this machine, signalled through [`LocalSignaller`].
    fn default() -> Self {
        Self::new(Arc::new(LocalSignaller))
    }
}

impl ProcessGroups {
    /// An empty registry whose groups live where `signaller` reaches.
    pub fn new(signaller: Arc<dyn Signaller>) -> Self {
        Self { signaller, entries: Entries::default(), newest: 0 }
    }

    /// Holds the group of `leader_pid` from now on. Asks nobody.
    ///
    /// One that is held already with this label is left as it is. With another label it is taken for another
    /// owner's: it stays where it stands, with the new label and a new incarnation.
    pub fn register(&mut self, leader_pid: u32, label: impl Into<String>) {
        let label = label.into();
        let held = self.entries.get_mut(leader_pid);
        if held.as_ref().is_some_and(|entry| entry.label == label) {
            return;
        }
        self.newest += 1;
        let entry = ProcessGroupEntry { leader_pid, label, incarnation: self.newest };
        match held {
            Some(held) => {
                *held = entry;
                self.signaller.unpin(leader_pid);
            }
            None => self.entries.push(entry),
        }
        self.signaller.pin(leader_pid);
    }

    /// Drops the entry of `leader_pid`, whatever its label, if there is one. Signals nobody.
    pub fn forget(&mut self, leader_pid: u32) {
        if self.entries.remove(leader_pid) {
            self.signaller.unpin(leader_pid);
        }
    }

    /// Drops the entry of `leader_pid` only while it bears that label, so that a late exit notice of an owner
    /// before does not drop the entry of the one that has the pid now. Signals nobody.
    pub fn forget_registration(&mut self, leader_pid: u32, label: &str) {
        if self.entries.get_mut(leader_pid).is_some_and(|entry| entry.label == label) {
            self.forget(leader_pid);
        }
    }

    /// Asks the signaller once for each entry, in order, and returns each entry with its answer.
    ///
    /// Entries answered `Ok(false)` have exited and are dropped; all others stay, those answered `Err` (the
    /// second half of a pair) with the message unchanged. An entry for which the signaller gave no answer
    /// gets an `Err` that says so, and stays.
    ///
    /// # Panics
    /// Only if the signaller does; then no entry is lost.
    pub fn signal_all(&mut self, signal_name: &str) -> Vec<(ProcessGroupEntry, Result<bool, String>)> {
        let leader_pids: Vec<u32> = self.entries().iter().map(|entry| entry.leader_pid).collect();
        let answers = self.ask(&leader_pids, signal_name);
        let results: Vec<_> = self.entries().iter().cloned().zip(answers).collect();
        let exited = results.iter().filter(|(_, answer)| matches!(answer, Ok(false)));
        self.prune(&exited.map(|(entry, _)| entry.leader_pid).collect::<Vec<_>>());
        results
    }

    /// Asks the signaller for those of `targets` that still stand, in their order, and returns each target
    /// with its answer. This is for a second signal that comes some time after the first: targets are entries
    /// as [`entries`](Self::entries) listed them or as an earlier call returned them.
    ///
    /// A target stands while the registry lists exactly that entry: one that was dropped, or registered since
    /// with another label, does not. It has the answer `Ok(false)`: its group has left this registry. Nobody
    /// is asked for it and nothing is dropped, least of all the entry that has its leader pid now. When no
    /// target stands the signaller is not called at all.
    ///
    /// Which targets stand is settled before anybody is asked. The signaller is asked about an entry once,
    /// also if it is several times among the targets: each then has the same answer. (The pid might be given
    /// away between two questions.) Entries answered `Ok(false)` are dropped, and an answer that is missing
    /// is an `Err`, as with [`signal_all`](Self::signal_all).
    ///
    /// # Panics
    /// Only if the signaller does; then no entry is lost.
    ///
    /// ```
    /// use process_groups::{ProcessGroups, signaller_fn};
    /// use std::sync::Arc;
    ///
    /// let mut groups = ProcessGroups::new(Arc::new(signaller_fn(|_leader_pid, _signal_name| Ok(true))));
    /// groups.register(4242, "test, first run");
    /// let targets: Vec<_> = groups.signal_all("SIGTERM").into_iter().map(|(entry, _)| entry).collect();
    ///
    /// // The grace period; the first run ends, and the second is given its pid.
    /// groups.register(4242, "test, second run");
    ///
    /// let results = groups.signal_targets("SIGKILL", &targets);
    /// assert_eq!(results[0].1, Ok(false), "the first run has left, and the second is not asked about");
    /// assert_eq!(groups.entries()[0].label, "test, second run");
    /// ```
    pub fn signal_targets(
        &mut self,
        signal_name: &str,
        targets: &[ProcessGroupEntry],
    ) -> Vec<(ProcessGroupEntry, Result<bool, String>)> {
        let mut leader_pids = Vec::new();
        let mut place_of = HashMap::new();
        let places: Vec<Option<usize>> = targets
            .iter()
            .map(|target| {
                self.stands(target).then(|| {
                    *place_of.entry(target.leader_pid).or_insert_with(|| {
                        leader_pids.push(target.leader_pid);
                        leader_pids.len() - 1
                    })
                })
            })
            .collect();
        let answers = self.ask(&leader_pids, signal_name);
        let exited = leader_pids.iter().zip(&answers).filter(|(_, answer)| matches!(answer, Ok(false)));
        self.prune(&exited.map(|(leader_pid, _)| *leader_pid).collect::<Vec<_>>());
        let answer = |place: Option<usize>| place.map_or(Ok(false), |place| answers[place].clone());
        targets.iter().cloned().zip(places.into_iter().map(answer)).collect()
    }

    /// Asks `signaller` from now on. Every entry is kept; nobody is asked.
    ///
    /// The old one [unpins](Signaller::unpin) what is held, and the new one [pins](Signaller::pin) whoever
    /// has these ids now. If it is the same one, it goes on holding whom it pinned.
    pub fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        if Arc::ptr_eq(&self.signaller, &signaller) {
            return;
        }
        let old = std::mem::replace(&mut self.signaller, signaller);
        for entry in self.entries.as_slice() {
            old.unpin(entry.leader_pid);
            self.signaller.pin(entry.leader_pid);
        }
    }

    /// The groups it holds, in the order in which they were first registered.
    pub fn entries(&self) -> &[ProcessGroupEntry] {
        self.entries.as_slice()
    }

    /// Whether the registry lists exactly that entry.
    fn stands(&self, target: &ProcessGroupEntry) -> bool {
        self.entries.get(target.leader_pid) == Some(target)
    }

    /// One answer for each of `leader_pids`, in their order.
    fn ask(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Result<bool, String>> {
        if leader_pids.is_empty() {
            return Vec::new();
        }
        let mut answers = self.signaller.signal_each(leader_pids, signal_name);
        let (asked, answered) = (leader_pids.len(), answers.len());
        let missing = || {
            Err(format!("the signaller gave {answered} answers for {asked} groups, and none for this one"))
        };
        answers.resize_with(asked, missing);
        answers
    }

    /// Drops the entries of these groups, which have exited.
    fn prune(&mut self, exited: &[u32]) {
        for leader_pid in exited {
            self.entries.remove(*leader_pid);
        }
        // Last, so that one that panics finds the registry whole.
        for leader_pid in exited {
            self.signaller.unpin(*leader_pid);
        }
    }
}

impl Drop for ProcessGroups {
    /// Lets the signaller [unpin](Signaller::unpin) what is held. Signals nobody.
    fn drop(&mut self) {
        for entry in self.entries.as_slice() {
            self.signaller.unpin(entry.leader_pid);
        }
    }
}

#[cfg(test)]
mod tests;
