//! The agent's hold on one process: on any, and on one that it had forked.

use super::freezer::Freezer;
use super::orders::{Order, Word, receive_message, send_message};
use super::process;
use crate::sys::lines::wait_for;
use crate::sys::pidfd;
use crate::testbed::protocol::{Receipt, Seen, State};
use nix::poll::{PollFd, PollFlags};
use std::cell::Cell;
use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// How long the agent waits for what must happen at once: a process to exit, to stop, to answer. It is long
/// because nothing but a fault of the machine or of the suite lets it pass.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// How often a process that does not answer is looked at: it may have been stopped.
const GLANCE: Duration = Duration::from_millis(5);

/// A process, held by a pidfd: nobody else is meant once its pid is given again.
#[derive(Debug)]
pub struct Pinned {
    /// Its pid.
    pub pid: u32,
    fd: OwnedFd,
}

impl Pinned {
    /// A hold on the process `pid`, which is live or unreaped.
    ///
    /// # Errors
    /// When pidfd_open(2) fails.
    pub fn new(pid: u32) -> Result<Self, String> {
        let fd = pidfd::open(pid).map_err(|cause| format!("no pidfd of process {pid}: {cause}"))?;
        Ok(Self { pid, fd })
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it is reaped already.
    pub fn signal(&self, signal: i32) -> Result<(), String> {
        pidfd::send(&self.fd, signal).map_err(|cause| format!("cannot signal process {}: {cause}", self.pid))
    }

    /// Whether it has exited: a pidfd is readable from then on (pidfd_open(2)).
    pub fn has_exited(&self) -> bool {
        self.exits_before(Instant::now()).unwrap_or(false)
    }

    /// Waits until it has exited, and no longer than until `deadline`. Returns whether it has.
    ///
    /// # Errors
    /// poll(2)'s.
    pub fn exits_before(&self, deadline: Instant) -> Result<bool, String> {
        let mut fds = [PollFd::new(self.fd.as_fd(), PollFlags::POLLIN)];
        wait_for(&mut fds, deadline).map_err(|cause| format!("cannot wait for process {}: {cause}", self.pid))
    }

    /// How it is; `None` when it has ended, which its parent alone may know more of.
    pub fn state(&self) -> Option<State> {
        // Asked first: a process that has exited stays so, one that runs may exit any time. And until its
        // last thread has exited, /proc shows the first one, which may have exited long before.
        match self.has_exited() {
            true => None,
            false if process::is_stopped(self.pid) => Some(State::Stopped),
            false => Some(State::Running),
        }
    }
}

/// A forked process: the socket that commands it, and the pidfd that signals it and nobody else.
#[derive(Debug)]
pub struct Handle {
    /// The process.
    pub process: Pinned,
    /// The agent's end of its socket.
    pub socket: OwnedFd,
    /// Whether it was reaped.
    pub reaped: bool,
    /// Whether it passes signals on.
    pub passes_on: bool,
    /// Whether others must be reaped before it ends.
    pub ends_last: bool,
    /// The cgroup that it is frozen with, if it is.
    pub freezer: Option<Rc<Freezer>>,
    /// The answer that it still owes, because it was stopped before it gave it, or was not heard yet.
    owed: Cell<Owed>,
}

/// An answer that was asked for and not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owed {
    Nothing,
    /// What it received, asked for the look that follows or is under way.
    Wanted,
    /// What it received at an earlier look, which it did not say in time.
    Unwanted,
}

impl Handle {
    /// A hold on the process `pid`, which is live or unreaped, over `socket`.
    ///
    /// # Errors
    /// When pidfd_open(2) fails.
    pub fn new(pid: u32, socket: OwnedFd) -> Result<Self, String> {
        Ok(Self {
            process: Pinned::new(pid)?,
            socket,
            reaped: false,
            passes_on: false,
            ends_last: false,
            freezer: None,
            owed: Cell::new(Owed::Nothing),
        })
    }

