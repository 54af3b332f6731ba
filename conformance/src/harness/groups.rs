//! Making groups and changing them.

use super::members::{Group, Process};
use super::shape::{Lineage, MemberShape, Session, Shape};
use super::{Context, Moment, Result, Snapshot, unexpected};
use crate::report::timeline::{Became, Event};
use crate::testbed::make::Make;
use crate::testbed::protocol::{Disposition, Fork, Place, Reply, Request};
use crate::testbed::second_uid;

/// What reports call the process in the subject's own group.
const CALLERS_MATE: &str = "a process in the subject's own group";

impl Context {
    /// Makes a group.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when a process cannot be forked.
    pub fn group(&mut self, shape: &Shape) -> Result<Group> {
        let id = shape.id.or_else(|| self.ids.next());
        let (parent, place, window) = match shape.session {
            Session::Callers => (None, Place::Own, None),
            Session::Own => (None, Place::OwnSession, None),
            Session::Windows => {
                let what = "a window: parent of leaders, and leader of their session";
                let make = shape.window;
                let window = Fork { group: Place::OwnSession, make, ..Fork::plain() };
                // The subject's user could not make processes of another one.
                let window = match shape.has_others() {
                    true => self.fork_as_it_is(what, window, false)?,
                    false => self.fork(what, window)?,
                };
                (Some(window), Place::Own, Some(window))
            }
        };
        let uid = shape.leader_others.then(|| self.other_uid());
        let (disposition, name) = (shape.leader, shape.name.clone());
        let make = shape.make;
        let leader = self
            .fork("leader", Fork { parent, id, group: place, uid, disposition, name, make, below: None })?;
        let (session, dispositions) = (shape.session, vec![shape.leader]);
        let mut group = Group { id: leader, members: vec![leader], session, window, dispositions, make };
        for member in &shape.members {
            self.join(&mut group, *member)?;
        }
        let others = match shape.leader_others {
            true if self.abilities().has_other_user() => " of another user",
            true => " that counts as another user's",
            false => "",
        };
        let place = match shape.session {
            Session::Callers => "in the subject's session".to_owned(),
            Session::Own => "in a session of its own".to_owned(),
            Session::Windows => format!("in the session of window {}", window.unwrap_or_default()),
        };
        let make = match shape.make {
            Make::Plain | Make::Subreaper | Make::Terminal => "",
            Make::Threads => "; each has two threads, the second of which takes signals",
            Make::FirstThreadGone => "; the first thread of each has left, and a second lives on",
            Make::AsleepInKernel => "; the first thread of each sleeps in the kernel (state D)",
            Make::Undumpable => "; none is dumpable",
            Make::NamespaceInit => "; each is the first process of a PID namespace below",
        };
        let window_is = match shape.window {
            Make::Subreaper => ", which adopts orphans",
            Make::Terminal => ", which has a terminal",
            _ => "",
        };
        self.note(format!("made group {leader}{others} {place}{window_is}: {}{make}", self.list(&group)));
        Ok(group)
    }

    /// Adds a member to a group.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when a process cannot be forked.
    pub fn join(&mut self, group: &mut Group, member: MemberShape) -> Result<u32> {
        let what = member.lineage.to_string();
        let uid = member.others.then(|| self.other_uid());
        let (id, disposition) = (member.id, member.disposition);
        let make = member.make.unwrap_or(group.make);
        let how = |parent, group| Fork { parent, id, group, uid, disposition, make, ..Fork::plain() };
        let leader = Some(group.id);
        let pid = match member.lineage {
            Lineage::Child => self.fork(&what, how(leader, Place::Parents))?,
            Lineage::Guest => {
                let host = self.host(group)?;
                let by_its_user = group.session == Session::Own && !self.is_others(group.id);
                if member.others && by_its_user && self.own_uid().is_some() {
                    let why = "in this session only the subject's user could make a member of another one";
                    return Err(super::Abort::Lacks(super::Need::SomeRefused, why.to_owned()));
                }
                self.fork(&what, how(host, Place::Of(group.id)))?
            }
            Lineage::Grandchild | Lineage::Orphan => {
                let orphan = member.lineage == Lineage::Orphan;
                // Who is a member, too, does as the one that it is the parent of: groups are said to be all
                // of one disposition.
                let does = if orphan { Disposition::Watches } else { disposition };
                let between = Fork { parent: leader, disposition: does, make, ..Fork::plain() };
                let between = self.fork("child of the leader", between)?;
                let pid = self.fork(&what, how(Some(between), Place::Parents))?;
                if orphan {
                    self.agent(&Request::Exit { pid: between })?;
                    self.agent(&Request::Reap { pid: between })?;
                    self.timeline.before(Event::Became { pid: between, state: Became::Reaped });
                } else {
                    group.add(between, does);
                }
                pid
            }
        };
        group.add(pid, disposition);
        Ok(pid)
    }

