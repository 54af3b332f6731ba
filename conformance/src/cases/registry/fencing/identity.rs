//! Each registration has an incarnation, which is its owner's alone.

use super::super::checks::{FIVE, answering, odd_texts, thousand};
use super::{FENCING, kept, listed_otherwise, of_pid};
use crate::cases::Case;
use crate::contract::{
    NEW_OWNER_GETS_A_NEW_IDENTITY, REGISTRATION_HAS_AN_IDENTITY, SAME_OWNER_KEEPS_ITS_IDENTITY,
};
use crate::harness::{Context, Result, target_text};
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::Target;

/// The cases of the requirements on incarnations.
pub fn cases() -> Vec<Case> {
    let families = [of_each(), of_the_same_owner(), of_new_owners()];
    families.into_iter().flatten().collect()
}

fn of_each() -> Vec<Case> {
    vec![
        Case::new(
            REGISTRATION_HAS_AN_IDENTITY,
            "five",
            "Five groups, some of them under one label, have five incarnations, and the results of signal_all bear them.",
            FENCING,
            |context| {
                for entries in [FIVE, FIVE.map(|(leader_pid, _)| (leader_pid, "make"))] {
                    let targets = kept(context, &entries, Script::new(1))?;
                    let mut problems = repeated(&targets);
                    let cycle = context.signal_all("SIGTERM")?;
                    if !cycle.incarnations.iter().eq(targets.iter().map(|target| &target.incarnation)) {
                        let given = &cycle.incarnations;
                        problems.push(format!("the results bear {given:?}: not what was listed before"));
                    }
                    context.expect_none(EACH_ITS_OWN, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTRATION_HAS_AN_IDENTITY,
            "forgotten-and-back",
            "Whichever of five is forgotten and registered again, with the same label, is a new registration.",
            FENCING,
            |context| {
                for (leader_pid, label) in FIVE {
                    let mut seen = kept(context, &FIVE, Script::new(1))?;
                    for _ in 0..3 {
                        context.forget(leader_pid)?;
                        context.register(leader_pid, label)?;
                        is_new(context, &mut seen, leader_pid)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTRATION_HAS_AN_IDENTITY,
            "exited-and-back",
            "Whichever of five is dropped as exited and registered again, with the same label, is a new registration.",
            FENCING,
            |context| {
                for (leader_pid, label) in FIVE {
                    let mut seen = kept(context, &FIVE, Script::new(1).says(leader_pid, Ok(false)))?;
                    for _ in 0..3 {
                        context.signal_all("SIGTERM")?;
                        context.register(leader_pid, label)?;
                        is_new(context, &mut seen, leader_pid)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            REGISTRATION_HAS_AN_IDENTITY,
            "stays-meanwhile",
            "What happens to others, a signal and a new signaller leave an entry its incarnation.",
            FENCING,
            |context| {
                let answers = [Ok(true), Err("connection lost".to_owned()), Ok(true), Ok(true), Ok(true)];
                let mut owed = kept(context, &FIVE, answering(&FIVE, &answers))?;
                context.signal_all("SIGTERM")?;
                stays(context, &owed)?;
                context.swap(Script::new(2).says(FIVE[0].0, Ok(false)))?;
                stays(context, &owed)?;
                context.forget(FIVE[3].0)?;
                owed.remove(3);
                stays(context, &owed)?;
                context.signal_all("SIGTERM")?;
                owed.remove(0);
                stays(context, &owed)
            },
        ),
        Case::new(
            REGISTRATION_HAS_AN_IDENTITY,
            "a-thousand",
            "A thousand groups, each of which is forgotten and registered once more: two thousand incarnations.",
            FENCING,
            |context| {
                let entries = thousand();
                let mut seen = kept(context, &entries, Script::new(1))?;
                for (leader_pid, _) in &entries {
                    context.forget(*leader_pid)?;
                }
                context.register_all(&entries)?;
                seen.extend(context.targets()?);
                context.expect_none(EACH_ITS_OWN, repeated(&seen))
            },
        ),
    ]
}

const EACH_ITS_OWN: &str = "no two registrations of one registry have the same incarnation";
const STAYS: &str = "the same list as before, with the same incarnations";

fn of_the_same_owner() -> Vec<Case> {
    vec![
        Case::new(
            SAME_OWNER_KEEPS_ITS_IDENTITY,
            "each-place",
            "Whichever of five is registered again with its label, the list is the same.",
            FENCING,
            |context| {
                for again in FIVE {
                    let owed = kept(context, &FIVE, Script::new(1))?;
                    for _ in 0..2 {
                        context.register_all(&[again])?;
                        stays(context, &owed)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            SAME_OWNER_KEEPS_ITS_IDENTITY,
            "through-a-cycle-and-a-swap",
            "All are registered again after a signal, whatever was answered, and after a new signaller came.",
            FENCING,
            |context| {
                let answers = [Ok(true), Err("connection lost".to_owned()), Ok(true), Ok(true), Ok(true)];
                let owed = kept(context, &FIVE, answering(&FIVE, &answers))?;
                context.signal_all("SIGTERM")?;
                context.register_all(&FIVE)?;
                stays(context, &owed)?;
                context.swap(Script::new(2))?;
                context.register_all(&FIVE)?;
                stays(context, &owed)
            },
        ),
        Case::new(
            SAME_OWNER_KEEPS_ITS_IDENTITY,
            "again-and-again",
            "Five groups are registered a hundred times, as one does that reports all it has each time.",
            FENCING,
            |context| {
                let owed = kept(context, &FIVE, Script::new(1))?;
                for _ in 0..100 {
                    context.register_all(&FIVE)?;
                }
                stays(context, &owed)
            },
        ),
        Case::new(
            SAME_OWNER_KEEPS_ITS_IDENTITY,
            "any-label",
            "Labels that somebody might trim, cut or fold are the same when they come again.",
            FENCING,
            |context| {
                let entries = labelled();
                let owed = kept(context, &entries, Script::new(1))?;
                context.register_all(&entries)?;
                stays(context, &owed)
            },
        ),
    ]
}

fn of_new_owners() -> Vec<Case> {
    vec![
        Case::new(
            NEW_OWNER_GETS_A_NEW_IDENTITY,
            "each-place",
            "Whichever of five is registered again with another label gets a new incarnation where it \
             stands, and no other does.",
            FENCING,
            |context| {
                for place in 0..FIVE.len() {
                    let mut owed = kept(context, &FIVE, Script::new(1))?;
                    let mut seen = owed.clone();
                    for label in ["second", "third"] {
                        context.register(FIVE[place].0, label)?;
                        let now = is_new(context, &mut seen, FIVE[place].0)?;
                        owed[place] = now;
                        stays(context, &owed)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            NEW_OWNER_GETS_A_NEW_IDENTITY,
            "to-and-fro",
            "Two owners of a pid by turns: each turn is a registration of its own, also under a label that was there.",
            FENCING,
            |context| {
                let mut seen = kept(context, &FIVE, Script::new(1))?;
                for label in ["second", FIVE[2].1, "second", FIVE[2].1] {
                    context.register(FIVE[2].0, label)?;
                    is_new(context, &mut seen, FIVE[2].0)?;
                }
                Ok(())
            },
        ),
        Case::new(
            NEW_OWNER_GETS_A_NEW_IDENTITY,
            "labels-nearly-alike",
            "One pid under one label after another, which somebody might trim, cut or fold: each is another owner's.",
            FENCING,
            |context| {
                let mut seen = kept(context, &[(FIVE[0].0, "first")], Script::new(1))?;
                for label in odd_texts() {
                    context.register(FIVE[0].0, &label)?;
                    is_new(context, &mut seen, FIVE[0].0)?;
                }
                Ok(())
            },
        ),
    ]
}

/// An entry for each text that somebody might change.
fn labelled() -> Vec<(u32, String)> {
    odd_texts().into_iter().zip(4_200_000..).map(|(label, leader_pid)| (leader_pid, label)).collect()
}

/// A sentence for each incarnation that two of `targets` have.
fn repeated(targets: &[Target]) -> Vec<String> {
    let mut sorted: Vec<&Target> = targets.iter().collect();
    sorted.sort_by_key(|target| target.incarnation);
    let twice = sorted.windows(2).filter(|two| two[0].incarnation == two[1].incarnation);
    let sentence =
        |two: &[&Target]| format!("{} has the incarnation of {}", target_text(two[1]), target_text(two[0]));
    twice.map(sentence).take(4).collect()
}

/// Ends the case unless that leader pid is listed with an incarnation that none in `seen` has. Adds it there.
fn is_new(context: &mut Context, seen: &mut Vec<Target>, leader_pid: u32) -> Result<Target> {
    let targets = context.targets()?;
    let Some(target) = of_pid(&targets, leader_pid) else {
        let missing = vec![format!("leader pid {leader_pid} is not listed")];
        context.expect_none("the entry is listed", missing)?;
        return Ok(seen[0].clone());
    };
    let earlier = seen.iter().find(|earlier| earlier.incarnation == target.incarnation);
    let problem =
        earlier.map(|earlier| format!("{} has that of {}", target_text(target), target_text(earlier)));
    context.expect_none(
        "an incarnation that no registration of this registry had before",
        problem.into_iter().collect::<Vec<_>>(),
    )?;
    seen.push(target.clone());
    Ok(target.clone())
}

fn stays(context: &mut Context, owed: &[Target]) -> Result {
    let problems = listed_otherwise(context, owed)?;
    context.expect_none(STAYS, problems)
}
