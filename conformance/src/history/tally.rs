//! What histories put to the test. They prove nothing by passing unless what must be met was met.

use super::reference::Reference;
use super::registry::requirement as on_registry;
use super::step::{Signaller, Step};
use crate::subject::wire::SignalResult;
use process_groups::model::{Group, Life, Member, NAMES, World, requirement};
use std::collections::{BTreeMap, BTreeSet};

macro_rules! situations {
    ($($constant:ident = $text:literal;)*) => {
        $(const $constant: &str = $text;)*
        /// Every situation that many histories together must have met.
        pub const SITUATIONS: &[&str] = &[$($constant),*];
    };
}

situations! {
    STOPPED = "a stopped group was signalled";
    STOPPED_KILLED = "a stopped group was sent SIGKILL";
    PENDING_AGAIN = "a stopped group with a signal pending was sent another";
    PENDING_TAKEN = "a stopped group was continued with a signal pending";
    SURVIVOR = "a survivor was signalled, its leader reaped";
    PARTLY_EXITED = "a group with an exited, unreaped member was signalled";
    UNREAPED = "a group of which all have exited, unreaped, was signalled";
    EXITED = "a group that has exited was signalled";
    EXITED_AGAIN = "a group that has exited was signalled again";
    NEVER_EXISTED = "a leader pid that no group ever had was signalled";
    MEMBER_ASKED = "the pid of a member that leads no group was signalled";
    REFUSED_LEADER = "leader pid 0, 1 or one out of range was signalled";
    CAME_BACK = "a pid that came back as a leader was signalled";
    CAME_BACK_AS_MEMBER = "a former leader pid that came back as a mere member was signalled";
    REFUSED = "a group was signalled of which the subject may signal nobody";
    PARTLY_REFUSED = "a group was signalled of which the subject may signal some";
    UNKNOWN_NAME = "an unknown name was sent to a live group";
    UNKNOWN_NAME_EXITED = "an unknown name was sent to a group that has exited";
    SPARED = "a live group was not registered while another was signalled";
    EMPTY = "nothing was held in a signal_all";
    THREE = "three or more entries were signalled at once";
    ALL_ANSWERS = "one signal_all met a live group, an exited one and a failure";
    PRUNED_BETWEEN = "an entry was pruned between two kept ones";
    SWAP_BETWEEN = "the signaller was swapped between two signal_alls";
    REACHED_AGAIN = "entries outlived a signaller that reaches nobody, and were signalled then";
    RELABELLED = "a held entry was relabelled";
    FORGOT_MIDDLE = "an entry between two others was forgotten";
    FORGOT_UNKNOWN = "a leader pid that was not held was forgotten";
    REGISTERED_AGAIN = "a forgotten leader pid was registered again, behind others";
}

pub mod fenced;
pub mod stopped;

/// The situation that takes processes of another user.
pub const OF_OTHERS: &str = PARTLY_REFUSED;

/// Counts over many histories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many histories.
    pub histories: usize,
    /// How many steps of theirs.
    pub steps: usize,
    /// How many groups they made.
    pub groups: usize,
    /// Of how many processes.
    pub processes: usize,
    situations: BTreeMap<&'static str, usize>,
    stakes: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// That of one history that met each of these situations and put each of these requirements to the test
    /// once.
    #[cfg(test)]
    pub fn of(situations: &[&'static str], requirements: &[&'static str]) -> Self {
        let once = |names: &[&'static str]| names.iter().map(|name| (*name, 1)).collect();
        Self { histories: 1, situations: once(situations), stakes: once(requirements), ..Self::default() }
    }

    /// How often a situation was met.
    pub fn met(&self, situation: &str) -> usize {
        self.situations.get(situation).copied().unwrap_or(0)
    }

    /// How often a requirement could have been broken.
    pub fn at_stake(&self, requirement: &str) -> usize {
        self.stakes.get(requirement).copied().unwrap_or(0)
    }

    /// How many steps a history had on average.
    pub fn average_steps(&self) -> f64 {
        self.steps as f64 / self.histories.max(1) as f64
    }

    /// Counts in what another tally holds.
    pub fn add(&mut self, other: &Self) {
        self.histories += other.histories;
        self.steps += other.steps;
        self.groups += other.groups;
        self.processes += other.processes;
        for (ours, theirs) in [(&mut self.situations, &other.situations), (&mut self.stakes, &other.stakes)] {
            theirs.iter().for_each(|(name, count)| *ours.entry(name).or_default() += count);
        }
    }
}

/// Counts what one history meets.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    /// The counts.
    pub tally: Tally,
    forgotten: BTreeSet<u32>,
    /// The signaller of the last `signal_all` that asked one.
    last_asked: Option<Signaller>,
}

