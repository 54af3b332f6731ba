//! A registry in its plainest form, each way of which can be replaced: a mutant replaces one.

use super::stopping::{self, Endings, Steps};
use crate::subject::registry::{Meanwhile, Registry};
use crate::subject::wire::SignalResult;
use process_groups::{LocalSignaller, ProcessGroupEntry as Entry, Signaller};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What `signal_all` returns.
pub type Results = Vec<(Entry, SignalResult)>;

/// What a registry holds, and what a faulty one remembers beside it.
pub struct State {
    /// The entries.
    pub entries: Vec<Entry>,
    /// The signaller.
    pub signaller: Arc<dyn Signaller>,
    /// Entries that a mutant keeps elsewhere.
    pub other_entries: Vec<Entry>,
    /// Signallers that a mutant keeps elsewhere.
    pub other_signallers: Vec<Arc<dyn Signaller>>,
    /// Answers that a mutant keeps.
    pub answers: HashMap<u32, SignalResult>,
    /// Numbers that a mutant keeps for leader pids.
    pub numbers: HashMap<u32, usize>,
    /// A number that a mutant keeps.
    pub count: usize,
    /// What a mutant locks.
    pub lock: Arc<Mutex<()>>,
    /// The newest incarnation that was given.
    pub newest: u64,
}

impl State {
    fn new(signaller: Arc<dyn Signaller>) -> Self {
        Self {
            entries: Vec::new(),
            signaller,
            other_entries: Vec::new(),
            other_signallers: Vec::new(),
            answers: HashMap::new(),
            numbers: HashMap::new(),
            count: 0,
            lock: Arc::default(),
            newest: 0,
        }
    }

    /// Where the entry of that leader pid stands.
    pub fn position(&self, leader_pid: u32) -> Option<usize> {
        self.entries.iter().position(|entry| entry.leader_pid == leader_pid)
    }

    /// The next incarnation.
    pub fn next_incarnation(&mut self) -> u64 {
        self.newest += 1;
        self.newest
    }

    /// The leader pids of the entries.
    pub fn leader_pids(&self) -> Vec<u32> {
        self.entries.iter().map(|entry| entry.leader_pid).collect()
    }
}

/// How each thing is done.
#[derive(Clone, Copy, Debug)]
pub struct Ways {
    /// The signaller of a registry made by default.
    pub default: fn() -> Arc<dyn Signaller>,
    /// Registering.
    pub register: fn(&mut State, u32, String),
    /// Forgetting.
    pub forget: fn(&mut State, u32),
    /// Replacing the signaller.
    pub set_signaller: fn(&mut State, Arc<dyn Signaller>),
    /// Listing.
    pub entries: fn(&State) -> Vec<Entry>,
    /// Signalling all, of which the next three are steps.
    pub signal_all: fn(&Ways, &mut State, &str) -> Results,
    /// Asking for the answers, in the order of the entries.
    pub ask: fn(&mut State, &str) -> Vec<SignalResult>,
    /// Making results of entries and answers.
    pub pair: fn(&State, Vec<SignalResult>) -> Results,
    /// Dropping what has exited, after a signal of that name.
    pub prune: fn(&mut State, &Results, &str),
    /// Forgetting under a label.
    pub forget_registration: fn(&mut State, u32, &str),
    /// Signalling targets, of which the next two are steps.
    pub signal_targets: fn(&Ways, &mut State, &str, &[Entry]) -> Results,
    /// Whether a target still stands.
    pub stands: fn(&State, &Entry) -> bool,
    /// Dropping those of the results that have exited; the second are the targets that stood.
    pub prune_targets: fn(&mut State, &Results, &[Entry]),
    /// Stopping.
    pub stop: Steps,
}

/// Every way without a mistake.
pub const RIGHT: Ways = Ways {
    default,
    register,
    forget,
    set_signaller,
    entries,
    signal_all,
    ask,
    pair,
    prune,
    forget_registration,
    signal_targets,
    stands,
    prune_targets,
    stop: stopping::RIGHT,
};

fn default() -> Arc<dyn Signaller> {
    Arc::new(LocalSignaller)
}

/// Registers as one should.
pub fn register(state: &mut State, leader_pid: u32, label: String) {
    match state.position(leader_pid) {
        Some(position) if state.entries[position].label == label => {}
        Some(position) => state.entries[position] = Entry::new(leader_pid, label, state.next_incarnation()),
        None => {
            let incarnation = state.next_incarnation();
            state.entries.push(Entry::new(leader_pid, label, incarnation));
        }
    }
}

/// Forgets as one should.
pub fn forget(state: &mut State, leader_pid: u32) {
    state.entries.retain(|entry| entry.leader_pid != leader_pid);
}

/// Replaces the signaller as one should.
pub fn set_signaller(state: &mut State, signaller: Arc<dyn Signaller>) {
    state.signaller = signaller;
}

