//! Asking the subject.

use super::{Abort, Context, Group, Moment, Result, answer_text, unexpected};
use crate::declared::Declared;
use crate::harness::runner::Kind;
use crate::report::symptom::{AnswerKind, ProtocolError, Topic};
use crate::report::text::{printable, quoted_name};
use crate::report::timeline::{Became, Event};
use crate::subject::connection::{Answered, Connection};
use crate::subject::misbehaviour::Misbehaviour;
use crate::subject::server;
use crate::subject::wire::{Answer, AnswerLine, Question};
use crate::testbed::SystemCall;
use crate::testbed::protocol::{Reply, Request, State, signal_name};
use process_groups::model::NAMES;
use std::thread::{self, Builder};
use std::time::Duration;

/// How many questions of a batch the record of a case shows.
pub const SHOWN: usize = 6;
/// The longest signal name that is shown whole, in characters.
const LONGEST_NAME: usize = 160;

/// How long a process that closed its pipes may take to exit before the report says that it goes on.
const EXIT: Duration = Duration::from_secs(1);

/// How long the agent waits for members to exit before the case looks whether the answer has come.
const A_TURN: Duration = Duration::from_millis(20);

/// The answers, or how the subject did not answer.
type Asked = std::result::Result<Vec<Answered<AnswerLine>>, Misbehaviour>;

impl Context {
    /// Asks the subject to signal a group.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says.
    pub fn ask(&mut self, leader_pid: u32, signal_name: &str) -> Result<Answer> {
        Ok(self.ask_timed(leader_pid, signal_name)?.0)
    }

    /// Asks the subject to signal a group. Returns the time the answer took, too.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says.
    pub fn ask_timed(&mut self, leader_pid: u32, signal_name: &str) -> Result<(Answer, Duration)> {
        let answered = self.ask_question(Question::new(leader_pid, signal_name))?;
        Ok((answered.line.answer, answered.took))
    }

    /// Asks the subject one question of any kind.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says.
    pub fn ask_question(&mut self, question: Question) -> Result<Answered<AnswerLine>> {
        let mut answers = self.ask_all(&[question], 1)?;
        answers.pop().ok_or_else(|| Abort::Broken("a question without an answer".to_owned()))
    }

    /// Asks the subject many questions, at most `at_once` of them open at a time. Returns the answers in the
    /// questions' order.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says.
    pub fn ask_all(&mut self, questions: &[Question], at_once: usize) -> Result<Vec<Answered<AnswerLine>>> {
        self.ask_by(questions, at_once, |context| Ok(context.connection()?.ask_all(questions, at_once)))
    }

    /// Asks the subject to signal groups in one batch, by one call of `signal_each`. Returns the answers in
    /// the groups' order. Only a subject that has [`Need::Batches`](super::Need::Batches) can be asked so.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says.
    pub fn ask_each(&mut self, leader_pids: &[u32], signal_name: &str) -> Result<Vec<Answer>> {
        let questions = Question::batch(leader_pids, signal_name);
        let answers = self.ask_all(&questions, questions.len())?;
        Ok(answers.into_iter().map(|answered| answered.line.answer).collect())
    }

    /// Asks the subject to signal a group, and lets `change` happen while the first call of it that is
    /// `wanted` is held before it happens. Without such a call nothing is changed.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says; what `change` returns.
    pub fn ask_while(
        &mut self,
        call: (u32, &str),
        wanted: impl Fn(&SystemCall) -> bool + Send + 'static,
        change: impl FnOnce(&mut Self, &SystemCall) -> Result,
    ) -> Result<Answer> {
        self.start()?;
        let (held, snare) = self.watch()?.hold_first(wanted);
        // It ends when the call is held, or when the answer is there without one.
        let meanwhile = |context: &mut Self, _: &dyn Fn() -> bool| {
            held.recv().map_or(Ok(()), |held| change(context, &held.call))
        };
        self.ask_beside_what_happens(call, || snare.release(), meanwhile)
    }

