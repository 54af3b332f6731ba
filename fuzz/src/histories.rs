//! Histories of a registry, beside its model.

use arbitrary::{Arbitrary, Unstructured};
use process_groups::model::Registration;
use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller, Stop, StopOutcome, model};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type SignalResult = Result<bool, String>;

/// What can be done with a registry.
#[derive(Arbitrary, Debug)]
enum Operation<'a> {
    Register(LeaderPid, &'a str),
    Forget(LeaderPid),
    Swap,
    SignalAll {
        name: &'a str,
        at_once: bool,
        answers: Vec<Said<'a>>,
    },
    ForgetRegistration(LeaderPid, &'a str),
    /// To those at these places, counted round and round, among all registrations that there ever were.
    SignalTargets {
        places: Vec<u8>,
        name: &'a str,
        at_once: bool,
        answers: Vec<Said<'a>>,
    },
    /// Whatever comes before its end is done meanwhile.
    BeginStop {
        will_be_cancelled: bool,
        answers: Vec<Said<'a>>,
    },
    /// Of one of those that have begun, counted round and round. `None` is a signaller that cannot tell who
    /// has exited.
    EndStop {
        place: u8,
        exited: Option<Vec<LeaderPid>>,
        answers: Vec<Said<'a>>,
    },
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
    fn answer(self) -> SignalResult {
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
    answers: Vec<SignalResult>,
    /// Whether a whole cycle is answered at once, by as many answers as there are.
    at_once: bool,
    asked: Vec<(usize, u32, String)>,
    /// Who has exited, if that can be told.
    exited: Option<Vec<u32>>,
}

#[derive(Debug)]
struct Scripted {
    number: usize,
    script: Arc<Mutex<Script>>,
}

impl Signaller for Scripted {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> SignalResult {
        let mut script = self.script.lock().expect("nobody panics while holding it");
        let place = script.asked.len();
        script.asked.push((self.number, leader_pid, signal_name.to_owned()));
        script.answers.get(place).cloned().unwrap_or(Ok(true))
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<SignalResult> {
        let one_by_one: Vec<_> = leader_pids.iter().map(|&pid| self.signal(pid, signal_name)).collect();
        let script = self.script.lock().expect("as above");
        if script.at_once { script.answers.clone() } else { one_by_one }
    }

    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        let script = self.script.lock().expect("as above");
        let has = |pid| script.exited.as_ref().map(|exited| exited.contains(pid));
        leader_pids.iter().map(has).collect()
    }
}

/// The registry and its model.
struct Pair {
    real: ProcessGroups,
    model: model::Registry,
    /// Every registration that there ever was, on both sides.
    seen: Vec<(ProcessGroupEntry, Registration)>,
    /// The stops that have begun, and whether each will be cancelled.
    stops: Vec<(Stop, model::Stop, bool)>,
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
    let (real, model) = (ProcessGroups::new(first), model::Registry::new());
    let mut pair = Pair { real, model, seen: Vec::new(), stops: Vec::new(), script, swaps: 0 };
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
                self.signal(None, name, at_once, answers);
            }
            Operation::ForgetRegistration(leader_pid, label) => {
                self.real.forget_registration(leader_pid.pid(), label);
                self.model.forget_registration(leader_pid.pid(), label);
            }
            Operation::SignalTargets { places, name, at_once, answers } => {
                let answers = answers.into_iter().map(Said::answer).collect();
                let seen = |place: u8| self.seen.get(usize::from(place) % self.seen.len().max(1)).cloned();
                let targets = places.into_iter().filter_map(seen).unzip();
                self.signal(Some(targets), name, at_once, answers);
            }
            Operation::BeginStop { will_be_cancelled, answers } => {
                self.begin_stop(will_be_cancelled, answers)
            }
            Operation::EndStop { place, exited, answers } if !self.stops.is_empty() => {
                let stop = self.stops.swap_remove(usize::from(place) % self.stops.len());
                let exited = exited.map(|exited| exited.into_iter().map(LeaderPid::pid).collect());
                self.end_stop(stop, exited, answers);
            }
            Operation::EndStop { .. } => {}
        }
        let script = self.script.lock().expect("as above");
        assert_eq!(script.asked, [], "nobody is asked but to signal");
        let listed = self.real.entries().iter().map(|entry| (entry.leader_pid, entry.label.as_str()));
        let owed = self.model.entries().iter().map(|(leader_pid, label)| (*leader_pid, label.as_str()));
        assert!(listed.eq(owed), "{:?}, not {:?}", self.real.entries(), self.model.entries());
        drop(script);
        self.compare_identities();
    }

    /// Each registration has one incarnation as long as it stands, and no two have the same.
    fn compare_identities(&mut self) {
        for pair in self.real.entries().iter().cloned().zip(self.model.registrations()) {
            // Most differ by their numbers: labels are long. The newest is the likeliest.
            let is_known = |seen: &(ProcessGroupEntry, Registration)| {
                seen.0.incarnation == pair.0.incarnation && *seen == pair
            };
            if !self.seen.iter().rev().any(is_known) {
                let is_new = self.seen.iter().all(|(entry, registration)| {
                    entry.incarnation != pair.0.incarnation && registration.identity != pair.1.identity
                });
                assert!(is_new, "{pair:?} beside {:?}", self.seen);
                self.seen.push(pair);
            }
        }
    }

    /// Begins a stop on both sides: SIGTERM to all.
    fn begin_stop(&mut self, will_be_cancelled: bool, answers: Vec<Said<'_>>) {
        let questions = self.model.questions();
        let answers = answers_of(answers, questions.len());
        *self.script.lock().expect("as above") = Script { answers: answers.clone(), ..Script::default() };
        // No time passes: the grace period is over at once, or never.
        let grace = if will_be_cancelled { Duration::MAX } else { Duration::ZERO };
        let mut stop = self.model.stop();
        let real = self.real.begin_stop(grace);
        self.compare_questions(&questions, "SIGTERM");
        stop.answered(&mut self.model, &answers);
        self.stops.push((real, stop, will_be_cancelled));
    }

    /// Ends a stop on both sides: SIGKILL to what is left, or nothing.
    fn end_stop(
        &mut self,
        (mut real, mut stop, is_cancelled): (Stop, model::Stop, bool),
        exited: Option<Vec<u32>>,
        answers: Vec<Said<'_>>,
    ) {
        for leader_pid in exited.iter().flatten() {
            stop.exited(&mut self.model, *leader_pid);
        }
        let left = if is_cancelled { Vec::new() } else { stop.left(&self.model) };
        let answers = answers_of(answers, left.len());
        *self.script.lock().expect("as above") =
            Script { answers: answers.clone(), exited, ..Script::default() };
        if is_cancelled {
            real.canceller().cancel();
        }
        let results = real.advance(&mut self.real).expect("it is over");
        self.compare_questions(&left, "SIGKILL");
        let owed = match is_cancelled {
            true => stop.cancelled(&self.model),
            false => stop.killed(&mut self.model, &answers),
        };
        let result = |(entry, outcome): &(ProcessGroupEntry, StopOutcome)| {
            (entry.leader_pid, entry.label.clone(), ending(outcome))
        };
        let owed: Vec<_> = owed.into_iter().map(|(of, ending)| (of.leader_pid, of.label, ending)).collect();
        assert_eq!(results.iter().map(result).collect::<Vec<_>>(), owed);
    }

    /// Takes note of what signallers were asked: these, with that name, and nothing else.
    fn compare_questions(&self, leader_pids: &[u32], name: &str) {
        let asked = std::mem::take(&mut *self.script.lock().expect("as above")).asked;
        let owed: Vec<_> = leader_pids.iter().map(|&pid| (self.swaps, pid, name.to_owned())).collect();
        assert_eq!(asked, owed);
    }

    /// Signals all, or these targets, on both sides.
    fn signal(
        &mut self,
        targets: Option<(Vec<ProcessGroupEntry>, Vec<Registration>)>,
        name: &str,
        at_once: bool,
        mut answers: Vec<SignalResult>,
    ) {
        let (targets, registrations) = match targets {
            Some((targets, registrations)) => (Some(targets), registrations),
            None => (None, self.model.registrations()),
        };
        let questions = self.model.questions_of(&registrations);
        *self.script.lock().expect("as above") =
            Script { answers: answers.clone(), at_once, ..Script::default() };
        let results = match &targets {
            Some(targets) => self.real.signal_targets(name, targets),
            None => self.real.signal_all(name),
        };

        self.compare_questions(&questions, name);
        if !at_once {
            answers.resize(questions.len(), Ok(true));
        }
        let owed = match &targets {
            Some(_) => self.model.settle_targets(&registrations, &answers),
            None => self.model.settle(&answers),
        };
        assert_eq!(results.len(), owed.len(), "one result an entry");
        for (owed, (entry, result)) in owed.iter().zip(&results) {
            assert_eq!((entry.leader_pid, &entry.label), (owed.leader_pid, &owed.label));
            assert!(owed.is_met_by(result), "{owed:?} is owed, not {result:?}");
        }
    }
}

/// So many answers: those, and delivered for the rest.
fn answers_of(said: Vec<Said<'_>>, count: usize) -> Vec<SignalResult> {
    let mut answers: Vec<SignalResult> = said.into_iter().map(Said::answer).collect();
    answers.resize(count, Ok(true));
    answers
}

fn ending(outcome: &StopOutcome) -> model::Ending {
    match outcome {
        StopOutcome::Exited => model::Ending::Exited,
        StopOutcome::Killed => model::Ending::Killed,
        StopOutcome::Failed(message) => model::Ending::Failed(message.clone()),
        StopOutcome::Left => model::Ending::Left,
        StopOutcome::NotAsked => model::Ending::NotAsked,
        unknown => panic!("{unknown:?} is not in the model"),
    }
}
