//! What a caller does with a registry that stops its groups: it stops them, registers new ones meanwhile, and
//! thinks better of it.

use super::{Choices, LABELS, State, Theme, one_of};
use crate::history::step::{Newcomer, Step};
use process_groups::model::Group;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};

impl State {
    pub(super) fn offer_stopping(&self, choices: &mut Choices) {
        let held = self.reference.registry.questions();
        if self.theme != Theme::Stopped || held.is_empty() {
            return;
        }
        let (known, mut new): (Vec<u32>, Vec<u32>) =
            self.leaders(Group::is_live).into_iter().partition(|pid| held.contains(pid));
        let is_idle = known.is_empty();
        if new.is_empty() {
            new.extend(self.never_there().into_iter().filter(|pid| !held.contains(pid)));
        }
        // Only where somebody else is left, so that SIGKILL is sent.
        let next_owner = newcomer(known.clone()).filter(|_| self.fences && known.len() > 1);
        let newcomers = [(3, newcomer(new)), (4, next_owner)];
        let newcomers = newcomers.into_iter().filter_map(|(weight, one)| Some((weight, one?)));
        let nobody = (2, Just(None).boxed());
        // Where nothing is left to wait for there is no meanwhile.
        let newcomer = Union::new_weighted(newcomers.filter(|_| !is_idle).chain([nobody]).collect());
        let stop = (newcomer, select(&[false, false, true][..]))
            .prop_map(|(newcomer, cancelled)| Step::StopRegistry { newcomer, cancelled });
        choices.offer(if is_idle { 4 } else { 12 * held.len().min(3) as u32 }, Some(stop.boxed()));
    }
}

fn newcomer(leader_pids: Vec<u32>) -> Option<BoxedStrategy<Option<Newcomer>>> {
    let newcomer = |(leader_pid, label): (u32, &str)| Some(Newcomer { leader_pid, label: label.to_owned() });
    Some((one_of(leader_pids)?, select(&LABELS[..])).prop_map(newcomer).boxed())
}
