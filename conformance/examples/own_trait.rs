//! A trait of one's own, made a signaller by a closure, as a program that speaks the stdio form.
//!
//! ```text
//! cargo build --example own_trait
//! signaller-conformance check stdio -- target/debug/examples/own_trait
//! ```

use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_groups::{SignalName, signaller_fn};
use std::sync::Arc;

/// What was there before: an editor's own way to end what it started, with its own types.
trait Jobs: Send + Sync {
    /// Sends `signal` to the job whose first process is `first`.
    fn interrupt(&self, first: Pid, signal: Signal) -> Result<(), JobError>;
}

#[derive(Debug)]
enum JobError {
    /// No process of the job is left.
    Ended,
    /// Anything else.
    Failed(Errno),
}

struct LocalJobs;

impl Jobs for LocalJobs {
    fn interrupt(&self, first: Pid, signal: Signal) -> Result<(), JobError> {
        match kill(Pid::from_raw(-first.as_raw()), signal) {
            Ok(()) => Ok(()),
            // ESRCH alone means that nobody is left. EPERM, say, is an error: that job goes on.
            Err(Errno::ESRCH) => Err(JobError::Ended),
            Err(cause) => Err(JobError::Failed(cause)),
        }
    }
}

/// The trait's method in the words of a signaller: what it must refuse, and which of its errors is none.
fn signal(jobs: &dyn Jobs, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
    // The name comes first. After the look-up of the group a misspelt name would come out as "exited".
    let signal = match signal_name.parse() {
        Ok(SignalName::Term) => Signal::SIGTERM,
        Ok(SignalName::Kill) => Signal::SIGKILL,
        Ok(SignalName::Int) => Signal::SIGINT,
        Ok(SignalName::Hup) => Signal::SIGHUP,
        Err(unknown) => return Err(unknown.to_string()),
    };
    // Negated, 0 is this program's own group and 1 every process; and `as i32` makes 4294967295 a -1.
    let first = match i32::try_from(leader_pid) {
        Ok(pid @ 2..) => Pid::from_raw(pid),
        _ => return Err(format!("no group for {signal_name} has the leader pid {leader_pid}")),
    };
    match jobs.interrupt(first, signal) {
        Ok(()) => Ok(true),
        Err(JobError::Ended) => Ok(false),
        Err(JobError::Failed(cause)) => {
            Err(format!("could not send {signal_name} to group {leader_pid}: {cause}"))
        }
    }
}

fn main() -> std::io::Result<()> {
    let signaller = signaller_fn(|leader_pid, signal_name| signal(&LocalJobs, leader_pid, signal_name));
    signaller_conformance::serve(Arc::new(signaller))
}
