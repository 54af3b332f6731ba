//! What reached the processes, held against the world of the model.

use super::Breach;
use super::reality::Reality;
use crate::harness::Snapshot;
use crate::testbed::protocol::{Seen, State, signal_name};
use process_groups::model::{Effect, Life, Member, World, requirement};

/// What a step asked of signallers that reach the groups: whatever happened to a process follows from it.
#[derive(Clone, Debug, Default)]
pub struct StepCalls {
    /// Each leader pid with the requirement that a wrong answer breaks.
    pub questions: Vec<(u32, Option<&'static str>)>,
    /// What that owed to members.
    pub effects: Vec<Effect>,
    /// The group of each leader pid as it was, by its members' pids.
    pub members: Vec<u32>,
    /// The requirement that any effect at all breaks: of a name that is none of the four, or of registries.
    pub nothing: Option<&'static str>,
}

impl StepCalls {
    /// The requirement that is broken when a subject does not answer, and those that could be instead.
    pub fn by_silence(&self) -> (&'static str, Vec<&'static str>) {
        let all: Vec<_> = self.questions.iter().filter_map(|(_, requirement)| *requirement).collect();
        (self.first_by_silence(&all), all)
    }

    fn first_by_silence(&self, all: &[&'static str]) -> &'static str {
        let first = all.first().copied().unwrap_or(requirement::REPORTS_DELIVERED);
        self.nothing.or_else(|| self.refused_leaders().next()).unwrap_or(first)
    }

    /// The requirements on leader pids that no group can have, of those that were asked for.
    fn refused_leaders(&self) -> impl Iterator<Item = &'static str> {
        let refused = |pid: u32| pid < 2 || pid > i32::MAX as u32;
        self.questions
            .iter()
            .filter(move |(pid, _)| refused(*pid))
            .filter_map(|(_, requirement)| *requirement)
    }

    /// The requirement that is broken when this member is not as it should be.
    fn blame(&self, member: &Member, seen: &Seen) -> &'static str {
        let is_target = self.members.contains(&member.pid());
        let effect = self.effects.iter().find(|effect| effect.pid == member.pid());
        let known = member.received().len() + member.pending().len();
        match (self.nothing, effect) {
            (Some(requirement), _) => requirement,
            (None, _) if is_target && is_continued(member, seen) => requirement::REACHES_STOPPED_MEMBERS,
            (None, _) if is_target && has_another_signal(member, seen) => {
                requirement::DELIVERS_THE_NAMED_SIGNAL
            }
            (None, Some(_)) if seen.received.len() + seen.pending.len() > known => requirement::DELIVERS_ONCE,
            (None, Some(effect)) => effect.requirement,
            (None, None) => self.blame_for_others(member.pid()),
        }
    }

    /// The requirement that is broken when something reached a process that was owed nothing.
    fn blame_for_others(&self, pid: u32) -> &'static str {
        let mut of_pid = self.questions.iter().filter(|(asked, _)| *asked == pid);
        let is_asked_as_member =
            of_pid.any(|(_, requirement)| *requirement == Some(requirement::MEMBER_IS_NOT_LEADER));
        match self.nothing.or_else(|| self.refused_leaders().next()) {
            Some(requirement) => requirement,
            None if is_asked_as_member => requirement::MEMBER_IS_NOT_LEADER,
            None if self.members.contains(&pid) => requirement::REFUSED_IS_AN_ERROR,
            None => requirement::SPARES_OTHER_GROUPS,
        }
    }
}

/// How the processes differ from what the model says, if they do.
pub fn difference(
    world: &World,
    snapshot: &Snapshot,
    asked: &StepCalls,
    reality: &Reality,
) -> Option<Breach> {
    let mut expected = Vec::new();
    let mut happened = Vec::new();
    let mut blamed = Vec::new();
    let mut processes = Vec::new();
    for member in world.processes() {
        let pid = member.pid();
        let gone = Seen { pid, state: State::Reaped, received: Vec::new(), pending: Vec::new() };
        let seen = snapshot.process(pid).unwrap_or(&gone);
        if !agrees(member, seen) {
            expected.push(format!("{} {}", reality.name_of(pid), owed(member)));
            happened.push(format!("{} {}", reality.name_of(pid), snapshot.describe(pid)));
            blamed.push(asked.blame(member, seen));
            processes.push(pid);
        }
    }
    for &pid in reality.bystanders() {
        if snapshot.state(pid) != State::Running || !snapshot.signals(pid).is_empty() {
            expected.push(format!("{} received nothing and is running", reality.name_of(pid)));
            happened.push(format!("{} {}", reality.name_of(pid), snapshot.describe(pid)));
            blamed.push(asked.blame_for_others(pid));
            processes.push(pid);
        }
    }
    // These explain that other signals are there or missing, and not the other way round.
    let telling = [requirement::REACHES_STOPPED_MEMBERS, requirement::DELIVERS_THE_NAMED_SIGNAL];
    let most = telling.iter().find(|name| blamed.contains(name));
    let requirement = most.or(blamed.first())?;
    // Each question of the step may have hit anybody.
    let questions = asked.questions.iter().filter_map(|(_, requirement)| *requirement);
    let suspects =
        blamed.iter().copied().chain(questions).chain([requirement::SPARES_OTHER_GROUPS]).collect();
    let breach = Breach::new(requirement, expected.join("\n"), happened.join("\n"));
    Some(Breach { suspects, processes, ..breach })
}

/// Whether the process is as the model says. What a process took it says itself, so only while it runs; what
/// is pending is seen from outside.
fn agrees(member: &Member, seen: &Seen) -> bool {
    let pending = names(seen.pending.iter().copied());
    match (member.life(), seen.state) {
        (Life::Running, State::Running) => {
            names(seen.received.iter().map(|receipt| receipt.signal)) == member.received()
                && pending.is_empty()
        }
        (Life::Stopped, State::Stopped) => pending == member.pending(),
        (Life::Exited { by: None }, State::Exited(_)) => true,
        (Life::Exited { by: Some(name) }, State::Killed(signal)) => signal_name(signal) == name,
        _ => false,
    }
}

/// Whether somebody continued it.
fn is_continued(member: &Member, seen: &Seen) -> bool {
    member.life() == Life::Stopped && seen.state == State::Running
}

/// Whether a signal is there that the model does not know of.
fn has_another_signal(member: &Member, seen: &Seen) -> bool {
    let ended_by = match member.life() {
        Life::Exited { by } => by,
        _ => None,
    };
    let known = |name: &String| {
        let known = member.received().iter().chain(member.pending()).chain(ended_by.iter());
        known.copied().any(|known| known == name)
    };
    signals(seen).iter().any(|name| !known(name))
}

/// Every signal of a process that can still be seen.
fn signals(seen: &Seen) -> Vec<String> {
    let ended_by = match seen.state {
        State::Killed(signal) => Some(signal),
        _ => None,
    };
    names(
        seen.received
            .iter()
            .map(|receipt| receipt.signal)
            .chain(seen.pending.iter().copied())
            .chain(ended_by),
    )
}

fn names(signals: impl Iterator<Item = i32>) -> Vec<String> {
    signals.map(signal_name).collect()
}

/// How a process should be, for people.
fn owed(member: &Member) -> String {
    let list = |names: &[&str]| if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    match member.life() {
        Life::Running => format!("received {} and is running", list(member.received())),
        Life::Stopped => format!("is stopped, with {} pending", list(member.pending())),
        Life::Exited { by: None } => "has exited by itself".to_owned(),
        Life::Exited { by: Some(name) } => format!("is ended by {name}"),
        Life::Reaped => "is gone".to_owned(),
    }
}
