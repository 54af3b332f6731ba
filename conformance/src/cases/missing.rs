//! What is answered for pids that no group has as its id: free ones, and those of processes that lead none.

use super::checks::{FOUR, expect_answer, expect_no_leader};
use super::{Case, Need};
use crate::contract::{MEMBER_IS_NOT_LEADER, NEVER_EXISTED_IS_EXITED};
use crate::harness::{Context, Lineage, Result, Session, Shape};
use crate::testbed::protocol::Place;

const MISSING: &str = "no group has that id";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            NEVER_EXISTED_IS_EXITED,
            "free-ids",
            "Ids of every shape that no process has.",
            &[],
            |context| {
                for index in 0..12 {
                    let id = context.free_id()?;
                    let answer = context.ask(id, FOUR[index % FOUR.len()].0)?;
                    expect_answer(context, &answer, false, MISSING)?;
                }
                Ok(())
            },
        ),
        Case::new(
            NEVER_EXISTED_IS_EXITED,
            "beyond-the-kernels",
            "Ids above the largest pid that a kernel gives, up to i32::MAX: valid, and nobody's.",
            // A subject that cuts such an id down may hit anybody.
            &[Need::Sandbox],
            |context| {
                let live = context.group(&Shape::alone().with(Lineage::Child))?.id;
                let ids = [4_194_304, 4_194_305, live + (1 << 23), live + (1 << 24), live + (1 << 30)];
                let round =
                    [10_000_000, 99_999_999, 1_000_000_000, 1 << 30, i32::MAX as u32 - 1, i32::MAX as u32];
                for id in ids.into_iter().chain(round) {
                    let answer = context.ask(id, "SIGTERM")?;
                    expect_answer(
                        context,
                        &answer,
                        false,
                        &format!("{MISSING}; a valid leader pid is 2 to {}", i32::MAX),
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            NEVER_EXISTED_IS_EXITED,
            "smallest",
            "Ids from 2 on that no process has.",
            &[Need::Sandbox],
            |context| {
                for id in 2..12 {
                    if !context.exists(id)? {
                        let answer = context.ask(id, "SIGTERM")?;
                        expect_answer(context, &answer, false, MISSING)?;
                    }
                }
                Ok(())
            },
        ),
        not_leader("child", "A child of the leader, asked for by its own pid.", |context| {
            let group = context.group(&Shape::family())?;
            Ok(group.members[1..].to_vec())
        }),
        not_leader("survivor", "Members of a group whose leader is gone.", |context| {
            let mut group = context.group(&Shape::family())?;
            context.end_leader(&mut group)?;
            Ok(group.members)
        }),
        not_leader("stopped-member", "Members of a stopped group.", |context| {
            let group = context.group(&Shape::family())?;
            context.stop(&group)?;
            Ok(group.members[1..].to_vec())
        }),
        not_leader(
            "of-the-agents-group",
            "A process in the group of the agent, which is its parent.",
            |context| {
                Ok(vec![context.bystander("a process in the agent's group", None, Place::Parents, None)?])
            },
        ),
        not_leader(
            "of-a-windows-group",
            "A process in the group of a window, beside the window's jobs.",
            |context| {
                let group = context.group(&Shape::family().session(Session::Windows))?;
                Ok(vec![context.bystander(
                    "a process in the window's own group",
                    group.window,
                    Place::Parents,
                    None,
                )?])
            },
        ),
        Case::new(
            MEMBER_IS_NOT_LEADER,
            "small-id",
            "A member whose own pid is small, as in a container.",
            &[Need::ChosenIds],
            |context| {
                for id in [3, 12, 77, 150] {
                    let group = context.group(&Shape::alone().at(1000 + id))?;
                    let member = context.bystander(
                        "a member, put there by somebody outside",
                        None,
                        Place::Of(group.id),
                        Some(id),
                    )?;
                    expect_no_leader(context, member, "SIGTERM")?;
                }
                Ok(())
            },
        ),
    ]
}

fn not_leader(
    own_name: &str,
    about: &str,
    make: impl Fn(&mut Context) -> Result<Vec<u32>> + Send + Sync + 'static,
) -> Case {
    let about = format!(
        "{about} It leads no group: the answer is Ok(false) or Err, and neither it nor its group receives anything."
    );
    Case::new(MEMBER_IS_NOT_LEADER, own_name, about, &[], move |context| {
        for pid in make(context)? {
            for (name, _) in FOUR {
                expect_no_leader(context, pid, name)?;
            }
        }
        Ok(())
    })
}
