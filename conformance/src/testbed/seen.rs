//! What an agent has seen: how processes were, what they got and what they hold.

use super::make::Origin;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::AddAssign;

/// One process as it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Its pid.
    pub pid: u32,
    /// How it was.
    pub state: State,
    /// The signals that it took or caught since it was forked, in order.
    pub received: Vec<Receipt>,
    /// The signals that are sent to it and still pending.
    pub pending: Vec<i32>,
}

/// How a process was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Neither stopped nor exited.
    Running,
    /// Stopped by a signal.
    Stopped,
    /// Frozen with its cgroup.
    Frozen,
    /// Exited by itself with this status.
    Exited(i32),
    /// Ended by this signal.
    Killed(i32),
    /// Gone: exited and reaped.
    Reaped,
}

impl State {
    /// Whether it has not exited.
    pub fn is_live(self) -> bool {
        matches!(self, State::Running | State::Stopped | State::Frozen)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            State::Running => f.write_str("running"),
            State::Stopped => f.write_str("stopped"),
            State::Frozen => f.write_str("frozen"),
            State::Exited(status) => write!(f, "exited with status {status}"),
            State::Killed(signal) => write!(f, "ended by {}", signal_name(*signal)),
            State::Reaped => f.write_str("exited and reaped"),
        }
    }
}

/// One signal that a process got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The signal's number.
    pub signal: i32,
    /// The pid that sent it; 0 when the kernel did, or somebody outside the namespace.
    pub from: i32,
    /// Where it came from.
    #[serde(default)]
    pub origin: Origin,
}

/// What the subject and everything it started hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Open descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
    /// Processes beyond the subject itself, unreaped ones included.
    pub processes: usize,
    /// Those of them that have exited and are not reaped.
    pub zombies: usize,
    /// Memory of their own, in KiB.
    pub memory: Memory,
}

/// Memory of processes that belongs to no file and is shared with nobody, in KiB. A leak grows in both
/// figures: a heap that is reserved at the start is writable before it is resident, and the unused part of a
/// stack is never resident.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// How much is resident.
    pub resident: usize,
    /// How much may be written to.
    pub writable: usize,
}

impl AddAssign for Memory {
    fn add_assign(&mut self, other: Self) {
        self.resident += other.resident;
        self.writable += other.writable;
    }
}

/// The name of a signal number, such as `SIGTERM`; `signal 34` for those without one.
pub fn signal_name(number: i32) -> String {
    nix::sys::signal::Signal::try_from(number)
        .map_or_else(|_| format!("signal {number}"), |signal| signal.as_str().to_owned())
}
