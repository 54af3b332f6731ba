//! `steady-under-repetition`: what the subject holds does not grow with the number of calls.

mod changes;
mod growth;

use crate::cases::checks::{FOUR, WATCHABLE, start_with_cap_kill};
use crate::cases::refused::{refused_group, start_refused};
use crate::cases::{Case, Need};
use crate::contract::STEADY_UNDER_REPETITION;
use crate::harness::{Abort, Context, Lineage, Problems, Result, Session, Shape, answer_text, question_text};
use crate::subject::wire::{Answer, Question};
use crate::testbed::protocol::Disposition;
use changes::first_change;
use growth::{Judge, Sample, Verdict, WINDOWS};
use std::time::{Duration, Instant};

/// The own name of the case that asks with every kind of question.
const MIXED: &str = "mixed";
/// How many calls are open at once.
const AT_ONCE: usize = 8;
/// Calls before the first count, for a fast subject.
const WARM_UP: usize = 100;
/// Calls from one count to the next, for a fast subject.
const CALLS: usize = 200;
/// How long the warm-up may take, all windows that tell whether anything grows, and each one after them: a
/// slow subject gets fewer calls.
const TIME: Duration = Duration::from_millis(2500);
/// How long it is gone on with for a subject that may have a leak.
const LONGEST: Duration = Duration::from_secs(30);
/// How many windows there are then at most.
const MOST: usize = 60;
/// The first id that a subject has not seen before: no pid is as large (proc_sys_kernel(5)).
const NEW_ID: u32 = 2_000_000_000;
/// How long a name is that a subject has not seen before, in characters: to keep some thousand takes more
/// memory than a heap has to spare. All are as long as each other, since what was freed of one holds no
/// longer one: the heap of a Ruby program with threads grew with the length of the names, from call to call.
const NEW_NAME: usize = 40_000;
/// How long what was started for the last calls may take to go away.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it is looked whether it has.
const GLANCE: Duration = Duration::from_millis(20);

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    vec![
        steady("live", "for a live group", &[], |context| {
            let group = context.group(&Shape::alone().with(Lineage::Child).all(Disposition::Ignores))?;
            Ok(vec![Question::new(group.id, "SIGTERM")])
        }),
        steady("exited", "for groups that have exited", &[], |context| {
            let ids = [context.exited_group(&Shape::alone())?.id, context.exited_group(&Shape::family())?.id];
            Ok(ids.map(|id| Question::new(id, "SIGTERM")).into())
        }),
        steady("missing", "for ids that no group ever had, a new one each", &[], |context| {
            let ids = (0..64).map(|_| context.free_id()).collect::<Result<Vec<_>, _>>()?;
            Ok(ids.into_iter().map(|id| Question::new(id, "SIGKILL")).collect())
        }),
        steady("unreaped", "for a group whose members have exited and are not reaped", &[], |context| {
            let group = context.group(&Shape::family())?;
            context.end_all(&group)?;
            Ok(["SIGINT", "SIGKILL"].map(|name| Question::new(group.id, name)).into())
        }),
        steady("member", "for the pid of a process that leads no group", &[], |context| {
            Ok(vec![Question::new(context.group(&Shape::family())?.members[1], "SIGTERM")])
        }),
        steady(
            "unknown-name",
            "with unknown names, for a live group and for an exited one",
            &[],
            |context| {
                let ids = [context.group(&Shape::alone())?.id, context.exited_group(&Shape::alone())?.id];
                let names = ["SIGFOO", "sigterm", ""];
                Ok(ids.into_iter().flat_map(|id| names.map(|name| Question::new(id, name))).collect())
            },
        ),
        steady("refused", "for a group that may not be signalled", &[Need::Refusal], |context| {
            let group = refused_group(context, &Shape::family())?;
            start_refused(context, std::slice::from_ref(&group))?;
            Ok(FOUR.map(|(name, _)| Question::new(group.id, name)).into())
        }),
        steady("survivors", "for a group whose leader is gone", &[], |context| {
            let mut group = context.group(&Shape::family().all(Disposition::Ignores))?;
            context.end_leader(&mut group)?;
            Ok(vec![Question::new(group.id, "SIGTERM")])
        }),
        steady(
            "unreaped-leader",
            "for a group whose leader has exited and is not reaped, and whose members live",
            &[],
            |context| {
                let group = context.group(&Shape::family().all(Disposition::Ignores))?;
                context.exit(group.id)?;
                Ok(vec![Question::new(group.id, "SIGTERM")])
            },
        ),
        steady(
            "refused-some-unreaped",
            "for a group that may not be signalled, of which a member is not reaped",
            &[Need::Refusal],
            |context| {
                let group = refused_group(context, &Shape::family())?;
                context.exit(group.members[1])?;
                start_refused(context, std::slice::from_ref(&group))?;
                Ok(vec![Question::new(group.id, "SIGTERM")])
            },
        ),
        steady(
            "other-user",
            "for a group of another user, which may be signalled",
            &[Need::OtherUser],
            |context| {
                start_with_cap_kill(context)?;
                let shape = Shape::alone().with(Lineage::Child).all(Disposition::Ignores);
                Ok(vec![Question::new(context.group(&shape.all_others())?.id, "SIGTERM")])
            },
        ),
        steady("other-sessions", "for groups in a session of their own and in a window's", &[], |context| {
            let shape = Shape::alone().with(Lineage::Child).all(Disposition::Ignores);
            let groups = [Session::Own, Session::Windows]
                .map(|session| context.group(&shape.clone().session(session)));
            groups.into_iter().map(|group| Ok(Question::new(group?.id, "SIGTERM"))).collect()
        }),
        steady("stopped", "for a stopped group", &[], |context| {
            let group = context.group(&Shape::alone().with(Lineage::Child))?;
            context.stop(&group)?;
            Ok(vec![Question::new(group.id, "SIGTERM")])
        }),
        steady(
            "partly-refused",
            "for a group of which some members may not be signalled",
            &[Need::OtherUser],
            |context| {
                let group = context.group(&Shape::family().with_others().all(Disposition::Ignores))?;
                context.start_without_cap_kill()?;
                Ok(vec![Question::new(group.id, "SIGTERM")])
            },
        ),
        steady("no-leader-pid", "for the leader pids 0, 1 and above 2147483647", &[Need::Sandbox], |_| {
            Ok([0, 1, 1 << 31, u32::MAX].map(|leader_pid| Question::new(leader_pid, "SIGFOO")).into())
        }),
        steady(MIXED, "of every kind, mixed", &[], |context| {
            let live = context.group(&Shape::family().all(Disposition::Ignores))?;
            let gone = context.exited_group(&Shape::alone())?.id;
            Ok(vec![
                Question::new(live.id, "SIGTERM"),
                Question::new(gone, "SIGKILL"),
                Question::new(live.id, "SIGFOO"),
                Question::new(live.members[1], "SIGINT"),
                Question::new(live.id, "SIGHUP"),
                Question::new(gone, "SIGFOO"),
            ])
        }),
        steady_each("new-ids", "each for a new id that no group has", &[], true, |_| {
            Ok(Calls { kinds: 1, question: Box::new(|call| Question::new(NEW_ID + call as u32, "SIGTERM")) })
        }),
        steady_each("new-names", "each with a new and long unknown name", &[], true, |context| {
            let live = context.group(&Shape::alone())?.id;
            let name = |call| format!("{call:_>NEW_NAME$}");
            Ok(Calls { kinds: 1, question: Box::new(move |call| Question::new(live, name(call))) })
        }),
        Case::new(
            STEADY_UNDER_REPETITION,
            "many-groups",
            "A hundred groups, each signalled and then gone, then three hundred more: nothing is kept of \
             each. A slow subject gets fewer.",
            &[Need::Holdings],
            |context| {
                pass_by(context, None, WARM_UP, TIME)?;
                let pass_by = |context: &mut Context, most, time| pass_by(context, None, most, time);
                expect_no_leak(context, 3 * WARM_UP / WINDOWS, true, pass_by)
            },
        ),
        Case::new(
            STEADY_UNDER_REPETITION,
            "in-one-batch",
            "A hundred batches by `signal_each`, of a live group and an exited one, then three hundred more: nothing is \
             kept of each.",
            &[Need::Batches, Need::Holdings],
            |context| {
                let live = context.group(&Shape::alone().with(Lineage::Child).all(Disposition::Ignores))?.id;
                let batch = [live, context.exited_group(&Shape::alone())?.id];
                let ask = |context: &mut Context, most, time| {
                    let began = Instant::now();
                    let mut asked = 0;
                    while asked < AT_ONCE || (asked < most && began.elapsed() < time) {
                        let _ = context.ask_each(&batch, WATCHABLE[asked % WATCHABLE.len()].0)?;
                        asked += 1;
                    }
                    Ok(asked)
                };
                ask(context, WARM_UP, TIME)?;
                expect_no_leak(context, 3 * WARM_UP / WINDOWS, false, ask)
            },
        ),
        Case::new(
            STEADY_UNDER_REPETITION,
            "one-id",
            "A hundred groups with one id, each signalled and then gone, then three hundred more: nothing is kept \
             of who had the id. A slow subject gets fewer.",
            &[Need::Holdings, Need::ChosenIds],
            |context| {
                let id = Some(context.free_id()?);
                pass_by(context, id, WARM_UP, TIME)?;
                let pass_by = |context: &mut Context, most, time| pass_by(context, id, most, time);
                expect_no_leak(context, 3 * WARM_UP / WINDOWS, false, pass_by)
            },
        ),
        Case::new(
            STEADY_UNDER_REPETITION,
            "ends-with-its-input",
            "After a few calls the subject's standard input ends: its process ends too, as the stdio form says.",
            &[],
            |context| {
                let id = context.free_id()?;
                let _ = context.ask(id, "SIGTERM")?;
                let _ = context.ask(id, "SIGFOO")?;
                context.connection()?.end_input();
                context.note("ended the subject's standard input".to_owned());
                let limit = context.settings().timeout;
                if !context.subject_state(limit)?.is_live() {
                    return Ok(());
                }
                let seconds = limit.as_secs_f32();
                let problem = format!("its process still runs {seconds} s after its standard input ended");
                context.expect_none_late("a subject ends when its standard input ends", vec![problem])
            },
        ),
    ]
}

