//! A subject that is a program run once a call, as a process that speaks the stdio form.

use super::server::{end_if_short, serve_each};
use super::wire::{AnswerLine, Question, SignalResult};
use crate::sys::pidfd;
use crate::sys::stderr_tail::StderrTail;
use crate::testbed::protocol::signal_name;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::SigSet;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};

/// Exit status for "the group has exited": LSB's "program is not running".
const NOT_RUNNING: i32 = 3;

/// How long a message may be, in bytes: room for the longest names that are tried.
const LONGEST_MESSAGE: usize = 1 << 16;

/// Serves the program and arguments `words` until standard input ends.
///
/// # Errors
/// When the input cannot be read.
pub fn serve(words: Vec<String>) -> io::Result<()> {
    // Each call is in this server's group: one that signals "its own group" must not end the server as well.
    SigSet::all().thread_block()?;
    serve_each(move |questions: &[Question]| {
        let answer = |question: &Question| AnswerLine {
            id: question.id,
            answer: call(&words, question),
            changed: Vec::new(),
        };
        questions.iter().map(answer).collect()
    })
}

/// The words with their placeholders filled in: each stays one word, and nothing else is looked at in it.
pub fn fill(words: &[String], leader_pid: u32, signal_name: &str) -> Vec<String> {
    let fill_one = |word: &String| {
        // One pass from the left: a name that holds a placeholder is not filled in again.
        let mut filled = String::new();
        let mut rest = word.as_str();
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            if let Some(tail) = rest.strip_prefix("{leader_pid}") {
                filled.push_str(&leader_pid.to_string());
                rest = tail;
            } else if let Some(tail) = rest.strip_prefix("{signal_name}") {
                filled.push_str(signal_name);
                rest = tail;
            } else {
                filled.push('{');
                rest = &rest[1..];
            }
        }
        filled + rest
    };
    words.iter().map(fill_one).collect()
}

/// What is run for one question: the program of `words` with the others as its arguments, all filled in, and
/// no shell.
///
/// # Errors
/// When there are no words.
pub fn invocation(words: &[String], question: &Question) -> Result<Command, &'static str> {
    let words = fill(words, question.leader_pid, &question.signal_name);
    let (program, arguments) = words.split_first().ok_or("there is no program to run")?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

fn call(words: &[String], question: &Question) -> SignalResult {
    let mut command = invocation(words, question)?;
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let without_stderr = question.without_stderr;
    // SAFETY: sigprocmask(2) and close(2) may be called between fork and exec (signal-safety(7)).
    unsafe {
        command.pre_exec(move || {
            if without_stderr {
                libc::close(libc::STDERR_FILENO);
            }
            // A program inherits what its parent blocks.
            Ok(SigSet::empty().thread_set_mask()?)
        });
    }
    let child = command.spawn();
    let (status, words) = child.and_then(listen_to_its_end).map_err(|cause| {
        end_if_short(&cause);
        let program = command.get_program().to_string_lossy();
        format!("cannot run {program}: {cause}")
    })?;
    let how = match (status.code(), status.signal()) {
        (Some(0), _) => return Ok(true),
        (Some(NOT_RUNNING), _) => return Ok(false),
        (Some(status), _) => format!("status {status}"),
        (None, signal) => format!("ended by {}", signal_name(signal.unwrap_or_default())),
    };
    Err(if words.is_empty() { format!("{how}, nothing on standard error") } else { words })
}

/// How a child exits, and the end of its standard error by then: who else has that open, as a process in the
/// background, is not waited for.
fn listen_to_its_end(mut child: Child) -> io::Result<(ExitStatus, String)> {
    let mut words =
        child.stderr.take().map(|errors| StderrTail::of(errors.into(), LONGEST_MESSAGE)).transpose()?;
    let pidfd = pidfd::open(child.id())?;
    loop {
        let mut fds = vec![PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
        let errors = words.as_ref().and_then(StderrTail::fd);
        fds.extend(errors.map(|errors| PollFd::new(errors, PollFlags::POLLIN)));
        poll(&mut fds, PollTimeout::NONE).or_else(|cause| match cause {
            Errno::EINTR => Ok(0),
            cause => Err(cause),
        })?;
        let exited = fds[0].any().unwrap_or_default();
        if let Some(words) = &mut words {
            words.read();
        }
        if exited {
            return Ok((child.wait()?, words.map_or_else(String::new, |words| words.text())));
        }
    }
}
