//! `safe-to-share`: asked from many threads at once, each thread gets its own right answer.

mod joining;
mod orders;
mod parallel;

use crate::cases::checks::{FOUR, WATCHABLE, missed, strange};
use crate::cases::refused::{refused_group, start_refused};
use crate::cases::{Case, Need};
use crate::contract::SAFE_TO_SHARE;
use crate::harness::{Abort, Context, Group, Lineage, Problems, Result, Shape, answer_text, question_text};
use crate::subject::wire::{LARGEST_ID, Question, SignalResult};
use process_groups::model::Answer;
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

/// How long a crowd may take, for a subject that answers one after the other.
const TIME: Duration = Duration::from_secs(3);
/// How many questions a fast subject is asked in all.
const MANY: usize = 500;
/// How many wrong answers a message lists.
const LISTED: usize = 6;

/// What was answered, as the model has it.
fn said(answer: &SignalResult) -> Answer {
    match answer {
        Ok(true) => Answer::Delivered,
        Ok(false) => Answer::Exited,
        Err(_) => Answer::Failed,
    }
}

fn owed_text(owed: Answer) -> &'static str {
    match owed {
        Answer::Delivered => "Ok(true), delivered",
        Answer::Exited => "Ok(false), exited",
        Answer::Failed => "Err",
    }
}

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = [("two", 2), ("eight", 8), ("sixty-four", 64)]
        .into_iter()
        .map(|(own_name, at_once)| {
            Case::new(
                SAFE_TO_SHARE,
                format!("{own_name}-at-once"),
                format!(
                    "Up to {at_once} calls at once, for live and exited groups, ids that no group has, pids \
                     of members, and with unknown names: each answer is the one that the call gets alone."
                ),
                &[Need::RightAlone],
                move |context| {
                    let calls = mixed(context)?;
                    crowd(context, &calls, at_once)
                },
            )
        })
        .collect();
    cases.extend(joining::cases());
    cases.extend(parallel::cases());
    cases.extend(more());
    cases
}

