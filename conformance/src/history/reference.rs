//! The reference that a history is held against: the model's world and its registry, and which steps their
//! state allows.

use super::step::{Lineage, Newcomer, Signaller, Step};
use crate::subject::wire::SignalResult;
use process_groups::model::{Answer, Group, Life, Owed, Registration, Registry, World};
use std::collections::{BTreeMap, BTreeSet};

/// What the model says the state is.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    /// The groups.
    pub world: World,
    /// What the registry holds.
    pub registry: Registry,
    /// What the caller kept of the registry's list to signal later.
    kept: Vec<Registration>,
    /// Whom the registry asks.
    pub signaller: Signaller,
    /// The leader whose child a process is, for those that are one.
    parents: BTreeMap<u32, u32>,
    /// Whether the groups of this history are closed to the subject by a filter, once there is one.
    sealed: Option<bool>,
    /// Every leader pid that was registered.
    registered: BTreeSet<u32>,
}

impl Reference {
    /// Why a step cannot be done in this state; `None` if it can.
    ///
    /// It never depends on what a subject has answered, so that a history stays possible whatever happens.
    pub fn objection(&self, step: &Step) -> Option<&'static str> {
        let possible = |change: &dyn Fn(&mut World) -> bool, objection| {
            (!change(&mut self.world.clone())).then_some(objection)
        };
        match step {
            Step::Register { .. } | Step::Forget { .. } | Step::SignalAll { .. } | Step::Swap { .. } => None,
            Step::Keep | Step::SignalTargets { .. } | Step::ForgetRegistration { .. } => None,
            Step::StopRegistry { .. } => None,
            Step::Spawn { .. } => self.objection_to_group(step),
            Step::Exit { .. } | Step::ExitAll { .. } if self.sealed == Some(true) => Some(SEALED),
            Step::Exit { pid } => possible(&|world| world.exit(*pid), "no such process runs"),
            Step::ExitAll { leader_pid } => {
                possible(&|world| world.exit_all(*leader_pid), "the group has no live member")
            }
            Step::Reap { pid } if self.is_held_by_stopped_parent(*pid) => Some(STOPPED_PARENT),
            Step::Reap { pid } => possible(&|world| world.reap(*pid), "no such process has exited"),
            Step::ReapAll { leader_pid } => {
                let group = self.world.group(*leader_pid);
                let mut exited =
                    group.into_iter().flat_map(|group| group.members()).filter(|one| one.is_unreaped());
                match exited.any(|one| self.is_held_by_stopped_parent(one.pid())) {
                    true => Some(STOPPED_PARENT),
                    false => {
                        possible(&|world| world.reap_all(*leader_pid), "no member of the group has exited")
                    }
                }
            }
            Step::Stop { pid } => possible(&|world| world.stop(*pid), "no such process runs"),
            Step::StopAll { leader_pid } => {
                possible(&|world| world.stop_all(*leader_pid), "no member of the group runs")
            }
            Step::Continue { pid } => possible(&|world| world.resume(*pid), "no such process is stopped"),
            Step::ContinueAll { leader_pid } => {
                possible(&|world| world.resume_all(*leader_pid), "no member of the group is stopped")
            }
        }
    }

    /// Those of the kept targets that have these leader pids, in the order of the pids.
    pub fn targets(&self, leader_pids: &[u32]) -> Vec<Registration> {
        let kept = |pid: &u32| self.kept.iter().find(|one| one.leader_pid == *pid).cloned();
        leader_pids.iter().filter_map(kept).collect()
    }

    /// The leader pids that the signaller must be asked about by a step, in that order.
    pub fn questions(&self, step: &Step) -> Vec<u32> {
        match step {
            Step::SignalAll { .. } => self.registry.questions(),
            Step::SignalTargets { leader_pids, .. } => self.registry.questions_of(&self.targets(leader_pids)),
            _ => Vec::new(),
        }
    }

    /// What is owed by a step that signals, once these answers were given. Drops what has exited.
    pub fn settle(&mut self, step: &Step, answers: &[SignalResult]) -> Vec<Owed> {
        match step {
            Step::SignalTargets { leader_pids, .. } => {
                let targets = self.targets(leader_pids);
                self.registry.settle_targets(&targets, answers)
            }
            _ => self.registry.settle(answers),
        }
    }

    /// What a conforming subject answers when it is asked for these, one after the other. Where several
    /// answers are allowed, it gives the first.
    pub fn answers(&self, leader_pids: Vec<u32>, signal_name: &str) -> Vec<(u32, SignalResult)> {
        let mut world = self.world.clone();
        let answer = |leader_pid: u32| {
            let said = match self.signaller {
                Signaller::Unreachable => Answer::Failed,
                Signaller::First | Signaller::Second => {
                    let allowed = world.allowed(leader_pid, signal_name);
                    world.deliver(leader_pid, signal_name);
                    allowed.answers[0]
                }
            };
            let answer = match said {
                Answer::Delivered => Ok(true),
                Answer::Exited => Ok(false),
                Answer::Failed => Err("no".to_owned()),
            };
            (leader_pid, answer)
        };
        leader_pids.into_iter().map(answer).collect()
    }

    /// Does a step as it goes with a conforming subject. [`objection`](Self::objection) must have none.
    pub fn apply(&mut self, step: &Step) {
        if let Step::StopRegistry { newcomer, cancelled } = step {
            return self.stop(newcomer.as_ref(), *cancelled);
        }
        let Some(signal_name) = step.signal_name() else { return self.apply_unasked(step) };
        let answers = self.deliver(self.questions(step), signal_name);
        self.settle(step, &answers);
    }

    /// Delivers to each of these, and returns what a conforming subject answers.
    fn deliver(&mut self, leader_pids: Vec<u32>, signal_name: &str) -> Vec<SignalResult> {
        let (leader_pids, answers): (Vec<u32>, Vec<SignalResult>) =
            self.answers(leader_pids, signal_name).into_iter().unzip();
        if self.signaller != Signaller::Unreachable {
            leader_pids.into_iter().for_each(|leader_pid| drop(self.world.deliver(leader_pid, signal_name)));
        }
        answers
    }

    /// A stop in whose grace period whoever SIGTERM ends has exited.
    fn stop(&mut self, newcomer: Option<&Newcomer>, cancelled: bool) {
        let mut stop = self.registry.stop();
        let answers = self.deliver(self.registry.questions(), "SIGTERM");
        stop.answered(&mut self.registry, &answers);
        if let Some(Newcomer { leader_pid, label }) = newcomer {
            self.registered.insert(*leader_pid);
            self.registry.register(*leader_pid, label);
        }
        for leader_pid in stop.left(&self.registry) {
            if self.may_have_exited(leader_pid) {
                stop.exited(&mut self.registry, leader_pid);
            }
        }
        if !cancelled {
            let answers = self.deliver(stop.left(&self.registry), "SIGKILL");
            stop.killed(&mut self.registry, &answers);
        }
    }

    /// Whether whoever asks the signaller may be told that this group has exited.
    pub fn may_have_exited(&self, leader_pid: u32) -> bool {
        self.signaller != Signaller::Unreachable && !self.world.group(leader_pid).is_some_and(Group::is_live)
    }

    /// The newcomer of a stop. Only a registry that fences is given one under a pid that it holds.
    pub fn newcomer<'a>(&self, newcomer: Option<&'a Newcomer>, fences: bool) -> Option<&'a Newcomer> {
        newcomer.filter(|newcomer| fences || !self.registry.questions().contains(&newcomer.leader_pid))
    }

    /// Does a step that asks no signaller.
    pub fn apply_unasked(&mut self, step: &Step) {
        let world = &mut self.world;
        // Whether it was possible is `objection`'s to say.
        match step {
            Step::Register { leader_pid, label } => {
                self.registered.insert(*leader_pid);
                self.registry.register(*leader_pid, label);
            }
            Step::Forget { leader_pid } => self.registry.forget(*leader_pid),
            Step::Keep => self.kept = self.registry.registrations(),
            Step::ForgetRegistration { leader_pid, label } => {
                self.registry.forget_registration(*leader_pid, label);
            }
            Step::Swap { to } => self.signaller = *to,
            Step::Exit { pid } => drop(world.exit(*pid)),
            Step::ExitAll { leader_pid } => drop(world.exit_all(*leader_pid)),
            Step::Reap { pid } => drop(world.reap(*pid)),
            Step::ReapAll { leader_pid } => drop(world.reap_all(*leader_pid)),
            Step::Stop { pid } => drop(world.stop(*pid)),
            Step::StopAll { leader_pid } => drop(world.stop_all(*leader_pid)),
            Step::Continue { pid } => drop(world.resume(*pid)),
            Step::ContinueAll { leader_pid } => drop(world.resume_all(*leader_pid)),
            Step::Spawn { leader, members } => {
                if let Some((model, _)) = step.shape() {
                    world.spawn(leader.pid, model);
                }
                self.sealed = Some(leader.sealed);
                self.parents.remove(&leader.pid);
                for member in members {
                    match member.lineage {
                        Lineage::Child => self.parents.insert(member.pid, leader.pid),
                        Lineage::Orphan | Lineage::Guest => self.parents.remove(&member.pid),
                    };
                }
            }
            Step::SignalAll { .. } | Step::SignalTargets { .. } | Step::StopRegistry { .. } => {}
        }
    }

    /// Shapes that the testbed cannot make, or in which the kernel would signal on its own account.
    fn objection_to_group(&self, step: &Step) -> Option<&'static str> {
        let Step::Spawn { leader, members } = step else { return None };
        let guests = members.iter().filter(|member| member.lineage == Lineage::Guest).count();
        if leader.own_session && guests > 0 {
            // setpgid(2) joins groups of one's own session only; and a guest whose parent is in that session
            // would, by its exit, orphan the group: the kernel would send SIGHUP and SIGCONT to those who are
            // stopped.
            return Some("a guest cannot join a group of another session");
        }
        if leader.others && guests < members.len() {
            return Some("a leader of another user has guests only: it may not choose its children's pids");
        }
        if members.iter().any(|member| member.others && member.lineage != Lineage::Guest) {
            return Some("only a guest can be another user's");
        }
        if self.sealed.is_some_and(|sealed| sealed != leader.sealed) {
            return Some("a filter closes all groups of a history, or none");
        }
        if leader.sealed && (!members.is_empty() || leader.others) {
            return Some("a group that a filter closes is its leader alone, of the subject's user");
        }
        if leader.sealed && self.registered.contains(&leader.pid) {
            return Some("a group that a filter closes is there before it is asked for: the filter is, too");
        }
        let (model, _) = step.shape()?;
        let possible = self.world.clone().spawn(leader.pid, model);
        (!possible).then_some("a pid of it is taken, or none that a process can have")
    }

    /// Whether a process is the child of one that is stopped, which reaps nobody meanwhile.
    fn is_held_by_stopped_parent(&self, pid: u32) -> bool {
        let parent = self.parents.get(&pid).and_then(|parent| self.world.process(*parent));
        parent.is_some_and(|parent| parent.life() == Life::Stopped)
    }
}

const SEALED: &str = "a group that a filter closes never ends: the filter would hide it";
const STOPPED_PARENT: &str = "its parent is stopped and cannot reap it";
