//! What histories of a registry that stops its groups put to the test.

use super::{Reference, Signaller, Step, Witness, World};
use crate::history::stopping::requirement::*;
use process_groups::model::{Disposition, Group, Life, Member};

const ENDS: &str = "a group was stopped that SIGTERM ends";
const STAYS: &str = "a group was stopped that takes SIGTERM and stays";
const PENDING: &str = "a group was stopped whose members were stopped processes";
const UNREACHABLE: &str = "groups were stopped through a signaller that reaches nobody";
const GONE: &str = "a group was stopped that has exited";
const NEWCOMER: &str = "a live group was registered while others were stopped";
const CANCELLED: &str = "a stop of live groups was cancelled";

const NEXT_OWNER: &str = "the next owner of a pid was registered while its first owner was stopped";

/// Every situation that many such histories together must have met.
pub const SITUATIONS: &[&str] = &[ENDS, STAYS, PENDING, UNREACHABLE, GONE, NEWCOMER, NEXT_OWNER, CANCELLED];

impl Witness {
    pub(super) fn sees_stop(&mut self, step: &Step, before: &Reference) {
        let Step::StopRegistry { newcomer, cancelled } = step else { return };
        let held = before.registry.questions();
        let live: Vec<&Group> = held.iter().filter_map(|pid| live(&before.world, *pid)).collect();
        let reaches = before.signaller != Signaller::Unreachable;
        let some = |is: fn(&Member) -> bool| {
            live.iter().any(|group| group.members().iter().any(|one| one.is_live() && is(one)))
        };
        let all = |is: fn(&Member) -> bool| {
            live.iter().any(|group| group.members().iter().filter(|one| one.is_live()).all(is))
        };
        self.meet_if(ENDS, reaches && all(ends));
        self.meet_if(STAYS, reaches && some(|one| one.life() == Life::Running && !ends(one)));
        self.meet_if(PENDING, reaches && some(|one| one.life() == Life::Stopped));
        self.meet_if(UNREACHABLE, !reaches && !held.is_empty());
        self.meet_if(GONE, reaches && live.len() < held.len());
        let is_next_owner = newcomer.as_ref().is_some_and(|newcomer| {
            let of_pid = before.registry.entries().iter().find(|(pid, _)| *pid == newcomer.leader_pid);
            of_pid.is_some_and(|(_, label)| *label != newcomer.label)
        });
        let newcomer = newcomer.as_ref().map(|newcomer| newcomer.leader_pid);
        let is_new = newcomer.is_some_and(|pid| !held.contains(&pid));
        self.meet_if(
            NEWCOMER,
            is_new && newcomer.is_some_and(|pid| self::live(&before.world, pid).is_some()),
        );
        self.meet_if(NEXT_OWNER, is_next_owner);
        self.meet_if(CANCELLED, *cancelled && !live.is_empty());

        let some_stay = !live.iter().all(|group| group.members().iter().all(ends));
        self.stake_if(STOP_ASKS_ALL_FIRST, !held.is_empty());
        self.stake_if(STOP_KILLS_WHAT_IS_LEFT, !cancelled && some_stay);
        self.stake_if(STOP_SPARES_THE_EXITED, !cancelled && (live.len() < held.len() || is_next_owner));
        self.stake_if(STOP_ASKS_NO_NEWCOMERS, is_new);
        self.stake_if(STOP_TELLS_HOW_EACH_ENDED, !held.is_empty());
        self.stake_if(STOP_CAN_BE_CANCELLED, *cancelled && !live.is_empty());
    }
}

fn live(world: &World, leader_pid: u32) -> Option<&Group> {
    world.group(leader_pid).filter(|group| group.is_live())
}

/// Whether SIGTERM ends it at once.
fn ends(member: &Member) -> bool {
    member.life() == Life::Running && member.disposition() == Disposition::Dies && !member.is_refused()
}