    /// Whose child a guest is: somebody outside the group, but in its session, as setpgid(2) wants it.
    fn host(&mut self, group: &Group) -> Result<Option<u32>> {
        match group.session {
            Session::Callers => Ok(None),
            Session::Windows => Ok(group.window),
            Session::Own => {
                let what = "a child of the leader that moved to a group of its own";
                self.bystander(what, Some(group.id), Place::Own, None).map(Some)
            }
        }
    }

    /// Makes a process that leads no group, outside every group of the case: a child of `parent` that moved
    /// to `place`. `what` it is stands in reports.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when it cannot be forked.
    pub fn bystander(
        &mut self,
        what: &str,
        parent: Option<u32>,
        place: Place,
        id: Option<u32>,
    ) -> Result<u32> {
        let pid = self.fork(what, Fork { parent, id, group: place, ..Fork::plain() })?;
        self.note(format!("made process {pid}: {what}"));
        Ok(pid)
    }

    /// Puts a process into the subject's own group: what hits the caller hits it.
    pub(super) fn add_callers_mate(&mut self, subject: u32) -> Result {
        match self.bystander(CALLERS_MATE, None, Place::Of(subject), None) {
            // A subject that has exited already leaves no group to join; asking it will tell.
            Err(super::Abort::Broken(_)) if !self.agent_is_lost => Ok(()),
            result => result.map(drop),
        }
    }

    /// The process that was put into the subject's own group; `None` where the subject is elsewhere.
    pub fn callers_mate(&self) -> Option<u32> {
        self.processes().find(|process| process.what == CALLERS_MATE).map(|process| process.pid)
    }

    /// The only way to a new process: the agent sweeps it, and the case observes it from now on.
    pub(super) fn fork(&mut self, what: &str, how: Fork) -> Result<u32> {
        let of_others = how.parent.is_some_and(|parent| self.is_others(parent));
        let others = how.uid.is_some() || of_others;
        let uid = how.uid.filter(|_| self.abilities().has_other_user());
        let uid = uid.or_else(|| self.own_uid().filter(|_| !of_others));
        self.fork_as_it_is(what, Fork { uid, ..how }, others)
    }

    /// [`fork`](Self::fork) of a process of the agent's user, unless `how` says otherwise. `others` says
    /// whether it is another user's than the subject's.
    fn fork_as_it_is(&mut self, what: &str, how: Fork, others: bool) -> Result<u32> {
        if let Some(id) = how.id {
            self.ids.give(id);
        }
        let (place, parent) = (how.group, how.parent);
        match self.agent(&Request::Fork(how))? {
            Reply::Forked { pid } => {
                let process = Process { pid, what: what.to_owned(), others };
                let group = match place {
                    Place::Own | Place::OwnSession => pid,
                    Place::Of(id) => id,
                    Place::Parents => self.timeline.group_of(parent.unwrap_or(self.processes[0].pid)),
                };
                self.timeline.appears(process.actor(Some(group)));
                // Whoever had the pid before is reaped.
                self.processes.retain(|known| known.pid != pid);
                self.processes.push(process);
                self.forbid_others()?;
                Ok(pid)
            }
            reply => Err(unexpected(&reply)),
        }
    }

    /// Stops every member, and waits until they are.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when one does not stop.
    pub fn stop(&mut self, group: &Group) -> Result {
        for &pid in &group.members {
            self.agent(&Request::Stop { pid })?;
        }
        self.became(
            format!("stopped all of group {} with SIGSTOP", group.id),
            &group.members,
            &Became::Stopped,
        );
        Ok(())
    }

    /// Stops one process with SIGSTOP.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when it does not stop.
    pub fn stop_process(&mut self, pid: u32) -> Result {
        self.agent(&Request::Stop { pid })?;
        self.became(format!("stopped process {pid} with SIGSTOP"), &[pid], &Became::Stopped);
        Ok(())
    }

    /// Lets one member exit. It stays unreaped.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when it does not exit.
    pub fn exit(&mut self, pid: u32) -> Result {
        self.agent(&Request::Exit { pid })?;
        self.became(format!("process {pid} exited, unreaped"), &[pid], &Became::Exited);
        Ok(())
    }

    /// Reaps one process that has exited.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when it has not.
    pub fn reap(&mut self, pid: u32) -> Result {
        self.agent(&Request::Reap { pid })?;
        self.became(format!("process {pid} was reaped"), &[pid], &Became::Reaped);
        Ok(())
    }

