//! How reports write what was done with a registry.

use super::SHOWN;
use crate::harness::answer_text;
use crate::subject::registry::script::{Call, Say, Script};
use crate::subject::registry::wire::{AnswerLine, Ending, Entry, Operation, OperationOutcome, Target, Which};
use crate::subject::wire::SignalResult;

/// The longest label or message that is shown whole, in characters.
const LONGEST_TEXT: usize = 60;

/// The texts of `all`, or of so many at the beginning and at the end, with a remark on how many stand
/// between.
pub(super) fn shortened<T, R: From<String>>(
    all: &[T],
    (first, last): (usize, usize),
    text: impl Fn(&T) -> R,
) -> Vec<R> {
    if all.len() <= first + last + 1 {
        return all.iter().map(text).collect();
    }
    let (beginning, end) = (&all[..first], &all[all.len() - last..]);
    let between = R::from(format!("… ({} more) …", all.len() - first - last));
    beginning.iter().map(&text).chain([between]).chain(end.iter().map(&text)).collect()
}

fn listed<T>(all: &[T], text: impl Fn(&T) -> String) -> String {
    shortened(all, (SHOWN, SHOWN), text).join(", ")
}

/// A label or a message as reports write it.
fn quoted(text: &str) -> String {
    crate::report::text::quoted(text, LONGEST_TEXT)
}

/// An operation as reports write it.
pub(super) fn operation_text(operation: &Operation) -> String {
    let signaller = |which: &Which| match which {
        Which::Given => "the given signaller".to_owned(),
        Which::Pinning => "the given signaller, which pins".to_owned(),
        Which::Twin(id) => format!("signaller {id}, a twin of the given one"),
        Which::Scripted(id) => format!("signaller {id}"),
    };
    match operation {
        Operation::Script(script) => format!("signaller {} {}", script.signaller, script_text(script)),
        Operation::New { signaller: which } => format!("new({})", signaller(which)),
        Operation::Default => "default()".to_owned(),
        Operation::Register { leader_pid, label } => format!("register({leader_pid}, {})", quoted(label)),
        Operation::Forget { leader_pid } => format!("forget({leader_pid})"),
        Operation::SignalAll { signal_name } => format!("signal_all({})", quoted(signal_name)),
        Operation::SetSignaller { signaller: which } => format!("set_signaller({})", signaller(which)),
        Operation::Entries => "entries()".to_owned(),
        Operation::SignalTargets { signal_name, targets } => {
            format!("signal_targets({}, [{}])", quoted(signal_name), listed(targets, target_text))
        }
        Operation::ForgetRegistration { leader_pid, label } => {
            format!("forget_registration({leader_pid}, {})", quoted(label))
        }
        Operation::Stop { grace_ms, meanwhile, cancel } => {
            let cancelled = cancel.then(|| "cancelled".to_owned());
            let meanwhile: Vec<_> = meanwhile.iter().map(operation_text).chain(cancelled).collect();
            let meanwhile = match meanwhile.is_empty() {
                true => String::new(),
                false => format!(
                    ", and meanwhile {}",
                    shortened(&meanwhile, (SHOWN, SHOWN), String::clone).join("; ")
                ),
            };
            format!("stop({}){meanwhile}", grace_text(*grace_ms))
        }
    }
}

fn script_text(script: &Script) -> String {
    let say_text = |say: &Say| match say {
        Say::Answer(answer) => format!("answers {}", short_answer(answer)),
        Say::Panic(_) => "panics".to_owned(),
    };
    let mut says: Vec<_> = script.says.iter().collect();
    says.sort_by_key(|(leader_pid, _)| **leader_pid);
    let mut parts =
        shortened(&says, (SHOWN, SHOWN), |(leader_pid, say)| format!("{} for {leader_pid}", say_text(say)));
    let others = if parts.is_empty() { "everything" } else { "all others" };
    parts.push(format!("{} for {others}", say_text(&script.otherwise)));
    if let Some(answers) = &script.batch {
        parts.push(format!(
            "and gives the answers [{}] when asked for many at once",
            listed(answers, short_answer)
        ));
    }
    let mut to_kill: Vec<_> = script.says_to_kill.iter().collect();
    to_kill.sort_by_key(|(leader_pid, _)| **leader_pid);
    parts.extend(shortened(&to_kill, (SHOWN, SHOWN), |(leader_pid, answer)| {
        format!("answers SIGKILL with {} for {leader_pid}", short_answer(answer))
    }));
    if script.cannot_tell {
        parts.push("cannot tell who has exited".to_owned());
    } else if !script.exited.is_empty() {
        let after = match script.asked_before {
            0 => String::new(),
            asked => format!(" once it was asked {asked} times"),
        };
        parts.push(format!("knows{after} that {} have exited", listed(&script.exited, u32::to_string)));
    }
    if !script.cannot_tell_of.is_empty() {
        parts.push(format!(
            "cannot tell whether {} have exited",
            listed(&script.cannot_tell_of, u32::to_string)
        ));
    }
    if script.sigterm_takes_ms > 0 {
        parts.push(format!("takes {} ms for SIGTERM", script.sigterm_takes_ms));
    }
    parts.join(", ")
}

