//! How a case ends before its end: its requirement is broken, it cannot be tried, or the suite itself failed.

use super::{Context, Need, Problems, Process, SHOWN};
use crate::contract::SPARES_OTHER_GROUPS;
use crate::report::symptom::{AnswerKind, Symptom, Topic};
use crate::report::{Finding, Outcome};
use crate::testbed::AgentError;
use crate::testbed::protocol::{Reply, State};

/// Why a case ended before its end.
#[derive(Debug)]
pub enum Abort {
    /// The subject broke the requirement.
    Breach(Box<Finding>),
    /// It cannot be tried here: a need that the case declares, or [`Need::OwnUser`], with what was seen of that.
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
        let symptom = match problems.symptom() {
            Symptom::Missed if self.receive_it_late(&problems.processes()) => Symptom::Belated,
            symptom => symptom,
        };
        let finding = self.finding(expected, &problems.text(), symptom);
        Err(self.accuse(Finding { processes: problems.processes(), ..finding }))
    }

    /// Whether one of those processes receives a signal that was sent to it after the last snapshot, within a
    /// moment. The record says so.
    fn receive_it_late(&mut self, pids: &[u32]) -> bool {
        let before = self.last_seen.clone();
        if pids.is_empty() {
            return false;
        }
        self.wait_for_latecomers();
        // An agent that is lost by now has told what went wrong.
        let Ok(now) = self.snapshot() else { return false };
        let late: Vec<_> =
            pids.iter().filter(|&&pid| now.sent(pid).len() > before.sent(pid).len()).take(SHOWN).collect();
        for &&pid in &late {
            let sentence = self.sentence(&now, pid);
            self.note(format!("by now, {sentence}"));
        }
        !late.is_empty()
    }

    /// The same where the problems are that something did not come in time, which also happens where others
    /// are in the way.
    ///
    /// # Errors
    /// [`Abort::Breach`] with the problems as what happened.
    pub fn expect_none_late(&mut self, expected: &str, problems: impl Into<Problems>) -> Result {
        match self.expect_none(expected, problems) {
            Err(Abort::Breach(finding)) => Err(Abort::Breach(Box::new(Finding { late: true, ..*finding }))),
            result => result,
        }
    }

    /// The end of a case whose requirement is broken.
    pub fn breach(&mut self, expected: &str, happened: &str) -> Abort {
        let finding = self.finding(expected, happened, Symptom::Other);
        self.accuse(finding)
    }

    /// The end of a case in which something did not come in time, which also happens where others are in the
    /// way.
    pub fn breach_late(&mut self, expected: &str, happened: &str) -> Abort {
        let finding = self.finding(expected, happened, Symptom::Other);
        self.accuse(Finding { late: true, ..finding })
    }

    /// The end of a case with that finding, unless a refusal explains it that another user than the owner of the
    /// groups meets.
    fn accuse(&self, finding: Finding) -> Abort {
        let is_of_permission = finding.topic == Topic::Group
            && match finding.symptom {
                Symptom::Answer { .. } | Symptom::Missed => true,
                Symptom::Other => self.given.contains(&AnswerKind::Failed),
                _ => false,
            };
        let other_user = if is_of_permission { self.as_another_user() } else { None };
        // Where others start processes, too, an id may be another group's by the time of the call.
        let exited_answered_delivered =
            Symptom::Answer { owed: Some(AnswerKind::Exited), given: AnswerKind::Delivered };
        let late =
            finding.late || !self.abilities().sandboxed && finding.symptom == exited_answered_delivered;
        other_user.unwrap_or_else(|| Abort::Breach(Box::new(Finding { late, ..finding })))
    }

    /// Whether the subject has told, while it was watched, that a system call was broken off (EINTR): the suite may have
    /// done that.
    pub fn is_interrupted(&self) -> bool {
        self.is_interrupted
    }

    /// The end of a case whose subject acts as another user than the owner of the groups, if it does: what it was
    /// asked for, the kernel refused.
    pub fn as_another_user(&self) -> Option<Abort> {
        let (uid, owner) = (self.acts_as_another_user()?, self.groups_user());
        let advice = match uid == self.abilities().uid {
            true => format!("it declares user={owner}, and does not act as that user"),
            false => format!("--declare user={uid} makes them that user's"),
        };
        let detail = format!("it signals as user {uid}, and the groups are those of user {owner}; {advice}");
        Some(Abort::Lacks(Need::OwnUser, detail))
    }

    /// What becomes of a case in which the suite could not go on: the subject's parent does some of the suite's
    /// work, and nobody but the subject ends it.
    pub(super) fn judge_broken(&mut self, outcome: Outcome) -> Outcome {
        if !matches!(outcome, Outcome::Broken(_)) || self.agent_is_lost || self.last_asked.is_empty() {
            return outcome;
        }
        let Ok(seen) = self.snapshot() else { return outcome };
        let is_hit =
            |parent: &&Process| matches!(seen.state(parent.pid), State::Exited(_) | State::Killed(_));
        let Some(happened) = self.parent().filter(is_hit).map(|parent| parent.sentence(&seen)) else {
            return outcome;
        };
        let expected = "nobody outside the group is signalled, stopped or ended";
        let finding = self.finding(expected, &happened, Symptom::Outsiders);
        Outcome::Breached(Box::new(Finding { requirement: Some(SPARES_OTHER_GROUPS), ..finding }))
    }

    pub(super) fn finding(&mut self, expected: &str, happened: &str, symptom: Symptom) -> Finding {
        let given = |wanted| self.given.contains(&wanted).then_some(wanted);
        let symptom = match symptom {
            // Who says that nothing was delivered has delivered nothing: the answer is what is wrong.
            Symptom::Missed => match given(AnswerKind::Failed).or(given(AnswerKind::Exited)) {
                Some(given) => Symptom::Answer { owed: Some(AnswerKind::Delivered), given },
                None => Symptom::Missed,
            },
            // Whatever else came of it.
            symptom if !matches!(symptom, Symptom::Answer { .. }) && self.has_signalled_the_caller() => {
                Symptom::Outsiders
            }
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
            interrupted: self.is_interrupted,
            requirement: None,
        }
    }
}

/// An agent's answer to another question than the one asked.
pub(crate) fn unexpected(reply: &Reply) -> Abort {
    Abort::Broken(format!("the agent answered {reply:?}"))
}
