//! Every registered leader pid stands in the list, once.

use super::checks::{EDGES, FIVE, doubled, holding, missing, odd_texts, pids, thousand};
use crate::cases::{Case, Need};
use crate::harness::{Bed, Step};
use crate::subject::registry::script::Script;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    tracks().into_iter().chain(is_idempotent()).collect()
}

fn tracks() -> Vec<Case> {
    let listed = "an entry for each leader pid registered so far";
    vec![
        Case::new(
            "register-tracks/one-after-another",
            "Five groups are registered; after each the list must show it and all before it, at once.",
            &[],
            move |bed| {
                bed.registry(Script::new(1))?;
                for (place, &(leader_pid, label)) in FIVE.iter().enumerate() {
                    bed.register(leader_pid, label)?;
                    let entries = bed.entries()?;
                    bed.expect_none(listed, missing(&entries, &pids(&FIVE[..=place])))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "register-tracks/equal-labels",
            "Groups with the same label, then with an empty one, are groups of their own: each must be listed.",
            &[],
            move |bed| {
                for label in ["make", ""] {
                    let entries = FIVE.map(|(leader_pid, _)| (leader_pid, label));
                    tracks_all(bed, &entries)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "register-tracks/any-label",
            "Whatever the label holds (nothing, line ends, NUL, other scripts, 65,537 characters), the group must \
             be listed.",
            &[],
            |bed| {
                let entries: Vec<_> = (4_200_000..).zip(odd_texts()).collect();
                tracks_all(bed, &entries)
            },
        ),
        Case::new(
            "register-tracks/any-leader-pid",
            "Leader pids at every edge, some of them equal in their last 8, 16 or 31 bits, must each be listed: \
             which of them can be signalled is for the signaller to say.",
            &[Need::Sandbox],
            |bed| tracks_all(bed, &EDGES.map(|leader_pid| (leader_pid, "edge"))),
        ),
        Case::new(
            "register-tracks/a-thousand",
            "A thousand groups must all be listed: no capacity is foreseen.",
            &[],
            |bed| tracks_all(bed, &thousand()),
        ),
        Case::new(
            "register-tracks/whatever-the-signaller-says",
            "Groups of which the signaller would say exited, or which it could not ask for, must be listed: only \
             `signal_all` asks.",
            &[],
            move |bed| {
                let dead = Script::new(1).otherwise(Ok(false));
                let unreachable = Script::new(1).otherwise(Err("connection lost".to_owned()));
                let panicking = FIVE.iter().fold(Script::new(1), |script, (pid, _)| script.panics(*pid));
                for script in [dead, unreachable, panicking] {
                    holding(bed, &FIVE, script)?;
                    let entries = bed.entries()?;
                    bed.expect_none(listed, missing(&entries, &pids(&FIVE)))?;
                }
                Ok(())
            },
        ),
        Case::new(
            "register-tracks/again-after-it-was-dropped",
            "A leader pid that was forgotten, or dropped since its group had exited, must be listed once it is \
             registered again; so must new ones, after a cycle and after a swap of the signaller.",
            &[],
            move |bed| {
                for (dropped, _) in FIVE {
                    holding(bed, &FIVE, Script::new(1))?;
                    bed.forget(dropped)?;
                    bed.register(dropped, "again")?;
                    let entries = bed.entries()?;
                    bed.expect_none(listed, missing(&entries, &pids(&FIVE)))?;

                    holding(bed, &FIVE, Script::new(1).says(dropped, Ok(false)))?;
                    bed.signal_all("SIGTERM")?;
                    bed.register(dropped, "again")?;
                    bed.register(4_200_600, "new after the cycle")?;
                    bed.swap(Script::new(2))?;
                    bed.register(4_200_700, "new after the swap")?;
                    let entries = bed.entries()?;
                    let expected = [&pids(&FIVE)[..], &[4_200_600, 4_200_700]].concat();
                    bed.expect_none(listed, missing(&entries, &expected))?;
                }
                Ok(())
            },
        ),
    ]
}

fn tracks_all<L: AsRef<str>>(bed: &mut Bed, groups: &[(u32, L)]) -> Step {
    holding(bed, groups, Script::new(1))?;
    let entries = bed.entries()?;
    bed.expect_none("an entry for each registered leader pid", missing(&entries, &pids(groups)))
}

fn is_idempotent() -> Vec<Case> {
    vec![
        Case::new(
            "register-is-idempotent/the-same-again",
            "Registered again with the same label, at once, later and a hundred times, a leader pid must be listed \
             once.",
            &[],
            |bed| {
                bed.registry(Script::new(1))?;
                let twice = FIVE.into_iter().flat_map(|entry| [entry, entry]);
                bed.register_all(&twice.cycle().take(1_000).collect::<Vec<_>>())?;
                once_each(bed)
            },
        ),
        Case::new(
            "register-is-idempotent/with-another-label",
            "Registered again with another label, its neighbour's or none, a leader pid must be listed once.",
            &[],
            |bed| {
                for label in ["another", "vim", "", "MAKE"] {
                    holding(bed, &FIVE, Script::new(1))?;
                    bed.register_all(&FIVE.map(|(leader_pid, _)| (leader_pid, label)))?;
                    once_each(bed)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "register-is-idempotent/after-changes",
            "An entry that moved up since another was forgotten or dropped must still be found when it is \
             registered again, and so must all after a cycle and a swap of the signaller.",
            &[],
            |bed| {
                for (dropped, _) in FIVE {
                    holding(bed, &FIVE, Script::new(1))?;
                    bed.forget(dropped)?;
                    bed.register_all(&FIVE)?;
                    once_each(bed)?;

                    holding(bed, &FIVE, Script::new(1).says(dropped, Ok(false)))?;
                    bed.signal_all("SIGTERM")?;
                    bed.swap(Script::new(2))?;
                    bed.register_all(&FIVE)?;
                    once_each(bed)?;
                }
                Ok(())
            },
        ),
        Case::new(
            "register-is-idempotent/any-leader-pid",
            "Leader pids at every edge, each registered twice, must be listed once each.",
            &[Need::Sandbox],
            |bed| {
                holding(bed, &EDGES.map(|leader_pid| (leader_pid, "once")), Script::new(1))?;
                bed.register_all(&EDGES.map(|leader_pid| (leader_pid, "twice")))?;
                once_each(bed)
            },
        ),
        Case::new(
            "register-is-idempotent/a-thousand",
            "A thousand groups, each registered twice, must be listed once each.",
            &[],
            |bed| {
                let mut entries = thousand();
                holding(bed, &entries, Script::new(1))?;
                entries.reverse();
                bed.register_all(&entries)?;
                once_each(bed)
            },
        ),
    ]
}

fn once_each(bed: &mut Bed) -> Step {
    let entries = bed.entries()?;
    bed.expect_none("one entry for each leader pid, however often it was registered", doubled(&entries))
}
