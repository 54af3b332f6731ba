//! The model of an authority: its groups, and what happens to them that no subject did.

use super::{Life, Member};

/// One group that exists: at least one of its members has not been reaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    leader_pid: u32,
    pub(super) members: Vec<Member>,
    reused: bool,
}

impl Group {
    /// Its id: the pid of the process that created it, whether or not that one still lives.
    pub fn leader_pid(&self) -> u32 {
        self.leader_pid
    }

    /// All who have been members since it was spawned, reaped ones included, in the order they were given.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether a member has not exited.
    pub fn is_live(&self) -> bool {
        self.members.iter().any(Member::is_live)
    }

    /// Whether its leader has exited, reaped or not.
    pub fn is_leaderless(&self) -> bool {
        !self.members.iter().any(|member| member.pid() == self.leader_pid && member.is_live())
    }

    /// Whether an earlier group had the same id, and is gone.
    pub fn is_reused(&self) -> bool {
        self.reused
    }
}

/// The groups of an authority, and which group ids are history.
///
/// The operations are what a testbed does to its groups; each says whether the state allowed it, and changes
/// nothing otherwise. What a subject does to them is [`deliver`](Self::deliver), and what it may say of them
/// is [`allowed`](Self::allowed).
///
/// Every process here was [spawned](Self::spawn) into a group, and stays in it. Out of scope: whose child a
/// member is, and signals that the kernel sends on its own account. A testbed keeps clear of them by not
/// letting a group with a stopped member become orphaned (POSIX: its members would get SIGHUP and SIGCONT).
///
/// ```
/// use process_groups::model::{Answer, Disposition, Member, World};
///
/// let mut world = World::new();
/// assert!(world.spawn(30, vec![Member::new(30, Disposition::Watches), Member::new(31, Disposition::Dies)]));
/// assert!(!world.is_free(31) && !world.exit(32), "31 is taken, and nobody has 32");
/// world.exit_all(30);
/// world.reap_all(30);
/// assert_eq!(world.allowed(30, "SIGHUP").answers, [Answer::Exited]);
/// assert!(world.is_free(30) && world.has_ended(30), "the pid may come back");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    groups: Vec<Group>,
    ended: Vec<u32>,
    pub(super) asked_when_ended: Vec<u32>,
}

impl World {
    /// One without groups.
    pub fn new() -> Self {
        Self::default()
    }

    /// The groups that exist, in the order they were spawned.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The group with that id, if one exists.
    pub fn group(&self, leader_pid: u32) -> Option<&Group> {
        self.groups.iter().find(|group| group.leader_pid == leader_pid)
    }

    /// The process that has that pid now: a member that has not been reaped.
    pub fn process(&self, pid: u32) -> Option<&Member> {
        self.processes().find(|member| member.pid() == pid)
    }

    /// Every process that has not been reaped, group by group: what a testbed can look at and compare.
    pub fn processes(&self) -> impl Iterator<Item = &Member> {
        let members = self.groups.iter().flat_map(|group| &group.members);
        members.filter(|member| member.life() != Life::Reaped)
    }

    /// Whether a group had that id and was wholly reaped, also if another has it by now.
    pub fn has_ended(&self, leader_pid: u32) -> bool {
        self.ended.contains(&leader_pid)
    }

    /// Whether a new process may get that pid: it is 2 to `i32::MAX`, and is neither the pid of a process,
    /// unreaped ones included, nor the id of a group (POSIX, Process ID Reuse).
    pub fn is_free(&self, pid: u32) -> bool {
        (2..=i32::MAX as u32).contains(&pid) && self.process(pid).is_none() && self.group(pid).is_none()
    }

