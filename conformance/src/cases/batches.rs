//! Many groups asked for in one batch, by one call of `signal_each`: what is owed to each of them alone.

mod answers;
mod situations;

use super::checks::{FOUR, WATCHABLE, missed, strange, surplus, touched};
use super::{Case, Need};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, DELIVERS_TO_EVERY_MEMBER, Requirement, SAFE_TO_SHARE,
    SPARES_OTHER_GROUPS,
};
use crate::harness::{
    Abort, Context, Group, Lineage, Problem, Problems, Result, SHOWN, Session, Shape, Snapshot, answer_text,
    question_text,
};
use crate::report::symptom::AnswerKind;
use crate::subject::wire::{Question, SignalResult};
use crate::testbed::protocol::Place;

/// What each case of this family is called, after its requirement.
const OWN_NAME: &str = "in-one-batch";

/// How many groups a large batch has: more than a hundred, and a number that no number of workers divides.
const MANY: u32 = 131;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = vec![delivers(), delivers_once(), delivers_the_named_signal(), spares_other_groups()];
    cases.extend(answers::cases());
    cases.extend(situations::cases());
    cases.push(safe_to_share());
    cases
}

fn batch(
    requirement: &'static Requirement,
    about: &str,
    needs: &[Need],
    run: impl Fn(&mut Context) -> Result + Send + Sync + 'static,
) -> Case {
    let needs = [&[Need::Batches], needs].concat();
    Case::new(requirement, OWN_NAME, format!("By one call of `signal_each`: {about}"), &needs, run)
}

fn delivers() -> Case {
    batch(
        DELIVERS_TO_EVERY_MEMBER,
        "groups of every kind, the largest id first, and up to 131 groups. Each member of each has received it when \
         the answers come.",
        &[],
        |context| {
            let expect_reached = |context: &mut Context, groups: &[Group], (name, signal)| {
                let _ = context.ask_each(&ids(groups), name)?;
                let snapshot = context.snapshot()?;
                let missed = groups.iter().flat_map(|group| missed(context, &snapshot, group, signal, 1));
                let missed: Problems = missed.collect();
                expect_none(context, "every live member of each group has received the signal", missed)
            };
            for named in FOUR {
                let mut groups = of_every_make(context)?;
                groups.sort_by_key(|group| std::cmp::Reverse(group.id));
                expect_reached(context, &groups, named)?;
            }
            let count = batch_size(context, MANY)?;
            let many = (0..count).map(|_| context.group(&Shape::alone())).collect::<Result<Vec<_>>>()?;
            expect_reached(context, &many, FOUR[0])
        },
    )
}

fn delivers_once() -> Case {
    batch(
        DELIVERS_ONCE,
        "live groups beside exited ones. No member receives the signal twice, not a moment later either.",
        &[],
        |context| {
            let groups = of_every_make(context)?;
            let gone = context.exited_group(&Shape::alone())?;
            context.let_members_go_first()?;
            for (name, _) in WATCHABLE {
                let _ = context.ask_each(&[&ids(&groups)[..], &[gone.id]].concat(), name)?;
            }
            context.wait_for_latecomers();
            let snapshot = context.snapshot()?;
            let of_each = |&(_, signal): &(&str, i32)| -> Vec<Problem> {
                groups.iter().flat_map(|group| surplus(context, &snapshot, group, signal, 1)).collect()
            };
            let problems: Problems = WATCHABLE.iter().flat_map(of_each).collect();
            expect_none(context, "each member receives each signal once", problems)
        },
    )
}

fn delivers_the_named_signal() -> Case {
    batch(
        DELIVERS_THE_NAMED_SIGNAL,
        "batch after batch, each with another name for other groups. Each receives the name of its own batch.",
        &[],
        |context| {
            let mut batches = Vec::new();
            for call in FOUR.into_iter().chain(FOUR) {
                let groups: Vec<_> = (0..3)
                    .map(|_| context.group(&Shape::alone().with(Lineage::Child)))
                    .collect::<Result<_>>()?;
                batches.push((groups, call));
            }
            for (groups, (name, _)) in &batches {
                let _ = context.ask_each(&ids(groups), name)?;
            }
            let snapshot = context.snapshot()?;
            let others = batches.iter().flat_map(|(groups, (_, signal))| {
                groups.iter().flat_map(|group| strange(context, &snapshot, group, *signal))
            });
            let others: Problems = others.collect();
            expect_none(context, "each group receives the signal of its own batch alone", others)
        },
    )
}

