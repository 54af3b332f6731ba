//! A group whose cgroup is frozen: like a stopped one, it is live, and nobody thaws it.

use super::expect_delivered;
use crate::cases::checks::{FOUR, WATCHABLE, missed, touched};
use crate::cases::refused::{expect_refusals, refused_group, start_refused};
use crate::cases::sent::{looking_at_what_is_sent, sent_beside, sent_twice};
use crate::cases::waiting::expect_no_wait;
use crate::cases::{Case, Need};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, DOES_NOT_WAIT, OUTLIVES_THE_LEADER, REACHES_STOPPED_MEMBERS,
    REFUSED_IS_AN_ERROR, REPORTS_DELIVERED, SPARES_OTHER_GROUPS,
};
use crate::harness::{Context, Group, Problems, Result, Shape, Snapshot};
use crate::testbed::protocol::{Place, State};

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
            OUTLIVES_THE_LEADER,
            "frozen",
            "The leader has exited and is reaped, and the survivors' cgroup is frozen: the group is live.",
            &[Need::Freezer],
            |context| {
                for (name, _) in FOUR {
                    let mut group = context.group(&Shape::family())?;
                    context.end_leader(&mut group)?;
                    context.freeze(&group)?;
                    expect_delivered(context, &group, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "frozen",
            "The group's cgroup is frozen, and the group may not be signalled.",
            &[Need::Freezer, Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::family())?;
                context.freeze(&group)?;
                start_refused(context, std::slice::from_ref(&group))?;
                expect_refusals(context, &group)
            },
        ),
        Case::new(
            DOES_NOT_WAIT,
            "frozen",
            "The group's cgroup is frozen, so that no member takes the signal: the answer does not wait for that.",
            &[Need::Freezer],
            |context| expect_no_wait(context, "SIGTERM", |context| frozen(context, &Shape::family())),
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "frozen-neighbour",
            "Another group is in the same frozen cgroup: whoever thaws or kills the cgroup hits it, too. \
             Each of the four names.",
            &[Need::Freezer],
            |context| {
                // Whoever was sent SIGKILL may end only in a later round.
                let mut groups = Vec::new();
                for (name, _) in FOUR {
                    let group = context.group(&Shape::family())?;
                    let what = "another group in the same frozen cgroup";
                    let neighbour = context.bystander(what, None, Place::Own, None)?;
                    context.freeze_beside(&group, &[neighbour])?;
                    context.start()?;
                    let before = context.snapshot()?;
                    let _ = context.ask(group.id, name)?;
                    let after = context.snapshot()?;
                    groups.push(group);
                    let targets: Vec<_> = groups.iter().collect();
                    let problems = touched(context, &before, &after, &targets);
                    context
                        .expect_none("nobody outside the group is signalled, thawed or ended", problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "frozen-members-are-sent-it-once",
            "SIGTERM, SIGINT and SIGHUP to groups whose cgroup is frozen: what the subject sends is looked \
             at, also a moment later.",
            &[Need::Freezer, Need::Watch],
            |context| {
                let asked = all_frozen(context)?;
                looking_at_what_is_sent(context, asked, sent_twice)
            },
        ),
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            "nothing-else-is-sent-to-the-frozen",
            "SIGTERM, SIGINT and SIGHUP to groups whose cgroup is frozen: what the subject sends beside it \
             is looked at, SIGCONT for example, which is nothing that thaws them.",
            &[Need::Freezer, Need::Watch],
            |context| {
                let asked = all_frozen(context)?;
                looking_at_what_is_sent(context, asked, sent_beside)
            },
        ),
    ]
}

fn frozen(context: &mut Context, shape: &Shape) -> Result<Group> {
    let group = context.group(shape)?;
    context.freeze(&group)?;
    Ok(group)
}

/// A frozen group for each name that members can watch.
fn all_frozen(context: &mut Context) -> Result<Vec<(Group, &'static str, i32)>> {
    let asked = WATCHABLE.map(|(name, signal)| Ok((frozen(context, &Shape::family())?, name, signal)));
    asked.into_iter().collect()
}

/// A sentence for each member that is not frozen any more.
fn thawed(context: &Context, snapshot: &Snapshot, group: &Group) -> Problems {
    let running = group.members.iter().filter(|&&pid| snapshot.state(pid) != State::Frozen);
    running.map(|&pid| format!("{}, and is not frozen any more", context.sentence(snapshot, pid))).collect()
}
