//! `name-comes-first`: an unknown name is an `Err`, whatever has become of the group.

use super::{MADE_UP, unknown, witnesses};
use crate::cases::Case;
use crate::cases::checks::expect_err;
use crate::contract::NAME_COMES_FIRST;
use crate::harness::{Context, Result, Session, Shape};

/// Names that nobody could take for one of the four or for another signal's: a subject that takes those has a
/// fault that other requirements tell.
const NAMES: [&str; 7] = ["SIGFOO", "SIGTERN", "SIGKIL", "SIGNOPE", "nonsense", "SIG-TERM-NOT", "ΣΙΓΤΕΡΜ"];

/// Names that one subject or another takes for one of the four, for another signal or for none.
const OF_EVERY_SORT: [&str; 12] = [
    "",
    "SIG",
    "EXIT",
    "0",
    "15",
    "SIGUSR1",
    "SIGRTMIN+1",
    "sigterm",
    "TERM",
    "SIGTERM ",
    "SIGTERM\n",
    "SIGTERM\0",
];

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    vec![
        gone("exited", "a group that has exited", |context| Ok(context.exited_group(&Shape::alone())?.id)),
        gone("exited-family", "a group with members of every kind that has exited", |context| {
            Ok(context.exited_group(&Shape::family().session(Session::Windows))?.id)
        }),
        gone("never-existed", "an id that no group ever had", Context::free_id),
        gone("largest-id", "the largest pid that a leader could have, which no kernel gives", |_| {
            Ok(i32::MAX.unsigned_abs())
        }),
        gone("unreaped", "a group whose members have all exited and are not reaped", |context| {
            let group = context.group(&Shape::family())?;
            context.end_all(&group)?;
            Ok(group.id)
        }),
        gone("member", "the pid of a live process that leads no group", |context| {
            Ok(context.group(&Shape::family())?.members[1])
        }),
        gone(
            "after-a-known-name",
            "a group that was found to have exited by a call with a known name",
            |context| {
                let group = context.exited_group(&Shape::alone())?;
                let _ = context.ask(group.id, "SIGTERM")?;
                Ok(group.id)
            },
        ),
        Case::new(
            NAME_COMES_FIRST,
            "refused-alive",
            "Names of every sort, empty, misspelt or another signal's: what the subject refuses for a live \
             group it refuses for an exited one, too.",
            &[],
            |context| {
                let live = witnesses(context)?.id;
                let gone = context.exited_group(&Shape::alone())?.id;
                for name in unknown(context, OF_EVERY_SORT) {
                    // What it takes here is told by other requirements.
                    if context.ask(live, &name)?.is_err() {
                        let answer = context.ask(gone, &name)?;
                        expect_err(context, &answer, &why(&format!("{name:?}")))?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            NAME_COMES_FIRST,
            "again-and-again",
            "The same unknown name for the same exited group, up to two hundred times, with a known one between.",
            &[],
            |context| {
                let gone = context.exited_group(&Shape::alone())?.id;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    calls += 1;
                    if calls % 20 == 0 {
                        let _ = context.ask(gone, "SIGTERM")?;
                    }
                    let answer = context.ask(gone, MADE_UP)?;
                    expect_err(context, &answer, &why(&format!("{MADE_UP:?}, call {calls}")))?;
                }
                Ok(())
            },
        ),
    ]
}

fn gone(
    own_name: &str,
    about: &str,
    make: impl Fn(&mut Context) -> Result<u32> + Send + Sync + 'static,
) -> Case {
    Case::new(
        NAME_COMES_FIRST,
        own_name,
        format!("Unknown names of every sort for {about}: an Err each, as for a live group."),
        &[],
        move |context| {
            let id = make(context)?;
            for name in NAMES {
                let answer = context.ask(id, name)?;
                expect_err(context, &answer, &why(&format!("{name:?}")))?;
            }
            Ok(())
        },
    )
}

fn why(name: &str) -> String {
    format!("the name comes first, and none of the four is {name}")
}
