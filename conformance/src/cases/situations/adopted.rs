//! Survivors that somebody else than the first process has adopted, as under `systemd --user` or a server of
//! terminals.

use super::expect_reached;
use crate::cases::Case;
use crate::cases::checks::FOUR;
use crate::cases::checks::expect_live;
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, OUTLIVES_THE_LEADER};
use crate::harness::{Context, Group, Lineage, Result, Shape};

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            OUTLIVES_THE_LEADER,
            "adopted-by-a-subreaper",
            "The leader has exited and is reaped, and a child subreaper that is not the first process has \
             adopted the survivors. Each of the four names.",
            &[],
            |context| {
                for named in FOUR {
                    for shape in [Shape::alone().with(Lineage::Child), Shape::alone().with(Lineage::Orphan)] {
                        let group = adopted(context, shape)?;
                        expect_live(context, &group, named, "the leader is gone, but a member lives")?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "adopted-by-a-subreaper",
            "A group with its leader and one without, whose orphans a child subreaper has adopted that is \
             not the first process.",
            &[],
            |context| {
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family().adopted_by_window())?;
                    expect_reached(context, &group, name, signal)?;
                    let group = adopted(context, Shape::family())?;
                    expect_reached(context, &group, name, signal)?;
                }
                Ok(())
            },
        ),
    ]
}

/// The survivors of a group, adopted by a window.
fn adopted(context: &mut Context, shape: Shape) -> Result<Group> {
    let mut group = context.group(&shape.adopted_by_window())?;
    context.end_leader(&mut group)?;
    Ok(group)
}
