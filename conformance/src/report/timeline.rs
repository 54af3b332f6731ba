//! What was done and seen in a case, moment by moment: reports write the words, pictures draw the events.

use super::symptom::AnswerKind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::Duration;

/// One moment of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// When it was, from the beginning of the case; `None` where steps count and not time, as in a history.
    pub at: Option<Duration>,
    /// What was done, in words.
    pub text: String,
    /// What was done, and what was seen after it, in order.
    pub events: Vec<Event>,
}

impl Moment {
    /// One with these events.
    pub fn new(text: impl Into<String>, events: Vec<Event>) -> Self {
        Self { at: None, text: text.into(), events }
    }

    /// Whether the subject sent a signal in it, or tried to.
    pub fn sends(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::SystemCall { sends: true, .. }))
    }

    /// The system calls that the subject made in it.
    pub fn system_calls(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|event| match event {
            Event::SystemCall { call, .. } => Some(call.as_str()),
            _ => None,
        })
    }
}

/// One without events.
impl From<String> for Moment {
    fn from(text: String) -> Self {
        Self::new(text, Vec::new())
    }
}

/// One without events.
impl From<&str> for Moment {
    fn from(text: &str) -> Self {
        Self::new(text, Vec::new())
    }
}

/// The words, behind the time.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(at) => write!(f, "{:>7.1} ms  {}", at.as_secs_f64() * 1000.0, self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A process is there from now on.
    Appeared(Actor),
    /// The subject was called.
    Called {
        /// The leader pid that it was given.
        leader_pid: u32,
        /// The signal name that it was given.
        signal_name: String,
        /// What it answered; `None` if it did not.
        answer: Option<AnswerKind>,
    },
    /// The subject, or a process that it started, made a system call.
    SystemCall {
        /// Its name and its arguments.
        call: String,
        /// Whom it is meant for, if that is one process or one group.
        to: Option<Recipient>,
        /// Whether it sends a signal: some only ask whether somebody is there.
        sends: bool,
    },
    /// Something was done with the registry.
    Operated {
        /// What, as reports write it.
        operation: String,
    },
    /// A signal reached a process.
    Received {
        /// The process.
        pid: u32,
        /// The signal's name.
        signal: String,
    },
    /// A signal waits for a process to take it.
    Pending {
        /// The process.
        pid: u32,
        /// The signal's name.
        signal: String,
    },
    /// A process is in another state.
    Became {
        /// The process.
        pid: u32,
        /// The state.
        state: Became,
    },
}

impl Event {
    /// Whether it says that a signal came to a process.
    pub fn is_arrival(&self) -> bool {
        matches!(
            self,
            Self::Received { .. } | Self::Pending { .. } | Self::Became { state: Became::Killed(_), .. }
        )
    }
}

/// Whom a system call is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Recipient {
    /// The process with this pid.
    Process(u32),
    /// Every member of the group with this id.
    Group(u32),
}

/// A state that a process came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Became {
    /// Stopped.
    Stopped,
    /// Running again.
    Continued,
    /// Exited by itself, and not reaped.
    Exited,
    /// Ended by the signal of this name, and not reaped.
    Killed(String),
    /// Reaped: it is gone.
    Reaped,
}

/// A process of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Its pid.
    pub pid: u32,
    /// What it is, in words.
    pub what: String,
    /// The id of its group; `None` for a process elsewhere than the groups, whose pid says nothing among
    /// theirs.
    pub group: Option<u32>,
    /// Its part in the case.
    pub part: Part,
}

/// The part of a process in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// The subject itself.
    Subject,
    /// What the suite needs: the agent, and the subject's parent.
    Suite,
    /// A member or a bystander, made for the case.
    Made,
}
