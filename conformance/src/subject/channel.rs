//! Where the server of a subject is asked and answers: standard input and output, or wherever they were moved
//! to, so that nothing else that the program prints can be taken for an answer.

use crate::sys::lock::lock;
use nix::unistd::{dup2_stdin, dup2_stdout};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::sync::{Mutex, OnceLock};

static MOVED: OnceLock<(File, Mutex<File>)> = OnceLock::new();

/// Moves standard input and output to descriptors that close on exec, and puts /dev/null in their places.
///
/// # Errors
/// When no descriptor is left.
pub fn move_away() -> io::Result<()> {
    let input = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let nothing = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&nothing)?;
    dup2_stdout(&nothing)?;
    let _ = MOVED.set((input, Mutex::new(output)));
    Ok(())
}

/// Lets standard output go to standard error from now on, if it was moved: there, what the subject prints is
/// quoted when it ends. What was printed before was no subject's.
///
/// # Errors
/// dup2(2)'s.
pub fn give_output_to_the_subject() -> io::Result<()> {
    match MOVED.get() {
        Some(_) => Ok(dup2_stdout(io::stderr())?),
        None => Ok(()),
    }
}

/// The input.
pub fn input() -> Box<dyn BufRead> {
    match MOVED.get() {
        Some((input, _)) => Box::new(BufReader::new(input)),
        None => Box::new(io::stdin().lock()),
    }
}

/// Writes whole lines, with their ends, to the output. Nobody listening is no fault: the suite has ended.
pub fn write_text(line: &str) {
    write(line.as_bytes());
}

/// [`write_text`] for whatever is no text.
pub fn write(line: &[u8]) {
    let _ = match MOVED.get() {
        Some((_, output)) => lock(output).write_all(line),
        None => {
            let mut output = io::stdout().lock();
            output.write_all(line).and_then(|()| output.flush())
        }
    };
}
