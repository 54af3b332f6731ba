//! Entries stand in the order of their first registration.

use super::checks::{EDGES, FIVE, answering, disordered, holding, listed, pids, thousand};
use crate::cases::{Case, Need};
use crate::contract::KEEPS_REGISTRATION_ORDER;
use crate::harness::{Context, Result};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            KEEPS_REGISTRATION_ORDER,
            "any-order-of-leader-pids",
            "Five groups are registered with leader pids ascending, descending and mixed, and with labels in \
             another order than the leader pids.",
            &[],
            |context| {
                let mut ascending = FIVE;
                ascending.sort_unstable();
                let mut descending = ascending;
                descending.reverse();
                let mut by_label = FIVE;
                by_label.sort_unstable_by_key(|(_, label)| *label);
                for entries in [FIVE, ascending, descending, by_label] {
                    holding(context, &entries, Script::new(1))?;
                    ordered(context, &pids(&entries))?;
                }
                Ok(())
            },
        ),
        Case::new(
            KEEPS_REGISTRATION_ORDER,
            "edges",
            "Leader pids at every edge, on both sides of the largest signed number, keep the order in which \
             they came, and the reverse of it.",
            &[Need::Sandbox],
            |context| {
                let mut backwards = EDGES;
                backwards.reverse();
                for leader_pids in [EDGES, backwards] {
                    holding(context, &leader_pids.map(|leader_pid| (leader_pid, "edge")), Script::new(1))?;
                    ordered(context, &leader_pids)?;
                }
                Ok(())
            },
        ),
        Case::new(
            KEEPS_REGISTRATION_ORDER,
            "one-is-forgotten",
            "Whichever of five is forgotten, the other four keep their order; no gap is filled from the end.",
            &[],
            |context| {
                for (forgotten, _) in FIVE {
                    holding(context, &FIVE, Script::new(1))?;
                    context.forget(forgotten)?;
                    let rest: Vec<u32> = pids(&FIVE).into_iter().filter(|&pid| pid != forgotten).collect();
                    ordered(context, &rest)?;
                    context.register(4_200_600, "new")?;
                    ordered(context, &[&rest[..], &[4_200_600]].concat())?;
                }
                Ok(())
            },
        ),
        Case::new(
            KEEPS_REGISTRATION_ORDER,
            "forgotten-and-registered-again",
            "Whichever of five is forgotten and registered again, with the same label or another, goes last.",
            &[],
            |context| {
                for (forgotten, label) in FIVE {
                    for label in [label, "again"] {
                        holding(context, &FIVE, Script::new(1))?;
                        context.forget(forgotten)?;
                        goes_last(context, forgotten, label)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            KEEPS_REGISTRATION_ORDER,
            "dropped-as-exited-and-registered-again",
            "Whichever of five was dropped since its group had exited, and is registered again, goes last: a \
             group that got the same id later is another group.",
            &[],
            |context| {
                for (exited, label) in FIVE {
                    holding(context, &FIVE, Script::new(1).says(exited, Ok(false)))?;
                    context.signal_all("SIGTERM")?;
                    goes_last(context, exited, label)?;
                }
                Ok(())
            },
        ),
        Case::new(
            KEEPS_REGISTRATION_ORDER,
            "all-dropped-and-registered-again",
            "All of five are forgotten, or dropped as exited, and registered again in another order: nothing \
             may remember the places of before.",
            &[],
            |context| {
                let mut again = FIVE;
                again.rotate_left(2);
                again.swap(0, 1);
                for forgotten in [true, false] {
                    holding(context, &FIVE, Script::new(1).otherwise(Ok(false)))?;
                    if forgotten {
                        for (leader_pid, _) in FIVE {
                            context.forget(leader_pid)?;
                        }
                    } else {
                        context.signal_all("SIGTERM")?;
                    }
                    // One that was not dropped is another requirement's matter.
                    if context.entries()?.is_empty() {
                        context.register_all(&again)?;
                        ordered(context, &pids(&again))?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            KEEPS_REGISTRATION_ORDER,
            "after-a-cycle",
            "The order is the same after all were signalled, some of them in vain, and after the same again.",
            &[],
            |context| {
                let refused = Err("permission refused".to_owned());
                let answers = [Ok(true), refused.clone(), Ok(true), refused, Ok(true)];
                holding(context, &FIVE, answering(&FIVE, &answers))?;
                for name in ["SIGTERM", "SIGKILL"] {
                    context.signal_all(name)?;
                    ordered(context, &pids(&FIVE))?;
                }
                Ok(())
            },
        ),
        Case::new(
            KEEPS_REGISTRATION_ORDER,
            "a-thousand",
            "A thousand groups keep their order, also after every third was forgotten and registered again.",
            &[],
            |context| {
                let entries = thousand();
                holding(context, &entries, Script::new(1))?;
                ordered(context, &pids(&entries))?;
                let (mut again, mut expected) = (Vec::new(), Vec::new());
                for (place, entry) in entries.into_iter().enumerate() {
                    if place % 3 == 0 { again.push(entry) } else { expected.push(entry) }
                }
                for (leader_pid, _) in &again {
                    context.forget(*leader_pid)?;
                }
                context.register_all(&again)?;
                expected.extend(again);
                ordered(context, &pids(&expected))
            },
        ),
    ]
}

fn ordered(context: &mut Context, expected: &[u32]) -> Result {
    let entries = context.entries()?;
    context.expect_none(
        "entries in the order in which they were first registered",
        disordered(&entries, expected),
    )
}

/// Registers one of the five that was dropped, and ends the case unless it stands behind all others then.
/// That it was dropped is another requirement's matter.
fn goes_last(context: &mut Context, leader_pid: u32, label: &str) -> Result {
    if listed(&context.entries()?).contains(&leader_pid) {
        return Ok(());
    }
    context.register(leader_pid, label)?;
    let entries = context.entries()?;
    let mut expected: Vec<u32> = pids(&FIVE).into_iter().filter(|&pid| pid != leader_pid).collect();
    expected.push(leader_pid);
    let why = "what was dropped and registered again stands last, the others in the order of before";
    context.expect_none(why, disordered(&entries, &expected))
}
