//! Calls of the subject: what is special about them, and how reports write them.

use crate::declared::Declared;
use crate::report::symptom::{AnswerKind, Topic};
use crate::report::text::quoted_name;
use crate::report::timeline::Event;
use crate::subject::wire::{Question, SignalResult};
use process_groups::model::NAMES;

/// How many calls of many the record of a case shows.
pub const SHOWN: usize = 6;
/// The longest signal name that is shown whole, in characters.
const LONGEST_NAME: usize = 160;

/// What is special about calls, each a leader pid and a signal name, of a subject that declares this.
pub fn topic_of<'a>(declared: &Declared, calls: impl IntoIterator<Item = (u32, &'a str)>) -> Topic {
    let is_known = |name: &str| NAMES.contains(&name) || declared.takes(name);
    let of_one = |(leader_pid, name): (u32, &str)| match leader_pid {
        _ if !is_known(name) => Topic::Name,
        0 | 1 => Topic::Leader,
        pid if i32::try_from(pid).is_err() => Topic::Leader,
        _ => Topic::Group,
    };
    let topics: Vec<_> = calls.into_iter().map(of_one).collect();
    let among = |topic| topics.contains(&topic).then_some(topic);
    among(Topic::Name).or(among(Topic::Leader)).unwrap_or_default()
}

/// Questions as text, alike ones that follow each other as one. Those that are open at once have no order;
/// then it is that of their ids and names, whatever order they were written in.
pub(super) fn asked_text(questions: &[Question], at_once: usize) -> String {
    if let Some(first) = questions.first().filter(|question| question.batch > 0) {
        let batches: Vec<_> = questions.chunks(first.batch).map(batch_text).collect();
        let at_once = if batches.len() > 1 { ", at once" } else { "" };
        return batches.join(", ") + at_once;
    }
    let key = |question: &Question| (question.leader_pid, question.signal_name.clone());
    let mut questions = questions.to_vec();
    if at_once > 1 {
        questions.sort_by_cached_key(key);
    }
    let alike: Vec<_> = questions.chunk_by(|one, other| key(one) == key(other)).collect();
    let texts = alike.iter().take(SHOWN).map(|alike| match alike.len() {
        1 => question_text(&alike[0]),
        times => format!("{} {times} times", question_text(&alike[0])),
    });
    let mut text = texts.collect::<Vec<_>>().join(", ");
    let rest: usize = alike.iter().skip(SHOWN).map(|alike| alike.len()).sum();
    if rest > 0 {
        text += &format!(" and {rest} more");
    }
    if at_once > 1 && questions.len() > 1 {
        text += &format!(", {} at once", at_once.min(questions.len()));
    }
    text
}

/// A call in a timeline.
pub(super) fn called(question: &Question, answer: Option<AnswerKind>) -> Event {
    let (leader_pid, signal_name) = (question.leader_pid, question.signal_name.clone());
    Event::Called { leader_pid, signal_name, answer }
}

/// A question as reports write it.
pub fn question_text(question: &Question) -> String {
    let name = quoted_name(&question.signal_name, LONGEST_NAME);
    match question.batch {
        0 => format!("signal({}, {name})", question.leader_pid),
        _ => format!("signal_each([… {} …], {name})", question.leader_pid),
    }
}

/// The call that asks a batch.
fn batch_text(batch: &[Question]) -> String {
    let leader_pids: Vec<_> =
        batch.iter().take(SHOWN).map(|question| question.leader_pid.to_string()).collect();
    let rest = batch.len().saturating_sub(SHOWN);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let name = batch.first().map_or("", |question| &question.signal_name);
    format!("signal_each([{}{more}], {})", leader_pids.join(", "), quoted_name(name, LONGEST_NAME))
}

/// An answer as reports write it.
pub fn answer_text(answer: &SignalResult) -> String {
    match answer {
        Ok(true) => "Ok(true), delivered".to_owned(),
        Ok(false) => "Ok(false), exited".to_owned(),
        Err(message) => format!("Err({message:?})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(calls: &[(u32, &str)], at_once: usize) -> String {
        let questions: Vec<_> = calls.iter().map(|&(id, name)| Question::new(id, name)).collect();
        asked_text(&questions, at_once)
    }

    #[test]
    fn calls_one_after_the_other_are_told_in_order() {
        assert_eq!(
            calls(&[(7, "SIGTERM"), (5, "SIGHUP"), (5, "SIGHUP")], 1),
            r#"signal(7, "SIGTERM"), signal(5, "SIGHUP") 2 times"#
        );
        assert_eq!(calls(&[(7, "SIGTERM")], 8), r#"signal(7, "SIGTERM")"#);
    }

    #[test]
    fn calls_at_once_are_told_alike_in_whatever_order() {
        let told = r#"signal(5, "SIGHUP"), signal(7, "SIGINT"), signal(7, "SIGTERM") 2 times, 4 at once"#;
        let one = [(7, "SIGTERM"), (5, "SIGHUP"), (7, "SIGTERM"), (7, "SIGINT")];
        let other = [(7, "SIGINT"), (7, "SIGTERM"), (7, "SIGTERM"), (5, "SIGHUP")];
        assert_eq!(calls(&one, 8), told);
        assert_eq!(calls(&other, 8), told);
    }

    #[test]
    fn a_batch_is_told_as_the_call_that_it_is() {
        let batch = Question::batch(&[9, 7, 8], "SIGTERM");
        assert_eq!(asked_text(&batch, 3), r#"signal_each([9, 7, 8], "SIGTERM")"#);
        let two = [batch, Question::batch(&[1, 2, 3], "SIGINT")].concat();
        let told = r#"signal_each([9, 7, 8], "SIGTERM"), signal_each([1, 2, 3], "SIGINT"), at once"#;
        assert_eq!(asked_text(&two, 6), told);
        let large = Question::batch(&[7; 20], "SIGTERM");
        assert!(asked_text(&large, 20).contains("7, 7 and 14 more], "), "{}", asked_text(&large, 20));
    }

    #[test]
    fn of_many_calls_the_rest_is_counted() {
        let many: Vec<_> = (2..20).map(|id| (id, "SIGTERM")).collect();
        assert!(
            calls(&many, 4).ends_with(r#"signal(7, "SIGTERM") and 12 more, 4 at once"#),
            "{}",
            calls(&many, 4)
        );
    }
}
