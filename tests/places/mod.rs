//! Places that tests and benchmarks make and remove: PID namespaces, containers, an SSH server. Each user has
//! a use for some of it.
#![allow(dead_code)]

pub mod container;
pub mod nursery;
pub mod server;

use std::path::PathBuf;
use std::process::{Command, Output};

/// The path of a program that a test needs. Without it the test says so and passes, as its caller returns
/// then.
///
/// # Panics
/// When it is missing though `SIGNALLER_CONFORMANCE_REQUIRE_ALL` is 1.
pub fn program(name: &str) -> Option<PathBuf> {
    which::which(name).ok().or_else(|| missing(&format!("{name} is not installed")))
}

/// Whether this is root, who alone makes groups of other users.
///
/// # Panics
/// As [`program`].
pub fn root() -> Option<()> {
    if nix::unistd::geteuid().is_root() { Some(()) } else { missing("it takes root to have a second user") }
}

/// Says what a test needs and does not find.
///
/// # Panics
/// When everything is required.
pub fn missing<T>(what: &str) -> Option<T> {
    assert!(std::env::var("SIGNALLER_CONFORMANCE_REQUIRE_ALL").as_deref() != Ok("1"), "{what}");
    println!("not tried: {what}");
    None
}

/// Runs a command to its end.
pub fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|cause| panic!("{command:?} does not run: {cause}"))
}
