//! The model of a registry of process groups.

/// What a registry holds: leader pids with their labels, in the order in which they were first registered.
///
/// Replacing the signaller, listing, and a call in which the signaller panics change nothing of it.
///
/// ```
/// use process_groups::model::{Answer, Registry};
///
/// let mut registry = Registry::new();
/// registry.register(20, "build");
/// registry.register(10, "test");
/// registry.register(20, "build again");
/// assert_eq!(registry.questions(), [20, 10]);
///
/// let owed = registry.settle(&[Ok(false), Err("permission denied".to_owned())]);
/// assert_eq!((owed[0].leader_pid, owed[0].label.as_str()), (20, "build again"));
/// assert!(owed[0].is_met_by(&Ok(false)));
/// assert_eq!(registry.entries(), [(10, "test".to_owned())], "what has exited is dropped, what failed stays");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    entries: Vec<(u32, String)>,
}

/// One result that a registry owes: the entry as it was at the call, and what must be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The leader pid of the entry.
    pub leader_pid: u32,
    /// The label that it had at the call.
    pub label: String,
    /// The answer that the signaller gave for this entry, which must be passed on unchanged. `None` when it gave
    /// none: then an `Err` that says so is owed, in whatever words.
    pub answer: Option<Result<bool, String>>,
}

impl Owed {
    /// Whether that result is what is owed.
    pub fn is_met_by(&self, result: &Result<bool, String>) -> bool {
        match &self.answer {
            Some(answer) => answer == result,
            None => result.is_err(),
        }
    }
}

impl Registry {
    /// One that holds nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds that leader pid from now on: at the end, or, when it is held already, where it stands, with the new
    /// label.
    pub fn register(&mut self, leader_pid: u32, label: impl Into<String>) {
        let label = label.into();
        for entry in &mut self.entries {
            if entry.0 == leader_pid {
                entry.1 = label;
                return;
            }
        }
        self.entries.push((leader_pid, label));
    }

    /// Holds that leader pid no longer, if it did.
    pub fn forget(&mut self, leader_pid: u32) {
        self.entries.retain(|entry| entry.0 != leader_pid);
    }

    /// The entries: leader pid and label, in the order of first registration.
    pub fn entries(&self) -> &[(u32, String)] {
        &self.entries
    }

    /// The leader pids that the signaller must be asked about by `signal_all`, in that order, each once. Nobody is
    /// asked when there are none.
    pub fn questions(&self) -> Vec<u32> {
        self.entries.iter().map(|entry| entry.0).collect()
    }

    /// What `signal_all` owes after the signaller gave these answers, the first for the first entry and so on:
    /// one result an entry, in order. Entries answered `Ok(false)` are dropped, and no others.
    ///
    /// There may be too few answers: the last entries have none, and stay. Or too many: those beyond the last
    /// entry belong to nobody.
    pub fn settle(&mut self, answers: &[Result<bool, String>]) -> Vec<Owed> {
        let mut owed = Vec::new();
        let mut kept = Vec::new();
        for (position, (leader_pid, label)) in self.entries.iter().enumerate() {
            let answer = answers.get(position).cloned();
            if answer != Some(Ok(false)) {
                kept.push((*leader_pid, label.clone()));
            }
            owed.push(Owed { leader_pid: *leader_pid, label: label.clone(), answer });
        }
        self.entries = kept;
        owed
    }
}

#[cfg(test)]
mod tests {
    use super::Registry;

    fn holding(leader_pids: &[u32]) -> Registry {
        let mut registry = Registry::new();
        for leader_pid in leader_pids {
            registry.register(*leader_pid, format!("label of {leader_pid}"));
        }
        registry
    }

    #[test]
    fn entries_stand_in_the_order_of_first_registration() {
        assert_eq!(holding(&[9, 2, 5, 2]).questions(), [9, 2, 5]);
    }

    #[test]
    fn registered_again_an_entry_gets_the_new_label_where_it_stands() {
        let mut registry = holding(&[9, 2]);
        registry.register(9, "new");
        assert_eq!(registry.entries(), [(9, "new".to_owned()), (2, "label of 2".to_owned())]);
    }

    #[test]
    fn forget_drops_that_leader_pid_and_no_other() {
        let mut registry = holding(&[9, 2, 5]);
        registry.forget(2);
        registry.forget(77);
        assert_eq!(registry.questions(), [9, 5]);
    }

    #[test]
    fn forgotten_and_registered_again_an_entry_goes_last() {
        let mut registry = holding(&[9, 2, 5]);
        registry.forget(9);
        registry.register(9, "back");
        assert_eq!(registry.questions(), [2, 5, 9]);
    }

    #[test]
    fn exactly_the_exited_entries_are_dropped() {
        let mut registry = holding(&[1, 2, 3, 4]);
        let owed = registry.settle(&[Ok(false), Ok(true), Err("no".to_owned()), Ok(false)]);
        assert_eq!(registry.questions(), [2, 3]);
        let owed: Vec<_> = owed.into_iter().map(|owed| (owed.leader_pid, owed.answer)).collect();
        assert_eq!(
            owed,
            [
                (1, Some(Ok(false))),
                (2, Some(Ok(true))),
                (3, Some(Err("no".to_owned()))),
                (4, Some(Ok(false)))
            ]
        );
    }

    #[test]
    fn an_entry_without_an_answer_stays_and_is_owed_an_error() {
        let mut registry = holding(&[1, 2, 3]);
        let owed = registry.settle(&[Ok(false)]);
        assert_eq!(registry.questions(), [2, 3]);
        assert_eq!(owed[1].label, "label of 2");
        assert!(owed[1].is_met_by(&Err("in any words".to_owned())));
        assert!(!owed[1].is_met_by(&Ok(true)) && !owed[1].is_met_by(&Ok(false)));
    }

    #[test]
    fn answers_beyond_the_last_entry_belong_to_nobody() {
        let mut registry = holding(&[1]);
        let owed = registry.settle(&[Ok(true), Ok(false), Ok(false)]);
        assert_eq!((owed.len(), registry.questions()), (1, vec![1]));
    }

    #[test]
    fn an_answer_is_owed_unchanged() {
        let owed = holding(&[1]).settle(&[Err("permission denied".to_owned())]);
        assert!(owed[0].is_met_by(&Err("permission denied".to_owned())));
        assert!(!owed[0].is_met_by(&Err("Permission denied".to_owned())));
        assert!(!owed[0].is_met_by(&Ok(false)));
    }
}
