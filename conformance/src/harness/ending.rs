//! How a case ends before its end: its requirement is broken, it cannot be tried, or the suite itself failed.

use super::{Context, Need, Problems};
use crate::report::Finding;
use crate::report::symptom::{AnswerKind, Symptom};
use crate::testbed::AgentError;
use crate::testbed::protocol::Reply;

/// Why a case ended before its end.
#[derive(Debug)]
pub enum Abort {
    /// The subject broke the requirement.
    Breach(Box<Finding>),
    /// It cannot be tried here: a need that the case declares, with what was seen of that.
    Lacks(Need, String),
    /// The suite itself failed.
    Broken(String),
}

impl From<AgentError> for Abort {
    fn from(fault: AgentError) -> Self {
        Abort::Broken(fault.to_string())
    }
}

/// How a case or a step of it ended.
pub type Result<T = (), E = Abort> = std::result::Result<T, E>;

impl Context {
    /// Ends the case unless `problems` is empty: the requirement is broken.
    ///
    /// # Errors
    /// [`Abort::Breach`] with the problems as what happened.
    pub fn expect_none(&mut self, expected: &str, problems: impl Into<Problems>) -> Result {
        let problems = problems.into();
        if problems.is_empty() {
            return Ok(());
        }
        let finding = self.finding(expected, &problems.text(), problems.symptom());
        Err(Abort::Breach(Box::new(Finding { processes: problems.processes(), ..finding })))
    }

    /// The same where the problems are that something did not come in time, which also happens where others
    /// are in the way.
    ///
    /// # Errors
    /// [`Abort::Breach`] with the problems as what happened.
    pub fn expect_none_late(&mut self, expected: &str, problems: Vec<String>) -> Result {
        if problems.is_empty() { Ok(()) } else { Err(self.breach_late(expected, &problems.join("\n"))) }
    }

    /// The end of a case whose requirement is broken.
    pub fn breach(&mut self, expected: &str, happened: &str) -> Abort {
        Abort::Breach(Box::new(self.finding(expected, happened, Symptom::Other)))
    }

    /// The end of a case in which something did not come in time, which also happens where others are in the
    /// way.
    pub fn breach_late(&mut self, expected: &str, happened: &str) -> Abort {
        let finding = self.finding(expected, happened, Symptom::Other);
        Abort::Breach(Box::new(Finding { late: true, ..finding }))
    }

    pub(super) fn finding(&mut self, expected: &str, happened: &str, symptom: Symptom) -> Finding {
        let given = |wanted| self.given.contains(&wanted).then_some(wanted);
        let symptom = match symptom {
            // Who says that nothing was delivered has delivered nothing: the answer is what is wrong.
            Symptom::Missed => match given(AnswerKind::Failed).or(given(AnswerKind::Exited)) {
                Some(given) => Symptom::Answer { owed: Some(AnswerKind::Delivered), given },
                None => Symptom::Missed,
            },
            // What nobody can explain is explained by a subject that did not answer.
            Symptom::Other if self.protocol.is_some() => Symptom::Protocol,
            symptom => symptom,
        };
        Finding {
            asked: self.last_asked.clone(),
            expected: expected.to_owned(),
            happened: happened.to_owned(),
            timeline: self.moments(),
            processes: Vec::new(),
            symptom,
            topic: self.topic,
            protocol: self.protocol.clone(),
            late: false,
            requirement: None,
        }
    }
}

/// An agent's answer to another question than the one asked.
pub(crate) fn unexpected(reply: &Reply) -> Abort {
    Abort::Broken(format!("the agent answered {reply:?}"))
}