/// What is asked with, again and again.
struct Calls {
    /// How many kinds of questions there are, in turn.
    kinds: usize,
    /// The question of each call.
    question: Box<dyn Fn(usize) -> Question>,
}

/// A case that asks with the questions that `make` makes, again and again, and compares what the subject
/// holds.
fn steady(
    own_name: &str,
    about: &str,
    needs: &[Need],
    make: impl Fn(&mut Context) -> Result<Vec<Question>> + Send + Sync + 'static,
) -> Case {
    steady_each(own_name, about, needs, false, move |context| {
        let questions = make(context)?;
        let kinds = questions.len();
        Ok(Calls { kinds, question: Box::new(move |call| questions[call % kinds].clone()) })
    })
}

/// The same with questions that may be new each time; `fresh` if they are.
fn steady_each(
    own_name: &str,
    about: &str,
    needs: &[Need],
    fresh: bool,
    make: impl Fn(&mut Context) -> Result<Calls> + Send + Sync + 'static,
) -> Case {
    // The thousand calls of which the requirement speaks, also of a command.
    let is_for_all = own_name == MIXED;
    Case::new(
        STEADY_UNDER_REPETITION,
        own_name,
        format!(
            "{WARM_UP} calls {about}, then {} more, {AT_ONCE} at once: the subject holds no more \
             descriptors, threads, processes, zombies or memory, and answers as it did. What grows gets more \
             calls, until it is certain that it has no end. A slow subject gets fewer calls{}.",
            WINDOWS * CALLS,
            if is_for_all { "" } else { ", and a command a tenth of them" },
        ),
        &[needs, &[Need::Holdings]].concat(),
        move |context| {
            let calls = make(context)?;
            let most = if is_for_all { CALLS } else { context.repeated(CALLS) };
            let first = repeat(context, &calls, 0, WARM_UP, TIME)?;
            let mut made = first.len();
            expect_no_leak(context, most, fresh, |context, most, time| {
                let more = repeat(context, &calls, made, most, time)?;
                expect_no_change(context, &calls, &first, made, &more)?;
                made += more.len();
                Ok(more.len())
            })
        },
    )
}

