//! A helper program that sends what it is told: a line `ID SIGNAL` in, a line with the error number out.

use crate::mutants::parts::{answer, send};
use crate::subcommands::{self, Subcommand};
use crate::subject::channel::write_text;
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use nix::errno::Errno;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Mutex;

/// The life of the helper program. It serves nobody outside a sandbox.
///
/// # Errors
/// When the input cannot be read or understood.
pub fn serve() -> io::Result<()> {
    if !crate::mutants::in_sandbox()? {
        return Err(io::Error::other("this helper among the mutants runs in the suite's sandbox only"));
    }
    for line in io::stdin().lock().lines() {
        let line = line?;
        let numbers =
            line.split_once(' ').and_then(|(id, signal)| Some((id.parse().ok()?, signal.parse().ok()?)));
        let (id, signal): (i32, i32) = numbers.ok_or(io::ErrorKind::InvalidData)?;
        let error = send(-id, signal).map_or_else(|cause| cause as i32, |()| 0);
        write_text(&format!("{error}\n"));
    }
    Ok(())
}

/// A running helper program.
pub struct Helper {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts one.
    pub fn start() -> Result<Self, String> {
        let mut command = subcommands::start(Subcommand::Helper);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|cause| format!("no helper: {cause}"))?;
        let (input, output) = child.stdin.take().zip(child.stdout.take()).ok_or("a helper without pipes")?;
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// Lets it signal a group.
    pub fn ask(&mut self, id: i32, signal: i32) -> SignalResult {
        self.write(id, signal)?;
        let line = self.read()?;
        answer_of(line.trim().parse().map_err(|_| "the helper ended".to_owned())?)
    }

    /// Writes a request.
    pub fn write(&mut self, id: i32, signal: i32) -> Result<(), String> {
        writeln!(self.input, "{id} {signal}").map_err(gone)
    }

    /// Reads the line that answers a request; an empty one once it has ended.
    pub fn read(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.output.read_line(&mut line).map_err(gone)?;
        Ok(line)
    }

    /// Ends and reaps it.
    pub fn end(self) -> Result<(), String> {
        let Self { mut child, input, .. } = self;
        drop(input);
        child.wait().map(drop).map_err(|cause| format!("the helper does not end: {cause}"))
    }
}

/// What a line of a helper means: 0, or the number of an error.
pub fn answer_of(number: i32) -> SignalResult {
    answer(if number == 0 { Ok(()) } else { Err(Errno::from_raw(number)) })
}

fn gone(cause: io::Error) -> String {
    format!("the helper is gone: {cause}")
}

/// One helper after another, each for so many calls.
pub struct HelperHolder {
    calls_each: usize,
    current: Mutex<Option<(Helper, usize)>>,
}

impl HelperHolder {
    /// Helpers for `calls_each` calls each. The first is started at the first call.
    pub fn new(calls_each: usize) -> Self {
        Self { calls_each, current: Mutex::default() }
    }

    /// Lets the current helper signal a group.
    pub fn ask(&self, id: i32, signal: i32) -> SignalResult {
        let mut current = lock(&self.current);
        let (mut helper, calls) = match current.take() {
            Some((used_up, calls)) if calls >= self.calls_each => {
                used_up.end()?;
                (Helper::start()?, 0)
            }
            Some(running) => running,
            None => (Helper::start()?, 0),
        };
        let answer = helper.ask(id, signal);
        *current = Some((helper, calls + 1));
        answer
    }
}
