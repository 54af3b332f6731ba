//! What cases look for, each about one requirement only, so that a fault is reported under its own name.

use crate::harness::{
    Abort, Context, Group, MemberShape, Need, Problem, Problems, Process, Result, SHOWN, Session, Shape,
    Snapshot, answer_text, question_text,
};
use crate::report::symptom::{AnswerKind, Symptom};
use crate::subject::wire::{Question, SignalResult};
use crate::testbed::protocol::{CapKill, Disposition, Program, State, signal_name};
use std::ffi::CStr;

/// The four names with their signals.
pub const FOUR: [(&str, i32); 4] = [
    ("SIGTERM", libc::SIGTERM),
    ("SIGKILL", libc::SIGKILL),
    ("SIGINT", libc::SIGINT),
    ("SIGHUP", libc::SIGHUP),
];

/// The names of [`FOUR`] whose signals a process can watch for.
pub const WATCHABLE: [(&str, i32); 3] =
    [("SIGTERM", libc::SIGTERM), ("SIGINT", libc::SIGINT), ("SIGHUP", libc::SIGHUP)];

/// Names of commands that mislead who reads /proc/PID/stat or quotes them: with spaces, parentheses, line breaks and what
/// follows the name there, empty, with a quotation mark and a backslash, and in Latin-1.
pub const ODD_NAMES: [&CStr; 15] = [
    c"x) Z 1 1 (y",
    c") X 0 0",
    c") R 1 2 3 4",
    c"a b c d e f g h",
    c"((",
    c")",
    c"(sd-pam)",
    c"a\nb",
    c"a\nb) Z 1 (c",
    c"\n",
    c"",
    c"a\"b\\c",
    c"caf\xe9",
    // What pipes behind ps(1) leave out.
    c"grep",
    c"<defunct>",
];

/// A leader and a guest with the largest pids that the kernel gives.
pub fn of_large_pids(context: &Context) -> Shape {
    let largest = context.abilities().pid_max - 1;
    let mut shape = Shape::alone().at(largest - 1);
    shape.members.push(MemberShape { id: Some(largest), ..MemberShape::guest() });
    shape
}

/// The sessions that a group can be in, with the words for a case's id and prose.
pub const SESSIONS: [(&str, Session, &str); 2] = [
    ("own-session", Session::Own, "whose leader leads a session of its own, as setsid(1) and sshd make them"),
    ("windows-session", Session::Windows, "in another session than the subject's, as a terminal's jobs are"),
];

/// A shape with a case's own name and the words for its prose.
pub type Made = (&'static str, &'static str, fn() -> Shape);

/// A sentence for each member that `signal` did not reach `times` times, as far as its disposition lets that
/// be seen.
pub fn missed(context: &Context, snapshot: &Snapshot, group: &Group, signal: i32, times: usize) -> Problems {
    // Whoever received a signal that nobody asked for tells better what went wrong.
    let is_strange = |other: &i32| *other != signal && !context.has_asked_for(group.id, *other);
    let symptom = |pid| match snapshot.sent(pid).iter().any(is_strange) {
        true if times == 1 => Symptom::Strange,
        _ => Symptom::Missed,
    };
    let wanted = match times {
        1 => signal_name(signal),
        _ => format!("{} {times} times", signal_name(signal)),
    };
    // Whoever received nothing is told so; of others it is not plain what they lack.
    let sentence = |pid| match snapshot.signals(pid).is_empty() {
        true => context.sentence(snapshot, pid),
        false => format!("{}, but should have received {wanted}", context.sentence(snapshot, pid)),
    };
    seen_by(group, signal)
        .filter(|&pid| count(snapshot.signals(pid), signal) < times)
        .map(|pid| Problem::new(symptom(pid), sentence(pid)).of(pid))
        .collect()
}

/// Starts the subject, which must be one that may signal other users' processes.
///
/// # Errors
/// [`Abort::Lacks`] when it may not.
pub fn start_with_cap_kill(context: &mut Context) -> Result {
    context.start_with(Program { cap_kill: CapKill::Given, ..Program::default() })?;
    if context.subject_has_cap_kill()? {
        return Ok(());
    }
    let why =
        "the subject may not signal other users' processes: it has no CAP_KILL here, or declares user=UID";
    Err(Abort::Lacks(Need::OtherUser, why.to_owned()))
}

/// Asks for a group once a name, after which no member may have received one of them twice.
///
/// # Errors
/// As [`Context::expect_none`] has them.
pub fn expect_once(context: &mut Context, group: &Group, expected: &str) -> Result {
    context.let_members_go_first()?;
    for (name, _) in WATCHABLE {
        let _ = context.ask(group.id, name)?;
    }
    context.wait_for_latecomers();
    let snapshot = context.snapshot()?;
    let problems = |&(_, signal): &(&str, i32)| surplus(context, &snapshot, group, signal, 1);
    let problems: Problems = WATCHABLE.iter().flat_map(problems).collect();
    context.expect_none(expected, problems)
}

