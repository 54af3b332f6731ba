//! What is written to a process that serves a registry, and what its lines mean: one JSON object a line, each
//! answered in turn.

use super::script::{Call, Script};
use crate::report::text::printable;
use crate::subject::wire::{Parsed, Query, SignalResult};
use process_groups::{ProcessGroupEntry, StopOutcome};
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
    /// Gives a scripted signaller its script: from now on, also where a registry holds it already. No
    /// operation of a registry.
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
    /// Signals those of these targets that still stand.
    SignalTargets {
        /// The signal's name.
        signal_name: String,
        /// The targets.
        targets: Vec<Target>,
    },
    /// Forgets a leader pid while it bears that label.
    ForgetRegistration {
        /// The leader pid.
        leader_pid: u32,
        /// The label.
        label: String,
    },
    /// Stops all.
    Stop {
        /// The grace period, in milliseconds.
        grace_ms: u64,
        /// What is done once SIGTERM was sent.
        meanwhile: Vec<Operation>,
        /// Whether the stop is cancelled after that.
        cancel: bool,
    },
}

/// A signaller for a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Which {
    /// The one that the server was given, for groups that live. Its calls are logged as those of signaller 0.
    Given,
    /// The given one, which is told what the registry pins.
    Pinning,
    /// Another one that does what the given one does. Its calls are logged as those of the signaller of this
    /// id, which is neither 0 nor a scripted one's.
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
    pub outcome: OperationOutcome,
    /// Every call of a signaller since the last answer, in order.
    pub calls: Vec<Call>,
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationOutcome {
    /// It returned, and returns nothing.
    Done,
    /// What `entries` returned.
    Entries(Vec<Target>),
    /// What `signal_all` or `signal_targets` returned.
    Results(Vec<(Target, SignalResult)>),
    /// What `stop` returned, and when, in microseconds since the server began.
    Stopped(Vec<(Target, Ending)>, u64),
    /// It panicked, with this message.
    Panicked(String),
}

/// How an entry came out of a stop: a [`StopOutcome`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It exited by itself.
    Exited,
    /// It had to be killed.
    Killed,
    /// The signaller refused or could not reach it.
    Failed(String),
    /// The stop was cancelled.
    Left,
    /// It came after the stop had begun.
    NotAsked,
    /// None of these.
    Unknown(String),
}

impl From<StopOutcome> for Ending {
    fn from(outcome: StopOutcome) -> Self {
        match outcome {
            StopOutcome::Exited => Self::Exited,
            StopOutcome::Killed => Self::Killed,
            StopOutcome::Failed(message) => Self::Failed(message),
            StopOutcome::Left => Self::Left,
            StopOutcome::NotAsked => Self::NotAsked,
            unknown => Self::Unknown(format!("{unknown:?}")),
        }
    }
}

/// One entry of a registry.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entry {
    /// The leader pid.
    pub leader_pid: u32,
    /// The label.
    pub label: String,
}

/// An entry with its incarnation: what a caller keeps to signal that registration later.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Target {
    /// The entry.
    pub entry: Entry,
    /// Which registration of its leader pid it is. It means nothing where the registry does not fence.
    pub incarnation: u64,
}

impl From<ProcessGroupEntry> for Target {
    fn from(entry: ProcessGroupEntry) -> Self {
        let ProcessGroupEntry { leader_pid, label, incarnation, .. } = entry;
        Self { entry: Entry { leader_pid, label }, incarnation }
    }
}

impl From<Target> for ProcessGroupEntry {
    fn from(Target { entry, incarnation }: Target) -> Self {
        Self::new(entry.leader_pid, entry.label, incarnation)
    }
}

impl From<(u32, String)> for Entry {
    fn from((leader_pid, label): (u32, String)) -> Self {
        Self { leader_pid, label }
    }
}

impl Query for Operation {
    type Reply = AnswerLine;

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
                "it is no answer ({cause}); whatever a registry prints itself belongs on standard error, \
                 since its server answers on standard output"
            )
        })
    }
}