impl Witness {
    /// Takes note of a step, before the model does. `asked` are the leader pids that signallers were asked
    /// for, with their answers.
    pub fn sees(
        &mut self,
        step: &Step,
        before: &Reference,
        asked: &[(u32, SignalResult)],
        has_registry: bool,
    ) {
        self.tally.steps += 1;
        let held = before.registry.questions();
        let place = |leader_pid: &u32| held.iter().position(|pid| pid == leader_pid);
        match step {
            Step::Spawn { members, .. } => {
                self.tally.groups += 1;
                self.tally.processes += 1 + members.len();
            }
            Step::Register { leader_pid, .. } => {
                match place(leader_pid) {
                    Some(_) => self.meet(RELABELLED),
                    None if self.forgotten.contains(leader_pid) && !held.is_empty() => {
                        self.meet(REGISTERED_AGAIN)
                    }
                    None => {}
                }
                self.forgotten.remove(leader_pid);
            }
            Step::Forget { leader_pid } => match place(leader_pid) {
                Some(place) => {
                    self.forgotten.insert(*leader_pid);
                    if place > 0 && place + 1 < held.len() {
                        self.meet(FORGOT_MIDDLE);
                    }
                }
                None => self.meet(FORGOT_UNKNOWN),
            },
            Step::Continue { pid } if is_pending(before.world.process(*pid).into_iter()) => {
                self.meet(PENDING_TAKEN)
            }
            Step::ContinueAll { leader_pid } => {
                let group = before.world.group(*leader_pid);
                if is_pending(group.into_iter().flat_map(Group::members)) {
                    self.meet(PENDING_TAKEN);
                }
            }
            Step::SignalAll { signal_name } => self.sees_cycle(signal_name, before, asked),
            Step::StopRegistry { .. } => self.sees_stop(step, before),
            step if step.is_of_fencing() => self.sees_fencing(step, before, asked),
            _ => {}
        }
        if has_registry {
            self.stake_registry(step, before, asked);
        }
        if let Step::SignalAll { .. } = step
            && !held.is_empty()
        {
            self.last_asked = Some(before.signaller);
        }
    }

    fn sees_cycle(&mut self, signal_name: &str, before: &Reference, asked: &[(u32, SignalResult)]) {
        self.meet_if(EMPTY, asked.is_empty());
        self.meet_if(THREE, asked.len() >= 3);
        let has = |answer: fn(&SignalResult) -> bool| asked.iter().any(|(_, said)| answer(said));
        self.meet_if(
            ALL_ANSWERS,
            has(|said| *said == Ok(true)) && has(|said| *said == Ok(false)) && has(Result::is_err),
        );
        let exited = |place: usize| asked[place].1 == Ok(false);
        let kept = |range: &[(u32, SignalResult)]| range.iter().any(|(_, said)| *said != Ok(false));
        let between = |place| exited(place) && kept(&asked[..place]) && kept(&asked[place + 1..]);
        self.meet_if(PRUNED_BETWEEN, (0..asked.len()).any(between));
        let last = self.last_asked.filter(|_| !asked.is_empty());
        self.meet_if(SWAP_BETWEEN, last.is_some_and(|last| last != before.signaller));
        if before.signaller == Signaller::Unreachable {
            return;
        }
        self.meet_if(REACHED_AGAIN, last == Some(Signaller::Unreachable));
        for (leader_pid, _) in asked {
            self.sees_question(*leader_pid, signal_name, &before.world);
        }
        let is_asked = |group: &Group| asked.iter().any(|(pid, _)| *pid == group.leader_pid());
        let live = || before.world.groups().iter().filter(|group| group.is_live());
        self.meet_if(SPARED, live().any(is_asked) && !live().all(is_asked));
    }

    fn sees_question(&mut self, leader_pid: u32, signal_name: &str, world: &World) {
        let is_valid = (2..=i32::MAX as u32).contains(&leader_pid);
        let group = world.group(leader_pid);
        self.stake_signaller(leader_pid, signal_name, world);
        if !NAMES.contains(&signal_name) {
            self.meet_if(UNKNOWN_NAME, group.is_some_and(Group::is_live));
            self.meet_if(UNKNOWN_NAME_EXITED, group.is_none() && is_valid);
            return;
        }
        self.meet_if(REFUSED_LEADER, !is_valid);
        let Some(group) = group else {
            let ended = world.has_ended(leader_pid);
            let is_member = world.process(leader_pid).is_some_and(Member::is_live);
            self.meet_if(MEMBER_ASKED, is_member);
            self.meet_if(CAME_BACK_AS_MEMBER, is_member && ended);
            self.meet_if(EXITED, is_valid && ended && !is_member);
            self.meet_if(NEVER_EXISTED, is_valid && !ended && !is_member);
            let again =
                world.allowed(leader_pid, signal_name).requirement == Some(requirement::EXITED_IS_REPEATABLE);
            self.meet_if(EXITED_AGAIN, again);
            return;
        };
        let live = || group.members().iter().filter(|member| member.is_live());
        let refused = live().filter(|member| member.is_refused()).count();
        self.meet_if(UNREAPED, !group.is_live());
        if !group.is_live() {
            return;
        }
        self.meet_if(REFUSED, refused == live().count());
        self.meet_if(PARTLY_REFUSED, refused > 0 && refused < live().count());
        self.meet_if(PARTLY_EXITED, group.members().iter().any(Member::is_unreaped));
        self.meet_if(CAME_BACK, group.is_reused());
        let leader = world.process(leader_pid);
        self.meet_if(SURVIVOR, leader.is_none());
        if live().all(|member| member.life() == Life::Stopped && !member.is_refused()) {
            self.meet(if signal_name == "SIGKILL" { STOPPED_KILLED } else { STOPPED });
            self.meet_if(PENDING_AGAIN, is_pending(live()));
        }
    }

