//! More generations, more groups and more ids than a demonstration has.

use super::checks::{expect_answer, missed};
use super::{Case, Need};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, REPORTS_DELIVERED};
use crate::harness::{Context, Group, Result, Shape};

/// How many groups one process of the subject is asked for. An agent keeps two descriptors for each.
const GROUPS: usize = 180;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "ten-generations",
            "A line of ten generations, each the parent of the next, and one whose fourth generation has \
             exited and is reaped: each member receives it.",
            &[],
            |context| {
                let whole = context.line_of_descent(10)?;
                expect_reached(context, &whole)?;
                let mut broken = context.line_of_descent(10)?;
                let fourth = broken.members.remove(3);
                broken.dispositions.remove(3);
                context.exit(fourth)?;
                context.reap(fourth)?;
                expect_reached(context, &broken)
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "ids-around-powers",
            "Groups whose id is a power of two or of ten, one less or one more, as far as the kernel gives such ids.",
            &[Need::ChosenIds],
            |context| {
                // One of each three is a neighbour's, too.
                let largest = context.abilities().pid_max - 2;
                let mut ids: Vec<u32> = powers().flat_map(|power| [power - 1, power, power + 1]).collect();
                ids.retain(|&id| (2..=largest).contains(&id));
                ids.sort_unstable();
                ids.dedup();
                // A slow subject is asked for some of them.
                context.rng().shuffle(&mut ids);
                let most = ids.len();
                for (count, id) in ids.into_iter().enumerate() {
                    if !context.another_round(count, 12, most) {
                        break;
                    }
                    if context.exists(id)? {
                        continue;
                    }
                    let group = context.group(&Shape::alone().at(id))?;
                    expect_reached(context, &group)?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_DELIVERED,
            "many-groups",
            "Up to a hundred and eighty groups, one after the other, by one process of the subject: the last \
             is live like the first.",
            &[],
            |context| {
                let mut count = 0;
                while context.another_round(count, 12, GROUPS) {
                    count += 1;
                    let group = context.group(&Shape::alone())?;
                    let answer = context.ask(group.id, "SIGTERM")?;
                    expect_answer(context, &answer, true, &format!("group number {count} is live"))?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
    ]
}

/// The powers of two and of ten that can be pids.
fn powers() -> impl Iterator<Item = u32> {
    (1..=22).map(|exponent| 1 << exponent).chain((1..=6).map(|exponent| 10_u32.pow(exponent)))
}

fn expect_reached(context: &mut Context, group: &Group) -> Result {
    let _ = context.ask(group.id, "SIGTERM")?;
    let snapshot = context.snapshot()?;
    let problems = missed(context, &snapshot, group, libc::SIGTERM, 1);
    context.expect_none("every live member has received SIGTERM when the answer comes", problems)
}
