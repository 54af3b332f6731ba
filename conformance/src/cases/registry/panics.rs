//! A signaller that panics takes nothing with it.

use super::checks::{FIVE, doubled, holding, lingering, listed, missing};
use crate::cases::Case;
use crate::contract::SURVIVES_A_PANICKING_SIGNALLER;
use crate::harness::{Context, Result};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            SURVIVES_A_PANICKING_SIGNALLER,
            "each-place",
            "The signaller panics at one of one to five groups, wherever it stands, and the caller catches \
             it: no entry may be lost.",
            &[],
            |context| {
                for count in 1..=FIVE.len() {
                    for (panicking, _) in &FIVE[..count] {
                        holding(context, &FIVE[..count], Script::new(1).panics(*panicking))?;
                        loses_nothing(context)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            SURVIVES_A_PANICKING_SIGNALLER,
            "among-other-answers",
            "The same where the groups around it have exited or could not be asked for. One that was \
             answered exited before the panic may be dropped or kept.",
            &[],
            |context| {
                for (panicking, _) in FIVE {
                    for others in [Ok(false), Err("connection lost".to_owned())] {
                        holding(context, &FIVE, Script::new(1).panics(panicking).otherwise(others))?;
                        loses_nothing(context)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            SURVIVES_A_PANICKING_SIGNALLER,
            "again-and-again",
            "Five panics one after the other.",
            &[],
            |context| {
                holding(context, &FIVE, Script::new(1).panics(FIVE[2].0))?;
                for _ in 0..5 {
                    loses_nothing(context)?;
                }
                Ok(())
            },
        ),
        Case::new(
            SURVIVES_A_PANICKING_SIGNALLER,
            "every-operation-after",
            "After the panic the registry must register, give a new label, forget and list as ever.",
            &[],
            |context| {
                for (panicking, _) in FIVE {
                    holding(context, &FIVE, Script::new(1).panics(panicking))?;
                    context.signal_all_in_panic("SIGTERM")?;
                    context.register(4_200_600, "new")?;
                    context.register_all(&FIVE)?;
                    context.forget(FIVE[1].0)?;
                    let entries = context.entries()?;
                    let mut problems =
                        missing(&entries, &[FIVE[0].0, FIVE[2].0, FIVE[3].0, FIVE[4].0, 4_200_600]);
                    problems.extend(lingering(&entries, &[FIVE[1].0]));
                    problems.extend(doubled(&entries));
                    context.expect_none(
                        "the list that these operations make without a panic before",
                        problems,
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            SURVIVES_A_PANICKING_SIGNALLER,
            "the-next-cycle",
            "After the panic, with a new signaller or with the old one once it is well again, every group \
             must be signalled.",
            &[],
            |context| {
                for (panicking, _) in FIVE {
                    for swapped in [true, false] {
                        holding(context, &FIVE, Script::new(1).panics(panicking))?;
                        context.signal_all_in_panic("SIGTERM")?;
                        if swapped {
                            context.swap(Script::new(2))?;
                        } else {
                            context.script(Script::new(1))?;
                        }
                        let cycle = context.signal_all("SIGTERM")?;
                        let asked = cycle.asked();
                        let left_out = FIVE.iter().filter(|(pid, _)| !asked.contains(pid));
                        let mut problems: Vec<_> =
                            left_out.map(|(pid, _)| format!("no signaller was asked for {pid}")).collect();
                        let untold = FIVE.iter().filter(|(pid, _)| cycle.answer(*pid) != Some(&Ok(true)));
                        problems.extend(
                            untold.map(|(pid, _)| format!("no result says that {pid} was delivered to")),
                        );
                        context.expect_none("every group is signalled in the next cycle", problems)?;
                    }
                }
                Ok(())
            },
        ),
    ]
}

/// Signals all with a signaller that panics, and ends the case if an entry is missing after it that was not
/// answered exited.
fn loses_nothing(context: &mut Context) -> Result {
    let before = listed(&context.entries()?);
    let cycle = context.signal_all_in_panic("SIGTERM")?;
    let given = cycle.given();
    let owed: Vec<u32> = before.into_iter().filter(|&pid| !given.holds(pid, &Ok(false))).collect();
    let entries = context.entries()?;
    context.expect_none(
        "every entry is listed still: the panic says nothing about the groups",
        missing(&entries, &owed),
    )
}
