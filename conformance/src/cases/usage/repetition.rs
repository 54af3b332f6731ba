//! `steady-under-repetition`: after a thousand calls the subject holds no more than before.

use crate::bed::{Bed, Kin, Problems, Shape, Step, answer_text, question_text};
use crate::cases::outcomes::{refused_group, start_refused};
use crate::cases::{Case, Need};
use crate::subject::wire::{Answer, Question};
use crate::testbed::protocol::{Conduct, Load};
use std::time::{Duration, Instant};

/// How many calls are open at once.
const AT_ONCE: usize = 8;
/// Calls before the first count, for a fast subject.
const WARM_UP: usize = 100;
/// Calls between the counts, for a fast subject.
const CALLS: usize = 1000;
/// What a fast subject may hold more after them. A pool that was not full after the warm-up may have grown by a
/// worker for each call that is open at once, each with a thread, a helper, or three pipes to one.
const GROWTH: usize = 4 * AT_ONCE;
/// How long the warm-up and the calls may take each: a slow subject gets fewer.
const TIME: Duration = Duration::from_millis(2500);
/// How long what was started for the last calls may take to go away.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it is looked whether it has.
const GLANCE: Duration = Duration::from_millis(20);

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    vec![
        steady("live", "for a live group", &[], |bed| {
            let group = bed.group(&Shape::alone().with(Kin::Child).all(Conduct::Ignores))?;
            Ok(vec![Question::new(group.id, "SIGTERM")])
        }),
        steady("exited", "for groups that have exited", &[], |bed| {
            let ids = [bed.exited_group(&Shape::alone())?.id, bed.exited_group(&Shape::family())?.id];
            Ok(ids.map(|id| Question::new(id, "SIGTERM")).into())
        }),
        steady("missing", "for ids that no group ever had, a new one each", &[], |bed| {
            let ids = (0..64).map(|_| bed.free_id()).collect::<Result<Vec<_>, _>>()?;
            Ok(ids.into_iter().map(|id| Question::new(id, "SIGKILL")).collect())
        }),
        steady("unreaped", "for a group whose members have exited and are not reaped", &[], |bed| {
            let group = bed.group(&Shape::family())?;
            bed.end_all(&group)?;
            Ok(vec![Question::new(group.id, "SIGINT")])
        }),
        steady("member", "for the pid of a process that leads no group", &[], |bed| {
            Ok(vec![Question::new(bed.group(&Shape::family())?.members[1], "SIGTERM")])
        }),
        steady("unknown-name", "with unknown names, for a live group and for an exited one", &[], |bed| {
            let ids = [bed.group(&Shape::alone())?.id, bed.exited_group(&Shape::alone())?.id];
            let names = ["SIGFOO", "sigterm", ""];
            Ok(ids.into_iter().flat_map(|id| names.map(|name| Question::new(id, name))).collect())
        }),
        steady("refused", "for a group that may not be signalled", &[], |bed| {
            let group = refused_group(bed, &Shape::family())?;
            start_refused(bed, std::slice::from_ref(&group))?;
            Ok(vec![Question::new(group.id, "SIGTERM")])
        }),
        steady("no-leader-pid", "for the leader pids 0, 1 and above 2147483647", &[Need::Sandbox], |_| {
            Ok([0, 1, 1 << 31, u32::MAX].map(|leader_pid| Question::new(leader_pid, "SIGFOO")).into())
        }),
        steady("mixed", "of every kind, mixed", &[], |bed| {
            let live = bed.group(&Shape::family().all(Conduct::Ignores))?;
            let gone = bed.exited_group(&Shape::alone())?.id;
            Ok(vec![
                Question::new(live.id, "SIGTERM"),
                Question::new(gone, "SIGKILL"),
                Question::new(live.id, "SIGFOO"),
                Question::new(live.members[1], "SIGINT"),
                Question::new(live.id, "SIGHUP"),
                Question::new(gone, "SIGFOO"),
            ])
        }),
        Case::new(
            "steady-under-repetition/many-groups",
            "A hundred groups, each signalled and then gone, then three hundred more: nothing is kept of each. A slow \
             subject gets fewer.",
            &[],
            |bed| {
                pass_by(bed, WARM_UP)?;
                expect_no_leak(bed, |bed| pass_by(bed, 3 * WARM_UP))
            },
        ),
        Case::new(
            "steady-under-repetition/ends-with-its-input",
            "After a few calls the subject's standard input ends: its process ends too, as the stdio form says.",
            &[],
            |bed| {
                let id = bed.free_id()?;
                let _ = bed.ask(id, "SIGTERM")?;
                let _ = bed.ask(id, "SIGFOO")?;
                bed.connection()?.end_input();
                bed.note("ended the subject's standard input".to_owned());
                let limit = bed.settings().timeout;
                if !bed.subject_state(limit)?.is_live() {
                    return Ok(());
                }
                let seconds = limit.as_secs_f32();
                let problem = format!("its process still runs {seconds} s after its standard input ended");
                bed.expect_none_late("a subject ends when its standard input ends", vec![problem])
            },
        ),
    ]
}

