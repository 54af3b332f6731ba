//! What wait(2) says of this process's own children, whatever signal ended them.

use crate::testbed::protocol::State;
use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

/// How a child ended, without reaping it; `None` while it has not ended, as far as its parent may know: a
/// tracer is told first (ptrace(2)).
///
/// # Errors
/// waitid(2)'s: ECHILD when it is no child of this process, or was reaped.
pub fn how_ended(pid: u32) -> Result<Option<State>, Errno> {
    let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    // SAFETY: zeroes are a siginfo_t, which waitid(2) fills, and leaves so while there is nothing to tell.
    let (result, info) = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        (libc::waitid(libc::P_PID, pid, &raw mut info, flags), info)
    };
    Errno::result(result)?;
    // SAFETY: waitid(2) fills both fields, or leaves them zero.
    let (of, status) = unsafe { (info.si_pid(), info.si_status()) };
    Ok(match info.si_code {
        _ if of == 0 => None,
        libc::CLD_EXITED => Some(State::Exited(status)),
        _ => Some(State::Killed(status)),
    })
}

/// Traces a child and keeps it stopped: its state is t in `/proc/PID/stat`, signals stay pending, and SIGKILL ends it
/// (ptrace(2)). It goes on once this process has ended.
///
/// # Errors
/// ptrace(2)'s: EPERM when it may not be traced.
pub fn trace(pid: u32) -> Result<(), Errno> {
    let pid = Pid::from_raw(pid as i32);
    ptrace::seize(pid, ptrace::Options::empty())?;
    ptrace::interrupt(pid)?;
    waitpid(pid, Some(WaitPidFlag::__WALL)).map(drop)
}

/// Reaps a child that has ended.
///
/// # Errors
/// waitpid(2)'s: ECHILD when it is no child of this process, or was reaped. EBUSY while it has not ended, as
/// far as its parent may know.
pub fn reap(pid: u32) -> Result<(), Errno> {
    // SAFETY: no status is asked for.
    match Errno::result(unsafe { libc::waitpid(pid as i32, std::ptr::null_mut(), libc::WNOHANG) })? {
        0 => Err(Errno::EBUSY),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn how_a_child_ended_is_told_until_it_is_reaped() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().expect("cat(1) is there");
        let pid = child.id();
        assert_eq!((how_ended(pid), reap(pid)), (Ok(None), Err(Errno::EBUSY)));
        // A signal without a name, which nix's wait(2) knows no word for.
        // SAFETY: the child is not reaped.
        assert_eq!(unsafe { libc::kill(pid as i32, 40) }, 0);
        let ended = || loop {
            if let Some(state) = how_ended(pid).expect("it is a child, and not reaped") {
                return state;
            }
            std::thread::yield_now();
        };
        assert_eq!((ended(), ended()), (State::Killed(40), State::Killed(40)));
        assert_eq!(reap(pid), Ok(()));
        assert_eq!(how_ended(pid), Err(Errno::ECHILD));
        let _ = child.wait();
    }

    #[test]
    fn a_status_is_told_as_one() {
        let mut child = Command::new("sh").args(["-c", "exit 9"]).spawn().expect("sh(1) is there");
        while how_ended(child.id()) == Ok(None) {
            std::thread::yield_now();
        }
        assert_eq!(how_ended(child.id()), Ok(Some(State::Exited(9))));
        assert_eq!(reap(child.id()), Ok(()));
        let _ = child.wait();
    }
}
