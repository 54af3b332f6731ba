//! An entry bears its newest label, where it stands.

use super::checks::{EDGES, FIVE, answering, disordered, holding, listed, mislabelled, odd_texts, thousand};
use crate::cases::{Case, Need};
use crate::contract::REGISTER_RELABELS_IN_PLACE;
use crate::harness::{Context, Result};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            REGISTER_RELABELS_IN_PLACE,
            "each-place",
            "The first, each of the middle and the last of five are registered again with another label, \
             twice, and once more with the first label.",
            &[],
            |context| {
                for place in 0..FIVE.len() {
                    let mut expected = FIVE;
                    holding(context, &FIVE, Script::new(1))?;
                    for label in ["second", "third", FIVE[place].1] {
                        expected[place].1 = label;
                        relabel(context, &expected[place..=place], &expected)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_RELABELS_IN_PLACE,
            "the-only-one",
            "The only entry gets another label, an empty one and the first again.",
            &[],
            |context| {
                holding(context, &FIVE[..1], Script::new(1))?;
                for label in ["second", "", "make"] {
                    let expected = [(FIVE[0].0, label)];
                    relabel(context, &expected, &expected)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_RELABELS_IN_PLACE,
            "a-label-of-another",
            "Each entry in turn gets the label that another has: neither may be taken for the other.",
            &[],
            |context| {
                for place in 0..FIVE.len() {
                    for (_, label) in FIVE {
                        let mut expected = FIVE;
                        expected[place].1 = label;
                        holding(context, &FIVE, Script::new(1))?;
                        relabel(context, &expected[place..=place], &expected)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_RELABELS_IN_PLACE,
            "any-label",
            "Labels that hold nothing, space, line ends, NUL, other scripts or 65,537 characters, given \
             first and given later, must be listed as they were given.",
            &[],
            |context| {
                let mut entries: Vec<_> = (4_200_000..).zip(odd_texts()).collect();
                holding(context, &entries, Script::new(1))?;
                let listed = context.entries()?;
                context.expect_none(NEWEST, mislabelled(&listed, &entries))?;
                // Each gets the label of the one before it, so that every odd label replaces another.
                let labels: Vec<_> = entries.iter().map(|(_, label)| label.clone()).collect();
                let before_it = labels.iter().cycle().skip(labels.len() - 1);
                entries.iter_mut().zip(before_it).for_each(|(entry, label)| entry.1.clone_from(label));
                relabel(context, &entries, &entries)
            },
        ),
        Case::new(
            REGISTER_RELABELS_IN_PLACE,
            "after-others-were-dropped",
            "Entries that moved up since another was forgotten or dropped as exited get another label: each \
             must get its own.",
            &[],
            |context| {
                for (place, (dropped, _)) in FIVE.into_iter().enumerate() {
                    let mut kept = FIVE.to_vec();
                    kept.remove(place);
                    for forgotten in [true, false] {
                        holding(context, &FIVE, Script::new(1).says(dropped, Ok(false)))?;
                        if forgotten {
                            context.forget(dropped)?;
                        } else {
                            context.signal_all("SIGTERM")?;
                        }
                        let mut expected = kept.clone();
                        for (place, label) in ["first", "second", "third", "fourth"].into_iter().enumerate() {
                            expected[place].1 = label;
                            relabel(context, &expected[place..=place], &expected)?;
                        }
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_RELABELS_IN_PLACE,
            "through-a-cycle-and-a-swap",
            "New labels must still be there, in the same places, after every group was signalled, with \
             whatever answer keeps it, and after the signaller was replaced.",
            &[],
            |context| {
                let refused = Err("permission refused".to_owned());
                let answers = [Ok(true), refused.clone(), Ok(true), Ok(true), refused];
                holding(context, &FIVE, answering(&FIVE, &answers))?;
                let expected = FIVE.map(|(leader_pid, label)| (leader_pid, format!("{label} again")));
                relabel(context, &expected, &expected)?;
                let before = listed(&context.entries()?);
                context.signal_all("SIGTERM")?;
                in_place(context, &before, &expected)?;
                context.swap(Script::new(2))?;
                in_place(context, &before, &expected)
            },
        ),
        Case::new(
            REGISTER_RELABELS_IN_PLACE,
            "any-leader-pid",
            "Leader pids at every edge, some of them equal in their last 8, 16 or 31 bits, get another label each.",
            &[Need::Sandbox],
            |context| {
                let mut expected = EDGES.map(|leader_pid| (leader_pid, "first".to_owned()));
                holding(context, &expected, Script::new(1))?;
                for (place, leader_pid) in EDGES.into_iter().enumerate() {
                    expected[place].1 = format!("label of {leader_pid}");
                    relabel(context, &expected[place..=place], &expected)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_RELABELS_IN_PLACE,
            "a-thousand",
            "A thousand entries get another label each, from the last to the first.",
            &[],
            |context| {
                let mut expected = thousand();
                holding(context, &expected, Script::new(1))?;
                expected.iter_mut().for_each(|(_, label)| label.push_str(" again"));
                let backwards: Vec<_> = expected.iter().rev().cloned().collect();
                relabel(context, &backwards, &expected)
            },
        ),
    ]
}

const NEWEST: &str = "each entry with its newest label, as it was given, where the entry stood before";

/// Registers `again`, all of which the registry holds, and ends the case unless the entries then have the
/// labels of `expected` and stand where they stood.
fn relabel<L: AsRef<str>>(context: &mut Context, again: &[(u32, L)], expected: &[(u32, L)]) -> Result {
    let before = listed(&context.entries()?);
    context.register_all(again)?;
    in_place(context, &before, expected)
}

fn in_place<L: AsRef<str>>(context: &mut Context, before: &[u32], expected: &[(u32, L)]) -> Result {
    let entries = context.entries()?;
    let mut problems = mislabelled(&entries, expected);
    problems.extend(disordered(&entries, before));
    context.expect_none(NEWEST, problems)
}
