//! A group whose cgroup is frozen: like a stopped one, it is live, and nobody thaws it.

use super::expect_delivered;
use crate::cases::checks::{FOUR, WATCHABLE, missed};
use crate::cases::waiting::expect_no_wait;
use crate::cases::{Case, Need};
use crate::contract::{DOES_NOT_WAIT, REACHES_STOPPED_MEMBERS, REPORTS_DELIVERED};
use crate::harness::{Context, Group, Problems, Result, Shape, Snapshot};
use crate::testbed::protocol::State;

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "frozen",
            "The group's cgroup is frozen. SIGTERM, SIGINT and SIGHUP stay pending, nobody is thawed, and SIGKILL ends it.",
            &[Need::Freezer],
            |context| {
                for (name, signal) in WATCHABLE {
                    let group = frozen(context, &Shape::family())?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    let mut problems = thawed(context, &snapshot, &group);
                    problems.extend(missed(context, &snapshot, &group, signal, 1));
                    context.expect_none(
                        "the signal is pending on each member, and each is still frozen",
                        problems,
                    )?;
                }
                let group = frozen(context, &Shape::family())?;
                let _ = context.ask(group.id, "SIGKILL")?;
                let snapshot = context.snapshot()?;
                let problems = missed(context, &snapshot, &group, libc::SIGKILL, 1);
                context.expect_none("SIGKILL ends each frozen member", problems)
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "frozen",
            "The group's cgroup is frozen: it is live. Each of the four names.",
            &[Need::Freezer],
            |context| {
                for (name, _) in FOUR {
                    let group = frozen(context, &Shape::family())?;
                    expect_delivered(context, &group, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DOES_NOT_WAIT,
            "frozen",
            "The group's cgroup is frozen, so that no member takes the signal: the answer does not wait for that.",
            &[Need::Freezer],
            |context| expect_no_wait(context, "SIGTERM", |context| frozen(context, &Shape::family())),
        ),
    ]
}

fn frozen(context: &mut Context, shape: &Shape) -> Result<Group> {
    let group = context.group(shape)?;
    context.freeze(&group)?;
    Ok(group)
}

/// A sentence for each member that is not frozen any more.
fn thawed(context: &Context, snapshot: &Snapshot, group: &Group) -> Problems {
    let running = group.members.iter().filter(|&&pid| snapshot.state(pid) != State::Frozen);
    running.map(|&pid| format!("{}, and is not frozen any more", context.sentence(snapshot, pid))).collect()
}
