//! The process that runs the hooks: one after the other, in a session of its own, so that Ctrl-C on a
//! terminal ends neither of them halfway.

use crate::report::text::printable;
use crate::subcommands::THIS_PROGRAM;
use crate::sys::lines::wait_for;
use crate::sys::pidfd;
use nix::poll::{PollFd, PollFlags};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::{Pid, setsid};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How much of the end of what a hook writes is told, in bytes.
const LAST_WORDS: u64 = 2048;

/// What a hook_runner is to do.
#[derive(Debug, Serialize, Deserialize)]
pub struct Orders {
    /// The words of the command that cuts.
    pub sever: Vec<String>,
    /// Those of the one that restores.
    pub restore: Vec<String>,
    /// How long each may take.
    pub limit: Duration,
}

/// The life of a process that cuts a link, waits for the end of its input, and restores the link whatever
/// went wrong. It writes a line of JSON when either is done: nothing, or what went wrong.
///
/// # Errors
/// When `words` are no orders.
pub fn run(words: &[String]) -> io::Result<()> {
    let orders: Orders = serde_json::from_str(words.first().map_or("", String::as_str))?;
    // A process that the suite has just started leads no group, so this cannot fail.
    let _ = setsid();
    // Whether anybody still hears it changes nothing about what must be done.
    let _ = send(&hook("sever", &orders.sever, orders.limit));
    let _ = io::stdin().read_to_end(&mut Vec::new());
    let restored = hook("restore", &orders.restore, orders.limit);
    if let (Err(_), Err(reason)) = (send(&restored), restored) {
        eprintln!("the suite has ended, and the subject's link may still be cut: {reason}");
    }
    Ok(())
}

fn send(done: &Result<(), String>) -> io::Result<()> {
    let mut out = io::stdout();
    serde_json::to_writer(&out, done)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Runs one hook. The error says what went wrong, and what the hook wrote.
fn hook(name: &str, words: &[String], limit: Duration) -> Result<(), String> {
    let shown = match words {
        // A function of the implementer's, for which this program was started again.
        [program, ..] if program == THIS_PROGRAM => format!("the {name} hook"),
        words => format!("the {name} hook `{}`", words.join(" ")),
    };
    let failed = |cause: io::Error| format!("{shown} cannot be run: {cause}");
    // A file, since a hook may leave something in the background that keeps a pipe open.
    let mut output = tempfile::tempfile().map_err(failed)?;
    let ended = within(words, &output, limit).map_err(failed)?;
    let what = match ended {
        Some(status) if status.success() => return Ok(()),
        Some(status) => format!("failed ({status})"),
        None => format!("did not end within {} s", limit.as_secs_f32()),
    };
    let wrote = match end_of(&mut output).map_err(failed)?.trim() {
        "" => "it wrote nothing".to_owned(),
        text => format!("it wrote: {}", printable(text)),
    };
    Err(format!("{shown} {what}; {wrote}"))
}

/// Runs a command in a group of its own. Returns how it ended, or nothing if it did not: then its group is
/// killed.
fn within(words: &[String], output: &File, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let [program, arguments @ ..] = words else {
        return Err(io::Error::other("it has no words"));
    };
    let mut command = Command::new(program);
    command.args(arguments).process_group(0).stdin(Stdio::null());
    command.stdout(output.try_clone()?).stderr(output.try_clone()?);
    let mut child = command.spawn()?;
    let end = pidfd::open(child.id())?;
    let mut fds = [PollFd::new(end.as_fd(), PollFlags::POLLIN)];
    if wait_for(&mut fds, Instant::now() + limit)? {
        return child.wait().map(Some);
    }
    // Not reaped yet: the group is still its own.
    let _ = killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL);
    child.wait()?;
    Ok(None)
}

fn end_of(output: &mut File) -> io::Result<String> {
    let from = output.metadata()?.len().saturating_sub(LAST_WORDS);
    output.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    output.take(LAST_WORDS).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> Result<(), String> {
        hook("sever", &["sh", "-c", script].map(str::to_owned), limit)
    }

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_hook_that_fails_is_quoted() {
        assert_eq!(sh("echo done", LONG), Ok(()));
        let failed = sh("echo so; echo 'it is' >&2; exit 7", LONG).unwrap_err();
        assert!(failed.starts_with("the sever hook `sh -c "), "{failed}");
        assert!(failed.ends_with("failed (exit status: 7); it wrote: so\\nit is"), "{failed}");
        assert!(sh("kill -KILL $$", LONG).unwrap_err().contains("signal: 9"));
    }

    #[test]
    fn a_hook_that_goes_on_is_ended_with_what_it_started() {
        let late = sh("echo waiting; sleep 1000", Duration::from_millis(300)).unwrap_err();
        assert!(late.contains("did not end within 0.3 s; it wrote"), "{late}");
    }

    #[test]
    fn a_hook_may_leave_something_in_the_background() {
        assert_eq!(sh("sleep 2 &", LONG), Ok(()));
    }

    #[test]
    fn a_hook_that_is_no_program_is_told() {
        let missing = hook("restore", &["/no/such/program".to_owned()], LONG).unwrap_err();
        assert!(missing.starts_with("the restore hook `/no/such/program` cannot be run: "), "{missing}");
    }
}
