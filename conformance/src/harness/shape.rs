//! What a group is to look like before it is made.

use crate::testbed::protocol::Conduct;
use std::fmt;

/// Whose session a group is in, and whose child its leader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Session {
    /// The subject's session; the leader's parent is the agent.
    Callers,
    /// A session that the leader leads.
    Own,
    /// A session led by a window, whose child the leader is.
    Windows,
}

/// How a member came into its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kin {
    /// A child of the leader.
    Child,
    /// A child of a child of the leader, which lives too.
    Grandchild,
    /// A child of a child of the leader whose parent has exited and is reaped.
    Orphan,
    /// A child of somebody outside the group who put it there.
    Guest,
}

impl fmt::Display for Kin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kin::Child => "child of the leader",
            Kin::Grandchild => "grandchild of the leader",
            Kin::Orphan => "grandchild of the leader whose parent is gone",
            Kin::Guest => "member that somebody outside the group put there",
        })
    }
}

/// One member to be made beside the leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    /// Its pid; one that the kernel picks if `None`.
    pub id: Option<u32>,
    /// How it comes into the group.
    pub kin: Kin,
    /// What it does with signals.
    pub conduct: Conduct,
    /// Whether it is another user's (only a guest can be, unless all are).
    pub others: bool,
}

/// A group to be made. Begins as a leader alone, that watches, in the caller's session, of the caller's user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Its id; one that the suite picks if `None`.
    pub id: Option<u32>,
    /// Its session.
    pub session: Session,
    /// What its leader does with signals.
    pub leader: Conduct,
    /// Whether the leader, and all that descend from it, are another user's.
    pub leader_others: bool,
    /// Its leader's command name; the suite's if `None`.
    pub name: Option<String>,
    /// Its members beside the leader.
    pub members: Vec<Member>,
}

impl Shape {
    /// A leader alone.
    pub fn alone() -> Self {
        Self {
            id: None,
            session: Session::Callers,
            leader: Conduct::Watches,
            leader_others: false,
            name: None,
            members: Vec::new(),
        }
    }

    /// A leader with a member of every kind.
    pub fn family() -> Self {
        Self::alone()
            .with(Kin::Child)
            .with(Kin::Child)
            .with(Kin::Grandchild)
            .with(Kin::Orphan)
            .with(Kin::Guest)
    }

    /// With this id.
    pub fn at(self, id: u32) -> Self {
        Self { id: Some(id), ..self }
    }

    /// In this session.
    pub fn session(self, session: Session) -> Self {
        Self { session, ..self }
    }

    /// Led by a process with this conduct.
    pub fn led_by(self, leader: Conduct) -> Self {
        Self { leader, ..self }
    }

    /// With this name for its leader's command.
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// With a further member that watches.
    pub fn with(self, kin: Kin) -> Self {
        self.with_conduct(kin, Conduct::Watches)
    }

    /// With a further member of this conduct.
    pub fn with_conduct(mut self, kin: Kin, conduct: Conduct) -> Self {
        self.members.push(Member { id: None, kin, conduct, others: false });
        self
    }

    /// With a guest of another user.
    pub fn with_others(mut self) -> Self {
        self.members.push(Member { id: None, kin: Kin::Guest, conduct: Conduct::Watches, others: true });
        self
    }

    /// With every process of this conduct.
    pub fn all(mut self, conduct: Conduct) -> Self {
        self.leader = conduct;
        self.members.iter_mut().for_each(|member| member.conduct = conduct);
        self
    }

    /// With every process another user's.
    pub fn all_others(mut self) -> Self {
        self.leader_others = true;
        self.members.iter_mut().for_each(|member| member.others = true);
        self
    }
}
