//! A stop that is given up.

use super::super::checks::FIVE;
use super::{
    LONG, STOPPING, asked_otherwise, at, each, exited, five, listed_otherwise, refused, wrong_endings,
};
use crate::cases::Case;
use crate::contract::STOP_CAN_BE_CANCELLED;
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::{Ending, Operation};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            STOP_CAN_BE_CANCELLED,
            "all-are-left",
            "A stop of five with a grace period of an hour is cancelled: it returns, nobody is sent SIGKILL, \
             and all are held. So it is when the signaller cannot tell who has exited.",
            STOPPING,
            |context| {
                for script in [Script::new(1), Script::new(1).cannot_tell()] {
                    let targets = five(context, script)?;
                    let stopping = context.stop_and_cancel(LONG, &[])?;
                    let mut problems = asked_otherwise(&stopping, "SIGKILL", &[]);
                    problems.extend(wrong_endings(&stopping, &each(&targets, &Ending::Left)));
                    problems.extend(listed_otherwise(context, &targets)?);
                    context.expect_none(CANCELLED, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_CAN_BE_CANCELLED,
            "some-failed",
            "SIGTERM had failed for one of five, and one had exited, when the stop is cancelled.",
            STOPPING,
            |context| {
                for (failed, gone) in [(0, 4), (3, 2)] {
                    let script = Script::new(1).says(FIVE[failed].0, refused()).says(FIVE[gone].0, Ok(false));
                    let targets = five(context, script)?;
                    let stopping = context.stop_and_cancel(LONG, &[])?;
                    let mut owed = each(&targets, &Ending::Left);
                    owed[failed].1 = Ending::Failed("permission denied".to_owned());
                    owed[gone].1 = Ending::Exited;
                    let mut held = targets;
                    held.remove(gone);
                    let mut problems = asked_otherwise(&stopping, "SIGKILL", &[]);
                    problems.extend(wrong_endings(&stopping, &owed));
                    problems.extend(listed_otherwise(context, &held)?);
                    context.expect_none(CANCELLED, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_CAN_BE_CANCELLED,
            "and-begun-again",
            "A cancelled stop is followed by one that is not: what was left is asked and killed by that.",
            STOPPING,
            |context| {
                let targets = five(context, Script::new(1))?;
                context.stop_and_cancel(LONG, &[])?;
                let again = [Operation::Script(exited(&at(&[1])))];
                let stopping = context.stop_all(super::SHORT, &again)?;
                let mut owed = each(&targets, &Ending::Killed);
                owed[1].1 = Ending::Exited;
                context.expect_none("the second stop is like a first one", wrong_endings(&stopping, &owed))
            },
        ),
    ]
}

const CANCELLED: &str =
    "it returns, sends no SIGKILL, and keeps what has not exited, told as left or as failed";
