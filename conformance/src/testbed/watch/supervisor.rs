//! The thread that sees each call before it happens, and says what becomes of it.

use super::kernel::{self, Kernel};
use super::permission::Forbidden;
use super::{Held, Shared, Snare, Start};
use crate::sys::fd_passing;
use crate::sys::lock::lock;
use crate::sys::notify::{Listener, Waiting};
use crate::testbed::calls::{CallingThread, Fate, Kind, SystemCall, Target};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::MsgFlags;
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, mpsc};
use std::time::Instant;

/// How many calls of a case are kept: no case asks as many questions.
const MOST: usize = 100_000;

/// The listener that comes over `socket`, and the /proc of whoever is watched.
fn take_listener(socket: &UnixStream, stopped: &OwnedFd) -> io::Result<(Listener, OwnedFd)> {
    let mut fds =
        [PollFd::new(socket.as_fd(), PollFlags::POLLIN), PollFd::new(stopped.as_fd(), PollFlags::POLLIN)];
    while let Err(Errno::EINTR) = poll(&mut fds, PollTimeout::NONE) {}
    let [listener, proc] = fd_passing::take(socket, MsgFlags::MSG_DONTWAIT)?;
    Ok((Listener::new(listener), proc))
}

/// The file of a process's program; `None` if it is gone or may not be looked at.
fn program_of(process: &str) -> Option<String> {
    let path = fs::read_link(format!("/proc/{process}/exe")).ok()?;
    Some(path.to_string_lossy().into_owned())
}

pub struct Supervisor {
    listener: Listener,
    /// The /proc of the sandbox.
    proc: OwnedFd,
    shared: Arc<Shared>,
    kernel: Kernel,
    /// In how many PID namespaces the subject is.
    depth: usize,
    /// The file of the suite's program.
    own: Option<String>,
}

impl Supervisor {
    /// Waits for the listener that comes over `socket`, or until the other end of `stopped` is closed.
    ///
    /// # Errors
    /// When none comes.
    pub fn new(
        socket: &UnixStream,
        stopped: &OwnedFd,
        shared: Arc<Shared>,
        kernel: Kernel,
        depth: usize,
    ) -> io::Result<Self> {
        let own = program_of("self");
        let (listener, proc) = take_listener(socket, stopped)?;
        Ok(Self { listener, proc, shared, kernel, depth, own })
    }

    /// Sees each call, until nobody is watched any more or the other end of `stopped` is closed.
    pub fn run(&self, stopped: &OwnedFd) {
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

    fn see(&self, waiting: &Waiting) {
        let at = Instant::now();
        if let Some(start) = Start::of(waiting) {
            match self.is_denied(start, waiting) {
                true => self.listener.refuse(waiting, start.refusal()),
                false => self.listener.let_go(waiting),
            }
            return;
        }
        if let Some(mut call) = self.caller(waiting).and_then(|by| SystemCall::new(at, by, waiting)) {
            call.fate = self.fate_of(&call);
            let fate = call.fate;
            self.keep(call.clone());
            self.hold(&call);
            match fate {
                Fate::Happens => {}
                Fate::HeldBack | Fate::AsOnDarwin | Fate::Refused => {
                    return self.listener.refuse(waiting, Errno::EPERM);
                }
                Fate::InPart => {
                    self.with_forbidden(|forbidden| forbidden.deliver(&call));
                    return self.listener.succeed(waiting);
                }
            }
        }
        self.listener.let_go(waiting);
    }

    fn fate_of(&self, call: &SystemCall) -> Fate {
        // Whoever is in a PID namespace of its own means others.
        if call.by.depth != self.depth {
            return Fate::Happens;
        }
        if self.is_held_back(call) {
            return Fate::HeldBack;
        }
        match call.target {
            Some(Target::Group(id)) if call.kind == Kind::Kill && self.is_refused(id) => Fate::AsOnDarwin,
            _ => self.with_forbidden(|forbidden| forbidden.fate_of(call)),
        }
    }

    fn with_forbidden<T>(&self, what: impl FnOnce(Forbidden) -> T) -> T {
        what(Forbidden { pids: &lock(&self.shared.forbidden), proc: &self.proc })
    }

    fn is_held_back(&self, call: &SystemCall) -> bool {
        let Some(own) = *lock(&self.shared.guarded) else { return false };
        let is_meant = matches!(call.target, Some(Target::Everybody))
            || matches!(call.target, Some(Target::Group(id)) if id == own);
        is_meant && call.sends()
    }

    /// Whether the kernel whose answers are given refuses to signal the group.
    fn is_refused(&self, id: u32) -> bool {
        let is_lingering = || lock(&self.shared.lingering).take_if(|lingering| *lingering == id).is_some();
        self.kernel == Kernel::Darwin && kernel::refuses_on_darwin(&self.proc, id, is_lingering)
    }

    fn is_denied(&self, start: Start, waiting: &Waiting) -> bool {
        let denied = lock(&self.shared.denied).filter(|denied| denied.start == start);
        let is_the_suites = || {
            let program = program_of(&waiting.thread.to_string());
            program.is_some() && program == self.own
        };
        denied.is_some_and(|denied| !(denied.but_for_the_suite && is_the_suites()))
    }

    fn keep(&self, call: SystemCall) {
        let mut calls = lock(&self.shared.calls);
        if calls.len() < MOST {
            calls.push(call);
        }
    }

    /// Returns once nobody holds the call any more.
    fn hold(&self, call: &SystemCall) {
        let mut snare = lock(&self.shared.snare);
        let Some(Snare { caught, .. }) = snare.take_if(|snare| (snare.wanted)(call)) else { return };
        drop(snare);
        let (hold, let_go) = mpsc::channel();
        if caught.send(Held { call: call.clone(), _hold: hold }).is_ok() {
            // Nothing is ever sent: it ends when the other end is dropped.
            let _ = let_go.recv();
        }
    }

    /// Whose call it is; `None` if that was ended meanwhile.
    fn caller(&self, waiting: &Waiting) -> Option<CallingThread> {
        let program = program_of(&waiting.thread.to_string());
        let caller =
            CallingThread::of(waiting.thread, program.filter(|program| Some(program) != self.own.as_ref()))?;
        self.listener.still_waits(waiting).then_some(caller)
    }
}
