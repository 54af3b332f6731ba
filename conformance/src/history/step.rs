//! What can be done in a history, as it is read in a saved file and in a timeline.

use crate::harness;
use crate::testbed::make::Make;
use crate::testbed::protocol;
use process_groups::model;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One step of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// Makes a group.
    Spawn {
        /// Its first process, whose pid is the group's id.
        leader: Leader,
        /// Its other members.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<FurtherMember>,
    },
    /// Registers a leader pid: a new entry, or a new label for the one that is held.
    Register {
        /// The leader pid.
        leader_pid: u32,
        /// The label.
        label: String,
    },
    /// Forgets a leader pid, held or not.
    Forget {
        /// The leader pid.
        leader_pid: u32,
    },
    /// Signals all groups that the registry holds.
    SignalAll {
        /// The signal's name, right or wrong.
        signal_name: String,
    },
    /// Lets the caller keep the entries as they are listed now, in the place of those that it kept before, as
    /// targets for a later signal.
    Keep,
    /// Signals those of the kept targets that have these leader pids, in this order.
    SignalTargets {
        /// The signal's name, right or wrong.
        signal_name: String,
        /// The leader pids. Of those that are not kept nothing is asked.
        leader_pids: Vec<u32>,
    },
    /// Forgets a leader pid, held or not, while it bears that label.
    ForgetRegistration {
        /// The leader pid.
        leader_pid: u32,
        /// The label.
        label: String,
    },
    /// Stops all groups that the registry holds: SIGTERM, a short grace period, SIGKILL to what is left.
    StopRegistry {
        /// Who is registered once SIGTERM was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        newcomer: Option<Newcomer>,
        /// Whether the stop is cancelled after that.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        cancelled: bool,
    },
    /// Replaces the signaller.
    Swap {
        /// The new one.
        to: Signaller,
    },
    /// Lets a running process exit by itself. It stays unreaped.
    Exit {
        /// Its pid.
        pid: u32,
    },
    /// Lets every live member of a group end. They stay unreaped.
    ExitAll {
        /// The group's id.
        leader_pid: u32,
    },
    /// Reaps a process that has exited.
    Reap {
        /// Its pid.
        pid: u32,
    },
    /// Reaps every member of a group that has exited.
    ReapAll {
        /// The group's id.
        leader_pid: u32,
    },
    /// Stops a running process.
    Stop {
        /// Its pid.
        pid: u32,
    },
    /// Stops every running member of a group.
    StopAll {
        /// The group's id.
        leader_pid: u32,
    },
    /// Continues a stopped process.
    Continue {
        /// Its pid.
        pid: u32,
    },
    /// Continues every stopped member of a group.
    ContinueAll {
        /// The group's id.
        leader_pid: u32,
    },
}

/// A group that is registered while others are stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newcomer {
    /// Its leader pid.
    pub leader_pid: u32,
    /// Its label.
    pub label: String,
}

/// The first process of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leader {
    /// Its pid.
    pub pid: u32,
    /// What it does with signals.
    #[serde(with = "DispositionText", rename = "conduct")]
    pub disposition: model::Disposition,
    /// Whether it is another user's, so that the subject may not signal it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
    /// Whether the system refuses whatever the subject sends to it or its group, by a filter on the subject:
    /// what an ordinary user can have. All groups of a history are such, or none; they never end, and have no
    /// other members.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sealed: bool,
    /// Whether it leads a session of its own, instead of being in the subject's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own_session: bool,
}

/// One further member of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherMember {
    /// Its pid.
    pub pid: u32,
    /// How it comes into the group.
    #[serde(rename = "kin")]
    pub lineage: Lineage,
    /// What it does with signals.
    #[serde(with = "DispositionText", rename = "conduct")]
    pub disposition: model::Disposition,
    /// Whether it is another user's, so that the subject may not signal it. Only a guest can be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
}

/// How a member comes into its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lineage {
    /// A child of the leader.
    Child,
    /// A grandchild of the leader whose parent is gone.
    Orphan,
    /// A child of the agent, outside the group, that joined it.
    Guest,
}

/// What the registry asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signaller {
    /// The signaller that a history begins with.
    #[default]
    First,
    /// Another one that reaches the same groups.
    Second,
    /// One that reaches nobody and always fails.
    Unreachable,
}

/// [`model::Disposition`] as it is written in a file.
#[derive(Serialize, Deserialize)]
#[serde(remote = "model::Disposition", rename_all = "kebab-case")]
enum DispositionText {
    Watches,
    Dies,
}

impl Signaller {
    /// Its number in the logs of the registry's server.
    pub fn id(self) -> u32 {
        match self {
            Self::First => 0,
            Self::Second => 1,
            Self::Unreachable => 2,
        }
    }
}

impl Step {
    /// The name of the signal that it sends, if it sends one.
    pub fn signal_name(&self) -> Option<&str> {
        match self {
            Step::SignalAll { signal_name } | Step::SignalTargets { signal_name, .. } => Some(signal_name),
            _ => None,
        }
    }

    /// Whether only a registry that fences reused pids can do it.
    pub fn is_of_fencing(&self) -> bool {
        matches!(self, Step::Keep | Step::SignalTargets { .. } | Step::ForgetRegistration { .. })
    }

