//! Making groups and changing them.

use super::shape::{Kin, Member, Session, Shape};
use super::{Bed, Scene, Step, unexpected};
use crate::testbed::protocol::{Conduct, Fork, Place, Reply, Request};

/// The uid of another user: `nobody`, as most systems have it.
pub const OTHER_UID: u32 = 65_534;

/// A process that the case made, or the agent.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its pid.
    pub pid: u32,
    /// What it is, for people.
    pub what: String,
    /// The group it is in, if that is one of the case's.
    pub group: Option<u32>,
}

/// A group that the case made.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its id: the leader pid.
    pub id: u32,
    /// Every member, the leader first.
    pub members: Vec<u32>,
    /// The window whose child the leader is, if there is one.
    pub window: Option<u32>,
    /// What each did with signals when it was made, in the members' order.
    pub conducts: Vec<Conduct>,
}

impl Group {
    /// The members with their conduct.
    pub fn iter(&self) -> impl Iterator<Item = (u32, Conduct)> {
        self.members.iter().copied().zip(self.conducts.iter().copied())
    }
}

impl Bed {
    /// Makes a group.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when a process cannot be forked.
    pub fn group(&mut self, shape: &Shape) -> Step<Group> {
        let id = shape.id.or_else(|| self.ids.next());
        let (parent, place, window) = match shape.session {
            Session::Callers => (None, Place::Own, None),
            Session::Own => (None, Place::OwnSession, None),
            Session::Windows => {
                let window = self.fork(Fork { group: Place::OwnSession, ..Fork::plain() })?;
                (Some(window), Place::Own, Some(window))
            }
        };
        let uid = |others: bool| others.then_some(OTHER_UID);
        let leader_uid = uid(shape.leader_others);
        let leader = self.fork(Fork {
            parent,
            id,
            group: place,
            uid: leader_uid,
            conduct: shape.leader,
            name: shape.name.clone(),
        })?;
        if let Some(pid) = window {
            let what = format!("the window, parent of leader {leader} and leader of its session");
            self.processes.push(Process { pid, what, group: Some(pid) });
        }
        self.processes.push(Process { pid: leader, what: "leader".to_owned(), group: Some(leader) });
        let mut group = Group { id: leader, members: vec![leader], window, conducts: vec![shape.leader] };
        for member in &shape.members {
            self.join(&mut group, *member)?;
        }
        let others = if shape.leader_others { " of another user" } else { "" };
        let place = match shape.session {
            Session::Callers => "in the subject's session".to_owned(),
            Session::Own => "in a session of its own".to_owned(),
            Session::Windows => format!("in the session of window {}", window.unwrap_or_default()),
        };
        self.note(format!("made group {leader}{others} {place}: {}", self.list(&group)));
        Ok(group)
    }

    /// Adds a member to a group.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when a process cannot be forked.
    pub fn join(&mut self, group: &mut Group, member: Member) -> Step<u32> {
        let uid = member.others.then_some(OTHER_UID);
        let fork = |parent: Option<u32>, group: Place, conduct: Conduct, uid| Fork {
            parent,
            group,
            uid,
            conduct,
            ..Fork::plain()
        };
        let leader = Some(group.id);
        let pid = match member.kin {
            Kin::Child => self.fork(fork(leader, Place::Parents, member.conduct, None))?,
            Kin::Guest => self.fork(fork(None, Place::Of(group.id), member.conduct, uid))?,
            Kin::Grandchild | Kin::Orphan => {
                let between = self.fork(fork(leader, Place::Parents, Conduct::Watches, None))?;
                let pid = self.fork(fork(Some(between), Place::Parents, member.conduct, None))?;
                if member.kin == Kin::Orphan {
                    self.agent(&Request::Exit { pid: between })?;
                    self.agent(&Request::Reap { pid: between })?;
                } else {
                    self.add(group, between, "child of the leader", Conduct::Watches);
                }
                pid
            }
        };
        let others = if member.others { " of another user" } else { "" };
        self.add(group, pid, &format!("{}{others}", member.kin), member.conduct);
        Ok(pid)
    }

    fn add(&mut self, group: &mut Group, pid: u32, what: &str, conduct: Conduct) {
        self.processes.push(Process { pid, what: what.to_owned(), group: Some(group.id) });
        group.members.push(pid);
        group.conducts.push(conduct);
    }

