//! Histories of a registry, beside its model.

use arbitrary::{Arbitrary, Unstructured};
use process_groups::{ProcessGroups, Signaller, model};
use std::sync::{Arc, Mutex};

type Answer = Result<bool, String>;

/// What can be done with a registry.
#[derive(Arbitrary, Debug)]
enum Operation<'a> {
    Register(LeaderPid, &'a str),
    Forget(LeaderPid),
    Swap,
    SignalAll { name: &'a str, at_once: bool, answers: Vec<Said<'a>> },
}

/// One of a few, so that the same comes again, or any.
#[derive(Arbitrary, Clone, Copy, Debug)]
enum LeaderPid {
    OneOfAFew(u8),
    Any(u32),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Said<'a> {
    Delivered,
    Exited,
    Failed(&'a str),
}

impl LeaderPid {
    fn pid(self) -> u32 {
        match self {
            Self::OneOfAFew(number) => u32::from(number % 8),
            Self::Any(pid) => pid,
        }
    }
}

impl Said<'_> {
    fn answer(self) -> Answer {
        match self {
            Self::Delivered => Ok(true),
            Self::Exited => Ok(false),
            Self::Failed(message) => Err(message.to_owned()),
        }
    }
}

/// What the signallers are to answer, and what they were asked: which of them, for whom, under which name.
#[derive(Debug, Default)]
struct Script {
    answers: Vec<Answer>,
    /// Whether a whole cycle is answered at once, by as many answers as there are.
    at_once: bool,
    asked: Vec<(usize, u32, String)>,
}

#[derive(Debug)]
struct Scripted {
    number: usize,
    script: Arc<Mutex<Script>>,
}

impl Signaller for Scripted {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Answer {
        let mut script = self.script.lock().expect("nobody panics while holding it");
        let place = script.asked.len();
        script.asked.push((self.number, leader_pid, signal_name.to_owned()));
        script.answers.get(place).cloned().unwrap_or(Ok(true))
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Answer> {
        let one_by_one: Vec<_> = leader_pids.iter().map(|&pid| self.signal(pid, signal_name)).collect();
        let script = self.script.lock().expect("as above");
        if script.at_once { script.answers.clone() } else { one_by_one }
    }
}

/// The registry and its model.
struct Pair {
    real: ProcessGroups,
    model: model::Registry,
    script: Arc<Mutex<Script>>,
    /// How many signallers there were before the one that is asked now.
    swaps: usize,
}

/// The input is any number of operations, as `arbitrary` takes them from bytes.
///
/// # Panics
/// When the registry asks, returns or lists anything else than the model.
pub fn histories(input: &[u8]) {
    let script = Arc::<Mutex<Script>>::default();
    let first = Arc::new(Scripted { number: 0, script: Arc::clone(&script) });
    let mut pair = Pair { real: ProcessGroups::new(first), model: model::Registry::new(), script, swaps: 0 };
    let mut input = Unstructured::new(input);
    while !input.is_empty()
        && let Ok(operation) = input.arbitrary::<Operation<'_>>()
    {
        pair.take(operation);
    }
}

impl Pair {
    fn take(&mut self, operation: Operation<'_>) {
        match operation {
            Operation::Register(leader_pid, label) => {
                self.real.register(leader_pid.pid(), label);
                self.model.register(leader_pid.pid(), label);
            }
            Operation::Forget(leader_pid) => {
                self.real.forget(leader_pid.pid());
                self.model.forget(leader_pid.pid());
            }
            Operation::Swap => {
                self.swaps += 1;
                let next = Scripted { number: self.swaps, script: Arc::clone(&self.script) };
                self.real.set_signaller(Arc::new(next));
            }
            Operation::SignalAll { name, at_once, answers } => {
                let answers = answers.into_iter().map(Said::answer).collect();
                self.signal_all(name, at_once, answers);
            }
        }
        let script = self.script.lock().expect("as above");
        assert_eq!(script.asked, [], "nobody is asked but by signal_all");
        let listed = self.real.entries().iter().map(|entry| (entry.leader_pid, entry.label.as_str()));
        let owed = self.model.entries().iter().map(|(leader_pid, label)| (*leader_pid, label.as_str()));
        assert!(listed.eq(owed), "{:?}, not {:?}", self.real.entries(), self.model.entries());
    }

    fn signal_all(&mut self, name: &str, at_once: bool, mut answers: Vec<Answer>) {
        let questions = self.model.questions();
        *self.script.lock().expect("as above") =
            Script { answers: answers.clone(), at_once, asked: Vec::new() };
        let results = self.real.signal_all(name);

        let asked = std::mem::take(&mut *self.script.lock().expect("as above")).asked;
        let questions: Vec<_> = questions.into_iter().map(|pid| (self.swaps, pid, name.to_owned())).collect();
        assert_eq!(asked, questions);
        if !at_once {
            answers.resize(questions.len(), Ok(true));
        }
        let owed = self.model.settle(&answers);
        assert_eq!(results.len(), owed.len(), "one result an entry");
        for (owed, (entry, result)) in owed.iter().zip(&results) {
            assert_eq!((entry.leader_pid, &entry.label), (owed.leader_pid, &owed.label));
            assert!(owed.is_met_by(result), "{owed:?} is owed, not {result:?}");
        }
    }
}
