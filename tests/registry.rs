//! The registry beside its model, over arbitrary histories.

use process_groups::model::Registration;
use process_groups::{LocalSignaller, ProcessGroupEntry, ProcessGroups, Signaller, model};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

type Answer = Result<bool, String>;

/// How a scripted signaller goes about a call of `signal_all`.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// It has the one method only: it answers one by one, and for everybody.
    OneByOne,
    /// It answers all at once, for as many as its script has answers.
    AllAtOnce,
    /// As `OneByOne`, but it panics when its script ends.
    PanicsAfterItsScript,
    /// It panics at once.
    PanicsAllAtOnce,
}

#[derive(Clone, Debug)]
enum Step {
    Register(u32, String),
    Forget(u32),
    Swap,
    SignalAll(String, Manner, Vec<Answer>),
    ForgetRegistration(u32, String),
    /// To those at these places among all registrations that there ever were, in this order.
    SignalTargets(Vec<Index>, String, Manner, Vec<Answer>),
}

/// One question: which signaller was asked for which leader pid, under which name.
type Question = (usize, u32, String);

/// What the test gives its signallers and learns from them.
#[derive(Debug, Default)]
struct Script {
    answers: Vec<Answer>,
    manner: Option<Manner>,
    questions: Vec<Question>,
}

#[derive(Debug)]
struct Scripted {
    number: usize,
    script: Arc<Mutex<Script>>,
}

impl Scripted {
    fn hears(&self, leader_pid: u32, signal_name: &str) -> (usize, Option<Answer>, Manner) {
        let mut script = self.script.lock().expect("nobody panics while holding it");
        let position = script.questions.len();
        script.questions.push((self.number, leader_pid, signal_name.to_owned()));
        let manner = script.manner.expect("asked only to signal");
        (position, script.answers.get(position).cloned(), manner)
    }
}

impl Signaller for Scripted {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Answer {
        let (position, answer, manner) = self.hears(leader_pid, signal_name);
        match (answer, manner) {
            (Some(answer), _) => answer,
            (None, Manner::OneByOne) => Ok(beyond_the_script(position)),
            (None, _) => panic!("the script has ended"),
        }
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Answer> {
        let manner = self.script.lock().expect("as above").manner;
        match manner.expect("asked only to signal") {
            Manner::OneByOne | Manner::PanicsAfterItsScript => {
                leader_pids.iter().map(|&leader_pid| self.signal(leader_pid, signal_name)).collect()
            }
            Manner::PanicsAllAtOnce => panic!("nobody is answered"),
            Manner::AllAtOnce => {
                for &leader_pid in leader_pids {
                    self.hears(leader_pid, signal_name);
                }
                self.script.lock().expect("as above").answers.clone()
            }
        }
    }
}

/// What one who answers everybody says beyond its script.
fn beyond_the_script(position: usize) -> bool {
    !position.is_multiple_of(3)
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let answer = prop_oneof![
        3 => Just(Ok(false)),
        2 => Just(Ok(true)),
        2 => "[a-z]{0,6}".prop_map(Err),
    ];
    vec(answer, 0..10)
}

fn manner() -> impl Strategy<Value = Manner> {
    use Manner::{AllAtOnce, OneByOne, PanicsAfterItsScript, PanicsAllAtOnce};
    prop_oneof![
        3 => Just(OneByOne),
        4 => Just(AllAtOnce),
        1 => Just(PanicsAfterItsScript),
        1 => Just(PanicsAllAtOnce),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    // Few pids, so that they meet; and any at all, because a registry refuses none.
    let pid = || prop_oneof![9 => 0_u32..9, 1 => any::<u32>()];
    let name = || prop_oneof![Just("SIGTERM".to_owned()), any::<String>()];
    let label = || "[a-c]{0,2}";
    prop_oneof![
        6 => (pid(), label()).prop_map(|(pid, label)| Step::Register(pid, label)),
        2 => pid().prop_map(Step::Forget),
        1 => Just(Step::Swap),
        2 => (pid(), label()).prop_map(|(pid, label)| Step::ForgetRegistration(pid, label)),
        3 => (name(), manner(), answers()).prop_map(|(name, manner, answers)| Step::SignalAll(name, manner, answers)),
        3 => (vec(any::<Index>(), 0..8), name(), manner(), answers())
            .prop_map(|(places, name, manner, answers)| Step::SignalTargets(places, name, manner, answers)),
    ]
}

/// The registry and its model, side by side.
struct Pair {
    real: ProcessGroups,
    model: model::Registry,
    /// Every registration that there ever was, on both sides.
    seen: Vec<(ProcessGroupEntry, Registration)>,
    script: Arc<Mutex<Script>>,
    signallers: usize,
}

impl Pair {
    fn new() -> Self {
        let script = Arc::default();
        let first = Scripted { number: 0, script: Arc::clone(&script) };
        Self {
            real: ProcessGroups::new(Arc::new(first)),
            model: model::Registry::new(),
            seen: Vec::new(),
            script,
            signallers: 1,
        }
    }

    fn swap(&mut self) {
        let next = Scripted { number: self.signallers, script: Arc::clone(&self.script) };
        self.real.set_signaller(Arc::new(next));
        self.signallers += 1;
    }

    /// Takes the step on both sides, and compares everything that can be seen of them.
    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Register(leader_pid, label) => {
                self.real.register(leader_pid, label.clone());
                self.model.register(leader_pid, label);
            }
            Step::Forget(leader_pid) => {
                self.real.forget(leader_pid);
                self.model.forget(leader_pid);
            }
            Step::Swap => self.swap(),
            Step::ForgetRegistration(leader_pid, label) => {
                self.real.forget_registration(leader_pid, &label);
                self.model.forget_registration(leader_pid, &label);
            }
            Step::SignalAll(name, manner, answers) => self.signal(None, &name, manner, answers)?,
            Step::SignalTargets(places, name, manner, answers) => {
                let seen = (!self.seen.is_empty()).then_some(&self.seen);
                let targets = places.iter().flat_map(|place| seen.map(|seen| place.get(seen).clone()));
                let targets = Some(targets.unzip());
                self.signal(targets, &name, manner, answers)?;
            }
        }
        let asked = self.script.lock().expect("as above").questions.clone();
        prop_assert_eq!(asked, [], "nobody is asked but to signal");
        let listed = self.real.entries().iter();
        let listed: Vec<_> = listed.map(|entry| (entry.leader_pid, entry.label.clone())).collect();
        prop_assert_eq!(&listed[..], self.model.entries());
        self.compare_identities()
    }

