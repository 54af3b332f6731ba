//! What `signal_all` returns: one result an entry, each with its own answer.

use super::checks::{
    EDGES, FIVE, Round, answering, differing, holding, listed, missing, odd_texts, rows, thousand,
};
use crate::cases::{Case, Need};
use crate::contract::{ANSWERS_STAY_WITH_THEIR_ENTRY, REPORTS_EVERY_ENTRY};
use crate::harness::{Context, Result, entry_text, short_answer};
use crate::subject::registry::script::{Call, Script};
use crate::subject::registry::wire::Entry;
use crate::subject::wire::SignalResult;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    stay().into_iter().chain(reports()).collect()
}

/// An error that only the group of this leader pid gets.
fn own_error(leader_pid: u32) -> SignalResult {
    Err(format!("permission refused for group {leader_pid}"))
}

fn stay() -> Vec<Case> {
    vec![
        Case::new(
            ANSWERS_STAY_WITH_THEIR_ENTRY,
            "each-its-own",
            "Each of five groups gets an error of its own, or, wherever it stands, one of them another \
             answer: each result must bear the answer that was given for its leader pid.",
            &[],
            |context| {
                let errors = FIVE.map(|(leader_pid, _)| own_error(leader_pid));
                for place in 0..FIVE.len() {
                    for other in [Ok(true), Ok(false)] {
                        let mut answers = errors.clone();
                        answers[place] = other;
                        holding(context, &FIVE, answering(&FIVE, &answers))?;
                        own_answers(context)?;
                        own_answers(context)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            ANSWERS_STAY_WITH_THEIR_ENTRY,
            "after-changes",
            "The same after entries were forgotten, dropped, registered again and given equal labels, and \
             after the signaller was replaced.",
            &[],
            |context| {
                let script = |signaller| {
                    let script = Script::new(signaller).says(FIVE[2].0, Ok(false));
                    let others = FIVE.iter().filter(|(pid, _)| *pid != FIVE[2].0);
                    others.fold(script, |script, (pid, _)| script.says(*pid, own_error(*pid)))
                };
                holding(context, &FIVE, script(1))?;
                context.forget(FIVE[0].0)?;
                own_answers(context)?;
                context.register(FIVE[0].0, "again")?;
                context.register(FIVE[2].0, "again")?;
                own_answers(context)?;
                context.register_all(&FIVE.map(|(leader_pid, _)| (leader_pid, "same label")))?;
                own_answers(context)?;
                context.swap(script(2))?;
                own_answers(context)
            },
        ),
        Case::new(
            ANSWERS_STAY_WITH_THEIR_ENTRY,
            "any-leader-pid",
            "Leader pids at every edge, some of them equal in their last 8, 16 or 31 bits, each with an \
             answer of its own.",
            &[Need::Sandbox],
            |context| {
                let entries = EDGES.map(|leader_pid| (leader_pid, "edge"));
                let mut answers = EDGES.map(own_error);
                answers.iter_mut().step_by(3).for_each(|answer| *answer = Ok(true));
                holding(context, &entries, answering(&entries, &answers))?;
                own_answers(context)
            },
        ),
        Case::new(
            ANSWERS_STAY_WITH_THEIR_ENTRY,
            "a-thousand",
            "A thousand groups, every seventh delivered, every eleventh exited, the others with an error of \
             their own.",
            &[],
            |context| {
                let entries = thousand();
                let answer = |(place, (leader_pid, _)): (usize, &(u32, String))| match place {
                    place if place % 7 == 0 => Ok(true),
                    place if place % 11 == 0 => Ok(false),
                    _ => own_error(*leader_pid),
                };
                let answers: Vec<_> = entries.iter().enumerate().map(answer).collect();
                holding(context, &entries, answering(&entries, &answers))?;
                own_answers(context)?;
                own_answers(context)
            },
        ),
        wrong_length(
            "too-few",
            "A signaller that is asked for all groups at once answers for fewer: none, one, or all but one. \
             An entry without an answer is owed an error, and must stay in the list.",
            |count| (0..count).collect(),
        ),
        wrong_length(
            "too-many",
            "A signaller that is asked for all groups at once answers for more: by one, by two, or a \
             thousand. The surplus belongs to nobody: it may drop nobody.",
            |count| vec![count + 1, count + 2, count + 1_000],
        ),
        Case::new(
            ANSWERS_STAY_WITH_THEIR_ENTRY,
            "right-again",
            "After a batch of the wrong length the next one, of the right length, counts as ever.",
            &[],
            |context| {
                for count in [0, 3, 7] {
                    holding(context, &FIVE, Script::new(1).batch(vec![Ok(true); count]))?;
                    context.signal_all("SIGTERM")?;
                    let answers = FIVE.map(|(leader_pid, _)| own_error(leader_pid));
                    context.script(answering(&FIVE, &answers))?;
                    own_answers(context)?;
                }
                Ok(())
            },
        ),
    ]
}

/// A case in which `signal_each` answers for another number of groups than it is asked for.
fn wrong_length(name: &str, about: &str, lengths: fn(usize) -> Vec<usize>) -> Case {
    Case::new(ANSWERS_STAY_WITH_THEIR_ENTRY, name, about, &[], move |context| {
        for count in [1, 2, 5] {
            for length in lengths(count) {
                for kinds in [[Ok(false), Ok(true)], [Ok(true), Ok(false)], [Ok(false), Ok(false)]] {
                    let batch = kinds.into_iter().cycle().take(length).collect();
                    holding(context, &FIVE[..count], Script::new(1).batch(batch))?;
                    own_answers(context)?;
                }
            }
        }
        Ok(())
    })
}

/// Signals all, and ends the case if a result bears another answer than its entry got, or if an entry is
/// dropped for want of one. Where the number of answers was wrong, `Err` is right for every entry.
fn own_answers(context: &mut Context) -> Result {
    let Round { before, cycle, after } = Round::run(context, "SIGTERM")?;
    let given = cycle.given();
    let right_length =
        |call: &Call| call.answers.as_ref().is_some_and(|answers| answers.len() == call.leader_pids.len());
    let wrong_length = !cycle.calls.iter().all(right_length);
    let is_own = |leader_pid: u32, result: &SignalResult| match result {
        Err(_) if wrong_length => true,
        // Its words are for `failed-is-kept`, unless they are another's.
        Err(_) => {
            given.of(leader_pid).iter().any(|answer| answer.is_err())
                && (given.holds(leader_pid, result) || given.owners(result).next().is_none())
        }
        Ok(_) => given.holds(leader_pid, result),
    };
    let mut problems = Vec::new();
    for (entry, result) in &cycle.results {
        if !is_own(entry.leader_pid, result) {
            let (entry_is, result) = (entry_text(entry), short_answer(result));
            let answer = given.of(entry.leader_pid).first().map(|answer| short_answer(answer));
            let answer = answer.unwrap_or_else(|| "nothing".to_owned());
            problems
                .push(format!("{entry_is} has the result {result}; the signaller answered {answer} for it"));
        }
    }
    if wrong_length {
        let untold = before.iter().filter(|entry| cycle.answer(entry.leader_pid).is_none());
        problems.extend(untold.map(|entry| format!("{} has no result", entry_text(entry))));
        let kept = listed(&before).into_iter().filter(|&pid| !given.holds(pid, &Ok(false)));
        problems.extend(missing(&after, &kept.collect::<Vec<_>>()));
    }
    context.expect_none(
        "each result has the answer that the signaller gave for its entry, or Err if it gave none; and no \
         entry is dropped because its answer is missing or is another's",
        problems,
    )
}

fn reports() -> Vec<Case> {
    vec![
        Case::new(
            REPORTS_EVERY_ENTRY,
            "whatever-is-answered",
            "One to four groups with every mixture of delivered, exited and error: each must be in the \
             results, also those that are dropped.",
            &[],
            |context| {
                for count in 1..=4 {
                    for answers in rows(count, &[Ok(true), Ok(false), Err("connection lost".to_owned())]) {
                        holding(context, &FIVE[..count], answering(&FIVE, &answers))?;
                        reported(context)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_EVERY_ENTRY,
            "labels",
            "Labels of every kind, equal ones and ones that were changed, must be in the results as they \
             were at the call, also those of groups that are dropped.",
            &[],
            |context| {
                let entries: Vec<_> = (4_200_000..).zip(odd_texts()).collect();
                for answer in [Ok(true), Ok(false)] {
                    holding(context, &entries, Script::new(1).otherwise(answer))?;
                    reported(context)?;
                }
                holding(context, &FIVE.map(|(leader_pid, _)| (leader_pid, "same label")), Script::new(1))?;
                reported(context)?;
                context.register_all(&FIVE)?;
                reported(context)?;
                context.script(Script::new(1).otherwise(Ok(false)))?;
                context.register(FIVE[3].0, "newest")?;
                reported(context)
            },
        ),
        Case::new(
            REPORTS_EVERY_ENTRY,
            "cycle-after-cycle",
            "Each cycle drops one of five, wherever it stands, and a new signaller follows: each must report \
             what was listed when it began.",
            &[],
            |context| {
                for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 1, 3, 0, 4]] {
                    holding(context, &FIVE, Script::new(1))?;
                    for place in order {
                        context.swap(Script::new(2).says(FIVE[place].0, Ok(false)))?;
                        reported(context)?;
                    }
                    context.register_all(&FIVE)?;
                    reported(context)?;
                }
                Ok(())
            },
        ),
        Case::new(
            REPORTS_EVERY_ENTRY,
            "any-leader-pid",
            "Leader pids at every edge.",
            &[Need::Sandbox],
            |context| {
                holding(
                    context,
                    &EDGES.map(|leader_pid| (leader_pid, "edge")),
                    Script::new(1).otherwise(Ok(false)),
                )?;
                reported(context)
            },
        ),
        Case::new(
            REPORTS_EVERY_ENTRY,
            "a-thousand",
            "A thousand groups, every third of which has exited, twice.",
            &[],
            |context| {
                let entries = thousand();
                let answers: Vec<_> =
                    [Ok(false), Ok(true), Ok(true)].into_iter().cycle().take(1_000).collect();
                holding(context, &entries, answering(&entries, &answers))?;
                reported(context)?;
                reported(context)
            },
        ),
    ]
}

fn reported(context: &mut Context) -> Result {
    let round = Round::run(context, "SIGTERM")?;
    let entries: Vec<Entry> = round.cycle.results.into_iter().map(|(entry, _)| entry).collect();
    let problems = differing(&entries, &round.before);
    context.expect_none(
        "one result for each entry that was listed before, in that order, with its label",
        problems,
    )
}
