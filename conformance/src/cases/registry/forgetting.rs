//! Forgetting drops one entry, if there is one, and touches nothing else.

use super::checks::{FIVE, differing, holding, lingering, listed, missing, pids, thousand};
use crate::cases::{Case, Need};
use crate::contract::{FORGET_DROPS, FORGET_UNKNOWN_IS_A_NO_OP};
use crate::harness::{Context, Problems, Result};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    drops().into_iter().chain(ignores()).collect()
}

/// Ids that somebody could take for the first: equal as text up to a digit, or in their last 8, 16 or 31
/// bits.
const ALIKE: [u32; 8] = [
    4_200_300,
    42_003_001,
    420_030,
    4_200_301,
    4_200_300 + (1 << 8),
    4_200_300 + (1 << 16),
    4_200_300 + (1 << 31),
    420_030_000,
];

fn drops() -> Vec<Case> {
    vec![
        Case::new(
            FORGET_DROPS,
            "each-place",
            "Whichever of five is forgotten must be gone from the list, and no other.",
            &[],
            |context| {
                for (place, (forgotten, _)) in FIVE.into_iter().enumerate() {
                    for count in place + 1..=FIVE.len() {
                        holding(context, &FIVE[..count], Script::new(1))?;
                        forget(context, forgotten)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            FORGET_DROPS,
            "equal-labels",
            "Five groups of one label: forgetting one must leave the four others.",
            &[],
            |context| {
                for (forgotten, _) in FIVE {
                    let alike = FIVE.map(|(leader_pid, _)| (leader_pid, "make"));
                    holding(context, &alike, Script::new(1))?;
                    forget(context, forgotten)?;
                }
                Ok(())
            },
        ),
        Case::new(
            FORGET_DROPS,
            "ids-alike",
            "Of leader pids that begin with the same digits, or are equal in their last 8, 16 or 31 bits, \
             only the forgotten one must be gone.",
            &[Need::Sandbox],
            |context| {
                let alike = ALIKE.map(|leader_pid| (leader_pid, "alike"));
                for (forgotten, _) in alike {
                    holding(context, &alike, Script::new(1))?;
                    forget(context, forgotten)?;
                }
                Ok(())
            },
        ),
        Case::new(
            FORGET_DROPS,
            "one-after-another",
            "All of five are forgotten, forwards, backwards and in another order, also after one was dropped \
             as exited or got another label; after each the list must hold the rest.",
            &[],
            |context| {
                for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]] {
                    let first = FIVE[order[0]].0;
                    holding(context, &FIVE, Script::new(1).says(first, Ok(false)))?;
                    context.register(FIVE[order[1]].0, "another label")?;
                    context.signal_all("SIGTERM")?;
                    for place in &order[1..] {
                        forget(context, FIVE[*place].0)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            FORGET_DROPS,
            "never-signalled-again",
            "A forgotten group must not be signalled: not in the next cycle, not in the one after it, nor \
             through a new signaller. The others must be.",
            &[],
            |context| {
                for (forgotten, _) in FIVE {
                    holding(context, &FIVE, Script::new(1))?;
                    context.signal_all("SIGTERM")?;
                    context.forget(forgotten)?;
                    let kept = listed(&context.entries()?);
                    for swapped in [false, false, true] {
                        if swapped {
                            context.swap(Script::new(2))?;
                        }
                        let cycle = context.signal_all("SIGTERM")?;
                        let (asked, mut problems) = (cycle.asked(), Vec::new());
                        if asked.contains(&forgotten) {
                            problems.push(format!("the signaller was asked for the forgotten {forgotten}"));
                        }
                        if cycle.answer(forgotten).is_some() {
                            problems.push(format!("there is a result for the forgotten {forgotten}"));
                        }
                        let unasked = kept.iter().filter(|pid| **pid != forgotten && !asked.contains(pid));
                        problems.extend(unasked.map(|pid| {
                            format!("the signaller was not asked for {pid}, which was not forgotten")
                        }));
                        context.expect_none("every group but the forgotten one is signalled", problems)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            FORGET_DROPS,
            "half-of-a-thousand",
            "Every second of a thousand groups is forgotten.",
            &[],
            |context| {
                let entries = thousand();
                holding(context, &entries, Script::new(1))?;
                let before = listed(&context.entries()?);
                let gone: Vec<u32> = pids(&entries).into_iter().step_by(2).collect();
                for leader_pid in &gone {
                    context.forget(*leader_pid)?;
                }
                dropped(context, &before, &gone)
            },
        ),
    ]
}

fn ignores() -> Vec<Case> {
    vec![
        Case::new(
            FORGET_UNKNOWN_IS_A_NO_OP,
            "holding-nothing",
            "A registry that holds nothing is told to forget: a new one, and one whose entries are all forgotten.",
            &[],
            |context| {
                context.registry(Script::new(1))?;
                forget_unknown(context, &[FIVE[0].0, FIVE[0].0, 0, u32::MAX])?;
                context.register_all(&FIVE[..2])?;
                context.forget(FIVE[0].0)?;
                context.forget(FIVE[1].0)?;
                forget_unknown(context, &pids(&FIVE))
            },
        ),
        Case::new(
            FORGET_UNKNOWN_IS_A_NO_OP,
            "among-others",
            "Leader pids below, between and above those of the list, and the smallest and the largest there \
             are, are forgotten: the list must stay as it was.",
            &[],
            |context| {
                for count in 1..=FIVE.len() {
                    holding(context, &FIVE[..count], Script::new(1))?;
                    forget_unknown(context, &[4_200_000, 4_299_999, 0, u32::MAX])?;
                    forget_unknown(context, &FIVE.map(|(leader_pid, _)| leader_pid + 50))?;
                    forget_unknown(context, &pids(&FIVE[count..]))?;
                }
                Ok(())
            },
        ),
        Case::new(
            FORGET_UNKNOWN_IS_A_NO_OP,
            "ids-alike",
            "Leader pids that begin with the same digits as one that is listed, or are equal to it in their \
             last 8, 16 or 31 bits, are forgotten: the list must stay as it was.",
            &[Need::Sandbox],
            |context| {
                holding(context, &FIVE, Script::new(1))?;
                forget_unknown(context, &ALIKE[1..])
            },
        ),
        Case::new(
            FORGET_UNKNOWN_IS_A_NO_OP,
            "twice",
            "Whichever of five is forgotten twice, or forgotten after it was dropped as exited, the second \
             time must change nothing; nor must it when something new was registered between.",
            &[],
            |context| {
                for (forgotten, _) in FIVE {
                    for by_hand in [true, false] {
                        holding(context, &FIVE, Script::new(1).says(forgotten, Ok(false)))?;
                        if by_hand {
                            context.forget(forgotten)?;
                        } else {
                            context.signal_all("SIGTERM")?;
                        }
                        forget_unknown(context, &[forgotten])?;
                        context.register(4_200_600, "new")?;
                        forget_unknown(context, &[forgotten])?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            FORGET_UNKNOWN_IS_A_NO_OP,
            "all-are-found-still",
            "After unknown leader pids were forgotten, every group of the list must be signalled as before, \
             and be found when it is registered again or forgotten itself.",
            &[],
            |context| {
                holding(context, &FIVE, Script::new(1))?;
                let before = context.signal_all("SIGTERM")?.asked();
                for unknown in 4_299_000..4_299_020 {
                    context.forget(unknown)?;
                }
                let after = context.signal_all("SIGTERM")?.asked();
                let lost = before.iter().filter(|pid| !after.contains(pid));
                let problems: Problems =
                    lost.map(|pid| format!("the signaller is not asked for {pid} any more")).collect();
                context.expect_none("every group of the list is signalled as before", problems)?;
                context.register_all(&FIVE)?;
                for place in [2, 0, 4] {
                    context.forget(FIVE[place].0)?;
                    let entries = context.entries()?;
                    context.expect_none(
                        "what is forgotten now is not listed",
                        lingering(&entries, &[FIVE[place].0]),
                    )?;
                }
                Ok(())
            },
        ),
    ]
}

/// Forgets an entry, and ends the case unless it is gone from the list and no other is.
fn forget(context: &mut Context, leader_pid: u32) -> Result {
    let before = listed(&context.entries()?);
    context.forget(leader_pid)?;
    dropped(context, &before, &[leader_pid])
}

/// Ends the case unless the list holds those of `before` that are not `gone`, in whatever order, and none
/// that are.
fn dropped(context: &mut Context, before: &[u32], gone: &[u32]) -> Result {
    let entries = context.entries()?;
    let kept: Vec<u32> = before.iter().copied().filter(|pid| !gone.contains(pid)).collect();
    let mut problems = lingering(&entries, gone);
    problems.extend(missing(&entries, &kept));
    let expected = format!("what was forgotten is not listed, and the {} others are", kept.len());
    context.expect_none(&expected, problems)
}

/// Forgets leader pids that are not in the list, and ends the case if that changes the list. One that is
/// there, since it was not dropped before, is another requirement's matter.
fn forget_unknown(context: &mut Context, unknown: &[u32]) -> Result {
    for &leader_pid in unknown {
        let before = context.entries()?;
        if listed(&before).contains(&leader_pid) {
            continue;
        }
        context.forget(leader_pid)?;
        let after = context.entries()?;
        let expected = format!("the same list as before leader pid {leader_pid}, not in it, was forgotten");
        context.expect_none(&expected, differing(&after, &before))?;
    }
    Ok(())
}
