//! From a history that diverges to the shortest that breaks the same requirement.

use super::Divergence;
use super::reference::Reference;
use super::run::run;
use super::shorter;
use super::step::Step;
use super::strategy::Tree;
use crate::harness::{self, Settings};
use proptest::strategy::ValueTree;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

/// How often a history must break the requirement once more before it is made short: of one that is a race
/// each shorter one would seem to be right now and then.
const REPEATS: u32 = 2;

/// The shortest history that breaks the same requirement, or one of those that it left open, as far as it can
/// be found in time. `None` if it does not break it each time.
pub fn shrink(
    settings: &Settings,
    mut tree: Tree,
    first: &Divergence,
    deadline: Instant,
) -> harness::Result<Option<Divergence>> {
    let (_, steps, seen) = tree.current();
    let mut best = first.clone();
    for _ in 0..REPEATS {
        match again(settings, &steps, seen.as_deref(), (&best, Telling::TheSame))? {
            Some(divergence) => best = divergence,
            None => return Ok(None),
        }
    }
    let mut going_on = tree.simplify();
    while going_on && Instant::now() < deadline {
        let (_, steps, seen) = tree.current();
        going_on = match again(settings, &steps, seen.as_deref(), (&best, Telling::TheSame))? {
            Some(divergence) => {
                best = divergence;
                tree.simplify()
            }
            None => tree.complicate(),
        };
    }
    loop {
        while let Some(divergence) = a_shorter(settings, (&best, Telling::TheSame), deadline)? {
            best = divergence;
        }
        match a_shorter(settings, (&best, Telling::Which), deadline)? {
            Some(divergence) => best = divergence,
            None => return Ok(Some(best)),
        }
    }
}

/// What a divergence must tell to stand for another.
#[derive(Clone, Copy, Debug)]
enum Telling {
    /// That the same requirement is broken.
    TheSame,
    /// That one of those is broken which the other left open.
    Which,
}

/// How these steps diverge, if that tells the same as `before`.
fn again(
    settings: &Settings,
    steps: &[Step],
    seen: Option<&AtomicUsize>,
    (before, telling): (&Divergence, Telling),
) -> harness::Result<Option<Divergence>> {
    let divergence = run(settings, steps, seen)?.divergence;
    Ok(divergence.filter(|now| match telling {
        Telling::TheSame => now.requirement == before.requirement,
        Telling::Which => before.suspects.contains(&now.requirement),
    }))
}

/// A shorter history in which it still happens, if there is one. What strategies shrink by one pass over the
/// steps leaves what becomes needless later, and what only goes together.
fn a_shorter(
    settings: &Settings,
    than: (&Divergence, Telling),
    deadline: Instant,
) -> harness::Result<Option<Divergence>> {
    for steps in shorter::all(&than.0.steps).filter(|steps| is_possible(steps)) {
        if Instant::now() > deadline {
            break;
        }
        if let Some(divergence) = again(settings, &steps, None, than)? {
            return Ok(Some(divergence));
        }
    }
    Ok(None)
}

fn is_possible(steps: &[Step]) -> bool {
    let mut reference = Reference::default();
    steps.iter().all(|step| {
        let possible = reference.objection(step).is_none();
        reference.apply(step);
        possible
    })
}
