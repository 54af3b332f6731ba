//! Calls that are under way at the same time: each is made, and none is joined to another.
//!
//! Members watch, so that every signal of a round is seen: signals of different numbers never coalesce. Two
//! calls with one name for one group may send signals that do, so a round never makes both.

use super::{LISTED, expect_sound, in_growing_rounds, owed_text, said, sound_alone};
use crate::cases::checks::WATCHABLE;
use crate::cases::{Case, Need};
use crate::contract::SAFE_TO_SHARE;
use crate::harness::{Abort, Context, Group, Lineage, Result, Shape, Snapshot, answer_text, question_text};
use crate::subject::wire::Question;
use crate::testbed::protocol::signal_name;
use process_groups::model::Answer;
use std::time::Duration;

/// How long the rounds of a case may take: a subject that serves one call after the other gets fewer.
const TIME: Duration = Duration::from_secs(2);
/// How many calls a fast subject gets in all.
const CALLS: usize = 720;

/// The cases about calls that are joined.
pub fn cases() -> Vec<Case> {
    vec![
        joining(
            "names-for-one-group",
            "Two and three different names at once for one group, each once a round: every member receives each.",
            1,
            |round| {
                let count = 2 + round % 2;
                (0..count).map(|index| WATCHABLE[(round / 2 + index) % WATCHABLE.len()].0).collect()
            },
        ),
        joining(
            "names-for-many-groups",
            "Three different names at once for each of up to sixteen groups, each once a round: every member \
             of every group receives each.",
            16,
            |_| WATCHABLE.map(|(name, _)| name).into(),
        ),
        joining(
            "one-name-for-many-groups",
            "One name at once for each of up to sixteen groups: every member of every group receives it.",
            16,
            |round| vec![WATCHABLE[round % WATCHABLE.len()].0],
        ),
        joining(
            "valid-and-unknown-names",
            "A valid and an unknown name at once for each of up to eight groups: the one is delivered, the \
             other refused.",
            8,
            |round| vec![WATCHABLE[round % WATCHABLE.len()].0, "SIGFOO"],
        ),
    ]
}

/// A case that asks in rounds with each name that `names` gives for the round, for each of up to `most`
/// groups, all at once.
fn joining(
    own_name: &str,
    about: &str,
    most: usize,
    names: impl Fn(usize) -> Vec<&'static str> + Send + Sync + 'static,
) -> Case {
    Case::new(SAFE_TO_SHARE, own_name, about, &[Need::RightAlone], move |context| {
        let shape = Shape::alone().with(Lineage::Child);
        expect_all_sound(context, &shape)?;
        let groups = (0..most).map(|_| context.group(&shape)).collect::<Result<Vec<_>>>()?;
        let mut snapshot = context.snapshot()?;
        let mut rounds = 0..;
        in_growing_rounds(1..=most, CALLS, TIME, |size| {
            let names = names(rounds.next().unwrap_or_default());
            snapshot = together(context, &groups[..size], &names, &snapshot)?;
            Ok(size * names.len())
        })
    })
}

/// Asks with each of `names` for each of `groups`, all at once, and ends the case unless each call has the
/// answer and the effect that it has alone. Compares with what was seen `before`, and returns what is seen
/// now.
fn together(context: &mut Context, groups: &[Group], names: &[&str], before: &Snapshot) -> Result<Snapshot> {
    let each = |group| names.iter().map(move |&name| (group, name));
    let mut calls: Vec<_> = groups.iter().flat_map(each).collect();
    context.rng().shuffle(&mut calls);
    let questions: Vec<_> = calls.iter().map(|(group, name)| Question::new(group.id, *name)).collect();
    let answers = context.ask_all(&questions, questions.len())?;
    let after = context.snapshot()?;
    let newly = |pid| after.signals(pid).into_iter().skip(before.signals(pid).len());
    let mut problems = Vec::new();
    for (((group, name), question), answered) in calls.iter().zip(&questions).zip(&answers) {
        let answer = &answered.line.answer;
        let signal = signal_of(name);
        let call = format!("{} was answered {}", question_text(question), answer_text(answer));
        let owed = if signal.is_some() { Answer::Delivered } else { Answer::Failed };
        if said(answer) != owed {
            problems.push(format!("{call}; alone it is {}", owed_text(owed)));
        }
        let missed = |pid: &&u32| signal.is_some_and(|signal| newly(**pid).all(|other| other != signal));
        let missed = group.members.iter().filter(missed);
        problems
            .extend(missed.map(|&pid| format!("{call}, and {} did not receive it", context.name_of(pid))));
    }
    let asked_for = |signal: &i32| names.iter().any(|name| signal_of(name) == Some(*signal));
    for &pid in groups.iter().flat_map(|group| &group.members) {
        let strange = newly(pid).filter(|signal| !asked_for(signal)).map(signal_name);
        problems.extend(strange.map(|name| format!("{} received {name}", context.name_of(pid))));
    }
    problems.truncate(LISTED);
    let expected =
        "each call has the answer and the effect that it has alone, whatever is asked for at the same time";
    context.expect_none(expected, problems)?;
    Ok(after)
}

/// Skips the case if a call alone has not the answer and the effect that it should have.
fn expect_all_sound(context: &mut Context, shape: &Shape) -> Result {
    let mut calls = Vec::new();
    for named in WATCHABLE {
        let group = context.group(shape)?;
        expect_sound(context, &group, named)?;
        calls.push((Question::new(group.id, named.0), Answer::Delivered));
    }
    calls.push((Question::new(calls[0].0.leader_pid, "SIGFOO"), Answer::Failed));
    if sound_alone(context, &calls)?.len() == calls.len() {
        return Ok(());
    }
    Err(Abort::Lacks(Need::RightAlone, "it does not answer rightly for a live group".to_owned()))
}

fn signal_of(name: &str) -> Option<i32> {
    WATCHABLE.iter().find(|(other, _)| *other == name).map(|&(_, signal)| signal)
}