    /// Makes a process that leads no group, outside every group of the case: a child of `parent` that moved to
    /// `place`. `what` it is stands in reports.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when it cannot be forked.
    pub fn bystander(&mut self, what: &str, parent: Option<u32>, place: Place, id: Option<u32>) -> Step<u32> {
        let pid = self.fork(Fork { parent, id, group: place, ..Fork::plain() })?;
        self.processes.push(Process { pid, what: what.to_owned(), group: None });
        self.note(format!("made process {pid}: {what}"));
        Ok(pid)
    }

    /// Puts a process into the subject's own group: what hits the caller hits it.
    pub(super) fn add_callers_mate(&mut self, subject: u32) -> Step {
        match self.bystander("a process in the subject's own group", None, Place::Of(subject), None) {
            // A subject that has exited already leaves no group to join; asking it will tell.
            Err(super::Stop::Broken(_)) => Ok(()),
            result => result.map(drop),
        }
    }

    fn fork(&mut self, how: Fork) -> Step<u32> {
        match self.agent(&Request::Fork(how))? {
            Reply::Forked { pid } => Ok(pid),
            reply => Err(unexpected(&reply)),
        }
    }

    /// Stops every member, and waits until they are.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when one does not stop.
    pub fn stop(&mut self, group: &Group) -> Step {
        for &pid in &group.members {
            self.agent(&Request::Stop { pid })?;
        }
        self.note(format!("stopped all of group {} with SIGSTOP", group.id));
        Ok(())
    }

    /// Lets one member exit. It stays unreaped.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when it does not exit.
    pub fn exit(&mut self, pid: u32) -> Step {
        self.agent(&Request::Exit { pid })?;
        self.note(format!("process {pid} exited, unreaped"));
        Ok(())
    }

    /// Reaps one process that has exited.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when it has not.
    pub fn reap(&mut self, pid: u32) -> Step {
        self.agent(&Request::Reap { pid })?;
        self.note(format!("process {pid} was reaped"));
        Ok(())
    }

    /// Lets the leader exit and reaps it: the other members are survivors.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when that fails.
    pub fn end_leader(&mut self, group: &mut Group) -> Step {
        self.exit(group.id)?;
        self.reap(group.id)?;
        group.members.remove(0);
        group.conducts.remove(0);
        Ok(())
    }

    /// Ends every member with SIGKILL, and waits until each has exited. They stay unreaped.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when one does not exit.
    pub fn end_all(&mut self, group: &Group) -> Step {
        // Children first: whoever has exited cannot be told to reap.
        for &pid in group.members.iter().rev() {
            self.agent(&Request::Kill { pid })?;
        }
        self.note(format!("all members of group {} exited, unreaped", group.id));
        Ok(())
    }

    /// Ends and reaps every member: the group has exited.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when one does not exit.
    pub fn make_exited(&mut self, group: &Group) -> Step {
        self.end_all(group)?;
        for &pid in &group.members {
            self.agent(&Request::Reap { pid })?;
        }
        self.note(format!("all members of group {} were reaped: it has exited", group.id));
        Ok(())
    }

    /// A group that has exited.
    ///
    /// # Errors
    /// [`super::Stop::Broken`] when it cannot be made.
    pub fn exited_group(&mut self, shape: &Shape) -> Step<Group> {
        let group = self.group(shape)?;
        self.make_exited(&group)?;
        Ok(group)
    }

    /// Every process that the case knows: the agent, the subject once it is started, and what the case made.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        self.processes.iter()
    }

    /// A process as reports name it.
    pub fn name_of(&self, pid: u32) -> String {
        match self.processes.iter().rev().find(|process| process.pid == pid) {
            Some(process) => format!("process {pid} ({})", process.what),
            None => format!("process {pid}"),
        }
    }

    /// What reached a process, as a sentence.
    pub fn sentence(&self, scene: &Scene, pid: u32) -> String {
        format!("{} {}", self.name_of(pid), scene.describe(pid))
    }

    fn list(&self, group: &Group) -> String {
        let conduct = |conduct| match conduct {
            Conduct::Watches => "",
            Conduct::Catches => " (catches signals)",
            Conduct::Ignores => " (ignores signals)",
            Conduct::Blocks => " (blocks signals)",
            Conduct::Dies => " (signals end it)",
            Conduct::Storms => " (forks without end)",
        };
        let what = |pid: u32| {
            self.processes.iter().rev().find(|process| process.pid == pid).map_or("", |process| &process.what)
        };
        let members: Vec<_> =
            group.iter().map(|(pid, how)| format!("{} {pid}{}", what(pid), conduct(how))).collect();
        members.join(", ")
    }
}
