//! What delivers a signal in one authority.

use std::fmt;
#[cfg(unix)]
use std::os::fd::OwnedFd;
use std::sync::Arc;

/// Delivers signals to process groups in one authority: this machine, a container, a host behind SSH.
///
/// What an implementation owes its callers beyond these signatures (every live member is reached, once;
/// nothing outside the group is; unknown names and leader pids 0, 1 and above `i32::MAX` are refused; …) is
/// the contract that the package `signaller-conformance` checks.
pub trait Signaller: Send + Sync + fmt::Debug {
    /// Sends the signal named `signal_name` to every live member of the group whose id is `leader_pid`.
    ///
    /// Returns `Ok(true)` when the signal was delivered to a live group: it has been sent to every member
    /// that could be signalled. `Ok(false)` means that the group has exited: nothing was done, and asking
    /// again is safe.
    ///
    /// # Errors
    /// A message for people, when the name is not one of `SIGTERM`, `SIGKILL`, `SIGINT` and `SIGHUP`, when no
    /// group can have that leader pid, when permission is refused, or when the authority cannot be asked. The
    /// caller keeps its entry.
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String>;

    /// One answer for each of `leader_pids`, in their order.
    ///
    /// The default asks [`signal`](Self::signal) one by one. Override it where a call is a round trip.
    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Result<bool, String>> {
        leader_pids.iter().map(|&leader_pid| self.signal(leader_pid, signal_name)).collect()
    }

    /// The group of `leader_pid` was registered: whoever leads it now is whom later signals are for. No
    /// signal may be sent, and nothing need be done; the default does nothing.
    ///
    /// For a signaller that can hold on to a group beyond its id, such as
    /// [`PinningSignaller`](crate::PinningSignaller). A registry calls it for each entry that it makes and,
    /// after [`unpin`](Self::unpin), for one that gets another owner.
    fn pin(&self, _leader_pid: u32) {}

    /// The group of `leader_pid` is no longer registered: what [`pin`](Self::pin) holds of it can go. The
    /// default does nothing.
    fn unpin(&self, _leader_pid: u32) {}

    /// For each of `leader_pids`, in their order: whether its group has exited. `None` where this signaller
    /// cannot tell, which is the default. Nobody may be signalled.
    ///
    /// A [stop](crate::ProcessGroups::stop) asks this again and again while it waits. It does not ask by
    /// [`signal`]: the four names all reach the members, and to many a program a second SIGTERM means "at
    /// once". Without it a stop lasts as long as its grace period; what has exited then shows in the answer
    /// to SIGKILL.
    ///
    /// A group that nobody has reaped yet may count as exited here, though [`signal`] says delivered: no
    /// member of it can do anything any more. Say `Some(true)` only when that is certain: the group is not
    /// killed then.
    ///
    /// [`signal`]: Self::signal
    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        vec![None; leader_pids.len()]
    }

    /// A descriptor that is readable (poll(2)) once the leader of the group has exited, such as a pidfd.
    /// `None` where there is none, which is the default.
    ///
    /// A [stop](crate::ProcessGroups::stop) waits for it, and asks [`have_exited`](Self::have_exited) from
    /// then on. Until then the group counts as live, and nobody is asked. It does so for the first 128 groups
    /// that have one, and asks `have_exited` for the others all the time: a process may not have more than some
    /// thousand descriptors.
    #[cfg(unix)]
    fn exit_event(&self, _leader_pid: u32) -> Option<OwnedFd> {
        None
    }
}

/// A pointer to a signaller is a signaller, with the batch form of the one it points to.
macro_rules! forward_through {
    ($($pointer:ty),*) => {$(
        impl<S: Signaller + ?Sized> Signaller for $pointer {
            fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
                (**self).signal(leader_pid, signal_name)
            }

            fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Result<bool, String>> {
                (**self).signal_each(leader_pids, signal_name)
            }

            fn pin(&self, leader_pid: u32) {
                (**self).pin(leader_pid);
            }

            fn unpin(&self, leader_pid: u32) {
                (**self).unpin(leader_pid);
            }

            fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
                (**self).have_exited(leader_pids)
            }

            #[cfg(unix)]
            fn exit_event(&self, leader_pid: u32) -> Option<OwnedFd> {
                (**self).exit_event(leader_pid)
            }
        }
    )*};
}
forward_through!(&S, Box<S>, Arc<S>);

/// A [`Signaller`] made from a closure by [`signaller_fn`].
#[derive(Clone, Copy)]
pub struct SignallerFn<F>(F);

/// Makes a [`Signaller`] from a closure over leader pid and signal name, so that a trait of another crate is
/// adapted in a line.
///
/// ```
/// use process_groups::{Signaller, signaller_fn};
///
/// // A type of another crate, with a method of its own.
/// struct Theirs;
/// impl Theirs {
///     fn stop(&self, group: u32, name: &str) -> Result<bool, String> {
///         Err(format!("cannot send {name} to group {group} yet"))
///     }
/// }
///
/// let theirs = Theirs;
/// let signaller = signaller_fn(move |leader_pid, signal_name| theirs.stop(leader_pid, signal_name));
/// assert!(signaller.signal(4242, "SIGTERM").is_err());
/// ```
pub fn signaller_fn<F>(signal: F) -> SignallerFn<F>
where
    F: Fn(u32, &str) -> Result<bool, String> + Send + Sync,
{
    SignallerFn(signal)
}

impl<F> Signaller for SignallerFn<F>
where
    F: Fn(u32, &str) -> Result<bool, String> + Send + Sync,
{
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        (self.0)(leader_pid, signal_name)
    }
}

impl<F> fmt::Debug for SignallerFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignallerFn({})", std::any::type_name::<F>())
    }
}
