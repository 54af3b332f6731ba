//! The real thing that goes through a history: live groups in a sandbox, and the subject that signals them.

use super::reference::Reference;
use super::step::{Signaller, Step};
use crate::harness::{self, Abort, Context, Settings, Snapshot};
use crate::report::Finding;
use crate::report::timeline::Event;
use crate::subject::registry::script::{Call, Script};
use crate::subject::registry::wire::{AnswerLine, Entry, Operation, Outcome, Which};
use crate::subject::wire::Answer;
use crate::testbed::protocol::{Program, Request};
use process_groups::model::Life;

/// What the signaller that reaches nobody says.
const UNREACHABLE: &str = "the authority cannot be asked";

/// Live groups and a subject, at some moment of a history.
#[derive(Debug)]
pub struct Reality {
    context: Context,
    /// Whether a registry is under test; else the suite asks the signaller for each entry of the model's.
    has_registry: bool,
    bystanders: Vec<u32>,
}

/// What a step came to.
#[derive(Debug, Default)]
pub struct Observed {
    /// Every call of a signaller, in order.
    pub calls: Vec<Call>,
    /// What `signal_all` of a registry under test returned.
    pub results: Option<Vec<(Entry, Answer)>>,
    /// What a registry under test lists after the step.
    pub entries: Option<Vec<Entry>>,
    /// The message of the panic in which the step's operation ended.
    pub panicked: Option<String>,
    /// All processes after the step.
    pub snapshot: Snapshot,
}

impl Reality {
    /// A fresh sandbox for a history of these steps, with the subject in it: the registry under test with the
    /// signaller under test, or that alone. It may not signal other users' processes, where that can be arranged, nor
    /// groups that a filter closes.
    ///
    /// # Errors
    /// [`Abort::Broken`] when there is none to be had, [`Abort::Breach`] when the registry cannot be made.
    pub fn new(settings: &Settings, steps: &[Step]) -> harness::Result<Self> {
        let program = settings.registry.as_ref().unwrap_or(&settings.subject.program);
        let mut context = Context::new(settings, program, "histories")?;
        let without_cap_kill = context.abilities().drop_cap_kill;
        let sealed = |step: &Step| match step {
            Step::Spawn { leader, .. } if leader.sealed => Some(leader.pid),
            _ => None,
        };
        let refused = steps.iter().filter_map(sealed).collect();
        context.start_with(Program { without_cap_kill, refused, ..Program::default() })?;
        let bystanders = context.processes().map(|process| process.pid).collect();
        let mut reality = Self { context, has_registry: settings.registry.is_some(), bystanders };
        if reality.has_registry {
            let script = Script::new(Signaller::Unreachable.id()).otherwise(Err(UNREACHABLE.to_owned()));
            reality
                .context
                .operate(vec![Operation::Script(script), Operation::New { signaller: Which::Given }])?;
        }
        Ok(reality)
    }

    /// The processes that are in no group of the history: the agent, the subject, and one in the subject's group.
    pub fn bystanders(&self) -> &[u32] {
        &self.bystanders
    }