/// A sentence for each member that `signal` reached more than `times` times.
pub fn surplus(context: &Context, snapshot: &Snapshot, group: &Group, signal: i32, times: usize) -> Problems {
    seen_by(group, signal)
        .filter(|&pid| count(snapshot.sent(pid), signal) > times)
        .map(|pid| Problem::new(Symptom::Repeated, context.sentence(snapshot, pid)).of(pid))
        .collect()
}

/// A sentence for each member that another signal than `signal` reached, or that runs though it was stopped.
pub fn strange(context: &Context, snapshot: &Snapshot, group: &Group, signal: i32) -> Problems {
    let members =
        group.members.iter().filter(|&&pid| snapshot.sent(pid).iter().any(|&other| other != signal));
    let sentence = |pid| {
        let owed = signal_name(signal);
        format!("{}, but should only have received {owed}", context.sentence(snapshot, pid))
    };
    members.map(|&pid| Problem::new(Symptom::Strange, sentence(pid)).of(pid)).collect()
}

/// The signals that a program brings upon itself: by abort(3), as a panic does here, or by what it cannot
/// execute.
const OF_CRASHES: [i32; 5] = [libc::SIGABRT, libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];

/// A sentence for each process outside `targets` that something happened to between two snapshots: a signal
/// reached it, it ended, was stopped or continued.
pub fn touched(context: &Context, before: &Snapshot, after: &Snapshot, targets: &[&Group]) -> Problems {
    let is_member = |pid: u32| targets.iter().any(|group| group.members.contains(&pid));
    let outside = context.processes().filter(|process| !is_member(process.pid));
    let outside = changed(context, outside, before, after);
    let mut problems: Problems = outside.into_iter().map(|(pid, problem)| problem.of(pid)).collect();
    if let (Some(before), Some(after)) = (before.beside(), after.beside()) {
        // Pids there are others.
        let beside = changed(context, context.beside_the_subject().iter(), before, after);
        problems.extend(beside.into_iter().map(|(_, problem)| problem));
    }
    problems
}

/// A sentence for each of `those` that something happened to between two snapshots.
pub fn touched_of(context: &Context, those: &[u32], before: &Snapshot, after: &Snapshot) -> Problems {
    let those = context.processes().filter(|process| those.contains(&process.pid));
    changed(context, those, before, after).into_iter().map(|(pid, problem)| problem.of(pid)).collect()
}

fn changed<'a>(
    context: &Context,
    those: impl Iterator<Item = &'a Process>,
    before: &Snapshot,
    after: &Snapshot,
) -> Vec<(u32, Problem)> {
    let has_changed = |process: &&Process| {
        let pid = process.pid;
        before.knows(pid) && (before.sent(pid) != after.sent(pid) || before.state(pid) != after.state(pid))
    };
    let problem = |process: &Process| {
        // A subject that exits or crashes has been signalled by nobody: it did not answer.
        let ended = match after.state(process.pid) {
            State::Exited(_) => true,
            State::Killed(signal) => OF_CRASHES.contains(&signal),
            _ => false,
        };
        let symptom = if ended && context.subject_pid() == Some(process.pid) {
            Symptom::Other
        } else {
            Symptom::Outsiders
        };
        (process.pid, Problem::new(symptom, process.sentence(after)))
    };
    those.filter(has_changed).map(problem).collect()
}

/// Nothing, or the one sentence that the answer is not `expected`.
pub fn unlike(answer: &SignalResult, expected: bool) -> Problems {
    let wrong = (answer != &Ok(expected)).then(|| answered(Some(AnswerKind::of(&Ok(expected))), answer));
    wrong.into_iter().collect()
}

/// Nothing, or the one sentence that the answer is no `Err`.
pub fn unlike_err(answer: &SignalResult) -> Problems {
    answer.is_ok().then(|| answered(Some(AnswerKind::Failed), answer)).into_iter().collect()
}

/// The sentence that this answer was given, where `owed` was; any answer but that, if it is `None`.
pub fn answered(owed: Option<AnswerKind>, answer: &SignalResult) -> Problem {
    Problem::answer(owed, answer, format!("it answered {}", answer_text(answer)))
}

/// Ends the case unless the answer is `expected`.
///
/// # Errors
/// A breach that says `why` that answer is owed.
pub fn expect_answer(context: &mut Context, answer: &SignalResult, expected: bool, why: &str) -> Result {
    let owed = answer_text(&Ok(expected));
    context.expect_none(&format!("{owed}: {why}"), unlike(answer, expected))
}

