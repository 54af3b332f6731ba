//! What was there before: an application's own, asynchronous way to end what it started, with its own types.

use anyhow::Context;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Signals process groups somewhere.
#[expect(async_fn_in_trait, reason = "its callers are in this application, and wait for the answer where they are")]
pub trait ProcessControl {
    /// Sends `signal` to the group `pgid`.
    async fn kill_group(&self, pgid: i32, signal: Signal) -> anyhow::Result<()>;
}

/// Signals groups of this machine.
#[derive(Debug)]
pub struct LocalControl;

impl ProcessControl for LocalControl {
    async fn kill_group(&self, pgid: i32, signal: Signal) -> anyhow::Result<()> {
        // The cause stays in the error, where whoever must know can find it.
        killpg(Pid::from_raw(pgid), signal).with_context(|| format!("could not send {signal} to group {pgid}"))
    }
}
