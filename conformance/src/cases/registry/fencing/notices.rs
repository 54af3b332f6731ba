//! Exit notices that come late.

use super::super::checks::{FIVE, odd_texts, thousand};
use super::{FENCING, kept, listed_otherwise};
use crate::cases::Case;
use crate::contract::STALE_FORGET_IS_IGNORED;
use crate::harness::{Context, Result, call_text};
use crate::subject::registry::script::{Call, Script};
use crate::subject::registry::wire::Target;

/// The cases of this requirement that need no live groups.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            STALE_FORGET_IS_IGNORED,
            "next-owner",
            "The exit notice of an earlier owner comes when any of five has another one: nothing is dropped.",
            FENCING,
            |context| {
                for (leader_pid, label) in FIVE {
                    kept(context, &FIVE, Script::new(1))?;
                    context.register(leader_pid, "next owner")?;
                    for late in [label, "an owner whom nobody knows", ""] {
                        drops(context, (leader_pid, late), &|_| false)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            STALE_FORGET_IS_IGNORED,
            "own-label",
            "The notice of the owner now drops its entry and no other, also where all have one label.",
            FENCING,
            |context| {
                for entries in [FIVE, FIVE.map(|(leader_pid, _)| (leader_pid, "make"))] {
                    for (leader_pid, label) in entries {
                        kept(context, &entries, Script::new(1))?;
                        drops(context, (leader_pid, label), &|target| target.entry.leader_pid == leader_pid)?;
                        // It comes again.
                        drops(context, (leader_pid, label), &|_| false)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            STALE_FORGET_IS_IGNORED,
            "among-many",
            "Notices come for the third, the last and ten others of sixty: each drops its own entry, and the rest stay in \
             order.",
            FENCING,
            |context| {
                let many = &thousand()[..60];
                kept(context, many, Script::new(1))?;
                for place in [2, 59, 0, 58, 30, 31, 1, 7, 20, 57, 3, 45] {
                    let (leader_pid, label) = &many[place];
                    drops(context, (*leader_pid, label), &|target| target.entry.leader_pid == *leader_pid)?;
                    drops(context, (*leader_pid, label), &|_| false)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STALE_FORGET_IS_IGNORED,
            "newest-label",
            "After several owners only the notice of the newest drops the entry.",
            FENCING,
            |context| {
                for (leader_pid, first) in FIVE {
                    kept(context, &FIVE, Script::new(1))?;
                    context.register(leader_pid, "second")?;
                    context.register(leader_pid, "third")?;
                    for late in [first, "second"] {
                        drops(context, (leader_pid, late), &|_| false)?;
                    }
                    drops(context, (leader_pid, "third"), &|target| target.entry.leader_pid == leader_pid)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STALE_FORGET_IS_IGNORED,
            "of-another-pid",
            "A notice with the label of an entry, for a pid that is not held or that has another label.",
            FENCING,
            |context| {
                kept(context, &FIVE, Script::new(1))?;
                for (_, label) in FIVE {
                    drops(context, (4_200_000, label), &|_| false)?;
                }
                for place in 0..FIVE.len() {
                    let label = FIVE[(place + 1) % FIVE.len()].1;
                    drops(context, (FIVE[place].0, label), &|_| false)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STALE_FORGET_IS_IGNORED,
            "labels-nearly-alike",
            "Labels that somebody might trim, cut or fold: a notice with one of them drops only the entry with that one.",
            FENCING,
            |context| {
                for label in odd_texts() {
                    kept(context, &[(FIVE[0].0, "make"), (FIVE[1].0, "make install")], Script::new(1))?;
                    for (leader_pid, held) in [(FIVE[0].0, "make"), (FIVE[1].0, "make install")] {
                        let is_its = held == label;
                        drops(context, (leader_pid, &label), &|target| {
                            is_its && target.entry.leader_pid == leader_pid
                        })?;
                    }
                }
                Ok(())
            },
        ),
    ]
}

/// Forgets a registration, and ends the case unless that asks nobody and exactly the listed ones of which
/// `is_dropped` says so are gone.
fn drops(
    context: &mut Context,
    (leader_pid, label): (u32, &str),
    is_dropped: &dyn Fn(&Target) -> bool,
) -> Result {
    let owed: Vec<_> = context.targets()?.into_iter().filter(|target| !is_dropped(target)).collect();
    let calls: Vec<Call> = context.forget_registration(leader_pid, label)?;
    let mut problems: Vec<String> = calls.iter().map(call_text).collect();
    problems.extend(listed_otherwise(context, &owed)?);
    context.expect_none("the entry is dropped only while it bears that label, and nobody is asked", problems)
}
