//! Members that a debugger keeps stopped: like those that a signal stopped, they are live.

use super::expect_delivered;
use crate::cases::checks::{FOUR, WATCHABLE, continued, missed};
use crate::cases::sent::{looking_at_what_is_sent, sent_twice};
use crate::cases::waiting::expect_no_wait;
use crate::cases::{Case, Need};
use crate::contract::{DELIVERS_ONCE, DOES_NOT_WAIT, REACHES_STOPPED_MEMBERS, REPORTS_DELIVERED};
use crate::harness::{Abort, Context, Group, Lineage, Result, Session, Shape};

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "traced",
            "A member's parent, a member too, traces it and keeps it stopped. SIGTERM, SIGINT and SIGHUP stay pending \
             on it, nobody lets it go on, and SIGKILL ends it.",
            &[Need::Tracing],
            |context| {
                for (name, signal) in WATCHABLE {
                    let (group, traced) = traced_child(context)?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    let mut problems = continued(context, &snapshot, &traced);
                    problems.extend(missed(context, &snapshot, &group, signal, 1));
                    let expected = "the signal is pending on the traced member, which is still stopped, and the \
                                    others have received it";
                    context.expect_none(expected, problems)?;
                }
                let (group, _) = traced_child(context)?;
                let _ = context.ask(group.id, "SIGKILL")?;
                let snapshot = context.snapshot()?;
                let problems = missed(context, &snapshot, &group, libc::SIGKILL, 1);
                context.expect_none("SIGKILL ends each member, the traced one included", problems)
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "traced",
            "The only member is traced by its parent outside the group and kept stopped: the group is live. Each of \
             the four names.",
            &[Need::Tracing],
            |context| {
                for (name, _) in FOUR {
                    let group = traced_alone(context)?;
                    expect_delivered(context, &group, name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "traced-members-are-sent-it-once",
            "SIGTERM, SIGINT and SIGHUP to groups with a member that is traced and kept stopped: what the subject sends is \
             looked at, also a moment later.",
            &[Need::Tracing, Need::Watch],
            |context| {
                let asked = WATCHABLE.map(|(name, signal)| Ok((traced_child(context)?.0, name, signal)));
                let asked = asked.into_iter().collect::<Result<_>>()?;
                looking_at_what_is_sent(context, asked, sent_twice)
            },
        ),
        Case::new(
            DOES_NOT_WAIT,
            "traced",
            "The only member is traced and kept stopped, so that it does not take the signal: the answer does not wait \
             for that.",
            &[Need::Tracing],
            |context| expect_no_wait(context, "SIGTERM", traced_alone),
        ),
    ]
}

/// A group whose leader traces its child, and the traced part of it.
fn traced_child(context: &mut Context) -> Result<(Group, Group)> {
    let group = context.group(&Shape::alone().with(Lineage::Child).with(Lineage::Guest))?;
    let child = group.members[1];
    context.trace(child, group.id)?;
    let traced = Group { members: vec![child], dispositions: vec![group.dispositions[1]], ..group.clone() };
    Ok((group, traced))
}

/// A leader alone that its window traces.
fn traced_alone(context: &mut Context) -> Result<Group> {
    let group = context.group(&Shape::alone().session(Session::Windows))?;
    let window = group.window.ok_or_else(|| Abort::Broken(format!("group {} has no window", group.id)))?;
    context.trace(group.id, window)?;
    Ok(group)
}
