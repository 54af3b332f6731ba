//! A second uid for the sandbox of an ordinary user: one of those that /etc/subuid sets aside for that user,
//! mapped by newuidmap(1), which may do it where it is installed with the privilege for it.

use nix::fcntl::OFlag;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, Uid, User, fork, pipe2, read};
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Whose uids are set aside for whom: a line each of name or uid, the first uid, and how many (subuid(5)).
const SET_ASIDE: &str = "/etc/subuid";

/// `nobody`, as most systems have it.
const NOBODY: u32 = 65_534;

/// The uid, where groups are made, of another user than `uid`.
pub fn other_than(uid: u32) -> u32 {
    if uid == NOBODY { NOBODY - 1 } else { NOBODY }
}

/// A process that has stayed outside, where alone uids can be mapped that are not the caller's own.
#[derive(Debug)]
pub struct Mapper {
    child: Pid,
    /// Closed once there is a user namespace.
    go: OwnedFd,
}

/// One for this process, which has one thread, belongs to `uid` and enters a user namespace next. `None` if
/// no uid is set aside for that user.
pub fn mapper(uid: Uid) -> Option<Mapper> {
    let second = first_of(&fs::read_to_string(SET_ASIDE).ok()?, uid)?;
    let (uid, this) = (uid.as_raw(), std::process::id());
    let (ready, go) = pipe2(OFlag::O_CLOEXEC).ok()?;
    // SAFETY: this process has one thread.
    match unsafe { fork() }.ok()? {
        ForkResult::Parent { child } => Some(Mapper { child, go }),
        ForkResult::Child => {
            drop(go);
            let _ = read(&ready, &mut [0]);
            let words = [this, uid, uid, 1, other_than(uid), second, 1].map(|word| word.to_string());
            let mut newuidmap = Command::new("newuidmap");
            let newuidmap =
                newuidmap.args(words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            drop(newuidmap.exec());
            // SAFETY: _exit(2) is always safe to call; it leaves what the parent holds alone.
            unsafe { libc::_exit(1) }
        }
    }
}

impl Mapper {
    /// Maps the caller's uid and the second one in the user namespace that this process has entered. Returns
    /// whether that is done: newuidmap may not be there, or not privileged.
    pub fn map(self) -> bool {
        drop(self.go);
        matches!(waitpid(self.child, None), Ok(WaitStatus::Exited(_, 0)))
    }
}

/// The first uid that the text sets aside for a user.
fn first_of(text: &str, uid: Uid) -> Option<u32> {
    let name = User::from_uid(uid).ok().flatten().map(|user| user.name);
    let of_line = |line: &str| {
        let mut fields = line.split(':');
        let whose = fields.next()?;
        let first = fields.next()?.parse().ok()?;
        let is_theirs = Some(whose) == name.as_deref() || whose == uid.to_string();
        (is_theirs && fields.next()?.parse::<u32>().ok()? > 0).then_some(first)
    };
    text.lines().find_map(of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_name_or_by_uid_and_has_a_uid_at_least() {
        let root = Uid::from_raw(0);
        assert_eq!(first_of("ruth:1000:65536\nroot:100000:65536\n", root), Some(100_000));
        assert_eq!(first_of("0:7:1", root), Some(7));
        assert_eq!(first_of("root:100000:0\nroot:x:1\nroot\n\n00:1:1", root), None);
    }
}
