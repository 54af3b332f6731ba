//! A group that was partly refused, and of which only those are left that may not be signalled.

use crate::cases::checks::{FOUR, Made};
use crate::cases::refused::expect_refusals;
use crate::cases::{Case, Need};
use crate::contract::REFUSED_IS_AN_ERROR;
use crate::harness::{Lineage, Shape};
use crate::testbed::protocol::Disposition;

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    let shapes: [Made; 2] = [
        ("survivors", "The leader dies of it, and guests of another user stay", || {
            let dying = Shape::alone().led_by(Disposition::Dies);
            dying.with_disposition(Lineage::Child, Disposition::Dies).with_others().with_others()
        }),
        ("leader", "A guest dies of it, and the leader, another user's, stays", || Shape {
            leader_others: true,
            ..Shape::alone().with(Lineage::Child).with_disposition(Lineage::Guest, Disposition::Dies)
        }),
    ];
    shapes
        .into_iter()
        .map(|(own_name, about, shape)| {
            Case::new(
                REFUSED_IS_AN_ERROR,
                format!("{own_name}-left-by-the-permitted"),
                format!(
                    "A signal reaches the members that the subject may signal. {about}: asked for again, the \
                     group is refused, and has not exited."
                ),
                &[Need::SomeRefused],
                move |context| {
                    for (first, _) in FOUR {
                        let mut group = context.group(&shape())?;
                        context.start_without_cap_kill()?;
                        let _ = context.ask(group.id, first)?;
                        context.reap_ended(&mut group)?;
                        expect_refusals(context, &group)?;
                    }
                    Ok(())
                },
            )
        })
        .collect()
}