    /// Asks the subject to signal a group of which the agent is the parent, and reaps each member as soon as
    /// it has exited, which may be before the answer. Whoever is left when that comes is not waited for.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says; [`Abort::Broken`] when nobody can be
    /// reaped.
    pub fn ask_reaping(&mut self, group: &Group, signal_name: &str) -> Result<Answer> {
        self.ask_beside_what_happens(
            (group.id, signal_name),
            || (),
            |context, has_answered| {
                let mut left = group.members.clone();
                while !left.is_empty() {
                    let is_last = has_answered();
                    let request = Request::ReapAsTheyExit { pids: left.clone(), wait: A_TURN };
                    left = match context.agent(&request)? {
                        Reply::Members { pids } => pids,
                        reply => return Err(unexpected(&reply)),
                    };
                    if is_last {
                        break;
                    }
                }
                let reaped: Vec<_> =
                    group.members.iter().copied().filter(|pid| !left.contains(pid)).collect();
                let what = format!("members of group {} were reaped as soon as they had exited", group.id);
                context.became(what, &reaped, &Became::Reaped);
                Ok(())
            },
        )
    }

    /// Asks on a thread of its own, which ends with `when_answered`, and lets `meanwhile` happen, which is
    /// told how to find out whether the answer has come.
    fn ask_beside_what_happens(
        &mut self,
        (leader_pid, signal_name): (u32, &str),
        when_answered: impl FnOnce() + Send,
        meanwhile: impl FnOnce(&mut Self, &dyn Fn() -> bool) -> Result,
    ) -> Result<Answer> {
        let questions = [Question::new(leader_pid, signal_name)];
        let mut answers = self.ask_by(&questions, 1, |context| {
            let Some((pid, mut connection)) = context.subject.take() else {
                return Err(Abort::Broken("the subject was not started".to_owned()));
            };
            let (answers, happened) = thread::scope(|scope| {
                let ask = || {
                    let answers = connection.ask_all(&questions, 1);
                    when_answered();
                    answers
                };
                let asking = Builder::new()
                    .spawn_scoped(scope, ask)
                    .map_err(|cause| Abort::Broken(cause.to_string()))?;
                let happened = meanwhile(context, &|| asking.is_finished());
                let answers = asking.join().map_err(|_| Abort::Broken("asking panicked".to_owned()))?;
                Ok::<_, Abort>((answers, happened))
            })?;
            context.subject = Some((pid, connection));
            happened.map(|()| answers)
        })?;
        let answered =
            answers.pop().ok_or_else(|| Abort::Broken("a question without an answer".to_owned()))?;
        Ok(answered.line.answer)
    }

    /// Asks as `by` does, and records it.
    pub(super) fn ask_by(
        &mut self,
        questions: &[Question],
        at_once: usize,
        by: impl FnOnce(&mut Self) -> Result<Asked>,
    ) -> Result<Vec<Answered<AnswerLine>>> {
        self.start()?;
        self.last_asked = asked_text(questions, at_once);
        let calls = questions.iter().map(|question| (question.leader_pid, question.signal_name.as_str()));
        self.topic = topic_of(&self.settings.declared, calls);
        let asked = questions.iter().map(|question| (question.leader_pid, question.signal_name.clone()));
        self.asked.extend(asked);
        self.given.clear();
        match by(self)? {
            Ok(answers) => {
                if at_once.min(questions.len()) == 1 {
                    answers.iter().for_each(|answered| self.measure(answered));
                }
                self.given.extend(answers.iter().map(|answered| AnswerKind::of(&answered.line.answer)));
                for (question, answered) in questions.iter().zip(&answers).take(SHOWN) {
                    let took = answered.took.as_secs_f64() * 1000.0;
                    let answer = answer_text(&answered.line.answer);
                    let text = format!("{} answered {answer} after {took:.1} ms", question_text(question));
                    let kind = AnswerKind::of(&answered.line.answer);
                    self.timeline.record(Moment::new(text, vec![called(question, Some(kind))]));
                }
                let rest = questions.len().saturating_sub(SHOWN);
                if rest > 0 {
                    self.note(format!("… and {rest} more answers"));
                }
                Ok(answers)
            }
            Err(fault) => {
                questions
                    .iter()
                    .take(SHOWN)
                    .for_each(|question| self.timeline.before(called(question, None)));
                Err(self.misbehaved(&fault))
            }
        }
    }

    /// Whether the subject was asked to send that signal to the group.
    pub fn has_asked_for(&self, leader_pid: u32, signal: i32) -> bool {
        self.asked.contains(&(leader_pid, signal_name(signal)))
    }