fn grace_text(grace_ms: u64) -> String {
    match grace_ms % 1_000 {
        0 => format!("{} s", grace_ms / 1_000),
        _ => format!("{grace_ms} ms"),
    }
}

pub(super) fn step_text(operation: &Operation, answer: &AnswerLine) -> String {
    let what = match &answer.outcome {
        OperationOutcome::Done => String::new(),
        OperationOutcome::Entries(targets) => {
            let entries: Vec<_> = targets.iter().map(|target| target.entry.clone()).collect();
            format!(" returned {}", entries_text(&entries))
        }
        OperationOutcome::Results(results) => {
            let result = |(target, answer): &(Target, SignalResult)| {
                format!("{}: {}", entry_text(&target.entry), short_answer(answer))
            };
            format!(" returned [{}]", listed(results, result))
        }
        OperationOutcome::Stopped(results, _) => {
            let result = |(target, ending): &(Target, Ending)| {
                format!("{}: {}", entry_text(&target.entry), ending_text(ending))
            };
            format!(" returned [{}]", listed(results, result))
        }
        OperationOutcome::Panicked(message) => format!(" panicked: {}", quoted(message)),
    };
    let calls = match listed(&answer.calls, call_text) {
        calls if calls.is_empty() => calls,
        calls => format!("; meanwhile {calls}"),
    };
    format!("{}{what}{calls}", operation_text(operation))
}

/// A call as reports write it.
pub fn call_text(call: &Call) -> String {
    let leader_pids = listed(&call.leader_pids, u32::to_string);
    let name = quoted(&call.signal_name);
    let answers = match &call.answers {
        None => "panicked".to_owned(),
        Some(answers) if answers.is_empty() => "gave no answer".to_owned(),
        Some(answers) => format!("answered {}", listed(answers, short_answer)),
    };
    let call = match (call.signaller, call.each) {
        (signaller, true) => format!("signaller {signaller} was asked signal_each([{leader_pids}], {name})"),
        (signaller, false) => format!("signaller {signaller} was asked signal({leader_pids}, {name})"),
    };
    format!("{call} and {answers}")
}

/// An answer, bounded, without what it means.
pub fn short_answer(answer: &SignalResult) -> String {
    match answer {
        Ok(_) => answer_text(answer).split(',').next().unwrap_or_default().to_owned(),
        Err(message) => format!("Err({})", quoted(message)),
    }
}

/// How an entry came out of a stop, bounded.
pub fn ending_text(ending: &Ending) -> String {
    match ending {
        Ending::Exited => "exited".to_owned(),
        Ending::Killed => "killed".to_owned(),
        Ending::Failed(message) => format!("failed with {}", quoted(message)),
        Ending::Left => "left".to_owned(),
        Ending::NotAsked => "not asked".to_owned(),
        Ending::Unknown(outcome) => quoted(outcome),
    }
}

/// An entry as reports write it.
pub fn entry_text(entry: &Entry) -> String {
    format!("{} {}", entry.leader_pid, quoted(&entry.label))
}

/// A target as reports write it.
pub fn target_text(target: &Target) -> String {
    format!("{} (incarnation {})", entry_text(&target.entry), target.incarnation)
}

/// A list of entries as reports write it.
pub fn entries_text(entries: &[Entry]) -> String {
    match entries {
        [] => "nothing".to_owned(),
        entries => format!("[{}]", listed(entries, entry_text)),
    }
}