fn more() -> Vec<Case> {
    vec![
        Case::new(
            SAFE_TO_SHARE,
            "first-calls-at-once",
            "The first calls that a subject gets are eight at once, for live and exited groups: what it makes ready for \
             the first is ready for the others, too.",
            &[Need::RightAlone],
            |context| {
                let (live, gone) =
                    (context.group(&Shape::family())?.id, context.exited_group(&Shape::alone())?.id);
                let owed = |name| {
                    [
                        (Question::new(live, name), Answer::Delivered),
                        (Question::new(gone, name), Answer::Exited),
                    ]
                };
                let names = WATCHABLE.into_iter().chain([WATCHABLE[0]]);
                let calls: Vec<_> = names.flat_map(|(name, _)| owed(name)).collect();
                match round(context, &calls, calls.len()) {
                    // Who does not answer rightly alone either is told so elsewhere.
                    Err(Abort::Breach(finding))
                        if finding.protocol.is_none()
                            && sound_alone(context, &calls)?.len() < calls.len() =>
                    {
                        let why = "it does not answer each of them rightly alone";
                        Err(Abort::Lacks(Need::RightAlone, why.to_owned()))
                    }
                    ended => ended,
                }
            },
        ),
        Case::new(
            SAFE_TO_SHARE,
            "refused-and-exited",
            "Groups that may not be signalled and groups that have exited, at once: no refusal becomes an exit.",
            &[Need::Refusal, Need::RightAlone],
            |context| {
                let refused =
                    [refused_group(context, &Shape::alone())?, refused_group(context, &Shape::family())?];
                let mut calls = Vec::new();
                for _ in 0..3 {
                    calls.push((
                        Question::new(context.exited_group(&Shape::alone())?.id, "SIGTERM"),
                        Answer::Exited,
                    ));
                }
                start_refused(context, &refused)?;
                calls.extend(refused.iter().map(|group| (Question::new(group.id, "SIGHUP"), Answer::Failed)));
                crowd(context, &calls, 32)
            },
        ),
        Case::new(
            SAFE_TO_SHARE,
            "one-group",
            "Every call is for the same live group, with different names.",
            &[Need::RightAlone],
            |context| {
                let group = context.group(&Shape::family())?;
                let calls: Vec<_> = WATCHABLE
                    .iter()
                    .map(|(name, _)| (Question::new(group.id, *name), Answer::Delivered))
                    .collect();
                crowd(context, &calls, 32)?;
                let snapshot = context.snapshot()?;
                let problems =
                    WATCHABLE.iter().flat_map(|&(_, signal)| missed(context, &snapshot, &group, signal, 1));
                let problems: Problems = problems.collect();
                context.expect_none("each member received each of the signals", problems)
            },
        ),
        Case::new(
            SAFE_TO_SHARE,
            "each-its-own-signal",
            "Different groups at once, each with a name of its own: each receives its signal and no other's.",
            &[Need::RightAlone],
            |context| {
                let alone = context.group(&Shape::alone().with(Lineage::Child))?;
                expect_sound(context, &alone, FOUR[0])?;
                let mut groups = Vec::new();
                for index in 0..16 {
                    groups.push((
                        context.group(&Shape::alone().with(Lineage::Child))?,
                        FOUR[index % FOUR.len()],
                    ));
                }
                context.rng().shuffle(&mut groups);
                let questions: Vec<_> =
                    groups.iter().map(|(group, (name, _))| Question::new(group.id, *name)).collect();
                context.ask_all(&questions, questions.len())?;
                let snapshot = context.snapshot()?;
                let mut problems = Problems::default();
                for (group, (_, signal)) in &groups {
                    problems.extend(missed(context, &snapshot, group, *signal, 1));
                    problems.extend(strange(context, &snapshot, group, *signal));
                }
                problems.truncate(LISTED);
                context.expect_none("asked at once, each group receives the signal of its own call", problems)
            },
        ),
        Case::new(
            SAFE_TO_SHARE,
            "live-among-exited",
            "A few live groups among many calls for exited ones, all at once: none is lost.",
            &[Need::RightAlone],
            |context| {
                let mut calls = Vec::new();
                for index in 0..12 {
                    calls.push(match index % 4 {
                        0 => (context.group(&Shape::alone())?.id, Answer::Delivered),
                        _ => (context.exited_group(&Shape::alone())?.id, Answer::Exited),
                    });
                }
                let calls: Vec<_> =
                    calls.into_iter().map(|(id, owed)| (Question::new(id, "SIGTERM"), owed)).collect();
                crowd(context, &calls, 16)
            },
        ),
        Case::new(
            SAFE_TO_SHARE,
            "beside-impossible",
            "Live groups at once with leader pids that no group can have: 0, 1 and those beyond the largest. What \
             is wrong with one call is nothing to the others.",
            &[Need::Sandbox, Need::RightAlone],
            |context| {
                let live = || Ok((context.group(&Shape::alone())?.id, Answer::Delivered));
                let live: Vec<_> = std::iter::repeat_with(live).take(12).collect::<Result<_>>()?;
                let impossible = [0, 1, 1 << 31, u32::MAX].map(|id| (id, Answer::Failed));
                let calls = live.into_iter().chain(impossible);
                let calls: Vec<_> = calls.map(|(id, owed)| (Question::new(id, "SIGTERM"), owed)).collect();
                crowd(context, &calls, 16)
            },
        ),
        Case::new(
            SAFE_TO_SHARE,
            "one-answer-each",
            "Calls of every kind, eight at once: when all are answered, nothing more comes, not a moment later either.",
            &[Need::RightAlone],
            |context| {
                let calls = mixed(context)?;
                let sound = sound_alone(context, &calls)?;
                round(context, &sound, 8)?;
                context.wait_for_latecomers();
                context.expect_silence()
            },
        ),
        Case::new(
            SAFE_TO_SHARE,
            "any-id",
            "Questions whose ids in the stdio form are near 2^53 - 1, just above 2^32 and 0, open together.",
            &[Need::RightAlone],
            |context| {
                let calls = mixed(context)?;
                let sound = sound_alone(context, &calls)?;
                // None of these was asked with before: the context numbers from 0 on.
                for first in [1 << 31, (1 << 32) - 2, LARGEST_ID - 5] {
                    context.connection()?.number_from(first);
                    round(context, &sound[..sound.len().min(6)], 6)?;
                }
                Ok(())
            },
        ),
    ]
}

