//! Descriptors of processes: they tell when one has exited, and reach it and nobody who has its pid later.

use nix::errno::Errno;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// A descriptor of the process `pid`, which is live or unreaped. It is readable once the process has exited,
/// and closes on exec (pidfd_open(2)).
///
/// # Errors
/// ESRCH when there is no such process; EMFILE, ENFILE.
pub fn open(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: plain numbers in, a new descriptor out.
    let result = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = Errno::result(result)?;
    // SAFETY: the kernel just gave this descriptor, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Sends a signal to the process of such a descriptor, as kill(2) does.
///
/// # Errors
/// ESRCH when it has exited and is reaped; EPERM; EINVAL when there is no such signal.
pub fn send(process: &impl AsRawFd, signal: i32) -> Result<(), Errno> {
    send_with(process, signal, 0)
}

/// Sends a signal to the group whose id is the pid of such a descriptor's process (Linux 6.9 on).
///
/// # Errors
/// ESRCH when there is no such group; EPERM; EINVAL on an older kernel, or when there is no such signal.
pub fn send_to_group(leader: &impl AsRawFd, signal: i32) -> Result<(), Errno> {
    send_with(leader, signal, libc::PIDFD_SIGNAL_PROCESS_GROUP)
}

fn send_with(process: &impl AsRawFd, signal: i32, flags: libc::c_uint) -> Result<(), Errno> {
    let no_info: *const libc::siginfo_t = std::ptr::null();
    // SAFETY: a null siginfo is what pidfd_send_signal(2) takes for "as kill(2) fills it".
    let result =
        unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), signal, no_info, flags) };
    Errno::result(result).map(drop)
}
