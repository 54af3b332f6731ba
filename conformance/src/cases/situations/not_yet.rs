//! A process that leads no group yet, and is asked for: between fork(2) and setpgid(2).

use super::{LIVE, expect_delivered, expect_reached};
use crate::cases::checks::expect_live;
use crate::cases::checks::{FOUR, expect_no_leader, expect_nothing_late};
use crate::cases::{Case, Need};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, MEMBER_IS_NOT_LEADER, REPORTS_DELIVERED, SEES_A_REUSED_PID};
use crate::harness::{Abort, Context, Group, Host, Result};

/// In whose group it is, with the words for a case's id and prose.
const HOSTS: [(&str, Host, &str); 2] = [
    ("subjects-group", Host::Subject, "in the subject's own group"),
    ("windows-group", Host::Window, "in its window's group"),
];

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (own_name, host, about) in HOSTS {
        cases.push(Case::new(
            MEMBER_IS_NOT_LEADER,
            format!("not-yet-in-the-{own_name}"),
            format!(
                "A live process that leads no group yet, {about}: the answer is Ok(false) or Err, and nobody \
                 receives anything."
            ),
            &[],
            move |context| {
                let pid = context.not_yet_a_group(host)?;
                FOUR.into_iter().try_for_each(|(name, _)| expect_no_leader(context, pid, name))
            },
        ));
        cases.push(Case::new(
            MEMBER_IS_NOT_LEADER,
            format!("leads-after-the-answer-{own_name}"),
            format!(
                "A live process is asked for while it leads no group yet, {about}, and leads one at once \
                 after the answer, which was not Ok(true): nothing is sent to it later for that call."
            ),
            &[],
            move |context| {
                for (name, _) in FOUR {
                    let pid = context.not_yet_a_group(host)?;
                    expect_no_leader(context, pid, name)?;
                    context.lead(pid)?;
                }
                let before = context.snapshot()?;
                expect_nothing_late(context, &before, "they led no group when they were asked for")
            },
        ));
        cases.push(Case::new(
            SEES_A_REUSED_PID,
            format!("led-no-group-in-the-{own_name}"),
            format!(
                "A live process is asked for while it leads no group yet, {about}; then it leads one, and is \
                 asked for again: an earlier answer is not remembered."
            ),
            &[Need::RightAlone],
            move |context| {
                for named in FOUR {
                    let group = led_no_group(context, host, named.0)?;
                    expect_live(
                        context,
                        &group,
                        named,
                        "it led no group when it was asked for first, and does now",
                    )?;
                }
                Ok(())
            },
        ));
    }
    cases.extend([
        Case::new(
            REPORTS_DELIVERED,
            "led-no-group-before",
            format!("A process that led no group when it was asked for leads one now: {LIVE}."),
            &[Need::RightAlone],
            |context| {
                for (_, host, _) in HOSTS {
                    let group = led_no_group(context, host, "SIGTERM")?;
                    expect_delivered(context, &group, "SIGTERM")?;
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "led-no-group-before",
            "A process that led no group when it was asked for leads one now, and receives the signal.",
            &[Need::RightAlone],
            |context| {
                for (_, host, _) in HOSTS {
                    let group = led_no_group(context, host, "SIGTERM")?;
                    expect_reached(context, &group, "SIGTERM", libc::SIGTERM)?;
                }
                Ok(())
            },
        ),
    ]);
    cases
}

/// A group whose leader was asked for three times while it led none.
fn led_no_group(context: &mut Context, host: Host, name: &str) -> Result<Group> {
    let pid = context.not_yet_a_group(host)?;
    for _ in 0..3 {
        let _ = context.ask(pid, name)?;
    }
    if !context.snapshot()?.state(pid).is_live() {
        return Err(Abort::Lacks(Need::RightAlone, "it ends a process that leads no group".to_owned()));
    }
    context.lead(pid)
}
