//! The signaller of this machine, with the kernel's own fence around reused pids.

#[cfg(target_os = "linux")]
pub(crate) mod pidfd;

use crate::{LocalSignaller, Signaller};
use std::env;

#[cfg(target_os = "linux")]
use std::{
    collections::HashMap,
    os::fd::{AsFd, OwnedFd},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// What keeps a signal for a group from whoever has its id later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fence {
    /// The kernel: pinned groups are signalled through a descriptor.
    Pidfd,
    /// Nothing: every group is signalled by kill(2), and whoever has the id now is hit.
    None,
}

/// Signals process groups of this machine as [`LocalSignaller`] does, but remembers who was meant: a group
/// that was [pinned](Signaller::pin) is signalled through a pidfd of its leader, so that no signal reaches
/// whoever has the id later, also when nobody noticed the exit. Give it to a registry, which pins what is
/// registered:
///
/// ```
/// use process_groups::{PinningSignaller, ProcessGroups};
/// use std::sync::Arc;
///
/// let groups = ProcessGroups::new(Arc::new(PinningSignaller::new()));
/// ```
///
/// - **Where it is in force**: on Linux 6.9 and later, for a group whose leader is there when it is registered, running or
///   not yet reaped. Otherwise kill(2) is used, as if it were a [`LocalSignaller`]. [`fence`](Self::fence) says what the
///   kernel can do, and [`is_pinned`](Self::is_pinned) what holds for a group.
/// - **What it costs**: a descriptor a pinned group, and never more than [`MOST_PINS`](Self::MOST_PINS): what comes beyond is
///   not pinned. The registry lets go of it on forget and on prune. They are closed on exec.
/// - **Off** when the environment variable [`VARIABLE`](Self::VARIABLE) is `off` at [`new`](Self::new), or by
///   [`without_pidfd`](Self::without_pidfd).
/// - **One registry each**: pins go by leader pid. Two registries that share one of these would let go of each other's.
///
/// Source: pidfd_open(2), pidfd_send_signal(2); measured on Linux 6.18.
#[derive(Debug)]
pub struct PinningSignaller {
    fence: Fence,
    #[cfg(target_os = "linux")]
    pins: Mutex<HashMap<u32, OwnedFd>>,
}

impl Default for PinningSignaller {
    fn default() -> Self {
        Self::new()
    }
}

impl PinningSignaller {
    /// The environment variable that turns pidfds off when it is `off`.
    pub const VARIABLE: &str = "PROCESS_GROUPS_PIDFD";
    /// The most descriptors that one holds: half of what many systems allow a process (`ulimit -n` is 1,024).
    pub const MOST_PINS: usize = 512;

    /// One that uses pidfds if the kernel can signal groups by them and the environment does not turn them
    /// off.
    pub fn new() -> Self {
        let is_off = env::var_os(Self::VARIABLE).is_some_and(|value| value == "off");
        Self::with(if is_off { Fence::None } else { offered() })
    }

    /// One that never uses pidfds: a [`LocalSignaller`].
    pub fn without_pidfd() -> Self {
        Self::with(Fence::None)
    }

    fn with(fence: Fence) -> Self {
        Self {
            fence,
            #[cfg(target_os = "linux")]
            pins: Mutex::default(),
        }
    }

    /// What is in force for groups that can be pinned.
    pub fn fence(&self) -> Fence {
        self.fence
    }

    /// Whether that group is pinned now: its next signal goes through a descriptor.
    pub fn is_pinned(&self, leader_pid: u32) -> bool {
        #[cfg(target_os = "linux")]
        {
            self.held().contains_key(&leader_pid)
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = leader_pid;
            false
        }
    }

    #[cfg(target_os = "linux")]
    fn held(&self) -> MutexGuard<'_, HashMap<u32, OwnedFd>> {
        self.pins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the kernel offers.
fn offered() -> Fence {
    #[cfg(target_os = "linux")]
    if pidfd::can_signal_groups() {
        return Fence::Pidfd;
    }
    Fence::None
}

impl Signaller for PinningSignaller {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        #[cfg(target_os = "linux")]
        {
            let (name, _) = crate::request::checked(leader_pid, signal_name)?;
            if let Some(pidfd) = self.held().get(&leader_pid) {
                let sent = pidfd::signal_group(pidfd.as_fd(), crate::local::signal_of(name) as i32);
                return crate::local::answer(sent, name, leader_pid);
            }
        }
        LocalSignaller.signal(leader_pid, signal_name)
    }

    /// As [`LocalSignaller`]; for a pinned group by its descriptor.
    #[cfg(unix)]
    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        #[cfg(target_os = "linux")]
        {
            let send = |leader: i32| match self.held().get(&leader.unsigned_abs()) {
                Some(pidfd) => pidfd::signal_group(pidfd.as_fd(), 0),
                None => nix::sys::signal::kill(nix::unistd::Pid::from_raw(-leader), None),
            };
            crate::local::exited::have_exited(leader_pids, send)
        }
        #[cfg(not(target_os = "linux"))]
        LocalSignaller.have_exited(leader_pids)
    }

    /// For a pinned group another descriptor of the leader that was pinned.
    #[cfg(unix)]
    fn exit_event(&self, leader_pid: u32) -> Option<std::os::fd::OwnedFd> {
        #[cfg(target_os = "linux")]
        if let Some(pidfd) = self.held().get(&leader_pid) {
            return pidfd.try_clone().ok();
        }
        LocalSignaller.exit_event(leader_pid)
    }

    fn pin(&self, leader_pid: u32) {
        #[cfg(target_os = "linux")]
        if self.fence == Fence::Pidfd {
            let mut pins = self.held();
            pins.remove(&leader_pid);
            let pid = i32::try_from(leader_pid).ok().filter(|pid| *pid > 1 && pins.len() < Self::MOST_PINS);
            // Whatever keeps it from being opened (the leader was reaped, no descriptor left), kill(2) is
            // what remains.
            if let Some(pidfd) = pid.and_then(|pid| pidfd::open(pid).ok()) {
                pins.insert(leader_pid, pidfd);
            }
        }
        #[cfg(not(target_os = "linux"))]
        let _ = leader_pid;
    }

    fn unpin(&self, leader_pid: u32) {
        #[cfg(target_os = "linux")]
        self.held().remove(&leader_pid);
        #[cfg(not(target_os = "linux"))]
        let _ = leader_pid;
    }
}
