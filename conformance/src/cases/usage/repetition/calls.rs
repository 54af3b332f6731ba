//! Calls that are made again and again, and what the subject holds meanwhile.

use super::changes::first_change;
use super::growth::{Judge, Sample, Trend, WINDOWS};
use crate::cases::{Case, Need};
use crate::contract::STEADY_UNDER_REPETITION;
use crate::harness::{Abort, Context, Means, Problem, Problems, Result, Shape, answer_text, question_text};
use crate::report::symptom::Symptom;
use crate::subject::wire::{Question, SignalResult};
use std::time::{Duration, Instant};

/// The own name of the case that asks with every kind of question.
pub const MIXED: &str = "mixed";
/// How many calls are open at once.
pub const AT_ONCE: usize = 8;
/// Calls before the first count, for a fast subject.
pub const WARM_UP: usize = 100;
/// Calls from one count to the next, for a fast subject.
const CALLS: usize = 200;
/// How long the warm-up may take, all windows that tell whether anything grows, and each one after them: a
/// slow subject gets fewer calls.
pub const TIME: Duration = Duration::from_millis(2500);
/// How long it is gone on with for a subject that may have a leak.
const LONGEST: Duration = Duration::from_secs(30);
/// How many windows there are then at most.
const MOST: usize = 60;
/// How long what was started for the last calls may take to go away.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it is looked whether it has.
const GLANCE: Duration = Duration::from_millis(20);

/// How it is asked again and again.
#[derive(Clone, Copy)]
pub struct Manner {
    /// How many calls are open at once.
    at_once: usize,
    /// Whether each call is about something new, that a cache may keep.
    fresh: bool,
    /// What is taken from the subject meanwhile: it may answer `Err` from any call on, or break down.
    without: Option<Means>,
}

const TOGETHER: Manner = Manner { at_once: AT_ONCE, fresh: false, without: None };
pub const FRESH: Manner = Manner { fresh: true, ..TOGETHER };
/// Nobody has to make room for more calls at once, which may fail while something is missing.
pub const WITHOUT_TOOLS: Manner = Manner { at_once: 1, fresh: false, without: Some(Means::Tools) };

/// What is asked with, again and again.
pub struct Calls {
    /// How many kinds of questions there are, in turn. None when the subject cannot be asked any more.
    pub kinds: usize,
    /// The question of each call.
    pub question: Box<dyn Fn(usize) -> Question>,
}

/// A case that asks with the questions that `make` makes, again and again, and compares what the subject
/// holds.
pub fn steady(
    own_name: &str,
    about: &str,
    needs: &[Need],
    make: impl Fn(&mut Context) -> Result<Vec<Question>> + Send + Sync + 'static,
) -> Case {
    steady_each(own_name, about, needs, TOGETHER, move |context| {
        let questions = make(context)?;
        let kinds = questions.len();
        Ok(Calls { kinds, question: Box::new(move |call| questions[call % kinds].clone()) })
    })
}

/// The same with questions that may be new each time, asked in that `way`.
pub fn steady_each(
    own_name: &str,
    about: &str,
    needs: &[Need],
    manner: Manner,
    make: impl Fn(&mut Context) -> Result<Calls> + Send + Sync + 'static,
) -> Case {
    // The thousand calls of which the requirement speaks, also of a command.
    let is_for_all = own_name == MIXED;
    Case::new(
        STEADY_UNDER_REPETITION,
        own_name,
        format!(
            "{WARM_UP} calls {about}, then {} more, {}: the subject holds no more \
             descriptors, threads, processes, zombies or memory, and answers as it did. What grows gets more \
             calls, until it is certain that it has no end. A slow subject gets fewer calls{}.",
            WINDOWS * CALLS,
            if manner.at_once == 1 {
                "one after the other".to_owned()
            } else {
                format!("{} at once", manner.at_once)
            },
            if is_for_all { "" } else { ", and a command a tenth of them" },
        ),
        &[needs, &[Need::Holdings]].concat(),
        move |context| {
            let calls = make(context)?;
            let most = if is_for_all { CALLS } else { context.repeated(CALLS) };
            if calls.kinds == 0 {
                return Ok(());
            }
            let first = repeat(context, &calls, manner, 0, WARM_UP, TIME)?;
            let mut made = first.len();
            let held = expect_no_leak(context, most, manner.fresh, |context, most, time| {
                let more = repeat(context, &calls, manner, made, most, time)?;
                expect_no_change(context, &calls, manner, &first, (made, &more))?;
                made += more.len();
                Ok(more.len())
            });
            // Who has ended holds nothing that could be counted.
            if context.has_broken_down() { Ok(()) } else { held }
        },
    )
}

/// Makes calls from the one numbered `from` on, up to `most` or as many as there is `time` for. Returns the
/// answers.
fn repeat(
    context: &mut Context,
    calls: &Calls,
    manner: Manner,
    from: usize,
    most: usize,
    time: Duration,
) -> Result<Vec<SignalResult>> {
    let began = Instant::now();
    let mut answers = Vec::new();
    let mut next = AT_ONCE;
    while answers.len() < most && next > 0 {
        let first = from + answers.len();
        let batch: Vec<_> = (first..).take(next.min(most - answers.len())).map(&calls.question).collect();
        answers.extend(match manner.without {
            Some(means) => context.ask_all_without(means, &batch)?,
            None => {
                let answered = context.ask_all(&batch, manner.at_once)?.into_iter();
                answered.map(|answered| answered.line.answer).collect()
            }
        });
        // As many more as there is time for at this pace.
        let pace = began.elapsed().as_secs_f64() / answers.len() as f64;
        next = (time.saturating_sub(began.elapsed()).as_secs_f64() / pace) as usize;
    }
    Ok(answers)
}

