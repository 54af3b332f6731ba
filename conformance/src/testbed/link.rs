//! The suite's end of an agent.

use super::agent::Pipes;
use super::first_id::FirstId;
use super::protocol::{Abilities, Reply, Request};
use super::{Kernel, Watch, sandbox, shell};
use crate::subcommands::{self, Subcommand};
use crate::sys::lines::{Line, LineReader};
use crate::sys::notify;
use crate::sys::stderr_tail::StderrTail;
use nix::fcntl::OFlag;
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, pipe2};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How long an agent may take for one answer. It has its own, shorter limits for all that it waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked whether an agent that does not answer is stopped.
const GLANCE: Duration = Duration::from_secs(1);

/// What an agent did whose output closed.
const ENDED: &str = "ended";
/// What an agent is that does not answer because somebody stopped it.
const STOPPED: &str = "is stopped";

/// Why an agent did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// It could not be brought up here.
    #[error("{0}")]
    NotReady(String),
    /// It answered that it could not.
    #[error("{0}")]
    Failed(String),
    /// A signal ended it, or stopped it. No signal from within a sandbox does that to its agent.
    #[error("the agent {0}")]
    Killed(String),
    /// Somebody has changed it, or speaks in its stead.
    #[error("somebody has tampered with the agent: {0}")]
    Tampered(String),
    /// It is gone, silent, or speaks nonsense.
    #[error("the agent {0}")]
    Lost(String),
}

impl AgentError {
    /// Whether there is an agent no more that could be asked, or relied on.
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::Killed(_) | Self::Tampered(_) | Self::Lost(_))
    }

    /// Whether somebody outside the suite has done it to the agent. One that is gone without a signal, or
    /// that nothing is heard of, may be so through a fault of the suite's or of the way to it.
    pub fn is_others_doing(&self) -> bool {
        matches!(self, Self::Killed(_) | Self::Tampered(_))
    }
}

/// The suite's ends of a subject's pipes.
#[derive(Debug)]
pub struct SubjectPipes {
    /// To its standard input.
    pub input: OwnedFd,
    /// From its standard output.
    pub output: OwnedFd,
    /// From its standard error.
    pub errors: OwnedFd,
}

/// A running agent. Dropping it ends the agent, and a sandbox with all that is in it.
#[derive(Debug)]
pub struct AgentLink {
    child: Child,
    /// `None` once it is closed.
    input: Option<File>,
    output: LineReader,
    errors: StderrTail,
    abilities: Abilities,
    /// How long it may take for one answer.
    patience: Duration,
    came_up_in: Duration,
    /// Where the listener of the subject's system calls is handed over.
    watch: Option<UnixStream>,
    /// Where the pids of its sandbox begin, which no other sandbox's do until it has ended.
    _first_id: Option<FirstId>,
}

impl AgentLink {
    /// Brings up an agent in a sandbox of its own, or without one, with pipes for a subject beside it.
    ///
    /// # Errors
    /// [`AgentError::NotReady`] with the reason when no sandbox is available here.
    pub fn start(sandboxed: bool) -> Result<(Self, SubjectPipes), AgentError> {
        let failed = |cause: io::Error| AgentError::Failed(format!("cannot start an agent: {cause}"));
        let (input_far, input) = pipe2(OFlag::O_CLOEXEC).map_err(|cause| failed(cause.into()))?;
        let (output, output_far) = pipe2(OFlag::O_CLOEXEC).map_err(|cause| failed(cause.into()))?;
        let (errors, errors_far) = pipe2(OFlag::O_CLOEXEC).map_err(|cause| failed(cause.into()))?;
        let first_id = sandboxed.then(FirstId::take);
        let subcommand = if sandboxed { Subcommand::Sandbox } else { Subcommand::AgentWithSubject };
        let (near, far) = UnixStream::pair().map_err(failed)?;
        let (watch, watch_far) = UnixStream::pair().map_err(failed)?;
        let pipes =
            Pipes { input: input_far, output: output_far, errors: errors_far, watch: watch_far.into() };
        pipes.give(&near).map_err(failed)?;
        let child = subcommands::start(subcommand)
            .args(first_id.iter().map(|first_id| first_id.place().to_string()))
            .stdin(OwnedFd::from(far))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = child.map_err(|cause| {
            AgentError::Failed(format!("cannot start an agent: {}", subcommands::why_not_started(&cause)))
        })?;
        let mut agent = Self::of(child, near.into(), PATIENCE)?;
        agent.abilities.watch &= notify::is_here();
        agent.watch = Some(watch);
        agent._first_id = first_id;
        Ok((agent, SubjectPipes { input, output, errors }))
    }

    /// Brings up an agent behind a command: `words` are what a shell there must run for it. It may take
    /// `patience` for an answer, or a minute if that is longer.
    ///
    /// # Errors
    /// [`AgentError::Failed`] when the command does not run here, others when no agent comes up there.
    pub fn behind(command: &[String], words: &str, patience: Duration) -> Result<Self, AgentError> {
        let mut child = shell::start(command)?;
        let mut input = child.stdin.take().ok_or_else(|| AgentError::Lost("has no input".to_owned()))?;
        // Nothing more is written before the agent is up: some shells read ahead.
        let _ = writeln!(input, "exec {words}");
        Self::of(child, input.into(), patience.max(PATIENCE))
    }