    /// Its pid.
    pub fn pid(&self) -> u32 {
        self.process.pid
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it is reaped already.
    pub fn signal(&self, signal: i32) -> Result<(), String> {
        self.process.signal(signal)
    }

    /// Whether it has exited.
    pub fn has_exited(&self) -> bool {
        self.process.has_exited()
    }

    /// Waits until it has exited.
    ///
    /// # Errors
    /// When it does not in time.
    pub fn await_exit(&self) -> Result<(), String> {
        match self.process.exits_before(Instant::now() + PATIENCE)? {
            true => Ok(()),
            false => Err(format!("process {} does not exit", self.pid())),
        }
    }

    /// Gives it an order and waits for its answer.
    ///
    /// # Errors
    /// When it is gone or does not answer.
    pub fn ask(&self, order: &Order) -> Result<Word, String> {
        self.send(order)?;
        self.receive()
    }

    /// Gives it an order and waits for its answer, unless it is stopped or frozen: then `None`, and whatever it says of
    /// that later is not heard.
    ///
    /// # Errors
    /// When it is gone or does not answer.
    pub fn ask_unless_stopped(&self, order: &Order) -> Result<Option<Word>, String> {
        if self.owed.get() != Owed::Nothing && self.receive_unless_stopped()?.is_none() {
            self.owed.set(Owed::Unwanted);
            return Ok(None);
        }
        self.owed.set(Owed::Nothing);
        self.send(order)?;
        let word = self.receive_unless_stopped()?;
        if word.is_none() {
            self.owed.set(Owed::Unwanted);
        }
        Ok(word)
    }

    fn send(&self, order: &Order) -> Result<(), String> {
        send_message(&self.socket, order, None)
            .map_err(|cause| format!("process {} takes no order: {cause}", self.pid()))
    }

    /// Waits for what it says next.
    ///
    /// # Errors
    /// When it is gone or says nothing.
    pub fn receive(&self) -> Result<Word, String> {
        if self.owed.replace(Owed::Nothing) != Owed::Nothing {
            self.receive_before(Instant::now() + PATIENCE)?;
        }
        self.receive_before(Instant::now() + PATIENCE)?
            .ok_or_else(|| format!("process {} says nothing", self.pid()))
    }

    /// What it says next; `None` when it is stopped or frozen.
    fn receive_unless_stopped(&self) -> Result<Option<Word>, String> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let word = self.receive_before(Instant::now() + GLANCE)?;
            if word.is_some() || self.process.state() == Some(State::Stopped) || self.is_frozen() {
                return Ok(word);
            }
        }
        Err(format!("process {} says nothing", self.pid()))
    }

    /// What it says before `deadline`; `None` when it is only late.
    fn receive_before(&self, deadline: Instant) -> Result<Option<Word>, String> {
        let mut fds = [
            PollFd::new(self.socket.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.process.fd.as_fd(), PollFlags::POLLIN),
        ];
        let fault = |cause: &dyn std::fmt::Display| format!("process {} is gone: {cause}", self.pid());
        if !wait_for(&mut fds, deadline).map_err(|cause| fault(&cause))? {
            return Ok(None);
        }
        if fds[0].revents().is_some_and(|events| events.contains(PollFlags::POLLIN)) {
            receive_message::<Word>(&self.socket).map(|(word, _)| Some(word)).map_err(|cause| fault(&cause))
        } else {
            Err(fault(&"it has exited"))
        }
    }

    fn is_frozen(&self) -> bool {
        self.freezer.as_ref().is_some_and(|freezer| freezer.is_frozen())
    }

    /// Asks what it received, for a look that follows: many that are asked before the first is heard answer
    /// at once.
    pub fn ask_ahead(&self) {
        match self.owed.get() {
            Owed::Nothing if self.reaped => {}
            Owed::Nothing => {
                if send_message(&self.socket, &Order::Report, None).is_ok() {
                    self.owed.set(Owed::Wanted);
                }
            }
            Owed::Wanted | Owed::Unwanted => self.owed.set(Owed::Unwanted),
        }
    }

    /// How it is and what it received, after [`ask_ahead`](Self::ask_ahead). What was sent to it before that
    /// call is seen: a process takes the signals that were sent to it before it takes an order (signal(7)),
    /// so one that answers runs on after them. `ended` finds out how it ended, once it has.
    ///
    /// # Errors
    /// When it runs and does not say what it received, and what `ended` says.
    pub fn snapshot(&self, ended: impl Fn() -> Result<State, String>) -> Result<Seen, String> {
        let pid = self.pid();
        let seen = |state, pending| Seen { pid, state, received: Vec::new(), pending };
        if self.reaped {
            return Ok(seen(State::Reaped, Vec::new()));
        }
        let deadline = Instant::now() + PATIENCE;
        // /proc tells at once of one that is stopped or has exited; waiting for its answer would not.
        let mut patience = Duration::ZERO;
        while Instant::now() < deadline {
            if let Some((received, pending)) = self.report(patience) {
                return Ok(Seen { received, ..seen(State::Running, pending) });
            }
            // It may not have had the processor yet, or a signal that ends or stops it may be under way: then
            // it is looked at again.
            match self.process.state() {
                None => return Ok(seen(ended()?, Vec::new())),
                Some(State::Running) if self.is_frozen() => {
                    return Ok(seen(State::Frozen, process::pending(pid)));
                }
                Some(State::Running) => patience = GLANCE,
                Some(state) => return Ok(seen(state, process::pending(pid))),
            }
        }
        Err(format!("process {pid} runs and does not say what it received"))
    }

    /// What it received and what is pending by its own account, said within `patience`; `None` when it does
    /// not answer just now.
    fn report(&self, patience: Duration) -> Option<(Vec<Receipt>, Vec<i32>)> {
        if self.owed.get() == Owed::Unwanted {
            self.receive_before(Instant::now() + patience).ok()??;
            self.owed.set(Owed::Nothing);
        }
        if self.owed.get() == Owed::Nothing {
            send_message(&self.socket, &Order::Report, None).ok()?;
            self.owed.set(Owed::Wanted);
        }
        let word = self.receive_before(Instant::now() + patience).ok()??;
        self.owed.set(Owed::Nothing);
        match word {
            Word::Received { received, pending } => Some((received, pending)),
            _ => None,
        }
    }
}
