//! What was seen of all processes at one moment, and what it says of one signal.

use crate::testbed::make::Origin;
use crate::testbed::protocol::{Receipt, Seen, State, signal_name};
use std::collections::HashMap;
use std::sync::Arc;

/// All processes of a case as they were at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    seen: Arc<HashMap<u32, Seen>>,
    beside: Option<Box<Snapshot>>,
}

impl Snapshot {
    /// The snapshot of `processes`. Of processes with the same pid the newest counts.
    pub fn new(processes: Vec<Seen>) -> Self {
        let seen = processes.into_iter().map(|process| (process.pid, process)).collect();
        Self { seen: Arc::new(seen), beside: None }
    }

    /// The same with what was seen where the subject is, which is elsewhere: pids there are others.
    #[must_use]
    pub fn with_beside(self, beside: Snapshot) -> Self {
        Self { beside: Some(Box::new(beside)), ..self }
    }

    /// What was seen where the subject is, if that is elsewhere.
    pub fn beside(&self) -> Option<&Snapshot> {
        self.beside.as_deref()
    }

    /// Whether the process was there to be looked at.
    pub fn knows(&self, pid: u32) -> bool {
        self.seen.contains_key(&pid)
    }

    /// The process as it was seen; `None` if it was not there to be looked at.
    pub fn process(&self, pid: u32) -> Option<&Seen> {
        self.seen.get(&pid)
    }

    /// How the process was.
    pub fn state(&self, pid: u32) -> State {
        self.seen.get(&pid).map_or(State::Reaped, |process| process.state)
    }

    /// Every signal that reached the process: those it took or caught in order, the one that ended it, and
    /// those that are pending.
    pub fn signals(&self, pid: u32) -> Vec<i32> {
        self.signals_of(pid, |_| true)
    }

    /// The same without what the kernel raised on its own account, and what a member passed on: nobody is
    /// accused of those.
    pub fn sent(&self, pid: u32) -> Vec<i32> {
        self.signals_of(pid, |origin| origin == Origin::Sent)
    }

    fn signals_of(&self, pid: u32, counts: impl Fn(Origin) -> bool) -> Vec<i32> {
        let Some(process) = self.seen.get(&pid) else {
            return Vec::new();
        };
        let ended_by = match process.state {
            State::Killed(signal) => Some(signal),
            _ => None,
        };
        let taken =
            process.received.iter().filter(|receipt| counts(receipt.origin)).map(|receipt| receipt.signal);
        taken.chain(ended_by).chain(process.pending.iter().copied()).collect()
    }

    /// What reached the process and how it is, for people: equal receipts in a row are shown once, with their number.
    pub fn describe(&self, pid: u32) -> String {
        let Some(process) = self.seen.get(&pid) else {
            return "is gone".to_owned();
        };
        let mut parts = Vec::new();
        if process.received.is_empty() && process.pending.is_empty() && process.state.is_live() {
            parts.push("received nothing".to_owned());
        }
        if !process.received.is_empty() {
            let runs = process.received.chunk_by(|one, next| one == next).map(described);
            parts.push(format!("received {}", runs.collect::<Vec<_>>().join(", ")));
        }
        if !process.pending.is_empty() {
            let names: Vec<_> = process.pending.iter().map(|&signal| signal_name(signal)).collect();
            parts.push(format!("has {} pending", names.join(", ")));
        }
        if process.state != State::Running {
            parts.push(format!("is {}", process.state).replace("is exited", "has exited"));
        }
        parts.join(" and ")
    }
}

/// Equal receipts in a row, of which there is at least one.
fn described(run: &[Receipt]) -> String {
    let Receipt { signal, from, origin } = run[0];
    let times = match run.len() {
        1 => String::new(),
        number => format!(" {number} times"),
    };
    let from = match origin {
        Origin::Sent => format!("from pid {from}"),
        Origin::PassedOn => format!("passed on by pid {from}"),
        Origin::Kernel => "from the kernel".to_owned(),
    };
    format!("{}{times} ({from})", signal_name(signal))
}
