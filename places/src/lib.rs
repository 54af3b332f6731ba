//! Containers and SSH servers for the tests and benchmarks of this workspace. Each removes itself.
//!
//! What needs a program that may not be installed returns an `Option`, and `None` after [`missing`] has said
//! what is not there. The test then returns and passes. With `SIGNALLER_CONFORMANCE_REQUIRE_ALL=1` it fails.
//!
//! ```no_run
//! # use signaller_places::Image;
//! let image = Image { name: "example".to_owned(), tools: &["sh", "sleep"], program: None };
//! let Some(container) = image.start() else { return };
//! container.must(&["exec", &container.name, "sh", "-c", "echo $$"]);
//! ```

mod container;
mod ssh_server;

pub use container::{Container, Image, NEVER_REAPS};
pub use ssh_server::SshServer;

use std::fmt::Debug;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// How long an engine or a server may take to end what a connection leaves behind.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Whether `SIGNALLER_CONFORMANCE_REQUIRE_ALL` is 1: what is missing is a failure, and what takes long is tried.
pub fn all_is_required() -> bool {
    std::env::var("SIGNALLER_CONFORMANCE_REQUIRE_ALL").as_deref() == Ok("1")
}

/// Whether a test that takes long is left out: it is unless [all is required](all_is_required). Says so.
pub fn is_left_out(what: &str) -> bool {
    if !all_is_required() {
        println!("not tried, since it takes long: {what}; SIGNALLER_CONFORMANCE_REQUIRE_ALL=1 tries it");
    }
    !all_is_required()
}

/// Says what a test needs and does not find.
///
/// # Panics
/// When [all is required](all_is_required).
pub fn missing<T>(what: &str) -> Option<T> {
    assert!(!all_is_required(), "{what}");
    println!("not tried: {what}");
    None
}

/// The path of a program that a test needs.
///
/// # Panics
/// As [`missing`].
pub fn program(name: &str) -> Option<PathBuf> {
    which::which(name).ok().or_else(|| missing(&format!("{name} is not installed")))
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started.
pub fn output(command: &mut Command) -> Output {
    command.output().unwrap_or_else(|cause| panic!("{command:?} does not run: {cause}"))
}

/// Waits until `left` is empty.
///
/// # Panics
/// When it is not within [`PATIENCE`].
pub fn assert_none_left<T: Debug>(left: impl Fn() -> Vec<T>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = left();
        if left.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "left behind: {left:?}");
        std::thread::yield_now();
    }
}

/// The last line of what a program wrote.
fn last_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim().lines().last().unwrap_or_default().to_owned()
}