/// Lists as one should.
pub fn entries(state: &State) -> Vec<Entry> {
    state.entries.clone()
}

/// Signals all as one should.
pub fn signal_all(ways: &Ways, state: &mut State, signal_name: &str) -> Results {
    if state.entries.is_empty() {
        return Vec::new();
    }
    let answers = (ways.ask)(state, signal_name);
    let results = (ways.pair)(state, answers);
    (ways.prune)(state, &results, signal_name);
    results
}

/// Asks as one should.
pub fn ask(state: &mut State, signal_name: &str) -> Vec<SignalResult> {
    state.signaller.signal_each(&state.leader_pids(), signal_name)
}

/// Makes results as one should.
pub fn pair(state: &State, answers: Vec<SignalResult>) -> Results {
    let none = || Err("the signaller gave no answer for this group".to_owned());
    let answers = answers.into_iter().chain(std::iter::repeat_with(none));
    state.entries.iter().cloned().zip(answers).collect()
}

/// Drops what has exited as one should.
pub fn prune(state: &mut State, results: &Results, _: &str) {
    let mut results = results.iter();
    state.entries.retain(|_| results.next().is_none_or(|(_, answer)| *answer != Ok(false)));
}

/// Forgets a registration as one should.
pub fn forget_registration(state: &mut State, leader_pid: u32, label: &str) {
    state.entries.retain(|entry| entry.leader_pid != leader_pid || entry.label != label);
}

/// Signals targets as one should. One that is there twice is asked for twice, which is left open.
pub fn signal_targets(ways: &Ways, state: &mut State, signal_name: &str, targets: &[Entry]) -> Results {
    let standing: Vec<Entry> =
        targets.iter().filter(|target| (ways.stands)(state, target)).cloned().collect();
    let leader_pids: Vec<u32> = standing.iter().map(|target| target.leader_pid).collect();
    let answers = match leader_pids.as_slice() {
        [] => Vec::new(),
        leader_pids => state.signaller.signal_each(leader_pids, signal_name),
    };
    let mut answers = answers.into_iter();
    let mut answer = |target: &Entry| match standing.contains(target) {
        true => {
            answers.next().unwrap_or_else(|| Err("the signaller gave no answer for this group".to_owned()))
        }
        false => Ok(false),
    };
    let results = targets.iter().map(|target| (target.clone(), answer(target))).collect();
    (ways.prune_targets)(state, &results, &standing);
    results
}

/// Knows as one should whether a target still stands.
pub fn stands(state: &State, target: &Entry) -> bool {
    state.entries.contains(target)
}

/// Drops the targets that have exited as one should.
pub fn prune_targets(state: &mut State, results: &Results, standing: &[Entry]) {
    let exited = |entry: &Entry| results.iter().any(|(of, answer)| of == entry && *answer == Ok(false));
    state.entries.retain(|entry| !(standing.contains(entry) && exited(entry)));
}

/// A registry with these ways.
pub struct Plain {
    /// Its ways.
    pub ways: Ways,
    /// What it holds.
    pub state: State,
}

impl Plain {
    /// One that holds nothing, with that signaller or the one by default.
    pub fn with(ways: Ways, signaller: Option<Arc<dyn Signaller>>) -> Self {
        Self { ways, state: State::new(signaller.unwrap_or_else(ways.default)) }
    }
}

impl Registry for Plain {
    fn new(signaller: Arc<dyn Signaller>) -> Self {
        Self::with(RIGHT, Some(signaller))
    }

    fn made_by_default() -> Self {
        Self::with(RIGHT, None)
    }

    fn register(&mut self, leader_pid: u32, label: String) {
        (self.ways.register)(&mut self.state, leader_pid, label);
    }

    fn forget(&mut self, leader_pid: u32) {
        (self.ways.forget)(&mut self.state, leader_pid);
    }

    fn signal_all(&mut self, signal_name: &str) -> Results {
        (self.ways.signal_all)(&self.ways, &mut self.state, signal_name)
    }

    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        (self.ways.set_signaller)(&mut self.state, signaller);
    }

    fn entries(&self) -> Vec<Entry> {
        (self.ways.entries)(&self.state)
    }

    fn fences() -> bool {
        true
    }

    fn signal_targets(&mut self, signal_name: &str, targets: &[Entry]) -> Results {
        (self.ways.signal_targets)(&self.ways, &mut self.state, signal_name, targets)
    }

    fn forget_registration(&mut self, leader_pid: u32, label: &str) {
        (self.ways.forget_registration)(&mut self.state, leader_pid, label);
    }

    fn stops() -> bool {
        true
    }

    fn stop(&mut self, grace: Duration, meanwhile: Meanwhile<'_>) -> Endings {
        stopping::stop(self, grace, meanwhile)
    }
}
