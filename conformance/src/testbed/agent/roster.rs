//! Every process that the agent had forked, from its fork to its sweep.

use super::child;
use super::handle::{Handle, PATIENCE, Pinned};
use super::member::{Order, Word, fork_member, fork_parent, tell};
use super::process::{self, Stat};
use super::program::Pipes;
use super::signals::Taker;
use crate::testbed::protocol::{Fork, Program, Seen, State};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// The processes that the agent forked, in order, and the subject.
#[derive(Debug)]
pub struct Roster {
    /// The signals that reach the agent itself.
    pub taker: Taker,
    /// The subject, once it is started.
    pub subject: Option<Pinned>,
    pub(super) members: Vec<Handle>,
    /// The place of the newest process with each pid.
    pub(super) place_of: HashMap<u32, usize>,
}

impl Roster {
    /// An empty roster. `taker` takes the agent's own signals.
    pub fn new(taker: Taker) -> Self {
        Self { taker, subject: None, members: Vec::new(), place_of: HashMap::new() }
    }

    /// Forks a process and waits until it is set up. Returns its pid.
    ///
    /// # Errors
    /// What was tried and what the system said.
    pub fn fork(&mut self, how: &Fork) -> Result<u32, String> {
        let (ours, theirs) = sockets()?;
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
        match self.enter(pid, ours)? {
            Word::Ready => Ok(pid),
            word => Err(format!("process {pid} could not be set up: {word:?}")),
        }
    }

    /// Starts the subject as the child of a process that is watched like any other: who signals its own parent, signals
    /// a bystander. Returns the pids of both, the parent's first.
    ///
    /// # Errors
    /// What was tried and what the system said.
    pub fn start(&mut self, program: &Program, pipes: Pipes) -> Result<(u32, u32), String> {
        let (ours, theirs) = sockets()?;
        let parent = fork_parent(program, pipes, theirs)
            .map_err(|cause| format!("cannot fork the subject's parent: {cause}"))?;
        match self.enter(parent, ours)? {
            Word::Started(pid) => {
                self.subject = Some(Pinned::new(pid)?);
                Ok((parent, pid))
            }
            Word::Failed(reason) => Err(reason),
            word => Err(format!("the subject's parent said {word:?}")),
        }
    }

    /// Takes a process in and waits for its first word.
    fn enter(&mut self, pid: u32, socket: OwnedFd) -> Result<Word, String> {
        let member = Handle::new(pid, socket)?;
        // Registered before anything can go wrong with it, so that the sweep finds it.
        self.place_of.insert(pid, self.members.len());
        self.members.push(member);
        self.members[self.members.len() - 1].hear()
    }

    /// Lets a process exit and waits until it has.
    ///
    /// # Errors
    /// When it is not there or stopped, or does not exit.
    pub fn exit(&mut self, pid: u32) -> Result<(), String> {
        let member = self.live(pid)?;
        if member.process.state() == Some(State::Stopped) {
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
        let member = self.live(pid)?;
        member.signal(libc::SIGSTOP)?;
        let deadline = Instant::now() + PATIENCE;
        while member.process.state() == Some(State::Running) {
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
            child::reap(pid).map_err(|cause| format!("cannot reap process {pid}: {cause}"))?;
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
    pub fn snapshot(&mut self) -> Result<Vec<Seen>, String> {
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
            let mut process = member.snapshot(|| self.how_ended(member.pid()))?;
            // Only the suite makes the agent send something: SIGCONT to a stopped process.
            process.received.retain(|receipt| receipt.from != own as i32);
            seen.push(process);
        }
        if let Some(subject) = &self.subject {
            let mut pending = process::pending(subject.pid);
            // A program may send itself others: the threads of one in Go interrupt each other with SIGURG.
            pending.retain(|signal| [libc::SIGTERM, libc::SIGINT, libc::SIGHUP].contains(signal));
            let (pid, state) = (subject.pid, self.state_of(subject)?);
            seen.push(Seen { pid, state, received: Vec::new(), pending });
        }
        Ok(seen)
    }

    /// How a process of the testbed is.
    ///
    /// # Errors
    /// When it has ended and nobody can say how.
    pub fn state_of(&self, process: &Pinned) -> Result<State, String> {
        process.state().map_or_else(|| self.how_ended(process.pid), Ok)
    }

    /// How a process ended that has exited: by its parent's account, since /proc shows that only to who may trace it
    /// (proc_pid_stat(5)).
    fn how_ended(&self, pid: u32) -> Result<State, String> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let Some(stat) = Stat::of(pid) else { return Ok(State::Reaped) };
            let told = if stat.parent == std::process::id() {
                child::how_ended(pid).unwrap_or_default()
            } else {
                let parent = self.member(stat.parent)?;
                match parent.ask_unless_stopped(&Order::HowEnded(pid)) {
                    Ok(Some(Word::Ended(state))) => state,
                    Ok(None) => None,
                    Ok(Some(word)) => {
                        return Err(format!("process {} said {word:?} of process {pid}", stat.parent));
                    }
                    Err(_) => {
                        // It has exited meanwhile, or is about to: then the child is the agent's.
                        parent.await_exit()?;
                        continue;
                    }
                }
            };
            // Who is stopped says nothing, nor does who is not told by a tracer.
            if let Some(state) = told.or_else(|| process::shown_end(pid)) {
                return Ok(state);
            }
        }
        Err(format!("process {pid} has exited, and nobody can say how"))
    }

    /// Gives all processes the same processor, and the subject only the time that nobody else there wants
    /// (SCHED_IDLE, sched(7)): whoever it wakes by a signal runs before its next step.
    ///
    /// # Errors
    /// sched_setaffinity(2)'s or sched_setscheduler(2)'s.
    pub fn share_processor(&self) -> Result<(), String> {
        let fault = |cause: Errno| format!("cannot share a processor: {cause}");
        let mut one = CpuSet::new();
        one.set(nix::sched::sched_getcpu().map_err(fault)?).map_err(fault)?;
        let members = self.members.iter().filter(|member| !member.reaped).map(Handle::pid);
        let subjects = self.subject.as_ref().map(|subject| process::threads(subject.pid)).unwrap_or_default();
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
                member.reaped = child::reap(member.pid()).is_ok();
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

/// The two ends of the socket by which a process is commanded: the agent's, and the process's.
fn sockets() -> Result<(OwnedFd, OwnedFd), String> {
    socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
        .map_err(|cause| format!("no socket for a process: {cause}"))
}
