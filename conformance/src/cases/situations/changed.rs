//! A group that changes while the subject knows it: its leader has another name or another parent, or somebody
//! joins when all others have exited.

use crate::cases::checks::{WATCHABLE, expect_live};
use crate::cases::{Case, Need};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, REPORTS_DELIVERED};
use crate::harness::{Abort, Context, Group, Lineage, MemberShape, Result, Session, Shape};

const SAME: &str = "it is the same group as before, and live";

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            REPORTS_DELIVERED,
            "renamed-leader",
            "A group is asked for again when the name of its leader's command and its command line have changed, as \
             exec(2) changes them in `sh -c 'exec …'`.",
            &[],
            |context| asked_again_after(context, |context, group| context.rename(group.id, c"other")),
        ),
        Case::new(
            REPORTS_DELIVERED,
            "moved-to-another-cgroup",
            "A group is asked for again when its members have moved to another cgroup, as service managers move them.",
            &[Need::Freezer],
            |context| {
                asked_again_after(context, |context, group| {
                    group.members.iter().try_for_each(|&member| context.move_to_cgroup(member))
                })
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "adopted-leader",
            "A group is asked for again when the parent of its leader has exited, so that the leader has another.",
            &[],
            |context| {
                asked_again_after(context, |context, group| {
                    let window = group.window.ok_or_else(|| Abort::Broken("no window".to_owned()))?;
                    context.exit(window)?;
                    context.reap(window)
                })
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "joins-the-unreaped",
            "Every member has exited, by itself or by SIGKILL, and is not reaped; the group is asked for. Then \
             somebody joins it: asked for again, it is live.",
            &[],
            |context| {
                for by_subject in [false, true] {
                    for named in WATCHABLE {
                        let mut group = context.group(&Shape::alone().with(Lineage::Child))?;
                        if by_subject {
                            let _ = context.ask(group.id, "SIGKILL")?;
                        }
                        context.end_all(&group)?;
                        let _ = context.ask(group.id, named.0)?;
                        let guest = context.join(&mut group, MemberShape::guest())?;
                        group.members.retain(|&member| member == guest);
                        expect_live(context, &group, named, "a member has joined that is live")?;
                    }
                }
                Ok(())
            },
        ),
    ]
}

/// Asks for a group before and after a `change`.
fn asked_again_after(context: &mut Context, change: impl Fn(&mut Context, &Group) -> Result) -> Result {
    for (name, signal) in WATCHABLE {
        let group = context.group(&Shape::family().session(Session::Windows))?;
        let first = if name == "SIGHUP" { "SIGINT" } else { "SIGHUP" };
        let _ = context.ask(group.id, first)?;
        change(context, &group)?;
        expect_live(context, &group, (name, signal), SAME)?;
    }
    Ok(())
}