    /// Each registration has one incarnation as long as it stands, and no two have the same.
    fn compare_identities(&mut self) -> Result<(), TestCaseError> {
        for pair in self.real.entries().iter().cloned().zip(self.model.registrations()) {
            if !self.seen.contains(&pair) {
                let is_new = self.seen.iter().all(|(entry, registration)| {
                    entry.incarnation != pair.0.incarnation && registration.identity != pair.1.identity
                });
                prop_assert!(is_new, "{:?} beside {:?}", pair, self.seen);
                self.seen.push(pair);
            }
        }
        Ok(())
    }

    /// Signals all, or these targets, on both sides.
    fn signal(
        &mut self,
        targets: Option<(Vec<ProcessGroupEntry>, Vec<Registration>)>,
        name: &str,
        manner: Manner,
        mut answers: Vec<Answer>,
    ) -> Result<(), TestCaseError> {
        let current = self.signallers - 1;
        let (targets, registrations) = match targets {
            Some((targets, registrations)) => (Some(targets), registrations),
            None => (None, self.model.registrations()),
        };
        let expected = self.model.questions_of(&registrations).into_iter();
        let mut expected: Vec<Question> = expected.map(|pid| (current, pid, name.to_owned())).collect();
        *self.script.lock().expect("as above") =
            Script { answers: answers.clone(), manner: Some(manner), questions: Vec::new() };

        let results = catch_unwind(AssertUnwindSafe(|| match &targets {
            Some(targets) => self.real.signal_targets(name, targets),
            None => self.real.signal_all(name),
        }));

        let script = std::mem::take(&mut *self.script.lock().expect("as above"));
        let panics = match manner {
            Manner::OneByOne | Manner::AllAtOnce => false,
            Manner::PanicsAfterItsScript => answers.len() < expected.len(),
            Manner::PanicsAllAtOnce => !expected.is_empty(),
        };
        match manner {
            Manner::OneByOne => {
                answers.extend((answers.len()..expected.len()).map(beyond_the_script).map(Ok))
            }
            Manner::PanicsAfterItsScript => expected.truncate(answers.len() + 1),
            Manner::PanicsAllAtOnce => expected.clear(),
            Manner::AllAtOnce => {}
        }
        prop_assert_eq!(script.questions, expected);
        prop_assert_eq!(results.is_err(), panics);
        let Ok(results) = results else {
            return Ok(()); // The model has not changed; nor may the registry have.
        };
        let owed = match &targets {
            Some(_) => self.model.settle_targets(&registrations, &answers),
            None => self.model.settle(&answers),
        };
        prop_assert_eq!(results.len(), owed.len());
        for (owed, (entry, result)) in owed.iter().zip(&results) {
            prop_assert_eq!((entry.leader_pid, &entry.label), (owed.leader_pid, &owed.label));
            prop_assert!(owed.is_met_by(result), "{:?} is owed, not {:?}", owed, result);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_registry_does_what_its_model_does(steps in vec(step(), 0..60)) {
        let mut pair = Pair::new();
        for step in steps {
            pair.take(step)?;
        }
    }
}

#[test]
fn an_entry_without_an_answer_is_told_so() {
    let mut pair = Pair::new();
    pair.script.lock().expect("as above").manner = Some(Manner::AllAtOnce);
    pair.real.register(4242, "build");
    let results = pair.real.signal_all("SIGTERM");
    insta::assert_snapshot!(
        results[0].1.as_ref().expect_err("there is no answer"),
        @"the signaller gave 0 answers for 1 groups, and none for this one"
    );
}

#[test]
fn by_default_a_registry_asks_the_local_signaller() {
    let mut groups = ProcessGroups::default();
    groups.register(i32::MAX as u32, "no group has this id, because no kernel gives it");
    groups.register(4242, "never asked for, because the name is unknown");
    let asked = groups.signal_all("SIGTREM");
    let answer = |leader_pid| LocalSignaller.signal(leader_pid, "SIGTREM");
    let expected = [i32::MAX as u32, 4242].map(answer).to_vec();
    assert_eq!(asked.into_iter().map(|(_, result)| result).collect::<Vec<_>>(), expected);

    groups.forget(4242);
    assert_eq!(groups.signal_all("SIGTERM")[0].1, Ok(false));
    assert_eq!(groups.entries(), []);
}
