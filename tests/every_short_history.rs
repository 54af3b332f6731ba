//! Every short history of a registry, beside its model: nothing is left to chance.
//!
//! A step is `register` (3 leader pids, 2 labels), `forget`, `signal_all` (each of 3 answers for each entry)
//! or `set_signaller` (to and fro between 2). In the second walk it can also be `forget_registration` (3
//! leader pids, 2 labels), or `signal_targets` with every registration that there ever was, the newest first,
//! and each of 3 answers for each that stands. Every history of up to so many steps is taken on a registry of
//! its own; no two are held to be alike. Longer ones, further leader pids, fewer targets, batches of the
//! wrong length and panics are drawn at random in `registry.rs`.
//!
//! All processors take part: each takes one beginning after the other, and goes on with it in every way.

use process_groups::model::Registration;
use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller, model, signaller_fn};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// Without fencing. A release build takes some ten seconds; a debug build is for every day. A step more is
/// eighteen times the work.
const LONGEST: usize = if cfg!(debug_assertions) { 4 } else { 6 };
/// The same with fencing, where a step more is 26 times the work.
const LONGEST_FENCED: usize = if cfg!(debug_assertions) { 3 } else { 5 };

/// How many histories have exactly so many steps, worked out without walking: with n entries there are 6 ways
/// to register, 3 to forget, 1 to swap and 3^n to signal all, and each leads to a number of entries that is
/// plain to see.
const HISTORIES: [usize; 7] = [1, 11, 133, 1_799, 27_001, 442_355, 7_743_613];
/// The same with 6 more ways to forget, n of which drop an entry, and 3^n more to signal.
const FENCED_HISTORIES: [usize; 6] = [1, 18, 348, 7_272, 164_208, 3_992_736];

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
    ForgetRegistration(u32, &'static str),
    /// To every registration that there ever was, the newest first.
    SignalTargets(&'static str, Answers),
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
fn next_steps(model: &model::Registry, taken: usize, fenced: bool) -> impl Iterator<Item = Step> {
    let held = LEADER_PIDS.map(|pid| model.questions().contains(&pid));
    // Whom nobody asks for has one answer only, or the same step would count as several.
    let distinct = move |&answers: &Answers| (0..3).all(|place| held[place] || digit(answers, place) == 0);
    let name = NAMES[taken % 2];
    let each_answer = move || (0..27).filter(distinct);
    let each_label = || LEADER_PIDS.into_iter().flat_map(|pid| LABELS.map(|label| (pid, label)));
    let unfenced = each_label()
        .map(|(pid, label)| Step::Register(pid, label))
        .chain(LEADER_PIDS.map(Step::Forget))
        .chain([Step::Swap])
        .chain(each_answer().map(move |answers| Step::SignalAll(name, answers)));
    let fencing = each_label()
        .map(|(pid, label)| Step::ForgetRegistration(pid, label))
        .chain(each_answer().map(move |answers| Step::SignalTargets(name, answers)));
    unfenced.chain(fencing.filter(move |_| fenced))
}

/// What the signallers are to answer, and what they were asked: which of them, for whom, under which name.
#[derive(Debug, Default)]
struct Script {
    answers: Answers,
    questions: Vec<(usize, u32, &'static str)>,
}

/// The signaller of that number, which follows the script.
fn scripted(number: usize, script: Arc<Mutex<Script>>) -> Arc<dyn Signaller> {
    Arc::new(signaller_fn(move |leader_pid, signal_name| {
        let mut script = script.lock().expect("nobody panics while holding it");
        let name = NAMES.into_iter().find(|name| *name == signal_name).expect("it is passed on as it was");
        script.questions.push((number, leader_pid, name));
        answer(script.answers, leader_pid)
    }))
}

/// The model, and every registration that it ever had.
#[derive(Clone, Default)]
struct Beside {
    registry: model::Registry,
    seen: Vec<Registration>,
}

impl Beside {
    /// Takes a step. Returns the leader pids that must be asked about, and what is owed.
    fn take(&mut self, step: Step) -> (Vec<u32>, Vec<model::Owed>) {
        let Self { registry, seen } = self;
        let answers_for = |leader_pids: &[u32], answers| -> Vec<Answer> {
            leader_pids.iter().map(|pid| answer(answers, *pid)).collect()
        };
        let mut came = (Vec::new(), Vec::new());
        match step {
            Step::Register(leader_pid, label) => registry.register(leader_pid, label),
            Step::Forget(leader_pid) => registry.forget(leader_pid),
            Step::ForgetRegistration(leader_pid, label) => registry.forget_registration(leader_pid, label),
            Step::Swap => {}
            Step::SignalAll(_, answers) => {
                let questions = registry.questions();
                let owed = registry.settle(&answers_for(&questions, answers));
                came = (questions, owed);
            }
            Step::SignalTargets(_, answers) => {
                let targets: Vec<_> = seen.iter().rev().cloned().collect();
                let questions = registry.questions_of(&targets);
                let owed = registry.settle_targets(&targets, &answers_for(&questions, answers));
                came = (questions, owed);
            }
        }
        let new = registry.registrations().into_iter().filter(|one| !seen.contains(one)).collect::<Vec<_>>();
        seen.extend(new);
        came
    }
}

/// The histories of so many steps are the beginnings that are dealt out: enough of them for any machine.
const DEALT: usize = 2;

/// The histories of exactly [`DEALT`] steps, each with the model once it has taken them.
fn beginnings(fenced: bool) -> Vec<(Vec<Step>, Beside)> {
    let mut all = vec![(Vec::new(), Beside::default())];
    for taken in 0..DEALT {
        let longer = |(history, model): (Vec<Step>, Beside)| {
            let one = |step| {
                let (mut history, mut model) = (history.clone(), model.clone());
                history.push(step);
                model.take(step);
                (history, model)
            };
            next_steps(&model.registry, taken, fenced).map(one).collect::<Vec<_>>()
        };
        all = all.into_iter().flat_map(longer).collect();
    }
    all
}

/// A walk through all histories, depth first.
struct Walk {
    longest: usize,
    fenced: bool,
    script: Arc<Mutex<Script>>,
    signallers: [Arc<dyn Signaller>; 2],
    history: Vec<Step>,
    /// How many histories of each length were taken.
    taken: Vec<usize>,
}

impl Walk {
    fn new(longest: usize, fenced: bool) -> Self {
        let script = Arc::default();
        let signallers = [0, 1].map(|number| scripted(number, Arc::clone(&script)));
        let taken = vec![0; longest + 1];
        Self { longest, fenced, script, signallers, history: Vec::new(), taken }
    }

    /// Compares what the history came to, and goes on with every history that begins with it. `model` has
    /// taken all of its steps but the last.
    fn visit(&mut self, mut model: Beside) {
        self.compare(&mut model);
        self.taken[self.history.len()] += 1;
        self.go_on(model);
    }

    /// Goes on with every history that begins with this one.
    fn go_on(&mut self, model: Beside) {
        if self.history.len() < self.longest {
            for step in next_steps(&model.registry, self.history.len(), self.fenced) {
                self.history.push(step);
                self.visit(model.clone());
                self.history.pop();
            }
        }
    }

    /// Takes the history on a new registry and its last step on the model. What can be seen of the two must
    /// be the same; of the steps before, that was seen when they were last.
    fn compare(&self, model: &mut Beside) {
        let history = &self.history;
        let registry = ProcessGroups::new(self.signaller(0));
        let mut real = Real { registry, seen: Vec::new(), current: 0, walk: self };
        if let Some((last, before)) = history.split_last() {
            for step in before {
                real.take(*step);
            }
            self.script.lock().expect("as above").questions.clear();
            let results = real.take(*last);
            let (questions, owed) = model.take(*last);
            let name = match last {
                Step::SignalAll(name, _) | Step::SignalTargets(name, _) => *name,
                _ => "nothing is asked",
            };
            let questions: Vec<_> = questions.into_iter().map(|pid| (real.current, pid, name)).collect();
            assert_eq!(self.script.lock().expect("as above").questions, questions, "{history:?}");
            assert_eq!(results.len(), owed.len(), "{history:?}");
            for (owed, (entry, result)) in owed.iter().zip(&results) {
                assert_eq!((entry.leader_pid, &entry.label), (owed.leader_pid, &owed.label), "{history:?}");
                assert!(owed.is_met_by(result), "{owed:?} is owed, not {result:?}: {history:?}");
            }
        }
        let (listed, registrations) = (real.registry.entries(), model.registry.registrations());
        assert!(
            listed.iter().map(parts).eq(registrations.iter().map(parts_of_model)),
            "{listed:?}, not {registrations:?}: {history:?}"
        );
    }

    fn signaller(&self, number: usize) -> Arc<dyn Signaller> {
        Arc::clone(&self.signallers[number])
    }
}

/// What an entry is compared by. This registry happens to number registrations as its model does.
fn parts(entry: &ProcessGroupEntry) -> (u32, &str, u64) {
    (entry.leader_pid, &entry.label, entry.incarnation)
}

fn parts_of_model(registration: &Registration) -> (u32, &str, u64) {
    (registration.leader_pid, &registration.label, registration.identity)
}

/// The registry, every entry that it ever listed if one of them can be a target, and which signaller it was
/// given last.
struct Real<'a> {
    registry: ProcessGroups,
    seen: Vec<ProcessGroupEntry>,
    current: usize,
    walk: &'a Walk,
}

impl Real<'_> {
    fn take(&mut self, step: Step) -> Vec<(ProcessGroupEntry, Answer)> {
        let results = self.do_step(step);
        if self.walk.fenced {
            let seen = &mut self.seen;
            let new = self.registry.entries().iter().filter(|entry| !seen.contains(entry));
            seen.extend(new.cloned().collect::<Vec<_>>());
        }
        results
    }

    fn do_step(&mut self, step: Step) -> Vec<(ProcessGroupEntry, Answer)> {
        match step {
            Step::Register(leader_pid, label) => self.registry.register(leader_pid, label),
            Step::Forget(leader_pid) => self.registry.forget(leader_pid),
            Step::ForgetRegistration(leader_pid, label) => {
                self.registry.forget_registration(leader_pid, label);
            }
            Step::Swap => {
                self.current = 1 - self.current;
                self.registry.set_signaller(self.walk.signaller(self.current));
            }
            Step::SignalAll(name, answers) => {
                self.walk.script.lock().expect("as above").answers = answers;
                return self.registry.signal_all(name);
            }
            Step::SignalTargets(name, answers) => {
                self.walk.script.lock().expect("as above").answers = answers;
                let targets: Vec<_> = self.seen.iter().rev().cloned().collect();
                return self.registry.signal_targets(name, &targets);
            }
        }
        Vec::new()
    }
}

fn walk(longest: usize, fenced: bool, expected: &[usize]) {
    let began = Instant::now();
    let mut first = Walk::new(DEALT, fenced);
    first.visit(Beside::default());
    let mut taken = first.taken;
    taken.resize(longest + 1, 0);

    let beginnings = Mutex::new(beginnings(fenced).into_iter());
    let part = || {
        let mut walk = Walk::new(longest, fenced);
        loop {
            let next = beginnings.lock().expect("nobody panics while holding it").next();
            let Some((history, model)) = next else { return walk.taken };
            walk.history = history;
            walk.go_on(model);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<Vec<usize>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(part)).collect();
        threads.into_iter().map(|thread| thread.join().expect("the two agree")).collect()
    });
    for part in parts {
        taken.iter_mut().zip(part).for_each(|(sum, count)| *sum += count);
    }

    let histories: usize = taken.iter().sum();
    let steps: usize = taken.iter().enumerate().map(|(length, count)| length * count).sum();
    println!(
        "{histories} histories, which are all of up to {longest} steps: {steps} steps in {:.1} s on {threads} threads",
        began.elapsed().as_secs_f64()
    );
    assert_eq!(taken, expected[..=longest]);
}

#[test]
fn the_registry_does_what_its_model_does_in_every_short_history() {
    walk(LONGEST, false, &HISTORIES);
}

#[test]
fn the_registry_does_what_its_model_does_in_every_short_history_with_fencing() {
    walk(LONGEST_FENCED, true, &FENCED_HISTORIES);
}
