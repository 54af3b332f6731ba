//! What histories of a registry that fences reused pids put to the test.

use super::{Reference, Step, Witness};
use crate::history::fencing::requirement::*;
use crate::subject::wire::SignalResult;
use process_groups::model::{Group, Registration};

const STANDS: &str = "a target that stands was signalled";
const PRUNED: &str = "a target that stands had exited, and was pruned";
const LEFT: &str = "a target was signalled that had left the registry";
const NEXT_OWNER: &str = "a target was signalled while the next owner of its pid was registered";
const LATE_NOTICE: &str = "a late notice of an owner before came for a pid with another";
const NOTICE: &str = "a registration was forgotten under its label";
const SAME_LABEL: &str = "a target was signalled while its pid was registered anew under the same label";
const LIVE_STRANGER: &str = "a target was signalled while its pid had come back, live, to the next owner";

/// Every situation that many such histories together must have met.
pub const SITUATIONS: &[&str] = &[STANDS, PRUNED, LEFT, NEXT_OWNER, LATE_NOTICE, NOTICE];
/// Those at the end of a longer way, which are counted; the cases beside the histories try each on purpose.
pub const RARE: &[&str] = &[SAME_LABEL, LIVE_STRANGER];

impl Witness {
    pub(super) fn sees_fencing(&mut self, step: &Step, before: &Reference, asked: &[(u32, SignalResult)]) {
        match step {
            Step::SignalTargets { leader_pids, .. } => {
                self.meet_if(STANDS, !asked.is_empty());
                self.meet_if(PRUNED, asked.iter().any(|(_, said)| *said == Ok(false)));
                for target in stale(before, leader_pids) {
                    let label = label_of(before, target.leader_pid);
                    let group = before.world.group(target.leader_pid);
                    let came_back = group.is_some_and(|group| group.is_live() && Group::is_reused(group));
                    self.meet_if(LEFT, label.is_none());
                    self.meet_if(NEXT_OWNER, label.is_some_and(|label| label != target.label));
                    self.meet_if(SAME_LABEL, label == Some(target.label.as_str()));
                    self.meet_if(LIVE_STRANGER, label.is_some() && came_back);
                }
            }
            Step::ForgetRegistration { leader_pid, label } => {
                let held = label_of(before, *leader_pid);
                self.meet_if(LATE_NOTICE, held.is_some_and(|held| held != label));
                self.meet_if(NOTICE, held == Some(label));
            }
            _ => {}
        }
    }

    /// The requirements on a registry that fences which this step could break.
    pub(super) fn stake_fencing(&mut self, step: &Step, before: &Reference, asked: &[(u32, SignalResult)]) {
        match step {
            Step::Register { leader_pid, label } => match label_of(before, *leader_pid) {
                None => self.stake(REGISTRATION_HAS_AN_IDENTITY),
                Some(held) if held == label => self.stake(SAME_OWNER_KEEPS_ITS_IDENTITY),
                Some(_) => self.stake(NEW_OWNER_GETS_A_NEW_IDENTITY),
            },
            Step::SignalTargets { leader_pids, .. } => {
                self.stake_if(CURRENT_TARGET_IS_SIGNALLED, !asked.is_empty());
                self.stake_if(STALE_TARGET_IS_SKIPPED, !stale(before, leader_pids).is_empty());
            }
            Step::ForgetRegistration { .. } => self.stake(STALE_FORGET_IS_IGNORED),
            _ => {}
        }
    }
}

/// Those of the kept targets with these leader pids that no longer stand.
fn stale(before: &Reference, leader_pids: &[u32]) -> Vec<Registration> {
    let mut targets = before.targets(leader_pids);
    targets.retain(|target| !before.registry.stands(target));
    targets
}

/// The label under which a leader pid is held, if it is.
fn label_of(before: &Reference, leader_pid: u32) -> Option<&str> {
    let entries = before.registry.entries().iter();
    entries.filter(|entry| entry.0 == leader_pid).map(|entry| entry.1.as_str()).next()
}