    /// What happened since this was asked last.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.context.take_events()
    }

    /// A process as reports name it.
    pub fn name_of(&self, pid: u32) -> String {
        self.context.name_of(pid)
    }

    /// Does a step. `before` is what the model says of the state before it.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the testbed does not do its part, [`Abort::Breach`] when the subject does not answer.
    pub fn perform(&mut self, step: &Step, before: &Reference) -> harness::Result<Observed> {
        let mut observed = Observed::default();
        match step {
            Step::Register { .. } | Step::Forget { .. } | Step::Swap { .. } => {}
            Step::SignalAll { signal_name } if !self.has_registry => {
                observed.calls = self.ask_for_each(signal_name, before)?;
            }
            Step::SignalAll { .. } => {}
            step => self.change_world(step, before)?,
        }
        if self.has_registry {
            self.operate(step, &mut observed)?;
        }
        observed.snapshot = self.context.snapshot()?;
        Ok(observed)
    }

    fn change_world(&mut self, step: &Step, before: &Reference) -> harness::Result {
        let members = |leader_pid: u32| {
            let group = before.world.group(leader_pid);
            group.into_iter().flat_map(|group| group.members()).map(|member| (member.pid(), member.life()))
        };
        let running = |leader_pid| members(leader_pid).filter(|(_, life)| *life == Life::Running);
        let requests: Vec<Request> = match step {
            Step::Spawn { .. } => {
                if let Some((_, shape)) = step.shape() {
                    self.context.group(&shape)?;
                }
                Vec::new()
            }
            Step::Exit { pid } => vec![Request::Exit { pid: *pid }],
            Step::ExitAll { leader_pid } => members(*leader_pid)
                .filter_map(|(pid, life)| match life {
                    Life::Running => Some(Request::Exit { pid }),
                    Life::Stopped => Some(Request::Kill { pid }),
                    Life::Exited { .. } | Life::Reaped => None,
                })
                .collect(),
            Step::Reap { pid } => vec![Request::Reap { pid: *pid }],
            Step::ReapAll { leader_pid } => members(*leader_pid)
                .filter(|(_, life)| matches!(life, Life::Exited { .. }))
                .map(|(pid, _)| Request::Reap { pid })
                .collect(),
            Step::Stop { pid } => vec![Request::Stop { pid: *pid }],
            Step::StopAll { leader_pid } => {
                running(*leader_pid).map(|(pid, _)| Request::Stop { pid }).collect()
            }
            Step::Continue { pid } => vec![Request::Continue { pid: *pid }],
            Step::ContinueAll { leader_pid } => members(*leader_pid)
                .filter(|(_, life)| *life == Life::Stopped)
                .map(|(pid, _)| Request::Continue { pid })
                .collect(),
            Step::Register { .. } | Step::Forget { .. } | Step::SignalAll { .. } | Step::Swap { .. } => {
                Vec::new()
            }
        };
        requests.iter().try_for_each(|request| self.context.agent(request).map(drop))
    }

    /// What a registry does, by the suite itself: asks the signaller under test for each entry, in order.
    fn ask_for_each(&mut self, signal_name: &str, before: &Reference) -> harness::Result<Vec<Call>> {
        let mut calls = Vec::new();
        for leader_pid in before.registry.questions() {
            let answer = match before.signaller {
                Signaller::Unreachable => Err(UNREACHABLE.to_owned()),
                Signaller::First | Signaller::Second => self.context.ask(leader_pid, signal_name)?,
            };
            calls.push(Call {
                signaller: before.signaller.id(),
                leader_pids: vec![leader_pid],
                signal_name: signal_name.to_owned(),
                each: false,
                answers: Some(vec![answer]),
            });
        }
        Ok(calls)
    }

    /// Does what the step says with the registry under test, if anything, and lists.
    fn operate(&mut self, step: &Step, observed: &mut Observed) -> harness::Result {
        let operation = match step {
            Step::Register { leader_pid, label } => {
                Some(Operation::Register { leader_pid: *leader_pid, label: label.clone() })
            }
            Step::Forget { leader_pid } => Some(Operation::Forget { leader_pid: *leader_pid }),
            Step::SignalAll { signal_name } => {
                Some(Operation::SignalAll { signal_name: signal_name.clone() })
            }
            Step::Swap { to } => Some(Operation::SetSignaller { signaller: which(*to) }),
            _ => None,
        };
        for AnswerLine { outcome, calls, .. } in
            self.context.operate(operation.into_iter().chain([Operation::Entries]).collect())?
        {
            observed.calls.extend(calls);
            match outcome {
                Outcome::Done => {}
                Outcome::Entries(entries) => observed.entries = Some(entries),
                Outcome::Results(results) => observed.results = Some(results),
                Outcome::Panicked(message) => observed.panicked = Some(message),
            }
        }
        Ok(())
    }
}

fn which(signaller: Signaller) -> Which {
    match signaller {
        Signaller::First => Which::Given,
        Signaller::Second => Which::Twin(signaller.id()),
        Signaller::Unreachable => Which::Scripted(signaller.id()),
    }
}

/// What went wrong between the suite and a subject; the suite's own faults are passed on.
///
/// # Errors
/// What is no fault of the subject.
pub fn misbehaviour(stop: Abort) -> Result<Finding, Abort> {
    match stop {
        Abort::Breach(finding) => Ok(*finding),
        stop => Err(stop),
    }
}
