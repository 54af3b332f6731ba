//! The real thing that goes through a history: live groups in a sandbox, and the subject that signals them.

use super::reference::Reference;
use super::step::{Newcomer, Signaller, Step};
use crate::harness::{self, Abort, Context, Settings, Snapshot};
use crate::report::Finding;
use crate::report::timeline::Event;
use crate::subject::registry::script::{Call, Script};
use crate::subject::registry::wire::{AnswerLine, Ending, Entry, Operation, OperationOutcome, Target, Which};
use crate::subject::wire::SignalResult;
use crate::testbed::protocol::{CapKill, Program, Refused, Request};
use process_groups::model::Life;

/// What the signaller that reaches nobody says.
const UNREACHABLE: &str = "the authority cannot be asked";

/// The grace period of a stop, in milliseconds: whoever ends by SIGTERM mostly has by then.
const GRACE_MS: u64 = 20;
/// That of one that is cancelled. It is never waited out.
const LONG_GRACE_MS: u64 = 3_600_000;

/// Live groups and a subject, at some moment of a history.
#[derive(Debug)]
pub struct Reality {
    context: Context,
    /// Whether a registry is under test; else the suite asks the signaller for each entry of the model's.
    has_registry: bool,
    /// Whether that fences reused pids.
    fences: bool,
    /// What the caller kept of the registry's list to signal later.
    kept: Vec<Target>,
    bystanders: Vec<u32>,
}

/// What a step came to.
#[derive(Debug, Default)]
pub struct Observed {
    /// Every call of a signaller, in order.
    pub calls: Vec<Call>,
    /// What `signal_all` of a registry under test returned.
    pub results: Option<Vec<(Entry, SignalResult)>>,
    /// What `stop` of a registry under test returned.
    pub endings: Option<Vec<(Entry, Ending)>>,
    /// What a registry under test lists after the step.
    pub entries: Option<Vec<Entry>>,
    /// The incarnations of these entries.
    pub incarnations: Vec<u64>,
    /// The message of the panic in which the step's operation ended.
    pub panicked: Option<String>,
    /// All processes after the step.
    pub snapshot: Snapshot,
}

impl Reality {
    /// A fresh sandbox for a history of these steps, with the subject in it: the registry under test with the
    /// signaller under test, or that alone. It may not signal other users' processes, where that can be
    /// arranged, nor groups that a filter closes.
    ///
    /// # Errors
    /// [`Abort::Broken`] when none is available, [`Abort::Breach`] when the registry cannot be made.
    pub fn new(settings: &Settings, steps: &[Step]) -> harness::Result<Self> {
        let registry = settings.registry.as_ref().map(|registry| &registry.program);
        let program = registry.unwrap_or(&settings.subject.program);
        let mut context = Context::new(settings, program, "histories")?;
        let cap_kill = if context.abilities().drop_cap_kill { CapKill::Taken } else { CapKill::AsItIs };
        let sealed = |step: &Step| match step {
            Step::Spawn { leader, .. } if leader.sealed => Some(leader.pid),
            _ => None,
        };
        let refused = Refused { pids: steps.iter().filter_map(sealed).collect(), ..Refused::default() };
        context.start_with(Program { cap_kill, refused, ..Program::default() })?;
        let bystanders = context.processes().map(|process| process.pid).collect();
        let has_registry = settings.registry.is_some();
        let mut reality =
            Self { context, has_registry, fences: settings.fences(), kept: Vec::new(), bystanders };
        if reality.has_registry {
            let script =
                Script::new(Signaller::Unreachable.id()).otherwise(Err(UNREACHABLE.to_owned())).cannot_tell();
            reality
                .context
                .operate(vec![Operation::Script(script), Operation::New { signaller: Which::Given }])?;
        }
        Ok(reality)
    }

    /// The processes that are in no group of the history: the agent, the subject, and one in the subject's
    /// group.
    pub fn bystanders(&self) -> &[u32] {
        &self.bystanders
    }

