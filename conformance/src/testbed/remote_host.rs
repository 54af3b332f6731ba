//! The remote host of somebody's command, with this program's files brought there.
//!
//! It needs a POSIX `sh`, `cat` and `chmod`. The program is brought there through `sh`, in files of a fresh
//! name. One agent, the guard, removes them when its input ends, so also when the suite is ended by force.

use super::bundle::{Bundle, Piece};
use super::link::AgentLink;
use super::shell::{self, Shell};
use super::{AgentError, diagnosis};
use crate::subcommands::Subcommand;
use crate::sys::lines::Line;
use crate::sys::lock::lock;
use crate::sys::semaphore::Semaphore;
use std::cell::Cell;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Folders on the remote host that are tried for the program's files, in order.
const FOLDERS: [&str; 4] = ["/tmp", "/dev/shm", "/var/tmp", "/run"];
/// How many agents may be coming up at a time: servers of OpenSSH turn connections away when more than ten
/// have not logged in yet (`MaxStartups` in sshd_config(5)), and subjects make connections, too.
const COMING_UP: usize = 3;

/// How many times as long as the slowest start of a shell or an agent there took an agent may take for an
/// answer.
const PATIENCE: u32 = 50;

/// What the remote host's shell says when it is ready to take a file.
const READY: &str = "ready";

/// This program's files on the remote host of a command.
#[derive(Debug)]
pub struct RemoteHost {
    command: Vec<String>,
    bundle: Bundle,
    /// What the names of its files there begin with.
    prefix: String,
    /// Removes the files when it ends.
    guard: Mutex<Option<AgentLink>>,
    doors: Semaphore,
    /// How long the slowest start of a shell or an agent there took so far.
    slowest: Mutex<Duration>,
}

impl RemoteHost {
    /// Brings this program behind `command`, whose last word is followed by `sh`. `sent` hears how many bytes
    /// of how many were sent.
    ///
    /// # Errors
    /// Plainly what is wrong there: the command does not run, there is no `sh`, no folder that takes files
    /// and runs programs, or the processor is another.
    pub fn bring(command: &[String], sent: &dyn Fn(u64, u64)) -> Result<Self, AgentError> {
        let bundle = Bundle::of_this_program().map_err(|cause| {
            AgentError::Failed(format!("the program's own files cannot be read: {cause}"))
        })?;
        let began = Instant::now();
        shell::greet(command)?;
        let mut remote_host = Self {
            command: command.to_vec(),
            bundle,
            prefix: String::new(),
            guard: Mutex::new(None),
            doors: Semaphore::new(COMING_UP),
            slowest: Mutex::new(began.elapsed()),
        };
        let mut problems = Vec::new();
        for folder in FOLDERS {
            remote_host.prefix = format!("{folder}/signaller-conformance-{:016x}", fastrand::u64(..));
            match remote_host.carry(sent) {
                Ok(guard) => {
                    remote_host.guard = Mutex::new(Some(guard));
                    return Ok(remote_host);
                }
                Err(fault) => {
                    remote_host.clear_away();
                    let AgentError::NotReady(problem) = fault else { return Err(fault) };
                    // Another folder helps only where there is still somebody to write to it.
                    shell::greet(command)?;
                    problems.push(format!("{folder}: {problem}"));
                }
            }
        }
        Err(AgentError::Failed(format!("no folder there takes this program: {}", problems.join("; "))))
    }

    /// Writes the files there, and starts the guard.
    fn carry(&self, sent: &dyn Fn(u64, u64)) -> Result<AgentLink, AgentError> {
        let files = self.files();
        let (done, whole) = (Cell::new(0), self.bundle.size());
        for (piece, file) in self.bundle.pieces.iter().zip(&files) {
            send(&self.command, piece, file, &|length| {
                done.set(done.get() + length);
                sent(done.get(), whole);
            })?;
        }
        let start = self.bundle.start(&self.prefix);
        let words = format!("{start} {} {}", Subcommand::CleanUp.word(), files.join(" "));
        AgentLink::behind(&self.command, &words, self.patience()).map_err(|fault| match fault {
            AgentError::Lost(ended) | AgentError::Killed(ended) => {
                diagnosis::of(&self.command, &files[0], &ended)
            }
            fault => fault,
        })
    }

    fn files(&self) -> Vec<String> {
        self.bundle.files(&self.prefix)
    }

    /// How long an agent may take for an answer.
    fn patience(&self) -> Duration {
        *lock(&self.slowest) * PATIENCE
    }

    /// Starts a fresh agent there. If none comes up, the program is brought once more where its files are
    /// gone.
    ///
    /// # Errors
    /// When the command does not run any more.
    pub fn agent(&self) -> Result<AgentLink, AgentError> {
        self.start().or_else(|_| {
            self.bring_again()?;
            self.start()
        })
    }

    fn start(&self) -> Result<AgentLink, AgentError> {
        let words = format!("{} {}", self.bundle.start(&self.prefix), Subcommand::Agent.word());
        let agent = self.doors.with_permit(|| AgentLink::behind(&self.command, &words, self.patience()))?;
        let mut slowest = lock(&self.slowest);
        *slowest = agent.came_up_in().max(*slowest);
        Ok(agent)
    }

    /// Brings the program once more if its guard has ended. A subject that signals everybody ends the
    /// connection of the guard as well, where that belongs to the same user, as over SSH: then the guard
    /// has removed the files.
    fn bring_again(&self) -> Result<(), AgentError> {
        let mut guard = lock(&self.guard);
        // It is up, too, when another case has found this out a moment ago.
        if !guard.as_mut().is_some_and(AgentLink::is_up) {
            self.clear_away();
            *guard = Some(self.carry(&|_, _| ())?);
        }
        Ok(())
    }

    /// Removes what was brought, as far as there is an `rm`: for when no guard could.
    fn clear_away(&self) {
        if let Ok(shell) = Shell::run(&self.command, &format!("rm -f {}\n", self.files().join(" "))) {
            shell.end();
        }
    }
}

impl Drop for RemoteHost {
    fn drop(&mut self) {
        // The guard removes the files before it ends; a subject may have ended it.
        let guard = lock(&self.guard).take();
        if !guard.is_some_and(AgentLink::end) {
            self.clear_away();
        }
    }
}

/// Writes one file on the remote host. The shell says when it has read its script, and only then does the
/// file come.
fn send(command: &[String], piece: &Piece, path: &str, sent: &dyn Fn(u64)) -> Result<(), AgentError> {
    // One that cannot write must not go on and wait for more of its script.
    let script = format!(
        "umask 077; (set -C; : > {path}) && chmod 700 {path} && echo {READY} && exec cat > {path}; exit 1\n"
    );
    let mut shell = Shell::run(command, &script)?;
    let ready = shell.receive() == Line::Whole(READY.into());
    let copied = if ready { shell.send(&piece.source, sent) } else { Ok(()) };
    // `cat` has written all when it ends, and the command with it.
    let (words, status) = shell.end();
    match copied {
        Ok(()) if ready && status.is_some_and(|status| status.success()) => Ok(()),
        Err(cause) if words.is_empty() => Err(AgentError::NotReady(format!(
            "only a part of a file was taken: {cause} ({})",
            shell::describe(status)
        ))),
        _ => Err(AgentError::NotReady(format!(
            "no file can be written to it: {words} ({})",
            shell::describe(status)
        ))),
    }
}
