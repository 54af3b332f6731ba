//! Every registered leader pid stands in the list, once.

use super::checks::{EDGES, FIVE, doubled, holding, missing, odd_texts, pids, thousand};
use crate::cases::{Case, Need};
use crate::contract::{REGISTER_IS_IDEMPOTENT, REGISTER_TRACKS};
use crate::harness::{Context, Result};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    tracks().into_iter().chain(is_idempotent()).collect()
}

fn tracks() -> Vec<Case> {
    let listed = "an entry for each leader pid registered so far";
    vec![
        Case::new(
            REGISTER_TRACKS,
            "one-after-another",
            "Five groups are registered; after each the list must show it and all before it, at once.",
            &[],
            move |context| {
                context.registry(Script::new(1))?;
                for (place, &(leader_pid, label)) in FIVE.iter().enumerate() {
                    context.register(leader_pid, label)?;
                    let entries = context.entries()?;
                    context.expect_none(listed, missing(&entries, &pids(&FIVE[..=place])))?;
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_TRACKS,
            "equal-labels",
            "Groups with the same label, then with an empty one, are groups of their own: each must be listed.",
            &[],
            move |context| {
                for label in ["make", ""] {
                    let entries = FIVE.map(|(leader_pid, _)| (leader_pid, label));
                    tracks_all(context, &entries)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_TRACKS,
            "any-label",
            "Whatever the label holds (nothing, line ends, NUL, other scripts, 65,537 characters), the group \
             must be listed.",
            &[],
            |context| {
                let entries: Vec<_> = (4_200_000..).zip(odd_texts()).collect();
                tracks_all(context, &entries)
            },
        ),
        Case::new(
            REGISTER_TRACKS,
            "any-leader-pid",
            "Leader pids at every edge, some of them equal in their last 8, 16 or 31 bits, must each be \
             listed: which of them can be signalled is for the signaller to say.",
            &[Need::Sandbox],
            |context| tracks_all(context, &EDGES.map(|leader_pid| (leader_pid, "edge"))),
        ),
        Case::new(
            REGISTER_TRACKS,
            "a-thousand",
            "A thousand groups must all be listed: no capacity is foreseen.",
            &[],
            |context| tracks_all(context, &thousand()),
        ),
        Case::new(
            REGISTER_TRACKS,
            "whatever-the-signaller-says",
            "Groups of which the signaller would say exited, or which it could not ask for, must be listed: \
             only `signal_all` asks.",
            &[],
            move |context| {
                let dead = Script::new(1).otherwise(Ok(false));
                let unreachable = Script::new(1).otherwise(Err("connection lost".to_owned()));
                let panicking = FIVE.iter().fold(Script::new(1), |script, (pid, _)| script.panics(*pid));
                for script in [dead, unreachable, panicking] {
                    holding(context, &FIVE, script)?;
                    let entries = context.entries()?;
                    context.expect_none(listed, missing(&entries, &pids(&FIVE)))?;
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_TRACKS,
            "again-after-it-was-dropped",
            "A leader pid that was forgotten, or dropped since its group had exited, must be listed once it \
             is registered again; so must new ones, after a cycle and after a swap of the signaller.",
            &[],
            move |context| {
                for (dropped, _) in FIVE {
                    holding(context, &FIVE, Script::new(1))?;
                    context.forget(dropped)?;
                    context.register(dropped, "again")?;
                    let entries = context.entries()?;
                    context.expect_none(listed, missing(&entries, &pids(&FIVE)))?;

                    holding(context, &FIVE, Script::new(1).says(dropped, Ok(false)))?;
                    context.signal_all("SIGTERM")?;
                    context.register(dropped, "again")?;
                    context.register(4_200_600, "new after the cycle")?;
                    context.swap(Script::new(2))?;
                    context.register(4_200_700, "new after the swap")?;
                    let entries = context.entries()?;
                    let expected = [&pids(&FIVE)[..], &[4_200_600, 4_200_700]].concat();
                    context.expect_none(listed, missing(&entries, &expected))?;
                }
                Ok(())
            },
        ),
    ]
}

fn tracks_all<L: AsRef<str>>(context: &mut Context, groups: &[(u32, L)]) -> Result {
    holding(context, groups, Script::new(1))?;
    let entries = context.entries()?;
    context.expect_none("an entry for each registered leader pid", missing(&entries, &pids(groups)))
}

fn is_idempotent() -> Vec<Case> {
    vec![
        Case::new(
            REGISTER_IS_IDEMPOTENT,
            "the-same-again",
            "Registered again with the same label, at once, later and a hundred times, a leader pid must be \
             listed once.",
            &[],
            |context| {
                context.registry(Script::new(1))?;
                let twice = FIVE.into_iter().flat_map(|entry| [entry, entry]);
                context.register_all(&twice.cycle().take(1_000).collect::<Vec<_>>())?;
                once_each(context)
            },
        ),
        Case::new(
            REGISTER_IS_IDEMPOTENT,
            "with-another-label",
            "Registered again with another label, its neighbour's or none, a leader pid must be listed once.",
            &[],
            |context| {
                for label in ["another", "vim", "", "MAKE"] {
                    holding(context, &FIVE, Script::new(1))?;
                    context.register_all(&FIVE.map(|(leader_pid, _)| (leader_pid, label)))?;
                    once_each(context)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_IS_IDEMPOTENT,
            "after-changes",
            "An entry that moved up since another was forgotten or dropped must still be found when it is \
             registered again, and so must all after a cycle and a swap of the signaller.",
            &[],
            |context| {
                for (dropped, _) in FIVE {
                    holding(context, &FIVE, Script::new(1))?;
                    context.forget(dropped)?;
                    context.register_all(&FIVE)?;
                    once_each(context)?;

                    holding(context, &FIVE, Script::new(1).says(dropped, Ok(false)))?;
                    context.signal_all("SIGTERM")?;
                    context.swap(Script::new(2))?;
                    context.register_all(&FIVE)?;
                    once_each(context)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTER_IS_IDEMPOTENT,
            "any-leader-pid",
            "Leader pids at every edge, each registered twice, must be listed once each.",
            &[Need::Sandbox],
            |context| {
                holding(context, &EDGES.map(|leader_pid| (leader_pid, "once")), Script::new(1))?;
                context.register_all(&EDGES.map(|leader_pid| (leader_pid, "twice")))?;
                once_each(context)
            },
        ),
        Case::new(
            REGISTER_IS_IDEMPOTENT,
            "a-thousand",
            "A thousand groups, each registered twice, must be listed once each.",
            &[],
            |context| {
                let mut entries = thousand();
                holding(context, &entries, Script::new(1))?;
                entries.reverse();
                context.register_all(&entries)?;
                once_each(context)
            },
        ),
    ]
}

fn once_each(context: &mut Context) -> Result {
    let entries = context.entries()?;
    context.expect_none("one entry for each leader pid, however often it was registered", doubled(&entries))
}
