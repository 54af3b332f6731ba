//! A testbed of somebody's own: the agent runs behind a command that forwards its standard input and output, such
//! as `docker exec -i C` or `ssh H`.
//!
//! The far end needs a POSIX `sh`, `cat` and `chmod`. The program is brought there through `sh`, in files of a
//! fresh name. One agent, the keeper, removes them when its input ends, so also when the suite is ended by force.

use super::link::{AgentLink, Fault};
use super::parcel::{Parcel, Piece};
use crate::lines::{Line, LineReader};
use crate::roles::Role;
use std::fs::File;
use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long the far end may take to come up or to take a file.
const PATIENCE: Duration = Duration::from_secs(60);
/// Folders at the far end that are tried for the program's files, in order.
const FOLDERS: [&str; 4] = ["/tmp", "/dev/shm", "/var/tmp", "/run"];

/// A place behind a command, with this program's files brought there.
#[derive(Debug)]
pub struct Behind {
    command: Vec<String>,
    /// The shell words that start this program there.
    start: String,
    /// This program's files there.
    files: Vec<String>,
    /// Removes the files when it ends.
    keeper: Mutex<Option<AgentLink>>,
}

impl Behind {
    /// Brings this program behind `command`, whose last word is followed by `sh`.
    ///
    /// # Errors
    /// Plainly what is wrong there: the command does not run, there is no `sh`, no folder that takes files and
    /// runs programs, or the processor is another.
    pub fn bring(command: &[String]) -> Result<Self, Fault> {
        let parcel = Parcel::of_this_program().map_err(|cause| failed("the program's own files", &cause))?;
        let mut problems = Vec::new();
        for folder in FOLDERS {
            let prefix = format!("{folder}/signaller-conformance-{:016x}", fastrand::u64(..));
            match Self::bring_to(command, &parcel, &prefix) {
                Ok(behind) => return Ok(behind),
                Err(fault) => {
                    clear_away(command, &parcel.files(&prefix));
                    let problem = format!("{folder}: {fault}");
                    if !matches!(fault, Fault::NotReady(_)) {
                        return Err(fault);
                    }
                    problems.push(problem);
                }
            }
        }
        Err(Fault::NotReady(format!(
            "no agent can run behind `{}`; it was tried in {}",
            command.join(" "),
            problems.join("; in ")
        )))
    }

    fn bring_to(command: &[String], parcel: &Parcel, prefix: &str) -> Result<Self, Fault> {
        let files = parcel.files(prefix);
        for (piece, file) in parcel.pieces.iter().zip(&files) {
            send(command, piece, file)?;
        }
        let start = parcel.start(prefix);
        let words = format!("{start} {} {}", Role::Keeper.word(), files.join(" "));
        let keeper = AgentLink::behind(command, &words).map_err(|fault| match fault {
            Fault::Lost(words) | Fault::Killed(words) => Fault::NotReady(format!(
                "this program ({}) does not run there; is the processor another, or are programs not allowed to \
                 run in that folder (noexec)? It {words}",
                std::env::consts::ARCH
            )),
            fault => fault,
        })?;
        Ok(Self { command: command.to_vec(), start, files, keeper: Mutex::new(Some(keeper)) })
    }

    /// Starts a fresh agent there.
    ///
    /// # Errors
    /// When the command does not run any more.
    pub fn agent(&self) -> Result<AgentLink, Fault> {
        AgentLink::behind(&self.command, &format!("{} {}", self.start, Role::Agent.word()))
    }
}

/// Starts `sh` behind a command, with pipes to all three of its streams.
///
/// # Errors
/// When the command does not run here.
pub(super) fn shell(command: &[String]) -> Result<Child, Fault> {
    let (program, arguments) =
        command.split_first().ok_or_else(|| Fault::Failed("the testbed's command is empty".to_owned()))?;
    let started = Command::new(program)
        .args(arguments)
        .arg("sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    started.map_err(|cause| Fault::Failed(format!("cannot run `{}`: {cause}", command.join(" "))))
}

/// Writes one file at the far end. The shell says when it has read its script, and only then does the file come:
/// some shells read ahead.
fn send(command: &[String], piece: &Piece, path: &str) -> Result<(), Fault> {
    let mut child = shell(command)?;
    let mut input = child.stdin.take().ok_or_else(|| Fault::Lost("has no input".to_owned()))?;
    let output = child.stdout.take().ok_or_else(|| Fault::Lost("has no output".to_owned()))?;
    let mut lines = LineReader::new(output.into()).map_err(|cause| failed("the far end's output", &cause))?;
    let script = format!(
        "set -C; umask 077; : > {path} && chmod 700 {path} && set +C && echo go && exec cat > {path}\n"
    );
    let written = input.write_all(script.as_bytes());
    let ready =
        lines.next_before(Instant::now() + PATIENCE).map_err(|cause| failed("the far end", &cause))?;
    if written.is_ok() && ready == Line::Whole(b"go".to_vec()) {
        let copied = File::open(&piece.source).and_then(|mut file| io::copy(&mut file, &mut input));
        drop(input);
        // `cat` has written all when it ends, and the command with it.
        let ended = matches!(lines.next_before(Instant::now() + PATIENCE), Ok(Line::Closed(_)));
        if copied.is_ok() && ended && child.wait().is_ok_and(|status| status.success()) {
            return Ok(());
        }
    } else {
        drop(input);
    }
    let _ = child.kill();
    let (words, status) = last_words(&mut child);
    let status = status.map_or("?".to_owned(), |status| status.to_string());
    Err(Fault::NotReady(format!("{path} cannot be written there: {words} ({status})")))
}

/// Removes what was brought, as far as there is an `rm`: for when no keeper could.
fn clear_away(command: &[String], files: &[String]) {
    if let Ok(mut child) = shell(command) {
        if let Some(mut input) = child.stdin.take() {
            let _ = writeln!(input, "rm -f {}", files.join(" "));
        }
        let _ = child.wait();
    }
}

/// What a child said on its standard error, and how it ended. It must be ending.
pub(super) fn last_words(child: &mut Child) -> (String, Option<ExitStatus>) {
    let mut words = String::new();
    if let Some(errors) = &mut child.stderr {
        let _ = errors.take(4096).read_to_string(&mut words);
    }
    (words.trim().to_owned(), child.wait().ok())
}

fn failed(what: &str, cause: &io::Error) -> Fault {
    Fault::Failed(format!("{what}: {cause}"))
}

impl Drop for Behind {
    fn drop(&mut self) {
        // The keeper removes the files before it ends; a subject may have ended it.
        let keeper = self.keeper.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if !keeper.is_some_and(AgentLink::end) {
            clear_away(&self.command, &self.files);
        }
    }
}