/// A case that asks with the questions that `make` makes, again and again, and compares what the subject holds.
fn steady(
    own_name: &str,
    about: &str,
    needs: &[Need],
    make: impl Fn(&mut Bed) -> Step<Vec<Question>> + Send + Sync + 'static,
) -> Case {
    Case::new(
        format!("steady-under-repetition/{own_name}"),
        format!(
            "{WARM_UP} calls {about}, then {CALLS} more, {AT_ONCE} at once: the subject holds no more descriptors, \
             threads, processes or zombies, and answers as it did. A slow subject gets fewer calls."
        ),
        needs,
        move |bed| {
            let questions = make(bed)?;
            let first = repeat(bed, &questions, WARM_UP)?;
            expect_no_leak(bed, |bed| {
                let more = repeat(bed, &questions, CALLS)?;
                expect_no_change(bed, &questions, &first, &more)?;
                Ok(more.len())
            })
        },
    )
}

/// Asks each question in turn, up to `most` times in all or as often as there is time for. Returns the answers.
fn repeat(bed: &mut Bed, questions: &[Question], most: usize) -> Step<Vec<Answer>> {
    let began = Instant::now();
    let mut answers = Vec::new();
    let mut next = AT_ONCE;
    while answers.len() < most && next > 0 {
        let in_turn = questions.iter().cycle().skip(answers.len() % questions.len());
        let batch: Vec<_> = in_turn.take(next.min(most - answers.len())).cloned().collect();
        answers.extend(bed.ask_all(&batch, AT_ONCE)?.into_iter().map(|answered| answered.line.answer));
        // As many more as there is time for at this pace.
        let pace = began.elapsed().as_secs_f64() / answers.len() as f64;
        next = (TIME.saturating_sub(began.elapsed()).as_secs_f64() / pace) as usize;
    }
    Ok(answers)
}

/// Ends the case if a question that always had the same answer in the `first` calls has another in those that came
/// after. What is answered now so and now otherwise is not worn out by repetition, but wrong: other cases tell that.
fn expect_no_change(bed: &mut Bed, questions: &[Question], first: &[Answer], more: &[Answer]) -> Step {
    let changed = first_change(questions.len(), first, more).map(|(question, call)| {
        let answers = [&first[question], &more[call]].map(answer_text);
        let call = first.len() + call + 1;
        let [before, now] = answers;
        format!(
            "{} answered {now} in call {call}, after {before} each time in the first {}",
            question_text(&questions[question]),
            first.len()
        )
    });
    bed.expect_none(
        "what is answered does not change with the number of calls",
        changed.into_iter().collect::<Problems>(),
    )
}

/// The first of `more` answers that is of another kind than all of the `first` ones to the same of `count` questions:
/// the question and the answer, by their places.
fn first_change(count: usize, first: &[Answer], more: &[Answer]) -> Option<(usize, usize)> {
    let alike = |one: &Answer, other: &Answer| one.as_ref().ok() == other.as_ref().ok();
    let steady = |question: usize| {
        let mut answers = first.iter().skip(question).step_by(count);
        let usual = answers.next()?;
        answers.all(|answer| alike(answer, usual)).then_some(usual)
    };
    let usual: Vec<_> = (0..count).map(steady).collect();
    let changed = |(call, answer): (usize, &Answer)| {
        let question = call % count;
        usual[question].is_some_and(|usual| !alike(answer, usual)).then_some((question, call))
    };
    more.iter().enumerate().find_map(changed)
}

