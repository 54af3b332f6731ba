//! A pseudoterminal (pty(7)) that a session has as its controlling terminal, and the group in its foreground.

use nix::errno::Errno;
use nix::fcntl::{OFlag, open};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, tcsetpgrp};
use std::os::fd::OwnedFd;

/// Whether one can be made here.
pub fn can_be_made() -> bool {
    pair(OFlag::O_NOCTTY).is_ok()
}

/// Gives the session that this process leads a terminal, for as long as the process lives.
///
/// # Errors
/// Those of the system call that failed.
pub fn take_one() -> Result<(), Errno> {
    // Who leads a session that has no terminal gets the first that it opens (tty_ioctl(4), TIOCSCTTY).
    let pair = pair(OFlag::empty())?;
    // Once the master is closed, everybody is hung up on.
    std::mem::forget(pair);
    Ok(())
}

/// Puts a group of this process's session into the foreground of its terminal.
///
/// # Errors
/// open(2)'s and tcsetpgrp(3)'s.
pub fn put_in_foreground(group: u32) -> Result<(), Errno> {
    let terminal = open("/dev/tty", OFlag::O_RDWR | OFlag::O_CLOEXEC, Mode::empty())?;
    tcsetpgrp(&terminal, Pid::from_raw(group as i32))
}

fn pair(how: OFlag) -> Result<(PtyMaster, OwnedFd), Errno> {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    grantpt(&master)?;
    unlockpt(&master)?;
    let name = ptsname_r(&master)?;
    let terminal = open(name.as_str(), OFlag::O_RDWR | OFlag::O_CLOEXEC | how, Mode::empty())?;
    Ok((master, terminal))
}