/// Makes calls from the one numbered `from` on, up to `most` or as many as there is `time` for. Returns the
/// answers.
fn repeat(
    context: &mut Context,
    calls: &Calls,
    from: usize,
    most: usize,
    time: Duration,
) -> Result<Vec<Answer>> {
    let began = Instant::now();
    let mut answers = Vec::new();
    let mut next = AT_ONCE;
    while answers.len() < most && next > 0 {
        let first = from + answers.len();
        let batch: Vec<_> = (first..).take(next.min(most - answers.len())).map(&calls.question).collect();
        answers.extend(context.ask_all(&batch, AT_ONCE)?.into_iter().map(|answered| answered.line.answer));
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
    first: &[Answer],
    made: usize,
    more: &[Answer],
) -> Result {
    let changed = first_change(calls.kinds, first, made, more).map(|(kind, call)| {
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
        changed.into_iter().collect::<Problems>(),
    )
}

/// Makes groups that come, are signalled and go, up to `most` or as many as there is `time` for; with that `id`
/// if one is given. Returns how many.
fn pass_by(context: &mut Context, id: Option<u32>, most: usize, time: Duration) -> Result<usize> {
    let began = Instant::now();
    let mut passed = 0;
    while passed < AT_ONCE || (passed < most && began.elapsed() < time) {
        let group = context.group(&Shape { id, ..Shape::alone() })?;
        let _ = context.ask(group.id, "SIGTERM")?;
        context.make_exited(&group)?;
        passed += 1;
    }
    Ok(passed)
}

/// Makes calls in windows of up to `most` with `window`, which is told how long one may take and returns how
/// many calls it made, and ends the case if what the subject holds grows without end. `fresh` if a cache may
/// keep something of each call.
fn expect_no_leak(
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
    if settle(context, judge, &mut samples)? == Verdict::Steady {
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
            Verdict::Leak(_) => settle(context, judge, &mut samples)?,
            verdict => verdict,
        };
        match verdict {
            Verdict::Leak(leaks) => {
                // What goes away too late on a busy machine is no leak.
                let expected = "what the subject holds does not grow with the number of calls";
                return context.expect_none_late(expected, leaks);
            }
            Verdict::Growing if !is_last => {}
            // It may have an end: nobody is accused of what is not certain.
            Verdict::Growing | Verdict::Steady => return Ok(()),
        }
    }
}

/// Gives what was started for the last calls a moment to go away, as far as that matters. Returns what is so
/// then.
fn settle(context: &mut Context, judge: Judge, samples: &mut [Sample]) -> Result<Verdict> {
    let mut verdict = judge.verdict(samples);
    let newest = samples.len() - 1;
    wait_until(context, PATIENCE, |context| {
        if verdict == Verdict::Steady {
            return Ok(true);
        }
        samples[newest].load = context.load()?;
        verdict = judge.verdict(samples);
        Ok(verdict == Verdict::Steady)
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
