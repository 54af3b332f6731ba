//! What the subject calls, and whatever it starts: each call that sends a signal is seen before it happens, and
//! goes on or is refused.
//!
//! A thread of the suite does that, outside the sandbox: nobody in there can stop or end it, and it outlives
//! them all, so that no call of theirs is left without an answer.

mod kernel;
mod permission;
mod supervisor;

use crate::sys::lock::lock;
pub use kernel::Kernel;

use super::calls::{self, SystemCall};
use crate::sys::notify::{self, Waiting};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::pipe2;
use std::collections::HashSet;
use std::fmt;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use supervisor::Supervisor;

/// A supervisor of the subject's system calls. Dropping it ends it: nobody may be watched by it any more.
#[derive(Debug)]
pub struct Watch {
    shared: Arc<Shared>,
    depth: usize,
    /// Hears once whether there is anybody to watch.
    begun: Receiver<io::Result<()>>,
    /// Closed to end the thread.
    stop: Option<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

/// What the supervisor and the case tell each other.
#[derive(Debug, Default)]
struct Shared {
    /// What was called.
    calls: Mutex<Vec<SystemCall>>,
    snare: Mutex<Option<Snare>>,
    denied: Mutex<Option<Denied>>,
    /// The subject's own group, if signals to it and to everybody are held back.
    guarded: Mutex<Option<u32>>,
    /// The processes that the subject may not signal, beside those that the kernel forbids it to.
    forbidden: Mutex<HashSet<u32>>,
    /// The group of which Darwin's kernel has not noticed yet that nobody is left.
    lingering: Mutex<Option<u32>>,
}

/// What the subject, and whatever it started, may start no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied {
    /// What is refused.
    pub start: Start,
    /// Whether the suite's own program may, which serves the subject.
    pub but_for_the_suite: bool,
}

/// What a program starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// A process or a thread: refused as where there is no memory for it (fork(2)). Of a limit on processes
    /// (EAGAIN) some wait for the end: bash for 15 s, longer than an answer may take.
    Process,
    /// A program: refused as where there is no such file (execve(2)).
    Program,
}

impl Start {
    fn of(call: &Waiting) -> Option<Self> {
        let is = |calls: &[_]| calls.contains(&call.number);
        if is(notify::FORKS) { Some(Self::Process) } else { is(notify::EXECS).then_some(Self::Program) }
    }

    fn refusal(self) -> Errno {
        match self {
            Self::Process => Errno::ENOMEM,
            Self::Program => Errno::ENOENT,
        }
    }
}

/// Holds the first call that is wanted.
struct Snare {
    wanted: Box<dyn Fn(&SystemCall) -> bool + Send>,
    caught: Sender<Held>,
}

impl fmt::Debug for Snare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snare").finish_non_exhaustive()
    }
}

/// A call that is held before it happens, with all later ones behind it. Dropping it lets them go on.
#[derive(Debug)]
pub struct Held {
    /// The call.
    pub call: SystemCall,
    /// Closed to let it go on.
    _hold: Sender<()>,
}

/// What takes a snare away again.
#[derive(Clone, Debug)]
pub struct SnareGuard(Arc<Shared>);

impl SnareGuard {
    /// Holds nothing any more: whoever waits for a held call learns that there is none.
    pub fn release(&self) {
        *lock(&self.0.snare) = None;
    }
}

impl Watch {
    /// Begins to watch the process that will hand over its listener by the other end of `socket`. It must be
    /// there before that process goes on: what starts a program may be what is watched.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(socket: UnixStream, kernel: Kernel) -> io::Result<Self> {
        let (stopped, stop) = pipe2(OFlag::O_CLOEXEC)?;
        let (shared, depth) = (Arc::<Shared>::default(), calls::depth() + 1);
        let (report, begun) = mpsc::channel();
        let of_supervisor = Arc::clone(&shared);
        let watch = move || match Supervisor::new(&socket, &stopped, of_supervisor, kernel, depth) {
            Ok(supervisor) => {
                let _ = report.send(Ok(()));
                supervisor.run(&stopped);
            }
            Err(cause) => _ = report.send(Err(cause)),
        };
        let thread = Builder::new().spawn(watch)?;
        Ok(Self { shared, depth, begun, stop: Some(stop), thread: Some(thread) })
    }

    /// Waits until somebody is watched.
    ///
    /// # Errors
    /// When nothing was handed over, and nothing will be: nobody is watched.
    pub fn has_begun(&self) -> io::Result<()> {
        self.begun.recv().map_err(io::Error::other)?
    }

    /// Holds back, from now on, each signal to everybody and to the group `own`, which is the subject's: such
    /// a call fails with EPERM before it does anything.
    pub fn hold_back(&self, own: u32) {
        *lock(&self.shared.guarded) = Some(own);
    }

    /// Answers, from now on, calls that are meant for these processes as if they were another user's, and delivers to
    /// the other members of their groups.
    pub fn forbid(&self, pids: HashSet<u32>) {
        *lock(&self.shared.forbidden) = pids;
    }

    /// Refuses, from now on, what is `denied`, and nothing else.
    pub fn deny(&self, denied: Option<Denied>) {
        *lock(&self.shared.denied) = denied;
    }

    /// Lets the next call that signals the group `id`, in which nobody is left, fail with EPERM: Darwin answers
    /// so for a moment after the last member was reaped. Only a watch as [`Kernel::Darwin`] does.
    pub fn linger(&self, id: u32) {
        *lock(&self.shared.lingering) = Some(id);
    }

    /// Holds the first call from now on that is `wanted`, until what is received here is dropped.
    pub fn hold_first(
        &self,
        wanted: impl Fn(&SystemCall) -> bool + Send + 'static,
    ) -> (Receiver<Held>, SnareGuard) {
        let (caught, held) = mpsc::channel();
        *lock(&self.shared.snare) = Some(Snare { wanted: Box::new(wanted), caught });
        (held, SnareGuard(Arc::clone(&self.shared)))
    }

    /// In how many PID namespaces the subject is, the suite's the first.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The calls so far but for that many first ones, in order.
    pub fn calls_after(&self, place: usize) -> Vec<SystemCall> {
        lock(&self.shared.calls).get(place..).unwrap_or_default().to_vec()
    }

    /// How many calls there were so far.
    pub fn count(&self) -> usize {
        lock(&self.shared.calls).len()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *lock(&self.shared.snare) = None;
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
