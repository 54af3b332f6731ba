//! What is written to a process that serves a registry, and what its lines mean: one JSON object a line, each
//! answered in turn.

use super::script::{Call, Script};
use crate::report::text::printable;
use crate::subject::wire::{Answer, Asked, Parsed};
use process_groups::ProcessGroupEntry;
use serde::{Deserialize, Serialize};

/// One question to the server of a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which answer belongs to it.
    pub id: u64,
    /// What is to be done.
    pub operation: Operation,
}

/// What can be done with a registry, and with the signallers that it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Gives a scripted signaller its script: from now on, also where a registry holds it already. No operation
    /// of a registry.
    Script(Script),
    /// Makes a registry with that signaller, in the place of the one before.
    New {
        /// The signaller.
        signaller: Which,
    },
    /// Makes a registry by default, in the place of the one before.
    Default,
    /// Registers.
    Register {
        /// The leader pid.
        leader_pid: u32,
        /// The label.
        label: String,
    },
    /// Forgets.
    Forget {
        /// The leader pid.
        leader_pid: u32,
    },
    /// Signals all.
    SignalAll {
        /// The signal's name.
        signal_name: String,
    },
    /// Replaces the signaller.
    SetSignaller {
        /// The new one.
        signaller: Which,
    },
    /// Lists.
    Entries,
}

/// A signaller for a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The one that the server was given, for groups that live. Its calls are logged as those of signaller 0.
    Given,
    /// Another one that does what the given one does. Its calls are logged as those of the signaller of this id,
    /// which is neither 0 nor a scripted one's.
    Twin(u32),
    /// The scripted one of this id, which is not 0.
    Scripted(u32),
}

/// One answer of the server of a registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerLine {
    /// The question's id.
    pub id: u64,
    /// What came of it.
    pub outcome: Outcome,
    /// Every call of a signaller since the last answer, in order.
    pub calls: Vec<Call>,
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It returned, and returns nothing.
    Done,
    /// What `entries` returned.
    Entries(Vec<Entry>),
    /// What `signal_all` returned.
    Results(Vec<(Entry, Answer)>),
    /// It panicked, with this message.
    Panicked(String),
}

/// One entry of a registry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// The leader pid.
    pub leader_pid: u32,
    /// The label.
    pub label: String,
}

impl From<ProcessGroupEntry> for Entry {
    fn from(ProcessGroupEntry { leader_pid, label }: ProcessGroupEntry) -> Self {
        Self { leader_pid, label }
    }
}

impl From<(u32, String)> for Entry {
    fn from((leader_pid, label): (u32, String)) -> Self {
        Self { leader_pid, label }
    }
}

impl Asked for Operation {
    type Answer = AnswerLine;

    fn line(&self, id: u64) -> String {
        serde_json::to_string(&Question { id, operation: self.clone() }).unwrap_or_default()
    }
}

impl Parsed for AnswerLine {
    fn id(&self) -> u64 {
        self.id
    }

    fn parse(line: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(line).map_err(|cause| {
            // The cause quotes what it does not know.
            let cause = printable(&cause.to_string());
            format!(
                "it is no answer ({cause}); whatever a registry prints itself belongs on standard error, since its \
                 server answers on standard output"
            )
        })
    }
}
