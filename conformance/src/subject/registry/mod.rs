//! A registry under test: the seven operations that it must have, two more for one that fences reused pids,
//! one more for one that stops its groups, and how it is served as a process.

pub mod script;
mod server;
pub mod wire;

pub use server::{serve, serve_made_by};

use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller, StopOutcome};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

/// What others do with a registry while it stops, and whether they then cancel the stop
/// ([`Break`](ControlFlow::Break)) or not.
pub type Meanwhile<'a> = &'a mut dyn FnMut(&mut dyn Registry) -> ControlFlow<()>;

/// The operations of [`ProcessGroups`]. A type that has the seven that are required, under whatever names,
/// can be tried against every requirement on a registry: implement this for it, or for a wrapper around it.
///
/// One that fences reused pids (its entries bear an [`incarnation`](ProcessGroupEntry::incarnation)) has two
/// operations more, and says so by [`fences`](Self::fences). What it does not say it is not asked: the
/// requirements on fencing are then inapplicable. Without fencing, entries are made by
/// `ProcessGroupEntry::new(leader_pid, label, 0)`.
///
/// ```
/// use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller};
/// use signaller_conformance::Registry;
/// use std::sync::Arc;
///
/// /// A registry that shares its list with others.
/// struct Shared(Arc<std::sync::Mutex<ProcessGroups>>);
///
/// impl Registry for Shared {
///     fn new(signaller: Arc<dyn Signaller>) -> Self {
///         Self(Arc::new(ProcessGroups::new(signaller).into()))
///     }
///     fn made_by_default() -> Self {
///         Self(Arc::default())
///     }
///     fn register(&mut self, leader_pid: u32, label: String) {
///         self.0.lock().unwrap().register(leader_pid, label);
///     }
///     fn forget(&mut self, leader_pid: u32) {
///         self.0.lock().unwrap().forget(leader_pid);
///     }
///     fn signal_all(&mut self, signal_name: &str) -> Vec<(ProcessGroupEntry, Result<bool, String>)> {
///         self.0.lock().unwrap().signal_all(signal_name)
///     }
///     fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
///         self.0.lock().unwrap().set_signaller(signaller);
///     }
///     fn entries(&self) -> Vec<ProcessGroupEntry> {
///         self.0.lock().unwrap().entries().to_vec()
///     }
/// }
/// ```
pub trait Registry {
    /// An empty registry whose groups live where `signaller` reaches.
    fn new(signaller: Arc<dyn Signaller>) -> Self
    where
        Self: Sized;

    /// An empty registry as it is made by default, for groups of this machine.
    fn made_by_default() -> Self
    where
        Self: Sized;

    /// Holds the group of `leader_pid` from now on, or gives the one that it holds a new label.
    fn register(&mut self, leader_pid: u32, label: String);

    /// Holds the group of `leader_pid` no longer.
    fn forget(&mut self, leader_pid: u32);

    /// Asks the signaller for each entry. Returns each entry with its answer, and drops those that have
    /// exited.
    fn signal_all(&mut self, signal_name: &str) -> Vec<(ProcessGroupEntry, Result<bool, String>)>;

    /// Asks `signaller` from now on.
    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>);

    /// The entries, in order.
    fn entries(&self) -> Vec<ProcessGroupEntry>;

    /// Whether it fences reused pids: it tells registrations apart by their incarnations, and has the two
    /// operations below. The same is declared by `--declare fencing` and
    /// [`Capability::Fencing`](crate::declared::Capability).
    fn fences() -> bool
    where
        Self: Sized,
    {
        false
    }

    /// Asks the signaller for those of `targets` that still stand. Returns each target with its answer, and
    /// drops those that have exited. The default says of each that this registry is not fenced.
    fn signal_targets(
        &mut self,
        _signal_name: &str,
        targets: &[ProcessGroupEntry],
    ) -> Vec<(ProcessGroupEntry, Result<bool, String>)> {
        let not_fenced = || Err("this registry is not fenced: it cannot signal targets".to_owned());
        targets.iter().map(|target| (target.clone(), not_fenced())).collect()
    }

    /// Holds the group of `leader_pid` no longer, if it bears that label. The default does nothing: the
    /// registry is not fenced, and whose entry that is it cannot say.
    fn forget_registration(&mut self, _leader_pid: u32, _label: &str) {}

    /// Whether it stops its groups: it has the operation below. The same is declared by `--declare stopping`
    /// and [`Capability::Stopping`](crate::declared::Capability).
    fn stops() -> bool
    where
        Self: Sized,
    {
        false
    }

    /// Sends SIGTERM to all, waits until each has exited or `grace` is over, and sends SIGKILL to what is
    /// left. Returns how each came out.
    ///
    /// A registry is in use while it stops: call `meanwhile` once, with it, when SIGTERM was sent, before
    /// anything else is done. One behind a lock lets go of it for that.
    ///
    /// Whether a group has exited is to be learned by [`Signaller::have_exited`] alone. The default says of
    /// each that this registry cannot stop.
    fn stop(&mut self, _grace: Duration, _meanwhile: Meanwhile<'_>) -> Vec<(ProcessGroupEntry, StopOutcome)> {
        let cannot = || StopOutcome::Failed("this registry cannot stop its groups".to_owned());
        self.entries().into_iter().map(|entry| (entry, cannot())).collect()
    }
}

impl Registry for ProcessGroups {
    fn new(signaller: Arc<dyn Signaller>) -> Self {
        ProcessGroups::new(signaller)
    }

    fn made_by_default() -> Self {
        ProcessGroups::default()
    }

    fn register(&mut self, leader_pid: u32, label: String) {
        ProcessGroups::register(self, leader_pid, label);
    }

    fn forget(&mut self, leader_pid: u32) {
        ProcessGroups::forget(self, leader_pid);
    }

    fn signal_all(&mut self, signal_name: &str) -> Vec<(ProcessGroupEntry, Result<bool, String>)> {
        ProcessGroups::signal_all(self, signal_name)
    }

    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        ProcessGroups::set_signaller(self, signaller);
    }

    fn entries(&self) -> Vec<ProcessGroupEntry> {
        ProcessGroups::entries(self).to_vec()
    }

    fn fences() -> bool {
        true
    }

    fn signal_targets(
        &mut self,
        signal_name: &str,
        targets: &[ProcessGroupEntry],
    ) -> Vec<(ProcessGroupEntry, Result<bool, String>)> {
        ProcessGroups::signal_targets(self, signal_name, targets)
    }

    fn forget_registration(&mut self, leader_pid: u32, label: &str) {
        ProcessGroups::forget_registration(self, leader_pid, label);
    }

    fn stops() -> bool {
        true
    }

    fn stop(&mut self, grace: Duration, meanwhile: Meanwhile<'_>) -> Vec<(ProcessGroupEntry, StopOutcome)> {
        let mut stop = self.begin_stop(grace);
        if meanwhile(self).is_break() {
            stop.canceller().cancel();
        }
        loop {
            if let Some(results) = stop.advance(self) {
                return results;
            }
            stop.wait();
        }
    }
}
