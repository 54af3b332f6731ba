//! Every process that the agent had forked, from its fork to its sweep.

use super::child;
use super::freezer::Freezer;
use super::handle::{Handle, PATIENCE, Pinned};
use super::member::{fork_member, fork_parent};
use super::orders::{Order, Word, send_message};
use super::process;
use super::program::Pipes;
use super::shortage::Limited;
use super::signals::Taker;
use crate::sys::proc::Stat;
use crate::testbed::make::Make;
use crate::testbed::protocol::{Disposition, Fork, Program, State};
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::unistd::Pid;
use std::collections::HashMap;
use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long the subject is waited for that never waits.
const COMING_TO_REST: Duration = Duration::from_millis(500);

/// The processes that the agent forked, in order, and the subject.
#[derive(Debug)]
pub struct Roster {
    /// The signals that reach the agent itself.
    pub taker: Taker,
    /// The subject, once it is started.
    pub subject: Option<Pinned>,
    /// Its parent's pid.
    pub(super) parent: Option<u32>,
    /// Who may open no descriptor.
    pub(super) limited: Vec<Limited>,
    pub(super) members: Vec<Handle>,
    /// The place of the newest process with each pid.
    pub(super) place_of: HashMap<u32, usize>,
}

impl Roster {
    /// An empty roster. `taker` takes the agent's own signals.
    pub fn new(taker: Taker) -> Self {
        Self {
            taker,
            subject: None,
            parent: None,
            limited: Vec::new(),
            members: Vec::new(),
            place_of: HashMap::new(),
        }
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
                let parent = self.live(parent, "fork")?;
                send_message(&parent.socket, &Order::Fork(how.clone()), Some(theirs.as_raw_fd()))
                    .map_err(|cause| refused(cause.desc()))?;
                drop(theirs);
                match parent.receive()? {
                    Word::Forked(pid) => pid,
                    word => return Err(refused(&format!("its parent said {word:?}"))),
                }
            }
        };
        match self.enter(pid, ours)? {
            Word::Ready => {
                let place = self.place_of[&pid];
                self.members[place].ends_last = how.make == Make::NamespaceInit;
                self.members[place].passes_on = how.disposition == Disposition::PassesOn;
                Ok(pid)
            }
            word => Err(format!("process {pid} could not be set up: {word:?}")),
        }
    }

    /// Starts the subject as the child of a process that is watched like any other: who signals its own
    /// parent, signals a bystander. Returns the pids of both, the parent's first.
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
                self.parent = Some(parent);
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
        self.members[self.members.len() - 1].receive()
    }

    /// Lets a process exit, if it has not exited already, and waits until it has.
    ///
    /// # Errors
    /// When it is not there or stopped, or does not exit.
    pub fn exit(&mut self, pid: u32) -> Result<(), String> {
        let member = self.member(pid)?;
        if member.has_exited() {
            return Ok(());
        }
        if member.process.state() == Some(State::Stopped) {
            return Err(format!("process {pid} is stopped and cannot exit by itself"));
        }
        send_message(&member.socket, &Order::Exit, None)
            .map_err(|cause| format!("process {pid}: {cause}"))?;
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

    /// Sends the subject a signal, unless it has exited; SIGSTOP once it waits, so that a wait is what is interrupted: it may
    /// just come from its last answer.
    ///
    /// # Errors
    /// When it was not started.
    pub fn signal_subject(&self, signal: i32) -> Result<(), String> {
        let subject = self.subject.as_ref().ok_or("the subject was not started")?;
        let deadline = Instant::now() + COMING_TO_REST;
        let is_busy = || Stat::of(subject.pid).is_some_and(|stat| !stat.waits());
        while signal == libc::SIGSTOP && is_busy() && Instant::now() < deadline {
            std::thread::yield_now();
        }
        match subject.signal(signal) {
            Err(_) if subject.has_exited() => Ok(()),
            sent => sent,
        }
    }

    /// Stops a process and waits until it is stopped.
    ///
    /// # Errors
    /// When it is not there or does not stop.
    pub fn stop(&mut self, pid: u32) -> Result<(), String> {
        let member = self.live(pid, "be stopped")?;
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
        self.live(pid, "be continued")?.signal(libc::SIGCONT)
    }

    /// Moves processes to a cgroup of their own, and freezes that if `frozen`.
    ///
    /// # Errors
    /// When one is not there, or it cannot be done.
    pub fn move_to_cgroup(&mut self, pids: &[u32], frozen: bool) -> Result<(), String> {
        let freezer = Rc::new(Freezer::hold(pids)?);
        if frozen {
            freezer.freeze()?;
        }
        for pid in pids {
            let place =
                self.place_of.get(pid).ok_or_else(|| format!("there is no process {pid} of the suite's"))?;
            self.members[*place].freezer = Some(Rc::clone(&freezer));
        }
        Ok(())
    }

    /// Lets a process move to a group, which it leads if that has its pid.
    ///
    /// # Errors
    /// When it is not there, or cannot.
    pub fn set_group(&mut self, pid: u32, group: u32) -> Result<(), String> {
        match self.live(pid, "move to a group")?.ask(&Order::SetGroup(group))? {
            Word::Done => Ok(()),
            word => Err(format!("process {pid} cannot move to group {group}: {word:?}")),
        }
    }

    /// Lets a process take another name for its command.
    ///
    /// # Errors
    /// When it is not there, or cannot.
    pub fn rename(&mut self, pid: u32, name: CString) -> Result<(), String> {
        match self.live(pid, "take another name")?.ask(&Order::Rename(name))? {
            Word::Done => Ok(()),
            word => Err(format!("process {pid} cannot take another name: {word:?}")),
        }
    }

    /// Lets a process trace its child and keep it stopped. Returns why it may not, if that is so.
    ///
    /// # Errors
    /// When it is not there.
    pub fn trace(&mut self, pid: u32, tracer: u32) -> Result<Result<(), String>, String> {
        match self.live(tracer, "trace its child")?.ask(&Order::Trace(pid))? {
            Word::Done => Ok(Ok(())),
            word => Ok(Err(format!("process {tracer} cannot trace process {pid}: {word:?}"))),
        }
    }

    /// Puts a group into the foreground of the terminal of the session that `leader` leads.
    ///
    /// # Errors
    /// When that is not there, or cannot.
    pub fn put_in_foreground(&mut self, group: u32, leader: u32) -> Result<(), String> {
        match self.live(leader, "choose a foreground group")?.ask(&Order::Foreground(group))? {
            Word::Done => Ok(()),
            word => Err(format!("process {leader} cannot put group {group} into the foreground: {word:?}")),
        }
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
            let parent = self.live(stat.parent, "reap its child")?;
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

    /// Reaps each of these as soon as it has exited, for as long as `wait`. Returns those that have not.
    ///
    /// # Errors
    /// As [`Roster::reap`] has them.
    pub fn reap_as_they_exit(&mut self, pids: &[u32], wait: Duration) -> Result<Vec<u32>, String> {
        let deadline = Instant::now() + wait;
        let mut left = Vec::new();
        for &pid in pids {
            match self.member(pid)?.process.exits_before(deadline)? {
                true => self.reap(pid)?,
                false => left.push(pid),
            }
        }
        Ok(left)
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
        let members = self.members.iter().filter(|member| !member.reaped);
        let members = members.flat_map(|member| process::threads(member.pid()));
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
        for last in [false, true] {
            for member in self.members.iter_mut().filter(|member| member.ends_last == last) {
                if !member.reaped && member.await_exit().is_ok() {
                    // It was its parent's to reap; its parent has exited too, so that it is the agent's by
                    // now.
                    member.reaped = child::reap(member.pid()).is_ok();
                }
            }
        }
        // A cgroup goes when the last has ended that is in it.
        for member in &mut self.members {
            member.freezer = None;
        }
        live
    }

    pub(super) fn member(&self, pid: u32) -> Result<&Handle, String> {
        let place =
            self.place_of.get(&pid).ok_or_else(|| format!("there is no process {pid} of the suite's"))?;
        Ok(&self.members[*place])
    }

    /// A process that has not exited, and so can still do `what`.
    pub(super) fn live(&self, pid: u32, what: &str) -> Result<&Handle, String> {
        let member = self.member(pid)?;
        match member.has_exited() {
            true => Err(format!("process {pid} has exited and cannot {what}")),
            false => Ok(member),
        }
    }
}

/// The two ends of the socket by which a process is commanded: the agent's, and the process's.
fn sockets() -> Result<(OwnedFd, OwnedFd), String> {
    socketpair(AddressFamily::Unix, SockType::SeqPacket, None, SockFlag::SOCK_CLOEXEC)
        .map_err(|cause| format!("no socket for a process: {cause}"))
}
