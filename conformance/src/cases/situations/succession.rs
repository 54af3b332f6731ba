//! Two groups in quick succession, through whatever slot, descriptor or connection the first used: delayed
//! work for the first must not hit the second.

use crate::cases::checks::{WATCHABLE, strange, surplus, touched};
use crate::cases::{Case, Need};
use crate::contract::{DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, SPARES_OTHER_GROUPS};
use crate::harness::{Context, Group, Lineage, Problems, Result, Shape};
use crate::testbed::protocol::Disposition;

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            "quick-succession",
            "One name to a group, and at once another name to another group, for each two names: also a \
             moment later none gets the other's signal.",
            &[],
            |context| {
                let mut asked = Vec::new();
                for (first, second) in pairs() {
                    for named in [first, second] {
                        let group = context.group(&Shape::alone().with(Lineage::Child))?;
                        asked.push((group, named));
                    }
                }
                for (group, (name, _)) in &asked {
                    let _ = context.ask(group.id, name)?;
                }
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                let strangers =
                    |(group, (_, signal)): &(Group, Named)| strange(context, &snapshot, group, *signal);
                let problems: Problems = asked.iter().flat_map(strangers).collect();
                context.expect_none("each group receives its own signal alone, also a moment later", problems)
            },
        ),
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            "id-given-on",
            "A group is sent SIGTERM and exits of it, and at once another group has its id, which is sent \
             SIGHUP: it receives that alone, also a moment later.",
            &[Need::ChosenIds],
            |context| {
                let id = context.free_id()?;
                ends_of_sigterm(context, id)?;
                let second = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                let _ = context.ask(id, "SIGHUP")?;
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                let problems = strange(context, &snapshot, &second, libc::SIGHUP);
                context.expect_none("the group that has the id now receives its own signal alone", problems)
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "quick-succession",
            "The same name to five groups, one at once after the other: each receives it once, also a moment later.",
            &[],
            |context| {
                let shape = Shape::alone().with(Lineage::Child);
                let groups = (0..5).map(|_| context.group(&shape)).collect::<Result<Vec<_>>>()?;
                for group in &groups {
                    let _ = context.ask(group.id, "SIGTERM")?;
                }
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                let more = |group: &Group| surplus(context, &snapshot, group, libc::SIGTERM, 1);
                let problems: Problems = groups.iter().flat_map(more).collect();
                context.expect_none(
                    "every member receives the signal exactly once, also a moment later",
                    problems,
                )
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "quick-succession",
            "Two groups are signalled, one at once after the other, beside a third: the second call, and \
             what is late of the first, touches nobody but the second.",
            &[],
            |context| {
                let shape = Shape::alone().with(Lineage::Child);
                let [first, second] = [context.group(&shape)?, context.group(&shape)?];
                context.group(&shape)?;
                let _ = context.ask(first.id, "SIGTERM")?;
                let before = context.snapshot()?;
                let _ = context.ask(second.id, "SIGHUP")?;
                context.wait_for_latecomers();
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &[&second]);
                context.expect_none("nobody outside the group is signalled, also a moment later", problems)
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "id-given-on",
            "A group is sent SIGTERM and exits of it, and at once another group has its id, which nobody \
             asks for: it receives nothing, also a moment later.",
            &[Need::ChosenIds],
            |context| {
                let id = context.free_id()?;
                ends_of_sigterm(context, id)?;
                context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                let before = context.snapshot()?;
                context.wait_for_latecomers();
                let after = context.snapshot()?;
                let problems = touched(context, &before, &after, &[]);
                context.expect_none(
                    "the group that has the id now receives nothing: nobody asked for it",
                    problems,
                )
            },
        ),
    ]
}

/// A name and its signal.
type Named = (&'static str, i32);

/// Each two names of those that members can watch for, in either order.
fn pairs() -> impl Iterator<Item = (Named, Named)> {
    let others = |first: Named| WATCHABLE.into_iter().filter(move |second| *second != first);
    WATCHABLE.into_iter().flat_map(move |first| others(first).map(move |second| (first, second)))
}

/// Makes a group with that id, asks for SIGTERM, and reaps it.
fn ends_of_sigterm(context: &mut Context, id: u32) -> Result {
    let first = context.group(&Shape::alone().at(id).led_by(Disposition::Dies))?;
    let _ = context.ask(id, "SIGTERM")?;
    context.make_exited(&first)
}
