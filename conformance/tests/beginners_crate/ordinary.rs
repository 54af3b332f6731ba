//! Each mistake in an ordinary test.

use beginners::{Panics, PlainKill, Waits};
use signaller_conformance::Suite;
use std::convert::Infallible;
use std::time::Duration;

#[test]
fn panics() {
    Suite::of(|| Ok::<_, Infallible>(Panics)).assert();
}

#[test]
fn waits() {
    Suite::of(|| Ok::<_, Infallible>(Waits)).timeout(Duration::from_secs(1)).assert();
}

#[test]
fn plain_kill() {
    Suite::of(|| Ok::<_, Infallible>(PlainKill)).assert();
}
