//! The suite's end of an agent.

use super::agent::Pipes;
use super::protocol::{Abilities, Reply, Request};
use super::{handover, shell};
use crate::lines::{Line, LineReader};
use crate::roles::{self, Role};
use nix::fcntl::OFlag;
use nix::unistd::pipe2;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How long an agent may take for one answer. It has its own, shorter limits for all that it waits for.
const PATIENCE: Duration = Duration::from_secs(60);

/// What an agent did whose output closed.
const ENDED: &str = "ended";

/// Why an agent did not do what it was asked: never the subject's fault.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It could not be brought up here.
    #[error("{0}")]
    NotReady(String),
    /// It answered that it could not.
    #[error("{0}")]
    Failed(String),
    /// A signal ended it.
    #[error("the agent {0}")]
    Killed(String),
    /// It is gone, silent, or speaks nonsense.
    #[error("the agent {0}")]
    Lost(String),
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
    abilities: Abilities,
    /// How long it may take for one answer.
    patience: Duration,
    came_up_in: Duration,
}

impl AgentLink {
    /// Brings up an agent in a sandbox of its own, or without one, with pipes for a subject beside it.
    ///
    /// # Errors
    /// [`Fault::NotReady`] with the reason when there is no sandbox to be had here.
    pub fn start(sandboxed: bool) -> Result<(Self, SubjectPipes), Fault> {
        let failed = |cause: io::Error| Fault::Failed(format!("cannot start an agent: {cause}"));
        let (input_far, input) = pipe2(OFlag::O_CLOEXEC).map_err(|cause| failed(cause.into()))?;
        let (output, output_far) = pipe2(OFlag::O_CLOEXEC).map_err(|cause| failed(cause.into()))?;
        let (errors, errors_far) = pipe2(OFlag::O_CLOEXEC).map_err(|cause| failed(cause.into()))?;
        let role = if sandboxed { Role::Sandbox } else { Role::AgentWithSubject };
        let (near, far) = UnixStream::pair().map_err(failed)?;
        handover::give(&near, Pipes { input: input_far, output: output_far, errors: errors_far })
            .map_err(failed)?;
        let child = roles::start(role)
            .stdin(OwnedFd::from(far))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let child = child.map_err(|cause| {
            Fault::Failed(format!("cannot start an agent: {}", roles::why_not_started(&cause)))
        })?;
        Ok((Self::of(child, near.into(), PATIENCE)?, SubjectPipes { input, output, errors }))
    }

    /// Brings up an agent behind a command: `words` are what a shell there must run for it. It may take `patience` for
    /// an answer, or a minute if that is longer.
    ///
    /// # Errors
    /// [`Fault::Failed`] when the command does not run here, others when no agent comes up there.
    pub fn behind(command: &[String], words: &str, patience: Duration) -> Result<Self, Fault> {
        let mut child = shell::start(command)?;
        let mut input = child.stdin.take().ok_or_else(|| Fault::Lost("has no input".to_owned()))?;
        // Nothing more is written before the agent is up: some shells read ahead.
        let _ = writeln!(input, "exec {words}");
        Self::of(child, input.into(), patience.max(PATIENCE))
    }

    /// The agent that `child` is to become, with its input behind `to`.
    fn of(mut child: Child, to: OwnedFd, patience: Duration) -> Result<Self, Fault> {
        let began = Instant::now();
        let from = child.stdout.take().ok_or_else(|| Fault::Lost("has no output".to_owned()))?;
        let output = LineReader::new(from.into())
            .map_err(|cause| Fault::Failed(format!("cannot start an agent: {cause}")))?;
        let mut agent = Self {
            child,
            input: Some(to.into()),
            output,
            abilities: Abilities::default(),
            patience,
            came_up_in: Duration::ZERO,
        };
        match agent.hear()? {
            Reply::Ready(abilities) => agent.abilities = abilities,
            Reply::NotReady { reason } => return Err(Fault::NotReady(reason)),
            reply => return Err(Fault::Lost(format!("began with {reply:?}"))),
        }
        agent.came_up_in = began.elapsed();
        Ok(agent)
    }

    /// Ends it. Returns whether it ended well.
    pub fn end(mut self) -> bool {
        self.finish();
        self.child.wait().is_ok_and(|status| status.success())
    }

    /// What it can do where it runs.
    pub fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// How long it took to come up.
    pub fn came_up_in(&self) -> Duration {
        self.came_up_in
    }

    /// Asks it one question and waits for the answer.
    ///
    /// # Errors
    /// [`Fault::Failed`] when it answers that it could not; [`Fault::Lost`] when it does not answer.
    pub fn ask(&mut self, request: &Request) -> Result<Reply, Fault> {
        let mut line = serde_json::to_vec(request).map_err(|cause| Fault::Failed(cause.to_string()))?;
        line.push(b'\n');
        let written =
            self.input.as_mut().map_or(Err(io::ErrorKind::BrokenPipe.into()), |to| to.write_all(&line));
        if let Err(cause) = written {
            return Err(self.lost(&format!("takes no questions any more ({cause})")));
        }
        match self.hear()? {
            Reply::Failed { reason } => Err(Fault::Failed(reason)),
            reply => Ok(reply),
        }
    }

    fn hear(&mut self) -> Result<Reply, Fault> {
        let line = self.output.next_before(Instant::now() + self.patience);
        match line.map_err(|cause| Fault::Lost(format!("cannot be read: {cause}")))? {
            Line::Whole(line) => serde_json::from_slice(&line).map_err(|cause| {
                Fault::Lost(format!("spoke nonsense ({cause}): {}", String::from_utf8_lossy(&line)))
            }),
            Line::Late => Err(self.lost(&format!("did not answer within {} s", self.patience.as_secs()))),
            Line::Closed(_) => Err(self.lost(ENDED)),
            Line::TooLong(_) => Err(self.lost("floods")),
        }
    }

    /// Ends its input, which ends it, and waits for the end of its output.
    fn finish(&mut self) {
        self.input = None;
        shell::finish(&mut self.child, &mut self.output);
    }

    /// The fault of an agent that does not answer any more, which is ended, with its last words.
    fn lost(&mut self, what: &str) -> Fault {
        // One that ended by itself has its own status by now, or will at once.
        if what != ENDED {
            let _ = self.child.kill();
        }
        let (words, status) = shell::last_words(&mut self.child);
        // A container's or a shell's client passes on a death by signal N as status 128 + N.
        let by_signal = status.is_some_and(|status| status.signal().is_some() || status.code() > Some(128));
        let told = format!("{what} ({}) {words}", status.map_or("?".to_owned(), |status| status.to_string()));
        if what == ENDED && by_signal { Fault::Killed(told) } else { Fault::Lost(told.trim_end().to_owned()) }
    }
}

impl Drop for AgentLink {
    fn drop(&mut self) {
        // The end of its input ends the agent, and the end of the first process all others of the namespace.
        self.finish();
        let _ = self.child.wait();
    }
}
