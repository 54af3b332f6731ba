//! What a call of a conforming signaller does to the members.

use super::{Conduct, Life, Member, World, names, requirement};

/// What one call does to one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The member.
    pub pid: u32,
    /// What the signal does to it.
    pub kind: EffectKind,
    /// The requirement that is broken if it does not.
    pub requirement: &'static str,
}

/// What a signal does to a member that it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EffectKind {
    /// It runs and watches: it takes the signal and lives on.
    Receives,
    /// It has exited by the signal, and is not yet reaped.
    Ends,
    /// It is stopped: the signal waits until it is continued, and so does one of the same name from before.
    StaysPending,
}

impl World {
    /// A conforming signaller is asked to send that signal to that group. What is done must be done when it has
    /// answered.
    ///
    /// Returns one effect for each member that the subject may signal and that has not exited, in the order of
    /// [`members`](super::Group::members). Whoever is not listed, in this group or any other, receives nothing:
    /// of another group that is [`SPARES_OTHER_GROUPS`](requirement::SPARES_OTHER_GROUPS), and twice the signal is
    /// [`DELIVERS_ONCE`](requirement::DELIVERS_ONCE), another one
    /// [`DELIVERS_THE_NAMED_SIGNAL`](requirement::DELIVERS_THE_NAMED_SIGNAL).
    /// Nobody at all does when the name or the leader pid is refused.
    ///
    /// POSIX, kill(): a negative pid sends to all processes of the group "for which the process has permission to
    /// send a signal". Stopped members are among them; they are not continued.
    ///
    /// Ask [`allowed`](Self::allowed) first: afterwards the group may have exited.
    pub fn deliver(&mut self, leader_pid: u32, signal_name: &str) -> Vec<Effect> {
        let Some(name) = names::known(signal_name) else {
            return Vec::new();
        };
        if self.group(leader_pid).is_none() && self.has_ended(leader_pid) {
            self.asked_when_ended.push(leader_pid);
        }
        let Some(group) = self.group_mut(leader_pid) else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        for member in &mut group.members {
            if member.is_live() && !member.is_refused() {
                effects.push(effect(member, name));
                member.take(name);
            }
        }
        effects
    }
}

fn effect(member: &Member, name: &str) -> Effect {
    let kind = match (member.life(), member.conduct()) {
        _ if name == "SIGKILL" => EffectKind::Ends,
        (Life::Stopped, _) => EffectKind::StaysPending,
        (_, Conduct::Watches) => EffectKind::Receives,
        (_, Conduct::Dies) => EffectKind::Ends,
    };
    let requirement = match member.life() {
        Life::Stopped => requirement::REACHES_STOPPED_MEMBERS,
        _ => requirement::DELIVERS_TO_EVERY_MEMBER,
    };
    Effect {
        pid: member.pid(),
        kind,
        requirement,
    }
}
