//! Stops of live groups, by a registry that signals on this machine.

use super::STOPPING;
use crate::cases::checks::{missed, touched};
use crate::cases::delivery::expect_nobody_left;
use crate::cases::{Case, Need};
use crate::contract::{
    STOP_ASKS_NO_NEWCOMERS, STOP_ENDS_WITH_THE_LAST_EXIT, STOP_KILLS_WHAT_IS_LEFT, STOP_TELLS_HOW_EACH_ENDED,
};
use crate::harness::{Context, Group, Lineage, Problems, Result, Shape, Stopping};
use crate::subject::registry::wire::{Ending, Operation};
use crate::testbed::protocol::{CapKill, Disposition, Program};
use std::time::Duration;

/// Long enough for what ends by SIGTERM to have ended, on a machine that is not very busy.
const GRACE: Duration = Duration::from_millis(300);

/// The cases of this family with live groups.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            STOP_KILLS_WHAT_IS_LEFT,
            "live",
            "A group that ignores SIGTERM, one that is stopped, and one whose leader ends while a member \
             ignores it: SIGKILL reaches every member that is left, and nobody else receives anything.",
            STOPPING,
            |context| {
                let ignoring = context.group(&Shape::family().all(Disposition::Ignores))?;
                let stopped = context.group(&Shape::family())?;
                context.stop(&stopped)?;
                let mut leaving = context.group(&Shape::family())?;
                context.end_leader(&mut leaving)?;
                let groups = [&ignoring, &stopped, &leaving];
                let before = context.snapshot()?;
                stop(context, &groups, &[])?;
                let after = context.snapshot()?;
                let mut problems = Problems::default();
                for group in groups {
                    problems.extend(missed(context, &after, group, libc::SIGKILL, 1));
                }
                problems.extend(touched(context, &before, &after, &groups));
                context.expect_none("SIGKILL to every member that is left, and to nobody else", problems)
            },
        ),
        Case::new(
            STOP_KILLS_WHAT_IS_LEFT,
            "forks-meanwhile",
            "A member forks successors and exits, again and again, while its group is stopped, whose leader \
             takes SIGTERM and stays: nobody is left of it.",
            STOPPING,
            |context| {
                let shape = Shape::alone().with_disposition(Lineage::Child, Disposition::Storms);
                for _ in 0..3 {
                    let group = context.group(&shape)?;
                    stop(context, &[&group], &[])?;
                    expect_nobody_left(context, &group)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_ENDS_WITH_THE_LAST_EXIT,
            "live",
            "Three groups end by SIGTERM, in a grace period of an hour: the stop is over when they have \
             exited, also where nobody has reaped them.",
            STOPPING,
            |context| {
                let groups: Vec<Group> = (0..3)
                    .map(|_| context.group(&Shape::family().all(Disposition::Dies)))
                    .collect::<Result<_>>()?;
                let groups: Vec<&Group> = groups.iter().collect();
                let before = context.snapshot()?;
                let stopping = stop_with(context, super::LONG, &groups, &[])?;
                let after = context.snapshot()?;
                let mut problems = touched(context, &before, &after, &groups);
                let otherwise =
                    stopping.results.iter().filter(|(_, ending)| *ending != Ending::Exited).count();
                if otherwise > 0 {
                    problems.push(format!("{otherwise} of 3 are not told as exited"));
                }
                context.expect_none("each is told as exited, and nobody else receives anything", problems)
            },
        ),
        Case::new(
            STOP_ASKS_NO_NEWCOMERS,
            "live",
            "A live group is registered while another one is stopped that ignores SIGTERM: it receives nothing.",
            STOPPING,
            |context| {
                let ignoring = context.group(&Shape::family().all(Disposition::Ignores))?;
                let newcomer = context.group(&Shape::family())?;
                let before = context.snapshot()?;
                stop(context, &[&ignoring], &[super::register(newcomer.id, "newcomer")])?;
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &[&ignoring]);
                context.expect_none("nobody but the group that was asked receives anything", problems)
            },
        ),
        Case::new(
            STOP_TELLS_HOW_EACH_ENDED,
            "live-and-refused",
            "A group of another user, which may not be signalled, beside one that ignores SIGTERM: the first \
             is told as failed and is held, the second as killed.",
            &[Need::Stopping, Need::SomeRefused],
            |context| {
                let refusing = context.group(&Shape::alone().all_others())?;
                let ignoring = context.group(&Shape::alone().all(Disposition::Ignores))?;
                context.start_with(Program { cap_kill: CapKill::Taken, ..Program::default() })?;
                let stopping = stop(context, &[&refusing, &ignoring], &[])?;
                let endings: Vec<&Ending> = stopping.results.iter().map(|(_, ending)| ending).collect();
                let is_right = matches!(endings[..], [Ending::Failed(_), Ending::Killed]);
                let mut problems: Vec<String> =
                    (!is_right).then(|| format!("the results are {endings:?}")).into_iter().collect();
                if !context.entries()?.iter().any(|entry| entry.leader_pid == refusing.id) {
                    problems.push("the refused group is not held".to_owned());
                }
                context.expect_none(
                    "the refused group is told as failed and held, the other as killed",
                    problems,
                )
            },
        ),
    ]
}

/// Registers these groups with a registry of this machine, and stops them.
fn stop(context: &mut Context, groups: &[&Group], meanwhile: &[Operation]) -> Result<Stopping> {
    stop_with(context, GRACE, groups, meanwhile)
}

fn stop_with(
    context: &mut Context,
    grace: Duration,
    groups: &[&Group],
    meanwhile: &[Operation],
) -> Result<Stopping> {
    context.default_registry()?;
    let entries: Vec<_> = groups.iter().map(|group| (group.id, "live")).collect();
    context.register_all(&entries)?;
    context.stop_all(grace, meanwhile)
}
