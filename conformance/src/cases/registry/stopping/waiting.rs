//! How long a stop waits.

use super::super::checks::{FIVE, pids};
use super::{GENEROUS, LONG, MEASURED, STOPPING, asked_otherwise, at, exit, exited, five, forget, refused};
use crate::cases::{Case, Need};
use crate::contract::{STOP_ENDS_WITH_THE_GRACE, STOP_ENDS_WITH_THE_LAST_EXIT, STOP_GIVES_THE_WHOLE_GRACE};
use crate::harness::{Context, Result, Stopping, call_text};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::{Operation, Which};
use std::time::Duration;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    [whole(), together(), early()].into_iter().flatten().collect()
}

fn whole() -> Vec<Case> {
    vec![
        waits(
            "all-ignore",
            "Five groups ignore SIGTERM: none is sent SIGKILL before the grace period is over.",
            Script::new(1),
            &[],
        ),
        waits(
            "cannot-tell",
            "The signaller cannot tell who has exited: the grace period is waited out.",
            Script::new(1).cannot_tell(),
            &[],
        ),
        waits(
            "some-exit",
            "Two of five exit soon: the others have the whole grace period all the same.",
            Script::new(1),
            &[1, 2],
        ),
        waits(
            "some-had-exited",
            "Two of five had exited before: the others have the whole grace period all the same.",
            exited(&at(&[0, 3])),
            &[0, 3],
        ),
        waits(
            "slow-to-ask",
            "The signaller takes as long to send SIGTERM as the grace period is, which begins behind that.",
            Script::new(1).sigterm_takes_ms(MEASURED.as_millis() as u64),
            &[],
        ),
        waits(
            "some-are-refused",
            "SIGTERM fails for two of five: the others have the whole grace period all the same.",
            Script::new(1).says(FIVE[0].0, refused()).says(FIVE[3].0, refused()),
            &[],
        ),
    ]
}

/// A case of `stop-gives-the-whole-grace`, in which those at `exiting` exit meanwhile.
fn waits(own_name: &str, about: &str, script: Script, exiting: &'static [usize]) -> Case {
    Case::new(STOP_GIVES_THE_WHOLE_GRACE, own_name, about, STOPPING, move |context| {
        five(context, script.clone())?;
        let meanwhile: Vec<Operation> = match exiting {
            [] => Vec::new(),
            exiting => vec![exit(&at(exiting))],
        };
        let stopping = context.stop_all(MEASURED, &meanwhile)?;
        let asked_us = stopping.asked_us();
        // SIGTERM was logged before it was answered, and SIGKILL after it was sent: a right one is never
        // early.
        let is_early = |at_us: u64| Duration::from_micros(at_us.saturating_sub(asked_us)) < MEASURED;
        let early =
            stopping.named("SIGKILL").filter(|call| is_early(call.at_us)).flat_map(|call| &call.leader_pids);
        let early: Vec<u32> = early.copied().collect();
        let grace = MEASURED.as_millis();
        let sentence =
            || format!("SIGKILL was sent to {early:?} before the grace period of {grace} ms was over");
        let problems: Vec<String> = (!early.is_empty()).then(sentence).into_iter().collect();
        context.expect_none("no SIGKILL before the grace period is over", problems)
    })
}

