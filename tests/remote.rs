//! The signallers of other places, on live groups in places that these tests make and remove: PID namespaces
//! of this machine, containers, a host behind a real SSH server. Where no place of its own is needed, the
//! groups are children of the test.

#![cfg(all(target_os = "linux", feature = "remote"))]

/// These tests use a part of it.
#[allow(dead_code)]
mod cats;
#[path = "remote/cut.rs"]
mod cut;
#[path = "remote/docker.rs"]
mod docker;
#[path = "remote/lost.rs"]
mod lost;
#[path = "remote/noise.rs"]
mod noise;
#[path = "remote/nursery.rs"]
mod nursery;
#[path = "remote/shells.rs"]
mod shells;
#[path = "remote/ssh.rs"]
mod ssh;
#[path = "remote/support.rs"]
mod support;
