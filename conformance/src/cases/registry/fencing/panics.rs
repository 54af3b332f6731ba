//! A signaller that panics takes no target with it.

use super::super::checks::{FIVE, lingering, missing};
use super::{FENCING, answered_otherwise, asked_otherwise, kept};
use crate::cases::Case;
use crate::contract::SURVIVES_A_PANICKING_SIGNALLER;
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            SURVIVES_A_PANICKING_SIGNALLER,
            "targets-after",
            "After the panic, once the signaller is well again, each target still stands: it is asked for and \
             answered, in the targets' order.",
            FENCING,
            |context| {
                for (panicking, _) in FIVE {
                    let targets = kept(context, &FIVE, Script::new(1).panics(panicking))?;
                    context.signal_all_in_panic("SIGTERM")?;
                    context.script(Script::new(1))?;
                    let cycle = context.signal_targets("SIGKILL", &targets)?;
                    let mut problems = asked_otherwise(&cycle, &FIVE.map(|(pid, _)| pid));
                    problems.extend(answered_otherwise(&cycle, &targets, &vec![Ok(true); targets.len()]));
                    context.expect_none("every target is signalled as without a panic before", problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            SURVIVES_A_PANICKING_SIGNALLER,
            "exit-notices-after",
            "After the panic an exit notice drops the entry that it is about, and no other.",
            FENCING,
            |context| {
                for (panicking, _) in FIVE {
                    kept(context, &FIVE, Script::new(1).panics(panicking))?;
                    context.signal_all_in_panic("SIGTERM")?;
                    let (exited, label) = FIVE[1];
                    context.forget_registration(exited, label)?;
                    let entries = context.entries()?;
                    let mut problems = missing(&entries, &[FIVE[0].0, FIVE[2].0, FIVE[3].0, FIVE[4].0]);
                    problems.extend(lingering(&entries, &[exited]));
                    context.expect_none(
                        "the entry that the notice is about is dropped, and no other",
                        problems,
                    )?;
                }
                Ok(())
            },
        ),
    ]
}
