//! What a subject needs of its own to do its work, taken away while it runs and given back.

use super::{Abort, Context, Need, Result};
use crate::report::symptom::ProtocolFault;
use crate::subject::connection::Answered;
use crate::subject::violation::Violation;
use crate::subject::wire::{AnswerLine, Question, SignalResult};
use crate::testbed::protocol::{Program, Reply, Request};
use crate::testbed::{Denied, Start};
use std::time::{Duration, Instant};

/// What a subject needs of its own to do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// Programs that it may start.
    Tools,
    /// Processes and threads that it may start.
    Processes,
    /// Descriptors that it may open.
    Descriptors,
    /// A /proc that shows processes.
    Proc,
    /// A standard error that somebody reads.
    StandardError,
}

impl Means {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Tools, Self::Processes, Self::Descriptors, Self::Proc, Self::StandardError];

    /// The word for a case's id; continues "without-…".
    pub fn word(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Processes => "processes",
            Self::Descriptors => "descriptors",
            Self::Proc => "proc",
            Self::StandardError => "standard-error",
        }
    }

    /// What it is like without them, as a sentence.
    pub fn without(self) -> &'static str {
        match self {
            Self::Tools => "No program can be started any more, as if no tool were in PATH (ENOENT).",
            Self::Processes => {
                "No process and no thread can be started any more, as where there is no memory for one (ENOMEM)."
            }
            Self::Descriptors => "No descriptor can be opened any more (EMFILE).",
            Self::Proc => "/proc is empty.",
            Self::StandardError => {
                "Nobody reads the subject's standard error any more (EPIPE); a command has none."
            }
        }
    }

    /// What they cannot be taken away without.
    pub fn needs(self) -> &'static [Need] {
        match self {
            Self::Tools | Self::Processes => &[Need::Means, Need::Watch],
            Self::Descriptors => &[Need::Means, Need::StaysUp, Need::Holdings],
            Self::Proc => &[Need::Means, Need::OtherProc],
            Self::StandardError => &[Need::Means],
        }
    }

    /// Whether the thread that should answer may have ended for want of them, and others keep the process from ending:
    /// threads and descriptors are what a runtime cannot do without. Who lacks a program or a look at /proc can say so.
    fn is_for_the_runtime(self) -> bool {
        !matches!(self, Self::Tools | Self::Proc)
    }

    /// Whether a subject that runs on can be given them back.
    pub fn can_be_given_back(self) -> bool {
        self != Self::StandardError
    }
}

impl Context {
    /// Starts the subject so that `means` can be taken from it later: many a program needs them to start.
    /// Otherwise it is held as `held` says.
    ///
    /// # Errors
    /// Aborts when it cannot be started.
    pub fn start_with_means(&mut self, means: Means, held: Program) -> Result {
        self.start_with(Program {
            starts_watched: matches!(means, Means::Tools | Means::Processes),
            proc_can_be_emptied: means == Means::Proc,
            ..held
        })
    }

    /// Takes `means` from the subject, which must be started so. What a command needs to be run at all stays.
    ///
    /// # Errors
    /// Aborts when they cannot be taken.
    pub fn take_away(&mut self, means: Means) -> Result {
        self.connection()?.let_end();
        self.limit(means, true)?;
        self.note(format!("from now on: {}", means.without()));
        Ok(())
    }

    /// Gives `means` back.
    ///
    /// # Errors
    /// Aborts when they cannot be given back.
    pub fn give_back(&mut self, means: Means) -> Result {
        self.limit(means, false)?;
        self.note("from now on: everything is there again".to_owned());
        Ok(())
    }

    fn limit(&mut self, means: Means, limited: bool) -> Result {
        let but_for_the_suite = !self.settings.subject.form.stays_up();
        let denied = |start| limited.then_some(Denied { start, but_for_the_suite });
        match means {
            Means::Tools => self.watch()?.deny(denied(Start::Program)),
            Means::Processes => self.watch()?.deny(denied(Start::Process)),
            Means::Descriptors => self.done(&Request::LimitDescriptors { limited })?,
            Means::Proc => self.done(&Request::EmptyProc { empty: limited })?,
            // A command's is its server's to take away, call by call.
            Means::StandardError if !self.settings.subject.form.stays_up() => {}
            Means::StandardError if limited => self.connection()?.close_errors(),
            Means::StandardError => {
                return Err(Abort::Broken("nobody can read a closed pipe again".to_owned()));
            }
        }
        Ok(())
    }

    fn done(&mut self, request: &Request) -> Result {
        match self.ask_beside(request)? {
            Reply::Done => Ok(()),
            Reply::Unseen { reason } => Err(Abort::Lacks(Need::Holdings, reason)),
            reply => Err(super::unexpected(&reply)),
        }
    }

    /// Asks the subject while `means` are taken from it. One that breaks down for want of them has answered
    /// `Err`, and does so from then on: whoever relies on it starts it anew.
    ///
    /// # Errors
    /// [`Abort::Breach`] when it answers otherwise than the stdio form says.
    pub fn ask_without(&mut self, means: Means, leader_pid: u32, signal_name: &str) -> Result<SignalResult> {
        let without_stderr = !self.settings.subject.form.stays_up() && means == Means::StandardError;
        let question = Question { without_stderr, ..Question::new(leader_pid, signal_name) };
        let mut answers = self.ask_all_without(means, &[question])?;
        answers.pop().ok_or_else(|| Abort::Broken("a question without an answer".to_owned()))
    }

    /// The same with several questions, one after the other.
    ///
    /// # Errors
    /// Those of [`ask_without`](Self::ask_without).
    pub fn ask_all_without(&mut self, means: Means, questions: &[Question]) -> Result<Vec<SignalResult>> {
        if self.has_broken_down {
            return Ok(vec![Err("the subject has broken down".to_owned()); questions.len()]);
        }
        let mut has_broken_down = false;
        let answers = self.ask_by(questions, 1, |context| {
            Ok(match context.connection()?.ask_all(questions, 1) {
                Err(fault) if is_a_break_down(&fault, means) => {
                    has_broken_down = true;
                    let answer = Err(format!("the subject {fault}"));
                    let line = AnswerLine { id: 0, answer, changed: Vec::new() };
                    let now = Instant::now();
                    Ok(vec![Answered { line, took: Duration::ZERO, between: (now, now) }; questions.len()])
                }
                asked => asked,
            })
        })?;
        self.has_broken_down |= has_broken_down;
        Ok(answers.into_iter().map(|answered| answered.line.answer).collect())
    }

    /// Whether the subject has broken down for want of what was taken from it.
    pub fn has_broken_down(&self) -> bool {
        self.has_broken_down
    }
}

/// Whether it is what a program does that cannot go on without `means`: it ends; the thread that answers ends; or its
/// runtime complains where answers belong, as the JVM does when it cannot start a thread. None of that claims
/// anything.
fn is_a_break_down(fault: &Violation, means: Means) -> bool {
    match fault.kind() {
        ProtocolFault::Ended | ProtocolFault::Noise => true,
        ProtocolFault::Silent => means.is_for_the_runtime(),
        _ => false,
    }
}
