//! A subject that is a program run once a call, as a process that speaks the stdio form.

use super::server::serve_each;
use super::wire::{Answer, AnswerLine, Question};
use nix::sys::signal::SigSet;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

/// Exit status for "the group has exited": LSB's "program is not running".
const NOT_RUNNING: i32 = 3;

/// Serves the program and arguments `words` until standard input ends.
///
/// # Errors
/// When the input cannot be read.
pub fn serve(words: Vec<String>) -> io::Result<()> {
    // Each call is in this server's group: one that signals "its own group" must not end the server as well. A
    // program that is started begins with no signal blocked (std::process).
    SigSet::all().thread_block()?;
    serve_each(move |question: &Question| AnswerLine {
        id: question.id,
        answer: call(&words, question),
        changed: Vec::new(),
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

fn call(words: &[String], question: &Question) -> Answer {
    let words = fill(words, question.leader_pid, &question.signal_name);
    let (program, arguments) = words.split_first().ok_or("there is no program to run")?;
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .map_err(|cause| format!("cannot run {program}: {cause}"))?;
    match output.status.code() {
        Some(0) => Ok(true),
        Some(NOT_RUNNING) => Ok(false),
        status => {
            let words = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
            let how = match (status, output.status.signal()) {
                (Some(status), _) => format!("status {status}"),
                (None, signal) => format!("ended by signal {}", signal.unwrap_or_default()),
            };
            Err(if words.is_empty() { format!("{how}, nothing on standard error") } else { words })
        }
    }
}
