//! Entries stand in the order of their first registration.

use super::checks::{EDGES, FIVE, answering, disordered, holding, listed, pids, thousand};
use crate::cases::{Case, Need};
use crate::harness::{Bed, Step};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "keeps-registration-order/any-order-of-leader-pids",
            "Five groups are registered with leader pids ascending, descending and mixed, and with labels in \
             another order than the leader pids.",
            &[],
            |bed| {
                let mut ascending = FIVE;
                ascending.sort_unstable();
                let mut descending = ascending;
                descending.reverse();
                let mut by_label = FIVE;
                by_label.sort_unstable_by_key(|(_, label)| *label);
                for entries in [FIVE, ascending, descending, by_label] {
                    holding(bed, &entries, Script::new(1))?;
                    ordered(bed, &pids(&entries))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "keeps-registration-order/edges",
            "Leader pids at every edge, on both sides of the largest signed number, keep the order in which they \
             came, and the reverse of it.",
            &[Need::Sandbox],
            |bed| {
                let mut backwards = EDGES;
                backwards.reverse();
                for leader_pids in [EDGES, backwards] {
                    holding(bed, &leader_pids.map(|leader_pid| (leader_pid, "edge")), Script::new(1))?;
                    ordered(bed, &leader_pids)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "keeps-registration-order/one-is-forgotten",
            "Whichever of five is forgotten, the other four keep their order; no gap is filled from the end.",
            &[],
            |bed| {
                for (forgotten, _) in FIVE {
                    holding(bed, &FIVE, Script::new(1))?;
                    bed.forget(forgotten)?;
                    let rest: Vec<u32> = pids(&FIVE).into_iter().filter(|&pid| pid != forgotten).collect();
                    ordered(bed, &rest)?;
                    bed.register(4_200_600, "new")?;
                    ordered(bed, &[&rest[..], &[4_200_600]].concat())?;
                }
                Ok(())
            },
        ),
        Case::new(
            "keeps-registration-order/forgotten-and-registered-again",
            "Whichever of five is forgotten and registered again, with the same label or another, goes last.",
            &[],
            |bed| {
                for (forgotten, label) in FIVE {
                    for label in [label, "again"] {
                        holding(bed, &FIVE, Script::new(1))?;
                        bed.forget(forgotten)?;
                        goes_last(bed, forgotten, label)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            "keeps-registration-order/dropped-as-exited-and-registered-again",
            "Whichever of five was dropped since its group had exited, and is registered again, goes last: a group \
             that got the same id later is another group.",
            &[],
            |bed| {
                for (exited, label) in FIVE {
                    holding(bed, &FIVE, Script::new(1).says(exited, Ok(false)))?;
                    bed.signal_all("SIGTERM")?;
                    goes_last(bed, exited, label)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "keeps-registration-order/all-dropped-and-registered-again",
            "All of five are forgotten, or dropped as exited, and registered again in another order: nothing may \
             remember the places of before.",
            &[],
            |bed| {
                let mut again = FIVE;
                again.rotate_left(2);
                again.swap(0, 1);
                for forgotten in [true, false] {
                    holding(bed, &FIVE, Script::new(1).otherwise(Ok(false)))?;
                    if forgotten {
                        for (leader_pid, _) in FIVE {
                            bed.forget(leader_pid)?;
                        }
                    } else {
                        bed.signal_all("SIGTERM")?;
                    }
                    // One that was not dropped is another requirement's matter.
                    if bed.entries()?.is_empty() {
                        bed.register_all(&again)?;
                        ordered(bed, &pids(&again))?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            "keeps-registration-order/after-a-cycle",
            "The order is the same after all were signalled, some of them in vain, and after the same again.",
            &[],
            |bed| {
                let refused = Err("permission refused".to_owned());
                let answers = [Ok(true), refused.clone(), Ok(true), refused, Ok(true)];
                holding(bed, &FIVE, answering(&FIVE, &answers))?;
                for name in ["SIGTERM", "SIGKILL"] {
                    bed.signal_all(name)?;
                    ordered(bed, &pids(&FIVE))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "keeps-registration-order/a-thousand",
            "A thousand groups keep their order, also after every third was forgotten and registered again.",
            &[],
            |bed| {
                let entries = thousand();
                holding(bed, &entries, Script::new(1))?;
                ordered(bed, &pids(&entries))?;
                let (mut again, mut expected) = (Vec::new(), Vec::new());
                for (place, entry) in entries.into_iter().enumerate() {
                    if place % 3 == 0 { again.push(entry) } else { expected.push(entry) }
                }
                for (leader_pid, _) in &again {
                    bed.forget(*leader_pid)?;
                }
                bed.register_all(&again)?;
                expected.extend(again);
                ordered(bed, &pids(&expected))
            },
        ),
    ]
}

fn ordered(bed: &mut Bed, expected: &[u32]) -> Step {
    let entries = bed.entries()?;
    bed.expect_none(
        "entries in the order in which they were first registered",
        disordered(&entries, expected),
    )
}

/// Registers one of the five that was dropped, and ends the case unless it stands behind all others then. That it
/// was dropped is another requirement's matter.
fn goes_last(bed: &mut Bed, leader_pid: u32, label: &str) -> Step {
    if listed(&bed.entries()?).contains(&leader_pid) {
        return Ok(());
    }
    bed.register(leader_pid, label)?;
    let entries = bed.entries()?;
    let mut expected: Vec<u32> = pids(&FIVE).into_iter().filter(|&pid| pid != leader_pid).collect();
    expected.push(leader_pid);
    let why = "what was dropped and registered again stands last, the others in the order of before";
    bed.expect_none(why, disordered(&entries, &expected))
}
