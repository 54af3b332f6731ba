//! Every process that the agent had forked, from its fork to its sweep.

use super::handle::{Handle, PATIENCE};
use super::member::{Order, Word, fork_member, tell};
use super::process::{self, Stat};
use super::signals::Taker;
use crate::testbed::protocol::{Fork, Load, Seen, State};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// The processes that the agent forked, in order.
#[derive(Debug)]
pub struct Roster {
    /// The signals that reach the agent itself.
    pub taker: Taker,
    members: Vec<Handle>,
    /// The place of the newest process with each pid.
    place_of: HashMap<u32, usize>,
}

impl Roster {
    /// An empty roster. `taker` takes the agent's own signals.
    pub fn new(taker: Taker) -> Self {
        Self { taker, members: Vec::new(), place_of: HashMap::new() }
    }

    /// Forks a process and waits until it is set up. Returns its pid.
    ///
    /// # Errors
    /// What was tried and what the system said.
    pub fn fork(&mut self, how: &Fork) -> Result<u32, String> {
        let (ours, theirs) =
            socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
                .map_err(|cause| format!("no socket for a process: {cause}"))?;
        let refused = |cause: &str| match how.id {
            Some(id) => format!("cannot fork a process with pid {id}: {cause}"),
            None => format!("cannot fork a process: {cause}"),
        };
        let pid = match how.parent {
            None => fork_member(how, theirs).map_err(|cause| refused(cause.desc()))?,
            Some(parent) => {
                let parent = self.live(parent)?;
                tell(&parent.socket, &Order::Fork(how.clone()), Some(theirs.as_raw_fd()))
                    .map_err(|cause| refused(cause.desc()))?;
                drop(theirs);
                match parent.hear()? {
                    Word::Forked(pid) => pid,
                    word => return Err(refused(&format!("its parent said {word:?}"))),
                }
            }
        };
        let member = Handle::new(pid, ours)?;
        // Registered before anything can go wrong with it, so that the sweep finds it.
        self.place_of.insert(pid, self.members.len());
        self.members.push(member);
        let member = &self.members[self.members.len() - 1];
        match member.hear()? {
            Word::Ready => Ok(pid),
            word => Err(format!("process {pid} could not be set up: {word:?}")),
        }
    }

    /// Lets a process exit and waits until it has.
    ///
    /// # Errors
    /// When it is not there or stopped, or does not exit.
    pub fn exit(&mut self, pid: u32) -> Result<(), String> {
        let member = self.live(pid)?;
        if Stat::of(pid).is_some_and(|stat| stat.state() == State::Stopped) {
            return Err(format!("process {pid} is stopped and cannot exit by itself"));
        }
        tell(&member.socket, &Order::Exit, None).map_err(|cause| format!("process {pid}: {cause}"))?;
        member.await_exit()
    }

    /// Ends a process with SIGKILL, if it has not exited already, and waits until it has.
    ///
    /// # Errors
    /// When it is not there or does not exit.
    pub fn kill(&mut self, pid: u32) -> Result<(), String> {
        let member = self.member(pid)?;
        member.signal(libc::SIGKILL)?;
        member.await_exit()
    }

    /// Stops a process and waits until it is stopped.
    ///
    /// # Errors
    /// When it is not there or does not stop.
    pub fn stop(&mut self, pid: u32) -> Result<(), String> {
        self.live(pid)?.signal(libc::SIGSTOP)?;
        let deadline = Instant::now() + PATIENCE;
        while Stat::of(pid).is_some_and(|stat| stat.state() == State::Running) {
            if Instant::now() > deadline {
                return Err(format!("process {pid} does not stop"));
            }
            // Only a process's parent is told that it stopped, and the agent is not the parent of each.
            std::thread::sleep(Duration::from_micros(50));
        }
        Ok(())
    }

    /// Lets a stopped process go on. It is running when this returns: SIGCONT takes effect when it is sent
    /// (signal(7)).
    ///
    /// # Errors
    /// When it is not there.
    pub fn resume(&mut self, pid: u32) -> Result<(), String> {
        self.live(pid)?.signal(libc::SIGCONT)
    }

    /// Reaps a process that has exited: by the agent if it is the parent, else by its parent.
    ///
    /// # Errors
    /// When it has not exited, or its parent does not reap it.
    pub fn reap(&mut self, pid: u32) -> Result<(), String> {
        let stat = Stat::of(pid).ok_or_else(|| format!("there is no process {pid} to reap"))?;
        if !stat.is_zombie() {
            return Err(format!("process {pid} has not exited"));
        }
        if stat.parent == std::process::id() {
            waitpid(Pid::from_raw(pid as i32), None)
                .map_err(|cause| format!("cannot reap process {pid}: {cause}"))?;
        } else {
            let parent = self.live(stat.parent)?;
            match parent.ask(&Order::Reap(pid))? {
                Word::Done => {}
                word => {
                    return Err(format!("process {} did not reap process {pid}: {word:?}", stat.parent));
                }
            }
        }
        if let Some(&place) = self.place_of.get(&pid) {
            self.members[place].reaped = true;
        }
        Ok(())
    }

