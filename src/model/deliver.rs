//! What a call of a conforming signaller does to the members.

use super::{Disposition, Life, Member, World, names, requirement};

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
    /// A conforming signaller is asked to send that signal to that group. What is done must be done when it
    /// has answered.
    ///
    /// Returns one effect for each member that the subject may signal and that has not exited, in the order
    /// of [`members`](super::Group::members). Whoever is not listed, in this group or any other, receives
    /// nothing: of another group that is [`SPARES_OTHER_GROUPS`](requirement::SPARES_OTHER_GROUPS), and twice
    /// the signal is [`DELIVERS_ONCE`](requirement::DELIVERS_ONCE), another one
    /// [`DELIVERS_THE_NAMED_SIGNAL`](requirement::DELIVERS_THE_NAMED_SIGNAL). Nobody at all does when the
    /// name or the leader pid is refused.
    ///
    /// POSIX, kill(): a negative pid sends to all processes of the group "for which the process has
    /// permission to send a signal". Stopped members are among them; they are not continued.
    ///
    /// Ask [`allowed`](Self::allowed) first: afterwards the group may have exited.
    ///
    /// ```
    /// use process_groups::model::{Disposition, EffectKind, Member, World};
    ///
    /// let mut world = World::new();
    /// world.spawn(10, vec![Member::new(10, Disposition::Watches), Member::new(11, Disposition::Dies)]);
    /// world.stop(11);
    /// let effects = world.deliver(10, "SIGINT");
    /// assert_eq!((effects[0].pid, effects[0].kind), (10, EffectKind::Receives));
    /// assert_eq!((effects[1].pid, effects[1].kind), (11, EffectKind::StaysPending));
    /// ```
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
    let kind = match (member.life(), member.disposition()) {
        _ if name == "SIGKILL" => EffectKind::Ends,
        (Life::Stopped, _) => EffectKind::StaysPending,
        (_, Disposition::Watches) => EffectKind::Receives,
        (_, Disposition::Dies) => EffectKind::Ends,
    };
    let requirement = match member.life() {
        Life::Stopped => requirement::REACHES_STOPPED_MEMBERS,
        _ => requirement::DELIVERS_TO_EVERY_MEMBER,
    };
    Effect { pid: member.pid(), kind, requirement }
}

#[cfg(test)]
mod tests {
    use super::EffectKind::{Ends, Receives, StaysPending};
    use super::{Disposition, EffectKind, Life, Member, World, requirement};

    /// Group 10: 10 watches, 11 dies, 12 watches and is refused. Group 100: 100 watches.
    fn world() -> World {
        let mut world = World::new();
        let members = vec![
            Member::new(10, Disposition::Watches),
            Member::new(11, Disposition::Dies),
            Member::new(12, Disposition::Watches).refused(),
        ];
        assert!(world.spawn(10, members));
        assert!(world.spawn(100, vec![Member::new(100, Disposition::Watches)]));
        world
    }

    fn kinds(world: &mut World, name: &str) -> Vec<(u32, EffectKind)> {
        let effects = world.deliver(10, name);
        effects.into_iter().map(|effect| (effect.pid, effect.kind)).collect()
    }

    #[test]
    fn a_signal_reaches_every_live_member_that_may_be_signalled_and_no_other_group() {
        let mut world = world();
        assert_eq!(kinds(&mut world, "SIGTERM"), [(10, Receives), (11, Ends)]);
        let process = |pid| world.process(pid).expect("nobody was reaped");
        assert_eq!(process(10).received(), ["SIGTERM"]);
        assert_eq!(process(11).life(), Life::Exited { by: Some("SIGTERM") });
        assert_eq!(process(12), &Member::new(12, Disposition::Watches).refused());
        assert_eq!(process(100), &Member::new(100, Disposition::Watches));
    }

    #[test]
    fn an_exited_member_receives_nothing() {
        let mut world = world();
        assert!(world.exit(10) && world.exit(11) && world.reap(11));
        assert_eq!(kinds(&mut world, "SIGTERM"), []);
        let leader = world.process(10).expect("it is not reaped");
        assert_eq!((leader.life(), leader.received().len()), (Life::Exited { by: None }, 0));
    }

    #[test]
    fn a_stopped_group_has_the_signal_pending_and_is_not_continued() {
        let mut world = world();
        world.stop_all(10);
        assert_eq!(kinds(&mut world, "SIGTERM"), [(10, StaysPending), (11, StaysPending)]);
        for pid in [10, 11] {
            let member = world.process(pid).expect("nobody was reaped");
            assert_eq!((member.life(), member.pending()), (Life::Stopped, &["SIGTERM"][..]));
        }
        world.resume_all(10);
        assert_eq!(world.process(10).map(Member::received), Some(&["SIGTERM"][..]));
        assert_eq!(world.process(11).map(Member::life), Some(Life::Exited { by: Some("SIGTERM") }));
    }

    #[test]
    fn sigkill_ends_stopped_members() {
        let mut world = world();
        world.stop_all(10);
        assert_eq!(kinds(&mut world, "SIGKILL"), [(10, Ends), (11, Ends)]);
        assert_eq!(world.process(12).map(Member::life), Some(Life::Stopped), "refused");
    }

    #[test]
    fn an_effect_names_the_requirement_that_its_absence_breaks() {
        let mut world = world();
        world.stop(11);
        let broken: Vec<_> =
            world.deliver(10, "SIGHUP").into_iter().map(|effect| effect.requirement).collect();
        let expected = [requirement::DELIVERS_TO_EVERY_MEMBER, requirement::REACHES_STOPPED_MEMBERS];
        assert_eq!(broken, expected);
    }

    #[test]
    fn a_refused_question_touches_nobody() {
        for (leader_pid, name) in
            [(10, "sigterm"), (10, "SIGUSR1"), (0, "SIGKILL"), (1, "SIGKILL"), (11, "SIGKILL")]
        {
            let mut world = world();
            assert_eq!(world.deliver(leader_pid, name), []);
            assert_eq!(world, self::world(), "{leader_pid} {name}");
        }
    }
}