fn spares_other_groups() -> Case {
    batch(
        SPARES_OTHER_GROUPS,
        "two live groups among ids that no group has any more, beside groups and processes of every kind.",
        &[Need::Sandbox],
        |context| {
            let targets = [context.group(&Shape::family())?, context.group(&Shape::alone())?];
            let before = beside_everybody(context)?;
            for (name, _) in WATCHABLE {
                let gone = [context.free_id()?, context.free_id()?];
                let batch = [gone[0], targets[0].id, gone[1], targets[1].id, context.free_id()?];
                let _ = context.ask_each(&batch, name)?;
            }
            let after = context.snapshot()?;
            let problems = touched(context, &before, &after, &targets.each_ref());
            expect_none(context, "nobody outside the groups of the batch receives anything", problems)
        },
    )
}

fn safe_to_share() -> Case {
    batch(
        SAFE_TO_SHARE,
        "four batches at once, each with another name for groups of its own. Each group gets its own answer and its \
         own signal.",
        &[Need::RightAlone],
        |context| {
            let alone = [context.group(&Shape::alone())?, context.exited_group(&Shape::alone())?];
            if context.ask_each(&ids(&alone), "SIGTERM")? != [Ok(true), Ok(false)] {
                let why = "it answers wrongly for one batch alone";
                return Err(Abort::Lacks(Need::RightAlone, why.to_owned()));
            }
            let mut rounds = 0;
            while context.another_round(rounds, 3, 12) {
                several_at_once(context)?;
                rounds += 1;
            }
            Ok(())
        },
    )
}

/// Asks four batches at once, of two live groups and one that has exited each.
fn several_at_once(context: &mut Context) -> Result {
    let mut batches = Vec::new();
    for (place, call) in FOUR.into_iter().enumerate() {
        let shape = Shape::alone().with(Lineage::Child);
        let live = [context.group(&shape)?, context.group(&shape)?];
        let mut batch = [context.exited_group(&Shape::alone())?.id, live[0].id, live[1].id];
        // An answer in another's place is to be seen.
        batch.rotate_right(place % 3);
        batches.push((live, batch, call));
    }
    let questions: Vec<_> =
        batches.iter().flat_map(|(_, batch, (name, _))| Question::batch(batch, name)).collect();
    let answers = context.ask_all(&questions, questions.len())?;
    let is_live = |id| batches.iter().any(|(live, ..)| live.iter().any(|group| group.id == id));
    let wrong = questions.iter().zip(answers).filter_map(|(question, answered)| {
        let (answer, owed) = (answered.line.answer, is_live(question.leader_pid));
        (answer != Ok(owed)).then(|| problem(question, &answer, Some(owed)))
    });
    let mut problems: Problems = wrong.collect();
    let snapshot = context.snapshot()?;
    for (live, _, (_, signal)) in &batches {
        for group in live {
            problems.extend(missed(context, &snapshot, group, *signal, 1));
            problems.extend(strange(context, &snapshot, group, *signal));
        }
    }
    expect_none(context, "each batch gets its own answers, and its groups their own signal", problems)
}

/// Live groups in every session, with members of every kind.
fn of_every_make(context: &mut Context) -> Result<Vec<Group>> {
    let sessions = [Session::Callers, Session::Own, Session::Windows];
    let shapes = sessions.map(|session| Shape::family().session(session)).into_iter();
    shapes.chain([Shape::alone()]).map(|shape| context.group(&shape)).collect()
}

/// How many groups a batch may have, at most `most`, so that a subject which asks for one after the other
/// answers within half of the time limit.
fn batch_size(context: &mut Context, most: u32) -> Result<u32> {
    let leader_pid = context.free_id()?;
    let limit = context.settings().timeout / 2;
    let mut fastest = limit;
    for _ in 0..5 {
        fastest = fastest.min(context.ask_timed(leader_pid, "SIGTERM")?.1);
    }
    let in_time = limit.as_micros() / fastest.as_micros().max(1);
    Ok(u32::try_from(in_time).unwrap_or(most).clamp(2, most))
}

/// Makes groups and processes that a faulty subject may hit, starts the subject, and looks at all of them.
fn beside_everybody(context: &mut Context) -> Result<Snapshot> {
    of_every_make(context)?;
    context.bystander("a process in the agent's own group", None, Place::Parents, None)?;
    context.start()?;
    context.snapshot()
}

fn ids(groups: &[Group]) -> Vec<u32> {
    groups.iter().map(|group| group.id).collect()
}

/// Ends the case unless there is no problem. Of many it lists a few.
fn expect_none(context: &mut Context, expected: &str, mut problems: Problems) -> Result {
    problems.truncate(SHOWN);
    context.expect_none(expected, problems)
}

/// The problem that a question of a batch was answered so.
fn problem(question: &Question, answer: &SignalResult, owed: Option<bool>) -> Problem {
    let owed = owed.map_or(AnswerKind::Failed, |owed| AnswerKind::of(&Ok(owed)));
    let text = format!("{} answered {}", question_text(question), answer_text(answer));
    Problem::answer(Some(owed), answer, text)
}
