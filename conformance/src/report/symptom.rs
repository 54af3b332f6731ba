//! What went wrong in a case, as a type: cases that fail for one reason have one symptom.

use super::text;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What went wrong in a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Symptom {
    /// Only the requirement says what went wrong.
    #[default]
    Other,
    /// The subject did not answer as its form says; [`ProtocolError`] has the details.
    Protocol,
    /// It gave one answer where another was owed. An owed answer of `None` is any but the one given.
    Answer {
        /// The answer that the contract asks for.
        owed: Option<AnswerKind>,
        /// The answer that was given.
        given: AnswerKind,
    },
    /// A member did not receive the signal, though the answer was that it was delivered.
    Missed,
    /// A member received the signal, but only after the answer.
    Belated,
    /// A member received the signal more than once.
    Repeated,
    /// A member received another signal.
    Strange,
    /// Something happened to a process outside the group.
    Outsiders,
    /// What the subject holds grows with the number of calls.
    Grows,
}

/// An answer without its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AnswerKind {
    /// `Ok(true)`.
    Delivered,
    /// `Ok(false)`.
    Exited,
    /// `Err`.
    Failed,
}

impl AnswerKind {
    /// The kind of this answer.
    pub fn of(answer: &Result<bool, String>) -> Self {
        match answer {
            Ok(true) => Self::Delivered,
            Ok(false) => Self::Exited,
            Err(_) => Self::Failed,
        }
    }
}

/// What was special about the calls of a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// Nothing: a known name for a leader pid that a group can have.
    #[default]
    Group,
    /// A signal name that the subject must refuse.
    Name,
    /// A leader pid that no group can have.
    Leader,
}

/// How a subject did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ProtocolFault {
    /// No answer within the time limit.
    Silent,
    /// A line on standard output that is no JSON object.
    Noise,
    /// A JSON object that is no answer.
    Malformed,
    /// An answer to a question that is not open.
    OutOfTurn,
    /// The process exited, or closed its output.
    Ended,
    /// More than a line may hold.
    Flood,
}

/// What a subject did instead of answering.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolError {
    /// The kind of it.
    pub fault: ProtocolFault,
    /// The whole of it in a sentence, but for its standard error.
    pub what: String,
    /// Whether it is asked by lines: a program of its own that speaks the stdio form, and not what serves a Rust
    /// type or a command.
    #[serde(default)]
    pub in_lines: bool,
    /// Whether it had answered a call before, in this case.
    pub answered: bool,
    /// What it wrote that is no answer, or did not end with a line end; printable. Empty if there is nothing.
    pub wrote: String,
    /// How its process ended, if it did: "exited with status 1".
    pub ended: Option<String>,
    /// The end of its standard error, as it wrote it.
    pub errors: String,
    /// How long its first answer took at last, and the next one, where they were waited for.
    #[serde(default)]
    pub first_answers: Option<[Duration; 2]>,
}

impl ProtocolError {
    /// How much of its standard error a sentence quotes, in characters: the end, where the reason stands.
    const ERRORS: usize = 900;

    /// Whether it is slow to start: its first answer came late, the next one in a quarter of that time at
    /// most. Returns how long the first one took.
    pub fn slow_start(&self) -> Option<Duration> {
        let [first, next] = self.first_answers?;
        (next < first / 4).then_some(first)
    }

    /// Whether nothing came in time, and nothing wrong either.
    pub fn is_silence(&self) -> bool {
        self.fault == ProtocolFault::Silent
    }

    /// The whole of it in a sentence.
    pub fn text(&self) -> String {
        match text::ending(&self.errors, Self::ERRORS) {
            words if words.is_empty() => self.what.clone(),
            words => format!("{}; on standard error it wrote: {words}", self.what),
        }
    }

    /// The last lines of its standard error, at most that many, each printable.
    pub fn last_lines(&self, most: usize) -> Vec<String> {
        // Interpreters underline what they quote.
        let is_word = |line: &&str| line.contains(|letter: char| !matches!(letter, ' ' | '^' | '~' | '|'));
        // Behind a panic's message stand its backtrace, or a note that tells how to see it.
        let (errors, _) = self.errors.rsplit_once("\nstack backtrace:\n").unwrap_or((&self.errors, ""));
        let is_note = |line: &&str| line.starts_with("note: run with `RUST_BACKTRACE=");
        let lines: Vec<_> = errors.lines().filter(|line| is_word(line) && !is_note(line)).collect();
        lines[lines.len().saturating_sub(most)..].iter().map(|line| text::printable(line)).collect()
    }
}