    /// Looks at the agent itself, at each process and at the subject.
    ///
    /// # Errors
    /// When a running process does not say what it received.
    pub fn look(&mut self, subject: Option<u32>) -> Result<Vec<Seen>, String> {
        self.taker.drain();
        let own = std::process::id();
        let mut seen = vec![Seen {
            pid: own,
            state: State::Running,
            received: self.taker.received().to_vec(),
            pending: Vec::new(),
        }];
        self.members.iter().for_each(Handle::ask_ahead);
        for member in &self.members {
            let mut process = member.look()?;
            // Only the suite makes the agent send something: SIGCONT to a stopped process.
            process.received.retain(|receipt| receipt.from != own as i32);
            seen.push(process);
        }
        if let Some(pid) = subject {
            let state = Stat::of(pid).map_or(State::Reaped, |stat| stat.state());
            let mut pending = process::pending(pid);
            // A program may send itself others: the threads of one in Go interrupt each other with SIGURG.
            pending.retain(|signal| [libc::SIGTERM, libc::SIGINT, libc::SIGHUP].contains(signal));
            seen.push(Seen { pid, state, received: Vec::new(), pending });
        }
        Ok(seen)
    }

    /// Reaps every process that is the agent's child by adoption and that nobody knows.
    pub fn reap_strays(&self, subject: Option<u32>) {
        for stray in self.strays(subject) {
            if stray.zombie && stray.parent == std::process::id() {
                let _ = waitpid(Pid::from_raw(stray.pid as i32), Some(WaitPidFlag::WNOHANG));
            }
        }
    }

    /// Every process of the namespace that is neither the agent, nor the subject, nor in the roster.
    pub fn strays(&self, subject: Option<u32>) -> Vec<Stray> {
        let known = |pid: u32| {
            pid == std::process::id()
                || Some(pid) == subject
                || self.place_of.get(&pid).is_some_and(|&place| !self.members[place].reaped)
        };
        let strangers = process::all().unwrap_or_default().into_iter().filter(|&pid| !known(pid));
        strangers
            .filter_map(|pid| {
                let stat = Stat::of(pid)?;
                let zombie = stat.is_zombie();
                Some(Stray { pid, zombie, parent: stat.parent, threads: stat.threads, name: stat.name })
            })
            .collect()
    }

    /// What the subject holds, and everything it started: in a sandbox whoever is not the suite's, elsewhere
    /// its descendants.
    pub fn load(&self, subject: Option<u32>, sandboxed: bool) -> Load {
        self.reap_strays(subject);
        let Some(subject) = subject else {
            return Load::default();
        };
        let mut theirs = self.strays(Some(subject));
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
        Load {
            descriptors: process::descriptors(subject)
                + theirs.iter().map(|one| process::descriptors(one.pid)).sum::<usize>(),
            threads: process::threads(subject).len()
                + theirs.iter().filter(|one| !one.zombie).map(|one| one.threads).sum::<usize>(),
            processes: theirs.len(),
            zombies: theirs.iter().filter(|one| one.zombie).count(),
        }
    }

    /// Gives all processes the same processor, and the subject only the time that nobody else there wants
    /// (SCHED_IDLE, sched(7)): whoever it wakes by a signal runs before its next step.
    ///
    /// # Errors
    /// sched_setaffinity(2)'s or sched_setscheduler(2)'s.
    pub fn share_processor(&self, subject: Option<u32>) -> Result<(), String> {
        let fault = |cause: Errno| format!("cannot share a processor: {cause}");
        let mut one = CpuSet::new();
        one.set(nix::sched::sched_getcpu().map_err(fault)?).map_err(fault)?;
        let members = self.members.iter().filter(|member| !member.reaped).map(|member| member.pid);
        let subjects = subject.map(process::threads).unwrap_or_default();
        for pid in members.chain(subjects.iter().copied()) {
            sched_setaffinity(Pid::from_raw(pid as i32), &one).map_err(fault)?;
        }
        for thread in subjects {
            let parameters = libc::sched_param { sched_priority: 0 };
            // SAFETY: `parameters` lives through the call.
            let result =
                unsafe { libc::sched_setscheduler(thread as i32, libc::SCHED_IDLE, &raw const parameters) };
            Errno::result(result).map_err(fault)?;
        }
        Ok(())
    }

    /// Ends and reaps every process in the roster. Returns how many of them were live.
    pub fn end_all(&mut self) -> usize {
        let mut live = 0;
        for member in self.members.iter().filter(|member| !member.reaped) {
            live += usize::from(member.signal(libc::SIGKILL).is_ok() && !member.has_exited());
        }
        for member in &mut self.members {
            if !member.reaped && member.await_exit().is_ok() {
                // It was its parent's to reap; its parent has exited too, so that it is the agent's by now.
                member.reaped = waitpid(Pid::from_raw(member.pid as i32), None).is_ok();
            }
        }
        live
    }

    fn member(&self, pid: u32) -> Result<&Handle, String> {
        let place =
            self.place_of.get(&pid).ok_or_else(|| format!("there is no process {pid} of the suite's"))?;
        Ok(&self.members[*place])
    }

    fn live(&self, pid: u32) -> Result<&Handle, String> {
        let member = self.member(pid)?;
        if member.has_exited() { Err(format!("process {pid} has exited")) } else { Ok(member) }
    }
}

/// A process that is not in the roster.
#[derive(Debug)]
pub struct Stray {
    /// Its pid.
    pub pid: u32,
    /// Its command's name.
    pub name: String,
    /// Whether it has exited and is not reaped.
    zombie: bool,
    /// Its parent's pid.
    pub parent: u32,
    threads: usize,
}