/// Calls of every kind, with what each is owed.
fn mixed(context: &mut Context) -> Result<Vec<(Question, Answer)>> {
    let live = context.group(&Shape::family())?;
    let other = context.group(&Shape::alone())?.id;
    let gone = context.exited_group(&Shape::alone())?.id;
    let missing = context.free_id()?;
    Ok(vec![
        (Question::new(live.id, "SIGTERM"), Answer::Delivered),
        (Question::new(gone, "SIGTERM"), Answer::Exited),
        (Question::new(live.id, "SIGFOO"), Answer::Failed),
        (Question::new(missing, "SIGKILL"), Answer::Exited),
        (Question::new(other, "SIGHUP"), Answer::Delivered),
        (Question::new(live.members[1], "SIGINT"), Answer::Exited),
        (Question::new(gone, "SIGBAR"), Answer::Failed),
    ])
}

/// Those of the calls that are answered rightly alone. About the others there is a case elsewhere.
fn sound_alone(context: &mut Context, calls: &[(Question, Answer)]) -> Result<Vec<(Question, Answer)>> {
    let mut sound = Vec::new();
    for (question, owed) in calls {
        let answer = context.ask(question.leader_pid, &question.signal_name)?;
        if said(&answer) == *owed {
            sound.push((question.clone(), *owed));
        }
    }
    // With one kind of answer there is nothing to mix up, but the answer may still be lost.
    if sound.is_empty() {
        return Err(Abort::Lacks(Need::RightAlone, "it answers none of them rightly".to_owned()));
    }
    Ok(sound)
}

/// Asks with `calls` in random order, more and more at once, up to `most` and as long as there is time, and
/// ends the case unless each answer is what the call is owed.
fn crowd(context: &mut Context, calls: &[(Question, Answer)], most: usize) -> Result {
    let sound = sound_alone(context, calls)?;
    in_growing_rounds(most.min(8)..=most, MANY, TIME, |at_once| {
        let questions: Vec<_> = (0..at_once * 2).map(|index| sound[index % sound.len()].clone()).collect();
        round(context, &questions, at_once)?;
        Ok(questions.len())
    })
}

/// Does rounds, each twice as large as the one before within `sizes`, until they have made `enough` calls or
/// there is no time for another. `round` is told how large it is, and returns how many calls it made.
fn in_growing_rounds(
    sizes: RangeInclusive<usize>,
    enough: usize,
    time: Duration,
    mut round: impl FnMut(usize) -> Result<usize>,
) -> Result {
    let began = Instant::now();
    let (mut size, mut calls) = (*sizes.start(), 0);
    loop {
        let before = began.elapsed();
        calls += round(size)?;
        let next = (began.elapsed() - before) * 2;
        if calls >= enough || began.elapsed() + next > time {
            return Ok(());
        }
        size = (size * 2).min(*sizes.end());
    }
}

/// Asks with `calls` in random order, so many at once.
fn round(context: &mut Context, calls: &[(Question, Answer)], at_once: usize) -> Result {
    let mut calls = calls.to_vec();
    context.rng().shuffle(&mut calls);
    let questions: Vec<_> = calls.iter().map(|(question, _)| question.clone()).collect();
    let answers = context.ask_all(&questions, at_once)?;
    let problems = calls.iter().zip(answers).filter_map(|((question, owed), answered)| {
        let answer = &answered.line.answer;
        (said(answer) != *owed).then(|| {
            let (question, answer) = (question_text(question), answer_text(answer));
            format!("{question} was answered {answer}; alone it is {}", owed_text(*owed))
        })
    });
    let problems: Problems = problems.take(LISTED).collect();
    context.expect_none(&format!("the answer that each call gets alone, {at_once} at once"), problems)
}

/// Skips the case if the subject does not deliver to a group alone.
fn expect_sound(context: &mut Context, group: &Group, (name, signal): (&str, i32)) -> Result {
    let _ = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    if missed(context, &snapshot, group, signal, 1).is_empty()
        && strange(context, &snapshot, group, signal).is_empty()
    {
        return Ok(());
    }
    Err(Abort::Lacks(Need::RightAlone, "it does not deliver rightly to one group".to_owned()))
}
