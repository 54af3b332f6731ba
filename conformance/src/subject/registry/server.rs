//! A registry as a process: it does what each line of its input says, one after the other.

use super::Registry;
use super::script::{Log, Logged, Script, Scripted};
use super::wire::{AnswerLine, Operation, OperationOutcome, Question, Target, Which};
use crate::subject::channel;
use crate::subject::wire::SignalResult;
use process_groups::{ProcessGroupEntry, Signaller};
use std::any::Any;
use std::collections::HashMap;
use std::io::{self, BufRead};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

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
    let given = Arc::new(Logged { id: 0, signaller: given, log: log.clone(), pins: false });
    let mut server = Server { make, registry: None, given, scripted: HashMap::new(), log };
    for line in channel::input().lines() {
        let Question { id, operation } = serde_json::from_str(&line?)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| server.perform(operation)))
            .unwrap_or_else(|panic| OperationOutcome::Panicked(message(panic.as_ref())));
        let answer = AnswerLine { id, outcome, calls: server.log.take() };
        channel::write_text(&format!("{}\n", serde_json::to_string(&answer)?));
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
    fn perform(&mut self, operation: Operation) -> OperationOutcome {
        match operation {
            Operation::New { signaller } => {
                self.registry = Some((self.make)(Some(self.signaller(signaller))));
                OperationOutcome::Done
            }
            Operation::Default => {
                self.registry = Some((self.make)(None));
                OperationOutcome::Done
            }
            Operation::Script(script) => {
                self.follow(script);
                OperationOutcome::Done
            }
            operation => {
                let mut registry =
                    self.registry.take().expect("the suite makes a registry before it does anything else");
                let perform = AssertUnwindSafe(|| self.perform_with(registry.as_mut(), operation));
                let outcome = catch_unwind(perform);
                // It is there also after a panic.
                self.registry = Some(registry);
                outcome.unwrap_or_else(|panic| resume_unwind(panic))
            }
        }
    }

    fn perform_with(&mut self, registry: &mut dyn Registry, operation: Operation) -> OperationOutcome {
        match operation {
            Operation::Script(script) => self.follow(script),
            Operation::Register { leader_pid, label } => registry.register(leader_pid, label),
            Operation::Forget { leader_pid } => registry.forget(leader_pid),
            Operation::SetSignaller { signaller } => registry.set_signaller(self.signaller(signaller)),
            Operation::SignalAll { signal_name } => return results(registry.signal_all(&signal_name)),
            Operation::Entries => {
                return OperationOutcome::Entries(registry.entries().into_iter().map(Target::from).collect());
            }
            Operation::SignalTargets { signal_name, targets } => {
                let targets: Vec<_> = targets.into_iter().map(ProcessGroupEntry::from).collect();
                return results(registry.signal_targets(&signal_name, &targets));
            }
            Operation::ForgetRegistration { leader_pid, label } => {
                registry.forget_registration(leader_pid, &label);
            }
            Operation::Stop { grace_ms, meanwhile, cancel } => {
                let mut meanwhile = Some(meanwhile);
                let mut use_it = |registry: &mut dyn Registry| {
                    for operation in meanwhile.take().into_iter().flatten() {
                        self.perform_with(registry, operation);
                    }
                    if cancel { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                };
                let results = registry.stop(Duration::from_millis(grace_ms), &mut use_it);
                let results = results.into_iter().map(|(entry, outcome)| (entry.into(), outcome.into()));
                return OperationOutcome::Stopped(results.collect(), self.log.now_us());
            }
            Operation::New { .. } | Operation::Default => {
                unreachable!("a registry is not replaced while it stops")
            }
        }
        OperationOutcome::Done
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
            Which::Pinning => Arc::new(Logged { pins: true, ..Logged::clone(&self.given) }),
            Which::Twin(id) => Arc::new(Logged { id, ..Logged::clone(&self.given) }),
            Which::Scripted(id) => {
                self.scripted.get(&id).expect("the suite scripts a signaller before it is used").clone()
            }
        }
    }
}

fn results(results: Vec<(ProcessGroupEntry, SignalResult)>) -> OperationOutcome {
    OperationOutcome::Results(results.into_iter().map(|(entry, answer)| (entry.into(), answer)).collect())
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "(a panic without a message)".to_owned())
}
