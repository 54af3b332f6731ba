//! A registry under test: the seven operations that it must have, and how it is served as a process.

pub mod script;
mod server;
pub mod wire;

pub use server::{serve, serve_made_by};

use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller};
use std::sync::Arc;

/// The seven operations of [`ProcessGroups`]. A type that has them, under whatever names, can be tried against
/// every requirement on a registry: implement this for it, or for a wrapper around it.
///
/// ```
/// use process_groups::{ProcessGroupEntry, ProcessGroups, Signaller};
/// use signaller_conformance::subject::registry::Registry;
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

    /// Asks the signaller for each entry. Returns each entry with its answer, and drops those that have exited.
    fn signal_all(&mut self, signal_name: &str) -> Vec<(ProcessGroupEntry, Result<bool, String>)>;

    /// Asks `signaller` from now on.
    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>);

    /// The entries, in order.
    fn entries(&self) -> Vec<ProcessGroupEntry>;
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
}
