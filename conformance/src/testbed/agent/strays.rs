//! Whoever is in the testbed that the suite did not make: what the subject started, and what it left behind.

use super::child;
use super::process;
use super::roster::Roster;
use crate::sys::proc::Stat;
use crate::testbed::protocol::{Load, Memory};
use std::collections::HashSet;

impl Roster {
    /// Reaps every process that is the agent's child by adoption and that nobody knows.
    pub fn reap_strays(&self) {
        for stray in self.strays() {
            if stray.zombie && stray.parent == std::process::id() {
                let _ = child::reap(stray.pid);
            }
        }
    }

    /// Every process of the namespace that is neither the agent, nor the subject, nor in the roster.
    fn strays(&self) -> Vec<Stray> {
        let unknown = process::all().unwrap_or_default().into_iter().filter(|&pid| !self.knows(pid));
        unknown
            .filter_map(|pid| {
                let stat = Stat::of(pid)?;
                let zombie = stat.is_zombie();
                let Stat { name, parent, group, threads, .. } = stat;
                Some(Stray { pid, name, zombie, parent, group, threads })
            })
            .collect()
    }

    /// Whether that is the agent's pid, the subject's, or that of a process that the agent forked and did not reap.
    pub(super) fn knows(&self, pid: u32) -> bool {
        pid == std::process::id()
            || self.subject.as_ref().is_some_and(|subject| subject.pid == pid)
            || self.place_of.get(&pid).is_some_and(|&place| !self.members[place].reaped)
    }

    /// The groups of the processes that the agent forked and did not reap.
    pub(super) fn groups(&self) -> HashSet<u32> {
        let members = self.members.iter().filter(|member| !member.reaped);
        members.filter_map(|member| group_of(member.pid())).collect()
    }

    /// The names of what the subject left behind: the agent adopted it, since its parent is gone. Members
    /// that fork leave successors of their own, in their group.
    pub fn left_behind(&self) -> Vec<String> {
        let subjects = self.subject.as_ref().and_then(|subject| group_of(subject.pid));
        let mut groups = self.groups();
        groups.retain(|&group| Some(group) != subjects);
        let is_theirs = |one: &Stray| one.parent == std::process::id() && !groups.contains(&one.group);
        self.strays().into_iter().filter(is_theirs).map(|one| one.name).collect()
    }

    /// What the subject holds, and everything it started: in a sandbox whoever is not the suite's, elsewhere
    /// its descendants.
    ///
    /// # Errors
    /// Whose descriptors may not be counted.
    pub fn load(&self, sandboxed: bool) -> Result<Load, String> {
        self.reap_strays();
        let Some(subject) = self.subject.as_ref().map(|subject| subject.pid) else {
            return Ok(Load::default());
        };
        let theirs = self.started_by(subject, sandboxed);
        let (mut descriptors, mut memory) = (0, Memory::default());
        for pid in std::iter::once(subject).chain(theirs.iter().map(|one| one.pid)) {
            memory += process::memory(pid);
            descriptors += process::descriptors(pid)
                .map_err(|cause| format!("the descriptors of process {pid} may not be counted: {cause}"))?;
        }
        Ok(Load {
            memory,
            descriptors,
            threads: process::threads(subject).len()
                + theirs.iter().filter(|one| !one.zombie).map(|one| one.threads).sum::<usize>(),
            processes: theirs.len(),
            zombies: theirs.iter().filter(|one| one.zombie).count(),
        })
    }

    /// The pids of what the subject started, as [`load`](Self::load) counts it.
    pub fn of_the_subject(&self, sandboxed: bool) -> Vec<u32> {
        let subject = self.subject.as_ref().map(|subject| subject.pid);
        let theirs = subject.map(|subject| self.started_by(subject, sandboxed)).unwrap_or_default();
        theirs.into_iter().map(|one| one.pid).collect()
    }

    fn started_by(&self, subject: u32, sandboxed: bool) -> Vec<Stray> {
        let mut theirs = self.strays();
        if !sandboxed {
            let mut family = vec![subject];
            // A child may be listed before its parent: once round for each generation.
            for _ in 0..theirs.len() {
                family.extend(
                    theirs
                        .iter()
                        .filter(|one| family.contains(&one.parent))
                        .map(|one| one.pid)
                        .collect::<Vec<_>>(),
                );
                family.sort_unstable();
                family.dedup();
            }
            theirs.retain(|one| family.contains(&one.pid));
        }
        theirs
    }
}

fn group_of(pid: u32) -> Option<u32> {
    Stat::of(pid).map(|stat| stat.group)
}

/// A process that is not in the roster.
#[derive(Debug)]
struct Stray {
    pid: u32,
    name: String,
    /// Whether it has exited and is not reaped.
    zombie: bool,
    parent: u32,
    group: u32,
    threads: usize,
}
