//! Every short history of a registry, beside its model: nothing is left to chance.
//!
//! A step is `register` (3 leader pids, 2 labels), `forget`, `signal_all` (each of 3 answers for each entry) or
//! `set_signaller` (to and fro between 2). Every history of up to [`LONGEST`] steps is taken on a registry of its own;
//! no two are held to be alike. Longer ones, further leader pids, batches of the wrong length and panics are drawn at
//! random in `registry.rs`.

use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller, model};
use std::sync::{Arc, Mutex};

/// A release build takes some ten seconds; a debug build is for every day. A step more is eighteen times the work.
const LONGEST: usize = if cfg!(debug_assertions) { 4 } else { 6 };

/// How many histories have exactly so many steps, worked out without walking: with n entries there are 6 ways to
/// register, 3 to forget, 1 to swap and 3^n to signal all, and each leads to a number of entries that is plain to see.
const HISTORIES: [usize; 7] = [1, 11, 133, 1_799, 27_001, 442_355, 7_743_613];

const LEADER_PIDS: [u32; 3] = [30, 10, 20];
const LABELS: [&str; 2] = ["build", "test"];
/// Of the calls in turn, so that a name kept from an earlier one shows.
const NAMES: [&str; 2] = ["SIGTERM", "a name that nobody knows"];

type Answer = Result<bool, String>;

/// What is answered for each of [`LEADER_PIDS`], as a digit each to the base of 3.
type Answers = usize;

#[derive(Clone, Copy, Debug)]
enum Step {
    Register(u32, &'static str),
    Forget(u32),
    Swap,
    SignalAll(&'static str, Answers),
}

fn digit(answers: Answers, place: usize) -> usize {
    answers / [1, 3, 9][place] % 3
}

fn answer(answers: Answers, leader_pid: u32) -> Answer {
    let place = LEADER_PIDS.into_iter().position(|known| known == leader_pid).expect("it was registered");
    match digit(answers, place) {
        0 => Ok(true),
        1 => Ok(false),
        _ => Err(format!("{leader_pid} is refused")),
    }
}

/// Every step that can come next.
fn next_steps(model: &model::Registry, taken: usize) -> impl Iterator<Item = Step> {
    let held = LEADER_PIDS.map(|pid| model.questions().contains(&pid));
    // Whom nobody asks for has one answer only, or the same step would count as several.
    let distinct = move |&answers: &Answers| (0..3).all(|place| held[place] || digit(answers, place) == 0);
    let register = LEADER_PIDS.into_iter().flat_map(|pid| LABELS.map(|label| Step::Register(pid, label)));
    let signal_all = (0..27).filter(distinct).map(move |answers| Step::SignalAll(NAMES[taken % 2], answers));
    register.chain(LEADER_PIDS.map(Step::Forget)).chain([Step::Swap]).chain(signal_all)
}

/// What the signallers are to answer, and what they were asked: which of them, for whom, under which name.
#[derive(Debug, Default)]
struct Script {
    answers: Answers,
    questions: Vec<(usize, u32, String)>,
}

#[derive(Debug)]
struct Scripted {
    number: usize,
    script: Arc<Mutex<Script>>,
}

impl Signaller for Scripted {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Answer {
        let mut script = self.script.lock().expect("nobody panics while holding it");
        script.questions.push((self.number, leader_pid, signal_name.to_owned()));
        answer(script.answers, leader_pid)
    }
}

/// A walk through all histories, depth first.
struct Walk {
    script: Arc<Mutex<Script>>,
    signallers: [Arc<Scripted>; 2],
    history: Vec<Step>,
    /// How many histories of each length were taken.
    taken: [usize; LONGEST + 1],
}

impl Walk {
    fn new() -> Self {
        let script = Arc::default();
        let signallers = [0, 1].map(|number| Arc::new(Scripted { number, script: Arc::clone(&script) }));
        Self { script, signallers, history: Vec::new(), taken: [0; LONGEST + 1] }
    }

    /// Compares what the history came to, and goes on with every history that begins with it. `model` has taken all
    /// of its steps but the last.
    fn visit(&mut self, mut model: model::Registry) {
        self.compare(&mut model);
        self.taken[self.history.len()] += 1;
        if self.history.len() < LONGEST {
            for step in next_steps(&model, self.history.len()) {
                self.history.push(step);
                self.visit(model.clone());
                self.history.pop();
            }
        }
    }

    /// Takes the history on a new registry and its last step on the model. What can be seen of the two must be the
    /// same; of the steps before, that was seen when they were last.
    fn compare(&self, model: &mut model::Registry) {
        let history = &self.history;
        let mut real = Real { registry: ProcessGroups::new(self.signaller(0)), current: 0, walk: self };
        if let Some((last, before)) = history.split_last() {
            for step in before {
                real.take(*step);
            }
            self.script.lock().expect("as above").questions.clear();
            let results = real.take(*last);
            let asked = std::mem::take(&mut self.script.lock().expect("as above").questions);

            let mut questions = Vec::new();
            let mut owed = Vec::new();
            match *last {
                Step::Register(leader_pid, label) => model.register(leader_pid, label),
                Step::Forget(leader_pid) => model.forget(leader_pid),
                Step::Swap => {}
                Step::SignalAll(name, answers) => {
                    let leader_pids = model.questions();
                    questions.extend(leader_pids.iter().map(|&pid| (real.current, pid, name.to_owned())));
                    let answers: Vec<_> = leader_pids.into_iter().map(|pid| answer(answers, pid)).collect();
                    owed = model.settle(&answers);
                }
            }
            assert_eq!(asked, questions, "{history:?}");
            assert_eq!(results.len(), owed.len(), "{history:?}");
            for (owed, (entry, result)) in owed.iter().zip(&results) {
                assert_eq!((entry.leader_pid, &entry.label), (owed.leader_pid, &owed.label), "{history:?}");
                assert!(owed.is_met_by(result), "{owed:?} is owed, not {result:?}: {history:?}");
            }
        }
        let listed = real.registry.entries().iter().map(|entry| (entry.leader_pid, entry.label.as_str()));
        let owed = model.entries().iter().map(|(leader_pid, label)| (*leader_pid, label.as_str()));
        assert!(listed.eq(owed), "{:?}, not {:?}: {history:?}", real.registry.entries(), model.entries());
    }

    fn signaller(&self, number: usize) -> Arc<dyn Signaller> {
        Arc::<Scripted>::clone(&self.signallers[number])
    }
}

/// The registry, and which signaller it was given last.
struct Real<'a> {
    registry: ProcessGroups,
    current: usize,
    walk: &'a Walk,
}

impl Real<'_> {
    fn take(&mut self, step: Step) -> Vec<(ProcessGroupEntry, Answer)> {
        match step {
            Step::Register(leader_pid, label) => self.registry.register(leader_pid, label),
            Step::Forget(leader_pid) => self.registry.forget(leader_pid),
            Step::Swap => {
                self.current = 1 - self.current;
                self.registry.set_signaller(self.walk.signaller(self.current));
            }
            Step::SignalAll(name, answers) => {
                self.walk.script.lock().expect("as above").answers = answers;
                return self.registry.signal_all(name);
            }
        }
        Vec::new()
    }
}

#[test]
fn the_registry_does_what_its_model_does_in_every_short_history() {
    let mut walk = Walk::new();
    walk.visit(model::Registry::new());
    let in_all: usize = walk.taken.iter().sum();
    println!("{in_all} histories, which are all of up to {LONGEST} steps");
    assert_eq!(walk.taken, HISTORIES[..=LONGEST]);
}
