//! A command with pipes to its three streams. Nothing here blocks past its deadline.

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A longer line is no answer, and is not kept.
const LONGEST_LINE: usize = 1 << 14;
/// How much of what the command writes beside answers is kept for messages, in bytes and in lines.
const KEPT: usize = 1000;
const LINES: usize = 3;
/// How much is read at once, and how often before the clock is looked at again: a command that never stops
/// writing holds nobody up.
const BLOCK: usize = 1 << 14;
const BLOCKS: usize = 16;

/// How long a command may take to end once its input is closed, when nobody waits for an answer any more.
const GRACE: Duration = Duration::from_secs(1);

/// A running command. When it is dropped, its input is closed, and it is killed if it does not end by that.
#[derive(Debug)]
pub struct Channel {
    /// `None` once it was reaped.
    child: Option<Child>,
    input: Option<ChildStdin>,
    output: Option<ChildStdout>,
    errors: Option<ChildStderr>,
    /// What came after the last line end.
    unfinished: Vec<u8>,
    /// Whether the line that is being read was too long.
    skipping: bool,
    noise: Tail,
    complaints: Tail,
}

/// What a line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that was waited for.
    Noise,
    /// A part of what is waited for.
    Part,
    /// The last of it. What follows is noise.
    Last,
}

/// Why an exchange did not come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The command closed its output.
    Ended,
    /// The deadline passed.
    Late,
}

/// How a command ended.
#[derive(Debug, Default)]
pub struct End {
    /// `None` if it had to be killed.
    pub status: Option<ExitStatus>,
    /// The end of what it wrote beside answers, printable.
    pub said: String,
}

