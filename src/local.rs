//! The signaller of this machine: kill(2) on the negated leader pid.

#[cfg(unix)]
pub(crate) mod exited;

use crate::Signaller;
#[cfg(unix)]
use {
    crate::SignalName,
    nix::errno::Errno,
    nix::sys::signal::{Signal, kill},
    nix::unistd::Pid,
    std::os::fd::OwnedFd,
};

/// Signals process groups of this machine, in the PID namespace of the calling process.
///
/// - Success of kill(2) is `Ok(true)`. POSIX: it succeeds if at least one process could be signalled. On Linux a
///   group whose members have all exited but are not yet reaped counts (measured on 6.18; Darwin says EPERM).
/// - `ESRCH`, which POSIX gives when no process has that group id, is `Ok(false)`.
/// - Anything else is an `Err` that names the signal, the leader pid and the cause.
///
/// A name that is not one of the four is refused first, then leader pids 0, 1 and above `i32::MAX`, both
/// before any system call: as arguments of kill(2) the latter mean the caller's own group, every process,
/// and, after a wrapping cast, single processes.
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
                "cannot send {signal_name:?} to the process group of leader pid {leader_pid}: this platform \
                 has no process groups; give ProcessGroups a Signaller for the authority that the processes \
                 run in"
            ))
        }
    }

    /// By kill(2) with signal 0, and on Linux by a look at /proc for those whose members may all be unreaped.
    #[cfg(unix)]
    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        exited::have_exited(leader_pids, |leader| kill(Pid::from_raw(-leader), None))
    }

    /// On Linux a pidfd of whoever has the leader's pid now.
    #[cfg(unix)]
    fn exit_event(&self, leader_pid: u32) -> Option<OwnedFd> {
        #[cfg(target_os = "linux")]
        {
            let leader = crate::request::raw_leader_pid(leader_pid)?;
            crate::pinning::pidfd::open(leader).ok()
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = leader_pid;
            None
        }
    }
}

#[cfg(unix)]
fn kill_group(leader_pid: u32, signal_name: &str) -> Result<bool, String> {
    let (name, leader) = crate::request::checked(leader_pid, signal_name)?;
    answer(kill(Pid::from_raw(-leader), signal_of(name)), name, leader_pid)
}

#[cfg(unix)]
pub(crate) fn signal_of(name: SignalName) -> Signal {
    match name {
        SignalName::Term => Signal::SIGTERM,
        SignalName::Kill => Signal::SIGKILL,
        SignalName::Int => Signal::SIGINT,
        SignalName::Hup => Signal::SIGHUP,
    }
}

/// What it means that a signal to a group was sent, or was not.
#[cfg(unix)]
pub(crate) fn answer(sent: Result<(), Errno>, name: SignalName, leader_pid: u32) -> Result<bool, String> {
    match sent {
        Ok(()) => Ok(true),
        Err(Errno::ESRCH) => Ok(false),
        Err(cause) => {
            Err(format!("could not send {name} to the process group of leader pid {leader_pid}: {cause}"))
        }
    }
}
