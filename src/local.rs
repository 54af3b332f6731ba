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

    let name: SignalName =
        signal_name.parse().map_err(|unknown: crate::UnknownSignalName| unknown.to_string())?;
    let leader = raw_leader_pid(leader_pid).ok_or_else(|| refused_leader(leader_pid, name))?;
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

/// The leader pid as kill(2) takes it, if a group can have it. Apart, so that this is tested without a system call.
#[cfg(unix)]
fn raw_leader_pid(leader_pid: u32) -> Option<i32> {
    i32::try_from(leader_pid).ok().filter(|&pid| pid > 1)
}

#[cfg(unix)]
fn refused_leader(leader_pid: u32, name: crate::SignalName) -> String {
    let meaning = match leader_pid {
        0 => "the caller's own group",
        1 => "every process",
        _ => "a single process, once it has wrapped",
    };
    format!(
        "refused to send {name} to leader pid {leader_pid}: kill(2) would take it for {meaning}; a leader pid is \
         2 to {}",
        i32::MAX
    )
}

#[cfg(all(test, unix))]
mod tests {
    use super::raw_leader_pid;

    #[test]
    fn only_2_to_the_largest_pid_t_is_a_leader_pid() {
        let largest = i32::MAX as u32;
        for refused in [0, 1, largest + 1, largest + 2, u32::MAX - 1, u32::MAX] {
            assert_eq!(raw_leader_pid(refused), None, "{refused}");
        }
        for (taken, raw) in [(2, 2), (4242, 4242), (largest, i32::MAX)] {
            assert_eq!(raw_leader_pid(taken), Some(raw));
        }
    }
}
