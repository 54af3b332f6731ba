//! The two system calls that nix does not have. The only unsafe code of this crate.
#![allow(unsafe_code)]

use nix::errno::Errno;
use nix::libc;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// A descriptor of the process that has that pid now, and of no other that has it later: pidfd_open(2), Linux
/// 5.3. It is closed on exec. An exited process counts until it is reaped.
pub fn open(pid: libc::pid_t) -> Result<OwnedFd, Errno> {
    // SAFETY: plain numbers go in, and no memory is touched.
    let fd = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) })?;
    let fd = RawFd::try_from(fd).map_err(|_| Errno::EBADF)?;
    // SAFETY: the kernel just made this descriptor for the caller, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Signals the group whose id is the pid of that descriptor's process: pidfd_send_signal(2), with a flag that
/// Linux 6.9 has. The descriptor holds the id itself, not the process: the members of the group are reached
/// when the leader was reaped, and a group that has the number later is not (measured on 6.18: ESRCH).
pub fn signal_group(pidfd: BorrowedFd<'_>, signal: i32) -> Result<(), Errno> {
    send(pidfd.as_raw_fd(), signal)
}

/// Whether the kernel can do that, by asking for a descriptor that is none: EBADF if it knows the flag,
/// EINVAL from 5.1 to 6.8, ENOSYS before, and EPERM under many a filter.
pub fn can_signal_groups() -> bool {
    send(-1, 0) == Err(Errno::EBADF)
}

fn send(pidfd: RawFd, signal: i32) -> Result<(), Errno> {
    let no_info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: the one pointer is null, which pidfd_send_signal(2) takes for "fill it in as kill(2) does"; a number that is
    // no descriptor is refused.
    let sent = unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, pidfd, signal, no_info, libc::PIDFD_SIGNAL_PROCESS_GROUP)
    };
    Errno::result(sent).map(drop)
}
