//! The groups of a history.

use super::{State, Theme, one_of};
use crate::history::step::{FurtherMember, Leader, Lineage, Step};
use process_groups::model::Disposition;
use proptest::bool::weighted;
use proptest::collection::vec;
use proptest::option;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};

/// How often a process is another user's, and how often a leader leads a session too.
const SOMETIMES: f64 = 0.15;

/// A group of pids that are free, in part of those that had been groups' ids; `None` when no pid is free.
pub fn spawn(state: &State) -> Option<BoxedStrategy<Step>> {
    let world = &state.reference.world;
    let (ended, new): (Vec<u32>, Vec<u32>) =
        state.pids.iter().filter(|pid| world.is_free(**pid)).partition(|pid| world.has_ended(**pid));
    let often = match state.theme {
        Theme::Fenced => 0.8,
        Theme::Ends => 0.6,
        _ => 0.4,
    };
    let again = || match one_of(ended.clone()) {
        Some(pid) => option::weighted(often, pid).no_shrink().boxed(),
        None => Just(None).boxed(),
    };
    let first = [again(), again()];
    let free: Vec<u32> = new.iter().chain(&ended).copied().collect();
    if free.is_empty() {
        return None;
    }
    if state.theme == Theme::Sealed {
        let leader =
            |(pid, disposition)| Leader { pid, disposition, others: false, sealed: true, own_session: false };
        let alone = |leader| Step::Spawn { leader, members: Vec::new() };
        return Some(
            (select(free).no_shrink(), disposition(state.theme)).prop_map(leader).prop_map(alone).boxed(),
        );
    }
    let others = if state.others { SOMETIMES } else { 0.0 };
    let leader = (disposition(state.theme), weighted(others), weighted(SOMETIMES));
    let lineage = select(vec![Lineage::Child, Lineage::Orphan, Lineage::Guest]);
    let members =
        vec((lineage, disposition(state.theme), weighted(others)), usize::from(!ended.is_empty())..=2);
    let group = (Just(free).prop_shuffle().no_shrink(), first, leader, members);
    Some(group.prop_map(|(free, first, leader, members)| together(free, first, leader, &members)).boxed())
}

/// Mostly those that live on: they tell more, but where it matters which groups SIGTERM ends.
fn disposition(theme: Theme) -> BoxedStrategy<Disposition> {
    let (watches, dies) = if theme == Theme::Stopped { (1, 3) } else { (3, 1) };
    Union::new_weighted(vec![(watches, Just(Disposition::Watches)), (dies, Just(Disposition::Dies))]).boxed()
}

/// The group of these choices, with `first` for the pids of its leader and its first member. What does not go
/// together gives way.
fn together(
    mut free: Vec<u32>,
    first: [Option<u32>; 2],
    (disposition, others, own_session): (Disposition, bool, bool),
    members: &[(Lineage, Disposition, bool)],
) -> Step {
    // The leader's last: if it is the same pid, the leader gets it.
    for (place, pid) in first.into_iter().enumerate().rev() {
        if let Some(from) = pid.and_then(|pid| free.iter().position(|other| *other == pid)) {
            let place = place.min(free.len() - 1);
            free.swap(place, from);
        }
    }
    let leader =
        Leader { pid: free[0], disposition, others, sealed: false, own_session: own_session && !others };
    let member = |(pid, (lineage, disposition, others)): (&u32, &(Lineage, Disposition, bool))| {
        let lineage = match *lineage {
            _ if leader.others => Lineage::Guest,
            Lineage::Guest if leader.own_session => Lineage::Child,
            lineage => lineage,
        };
        FurtherMember {
            pid: *pid,
            lineage,
            disposition: *disposition,
            others: *others && lineage == Lineage::Guest,
        }
    };
    let members = free[1..].iter().zip(members).map(member).collect();
    Step::Spawn { leader, members }
}