/// Asks for a live group, and ends the case unless the answer is that the signal was delivered and each member has
/// received it.
///
/// # Errors
/// A breach that says `why` that is owed.
pub fn expect_live(context: &mut Context, group: &Group, (name, signal): (&str, i32), why: &str) -> Result {
    let answer = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    let mut problems = unlike(&answer, true);
    problems.extend(missed(context, &snapshot, group, signal, 1));
    context.expect_none(&format!("Ok(true), and {name} was received: {why}"), problems)
}

/// Ends the case unless the answer is an `Err`.
///
/// # Errors
/// A breach that says `why` that is owed.
pub fn expect_err(context: &mut Context, answer: &SignalResult, why: &str) -> Result {
    context.expect_none(&format!("Err: {why}"), unlike_err(answer))
}

/// Asks all of `questions`, at most [`SHOWN`] of them at once, and ends the case unless each answer is an
/// `Err` and nobody at all is signalled, stopped, continued or ended by it.
///
/// # Errors
/// A breach that says `why` that is owed.
pub fn expect_refused(context: &mut Context, questions: &[Question], why: &str) -> Result {
    context.start()?;
    let before = context.snapshot()?;
    let asked = context.ask_all(questions, SHOWN);
    let after = context.snapshot()?;
    let answers = questions.iter().zip(asked.as_deref().unwrap_or_default());
    let taken = answers.filter(|(_, answered)| answered.line.answer.is_ok());
    let mut problems: Problems = taken
        .map(|(question, answered)| {
            let answer = &answered.line.answer;
            let text = format!("{} answered {}", question_text(question), answer_text(answer));
            Problem::answer(Some(AnswerKind::Failed), answer, text)
        })
        .collect();
    problems.extend(touched(context, &before, &after, &[]));
    context.expect_none(&format!("Err, and nobody receives anything: {why}"), problems)?;
    // A subject that did not answer and touched nobody is at fault, too.
    asked.map(drop)
}

/// Waits a moment and ends the case if anybody at all was signalled, stopped, continued or ended since
/// `before`.
///
/// # Errors
/// A breach that says `why` nobody should be.
pub fn expect_nothing_late(context: &mut Context, before: &Snapshot, why: &str) -> Result {
    context.wait_for_latecomers();
    let after = context.snapshot()?;
    let problems = touched(context, before, &after, &[]);
    context.expect_none(&format!("nobody receives anything, also a moment later: {why}"), problems)
}

/// A sentence for each member that is not stopped any more.
pub fn continued(context: &Context, snapshot: &Snapshot, group: &Group) -> Problems {
    let running = group.members.iter().filter(|&&pid| snapshot.state(pid) != State::Stopped);
    running.map(|&pid| format!("{}, and is not stopped any more", context.sentence(snapshot, pid))).collect()
}

/// Asks for a live process that leads no group, and ends the case if the answer is `Ok(true)`, or anybody
/// received anything.
///
/// # Errors
/// A breach that says so.
pub fn expect_no_leader(context: &mut Context, pid: u32, name: &str) -> Result {
    context.start()?;
    let before = context.snapshot()?;
    let answer = context.ask(pid, name)?;
    let after = context.snapshot()?;
    let wrong = (answer == Ok(true)).then(|| answered(Some(AnswerKind::Exited), &answer));
    let mut problems: Problems = wrong.into_iter().collect();
    problems.extend(touched(context, &before, &after, &[]));
    let owed =
        "Ok(false) or Err: that process leads no group; neither it nor the group it is in receives anything";
    context.expect_none(owed, problems)
}

/// A thousand calls, a hundred of a command, or as many as a slow subject makes in a few seconds, for a
/// leader pid that no group has.
pub fn thousand_calls(context: &mut Context) -> Result {
    let leader_pid = context.free_id()?;
    let question = Question { leader_pid, signal_name: "SIGTERM".to_owned(), ..Question::default() };
    let most = context.repeated(50);
    let mut batches = 0;
    while context.another_round(batches, 2, most) {
        context.ask_all(&vec![question.clone(); 22], 8)?;
        batches += 1;
    }
    Ok(())
}

/// The members on which `signal` can be seen: one that ignores it leaves no trace of it.
fn seen_by(group: &Group, signal: i32) -> impl Iterator<Item = u32> {
    let unseen = move |disposition| disposition == Disposition::Ignores && signal != libc::SIGKILL;
    group.iter().filter(move |&(_, disposition)| !unseen(disposition)).map(|(pid, _)| pid)
}

fn count(signals: Vec<i32>, signal: i32) -> usize {
    signals.into_iter().filter(|&other| other == signal).count()
}
