//! Whom SIGKILL is sent to.

use super::super::checks::{FIVE, holding, missing, pids, thousand};
use super::{FENCED, SHORT, STOPPING, asked_otherwise, at, exit, exited, five, forget, refused, register};
use crate::cases::Case;
use crate::contract::{STOP_ASKS_NO_NEWCOMERS, STOP_KILLS_WHAT_IS_LEFT, STOP_SPARES_THE_EXITED};
use crate::harness::{Context, Result, call_text, entries_text};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::{Entry, Operation, Which};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    [left(), gone(), newcomers()].into_iter().flatten().collect()
}

/// Which of five are left out, in several ways.
const SOME: [&[usize]; 6] = [&[0], &[4], &[1, 2], &[0, 2, 4], &[1, 2, 3, 4], &[0, 1, 2, 3]];

fn left() -> Vec<Case> {
    vec![
        Case::new(
            STOP_KILLS_WHAT_IS_LEFT,
            "some-exit",
            "Some of five exit in time, whichever: the others are sent SIGKILL, once, in order.",
            STOPPING,
            |context| {
                for exiting in SOME {
                    five(context, Script::new(1))?;
                    kills(context, &[exit(&at(exiting))], &at(&rest(exiting)))?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_KILLS_WHAT_IS_LEFT,
            "some-are-refused",
            "SIGTERM fails for some of five, whichever: they are sent SIGKILL like the others.",
            STOPPING,
            |context| {
                for refusing in SOME {
                    let script = Script::new(1);
                    let script = at(refusing).iter().fold(script, |script, pid| script.says(*pid, refused()));
                    five(context, script)?;
                    kills(context, &[], &pids(&FIVE))?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_KILLS_WHAT_IS_LEFT,
            "cannot-tell",
            "The signaller cannot tell who has exited: all are sent SIGKILL.",
            STOPPING,
            |context| {
                five(context, Script::new(1).cannot_tell())?;
                kills(context, &[], &pids(&FIVE))
            },
        ),
        Case::new(
            STOP_KILLS_WHAT_IS_LEFT,
            "cannot-tell-of-some",
            "The signaller can tell of all but one, whichever, and says that none has exited: all are sent SIGKILL.",
            STOPPING,
            |context| {
                (0..FIVE.len()).try_for_each(|place| {
                    five(context, Script::new(1).cannot_tell_of(&at(&[place])))?;
                    kills(context, &[], &pids(&FIVE))
                })
            },
        ),
        Case::new(
            STOP_KILLS_WHAT_IS_LEFT,
            "many",
            "Sixty groups ignore SIGTERM: all are sent SIGKILL.",
            STOPPING,
            |context| {
                let many = &thousand()[..60];
                holding(context, many, Script::new(1))?;
                kills(context, &[], &pids(many))
            },
        ),
        Case::new(
            STOP_KILLS_WHAT_IS_LEFT,
            "through-the-newest-signaller",
            "The signaller is replaced while the stop waits: the new one sends SIGKILL, it alone.",
            STOPPING,
            |context| {
                five(context, Script::new(1))?;
                let swap = Operation::SetSignaller { signaller: Which::Scripted(2) };
                let stopping = context.stop_all(SHORT, &[Operation::Script(Script::new(2)), swap])?;
                let mut problems = asked_otherwise(&stopping, "SIGKILL", &pids(&FIVE));
                problems.extend(stopping.named("SIGKILL").filter(|call| call.signaller != 2).map(call_text));
                context.expect_none("signaller 2 sends SIGKILL to each", problems)
            },
        ),
    ]
}

fn gone() -> Vec<Case> {
    vec![
        Case::new(
            STOP_SPARES_THE_EXITED,
            "some-exit",
            "Some of five exit in time, whichever, and some had exited before: none of them is sent SIGKILL.",
            STOPPING,
            |context| {
                for exiting in SOME {
                    five(context, exited(&at(&exiting[..1])))?;
                    spares(context, &[exit(&at(exiting))], &at(exiting))?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_SPARES_THE_EXITED,
            "cannot-tell-of-others",
            "The signaller cannot tell of one of five whether it has exited, and says of others that they have: none of \
             those is sent SIGKILL.",
            STOPPING,
            |context| {
                for exiting in [&[0][..], &[1, 2], &[0, 3], &[0, 1, 2, 3]] {
                    five(context, Script::new(1))?;
                    let then = Operation::Script(exited(&at(exiting)).cannot_tell_of(&at(&[4])));
                    spares(context, &[then], &at(exiting))?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_SPARES_THE_EXITED,
            "forgotten",
            "Some of five are forgotten while the stop waits, since their exit was noticed: none of them is sent SIGKILL.",
            STOPPING,
            |context| {
                for exiting in SOME {
                    five(context, Script::new(1))?;
                    let meanwhile: Vec<_> = at(exiting).into_iter().map(forget).collect();
                    spares(context, &meanwhile, &at(exiting))?;
                }
                Ok(())
            },
        ),
        back("next-owner", "with another label", |(leader_pid, _)| vec![register(leader_pid, "next owner")]),
        back("next-run", "under its label, once it was forgotten", |(leader_pid, label)| {
            vec![forget(leader_pid), register(leader_pid, label)]
        }),
        back("back-to-its-label", "with another label, and then with its own", |(leader_pid, label)| {
            vec![register(leader_pid, "meanwhile"), register(leader_pid, label)]
        }),
    ]
}

/// A case in which one of five is registered anew while the stop waits, whichever.
fn back(own_name: &str, how: &str, anew: fn((u32, &'static str)) -> Vec<Operation>) -> Case {
    let about = format!(
        "Whichever of five is registered {how} while the stop waits: whoever has the pid then is sent nothing, and is held."
    );
    Case::new(STOP_SPARES_THE_EXITED, own_name, about, FENCED, move |context| {
        for entry in FIVE {
            five(context, Script::new(1))?;
            let stopping = context.stop_all(SHORT, &anew(entry))?;
            let asked = stopping.asked("SIGKILL");
            let mut problems = Vec::new();
            if asked.contains(&entry.0) {
                problems.push(format!("SIGKILL was sent to {}, which is another owner's", entry.0));
            }
            if !context.targets()?.iter().any(|target| target.entry.leader_pid == entry.0) {
                problems.push(format!("{} is not listed", entry.0));
            }
            context.expect_none("whoever has the pid by then is spared, and held", problems)?;
        }
        Ok(())
    })
}

/// Whoever is registered while five are stopped.
const NEWCOMERS: [(u32, &str); 2] = [(4_200_600, "top"), (4_200_050, "man")];

fn newcomers() -> Vec<Case> {
    vec![
        Case::new(
            STOP_ASKS_NO_NEWCOMERS,
            "registered-meanwhile",
            "Two groups are registered while five are waited for, of which some exit: the two are sent nothing, and are held.",
            STOPPING,
            |context| {
                for exiting in [&[][..], &[1, 2], &[0, 1, 2, 3]] {
                    five(context, Script::new(1))?;
                    let [first, second] = NEWCOMERS;
                    let meanwhile =
                        [exit(&at(exiting)), register(first.0, first.1), register(second.0, second.1)];
                    let stopping = context.stop_all(SHORT, &meanwhile)?;
                    let is_newcomer = |pid: &u32| pids(&NEWCOMERS).contains(pid);
                    let calls = stopping.calls.iter().filter(|call| call.leader_pids.iter().any(is_newcomer));
                    let mut problems: Vec<String> = calls.map(call_text).collect();
                    let held = context.entries()?;
                    if !held.ends_with(&NEWCOMERS.map(|(pid, label)| Entry::from((pid, label.to_owned())))) {
                        problems
                            .push(format!("the list is {}: the two are not its last", entries_text(&held)));
                    }
                    context.expect_none("nothing is sent to newcomers, and they are held", problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_ASKS_NO_NEWCOMERS,
            "before-all-exit",
            "A group is registered while five are waited for, all of which exit: the stop is over, and the group is held.",
            STOPPING,
            |context| {
                five(context, Script::new(1))?;
                let (newcomer, label) = NEWCOMERS[0];
                let stopping =
                    context.stop_all(super::LONG, &[register(newcomer, label), exit(&pids(&FIVE))])?;
                let calls = stopping.calls.iter().filter(|call| call.leader_pids.contains(&newcomer));
                let mut problems: Vec<String> = calls.map(call_text).collect();
                problems.extend(missing(&context.entries()?, &[newcomer]));
                context.expect_none("nothing is sent to the newcomer, and it is held", problems)
            },
        ),
    ]
}

/// The places of five that are not among these.
fn rest(places: &[usize]) -> Vec<usize> {
    (0..FIVE.len()).filter(|place| !places.contains(place)).collect()
}

fn kills(context: &mut Context, meanwhile: &[Operation], owed: &[u32]) -> Result {
    let stopping = context.stop_all(SHORT, meanwhile)?;
    let asked = stopping.asked("SIGKILL");
    let missed: Vec<u32> = owed.iter().copied().filter(|pid| !asked.contains(pid)).collect();
    let mut problems = Vec::new();
    if !missed.is_empty() {
        problems.push(format!("SIGKILL was not sent to {missed:?}, and they are left"));
    }
    let twice = owed.iter().filter(|pid| asked.iter().filter(|asked| asked == pid).count() > 1);
    problems.extend(twice.map(|pid| format!("SIGKILL was sent to {pid} more than once")));
    let in_order: Vec<u32> = asked.iter().copied().filter(|pid| owed.contains(pid)).collect();
    if problems.is_empty() && in_order != owed {
        problems.push(format!("SIGKILL was sent to {in_order:?}, not in the order {owed:?}"));
    }
    context.expect_none("SIGKILL once to each that is left, in order", problems)
}

fn spares(context: &mut Context, meanwhile: &[Operation], exited: &[u32]) -> Result {
    let stopping = context.stop_all(SHORT, meanwhile)?;
    let hit: Vec<u32> = stopping.asked("SIGKILL").into_iter().filter(|pid| exited.contains(pid)).collect();
    let problems: Vec<String> = (!hit.is_empty())
        .then(|| format!("SIGKILL was sent to {hit:?}, which have exited"))
        .into_iter()
        .collect();
    context.expect_none("no SIGKILL to what has exited", problems)
}