    /// Takes note of how long an answer took that was waited for alone.
    fn measure(&mut self, answered: &Answered<AnswerLine>) {
        let kind = match &answered.line.answer {
            _ if !std::mem::replace(&mut self.has_answered, true) => Kind::FirstAnswer,
            Ok(true) => Kind::Delivered,
            Ok(false) => Kind::Exited,
            Err(_) => Kind::Error,
        };
        self.settings.schedule.pace.took(kind, answered.took);
    }

    /// Checks that the subject wrote nothing beyond its answers.
    ///
    /// # Errors
    /// [`Abort::Breach`] with what it wrote.
    pub fn expect_silence(&mut self) -> Result {
        let result = match &mut self.subject {
            Some((_, connection)) => connection.expect_silence::<AnswerLine>(),
            None => Ok(()),
        };
        result.map_err(|fault| self.misbehaved(&fault))
    }

    /// The suite's end of the subject, which must be started.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it is not.
    pub fn connection(&mut self) -> Result<&mut Connection> {
        match &mut self.subject {
            Some((_, connection)) => Ok(connection),
            None => Err(Abort::Broken("the subject was not started".to_owned())),
        }
    }

    /// How the subject's process is, as soon as it has exited or else after `wait`.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it was not started or the agent cannot look.
    pub fn subject_state(&mut self, wait: Duration) -> Result<State> {
        match self.ask_beside(&Request::Subject { wait })? {
            Reply::Subject { state } => Ok(state),
            reply => Err(unexpected(&reply)),
        }
    }

    /// Sends the subject SIGTERM, as whoever ends a session does.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it was not started.
    pub fn terminate_subject(&mut self) -> Result {
        self.ask_beside(&Request::Terminate)?;
        self.note("sent SIGTERM to the subject".to_owned());
        Ok(())
    }

    /// The subject's pid beside whoever started it; `None` before it is started.
    pub fn subject_pid(&self) -> Option<u32> {
        self.subject.as_ref().map(|&(pid, _)| pid)
    }

    pub(super) fn misbehaved(&mut self, fault: &Misbehaviour) -> Abort {
        if let Misbehaviour::Starved { .. } = fault {
            self.is_starved = true;
            return Abort::Broken(format!("the subject {fault}"));
        }
        // A process that exits closes its pipes a moment before it has exited.
        let wait = if fault.is_an_end() { EXIT } else { Duration::ZERO };
        let state = self.subject_state(wait);
        let ended = match &state {
            Ok(State::Killed(signal)) => Some(format!("was ended by {}", signal_name(*signal))),
            Ok(state @ State::Exited(_)) => Some(format!("has {state}")),
            _ => None,
        };
        let state = match state {
            Ok(State::Running) if fault.is_an_end() => "; its process goes on".to_owned(),
            Ok(State::Running) => String::new(),
            Ok(State::Stopped) => "; its process is stopped".to_owned(),
            Ok(State::Exited(server::RAN_SHORT)) if self.settings.subject.form.is_served() => {
                return Abort::Broken(
                    self.connection().map_or_else(|_| String::new(), |it| printable(&it.errors())),
                );
            }
            Ok(State::Killed(signal)) => format!("; its process was ended by {}", signal_name(signal)),
            Ok(state) => format!("; its process has {state}"),
            // What the subject did may have reached the agent: then that is what went wrong.
            Err(stop) => return stop,
        };
        let Ok(connection) = self.connection() else {
            return Abort::Broken("the subject was not started".to_owned());
        };
        let (answered, errors) = (connection.has_answered(), connection.errors());
        let error = ProtocolError {
            fault: fault.kind(),
            what: format!("the subject {fault}{state}"),
            answered,
            wrote: fault.wrote().to_owned(),
            ended,
            errors,
        };
        let happened = error.text();
        self.note(error.what.clone());
        self.protocol = Some(error);
        let expected = if self.settings.subject.form.is_served() {
            "an answer to each call within the time limit"
        } else {
            r#"an answer to each call within the time limit, on a line of its own, such as {"id":7,"ok":true}"#
        };
        match fault {
            Misbehaviour::Silent { .. } => self.breach_late(expected, &happened),
            // Mono warns on standard output of a policy that it does not know. Tried again alone, nobody goes
            // last.
            _ if self.goes_last => self.breach_late(expected, &happened),
            _ => self.breach(expected, &happened),
        }
    }
}

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
fn asked_text(questions: &[Question], at_once: usize) -> String {
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
fn called(question: &Question, answer: Option<AnswerKind>) -> Event {
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
