//! A process of a case, and a group of them.

use super::Snapshot;
use super::shape::Session;
use crate::report::timeline::{Actor, Part};
use crate::testbed::make::Make;
use crate::testbed::protocol::Disposition;
use std::fmt;

/// A process that the case made, or the agent.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// What it is, for people.
    pub what: String,
    /// Whether it is another user's.
    pub others: bool,
}

impl Process {
    /// The suite's agent.
    pub(super) fn agent(pid: u32) -> Self {
        Self { pid, what: "the suite's agent".to_owned(), others: false }
    }

    /// It in a timeline, in that group; elsewhere if there is none.
    pub(super) fn actor(&self, group: Option<u32>) -> Actor {
        // First, since a picture may have no room for all of it.
        let others = if self.others { "another user's, " } else { "" };
        Actor { pid: self.pid, what: format!("{others}{}", self.what), group, part: Part::Made }
    }

    /// What reached it, as a sentence.
    pub fn sentence(&self, snapshot: &Snapshot) -> String {
        format!("{self} {}", snapshot.describe(self.pid))
    }
}

/// As reports name it.
impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = if self.others { ", another user's" } else { "" };
        write!(f, "process {} ({}{others})", self.pid, self.what)
    }
}

/// A group that the case made.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its id: the leader pid.
    pub id: u32,
    /// Every member, the leader first.
    pub members: Vec<u32>,
    /// Its session.
    pub session: Session,
    /// The window whose child the leader is, if there is one.
    pub window: Option<u32>,
    /// Of what make its members are.
    pub make: Make,
    /// What each did with signals when it was made, in the members' order.
    pub dispositions: Vec<Disposition>,
}

impl Group {
    /// Counts a process as a member.
    pub fn add(&mut self, pid: u32, disposition: Disposition) {
        self.members.push(pid);
        self.dispositions.push(disposition);
    }

    /// Counts the leader as a member no longer.
    pub fn drop_leader(&mut self) {
        self.members.remove(0);
        self.dispositions.remove(0);
    }

    /// The members with their disposition.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Disposition)> {
        self.members.iter().copied().zip(self.dispositions.iter().copied())
    }
}
