//! What a caller does with a registry that fences reused pids: it keeps entries, and comes back to them late.

use super::{BAD_NAMES, Choices, LABELS, State, Theme, one_of};
use crate::history::step::Step;
use process_groups::model::Group;
use proptest::sample::{select, subsequence};
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};

impl State {
    pub(super) fn offer_fencing(&self, choices: &mut Choices) {
        if self.theme != Theme::Fenced {
            return;
        }
        let held = self.reference.registry.questions();
        // To its next owner, and to the same: each is as common as all that is done to entries otherwise.
        choices.offer(16, self.register(held.clone()));
        let world = &self.reference.world;
        let is_live = |pid: &u32| world.group(*pid).is_some_and(Group::is_live);
        let is_back = |pid: &u32| is_live(pid) && world.group(*pid).is_some_and(Group::is_reused);
        let is_kept = |pid: &u32| !self.reference.targets(&[*pid]).is_empty();
        let is_new = held.iter().any(|pid| is_live(pid) && !is_kept(pid));
        choices.offer(if is_new { 60 } else { 6 * held.len().min(1) as u32 }, Some(Just(Step::Keep).boxed()));
        choices.offer(30, self.signal_targets(self.pids.clone()));
        // On the way to a stranger who has the pid: its first owner ends, and it comes back.
        let kept = || self.pids.iter().copied().filter(is_kept);
        let (back, first): (Vec<u32>, Vec<u32>) = kept().filter(is_live).partition(is_back);
        choices.each_of(12, first, |leader_pid| Step::ExitAll { leader_pid });
        let stands =
            |pid: &u32| self.reference.targets(&[*pid]).iter().all(|one| self.reference.registry.stands(one));
        let (unknown, strangers): (Vec<u32>, Vec<u32>) = back.into_iter().partition(stands);
        choices.offer(40, self.register(unknown));
        choices.offer(80, self.signal_targets(strangers));
        choices.offer(8, self.forget_registration(held));
        choices.offer(2, self.forget_registration(self.pids.clone()));
    }

    /// To some of the kept targets among these, or to all, in any order.
    fn signal_targets(&self, mut kept: Vec<u32>) -> Option<BoxedStrategy<Step>> {
        kept.retain(|pid| !self.reference.targets(&[*pid]).is_empty());
        if kept.is_empty() {
            return None;
        }
        let name = Union::new_weighted(vec![
            (4, Just("SIGKILL").boxed()),
            (4, select(&["SIGTERM", "SIGINT", "SIGHUP"][..]).boxed()),
            (1, select(&BAD_NAMES[..]).boxed()),
        ]);
        let leader_pids = subsequence(kept.clone(), 1..=kept.len()).prop_shuffle();
        let step = |(name, leader_pids): (&str, Vec<u32>)| Step::SignalTargets {
            signal_name: name.to_owned(),
            leader_pids,
        };
        Some((name, leader_pids).prop_map(step).boxed())
    }

    fn forget_registration(&self, leader_pids: Vec<u32>) -> Option<BoxedStrategy<Step>> {
        let step = |(leader_pid, label): (u32, &str)| Step::ForgetRegistration {
            leader_pid,
            label: label.to_owned(),
        };
        Some((one_of(leader_pids)?, select(&LABELS[..2])).prop_map(step).boxed())
    }
}