impl Channel {
    /// Starts a command, in a process group of its own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(words: &[OsString]) -> io::Result<Self> {
        let no_command = || io::Error::new(io::ErrorKind::InvalidInput, "no command was given");
        let (program, arguments) = words.split_first().ok_or_else(no_command)?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.process_group(0).spawn()?;
        let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let channel = Self {
            child: Some(child),
            input,
            output,
            errors,
            unfinished: Vec::new(),
            skipping: false,
            noise: Tail::default(),
            complaints: Tail::default(),
        };
        channel.input.as_ref().map_or(Ok(()), set_nonblocking)?;
        channel.output.as_ref().map_or(Ok(()), set_nonblocking)?;
        channel.errors.as_ref().map_or(Ok(()), set_nonblocking)?;
        Ok(channel)
    }

    /// Whether the command goes on, as far as can be seen. Whatever it wrote meanwhile is noise.
    pub fn is_open(&mut self) -> bool {
        self.receive(&mut |_| Heard::Noise);
        self.output.is_some() && self.input.is_some()
    }

    /// Writes `request` and hands each line to `take` until that has heard the last, both at once: neither
    /// side waits for the other with full pipes.
    pub fn exchange(
        &mut self,
        mut request: &[u8],
        deadline: Instant,
        take: &mut dyn FnMut(&[u8]) -> Heard,
    ) -> Result<(), Lost> {
        loop {
            self.send(&mut request);
            if self.receive(take) {
                return Ok(());
            }
            if self.output.is_none() {
                return Err(Lost::Ended);
            }
            if !self.wait(!request.is_empty(), deadline) {
                return Err(Lost::Late);
            }
        }
    }

    /// Closes the input, waits for the command to end until `deadline`, kills its process group, which ends
    /// those that stayed, and reaps it. A part of a line that begins with `token` is no noise.
    pub fn end(&mut self, token: &str, deadline: Instant) -> End {
        let Some(mut child) = self.child.take() else { return End::default() };
        self.input = None;
        loop {
            self.receive(&mut |_| Heard::Noise);
            let all_closed = self.output.is_none() && self.errors.is_none();
            if all_closed || !self.wait(false, deadline) {
                break;
            }
        }
        // Not reaped yet, so the group is still its own. A process that was exiting already keeps its status.
        let _ = killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL);
        let status = child.wait().ok().filter(|status| status.signal() != Some(Signal::SIGKILL as i32));
        if !self.unfinished.starts_with(token.as_bytes()) {
            self.noise.push(&self.unfinished);
        }
        let complaints = self.complaints.printable();
        End { status, said: if complaints.is_empty() { self.noise.printable() } else { complaints } }
    }

    /// Waits until there is something to read, or to write if there `is_more`. False once the deadline has
    /// passed.
    fn wait(&self, is_more: bool, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        let mut fds = Vec::new();
        fds.extend(self.output.as_ref().map(|output| PollFd::new(output.as_fd(), PollFlags::POLLIN)));
        fds.extend(self.errors.as_ref().map(|errors| PollFd::new(errors.as_fd(), PollFlags::POLLIN)));
        let input = self.input.as_ref().filter(|_| is_more);
        fds.extend(input.map(|input| PollFd::new(input.as_fd(), PollFlags::POLLOUT)));
        // Rounded up: a millisecond too early would be a busy loop. A signal that interrupts is like a stream
        // that is ready.
        let left = left.saturating_add(Duration::from_millis(1));
        let _ = poll(&mut fds, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX));
        true
    }

    fn send(&mut self, request: &mut &[u8]) {
        while let Some(input) = &mut self.input
            && !request.is_empty()
        {
            match input.write(request) {
                Ok(length) if length > 0 => *request = &request[length..],
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => return,
                // Nobody reads any more. What was written before may still be answered.
                _ => {
                    self.input = None;
                    *request = &[];
                }
            }
        }
    }

    /// Reads what there is. True when `take` has heard the last of what it waits for.
    fn receive(&mut self, take: &mut dyn FnMut(&[u8]) -> Heard) -> bool {
        let Self { output, errors, unfinished, skipping, noise, complaints, .. } = self;
        drain(errors, &mut |bytes| {
            complaints.push(bytes);
            true
        });
        let mut last = false;
        drain(output, &mut |bytes| {
            for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
                unfinished.extend_from_slice(piece);
                if piece.last() == Some(&b'\n') {
                    let heard =
                        if *skipping { Heard::Noise } else { take(&unfinished[..unfinished.len() - 1]) };
                    if heard == Heard::Noise {
                        noise.push(unfinished);
                    }
                    unfinished.clear();
                    *skipping = false;
                    last |= heard == Heard::Last;
                } else if unfinished.len() > LONGEST_LINE {
                    noise.push(unfinished);
                    unfinished.clear();
                    *skipping = true;
                }
            }
            !last
        });
        last
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.end("", Instant::now() + GRACE);
    }
}

/// Hands over what can be read without waiting, as long as `take` wants more. At its end the stream becomes
/// `None`.
fn drain(stream: &mut Option<impl Read>, take: &mut dyn FnMut(&[u8]) -> bool) {
    let mut block = [0; BLOCK];
    for _ in 0..BLOCKS {
        let Some(open) = stream else { return };
        match open.read(&mut block) {
            Ok(length) if length > 0 => {
                if !take(&block[..length]) {
                    return;
                }
            }
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) if cause.kind() == io::ErrorKind::WouldBlock => return,
            _ => *stream = None,
        }
    }
}

/// The end of what was written, as much as a message can hold.
#[derive(Debug, Default)]
struct Tail(Vec<u8>);

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
        let too_many = self.0.len().saturating_sub(KEPT);
        self.0.drain(..too_many);
    }

    /// Its last lines in one, printable.
    fn printable(&self) -> String {
        let text = String::from_utf8_lossy(&self.0);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let last = &lines[lines.len().saturating_sub(LINES)..];
        last.join(" / ").chars().flat_map(printable).collect()
    }
}

/// Quotes and letters of any language as they are; what moves a terminal's cursor escaped.
fn printable(char: char) -> impl Iterator<Item = char> {
    let plain = matches!(char, '"' | '\'' | '\\').then_some(char);
    plain.into_iter().chain(char.escape_debug().filter(move |_| plain.is_none()))
}

fn set_nonblocking(stream: &impl AsFd) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(stream, FcntlArg::F_GETFL)?);
    fcntl(stream, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}
