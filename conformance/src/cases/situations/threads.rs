//! Members with several threads, and members whose first thread has left while another lives on.

use super::{expect_delivered, expect_reached};
use crate::cases::checks::expect_live;
use crate::cases::checks::{FOUR, WATCHABLE, continued, expect_no_leader, expect_once, missed};
use crate::cases::refused::{expect_refusals, refused_group, start_refused};
use crate::cases::sent::{looking_at_what_is_sent, sent_twice};
use crate::cases::{Case, Need};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_TO_EVERY_MEMBER, MEMBER_IS_NOT_LEADER, OUTLIVES_THE_LEADER,
    REACHES_STOPPED_MEMBERS, REFUSED_IS_AN_ERROR, REPORTS_DELIVERED,
};
use crate::harness::{Lineage, Result, Shape};
use crate::testbed::make::Make;

/// Makes, with the words for a case's id and prose.
const MAKES: [(&str, Make, &str); 3] = [
    ("threads", Make::Threads, "members with two threads, the second of which takes signals"),
    (
        "first-thread-gone",
        Make::FirstThreadGone,
        "members whose first thread has left by exit(2), which /proc shows in state Z; another lives on",
    ),
    (
        "asleep-in-kernel",
        Make::AsleepInKernel,
        "members of which a thread sleeps in the kernel, as for a disk: /proc shows state D, and another thread \
         takes signals",
    ),
];

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    let mut cases = of_each_make();
    cases.extend([
        Case::new(
            DELIVERS_ONCE,
            "threads",
            "One call a name to members with two threads: it is for the process, and not for each thread.",
            &[],
            |context| {
                let group = context.group(&Shape::family().of_make(Make::Threads))?;
                expect_once(context, &group, "every member receives the signal exactly once a call")
            },
        ),
        sent_once("without-first-thread", Make::FirstThreadGone, "whose first thread has left while another lives on"),
        sent_once("asleep-in-kernel", Make::AsleepInKernel, "of which a thread sleeps in the kernel"),
        Case::new(
            MEMBER_IS_NOT_LEADER,
            "thread",
            "The id of a leader's second thread, and of a member's, which is no process's: nobody is signalled for it.",
            &[],
            |context| {
                for make in [Make::Threads, Make::FirstThreadGone] {
                    let group = context.group(&Shape::alone().with(Lineage::Child).of_make(make))?;
                    for pid in &group.members {
                        let thread = context.second_thread(*pid)?;
                        for (name, _) in FOUR {
                            expect_no_leader(context, thread, name)?;
                        }
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            MEMBER_IS_NOT_LEADER,
            "first-thread-gone",
            "The pid of a member whose first thread has left while another lives on: it leads no group.",
            &[],
            |context| {
                let shape = Shape::alone().with(Lineage::Child).of_make(Make::FirstThreadGone);
                let group = context.group(&shape)?;
                for (name, _) in FOUR {
                    expect_no_leader(context, group.members[1], name)?;
                }
                Ok(())
            },
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "first-thread-gone",
            "The leader has exited and is reaped. The first thread of each survivor has left, and another lives on.",
            &[],
            |context| {
                for named in FOUR {
                    let shape = Shape::alone().with(Lineage::Child).with(Lineage::Orphan);
                    let mut group = context.group(&shape.of_make(Make::FirstThreadGone))?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, named, "the leader is gone, but members live")?;
                }
                Ok(())
            },
        ),
        Case::new(
            REACHES_STOPPED_MEMBERS,
            "first-thread-gone",
            "A stopped group of members whose first thread has left: the signal is pending, and nobody goes on.",
            &[],
            |context| {
                for (name, signal) in WATCHABLE {
                    let group = context.group(&Shape::family().of_make(Make::FirstThreadGone))?;
                    context.stop(&group)?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    let mut problems = continued(context, &snapshot, &group);
                    problems.extend(missed(context, &snapshot, &group, signal, 1));
                    context.expect_none("the signal is pending on each member, and each is still stopped", problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REFUSED_IS_AN_ERROR,
            "first-thread-gone",
            "A group that may not be signalled, of members whose first thread has left while another lives on.",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::family().of_make(Make::FirstThreadGone))?;
                start_refused(context, std::slice::from_ref(&group))?;
                expect_refusals(context, &group)
            },
        ),
    ]);
    cases
}

fn sent_once(own_name: &'static str, make: Make, whose: &'static str) -> Case {
    Case::new(
        DELIVERS_ONCE,
        format!("members-{own_name}-are-sent-it-once"),
        format!(
            "Each of the four names to members {whose}: what the subject sends is looked at, also a moment later."
        ),
        &[Need::Watch],
        move |context| {
            let shape = Shape::family().of_make(make);
            let asked = FOUR.map(|(name, signal)| Ok((context.group(&shape)?, name, signal)));
            let asked = asked.into_iter().collect::<Result<_>>()?;
            looking_at_what_is_sent(context, asked, sent_twice)
        },
    )
}

fn of_each_make() -> Vec<Case> {
    let mut cases = Vec::new();
    for (own_name, make, about) in MAKES {
        cases.push(Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            own_name,
            format!("Each of the four to {about}: each member receives it."),
            &[],
            move |context| {
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family().of_make(make))?;
                    expect_reached(context, &group, name, signal)?;
                }
                Ok(())
            },
        ));
        cases.push(Case::new(
            REPORTS_DELIVERED,
            own_name,
            format!("Each of the four to a leader alone and to a group, {about}."),
            &[],
            move |context| {
                for (name, _) in FOUR {
                    for shape in [Shape::alone(), Shape::family()] {
                        let group = context.group(&shape.of_make(make))?;
                        expect_delivered(context, &group, name)?;
                    }
                }
                Ok(())
            },
        ));
    }
    cases
}
