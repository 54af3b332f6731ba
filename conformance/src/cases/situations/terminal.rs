//! Jobs of a session that has a terminal, in its foreground and in its background, as interactive shells have
//! them.

use super::expect_reached;
use crate::cases::checks::{FOUR, WATCHABLE, continued, expect_answer, missed, strange};
use crate::cases::scope::spares;
use crate::cases::sent::{looking_at_what_is_sent, sent_twice};
use crate::cases::waiting::expect_no_wait;
use crate::cases::{Case, Need};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, DELIVERS_TO_EVERY_MEMBER, DOES_NOT_WAIT,
    REACHES_STOPPED_MEMBERS, REPORTS_EXITED, SPARES_OTHER_GROUPS,
};
use crate::harness::{Abort, Context, Group, Result, Shape};
use crate::testbed::protocol::Place;

const OWN_NAME: &str = "terminal";

/// Where a job is: in the foreground of its terminal, or not.
const PLACES: [bool; 2] = [true, false];

/// The cases of this situation.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            OWN_NAME,
            "Each of the four names to a job in the foreground of a terminal, and in its background.",
            &[Need::Terminals],
            |context| {
                for (name, signal) in FOUR {
                    for in_foreground in PLACES {
                        let group = job(context, in_foreground)?;
                        expect_reached(context, &group, name, signal)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            OWN_NAME,
            "Each of the four names to a job in the foreground of a terminal, and in its background: what the subject \
             sends is looked at, also a moment later.",
            &[Need::Terminals, Need::Watch],
            |context| {
                let mut asked = Vec::new();
                for (name, signal) in FOUR {
                    for in_foreground in PLACES {
                        asked.push((job(context, in_foreground)?, name, signal));
                    }
                }
                looking_at_what_is_sent(context, asked, sent_twice)
            },
        ),
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            OWN_NAME,
            "SIGTERM, SIGINT and SIGHUP to a job in the foreground of a terminal, and in its background: nothing \
             comes beside it, neither SIGHUP nor SIGCONT.",
            &[Need::Terminals],
            |context| {
                for (name, signal) in WATCHABLE {
                    for in_foreground in PLACES {
                        let group = job(context, in_foreground)?;
                        let _ = context.ask(group.id, name)?;
                        let snapshot = context.snapshot()?;
                        let problems = strange(context, &snapshot, &group, signal);
                        context.expect_none(
                            "the members receive the named signal and nothing else beside it",
                            problems,
                        )?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            OWN_NAME,
            "Each of the four names to one of two jobs of a terminal, of which one is in its foreground: the other \
             and the window, which leads the session, hear nothing of it.",
            &[Need::Terminals],
            |context| {
                for (name, _) in FOUR {
                    for in_foreground in PLACES {
                        let target = job(context, in_foreground)?;
                        let what = "another job of the same terminal";
                        let other = context.bystander(what, target.window, Place::Own, None)?;
                        if !in_foreground {
                            context.put_in_foreground(target.window, other)?;
                        }
                        spares(context, &[&target], |context| context.ask(target.id, name).map(drop))?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "terminals-leader",
            "SIGTERM, SIGINT and SIGHUP to the group of a window that leads the session of a terminal: its jobs, of \
             which one is in the foreground, are groups of their own, and receive nothing.",
            &[Need::Terminals],
            |context| {
                for (name, _) in WATCHABLE {
                    let job = job(context, true)?;
                    let what = "another job of the same terminal";
                    context.bystander(what, job.window, Place::Own, None)?;
                    let window = job.window.ok_or_else(|| Abort::Broken("no window".to_owned()))?;
                    let target = Group { id: window, members: vec![window], ..job };
                    spares(context, &[&target], |context| context.ask(window, name).map(drop))?;
                }
                Ok(())
            },
        ),
        Case::new(
            REACHES_STOPPED_MEMBERS,
            OWN_NAME,
            "SIGTERM, SIGINT and SIGHUP to a stopped job in the background of a terminal: the signal is pending, \
             and nobody is continued. That is for its shell, or its caller.",
            &[Need::Terminals],
            |context| {
                for (name, signal) in WATCHABLE {
                    let group = job(context, false)?;
                    context.stop(&group)?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    let mut problems = continued(context, &snapshot, &group);
                    problems.extend(missed(context, &snapshot, &group, signal, 1));
                    context.expect_none(
                        "the signal is pending on each member, and each member is still stopped",
                        problems,
                    )?;
                }
                Ok(())
            },
        ),
        Case::new(
            DOES_NOT_WAIT,
            OWN_NAME,
            "SIGTERM to a job that stays in the foreground of its terminal: the answer does not wait until its shell has \
             the terminal back.",
            &[Need::Terminals],
            |context| expect_no_wait(context, "SIGTERM", |context| job(context, true)),
        ),
        Case::new(
            REPORTS_EXITED,
            OWN_NAME,
            "A job has exited, and the terminal still has its id for that of the group in the foreground.",
            &[Need::Terminals],
            |context| {
                for (name, _) in FOUR {
                    let group = job(context, true)?;
                    context.make_exited(&group)?;
                    let answer = context.ask(group.id, name)?;
                    expect_answer(
                        context,
                        &answer,
                        false,
                        "the group has exited; that the terminal has its id is of no account",
                    )?;
                }
                Ok(())
            },
        ),
    ]
}

/// A group in the session of a window that has a terminal; the window's own is in the foreground if it is not.
fn job(context: &mut Context, in_foreground: bool) -> Result<Group> {
    let group = context.group(&Shape::family().in_terminal())?;
    if in_foreground {
        context.put_in_foreground(group.window, group.id)?;
    }
    Ok(group)
}