    /// The agent that `child` is to become, with its input behind `to`.
    fn of(mut child: Child, to: OwnedFd, patience: Duration) -> Result<Self, AgentError> {
        let began = Instant::now();
        let from = child.stdout.take().ok_or_else(|| AgentError::Lost("has no output".to_owned()))?;
        let failed = |cause| AgentError::Failed(format!("cannot start an agent: {cause}"));
        let output = LineReader::new(from.into()).map_err(failed)?;
        let errors = shell::errors_of(&mut child).map_err(failed)?;
        let mut agent = Self {
            child,
            input: Some(to.into()),
            output,
            errors,
            abilities: Abilities::default(),
            patience,
            came_up_in: Duration::ZERO,
            watch: None,
            _first_id: None,
        };
        let line = agent.receive()?;
        let first =
            serde_json::from_slice(&line).map_err(|cause| AgentError::Lost(nonsense(&line, &cause)))?;
        match first {
            Reply::Ready(abilities) => agent.abilities = abilities,
            Reply::NotReady { reason } => return Err(AgentError::NotReady(reason)),
            reply => return Err(AgentError::Lost(format!("began with {reply:?}"))),
        }
        agent.came_up_in = began.elapsed();
        Ok(agent)
    }

    /// Ends it. Returns whether it ended well.
    pub fn end(mut self) -> bool {
        self.finish();
        self.child.wait().is_ok_and(|status| status.success())
    }

    /// Whether it has not ended, nor the command that leads to it.
    pub fn is_up(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What it can do where it runs.
    pub fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// How long it took to come up.
    pub fn came_up_in(&self) -> Duration {
        self.came_up_in
    }

    /// Gets ready to watch the system calls of the subject, which is about to be started so, and to answer them as
    /// `kernel` does.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn watch(&mut self, kernel: Kernel) -> io::Result<Watch> {
        Watch::start(self.watch.take().ok_or(io::ErrorKind::NotConnected)?, kernel)
    }

    /// Asks it one question and waits for the answer.
    ///
    /// # Errors
    /// [`AgentError::Failed`] when it answers that it could not; others when it does not answer.
    pub fn ask(&mut self, request: &Request) -> Result<Reply, AgentError> {
        let mut line = serde_json::to_vec(request).map_err(|cause| AgentError::Failed(cause.to_string()))?;
        line.push(b'\n');
        // An agent that takes no questions any more has ended, and how it ended says more.
        if let Some(input) = &mut self.input {
            let _ = input.write_all(&line);
        }
        let line = self.receive()?;
        // Nobody but an agent should have its output open.
        match serde_json::from_slice(&line).map_err(|cause| AgentError::Tampered(nonsense(&line, &cause)))? {
            Reply::Failed { reason } => Err(AgentError::Failed(reason)),
            Reply::Tampered { what } => Err(AgentError::Tampered(what)),
            reply => Ok(reply),
        }
    }

    /// Its next line.
    fn receive(&mut self) -> Result<Vec<u8>, AgentError> {
        let deadline = Instant::now() + self.patience;
        let mut was_stopped = false;
        loop {
            let glance = deadline.min(Instant::now() + GLANCE);
            let line = shell::next_before(&mut self.output, &mut self.errors, glance);
            match line.map_err(|cause| AgentError::Lost(format!("cannot be read: {cause}")))? {
                Line::Whole(line) => return Ok(line),
                Line::Late if Instant::now() < deadline => {
                    // Who stops the suite and lets it go on, does so to both, but to one of them first.
                    let is_stopped = self.is_stopped();
                    if was_stopped && is_stopped {
                        return Err(self.lost(STOPPED));
                    }
                    was_stopped = is_stopped;
                }
                Line::Late => {
                    return Err(self.lost(&format!("did not answer within {} s", self.patience.as_secs())));
                }
                Line::Closed(_) => return Err(self.lost(ENDED)),
                Line::TooLong(_) => return Err(self.lost("floods")),
            }
        }
    }

    /// Whether the process is stopped that the suite has started for it.
    fn is_stopped(&self) -> bool {
        let flags = WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        matches!(waitid(Id::Pid(Pid::from_raw(self.child.id() as i32)), flags), Ok(WaitStatus::Stopped(..)))
    }

    /// Ends its input, which ends it, and waits for the end of its output.
    fn finish(&mut self) {
        self.input = None;
        shell::finish(&mut self.child, &mut self.output, &mut self.errors);
    }

    /// The fault of an agent that does not answer any more, which is ended, with its last lines of standard
    /// error.
    fn lost(&mut self, what: &str) -> AgentError {
        // One that ended by itself has its own status by now, or will at once.
        if what != ENDED {
            let _ = self.child.kill();
        }
        let (words, status) = shell::last_words(&mut self.child, &mut self.errors);
        // A container's or a shell's client passes on a death by signal N as status 128 + N. That of ssh says
        // 255 then, and also, with a word about it, when the connection is lost.
        let code = status.and_then(|status| status.code());
        let by_signal = status.is_some_and(|status| status.signal().is_some())
            || code.is_some_and(|code| code > 128 && (code != 255 || words.is_empty()));
        let told = format!("{what} ({}) {words}", status.map_or("?".to_owned(), |status| status.to_string()));
        let told = told.trim_end().to_owned();
        match what {
            ENDED if self.abilities.sandboxed && code == Some(sandbox::CHANGED) => {
                AgentError::Tampered(format!("it has ended, and {words}"))
            }
            ENDED if by_signal => AgentError::Killed(told),
            STOPPED => AgentError::Killed(told),
            _ => AgentError::Lost(told),
        }
    }
}

/// What is wrong with a line that is no answer.
fn nonsense(line: &[u8], cause: &serde_json::Error) -> String {
    format!("spoke nonsense ({cause}): {}", String::from_utf8_lossy(line))
}

impl Drop for AgentLink {
    fn drop(&mut self) {
        // The end of its input ends the agent, and the end of the first process all others of the namespace.
        self.finish();
        let _ = self.child.wait();
    }
}