    /// Lets the leader exit and reaps it: the other members are survivors.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when that fails.
    pub fn end_leader(&mut self, group: &mut Group) -> Result {
        self.exit(group.id)?;
        self.reap(group.id)?;
        group.drop_leader();
        Ok(())
    }

    /// Sees to it that the leader has ended, by whatever, and reaps it: the other members are survivors.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when that fails.
    pub fn end_leader_anyhow(&mut self, group: &mut Group) -> Result {
        self.agent(&Request::Kill { pid: group.id })?;
        self.became(format!("process {} has ended", group.id), &[group.id], &Became::Exited);
        self.reap(group.id)?;
        group.drop_leader();
        Ok(())
    }

    /// Ends every member with SIGKILL, and waits until each has exited. They stay unreaped.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when one does not exit.
    pub fn end_all(&mut self, group: &Group) -> Result {
        // Children first: whoever has exited cannot be told to reap.
        for &pid in group.members.iter().rev() {
            self.agent(&Request::Kill { pid })?;
        }
        let what = format!("all members of group {} exited, unreaped", group.id);
        self.became(what, &group.members, &Became::Exited);
        Ok(())
    }

    /// Ends and reaps every member: the group has exited.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when one does not exit.
    pub fn make_exited(&mut self, group: &Group) -> Result {
        self.end_all(group)?;
        for &pid in &group.members {
            self.agent(&Request::Reap { pid })?;
        }
        let what = format!("all members of group {} were reaped: it has exited", group.id);
        self.became(what, &group.members, &Became::Reaped);
        Ok(())
    }

    /// Adds to the record that all of `pids` came to that state.
    pub(super) fn became(&mut self, what: String, pids: &[u32], state: &Became) {
        let became = pids.iter().map(|&pid| Event::Became { pid, state: state.clone() });
        self.timeline.record(Moment::new(what, became.collect()));
    }

    /// A group that has exited.
    ///
    /// # Errors
    /// [`super::Abort::Broken`] when it cannot be made.
    pub fn exited_group(&mut self, shape: &Shape) -> Result<Group> {
        let group = self.group(shape)?;
        self.make_exited(&group)?;
        Ok(group)
    }

    /// Every process that the case knows: the agent, the subject and its parent once they are started, and
    /// what the case made.
    pub fn processes(&self) -> impl Iterator<Item = &Process> {
        self.processes.iter()
    }

    /// The same where the subject is, if that is elsewhere: the agent, the subject's parent and the subject.
    pub fn beside_the_subject(&self) -> &[Process] {
        &self.beside
    }

    /// A process as reports name it.
    pub fn name_of(&self, pid: u32) -> String {
        self.process(pid).map_or_else(|| format!("process {pid}"), Process::to_string)
    }

    /// The user that the groups are made for, if that is not the agent's: a subject may act as an ordinary user.
    fn own_uid(&self) -> Option<u32> {
        let changes = self.abilities().any_uid;
        self.settings().declared.user().filter(|_| changes)
    }

    /// The owner of the groups.
    pub(super) fn groups_user(&self) -> u32 {
        self.own_uid().unwrap_or(self.abilities().uid)
    }

    /// The uid of another user than the subject's.
    fn other_uid(&self) -> u32 {
        second_uid::other_than(self.groups_user())
    }

    /// Whether a process is another user's.
    pub fn is_others(&self, pid: u32) -> bool {
        self.process(pid).is_some_and(|process| process.others)
    }

    fn process(&self, pid: u32) -> Option<&Process> {
        self.processes.iter().find(|process| process.pid == pid)
    }

    /// What reached a process, as a sentence.
    pub fn sentence(&self, snapshot: &Snapshot, pid: u32) -> String {
        format!("{} {}", self.name_of(pid), snapshot.describe(pid))
    }

    fn list(&self, group: &Group) -> String {
        let disposition = |disposition| match disposition {
            Disposition::Watches => "",
            Disposition::Catches => " (catches signals)",
            Disposition::Ignores => " (ignores signals)",
            Disposition::Blocks => " (blocks signals)",
            Disposition::Dies => " (signals end it)",
            Disposition::Storms => " (forks without end)",
            Disposition::PassesOn => " (passes signals on to its children)",
        };
        let what = |pid: u32| self.process(pid).map_or("", |process| process.what.as_str());
        let members: Vec<_> =
            group.iter().map(|(pid, how)| format!("{} {pid}{}", what(pid), disposition(how))).collect();
        members.join(", ")
    }
}
