//! What a group is to look like before it is made.

use crate::testbed::make::Make;
use crate::testbed::protocol::Disposition;
use std::ffi::{CStr, CString};
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
pub enum Lineage {
    /// A child of the leader.
    Child,
    /// A child of a child of the leader, which lives too.
    Grandchild,
    /// A child of a child of the leader whose parent has exited and is reaped.
    Orphan,
    /// A child of somebody outside the group who put it there.
    Guest,
}

impl fmt::Display for Lineage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Lineage::Child => "child of the leader",
            Lineage::Grandchild => "grandchild of the leader",
            Lineage::Orphan => "grandchild of the leader whose parent is gone",
            Lineage::Guest => "member whose parent is outside the group",
        })
    }
}

/// One member to be made beside the leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MemberShape {
    /// Its pid; one that the kernel picks if `None`.
    pub id: Option<u32>,
    /// How it comes into the group.
    pub lineage: Lineage,
    /// What it does with signals.
    pub disposition: Disposition,
    /// Whether it is another user's (only a guest can be, unless all are).
    pub others: bool,
    /// Of what make it is; as the rest of its group if `None`.
    pub make: Option<Make>,
}

impl MemberShape {
    /// A guest that watches.
    pub fn guest() -> Self {
        Self {
            id: None,
            lineage: Lineage::Guest,
            disposition: Disposition::Watches,
            others: false,
            make: None,
        }
    }
}

/// A group to be made. Begins as a leader alone, that watches, in the caller's session, of the caller's user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Its id; one that the suite picks if `None`.
    pub id: Option<u32>,
    /// Its session.
    pub session: Session,
    /// What its leader does with signals.
    pub leader: Disposition,
    /// Whether the leader, and all that descend from it, are another user's.
    pub leader_others: bool,
    /// Its leader's command name; the suite's if `None`.
    pub name: Option<CString>,
    /// Its members beside the leader.
    pub members: Vec<MemberShape>,
    /// Of what make all of them are.
    pub make: Make,
    /// Of what make its window is.
    pub window: Make,
}

impl Shape {
    /// A leader alone.
    pub fn alone() -> Self {
        Self {
            id: None,
            session: Session::Callers,
            leader: Disposition::Watches,
            leader_others: false,
            name: None,
            members: Vec::new(),
            make: Make::Plain,
            window: Make::Plain,
        }
    }

    /// A leader with a member of every kind.
    pub fn family() -> Self {
        Self::alone()
            .with(Lineage::Child)
            .with(Lineage::Child)
            .with(Lineage::Grandchild)
            .with(Lineage::Orphan)
            .with(Lineage::Guest)
    }

    /// With this id.
    pub fn at(self, id: u32) -> Self {
        Self { id: Some(id), ..self }
    }

    /// In this session.
    pub fn session(self, session: Session) -> Self {
        Self { session, ..self }
    }

    /// With every process of this make.
    pub fn of_make(self, make: Make) -> Self {
        Self { make, ..self }
    }

    /// In the session of a window that adopts the group's orphans, as `systemd --user` and servers of
    /// terminals do.
    pub fn adopted_by_window(self) -> Self {
        Self { window: Make::Subreaper, ..self.session(Session::Windows) }
    }

    /// In the session of a window that has a terminal, as shells and their jobs are.
    pub fn in_terminal(self) -> Self {
        Self { window: Make::Terminal, ..self.session(Session::Windows) }
    }

    /// Led by a process with this disposition.
    pub fn led_by(self, leader: Disposition) -> Self {
        Self { leader, ..self }
    }

    /// With this name for its leader's command. Its children inherit it, a guest does not.
    pub fn named(self, name: &CStr) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// With a further member that watches.
    pub fn with(self, lineage: Lineage) -> Self {
        self.with_disposition(lineage, Disposition::Watches)
    }

    /// With a further member of this disposition.
    pub fn with_disposition(mut self, lineage: Lineage, disposition: Disposition) -> Self {
        self.members.push(MemberShape { id: None, lineage, disposition, others: false, make: None });
        self
    }

    /// With a child of the leader that is the first process of a PID namespace below.
    pub fn with_namespace_init(mut self, disposition: Disposition) -> Self {
        let make = Some(Make::NamespaceInit);
        self.members.push(MemberShape {
            id: None,
            lineage: Lineage::Child,
            disposition,
            others: false,
            make,
        });
        self
    }

    /// With a guest of another user.
    pub fn with_others(mut self) -> Self {
        self.members.push(MemberShape {
            id: None,
            lineage: Lineage::Guest,
            disposition: Disposition::Watches,
            others: true,
            make: None,
        });
        self
    }

    /// With every process of this disposition.
    pub fn all(mut self, disposition: Disposition) -> Self {
        self.leader = disposition;
        self.members.iter_mut().for_each(|member| member.disposition = disposition);
        self
    }

    /// Whether it has a process of another user.
    pub fn has_others(&self) -> bool {
        self.leader_others || self.members.iter().any(|member| member.others)
    }

    /// With every process another user's.
    pub fn all_others(mut self) -> Self {
        self.leader_others = true;
        self.members.iter_mut().for_each(|member| member.others = true);
        self
    }
}
