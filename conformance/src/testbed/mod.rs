//! The place where real groups are made for a subject to signal.

mod abilities;
pub mod agent;
mod bundle;
mod calls;
mod diagnosis;
mod first_id;
mod link;
pub mod make;
pub mod protocol;
mod remote_host;
mod sandbox;
pub mod second_uid;
mod seen;
mod shell;
mod watch;

pub use calls::{CallingThread, Fate, Kind, SystemCall, Target};
pub use link::{AgentError, AgentLink, SubjectPipes};
pub use watch::{Denied, Kernel, Start, Watch};

use remote_host::RemoteHost;
use std::io;
use std::sync::OnceLock;

/// A place of the implementer's own, in which the groups are made: behind a command that forwards its
/// standard input and output, such as `docker exec -i C` or `ssh H`. With `sh` as a further word it must run
/// a shell there.
///
/// Nothing need be installed there beyond a POSIX `sh` with `cat` and `chmod`. What is brought there is
/// removed again, however the run ends.
#[derive(Debug)]
pub struct Testbed {
    command: Vec<String>,
    remote_host: OnceLock<RemoteHost>,
}

impl Testbed {
    /// The place behind the command of these words. Nothing is done there yet.
    pub fn behind<W: Into<String>>(command: impl IntoIterator<Item = W>) -> Self {
        Self { command: command.into_iter().map(Into::into).collect(), remote_host: OnceLock::new() }
    }

    /// Brings this program there. `sent` hears how many bytes of how many were sent.
    ///
    /// # Errors
    /// What is wrong: the command does not run, it does not forward its input, there is no `sh`, no
    /// folder that takes files and runs programs, or the processor is another.
    #[doc(hidden)]
    pub fn bring(&self, sent: &dyn Fn(u64, u64)) -> Result<(), AgentError> {
        let remote_host = RemoteHost::bring(&self.command, sent).map_err(|fault| {
            AgentError::NotReady(format!("no agent can run behind `{}`: {fault}", self.command.join(" ")))
        })?;
        // Whatever was brought before stays, and this is removed again.
        let _ = self.remote_host.set(remote_host);
        Ok(())
    }

    /// Whether this program was brought there.
    pub(crate) fn is_ready(&self) -> bool {
        self.remote_host.get().is_some()
    }

    /// Starts a fresh agent there.
    ///
    /// # Errors
    /// When the program was not brought there, or the command does not run any more.
    #[doc(hidden)]
    pub fn agent(&self) -> Result<AgentLink, AgentError> {
        let remote_host = self.remote_host.get();
        remote_host
            .ok_or_else(|| AgentError::Failed("the agent was not brought to its testbed".to_owned()))?
            .agent()
    }
}

/// The life of a process that was started as the sandbox's: makes the namespaces and waits until they end.
/// The first word is the place of the first pid that the kernel is to choose there.
///
/// # Errors
/// When it cannot speak, or the word is no pid.
pub fn run_sandbox(words: &[String]) -> io::Result<()> {
    let place = words.first().and_then(|word| word.parse().ok());
    let place = place.ok_or_else(|| io::Error::other("the sandbox needs the place of its first pid"))?;
    sandbox::run(place, agent::Pipes::take()?)
}

/// The life of a process that keeps `files` as long as its input is open, and then removes them.
///
/// # Errors
/// When it cannot speak.
pub fn run_clean_up(files: &[String]) -> io::Result<()> {
    agent::keep(|| {
        for file in files {
            // Gone already is as good.
            let _ = std::fs::remove_file(file);
        }
    })
}

/// The life of a process that was started as an agent without a sandbox. A subject runs beside it if its
/// pipes are handed over.
///
/// # Errors
/// When it cannot speak.
pub fn run_agent(with_subject: bool) -> io::Result<()> {
    let pipes = with_subject.then(agent::Pipes::take).transpose()?;
    agent::run(None, pipes)
}