    /// What is made of a spawned group in the model, and the shape that the testbed is asked for; `None` for
    /// any other step.
    pub fn shape(&self) -> Option<(Vec<model::Member>, harness::Shape)> {
        let Step::Spawn { leader, members } = self else { return None };
        let one = |pid, disposition, others| match model::Member::new(pid, disposition) {
            member if others => member.refused(),
            member => member,
        };
        let mut all = vec![one(leader.pid, leader.disposition, leader.others || leader.sealed)];
        all.extend(members.iter().map(|member| one(member.pid, member.disposition, member.others)));
        let shape = harness::Shape {
            make: Make::Plain,
            window: Make::Plain,
            id: Some(leader.pid),
            session: if leader.own_session { harness::Session::Own } else { harness::Session::Callers },
            leader: real(leader.disposition),
            leader_others: leader.others,
            name: None,
            members: members.iter().map(FurtherMember::shape).collect(),
        };
        Some((all, shape))
    }
}

impl FurtherMember {
    fn shape(&self) -> harness::MemberShape {
        let lineage = match self.lineage {
            Lineage::Child => harness::Lineage::Child,
            Lineage::Orphan => harness::Lineage::Orphan,
            Lineage::Guest => harness::Lineage::Guest,
        };
        harness::MemberShape {
            id: Some(self.pid),
            lineage,
            disposition: real(self.disposition),
            others: self.others,
            make: None,
        }
    }
}

fn real(disposition: model::Disposition) -> protocol::Disposition {
    match disposition {
        model::Disposition::Watches => protocol::Disposition::Watches,
        model::Disposition::Dies => protocol::Disposition::Dies,
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Spawn { leader, members } => {
                let own = if leader.own_session { ", in a session of its own" } else { "" };
                write!(f, "spawn group {}{own}: {leader}", leader.pid)?;
                members.iter().try_for_each(|member| write!(f, ", {member}"))
            }
            Step::Register { leader_pid, label } => write!(f, "register {leader_pid} as {label:?}"),
            Step::Forget { leader_pid } => write!(f, "forget {leader_pid}"),
            Step::SignalAll { signal_name } => write!(f, "signal_all({signal_name:?})"),
            Step::Keep => write!(f, "keep the entries as targets for later"),
            Step::SignalTargets { signal_name, leader_pids } => {
                write!(f, "signal_targets({signal_name:?}) with those kept of {leader_pids:?}")
            }
            Step::ForgetRegistration { leader_pid, label } => {
                write!(f, "forget_registration({leader_pid}, {label:?})")
            }
            Step::StopRegistry { newcomer, cancelled } => {
                f.write_str("stop the registry")?;
                if let Some(Newcomer { leader_pid, label }) = newcomer {
                    write!(f, ", register {leader_pid} as {label:?} meanwhile")?;
                }
                f.write_str(if *cancelled { ", and cancel the stop" } else { "" })
            }
            Step::Swap { to } => write!(f, "swap the signaller to the {to}"),
            Step::Exit { pid } => write!(f, "process {pid} exits"),
            Step::ExitAll { leader_pid } => write!(f, "every live member of group {leader_pid} ends"),
            Step::Reap { pid } => write!(f, "reap process {pid}"),
            Step::ReapAll { leader_pid } => write!(f, "reap every exited member of group {leader_pid}"),
            Step::Stop { pid } => write!(f, "stop process {pid}"),
            Step::StopAll { leader_pid } => write!(f, "stop every running member of group {leader_pid}"),
            Step::Continue { pid } => write!(f, "continue process {pid}"),
            Step::ContinueAll { leader_pid } => {
                write!(f, "continue every stopped member of group {leader_pid}")
            }
        }
    }
}

impl fmt::Display for Leader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sealed = if self.sealed { ", closed to the subject by a filter" } else { "" };
        write!(f, "leader {} {}{sealed}", self.pid, manner(self.disposition, self.others))
    }
}

impl fmt::Display for FurtherMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lineage = match self.lineage {
            Lineage::Child => "child",
            Lineage::Orphan => "orphaned grandchild",
            Lineage::Guest => "guest",
        };
        write!(f, "{lineage} {} {}", self.pid, manner(self.disposition, self.others))
    }
}

fn manner(disposition: model::Disposition, others: bool) -> String {
    let disposition = match disposition {
        model::Disposition::Watches => "(takes signals and lives on)",
        model::Disposition::Dies => "(dies of any signal)",
    };
    if others { format!("of another user {disposition}") } else { disposition.to_owned() }
}

impl fmt::Display for Signaller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Signaller::First => "first one",
            Signaller::Second => "second one",
            Signaller::Unreachable => "one that reaches nobody",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spawn() -> Step {
        Step::Spawn {
            leader: Leader {
                pid: 137,
                disposition: model::Disposition::Watches,
                others: false,
                sealed: false,
                own_session: false,
            },
            members: vec![FurtherMember {
                pid: 138,
                lineage: Lineage::Orphan,
                disposition: model::Disposition::Dies,
                others: false,
            }],
        }
    }

    #[test]
    fn a_step_is_readable_in_a_file() {
        let text = serde_json::to_string(&spawn()).expect("it is plain data");
        assert_eq!(
            text,
            r#"{"do":"spawn","leader":{"pid":137,"conduct":"watches"},"members":[{"pid":138,"kin":"orphan","conduct":"dies"}]}"#
        );
        assert_eq!(serde_json::from_str::<Step>(&text).expect("it was just written"), spawn());
    }

    #[test]
    fn a_misspelled_field_of_a_step_is_refused() {
        for text in [
            r#"{"do":"forget","leader":137}"#,
            r#"{"do":"forget","leader_pid":137,"pid":1}"#,
            r#"{"do":"forgo","leader_pid":137}"#,
            r#"{"do":"spawn","leader":{"pid":137,"conduct":"watches","owned":true}}"#,
        ] {
            assert!(serde_json::from_str::<Step>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_step_reads_as_a_sentence() {
        assert_eq!(
            spawn().to_string(),
            "spawn group 137: leader 137 (takes signals and lives on), orphaned grandchild 138 (dies of any signal)"
        );
    }
}
