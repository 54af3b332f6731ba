//! Asking the subject.

use super::calls::{SHOWN, answer_text, asked_text, called, question_text, topic_of};
use super::{Abort, Context, Group, Moment, Result, unexpected};
use crate::harness::runner::Kind;
use crate::report::symptom::AnswerKind;
use crate::report::timeline::Became;
use crate::report::timings::Phase;
use crate::subject::connection::{Answered, Connection};
use crate::subject::violation::Violation;
use crate::subject::wire::{AnswerLine, Question, SignalResult};
use crate::testbed::SystemCall;
use crate::testbed::protocol::{Reply, Request, State, signal_name};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, Builder};
use std::time::{Duration, Instant};

/// How long the agent waits for members to exit before the case looks whether the answer has come.
const A_TURN: Duration = Duration::from_millis(20);

/// Does something at the end of its scope, however that ends.
struct AtLast<F: FnMut()>(F);

impl<F: FnMut()> Drop for AtLast<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// How often all questions are asked while the change takes its time.
const AHEAD: usize = 16;

/// The answers, or how the subject did not answer.
type Answers = std::result::Result<Vec<Answered<AnswerLine>>, Violation>;

impl Context {
    /// Asks the subject to signal a group.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says.
    pub fn ask(&mut self, leader_pid: u32, signal_name: &str) -> Result<SignalResult> {
        Ok(self.ask_timed(leader_pid, signal_name)?.0)
    }

