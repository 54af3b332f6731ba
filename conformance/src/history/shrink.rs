//! From a history that diverges to the shortest that breaks the same requirement.

use super::Divergence;
use super::reference::Reference;
use super::run::run;
use super::step::Step;
use super::strategy::Tree;
use crate::bed::{self, Settings};
use proptest::strategy::ValueTree;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

/// The shortest history that breaks the same requirement, or one of those that it left open, as far as it can be found
/// in time.
pub fn shrink(
    settings: &Settings,
    mut tree: Tree,
    first: Divergence,
    deadline: Instant,
) -> bed::Step<Divergence> {
    let mut best = first;
    let (_, steps, seen) = tree.current();
    match again(settings, &steps, seen.as_deref(), &best)? {
        Some(divergence) => best = divergence,
        None => {
            best.finding.happened += "\n(when the same history was tried again, it did not happen)";
            return Ok(best);
        }
    }
    let mut going_on = tree.simplify();
    while going_on && Instant::now() < deadline {
        let (_, steps, seen) = tree.current();
        going_on = match again(settings, &steps, seen.as_deref(), &best)? {
            Some(divergence) => {
                best = divergence;
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    leave_out(settings, best, deadline)
}

/// How these steps diverge, if that tells the same as `before`.
fn again(
    settings: &Settings,
    steps: &[Step],
    seen: Option<&AtomicUsize>,
    before: &Divergence,
) -> bed::Step<Option<Divergence>> {
    let divergence = run(settings, steps, seen)?.divergence;
    let same = |now: &Divergence| {
        before.requirement == now.requirement || before.suspects.contains(&now.requirement)
    };
    Ok(divergence.filter(same))
}

/// Leaves out single steps and pairs as long as it still happens: one pass from the end does not find those that
/// become needless later, nor two that only go together.
fn leave_out(settings: &Settings, mut best: Divergence, deadline: Instant) -> bed::Step<Divergence> {
    'shorter: while Instant::now() < deadline {
        let length = best.steps.len();
        let singles = (0..length).map(|one| vec![one]);
        let pairs = (0..length).flat_map(|one| (one + 1..length).map(move |other| vec![one, other]));
        for left_out in singles.chain(pairs) {
            let kept = best.steps.iter().enumerate().filter(|(place, _)| !left_out.contains(place));
            let steps: Vec<Step> = kept.map(|(_, step)| step.clone()).collect();
            if is_possible(&steps)
                && Instant::now() < deadline
                && let Some(divergence) = again(settings, &steps, None, &best)?
            {
                best = divergence;
                continue 'shorter;
            }
        }
        break;
    }
    Ok(best)
}

fn is_possible(steps: &[Step]) -> bool {
    let mut reference = Reference::default();
    steps.iter().all(|step| {
        let possible = reference.objection(step).is_none();
        reference.apply(step);
        possible
    })
}
