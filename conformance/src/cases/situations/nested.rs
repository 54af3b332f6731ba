//! PID namespaces below the one that the signaller is in, as containers have them.

use super::expect_reached;
use crate::cases::checks::{FOUR, WATCHABLE, expect_answer, touched};
use crate::cases::waiting::expect_no_wait;
use crate::cases::{Case, Need};
use crate::contract::{ACCEPTS_BEING_IGNORED, DELIVERS_TO_EVERY_MEMBER, DOES_NOT_WAIT, SPARES_OTHER_GROUPS};
use crate::harness::{Context, Group, Result, Shape};
use crate::testbed::make::Make;
use crate::testbed::protocol::Disposition;

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "namespace-below",
            "Members that are the first processes of PID namespaces below, beside one that is not.",
            &[Need::Namespaces],
            |context| {
                for (name, signal) in FOUR {
                    let group = context.group(&with_first_processes(Disposition::Watches))?;
                    expect_reached(context, &group, name, signal)?;
                }
                Ok(())
            },
        ),
        Case::new(
            ACCEPTS_BEING_IGNORED,
            "namespace-below",
            "The first process of a PID namespace below has no handler for the signal, and the kernel drops \
             it: it was sent all the same.",
            &[Need::Namespaces],
            |context| {
                for (name, _) in WATCHABLE {
                    let alone = Shape::alone().of_make(Make::NamespaceInit).led_by(Disposition::Dies);
                    for shape in [alone, with_first_processes(Disposition::Dies)] {
                        let group = context.group(&shape)?;
                        for _ in 0..2 {
                            let answer = context.ask(group.id, name)?;
                            expect_answer(
                                context,
                                &answer,
                                true,
                                "it was sent to live members, which do not die of it",
                            )?;
                        }
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "namespace-below",
            "A process in a PID namespace below leads a group there whose id is the target's: it is another group here.",
            &[Need::Namespaces, Need::ChosenIds],
            |context| {
                let target = context.group(&Shape::family())?;
                spares_below(context, target.id, &[&target])
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "namespace-below-alone",
            "No group has the id but one in a PID namespace below, for which it is the id there: nobody is signalled.",
            &[Need::Namespaces, Need::ChosenIds],
            |context| {
                let missing = context.free_id()?;
                spares_below(context, missing, &[])
            },
        ),
        Case::new(
            DOES_NOT_WAIT,
            "ends-late",
            "SIGKILL does not end the leader at once: it is the first process of a PID namespace below, and \
             stays until a process is reaped that somebody outside forked into that.",
            &[Need::Namespaces],
            |context| expect_no_wait(context, "SIGKILL", Context::group_that_ends_late),
        ),
    ]
}

/// Asks for `id` while a process in a PID namespace below leads a group whose id there it is.
fn spares_below(context: &mut Context, id: u32, targets: &[&Group]) -> Result {
    let first = context.group(&Shape::alone().of_make(Make::NamespaceInit))?;
    context.bystander_below(first.id, Some(id))?;
    context.start()?;
    for (name, _) in FOUR {
        let before = context.snapshot()?;
        let _ = context.ask(id, name)?;
        let after = context.snapshot()?;
        let problems = touched(context, &before, &after, targets);
        context.expect_none("nobody outside the group is signalled, stopped or ended", problems)?;
    }
    Ok(())
}

/// A leader with two children that are first processes.
fn with_first_processes(disposition: Disposition) -> Shape {
    Shape::alone().with_namespace_init(disposition).with_namespace_init(disposition)
}
