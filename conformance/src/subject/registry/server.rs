//! A registry as a process: it does what each line of its input says, one after the other.

use super::Registry;
use super::script::{Log, Logged, Script, Scripted};
use super::wire::{AnswerLine, Entry, Operation, Outcome, Question, Which};
use crate::subject::channel;
use process_groups::Signaller;
use std::any::Any;
use std::collections::HashMap;
use std::io::{self, BufRead};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Serves registries of the type `R` until its input ends; `given` is the signaller for groups that live.
///
/// A panic of an operation is told, and the registry serves on: a caller may have caught it, too.
///
/// # Errors
/// When the input cannot be read.
pub fn serve<R: Registry + 'static>(given: Arc<dyn Signaller>) -> io::Result<()> {
    serve_made_by(given, |signaller| match signaller {
        Some(signaller) => Box::new(R::new(signaller)),
        None => Box::new(R::made_by_default()),
    })
}

/// The same for registries that `make` makes: with that signaller, or by default.
///
/// # Errors
/// When the input cannot be read.
pub fn serve_made_by(
    given: Arc<dyn Signaller>,
    make: impl Fn(Option<Arc<dyn Signaller>>) -> Box<dyn Registry>,
) -> io::Result<()> {
    let log = Log::default();
    let given = Arc::new(Logged { id: 0, signaller: given, log: log.clone() });
    let mut server = Server { make, registry: None, given, scripted: HashMap::new(), log };
    for line in channel::input().lines() {
        let Question { id, operation } = serde_json::from_str(&line?)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| server.perform(operation)))
            .unwrap_or_else(|panic| Outcome::Panicked(message(panic.as_ref())));
        let answer = AnswerLine { id, outcome, calls: server.log.take() };
        channel::say(&format!("{}\n", serde_json::to_string(&answer)?));
    }
    Ok(())
}

struct Server<M> {
    make: M,
    registry: Option<Box<dyn Registry>>,
    given: Arc<Logged>,
    scripted: HashMap<u32, Arc<Scripted>>,
    log: Log,
}

impl<M: Fn(Option<Arc<dyn Signaller>>) -> Box<dyn Registry>> Server<M> {
    fn perform(&mut self, operation: Operation) -> Outcome {
        match operation {
            Operation::Script(script) => self.follow(script),
            Operation::New { signaller } => {
                self.registry = Some((self.make)(Some(self.signaller(signaller))))
            }
            Operation::Default => self.registry = Some((self.make)(None)),
            Operation::Register { leader_pid, label } => self.registry().register(leader_pid, label),
            Operation::Forget { leader_pid } => self.registry().forget(leader_pid),
            Operation::SetSignaller { signaller } => {
                let signaller = self.signaller(signaller);
                self.registry().set_signaller(signaller);
            }
            Operation::SignalAll { signal_name } => {
                let results = self.registry().signal_all(&signal_name);
                let results = results.into_iter().map(|(entry, answer)| (entry.into(), answer));
                return Outcome::Results(results.collect());
            }
            Operation::Entries => {
                return Outcome::Entries(self.registry().entries().into_iter().map(Entry::from).collect());
            }
        }
        Outcome::Done
    }

    fn registry(&mut self) -> &mut dyn Registry {
        self.registry.as_mut().expect("the suite makes a registry before it does anything else").as_mut()
    }

    fn follow(&mut self, script: Script) {
        match self.scripted.get(&script.signaller) {
            Some(signaller) => signaller.follow(script),
            None => {
                let signaller = Scripted::new(script.clone(), self.log.clone());
                self.scripted.insert(script.signaller, Arc::new(signaller));
            }
        }
    }

    fn signaller(&self, which: Which) -> Arc<dyn Signaller> {
        match which {
            Which::Given => self.given.clone(),
            Which::Twin(id) => Arc::new(Logged { id, ..Logged::clone(&self.given) }),
            Which::Scripted(id) => {
                self.scripted.get(&id).expect("the suite scripts a signaller before it is used").clone()
            }
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "(a panic without a message)".to_owned())
}
