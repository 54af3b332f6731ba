//! Another kernel's answers to kill(2), given in the place of this one's.

use crate::sys::proc::Stat;
use crate::testbed::agent::process::of_group;
use serde::{Deserialize, Serialize};
use std::os::fd::{AsRawFd, OwnedFd};

/// Whose answers the subject's calls of kill(2) get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[non_exhaustive]
pub enum Kernel {
    /// Those of the kernel that is here.
    #[default]
    Linux,
    /// Darwin's, where it answers otherwise for a group: EPERM when every member has exited and is not reaped.
    /// `killpg1` of XNU (bsd/kern/kern_sig.c) leaves out members in state SZOMB, and when that leaves nobody,
    /// answers EPERM for a group that it has found. A group is found until its last member is reaped, and for
    /// a moment after that.
    Darwin,
}

impl Kernel {
    /// What another kernel's answers cannot be given without.
    pub const NEEDS: &str = "another kernel's answers are for a subject beside the groups, in a sandbox, whose system \
                             calls the suite may watch (seccomp user notification, Linux 5.5 on)";

    /// Its name, if it is not the one that is here.
    pub fn other(self) -> Option<&'static str> {
        (self == Self::Darwin).then_some("darwin")
    }
}

/// Whether Darwin refuses to signal the group `id`, going by `proc`, the /proc in which that is its id: somebody
/// is in it, and all of them have exited. Where nobody is in it, `is_lingering` is asked whether it is found
/// all the same.
pub fn refuses_on_darwin(proc: &OwnedFd, id: u32, is_lingering: impl FnOnce() -> bool) -> bool {
    let look = || of_group(&format!("/proc/self/fd/{}", proc.as_raw_fd()), id);
    let pids = |members: &[(u32, Stat)]| members.iter().map(|(pid, _)| *pid).collect::<Vec<_>>();
    let members = look();
    if members.is_empty() {
        return is_lingering();
    }
    // Two looks that agree: of a group that forks without pause, one may see those alone that have exited.
    members.iter().all(|(_, stat)| stat.is_zombie()) && pids(&members) == pids(&look())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};

    #[test]
    fn darwin_refuses_a_group_of_the_unreaped_and_one_that_lingers() {
        let proc = OwnedFd::from(File::open("/proc").expect("Linux has it"));
        let refuses = |id, lingers| refuses_on_darwin(&proc, id, || lingers);
        let mut leader =
            Command::new("cat").process_group(0).stdin(Stdio::piped()).spawn().expect("cat is here");
        let id = leader.id();
        assert!(!refuses(id, true), "it is live");
        drop(leader.stdin.take());
        let exited = crate::sys::pidfd::open(id).expect("a child that was not reaped");
        let mut fds =
            [nix::poll::PollFd::new(std::os::fd::AsFd::as_fd(&exited), nix::poll::PollFlags::POLLIN)];
        while nix::poll::poll(&mut fds, nix::poll::PollTimeout::NONE) == Err(nix::errno::Errno::EINTR) {}
        assert!(refuses(id, false), "it has exited and is not reaped");
        leader.wait().expect("it is a child");
        assert!(!refuses(id, false) && refuses(id, true), "nobody is in it");
    }
}
