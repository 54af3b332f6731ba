//! What the subject calls, and whatever it starts: each call that sends a signal is seen before it happens,
//! and goes on.
//!
//! A thread of the suite does that, outside the sandbox: nobody in there can stop or end it, and it outlives
//! them all, so that no call of theirs is left without an answer.

use super::calls::{self, Caller, SystemCall, Target};
use super::fd_passing;
use crate::sys::notify::{self, Listener, Waiting};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::pipe2;
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Instant;

/// How many calls of a case are kept: no case asks as many questions.
const MOST: usize = 100_000;

/// A supervisor of the subject's system calls. Dropping it ends it: nobody may be watched by it any more.
#[derive(Debug)]
pub struct Watch {
    calls: Arc<Mutex<Vec<SystemCall>>>,
    snare: Arc<Mutex<Option<Snare>>>,
    denied: Arc<Mutex<Option<Denied>>>,
    guarded: Arc<Mutex<Option<u32>>>,
    depth: usize,
    /// Hears once whether there is anybody to watch.
    begun: Receiver<io::Result<()>>,
    /// Closed to end the thread.
    stop: Option<OwnedFd>,
    thread: Option<JoinHandle<()>>,
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
pub struct SnareGuard(Arc<Mutex<Option<Snare>>>);

impl SnareGuard {
    /// Holds nothing any more: whoever waits for a held call learns that there is none.
    pub fn release(&self) {
        *locked(&self.0) = None;
    }
}

impl Watch {
    /// Begins to watch the process that will hand over its listener by the other end of `socket`. It must be
    /// there before that process goes on: what starts a program may be what is watched.
    ///
    /// # Errors
    /// When no thread can be had.
    pub fn start(socket: UnixStream) -> io::Result<Self> {
        let (stopped, stop) = pipe2(OFlag::O_CLOEXEC)?;
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (own, depth) = (program_of("self"), calls::depth() + 1);
        let snare = Arc::new(Mutex::new(None));
        let (denied, guarded) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(None)));
        let shared = (Arc::clone(&calls), Arc::clone(&snare), Arc::clone(&denied), Arc::clone(&guarded));
        let (tell, begun) = mpsc::channel();
        let watch = move || match take_listener(&socket, &stopped) {
            Ok(listener) => {
                let _ = tell.send(Ok(()));
                let (calls, snare, denied, guarded) = shared;
                let callers = HashMap::new();
                Supervisor { listener, calls, snare, denied, guarded, depth, callers, own }.run(&stopped);
            }
            Err(cause) => _ = tell.send(Err(cause)),
        };
        let thread = Builder::new().spawn(watch)?;
        Ok(Self { calls, snare, denied, guarded, depth, begun, stop: Some(stop), thread: Some(thread) })
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
        *locked(&self.guarded) = Some(own);
    }

    /// Refuses, from now on, what is `denied`, and nothing else.
    pub fn deny(&self, denied: Option<Denied>) {
        *locked(&self.denied) = denied;
    }

    /// Holds the first call from now on that is `wanted`, until what is received here is dropped.
    pub fn hold_first(
        &self,
        wanted: impl Fn(&SystemCall) -> bool + Send + 'static,
    ) -> (Receiver<Held>, SnareGuard) {
        let (caught, held) = mpsc::channel();
        *locked(&self.snare) = Some(Snare { wanted: Box::new(wanted), caught });
        (held, SnareGuard(Arc::clone(&self.snare)))
    }

    /// In how many PID namespaces the subject is, the suite's the first.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The calls so far but for that many first ones, in order.
    pub fn calls_after(&self, place: usize) -> Vec<SystemCall> {
        locked(&self.calls).get(place..).unwrap_or_default().to_vec()
    }

    /// How many calls there were so far.
    pub fn count(&self) -> usize {
        locked(&self.calls).len()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *locked(&self.snare) = None;
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The listener that comes over `socket`.
fn take_listener(socket: &UnixStream, stopped: &OwnedFd) -> io::Result<Listener> {
    let mut fds =
        [PollFd::new(socket.as_fd(), PollFlags::POLLIN), PollFd::new(stopped.as_fd(), PollFlags::POLLIN)];
    while let Err(Errno::EINTR) = poll(&mut fds, PollTimeout::NONE) {}
    Ok(Listener::new(fd_passing::take_one(socket)?))
}

/// The file of a process's program; `None` if it is gone or may not be looked at.
fn program_of(process: &str) -> Option<String> {
    let path = fs::read_link(format!("/proc/{process}/exe")).ok()?;
    Some(path.to_string_lossy().into_owned())
}

struct Supervisor {
    listener: Listener,
    calls: Arc<Mutex<Vec<SystemCall>>>,
    snare: Arc<Mutex<Option<Snare>>>,
    denied: Arc<Mutex<Option<Denied>>>,
    guarded: Arc<Mutex<Option<u32>>>,
    /// In how many PID namespaces the subject is.
    depth: usize,
    /// The process of each thread that has called.
    callers: HashMap<u32, Caller>,
    /// The file of the suite's program.
    own: Option<String>,
}

impl Supervisor {
    fn run(&mut self, stopped: &OwnedFd) {
        loop {
            let mut fds = [
                PollFd::new(self.listener.fd(), PollFlags::POLLIN),
                PollFd::new(stopped.as_fd(), PollFlags::POLLIN),
            ];
            if !matches!(poll(&mut fds, PollTimeout::NONE), Ok(_) | Err(Errno::EINTR)) {
                return;
            }
            let [calls, stop] = fds.map(|fd| fd.revents().unwrap_or(PollFlags::empty()));
            if calls.contains(PollFlags::POLLIN) {
                // Whoever was ended meanwhile calls nothing.
                if let Ok(call) = self.listener.receive() {
                    self.see(&call);
                }
            } else if !calls.is_empty() || !stop.is_empty() {
                return;
            }
        }
    }

    fn see(&mut self, waiting: &Waiting) {
        let at = Instant::now();
        if let Some(start) = Start::of(waiting) {
            match self.is_denied(start, waiting) {
                true => self.listener.refuse(waiting, start.refusal()),
                false => self.listener.let_go(waiting),
            }
            return;
        }
        if let Some(mut call) = self.caller(waiting).and_then(|by| SystemCall::new(at, by, waiting)) {
            let held_back = self.is_held_back(&call);
            call.held_back = held_back;
            self.keep(call.clone());
            self.hold(call);
            if held_back {
                return self.listener.refuse(waiting, Errno::EPERM);
            }
        }
        self.listener.let_go(waiting);
    }

    /// Whoever is in a PID namespace of its own means others.
    fn is_held_back(&self, call: &SystemCall) -> bool {
        let Some(own) = *locked(&self.guarded) else { return false };
        let is_meant = matches!(call.target, Some(Target::Everybody))
            || matches!(call.target, Some(Target::Group(id)) if id == own);
        is_meant && call.sends() && call.by.depth == self.depth
    }

    fn is_denied(&self, start: Start, waiting: &Waiting) -> bool {
        let denied = locked(&self.denied).filter(|denied| denied.start == start);
        let is_the_suites = || {
            let program = program_of(&waiting.thread.to_string());
            program.is_some() && program == self.own
        };
        denied.is_some_and(|denied| !(denied.but_for_the_suite && is_the_suites()))
    }

    fn keep(&self, call: SystemCall) {
        let mut calls = locked(&self.calls);
        if calls.len() < MOST {
            calls.push(call);
        }
    }

    /// Returns once nobody holds the call any more.
    fn hold(&self, call: SystemCall) {
        let mut snare = locked(&self.snare);
        let Some(Snare { caught, .. }) = snare.take_if(|snare| (snare.wanted)(&call)) else { return };
        drop(snare);
        let (hold, let_go) = mpsc::channel();
        if caught.send(Held { call, _hold: hold }).is_ok() {
            // Nothing is ever sent: it ends when the other end is dropped.
            let _ = let_go.recv();
        }
    }

    /// Whose call it is; `None` if that was ended meanwhile.
    fn caller(&mut self, waiting: &Waiting) -> Option<Caller> {
        let program =
            program_of(&waiting.thread.to_string()).filter(|program| Some(program) != self.own.as_ref());
        if let Some(known) = self.callers.get(&waiting.thread).filter(|known| known.program == program) {
            return Some(known.clone());
        }
        let caller = Caller::of(waiting.thread, program)?;
        if !self.listener.still_waits(waiting) {
            return None;
        }
        self.callers.insert(waiting.thread, caller.clone());
        Some(caller)
    }
}