    /// The requirements on a signaller that this question could break.
    fn stake_signaller(&mut self, leader_pid: u32, signal_name: &str, world: &World) {
        self.stake(requirement::SPARES_OTHER_GROUPS);
        world.allowed(leader_pid, signal_name).requirement.into_iter().for_each(|name| self.stake(name));
        let effects = world.clone().deliver(leader_pid, signal_name);
        for effect in &effects {
            self.stake(effect.requirement);
        }
        if !effects.is_empty() {
            self.stake(requirement::DELIVERS_ONCE);
            self.stake(requirement::DELIVERS_THE_NAMED_SIGNAL);
        }
    }

    /// The requirements on a registry that this step could break.
    fn stake_registry(&mut self, step: &Step, before: &Reference, asked: &[(u32, SignalResult)]) {
        let held = before.registry.questions();
        let said = |answer: fn(&SignalResult) -> bool| asked.iter().any(|(_, said)| answer(said));
        match step {
            Step::Register { leader_pid, .. } if held.contains(leader_pid) => {
                self.stake(on_registry::REGISTER_IS_IDEMPOTENT);
                self.stake(on_registry::REGISTER_RELABELS_IN_PLACE);
            }
            Step::Register { .. } => {
                self.stake(on_registry::REGISTER_TRACKS);
                self.stake_if(on_registry::KEEPS_REGISTRATION_ORDER, !held.is_empty());
            }
            Step::Forget { leader_pid } if held.contains(leader_pid) => self.stake(on_registry::FORGET_DROPS),
            Step::Forget { .. } => self.stake(on_registry::FORGET_UNKNOWN_IS_A_NO_OP),
            Step::Swap { .. } => self.stake_if(on_registry::SWAP_KEEPS_ENTRIES, !held.is_empty()),
            Step::SignalAll { .. } if held.is_empty() => self.stake(on_registry::EMPTY_IS_SILENT),
            Step::SignalAll { .. } => {
                self.stake(on_registry::ASKS_ONCE_PER_ENTRY_IN_ORDER);
                self.stake(on_registry::REPORTS_EVERY_ENTRY);
                self.stake_if(
                    on_registry::ANSWERS_STAY_WITH_THEIR_ENTRY,
                    asked.iter().any(|(_, one)| *one != asked[0].1),
                );
                self.stake_if(on_registry::EXITED_IS_PRUNED, said(|said| *said == Ok(false)));
                self.stake_if(on_registry::DELIVERED_IS_KEPT, said(|said| *said == Ok(true)));
                self.stake_if(on_registry::FAILED_IS_KEPT, said(Result::is_err));
                let not_last = asked.iter().rev().skip(1).any(|(_, said)| said.is_err());
                self.stake_if(on_registry::ONE_FAILURE_STOPS_NOTHING, not_last);
                let swapped = self.last_asked.is_some_and(|last| last != before.signaller);
                self.stake_if(on_registry::SWAP_TAKES_EFFECT_AT_ONCE, swapped);
            }
            _ => {}
        }
        self.stake_fencing(step, before, asked);
        if matches!(step, Step::Register { .. } | Step::Forget { .. } | Step::Swap { .. }) {
            self.stake_if(on_registry::FORGET_SENDS_NOTHING, !held.is_empty());
        }
    }

    fn meet(&mut self, situation: &'static str) {
        *self.tally.situations.entry(situation).or_default() += 1;
    }

    fn meet_if(&mut self, situation: &'static str, met: bool) {
        if met {
            self.meet(situation);
        }
    }

    fn stake(&mut self, requirement: &'static str) {
        *self.tally.stakes.entry(requirement).or_default() += 1;
    }

    fn stake_if(&mut self, requirement: &'static str, at_stake: bool) {
        if at_stake {
            self.stake(requirement);
        }
    }
}

fn is_pending<'a>(mut members: impl Iterator<Item = &'a Member>) -> bool {
    members.any(|member| !member.pending().is_empty())
}