/// Makes groups that come, are signalled and go, up to `most` or as many as there is time for. Returns how many.
fn pass_by(bed: &mut Bed, most: usize) -> Step<usize> {
    let began = Instant::now();
    let mut passed = 0;
    while passed < AT_ONCE || (passed < most && began.elapsed() < TIME) {
        let group = bed.group(&Shape::alone())?;
        let _ = bed.ask(group.id, "SIGTERM")?;
        bed.make_exited(&group)?;
        passed += 1;
    }
    Ok(passed)
}

/// Makes calls with `more`, which returns how many, and ends the case if the subject then holds more than is allowed,
/// and as much more again when that is done once more. Memory that is collected now and then holds what it held until
/// it is; but a leak goes on.
fn expect_no_leak(bed: &mut Bed, mut more: impl FnMut(&mut Bed) -> Step<usize>) -> Step {
    for again in [false, true] {
        let before = bed.load()?;
        let calls = more(bed)?;
        // A slow subject's workers all had a call in the warm-up: half as many as there were calls is a leak.
        let allowed = GROWTH.min(calls / 2);
        let mut grown = Vec::new();
        // What was started for the last calls may take a moment to go away.
        wait_until(bed, PATIENCE, |bed| {
            let after = bed.load()?;
            grown = growth(&before, &after, allowed);
            Ok(grown.is_empty())
        })?;
        if grown.is_empty() {
            return Ok(());
        }
        if again {
            let expected =
                format!("after {calls} more calls no more than {allowed} more of anything than before them");
            return bed.expect_none(&expected, grown);
        }
        bed.note(format!("{}: is it a leak, or collected now and then? Once more", grown.join(", ")));
    }
    Ok(())
}

fn growth(before: &Load, after: &Load, allowed: usize) -> Vec<String> {
    let counts = [
        ("open descriptors", before.descriptors, after.descriptors),
        ("threads", before.threads, after.threads),
        ("processes beside its own", before.processes, after.processes),
        ("zombies", before.zombies, after.zombies),
    ];
    let grown = counts.into_iter().filter(|(_, before, after)| *after > before + allowed);
    grown
        .map(|(what, before, after)| format!("the subject had {before} {what} before and has {after} now"))
        .collect()
}

/// Waits until `is_so`, looking again and again since nothing announces it. Returns whether it came to be in time.
fn wait_until(bed: &mut Bed, limit: Duration, mut is_so: impl FnMut(&mut Bed) -> Step<bool>) -> Step<bool> {
    let deadline = Instant::now() + limit;
    loop {
        if is_so(bed)? {
            return Ok(true);
        }
        if Instant::now() > deadline {
            return Ok(false);
        }
        bed.settings().slots.rest(GLANCE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_growth_beyond_what_is_allowed_is_growth() {
        let load = |descriptors| Load { descriptors, ..Load::default() };
        assert!(growth(&load(5), &load(5 + GROWTH), GROWTH).is_empty());
        assert_eq!(growth(&load(5), &load(6 + GROWTH), GROWTH).len(), 1);
        assert!(growth(&load(50), &load(5), GROWTH).is_empty(), "less is no growth");
    }

    #[test]
    fn only_what_was_always_answered_alike_can_change() {
        let err = |text: &str| Err(text.to_owned());
        assert_eq!(first_change(1, &[Ok(true), Ok(true)], &[Ok(true), err("a")]), Some((0, 1)));
        assert_eq!(first_change(1, &[Ok(true), err("a")], &[Ok(true), err("a"), Ok(false)]), None);
        assert_eq!(first_change(1, &[err("a"), err("b")], &[err("c")]), None, "messages may differ");
        assert_eq!(
            first_change(2, &[Ok(true), Ok(false)], &[Ok(true), Ok(false), Ok(true), Ok(true)]),
            Some((1, 3))
        );
        assert_eq!(first_change(2, &[Ok(true)], &[Ok(true), Ok(true)]), None, "asked for the first time");
    }

    #[test]
    fn one_leak_a_call_is_found_however_few_the_calls() {
        for calls in 8..100 {
            let after = Load { zombies: calls, ..Load::default() };
            assert_eq!(growth(&Load::default(), &after, GROWTH.min(calls / 2)).len(), 1, "{calls}");
        }
    }
}
