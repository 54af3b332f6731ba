//! Processes that the subject may not signal, where no second user is available: each call for them gets in the kernel's
//! place what kill(2) says of processes of another user.

use crate::sys::pidfd;
use crate::testbed::agent::process::of_group;
use crate::testbed::calls::{Fate, Kind, SystemCall, Target};
use std::collections::HashSet;
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};

/// The processes that the subject may not signal, by their pids in the sandbox whose /proc is `proc`.
pub struct Forbidden<'a> {
    pub pids: &'a HashSet<u32>,
    pub proc: &'a OwnedFd,
}

impl Forbidden<'_> {
    /// What becomes of a call: it fails when nobody whom it is meant for may be signalled.
    pub fn fate_of(&self, call: &SystemCall) -> Fate {
        match call.target {
            _ if self.pids.is_empty() || call.kind == Kind::Open => Fate::Happens,
            Some(Target::Process(pid)) if self.pids.contains(&pid) => Fate::Refused,
            Some(Target::Group(id)) => match self.members(id) {
                (_, false) => Fate::Happens,
                (permitted, true) if permitted.is_empty() => Fate::Refused,
                _ => Fate::InPart,
            },
            _ => Fate::Happens,
        }
    }

    /// Sends the signal of a call to those members of the group that may be signalled.
    pub fn deliver(&self, call: &SystemCall) {
        let Some(Target::Group(id)) = call.target else { return };
        for pid in self.members(id).0 {
            // A folder of /proc stands for its process as a pidfd does, also from outside its PID namespace
            // (pidfd_send_signal(2)). Who has exited meanwhile is sent nothing.
            if let Ok(folder) = File::open(format!("/proc/self/fd/{}/{pid}", self.proc.as_raw_fd())) {
                let _ = pidfd::send(&folder, call.signal);
            }
        }
    }

    /// The members of a group that may be signalled, live or unreaped, and whether there are others.
    fn members(&self, group: u32) -> (Vec<u32>, bool) {
        let members = of_group(&format!("/proc/self/fd/{}", self.proc.as_raw_fd()), group);
        let (forbidden, permitted): (Vec<_>, Vec<_>) =
            members.into_iter().map(|(pid, _)| pid).partition(|pid| self.pids.contains(pid));
        (permitted, !forbidden.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::notify::Waiting;
    use crate::testbed::calls::CallingThread;
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Child, Command, Stdio};
    use std::time::Instant;

    fn cat(group: u32) -> Child {
        let mut cat = Command::new("cat");
        cat.process_group(group as i32).stdin(Stdio::piped()).spawn().expect("cat(1) is there")
    }

    fn kill(target: i64, signal: i32) -> SystemCall {
        let thread = nix::unistd::gettid().as_raw().cast_unsigned();
        let arguments = [target as u64, signal as u64, 0, 0, 0, 0];
        let waiting = Waiting { id: 1, thread, number: libc::SYS_kill, arguments };
        let by = CallingThread::of(thread, None).expect("this thread is there");
        SystemCall::new(Instant::now(), by, &waiting).expect("the call is known")
    }

    #[test]
    fn a_group_is_refused_only_when_none_of_it_may_be_signalled_and_else_those_get_it_who_may() {
        let mut leader = cat(0);
        let mut guest = cat(leader.id());
        let proc = OwnedFd::from(File::open("/proc").expect("Linux has it"));
        let id = i64::from(leader.id());
        let fates = |forbidden: &[u32], signal| {
            let pids = &forbidden.iter().copied().collect();
            let forbidden = Forbidden { pids, proc: &proc };
            [-id, id].map(|target| forbidden.fate_of(&kill(target, signal)))
        };
        let both = [leader.id(), guest.id()];
        assert_eq!(fates(&[], libc::SIGTERM), [Fate::Happens, Fate::Happens]);
        assert_eq!(fates(&both, libc::SIGTERM), [Fate::Refused, Fate::Refused]);
        assert_eq!(fates(&both, 0), [Fate::Refused, Fate::Refused]);
        assert_eq!(fates(&both[1..], libc::SIGTERM), [Fate::InPart, Fate::Happens]);
        let pids = &[leader.id()].into();
        Forbidden { pids, proc: &proc }.deliver(&kill(-id, libc::SIGTERM));
        assert_eq!(guest.wait().expect("it is a child").signal(), Some(libc::SIGTERM));
        drop(leader.stdin.take());
        assert!(leader.wait().expect("it is a child").success(), "it was sent nothing");
    }
}