    /// What happened since this was asked last.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.context.take_events()
    }

    /// What the subject called since this was asked last, a line each.
    pub fn take_calls(&mut self) -> Vec<String> {
        self.context.take_calls()
    }

    /// The end of a history whose subject acts as another user, if it does.
    pub fn as_another_user(&self) -> Option<Abort> {
        self.context.as_another_user()
    }

    /// Whether the subject has told, while it was watched, that a system call was broken off.
    pub fn is_interrupted(&self) -> bool {
        self.context.is_interrupted()
    }

    /// A process as reports name it.
    pub fn name_of(&self, pid: u32) -> String {
        self.context.name_of(pid)
    }

    /// Does a step. `before` is what the model says of the state before it.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the testbed does not do its part, [`Abort::Breach`] when the subject does not
    /// answer.
    pub fn perform(&mut self, step: &Step, before: &Reference) -> harness::Result<Observed> {
        let mut observed = Observed::default();
        match step {
            Step::Register { .. } | Step::Forget { .. } | Step::Swap { .. } => {}
            Step::Keep | Step::ForgetRegistration { .. } => {}
            Step::SignalAll { signal_name } | Step::SignalTargets { signal_name, .. } => {
                if !self.has_registry {
                    observed.calls = self.ask_for_each(signal_name, before.questions(step), before)?;
                }
            }
            Step::StopRegistry { newcomer, cancelled } => {
                if !self.has_registry {
                    observed.calls = self.stop_each(newcomer.as_ref(), *cancelled, before)?;
                }
            }
            step => self.change_world(step, before)?,
        }
        if self.has_registry {
            self.operate(step, before, &mut observed)?;
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
            _ => Vec::new(),
        };
        requests.iter().try_for_each(|request| self.context.agent(request).map(drop))
    }

    /// What a registry does, by the suite itself: asks the signaller under test for each entry, in order.
    fn ask_for_each(
        &mut self,
        signal_name: &str,
        leader_pids: Vec<u32>,
        before: &Reference,
    ) -> harness::Result<Vec<Call>> {
        let mut calls = Vec::new();
        for leader_pid in leader_pids {
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
                at_us: 0,
            });
        }
        Ok(calls)
    }

    /// What the stop of a registry does whose signaller cannot tell who has exited, by the suite itself.
    fn stop_each(
        &mut self,
        newcomer: Option<&Newcomer>,
        cancelled: bool,
        before: &Reference,
    ) -> harness::Result<Vec<Call>> {
        let mut registry = before.registry.clone();
        let mut stop = registry.stop();
        let mut calls = self.ask_for_each("SIGTERM", registry.questions(), before)?;
        let answers: Vec<SignalResult> =
            calls.iter().flat_map(|call| call.answers.clone().unwrap_or_default()).collect();
        stop.answered(&mut registry, &answers);
        if let Some(Newcomer { leader_pid, label }) = before.newcomer(newcomer, self.fences) {
            registry.register(*leader_pid, label);
        }
        if !cancelled {
            calls.extend(self.ask_for_each("SIGKILL", stop.left(&registry), before)?);
        }
        Ok(calls)
    }

    /// Does what the step says with the registry under test, if anything, and lists. `before` is what the
    /// model says of the state before it.
    fn operate(&mut self, step: &Step, before: &Reference, observed: &mut Observed) -> harness::Result {
        let operation = match step {
            Step::Register { leader_pid, label } => {
                Some(Operation::Register { leader_pid: *leader_pid, label: label.clone() })
            }
            Step::Forget { leader_pid } => Some(Operation::Forget { leader_pid: *leader_pid }),
            Step::SignalAll { signal_name } => {
                Some(Operation::SignalAll { signal_name: signal_name.clone() })
            }
            Step::SignalTargets { signal_name, leader_pids } => {
                let kept = |pid: &u32| self.kept.iter().find(|target| target.entry.leader_pid == *pid);
                let targets = leader_pids.iter().filter_map(kept).cloned().collect();
                Some(Operation::SignalTargets { signal_name: signal_name.clone(), targets })
            }
            Step::ForgetRegistration { leader_pid, label } => {
                Some(Operation::ForgetRegistration { leader_pid: *leader_pid, label: label.clone() })
            }
            Step::StopRegistry { newcomer, cancelled } => {
                let register = |Newcomer { leader_pid, label }: &Newcomer| Operation::Register {
                    leader_pid: *leader_pid,
                    label: label.clone(),
                };
                let newcomer = before.newcomer(newcomer.as_ref(), self.fences);
                Some(Operation::Stop {
                    grace_ms: if *cancelled { LONG_GRACE_MS } else { GRACE_MS },
                    meanwhile: newcomer.map(register).into_iter().collect(),
                    cancel: *cancelled,
                })
            }
            Step::Swap { to } => Some(Operation::SetSignaller { signaller: which(*to) }),
            _ => None,
        };
        for AnswerLine { outcome, calls, .. } in
            self.context.operate(operation.into_iter().chain([Operation::Entries]).collect())?
        {
            observed.calls.extend(calls);
            match outcome {
                OperationOutcome::Done => {}
                OperationOutcome::Entries(targets) => {
                    if *step == Step::Keep {
                        self.kept.clone_from(&targets);
                    }
                    observed.incarnations = targets.iter().map(|target| target.incarnation).collect();
                    observed.entries = Some(targets.into_iter().map(|target| target.entry).collect());
                }
                OperationOutcome::Results(results) => {
                    let entry = |(target, answer): (Target, SignalResult)| (target.entry, answer);
                    observed.results = Some(results.into_iter().map(entry).collect());
                }
                OperationOutcome::Stopped(endings, _) => {
                    let entry = |(target, ending): (Target, Ending)| (target.entry, ending);
                    observed.endings = Some(endings.into_iter().map(entry).collect());
                }
                OperationOutcome::Panicked(message) => observed.panicked = Some(message),
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
pub fn violation(stop: Abort) -> Result<Finding, Abort> {
    match stop {
        Abort::Breach(finding) => Ok(*finding),
        stop => Err(stop),
    }
}
