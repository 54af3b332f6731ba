//! Runs a process-group signaller against its contract, on live process groups in a sandbox.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "signaller-conformance makes its sandboxes from Linux PID namespaces: run it on Linux, or in a Linux container"
);

pub mod authority;
pub mod cases;
pub mod contract;
pub mod declared;
pub mod fuzz_names;
pub mod harness;
pub mod history;
pub mod mutants;
pub mod partition;
pub mod report;
pub mod roles;
pub mod subject;
mod suite;
pub mod sys;
pub mod testbed;

pub use suite::Suite;
pub use testbed::Testbed;
