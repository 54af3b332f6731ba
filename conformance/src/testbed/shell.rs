//! A shell behind somebody's command: what it is told, what it says, and what it means when it says nothing.

use super::AgentError;
use crate::sys::lines::{Line, LineReader, set_nonblocking, wait_for};
use crate::sys::pidfd;
use crate::sys::stderr_tail::StderrTail;
use nix::poll::{PollFd, PollFlags};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long the remote host may take to come up, to write what it was sent, or to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much of what the command says on standard error is kept for messages.
const LAST_WORDS: usize = 4096;
/// What the shell is to say first.
const GREETING: &str = "signaller-conformance";

/// Starts `sh` behind a command, with pipes to all three of its streams.
///
/// # Errors
/// [`AgentError::Failed`] when the command does not run here.
pub fn start(command: &[String]) -> Result<Child, AgentError> {
    let (program, arguments) = command
        .split_first()
        .ok_or_else(|| AgentError::Failed("the testbed's command is empty".to_owned()))?;
    let started = Command::new(program)
        .args(arguments)
        .arg("sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    started.map_err(|cause| AgentError::Failed(format!("`{program}` cannot be run: {cause}")))
}

/// The standard error of a child, of which the end is kept.
///
/// # Errors
/// When it has none.
pub fn errors_of(child: &mut Child) -> io::Result<StderrTail> {
    let errors = child.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
    StderrTail::of(errors.into(), LAST_WORDS)
}

/// How a child ended, and what it said on its standard error until then. It must be ending.
pub fn last_words(child: &mut Child, errors: &mut StderrTail) -> (String, Option<ExitStatus>) {
    let status = child.wait().ok();
    // Whoever it left in the background may hold the pipe open, as ssh's shared connections do: that is not
    // waited for.
    errors.read();
    (errors.text(), status)
}

/// The next line of a child, waiting for it until `deadline`. Its standard error is read meanwhile: a pipe that
/// is full stops who writes to it.
///
/// # Errors
/// When reading fails.
pub fn next_before(output: &mut LineReader, errors: &mut StderrTail, deadline: Instant) -> io::Result<Line> {
    loop {
        if let Some(line) = output.next_ready()? {
            return Ok(line);
        }
        errors.read();
        let fds = [Some(output.fd()), errors.fd()].into_iter().flatten();
        let mut fds: Vec<_> = fds.map(|fd| PollFd::new(fd, PollFlags::POLLIN)).collect();
        if Instant::now() >= deadline || !wait_for(&mut fds, deadline)? {
            return Ok(Line::Late);
        }
    }
}

/// One shell on the remote host, which is ended when this is dropped.
#[derive(Debug)]
pub struct Shell {
    child: Child,
    /// `None` once it is closed.
    input: Option<ChildStdin>,
    output: LineReader,
    errors: StderrTail,
}

impl Shell {
    /// Starts one behind a command and gives it a script. It may be read ahead, so nothing that is no script
    /// may follow before the script has said something.
    ///
    /// # Errors
    /// [`AgentError::Failed`] when the command does not run here.
    pub fn run(command: &[String], script: &str) -> Result<Self, AgentError> {
        let failed =
            |cause: io::Error| AgentError::Failed(format!("cannot listen to the remote host: {cause}"));
        let mut child = start(command)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let output = output.ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        let output = LineReader::new(output.into()).map_err(failed)?;
        let errors = errors_of(&mut child).map_err(failed)?;
        let mut shell = Self { child, input, output, errors };
        // One that takes no script says nothing either, and how it ended tells why.
        let _ = shell.input.as_mut().map_or(Ok(()), |input| input.write_all(script.as_bytes()));
        Ok(shell)
    }

    /// What it says next.
    pub fn receive(&mut self) -> Line {
        let deadline = Instant::now() + PATIENCE;
        next_before(&mut self.output, &mut self.errors, deadline).unwrap_or(Line::Late)
    }

    /// Sends it a file, as its further input. `sent` hears of each part.
    ///
    /// # Errors
    /// When the file cannot be read, or the shell takes no more of it, or nothing for a minute.
    pub fn send(&mut self, file: &Path, sent: &dyn Fn(u64)) -> io::Result<()> {
        let mut file = File::open(file)?;
        let mut chunk = vec![0; 1 << 16];
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        set_nonblocking(input.as_fd())?;
        loop {
            let length = file.read(&mut chunk)?;
            if length == 0 {
                return Ok(());
            }
            write_all(input, &chunk[..length])?;
            sent(length as u64);
        }
    }

    /// Ends its input and waits until it has ended. Returns what it said on its standard error and its
    /// status.
    pub fn end(mut self) -> (String, Option<ExitStatus>) {
        self.finish();
        last_words(&mut self.child, &mut self.errors)
    }

    fn finish(&mut self) {
        self.input = None;
        finish(&mut self.child, &mut self.output, &mut self.errors);
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.finish();
        let _ = self.child.wait();
    }
}

/// Writes all of it to a pipe that does not block.
///
/// # Errors
/// write(2)'s, and [`io::ErrorKind::TimedOut`] when nothing is read for [`PATIENCE`].
fn write_all(to: &mut ChildStdin, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => {
                let mut fds = [PollFd::new(to.as_fd(), PollFlags::POLLOUT)];
                if !wait_for(&mut fds, Instant::now() + PATIENCE)? {
                    return Err(io::ErrorKind::TimedOut.into());
                }
            }
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

/// Reads away what a child still says, until it has closed its output, and waits until it has ended; ends it by
/// force when it does not in time.
pub fn finish(child: &mut Child, output: &mut LineReader, errors: &mut StderrTail) {
    let deadline = Instant::now() + PATIENCE;
    let mut is_closed = false;
    // One that never stops talking is not listened to for ever.
    while !is_closed && Instant::now() < deadline {
        match next_before(output, errors, deadline) {
            Ok(Line::Whole(_) | Line::TooLong(_)) => {}
            Ok(Line::Closed(_)) => is_closed = true,
            Ok(Line::Late) | Err(_) => break,
        }
    }
    if !is_closed || !ends_before(child, deadline) {
        let _ = child.kill();
    }
}

/// Whether a child ends in time.
fn ends_before(child: &mut Child, deadline: Instant) -> bool {
    // The pid of one that is reaped may be another's.
    if let Ok(Some(_)) = child.try_wait() {
        return true;
    }
    let ended = pidfd::open(child.id())
        .and_then(|pidfd| wait_for(&mut [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)], deadline));
    ended.unwrap_or(false)
}

/// Finds out whether there is a shell behind `command` that gets what it is sent and is heard.
///
/// # Errors
/// [`AgentError::Failed`], plainly what is wrong.
pub fn greet(command: &[String]) -> Result<(), AgentError> {
    // A redirection that fails ends the shell of a special built-in, so it gets a shell of its own (POSIX,
    // 2.8.1).
    let script = format!("echo {GREETING}\n(: < /proc/self/stat) && echo /proc\n");
    let mut shell = Shell::run(command, &script)?;
    let greeting = shell.receive();
    if greeting != Line::Whole(GREETING.into()) {
        return Err(AgentError::Failed(unheard(&greeting, shell)));
    }
    shell.input = None;
    if shell.receive() != Line::Whole(b"/proc".into()) {
        return Err(AgentError::Failed(
            "there is no /proc there, by which the agent looks at processes".to_owned(),
        ));
    }
    Ok(())
}

/// Why a shell that was to greet said `instead`.
fn unheard(instead: &Line, shell: Shell) -> String {
    match instead {
        Line::Late => {
            drop(shell);
            format!("it said nothing within {} s", PATIENCE.as_secs())
        }
        Line::Closed(rest) if rest.is_empty() => {
            let (words, status) = shell.end();
            let words = if words.is_empty() { words } else { format!(": {words}") };
            match status.and_then(|status| status.code()) {
                Some(0) => format!(
                    "it ended at once; does it forward its standard input (docker exec -i, ssh without -n)?{words}"
                ),
                _ if is_missing(status) => format!("there is no `sh` there{words}"),
                _ => format!("it did not start a shell{words} ({})", describe(status)),
            }
        }
        Line::Whole(bytes) | Line::Closed(bytes) | Line::TooLong(bytes) => {
            let wrote: String = String::from_utf8_lossy(bytes).trim_end().chars().take(200).collect();
            let wrote = wrote.escape_debug();
            // docker exec tells of its own failures there.
            if is_missing(shell.end().1) {
                return format!("there is no `sh` there: {wrote}");
            }
            format!(
                "it wrote `{wrote}` to its standard output, which must be the remote host's alone: no \
                 terminal (-t), no greeting"
            )
        }
    }
}

/// Whether it is what shells and env(1) say of programs that cannot be found or run, and so docker, ssh and
/// chroot.
fn is_missing(status: Option<ExitStatus>) -> bool {
    matches!(status.and_then(|status| status.code()), Some(126 | 127))
}

/// An exit status for people.
pub fn describe(status: Option<ExitStatus>) -> String {
    status.map_or("status unknown".to_owned(), |status| status.to_string())
}
