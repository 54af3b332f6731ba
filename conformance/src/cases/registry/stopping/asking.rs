//! SIGTERM comes first, once, to all.

use super::super::checks::{FIVE, answering, pids, rows};
use super::{LONG, MEASURED, SHORT, STOPPING, asked_otherwise, at, exit, five, listed_otherwise};
use crate::cases::Case;
use crate::contract::STOP_ASKS_ALL_FIRST;
use crate::harness::call_text;
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            STOP_ASKS_ALL_FIRST,
            "each-mixture",
            "Three of five answer SIGTERM with every mixture of delivered, exited and failed: each of the \
             five is asked once, in order, and those that have exited are dropped.",
            STOPPING,
            |context| {
                for answers in rows(3, &[Ok(true), Ok(false), super::refused()]) {
                    let mut owed = five(context, answering(&FIVE, &answers))?;
                    // Told at once, so that dropped can only be what has exited.
                    let stopping = context.stop_and_cancel(LONG, &[])?;
                    let exited: Vec<u32> = FIVE
                        .iter()
                        .zip(&answers)
                        .filter(|(_, answer)| **answer == Ok(false))
                        .map(|(entry, _)| entry.0)
                        .collect();
                    owed.retain(|target| !exited.contains(&target.entry.leader_pid));
                    let mut problems = asked_otherwise(&stopping, "SIGTERM", &pids(&FIVE));
                    problems.extend(listed_otherwise(context, &owed)?);
                    context.expect_none(
                        "SIGTERM once to each, in order; what has exited is dropped",
                        problems,
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_ASKS_ALL_FIRST,
            "once",
            "Five groups ignore SIGTERM for a whole grace period: each is sent SIGTERM once, and no other \
             signal before SIGKILL; whether the signaller can tell who has exited or not.",
            STOPPING,
            |context| {
                for script in [Script::new(1), Script::new(1).cannot_tell()] {
                    five(context, script)?;
                    let stopping = context.stop_all(MEASURED, &[])?;
                    let mut problems = asked_otherwise(&stopping, "SIGTERM", &pids(&FIVE));
                    let others = stopping
                        .calls
                        .iter()
                        .filter(|call| !matches!(call.signal_name.as_str(), "SIGTERM" | "SIGKILL"));
                    problems.extend(others.map(call_text));
                    let first_kill = stopping.calls.iter().position(|call| call.signal_name == "SIGKILL");
                    let last_term = stopping.calls.iter().rposition(|call| call.signal_name == "SIGTERM");
                    if first_kill.is_some() && first_kill < last_term {
                        problems.push("SIGKILL was sent before SIGTERM was sent to all".to_owned());
                    }
                    context
                        .expect_none("SIGTERM once to each, then SIGKILL, and no other signal", problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_ASKS_ALL_FIRST,
            "some-exit",
            "Some exit while the others are waited for: nobody is asked again.",
            STOPPING,
            |context| {
                for places in [&[0][..], &[4], &[1, 3]] {
                    five(context, Script::new(1))?;
                    let stopping = context.stop_all(SHORT, &[exit(&at(places))])?;
                    let problems = asked_otherwise(&stopping, "SIGTERM", &pids(&FIVE));
                    context.expect_none("SIGTERM once to each, in order", problems)?;
                }
                Ok(())
            },
        ),
    ]
}
