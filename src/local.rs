//! The signaller of this machine: kill(2) on the negated leader pid.

use crate::Signaller;

/// Signals process groups of this machine, in the PID namespace of the calling process.
///
/// - Success of kill(2) is `Ok(true)`. POSIX: it succeeds if at least one process could be signalled. On Linux a
///   group whose members have all exited but are not yet reaped counts (measured on 6.18; Darwin says EPERM).
/// - `ESRCH`, which POSIX gives when no process has that group id, is `Ok(false)`.
/// - Anything else is an `Err` that names the signal, the leader pid and the cause.
///
/// A name that is not one of the four is refused first, then leader pids 0, 1 and above `i32::MAX`, both before
/// any system call: as arguments of kill(2) the latter mean the caller's own group, every process, and, after a
/// wrapping cast, single processes.
///
/// Elsewhere than on Unix every call is an `Err` that says what to do instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalSignaller;

impl Signaller for LocalSignaller {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        #[cfg(unix)]
        {
            kill_group(leader_pid, signal_name)
        }
        #[cfg(not(unix))]
        {
            Err(format!(
                "cannot send {signal_name:?} to the process group of leader pid {leader_pid}: this platform has no \
                 process groups; give ProcessGroups a Signaller for the authority that the processes run in"
            ))
        }
    }
}

#[cfg(unix)]
fn kill_group(leader_pid: u32, signal_name: &str) -> Result<bool, String> {
    use crate::SignalName;
    use nix::errno::Errno;
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let (name, leader) = crate::request::checked(leader_pid, signal_name)?;
    let signal = match name {
        SignalName::Term => Signal::SIGTERM,
        SignalName::Kill => Signal::SIGKILL,
        SignalName::Int => Signal::SIGINT,
        SignalName::Hup => Signal::SIGHUP,
    };
    match kill(Pid::from_raw(-leader), signal) {
        Ok(()) => Ok(true),
        Err(Errno::ESRCH) => Ok(false),
        Err(cause) => {
            Err(format!("could not send {name} to the process group of leader pid {leader_pid}: {cause}"))
        }
    }
}