/// Ends the case if a question that always had the same answer in the `first` calls has another in the `more`
/// that came after the first `made`. What is answered now so and now otherwise is not worn out by repetition,
/// but wrong: other cases tell that.
fn expect_no_change(
    context: &mut Context,
    calls: &Calls,
    manner: Manner,
    first: &[SignalResult],
    (made, more): (usize, &[SignalResult]),
) -> Result {
    let changed = first_change(calls.kinds, first, made, more);
    let wrong =
        changed.filter(|&(_, call)| manner.without.is_none() || more[call].is_ok()).map(|(kind, call)| {
            let [before, now] = [&first[kind], &more[call]].map(answer_text);
            let call = made + call;
            format!(
                "{} answered {now} in call {}, after {before} each time in the first {}",
                question_text(&(calls.question)(call)),
                call + 1,
                first.len()
            )
        });
    context.expect_none(
        "what is answered does not change with the number of calls",
        wrong.into_iter().collect::<Problems>(),
    )
}

/// Makes groups that come, are signalled and go, up to `most` or as many as there is `time` for; with that `id`
/// if one is given. Returns how many.
pub fn pass_by(context: &mut Context, id: Option<u32>, most: usize, time: Duration) -> Result<usize> {
    repeated(most, time, |_| {
        let group = context.group(&Shape { id, ..Shape::alone() })?;
        let _ = context.ask(group.id, "SIGTERM")?;
        context.make_exited(&group)
    })
}

/// Does it up to `most` times, or as often as there is `time` for, but some times at least. Returns how often.
pub fn repeated(most: usize, time: Duration, mut once: impl FnMut(usize) -> Result) -> Result<usize> {
    let began = Instant::now();
    let mut done = 0;
    while done < AT_ONCE || (done < most && began.elapsed() < time) {
        once(done)?;
        done += 1;
    }
    Ok(done)
}

/// Makes calls in windows of up to `most` with `window`, which is told how long one may take and returns how
/// many calls it made, and ends the case if what the subject holds grows without end. `fresh` if a cache may
/// keep something of each call.
pub fn expect_no_leak(
    context: &mut Context,
    most: usize,
    fresh: bool,
    mut window: impl FnMut(&mut Context, usize, Duration) -> Result<usize>,
) -> Result {
    let mut samples = vec![Sample { calls: 0, load: context.load()? }];
    let mut go_on = |context: &mut Context, samples: &mut Vec<Sample>, time| {
        let calls = samples[samples.len() - 1].calls + window(context, most, time)?;
        samples.push(Sample { calls, load: context.load()? });
        Ok::<_, Abort>(calls)
    };
    let began = Instant::now();
    while samples.len() <= WINDOWS && (samples.len() == 1 || began.elapsed() < TIME) {
        go_on(context, &mut samples, TIME.saturating_sub(began.elapsed()))?;
    }
    let mut judge = Judge { calls: 2 * WINDOWS * most, fresh };
    if settle(context, judge, &mut samples)? == Trend::Steady {
        return Ok(());
    }
    context.note("something grows: is it a leak, or has it an end?".to_owned());
    let began = Instant::now();
    loop {
        let calls = go_on(context, &mut samples, TIME)?;
        let is_last = samples.len() > MOST || began.elapsed() > LONGEST;
        let whole = |window: &[Sample]| window[1].calls - window[0].calls >= most;
        if is_last && !samples.windows(2).any(whole) {
            // A slow subject gets no more. One that was quick at times may have been kept from the processor.
            judge.calls = judge.calls.min(calls);
        }
        let verdict = match judge.verdict(&samples) {
            Trend::Leak(_) => settle(context, judge, &mut samples)?,
            verdict => verdict,
        };
        match verdict {
            Trend::Leak(leaks) => {
                // What goes away too late on a busy machine is no leak.
                let expected = "what the subject holds does not grow with the number of calls";
                let leaks: Problems =
                    leaks.into_iter().map(|leak| Problem::new(Symptom::Grows, leak)).collect();
                return context.expect_none_late(expected, leaks);
            }
            Trend::Growing if !is_last => {}
            // It may have an end: nobody is accused of what is not certain.
            Trend::Growing | Trend::Steady => return Ok(()),
        }
    }
}

/// Gives what was started for the last calls a moment to go away, as far as that matters. Returns what is so
/// then.
fn settle(context: &mut Context, judge: Judge, samples: &mut [Sample]) -> Result<Trend> {
    let mut verdict = judge.verdict(samples);
    let newest = samples.len() - 1;
    wait_until(context, PATIENCE, |context| {
        if verdict == Trend::Steady {
            return Ok(true);
        }
        samples[newest].load = context.load()?;
        verdict = judge.verdict(samples);
        Ok(verdict == Trend::Steady)
    })?;
    Ok(verdict)
}

/// Waits until `is_so`, looking again and again since nothing announces it. Returns whether it came to be in
/// time.
fn wait_until(
    context: &mut Context,
    limit: Duration,
    mut is_so: impl FnMut(&mut Context) -> Result<bool>,
) -> Result<bool> {
    let deadline = Instant::now() + limit;
    loop {
        if is_so(context)? {
            return Ok(true);
        }
        if Instant::now() > deadline {
            return Ok(false);
        }
        context.settings().permits.sleep(GLANCE);
    }
}
