//! Stop everything that one window owns, wherever it runs.
//!
//! A window (an editor's terminal, a notebook, a job runner) starts commands, and each command becomes the
//! **leader** of an OS process group. When the window closes, every **member** of every group must be told to
//! stop: here, in a container, behind SSH. This crate holds the three parts of that:
//!
//! - [`Signaller`]: delivers one signal to one group in one authority. [`LocalSignaller`] is this machine's; those of
//!   containers, pods and SSH hosts are in [`remote`], which is also the name of the feature that has them (on by
//!   default).
//! - [`ProcessGroups`]: the registry of the groups one window owns. It asks its signaller for each and forgets
//!   the groups that have exited. [`stop`](ProcessGroups::stop) ends them all: SIGTERM, a grace period, SIGKILL to what
//!   is left. A signal or an exit notice that comes late hits no later owner of the pid; with [`PinningSignaller`] the
//!   kernel sees to it that nobody else is hit either.
//! - [`model`]: what both must do, as a pure specification. It shares no code with the two above.
//!
//! Whether a signaller keeps its promises is what the package `signaller-conformance` finds out.
//!
//! ```
//! use process_groups::{ProcessGroups, signaller_fn};
//! use std::sync::Arc;
//!
//! // Whatever reaches your processes, as a signaller: here one whose groups have all exited.
//! let mut groups = ProcessGroups::new(Arc::new(signaller_fn(|_leader_pid, _signal_name| Ok(false))));
//! groups.register(4242, "build");
//! let results = groups.signal_all("SIGTERM");
//! assert_eq!(results[0].1, Ok(false));
//! assert!(groups.entries().is_empty(), "an exited group is forgotten");
//! ```
// But for one module of two system calls: pinning/pidfd.rs.
#![deny(unsafe_code)]

mod local;
pub mod model;
mod name;
mod pinning;
mod registry;
#[cfg(all(unix, feature = "remote"))]
pub mod remote;
#[cfg(unix)]
mod request;
mod signaller;

pub use local::LocalSignaller;
pub use name::{SignalName, UnknownSignalName};
pub use pinning::{Fence, PinningSignaller};
pub use registry::{ProcessGroupEntry, ProcessGroups, Stop, StopCanceller, StopOutcome};
#[cfg(all(unix, feature = "remote"))]
pub use remote::{DockerSignaller, KubectlSignaller, PodmanSignaller, ShellSignaller, SshSignaller};
pub use signaller::{Signaller, SignallerFn, signaller_fn};
