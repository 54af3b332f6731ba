//! Registries that stop as they should, and tell it wrongly.

use super::super::{Mutant, stops};
use super::{Asked, Endings, RIGHT, Steps, kill, tell};
use crate::contract::STOP_TELLS_HOW_EACH_ENDED;
use crate::mutants::registry::plain::Plain;
use process_groups::StopOutcome;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "forgets-a-refusal",
        who: "Takes whatever SIGKILL was sent to for killed.",
        requirement: STOP_TELLS_HOW_EACH_ENDED,
        subject: stops(Steps {
            tell: |plain, asked| {
                changed(plain, asked, |ending| matches!(ending, StopOutcome::Failed(_)), StopOutcome::Killed)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "remembers-the-first-refusal",
        who: "Tells why SIGTERM failed, whatever SIGKILL came to.",
        requirement: STOP_TELLS_HOW_EACH_ENDED,
        subject: stops(Steps {
            kill: |plain, asked| {
                kill(plain, asked);
                for one in asked.iter_mut().filter(|one| one.refused.is_some()) {
                    one.ending = one.refused.clone().map(StopOutcome::Failed);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "remembers-a-refusal-past-the-exit",
        who: "Tells why SIGTERM failed of a group that exited nevertheless.",
        requirement: STOP_TELLS_HOW_EACH_ENDED,
        subject: stops(Steps {
            tell: |plain, mut asked| {
                let exited = asked.iter_mut().filter(|one| one.ending == Some(StopOutcome::Exited));
                for one in exited {
                    one.ending = one.refused.clone().map(StopOutcome::Failed).or(one.ending.take());
                }
                tell(plain, asked)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "refused-in-its-own-words",
        who: "Says of each that failed that it could not be stopped.",
        requirement: STOP_TELLS_HOW_EACH_ENDED,
        subject: stops(Steps {
            tell: |plain, asked| {
                let own = StopOutcome::Failed("could not be stopped".to_owned());
                changed(plain, asked, |ending| matches!(ending, StopOutcome::Failed(_)), own)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "gone-by-then-is-killed",
        who: "Tells as killed what had exited when SIGKILL came.",
        requirement: STOP_TELLS_HOW_EACH_ENDED,
        subject: stops(Steps {
            kill: |plain, asked| {
                let was_left: Vec<bool> = asked.iter().map(Asked::is_left).collect();
                kill(plain, asked);
                for (one, _) in asked.iter_mut().zip(was_left).filter(|(_, was_left)| *was_left) {
                    if one.ending == Some(StopOutcome::Exited) {
                        one.ending = Some(StopOutcome::Killed);
                    }
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "newcomers-are-not-told",
        who: "Tells of those alone that it asked.",
        requirement: STOP_TELLS_HOW_EACH_ENDED,
        subject: stops(Steps {
            tell: |plain, asked| {
                let mut endings = tell(plain, asked);
                endings.retain(|(_, ending)| *ending != StopOutcome::NotAsked);
                endings
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "killed-are-dropped",
        who: "Drops what it has killed, since nothing survives that.",
        requirement: STOP_TELLS_HOW_EACH_ENDED,
        subject: stops(Steps {
            tell: |plain, asked| {
                let endings = tell(plain, asked);
                plain.state.entries.retain(|entry| !endings.contains(&(entry.clone(), StopOutcome::Killed)));
                endings
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "exited-come-first",
        who: "Tells in the order in which they ended.",
        requirement: STOP_TELLS_HOW_EACH_ENDED,
        subject: stops(Steps {
            tell: |plain, asked| {
                let mut endings = tell(plain, asked);
                endings.sort_by_key(|(_, ending)| *ending != StopOutcome::Exited);
                endings
            },
            ..RIGHT
        }),
    },
];

/// What is told as it should be, but for those endings.
fn changed(
    plain: &mut Plain,
    asked: Vec<Asked>,
    is_it: fn(&StopOutcome) -> bool,
    to: StopOutcome,
) -> Endings {
    let endings = tell(plain, asked).into_iter();
    endings
        .map(|(entry, ending)| if is_it(&ending) { (entry, to.clone()) } else { (entry, ending) })
        .collect()
}
