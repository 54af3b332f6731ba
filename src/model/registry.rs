//! The model of a registry of process groups.

mod stop;

pub use stop::{Ending, Stop};

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
///
/// # Fencing
/// A registry that fences reused pids gives each [`Registration`] an identity, and asks only for those that
/// still stand:
///
/// ```
/// use process_groups::model::Registry;
///
/// let mut registry = Registry::new();
/// registry.register(20, "build");
/// let targets = registry.registrations();
/// registry.register(20, "whoever has the pid now");
/// assert!(registry.questions_of(&targets).is_empty());
///
/// let owed = registry.settle_targets(&targets, &[]);
/// assert_eq!(owed[0].answer, Some(Ok(false)));
/// assert_eq!(registry.questions(), [20], "nothing is dropped for a target that does not stand");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registry {
    entries: Vec<(u32, String)>,
    /// The identity of each entry.
    identities: Vec<u64>,
    /// How many identities were given so far, which is the newest.
    given: u64,
}

/// One registration, as a caller keeps it to signal that one later, and no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Registration {
    /// The leader pid.
    pub leader_pid: u32,
    /// The label.
    pub label: String,
    /// What tells it from every other registration of the same registry. A real one may number them as it
    /// likes, so long as no two have the same.
    pub identity: u64,
}

/// One result that a registry owes: the entry as it was at the call, and what must be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The leader pid of the entry.
    pub leader_pid: u32,
    /// The label that it had at the call.
    pub label: String,
    /// The answer that the signaller gave for this entry, which must be passed on unchanged. `None` when it
    /// gave none: then an `Err` that says so is owed, in whatever words.
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

    /// Holds that leader pid from now on: at the end, or, when it is held already, where it stands, with the
    /// new label. A leader pid that was not held, or had another label, is a new registration.
    pub fn register(&mut self, leader_pid: u32, label: impl Into<String>) {
        let label = label.into();
        for (entry, identity) in self.entries.iter_mut().zip(&mut self.identities) {
            if entry.0 == leader_pid {
                if entry.1 != label {
                    entry.1 = label;
                    self.given += 1;
                    *identity = self.given;
                }
                return;
            }
        }
        self.entries.push((leader_pid, label));
        self.given += 1;
        self.identities.push(self.given);
    }

    /// Holds that leader pid no longer, if it did.
    pub fn forget(&mut self, leader_pid: u32) {
        self.keep(|registration| registration.leader_pid != leader_pid);
    }

    /// Holds that leader pid no longer, if it did and bears that label.
    pub fn forget_registration(&mut self, leader_pid: u32, label: &str) {
        self.keep(|registration| registration.leader_pid != leader_pid || registration.label != label);
    }

    /// The entries: leader pid and label, in the order of first registration.
    pub fn entries(&self) -> &[(u32, String)] {
        &self.entries
    }

    /// The registrations that stand: those of the [`entries`](Self::entries), in their order.
    pub fn registrations(&self) -> Vec<Registration> {
        let both = self.entries.iter().cloned().zip(&self.identities);
        both.map(|((leader_pid, label), &identity)| Registration { leader_pid, label, identity }).collect()
    }

    /// Whether that registration still stands.
    pub fn stands(&self, registration: &Registration) -> bool {
        self.registrations().contains(registration)
    }

    /// The leader pids that the signaller must be asked about by `signal_all`, in that order, each once.
    /// Nobody is asked when there are none.
    pub fn questions(&self) -> Vec<u32> {
        self.entries.iter().map(|entry| entry.0).collect()
    }

    /// The leader pids that the signaller must be asked about by `signal_targets`: those of the targets that
    /// stand, in the targets' order. Nobody is asked when there are none.
    ///
    /// Whether one that stands twice among the targets is asked about once or twice the contract leaves open.
    /// Here it is once, at its first place: between two questions the pid could be given away.
    pub fn questions_of(&self, targets: &[Registration]) -> Vec<u32> {
        let mut questions = Vec::new();
        for target in targets {
            if self.stands(target) && !questions.contains(&target.leader_pid) {
                questions.push(target.leader_pid);
            }
        }
        questions
    }

    /// What `signal_all` owes after the signaller gave these answers, the first for the first entry and so
    /// on: one result an entry, in order. Entries answered `Ok(false)` are dropped, and no others.
    ///
    /// There may be too few answers: the last entries have none, and stay. Or too many: those beyond the last
    /// entry belong to nobody.
    pub fn settle(&mut self, answers: &[Result<bool, String>]) -> Vec<Owed> {
        self.settle_targets(&self.registrations(), answers)
    }

    /// What `signal_targets` owes after the signaller gave these answers, the first for the first of the
    /// [`questions_of`](Self::questions_of) these targets and so on: one result a target, in order. Entries
    /// answered `Ok(false)` are dropped, and no others. `Ok(false)` is owed for a target that does not stand,
    /// too, and nothing is dropped for it.
    ///
    /// There may be too few answers or too many, as in [`settle`](Self::settle).
    pub fn settle_targets(
        &mut self,
        targets: &[Registration],
        answers: &[Result<bool, String>],
    ) -> Vec<Owed> {
        let questions = self.questions_of(targets);
        let answer_of = |leader_pid: u32| {
            let place = questions.iter().position(|asked| *asked == leader_pid);
            place.and_then(|place| answers.get(place)).cloned()
        };
        let mut owed = Vec::new();
        for target in targets {
            let answer = if self.stands(target) { answer_of(target.leader_pid) } else { Some(Ok(false)) };
            owed.push(Owed { leader_pid: target.leader_pid, label: target.label.clone(), answer });
        }
        self.keep(|registration| answer_of(registration.leader_pid) != Some(Ok(false)));
        owed
    }

    /// Holds only what `holds` says of.
    fn keep(&mut self, holds: impl Fn(&Registration) -> bool) {
        let kept = self.registrations().into_iter().filter(holds);
        (self.entries, self.identities) = kept
            .map(|registration| ((registration.leader_pid, registration.label), registration.identity))
            .unzip();
    }
}

#[cfg(test)]
mod tests;
