//! Descriptors of processes: they tell when one has exited, and reach it and nobody who has its pid later.

use nix::errno::Errno;
use std::io;
use std::os::fd::{FromRawFd, OwnedFd};

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