    /// A new group of these members, one of which is the leader. Possible when every pid [is
    /// free](Self::is_free), and no two are the same.
    pub fn spawn(&mut self, leader_pid: u32, members: Vec<Member>) -> bool {
        let pids: Vec<u32> = members.iter().map(Member::pid).collect();
        let all_free = pids.iter().all(|pid| self.is_free(*pid));
        let all_differ = pids.iter().all(|pid| pids.iter().filter(|other| *other == pid).count() == 1);
        let possible = pids.contains(&leader_pid) && all_free && all_differ;
        if possible {
            self.asked_when_ended.retain(|ended| *ended != leader_pid);
            let reused = self.has_ended(leader_pid);
            self.groups.push(Group { leader_pid, members, reused });
        }
        possible
    }

    /// A running process exits by itself.
    pub fn exit(&mut self, pid: u32) -> bool {
        self.change(pid, |member| member.life() == Life::Running, |member| member.end(None))
    }

    /// The testbed ends a process that has not exited with SIGKILL.
    pub fn kill(&mut self, pid: u32) -> bool {
        self.change(pid, Member::is_live, |member| member.end(Some("SIGKILL")))
    }

    /// Every live member of a group ends: running ones [exit](Self::exit), and stopped ones, which cannot,
    /// are [killed](Self::kill). Possible when there is one.
    pub fn exit_all(&mut self, leader_pid: u32) -> bool {
        self.each_of(leader_pid, |world, pid| world.exit(pid) || world.kill(pid))
    }

    /// An exited process is reaped. With the last of its members, a group is gone, and its id is free.
    pub fn reap(&mut self, pid: u32) -> bool {
        let possible = self.change(pid, Member::is_unreaped, Member::reap);
        let is_gone = |group: &Group| group.members.iter().all(|member| member.life() == Life::Reaped);
        for group in &self.groups {
            if is_gone(group) && !self.ended.contains(&group.leader_pid) {
                self.ended.push(group.leader_pid);
            }
        }
        self.groups.retain(|group| !is_gone(group));
        possible
    }

    /// Every exited member of a group is reaped. Possible when there is one.
    pub fn reap_all(&mut self, leader_pid: u32) -> bool {
        self.each_of(leader_pid, World::reap)
    }

    /// The testbed stops a running process with SIGSTOP, which is not among what it
    /// [received](Member::received).
    pub fn stop(&mut self, pid: u32) -> bool {
        self.change(pid, |member| member.life() == Life::Running, Member::stop)
    }

    /// Every running member of a group is stopped. Possible when there is one.
    pub fn stop_all(&mut self, leader_pid: u32) -> bool {
        self.each_of(leader_pid, World::stop)
    }

    /// The testbed continues a stopped process with SIGCONT, which is not among what it
    /// [received](Member::received). It then takes what is [pending](Member::pending): one that
    /// [dies](super::Disposition::Dies) is ended by it, one that [watches](super::Disposition::Watches)
    /// records it.
    pub fn resume(&mut self, pid: u32) -> bool {
        self.change(pid, |member| member.life() == Life::Stopped, Member::resume)
    }

    /// Every stopped member of a group is continued. Possible when there is one.
    pub fn resume_all(&mut self, leader_pid: u32) -> bool {
        self.each_of(leader_pid, World::resume)
    }

    pub(super) fn group_mut(&mut self, leader_pid: u32) -> Option<&mut Group> {
        self.groups.iter_mut().find(|group| group.leader_pid == leader_pid)
    }

    fn change(&mut self, pid: u32, possible: impl Fn(&Member) -> bool, change: impl Fn(&mut Member)) -> bool {
        let mut members = self.groups.iter_mut().flat_map(|group| &mut group.members);
        let found = members.find(|member| member.pid() == pid && possible(member));
        found.map(change).is_some()
    }

    /// Does that to each member of a group; says whether it was possible for one.
    fn each_of(&mut self, leader_pid: u32, change: impl Fn(&mut World, u32) -> bool) -> bool {
        let members = self.group(leader_pid).map_or(&[][..], Group::members);
        let pids: Vec<u32> =
            members.iter().filter(|member| member.life() != Life::Reaped).map(Member::pid).collect();
        let mut any = false;
        for pid in pids {
            any |= change(self, pid);
        }
        any
    }
}

#[cfg(test)]
mod tests;