    /// Asks the subject to signal a group. Returns the time the answer took, too.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says.
    pub fn ask_timed(&mut self, leader_pid: u32, signal_name: &str) -> Result<(SignalResult, Duration)> {
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

    /// Asks the subject to signal a group, and reads its answers no more.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it takes no question.
    pub fn ask_without_reading(&mut self, leader_pid: u32, signal_name: &str) -> Result {
        self.start()?;
        let question = Question::new(leader_pid, signal_name);
        self.spare_strangers(std::slice::from_ref(&question))?;
        self.last_asked = asked_text(std::slice::from_ref(&question), 1);
        self.note(format!("nobody reads the subject's answers any more, and {} is asked", self.last_asked));
        let asked = self.connection()?.ask_without_reading(&question);
        asked.map_err(|fault| self.unanswered(&fault))
    }

    /// Asks the subject to signal groups in one batch, by one call of `signal_each`. Returns the answers in
    /// the groups' order. Only a subject that has [`Need::Batches`](super::Need::Batches) can be asked so.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says.
    pub fn ask_each(&mut self, leader_pids: &[u32], signal_name: &str) -> Result<Vec<SignalResult>> {
        let questions = Question::batch(leader_pids, signal_name);
        let answers = self.ask_all(&questions, questions.len())?;
        Ok(answers.into_iter().map(|answered| answered.line.answer).collect())
    }

    /// How long the answers of [`ask_each`](Self::ask_each) take, the last included.
    ///
    /// # Errors
    /// As that.
    pub fn ask_each_timed(&mut self, leader_pids: &[u32], signal_name: &str) -> Result<Duration> {
        let questions = Question::batch(leader_pids, signal_name);
        let answers = self.ask_all(&questions, questions.len())?;
        Ok(answers.into_iter().map(|answered| answered.took).max().unwrap_or_default())
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
    ) -> Result<SignalResult> {
        self.start()?;
        let (held, snare) = self.watch()?.hold_first(wanted);
        // It ends when the call is held, or when the answer is there without one.
        let meanwhile = |context: &mut Self, _: &dyn Fn() -> bool| {
            let Ok(held) = held.recv() else { return Ok(()) };
            let since = Instant::now();
            let changed = change(context, &held.call);
            context.held = since.elapsed();
            changed
        };
        self.ask_beside_what_happens(call, || snare.release(), meanwhile)
    }

    /// Asks the subject to signal a group of which the agent is the parent, and reaps each member as soon as
    /// it has exited, which may be before the answer. Whoever is left when that comes is not waited for.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it does not answer as the stdio form says; [`Abort::Broken`] when nobody can be
    /// reaped.
    pub fn ask_reaping(&mut self, group: &Group, signal_name: &str) -> Result<SignalResult> {
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

    /// Asks the same questions again and again, at most `at_once` open at a time, until `change` has happened,
    /// and once more after it. `change` is told how to wait until each was asked and answered once more. Returns
    /// all answers, in rows of as many as there are questions.
    ///
    /// # Errors
    /// [`Abort::Breach`] when the subject does not answer as the stdio form says; what `change` returns.
    pub fn ask_until(
        &mut self,
        questions: &[Question],
        at_once: usize,
        change: impl FnOnce(&mut Self, &dyn Fn()) -> Result,
    ) -> Result<Vec<Answered<AnswerLine>>> {
        let has_changed = AtomicBool::new(false);
        let (row, rows) = mpsc::sync_channel(AHEAD);
        let ask = |connection: &mut Connection| {
            // It ends with the asking, however that ends, and nobody waits for it any more.
            let row = row;
            let mut answers = Vec::new();
            loop {
                let is_last = has_changed.load(Ordering::Acquire);
                answers.extend(connection.ask_all(questions, at_once)?);
                let _ = row.send(());
                if is_last {
                    return Ok(answers);
                }
            }
        };
        let meanwhile = |context: &mut Self, _: &dyn Fn() -> bool| {
            // However this ends, it leaves the other thread neither asking nor waiting.
            let (_changed, rows) = (AtLast(|| has_changed.store(true, Ordering::Release)), rows);
            let wait = || {
                while rows.try_recv().is_ok() {}
                // The row that is under way may have begun before.
                let _ = rows.recv().and_then(|()| rows.recv());
            };
            change(context, &wait)
        };
        self.ask_by(questions, at_once, |context| context.ask_on_a_thread(ask, meanwhile))
    }

    /// Asks on a thread of its own, which ends with `when_answered`, and lets `meanwhile` happen, which is
    /// told how to find out whether the answer has come.
    fn ask_beside_what_happens(
        &mut self,
        (leader_pid, signal_name): (u32, &str),
        when_answered: impl FnMut() + Send,
        meanwhile: impl FnOnce(&mut Self, &dyn Fn() -> bool) -> Result,
    ) -> Result<SignalResult> {
        let questions = [Question::new(leader_pid, signal_name)];
        let ask = |connection: &mut Connection| {
            let _answered = AtLast(when_answered);
            connection.ask_all(&questions, 1)
        };
        let mut answers = self.ask_by(&questions, 1, |context| context.ask_on_a_thread(ask, meanwhile))?;
        let answered =
            answers.pop().ok_or_else(|| Abort::Broken("a question without an answer".to_owned()))?;
        Ok(answered.line.answer)
    }

    /// Asks on a thread of its own, and lets `meanwhile` happen, which is told how to find out whether the
    /// answers have come.
    fn ask_on_a_thread(
        &mut self,
        ask: impl FnOnce(&mut Connection) -> Answers + Send,
        meanwhile: impl FnOnce(&mut Self, &dyn Fn() -> bool) -> Result,
    ) -> Result<Answers> {
        let Some((pid, mut connection)) = self.subject.take() else {
            return Err(Abort::Broken("the subject was not started".to_owned()));
        };
        let (answers, happened) = thread::scope(|scope| {
            let asking = Builder::new()
                .spawn_scoped(scope, || ask(&mut connection))
                .map_err(|cause| Abort::Broken(cause.to_string()))?;
            let happened = meanwhile(self, &|| asking.is_finished());
            let answers = asking.join().map_err(|_| Abort::Broken("asking panicked".to_owned()))?;
            Ok::<_, Abort>((answers, happened))
        })?;
        self.subject = Some((pid, connection));
        happened.map(|()| answers)
    }

    /// Asks as `by` does, and records it.
    pub(super) fn ask_by(
        &mut self,
        questions: &[Question],
        at_once: usize,
        by: impl FnOnce(&mut Self) -> Result<Answers>,
    ) -> Result<Vec<Answered<AnswerLine>>> {
        self.start()?;
        self.spare_strangers(questions)?;
        self.last_asked = asked_text(questions, at_once);
        let calls = questions.iter().map(|question| (question.leader_pid, question.signal_name.as_str()));
        self.topic = topic_of(&self.settings.declared, calls);
        let asked = questions.iter().map(|question| (question.leader_pid, question.signal_name.clone()));
        self.asked.extend(asked);
        self.given.clear();
        match self.in_phase(Phase::Ask, by)? {
            Ok(answers) => {
                if at_once.min(questions.len()) == 1 {
                    answers.iter().for_each(|answered| self.measure(answered));
                }
                self.given.extend(answers.iter().map(|answered| AnswerKind::of(&answered.line.answer)));
                self.is_interrupted |= self.watch.is_some()
                    && answers.iter().any(|answered| is_of_an_interruption(&answered.line.answer));
                for (question, answered) in questions.iter().zip(&answers).take(SHOWN) {
                    let took = answered.took.as_secs_f64() * 1000.0;
                    let answer = answer_text(&answered.line.answer);
                    let text = format!("{} answered {answer}, after {took:.1} ms", question_text(question));
                    let kind = AnswerKind::of(&answered.line.answer);
                    let (_, read) = answered.between;
                    self.timeline.record_of(read, Moment::new(text, vec![called(question, Some(kind))]));
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
                Err(self.unanswered(&fault))
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
            _ if self.soonest_answer.is_none() => Kind::FirstAnswer,
            Ok(true) => Kind::Delivered,
            Ok(false) => Kind::Exited,
            Err(_) => Kind::Error,
        };
        // How long it was held is no time of the subject's.
        let took = answered.took.saturating_sub(std::mem::take(&mut self.held));
        self.soonest_answer = Some(self.soonest_answer.map_or(took, |soonest| soonest.min(took)));
        self.settings.schedule.pace.took(kind, took);
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
        result.map_err(|fault| self.unanswered(&fault))
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

    /// Sends the subject a signal, as whoever ends a session does.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it was not started.
    pub fn signal_subject(&mut self, signal: i32) -> Result {
        self.ask_beside(&Request::SignalSubject { signal })?;
        self.note(format!("sent {} to the subject", signal_name(signal)));
        Ok(())
    }

    /// Stops the subject, which has answered and waits for a question, and lets it go on when it is stopped.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it was not started, or does not stop within the time for an answer.
    pub fn suspend_subject(&mut self) -> Result {
        self.signal_subject(libc::SIGSTOP)?;
        let deadline = Instant::now() + self.settings.timeout;
        // A stop and what continues it discard each other until one has come to pass (signal(7)).
        while self.subject_state(Duration::ZERO)? == State::Running {
            if Instant::now() > deadline {
                return Err(Abort::Broken("the subject does not stop".to_owned()));
            }
        }
        self.signal_subject(libc::SIGCONT)
    }

    /// The subject's pid beside whoever started it; `None` before it is started.
    pub fn subject_pid(&self) -> Option<u32> {
        self.subject.as_ref().map(|&(pid, _)| pid)
    }
}

/// Whether an answer says that a system call was broken off: by the name of EINTR or in the words of strerror(3).
fn is_of_an_interruption(answer: &SignalResult) -> bool {
    let text = answer.as_ref().err().map(|text| text.to_lowercase());
    text.is_some_and(|text| ["eintr", "interrupted"].iter().any(|word| text.contains(word)))
}
