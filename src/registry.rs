//! The groups that one window owns.

use crate::{LocalSignaller, Signaller};
use std::collections::HashMap;
use std::sync::Arc;

/// One group that the registry holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProcessGroupEntry {
    /// The pid of the process that created the group, which is the group's id.
    pub leader_pid: u32,
    /// What people call it: the command, the cell, the task.
    pub label: String,
}

/// The process groups that one window owns, in the order in which they were first registered.
///
/// Finding an entry takes amortised constant time (and a binary search to remove it), [`signal_all`] with its
/// pruning is linear in the number of entries.
///
/// [`signal_all`]: Self::signal_all
#[derive(Debug)]
pub struct ProcessGroups {
    signaller: Arc<dyn Signaller>,
    entries: Vec<ProcessGroupEntry>,
    /// For each entry, the number of its registration. They ascend, so that pruning moves no positions.
    numbers: Vec<u64>,
    number_of: HashMap<u32, u64>,
    next_number: u64,
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
        Self {
            signaller,
            entries: Vec::new(),
            numbers: Vec::new(),
            number_of: HashMap::new(),
            next_number: 0,
        }
    }

    /// Holds the group of `leader_pid` from now on. One that is held already gets the new label and stays where
    /// it is. Asks nobody.
    pub fn register(&mut self, leader_pid: u32, label: impl Into<String>) {
        let label = label.into();
        if let Some(position) = self.position(leader_pid) {
            self.entries[position].label = label;
            return;
        }
        self.entries.push(ProcessGroupEntry { leader_pid, label });
        self.numbers.push(self.next_number);
        self.number_of.insert(leader_pid, self.next_number);
        self.next_number += 1;
    }

    /// Drops the entry of `leader_pid`, if there is one. Signals nobody.
    pub fn forget(&mut self, leader_pid: u32) {
        if let Some(position) = self.position(leader_pid) {
            self.entries.remove(position);
            self.numbers.remove(position);
            self.number_of.remove(&leader_pid);
        }
    }

    /// Asks the signaller once for each entry, in order, and returns each entry with its answer.
    ///
    /// Entries answered `Ok(false)` have exited and are dropped; all others stay, those answered `Err` (the
    /// second half of a pair) with the message unchanged. An entry for which the signaller gave no answer gets an
    /// `Err` that says so, and stays.
    ///
    /// # Panics
    /// Only if the signaller does; then no entry is lost.
    pub fn signal_all(&mut self, signal_name: &str) -> Vec<(ProcessGroupEntry, Result<bool, String>)> {
        if self.entries.is_empty() {
            return Vec::new();
        }
        let leader_pids: Vec<u32> = self.entries.iter().map(|entry| entry.leader_pid).collect();
        let answers = self.signaller.signal_each(&leader_pids, signal_name);
        let (asked, answered) = (leader_pids.len(), answers.len());
        let missing = || {
            Err(format!("the signaller gave {answered} answers for {asked} groups, and none for this one"))
        };

        let results: Vec<_> = self
            .entries
            .iter()
            .cloned()
            .zip(answers.into_iter().chain(std::iter::repeat_with(missing)))
            .collect();
        self.prune(&results);
        results
    }

    /// Asks `signaller` from now on. Every entry is kept; nobody is asked.
    pub fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        self.signaller = signaller;
    }

    /// The groups it holds, in the order in which they were first registered.
    pub fn entries(&self) -> &[ProcessGroupEntry] {
        &self.entries
    }

    fn position(&self, leader_pid: u32) -> Option<usize> {
        let number = self.number_of.get(&leader_pid)?;
        self.numbers.binary_search(number).ok()
    }

    /// Drops the entries whose result is `Ok(false)`. There is one result for each entry, in order.
    fn prune(&mut self, results: &[(ProcessGroupEntry, Result<bool, String>)]) {
        let exited = |result: &(ProcessGroupEntry, Result<bool, String>)| result.1 == Ok(false);
        let mut of_entry = results.iter();
        self.entries.retain(|_| !of_entry.next().is_some_and(exited));
        let mut of_number = results.iter();
        self.numbers.retain(|_| !of_number.next().is_some_and(exited));
        for (entry, _) in results.iter().filter(|result| exited(result)) {
            self.number_of.remove(&entry.leader_pid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProcessGroups;
    use crate::signaller_fn;
    use std::sync::Arc;

    #[test]
    fn the_index_holds_no_more_than_the_entries() {
        let every_third_has_exited = signaller_fn(|leader_pid, _| Ok(leader_pid % 3 != 0));
        let mut groups = ProcessGroups::new(Arc::new(every_third_has_exited));
        (0..90).for_each(|leader_pid| groups.register(leader_pid, "job"));
        (0..10).for_each(|leader_pid| groups.forget(leader_pid));
        (0..5).for_each(|leader_pid| groups.register(leader_pid, "job"));
        groups.signal_all("SIGTERM");
        let held = [groups.entries.len(), groups.numbers.len(), groups.number_of.len()];
        // 10 to 89 and 0 to 4, without the multiples of three: 12 to 87, 0 and 3.
        assert_eq!(held, [85 - 28; 3]);
    }
}
