//! Signals that the subject did not send: a leader passes them on to its children, and the kernel tells a
//! parent of them. And those that it sent where only the kernel does.

use crate::cases::Case;
use crate::cases::checks::{FOUR, expect_once, strange, touched};
use crate::contract::{DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, SPARES_OTHER_GROUPS};
use crate::harness::{Context, Group, Result, Session, Shape};
use crate::testbed::protocol::{Disposition, Place};

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            DELIVERS_ONCE,
            "leader-passes-on",
            "The leader passes each signal on to its children, as the first process of a container does: \
             they see two, and the subject has sent one.",
            &[],
            |context| {
                let group = context.group(&Shape::family().led_by(Disposition::PassesOn))?;
                expect_once(context, &group, "the subject sends each member the signal exactly once a call")
            },
        ),
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            "leader-passes-on",
            "The leader passes each signal on to its children: it is the named one, and the only one.",
            &[],
            |context| {
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family().led_by(Disposition::PassesOn))?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    let problems = strange(context, &snapshot, &group, signal);
                    context.expect_none(
                        "the members receive the named signal and nothing else beside it",
                        problems,
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "parents-of-the-unreaped",
            "All members have exited and none is reaped, in groups whose leader's parent is the agent, a \
             window, or a child of the leader's: nobody wakes the parents, who reap when they want to.",
            &[],
            |context| {
                for session in [Session::Callers, Session::Windows, Session::Own] {
                    let group = context.group(&Shape::family().session(session))?;
                    context.bystander("a group of its own beside it", group.window, Place::Own, None)?;
                    context.end_all(&group)?;
                    spared(context, &group)?;
                }
                Ok(())
            },
        ),
    ]
}

/// Asks with each name, and ends the case if anybody outside the group was touched.
fn spared(context: &mut Context, group: &Group) -> Result {
    context.start()?;
    for (name, _) in FOUR {
        let before = context.snapshot()?;
        let _ = context.ask(group.id, name)?;
        let after = context.snapshot()?;
        let problems = touched(context, &before, &after, &[group]);
        context.expect_none(
            "nobody outside the group is signalled, the parents of its members included",
            problems,
        )?;
    }
    Ok(())
}
