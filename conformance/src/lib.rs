//! Runs a process-group signaller against its contract, on live process groups in a sandbox.
//!
//! A *signaller* ([`process_groups::Signaller`]) stops everything that a window owns: here, in a container,
//! behind SSH. This crate finds out which of its promises one breaks, and how, in an ordinary test:
//!
//! ```no_run
//! use process_groups::LocalSignaller; // or your own
//! use signaller_conformance::Suite;
//!
//! #[test]
//! fn conforms() {
//!     Suite::of(|| Ok::<_, String>(LocalSignaller)).assert();
//! }
//! ```
//!
//! [`Suite`] has the options, which are those of the command `signaller-conformance check`, and three ways to
//! run: as one test ([`assert`](Suite::assert)), as one test per case ([`main`](Suite::main)), and as a value
//! ([`run`](Suite::run)), a [`Report`]. [`Testbed`] makes the groups where your signaller reaches: in a
//! container, on a host.
//!
//! # What it needs
//! Linux. As root, everything is tried. An ordinary user needs user namespaces, and for some cases
//! newuidmap and a cgroup; what cannot be tried is skipped, and the report says why. Nothing that a faulty
//! signaller does reaches beyond the PID namespace in which its groups live.
//!
//! # Features
//! - `cli` (default): the command, with the report formats that only it writes. Take the crate with
//!   `default-features = false` for a test of your own.
//! - `mutants` (part of `cli`): the suite's evidence: signallers with one mistake each, and correct ones.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "signaller-conformance makes its sandboxes from Linux PID namespaces: run it on Linux, or in a Linux container"
);

// What the command, the project's own tests and its fuzzers need is public and undocumented: it may change at
// any time.
#[doc(hidden)]
pub mod authority;
#[doc(hidden)]
pub mod cases;
#[doc(hidden)]
pub mod contract;
#[doc(hidden)]
pub mod declared;
#[doc(hidden)]
pub mod dispatch;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod fuzz_names;
#[doc(hidden)]
pub mod harness;
#[doc(hidden)]
pub mod history;
#[cfg(feature = "mutants")]
#[doc(hidden)]
pub mod mutants;
#[doc(hidden)]
pub mod partition;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod subcommands;
#[doc(hidden)]
pub mod subject;
mod suite;
#[doc(hidden)]
pub mod sys;
#[doc(hidden)]
pub mod testbed;

#[doc(inline)]
pub use contract::{Level, Requirement, Side};
#[doc(inline)]
pub use declared::{Capability, InvalidCapability, Names};
#[doc(inline)]
pub use report::{CaseResult, Finding, Outcome, Report, Status, Summary, Verdict};
#[doc(inline)]
pub use subject::registry::{Meanwhile, Registry};
#[doc(inline)]
pub use subject::server::serve;
pub use suite::{NotRun, Suite};
#[doc(inline)]
pub use testbed::{Kernel, Testbed};
