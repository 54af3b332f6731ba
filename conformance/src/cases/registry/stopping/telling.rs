//! What is told of each entry, and which entries are held then.

use super::super::checks::{FIVE, odd_texts};
use super::{
    LONG, SHORT, STOPPING, at, each, exit, exited, five, listed_otherwise, refused, register, wrong_endings,
};
use crate::cases::Case;
use crate::contract::STOP_TELLS_HOW_EACH_ENDED;
use crate::subject::registry::script::Script;
use crate::subject::registry::wire::{Ending, Operation, Target};

/// How one of three groups behaves, and what is owed for it.
#[derive(Clone, Copy, Debug)]
enum Way {
    HadExited,
    Exits,
    IsKilled,
    IsGoneByThen,
    Refuses,
    RefusesSigterm,
    RefusesSigtermAndExits,
}

const WAYS: [Way; 7] = [
    Way::HadExited,
    Way::Exits,
    Way::IsKilled,
    Way::IsGoneByThen,
    Way::Refuses,
    Way::RefusesSigterm,
    Way::RefusesSigtermAndExits,
];

impl Way {
    /// What its signaller says before and after it exits, if it does.
    fn script(self, script: Script, leader_pid: u32) -> Script {
        match self {
            Way::HadExited => script.says(leader_pid, Ok(false)),
            Way::Exits | Way::IsKilled => script,
            Way::IsGoneByThen => script.says_to_kill(leader_pid, Ok(false)),
            Way::Refuses => script.says(leader_pid, refused()).says_to_kill(leader_pid, Err(LAST.to_owned())),
            Way::RefusesSigterm => script.says(leader_pid, refused()).says_to_kill(leader_pid, Ok(true)),
            Way::RefusesSigtermAndExits => script.says(leader_pid, refused()),
        }
    }

    fn ending(self) -> Ending {
        match self {
            Way::HadExited | Way::Exits | Way::IsGoneByThen | Way::RefusesSigtermAndExits => Ending::Exited,
            Way::IsKilled | Way::RefusesSigterm => Ending::Killed,
            Way::Refuses => Ending::Failed(LAST.to_owned()),
        }
    }
}

/// What is told of a group that refuses: not what it said to SIGTERM.
const LAST: &str = "connection lost";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            STOP_TELLS_HOW_EACH_ENDED,
            "each-mixture",
            "Three groups with every mixture of: had exited, exits, is killed, is gone when SIGKILL comes, \
             refuses both, refuses SIGTERM and is killed or exits. Each is told as it ended, and exactly what has exited is \
             dropped.",
            STOPPING,
            |context| {
                let mixtures = WAYS
                    .iter()
                    .flat_map(|a| WAYS.iter().flat_map(move |b| WAYS.iter().map(move |c| [*a, *b, *c])));
                for ways in mixtures {
                    let three = FIVE.iter().map(|entry| entry.0).zip(ways);
                    let script =
                        three.clone().fold(Script::new(1), |script, (pid, way)| way.script(script, pid));
                    context.registry(script.clone())?;
                    context.register_all(&FIVE[..3])?;
                    let targets = context.targets()?;
                    let exiting: Vec<u32> = three
                        .filter(|(_, way)| matches!(way, Way::Exits | Way::RefusesSigtermAndExits))
                        .map(|(pid, _)| pid)
                        .collect();
                    let then = exiting
                        .iter()
                        .fold(script.exited(&exiting), |script, pid| script.says(*pid, Ok(false)));
                    let stopping = context.stop_all(SHORT, &[Operation::Script(then)])?;
                    let owed: Vec<(Target, Ending)> =
                        targets.into_iter().zip(ways.map(Way::ending)).collect();
                    let held = owed.iter().filter(|(_, ending)| *ending != Ending::Exited);
                    let held: Vec<Target> = held.map(|(target, _)| target.clone()).collect();
                    let mut problems = wrong_endings(&stopping, &owed);
                    problems.extend(listed_otherwise(context, &held)?);
                    context.expect_none(TOLD, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_TELLS_HOW_EACH_ENDED,
            "any-message",
            "SIGKILL fails with messages that somebody might trim, cut or wrap: each is told unchanged.",
            STOPPING,
            |context| {
                for message in odd_texts() {
                    let script = Script::new(1).says_to_kill(FIVE[2].0, Err(message.clone()));
                    let targets = five(context, script)?;
                    let stopping = context.stop_all(std::time::Duration::ZERO, &[])?;
                    let mut owed = each(&targets, &Ending::Killed);
                    owed[2].1 = Ending::Failed(message);
                    context.expect_none(TOLD, wrong_endings(&stopping, &owed))?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_TELLS_HOW_EACH_ENDED,
            "newcomers",
            "Two groups are registered while five are waited for: they are told last, as not asked.",
            STOPPING,
            |context| {
                for exiting in [&[][..], &[0, 4]] {
                    let targets = five(context, Script::new(1))?;
                    let meanwhile =
                        [exit(&at(exiting)), register(4_200_600, "top"), register(4_200_050, "man")];
                    let stopping = context.stop_all(SHORT, &meanwhile)?;
                    let mut owed = each(&targets, &Ending::Killed);
                    exiting.iter().for_each(|place| owed[*place].1 = Ending::Exited);
                    let listed = context.targets()?;
                    let newcomers = listed.iter().filter(|target| !targets.contains(target)).cloned();
                    owed.extend(each(&newcomers.collect::<Vec<_>>(), &Ending::NotAsked));
                    let mut problems = wrong_endings(&stopping, &owed);
                    if owed.len() != targets.len() + 2 {
                        problems.push("the two newcomers are not listed".to_owned());
                    }
                    context.expect_none(TOLD, problems)?;
                }
                Ok(())
            },
        ),
        Case::new(
            STOP_TELLS_HOW_EACH_ENDED,
            "one-after-the-other",
            "What was killed is stopped once more when it is gone: it is told as exited, and dropped.",
            STOPPING,
            |context| {
                let targets = five(context, Script::new(1))?;
                let stopping = context.stop_all(SHORT, &[])?;
                context.expect_none(TOLD, wrong_endings(&stopping, &each(&targets, &Ending::Killed)))?;
                context.script(exited(&at(&[0, 1, 2, 3, 4])))?;
                let stopping = context.stop_all(LONG, &[])?;
                let mut problems = wrong_endings(&stopping, &each(&targets, &Ending::Exited));
                problems.extend(listed_otherwise(context, &[])?);
                context.expect_none(TOLD, problems)
            },
        ),
    ]
}

const TOLD: &str = "one result an entry, in order, as it ended; and what has exited is dropped, nothing else";