fn together() -> Vec<Case> {
    vec![
        Case::new(
            STOP_ENDS_WITH_THE_GRACE,
            "many-ignore",
            "Forty groups ignore SIGTERM: all have been sent SIGKILL, and the stop has returned, when one \
             grace period is over.",
            STOPPING,
            |context| {
                let entries: Vec<(u32, String)> =
                    (0..40).map(|place| (4_300_000 + place, format!("job {place}"))).collect();
                context.registry(Script::new(1))?;
                context.register_all(&entries)?;
                let stopping = context.stop_all(MEASURED, &[])?;
                ends_in_time(context, &stopping)
            },
        ),
        Case::new(
            STOP_ENDS_WITH_THE_GRACE,
            "killed-stay",
            "Five groups are still there after SIGKILL, as members are that the kernel cannot end yet: nobody waits for them.",
            STOPPING,
            |context| {
                for script in
                    [Script::new(1), Script::new(1).cannot_tell(), Script::new(1).otherwise(refused())]
                {
                    five(context, script)?;
                    let stopping = context.stop_all(MEASURED, &[])?;
                    ends_in_time(context, &stopping)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_ENDS_WITH_THE_GRACE,
            "no-time",
            "A grace period of nothing: SIGTERM, SIGKILL, and the stop is over.",
            STOPPING,
            |context| {
                five(context, Script::new(1))?;
                let stopping = context.stop_all(Duration::ZERO, &[])?;
                let problems = asked_otherwise(&stopping, "SIGKILL", &pids(&FIVE));
                context.expect_none("each is sent SIGKILL", problems)?;
                ends_in_time(context, &stopping)
            },
        ),
    ]
}

/// Ends the case unless the last SIGKILL came, and the stop returned, not much later than a grace period
/// after SIGTERM.
fn ends_in_time(context: &mut Context, stopping: &Stopping) -> Result {
    let limit = MEASURED * GENEROUS;
    let kills = stopping.named("SIGKILL").map(|call| (call.at_us, "the last SIGKILL came"));
    let moments = kills.max().into_iter().chain([(stopping.returned_us, "it returned")]);
    let mut problems = Vec::new();
    for (at_us, what) in moments {
        let after = Duration::from_micros(at_us.saturating_sub(stopping.asked_us()));
        if after > limit {
            let (after, grace) = (after.as_millis(), MEASURED.as_millis());
            problems
                .push(format!("{what} {after} ms after SIGTERM, with a grace period of {grace} ms for all"));
        }
    }
    context
        .expect_none_late("one grace period for all together, and nothing is waited for after it", problems)
}

fn early() -> Vec<Case> {
    vec![
        ends(
            "all-exit",
            "All exit soon, in a grace period of an hour: the stop is over, and nobody is killed.",
            STOPPING,
            Script::new(1),
            vec![exit(&pids(&FIVE))],
        ),
        ends(
            "asked-again",
            "The signaller says so only when it was asked several times.",
            STOPPING,
            Script::new(1),
            vec![Operation::Script(exited(&pids(&FIVE)).asked_before(7))],
        ),
        ends(
            "all-had-exited",
            "All had exited when SIGTERM came.",
            STOPPING,
            exited(&pids(&FIVE)),
            Vec::new(),
        ),
        ends(
            "refused-and-exited",
            "SIGTERM failed for all, and they exit nevertheless.",
            STOPPING,
            Script::new(1).otherwise(refused()),
            vec![exit(&pids(&FIVE))],
        ),
        ends(
            "newer-signaller",
            "The signaller is replaced, and the new one says that all have exited; the old one goes on to say that none has.",
            STOPPING,
            Script::new(1),
            vec![
                Operation::Script(Script { signaller: 2, ..exited(&pids(&FIVE)) }),
                Operation::SetSignaller { signaller: Which::Scripted(2) },
            ],
        ),
        ends(
            "cannot-tell-of-the-forgotten",
            "The signaller cannot tell of two of five whether they have exited, and an exit notice comes for these; it says \
             that the others have.",
            STOPPING,
            Script::new(1).cannot_tell_of(&at(&[1, 3])),
            [1, 3]
                .map(|place: usize| forget(FIVE[place].0))
                .into_iter()
                .chain([Operation::Script(exited(&pids(&FIVE)).cannot_tell_of(&at(&[1, 3])))])
                .collect(),
        ),
        ends(
            "forgotten",
            "Exit notices come for all, so that none is held any longer; the signaller cannot tell who has exited.",
            STOPPING,
            Script::new(1).cannot_tell(),
            pids(&FIVE).into_iter().map(forget).collect(),
        ),
        Case::new(
            STOP_ENDS_WITH_THE_LAST_EXIT,
            "none",
            "Nothing is held, in a grace period of an hour: the stop is over, without a result.",
            STOPPING,
            |context| {
                context.registry(Script::new(1))?;
                let stopping = context.stop_all(LONG, &[])?;
                let mut problems: Vec<String> = stopping.calls.iter().map(call_text).collect();
                if !stopping.results.is_empty() {
                    problems.push(format!("there are {} results", stopping.results.len()));
                }
                context.expect_none("no result, and nobody is asked", problems)
            },
        ),
        ends(
            "other-owners",
            "Each leader pid belongs to another owner by now, who lives.",
            &[Need::Stopping, Need::Fencing],
            Script::new(1),
            FIVE.iter().map(|(leader_pid, _)| super::register(*leader_pid, "next owner")).collect(),
        ),
    ]
}

/// A case of `stop-ends-with-the-last-exit`.
fn ends(own_name: &str, about: &str, needs: &[Need], script: Script, meanwhile: Vec<Operation>) -> Case {
    Case::new(STOP_ENDS_WITH_THE_LAST_EXIT, own_name, about, needs, move |context| {
        five(context, script.clone())?;
        let stopping = context.stop_all(LONG, &meanwhile)?;
        let problems = asked_otherwise(&stopping, "SIGKILL", &[]);
        context.expect_none("it returns when nobody is left, and sends no SIGKILL", problems)
    })
}
