//! What is not as it should be after a call: sentences, and what they are a symptom of.

use crate::report::symptom::{AnswerKind, Symptom};
use crate::subject::wire::SignalResult;
use std::fmt;

/// A sentence on something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    symptom: Symptom,
    text: String,
    process: Option<u32>,
}

impl Problem {
    /// One with a symptom of its own.
    pub fn new(symptom: Symptom, text: String) -> Self {
        Self { symptom, text, process: None }
    }

    /// The same of that process.
    #[must_use]
    pub fn of(self, pid: u32) -> Self {
        Self { process: Some(pid), ..self }
    }

    /// The same, with other words.
    #[must_use]
    pub fn mapped(self, words: impl FnOnce(&str) -> String) -> Self {
        Self { text: words(&self.text), ..self }
    }

    /// One that says that `answer` was given, where `owed` was; any answer but that, if it is `None`.
    pub fn answer(owed: Option<AnswerKind>, answer: &SignalResult, text: String) -> Self {
        Self::new(Symptom::Answer { owed, given: AnswerKind::of(answer) }, text)
    }
}

/// One of which only the requirement says what it is a symptom of.
impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self::new(Symptom::Other, text)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Some problems, or none.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Whether all is as it should be.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one.
    pub fn push(&mut self, problem: impl Into<Problem>) {
        self.0.push(problem.into());
    }

    /// Leaves at most that many.
    pub fn truncate(&mut self, most: usize) {
        self.0.truncate(most);
    }

    /// What they are a symptom of: the first that says it says it for all.
    pub fn symptom(&self) -> Symptom {
        let known = self.0.iter().map(|problem| problem.symptom).find(|symptom| *symptom != Symptom::Other);
        known.unwrap_or_default()
    }

    /// The processes that they are about, as far as that is known.
    pub fn processes(&self) -> Vec<u32> {
        self.0.iter().filter_map(|problem| problem.process).collect()
    }

    /// The sentences, a line each.
    pub fn text(&self) -> String {
        self.0.iter().map(|problem| problem.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

impl<P: Into<Problem>> From<Vec<P>> for Problems {
    fn from(problems: Vec<P>) -> Self {
        problems.into_iter().collect()
    }
}

impl<P: Into<Problem>> FromIterator<P> for Problems {
    fn from_iter<I: IntoIterator<Item = P>>(problems: I) -> Self {
        Self(problems.into_iter().map(Into::into).collect())
    }
}

impl<P: Into<Problem>> Extend<P> for Problems {
    fn extend<I: IntoIterator<Item = P>>(&mut self, problems: I) {
        self.0.extend(problems.into_iter().map(Into::into));
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
