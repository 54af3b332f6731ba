//! Cutting the subject's link to its authority, and restoring it.
//!
//! Two hooks do it, commands of the implementer's own. They run in a process beside the suite, which waits
//! until the suite wants the link back or has ended by whatever, so that a link is never left cut.

mod hook_runner;

pub use hook_runner::run as run_hook_runner;

use crate::subcommands::{self, Subcommand};
use hook_runner::Orders;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;
use tempfile::TempPath;

/// How the subject's link can be cut and restored.
#[derive(Debug)]
pub struct Partition {
    sever: Vec<String>,
    restore: Vec<String>,
    /// A file that the hooks change, if they need one.
    _state: Option<TempPath>,
}

impl Partition {
    /// A link that the commands of these words cut and restore.
    pub fn by(sever: Vec<String>, restore: Vec<String>) -> Self {
        Self { sever, restore, _state: None }
    }

    /// A link that is open while `state` has an even number of bytes. The file is removed with the last use of
    /// this.
    #[cfg(feature = "mutants")]
    pub(crate) fn by_file(state: TempPath) -> Self {
        let path = state.to_string_lossy().into_owned();
        // A hook that is run once more, since it was too slow the first time, changes nothing.
        let longer_if = |rest: u8| {
            let script = format!("[ $(($(wc -c < \"$1\") % 2)) != {rest} ] || printf x >> \"$1\"");
            ["sh", "-c", &script, "sh", &path].map(str::to_owned).to_vec()
        };
        Self { _state: Some(state), ..Self::by(longer_if(0), longer_if(1)) }
    }

    /// Cuts the link, for which each hook may take `limit`.
    ///
    /// # Errors
    /// Why it may not be cut, with what the hook wrote. It has been restored then, as far as the other hook
    /// can.
    pub fn sever(&self, limit: Duration) -> Result<PartitionGuard, String> {
        let orders = Orders { sever: self.sever.clone(), restore: self.restore.clone(), limit };
        let failed = |cause: io::Error| format!("the hooks cannot be run: {cause}");
        let orders = serde_json::to_string(&orders).map_err(|cause| failed(cause.into()))?;
        let mut command = subcommands::start(Subcommand::HookRunner);
        command.arg(orders).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut hook_runner = command.spawn().map_err(failed)?;
        let output = hook_runner.stdout.take().map(BufReader::new);
        let mut guard = PartitionGuard { hook_runner, output };
        guard.receive().map(|()| guard)
    }
}

/// A link that is cut. It is restored when this is dropped, and also when this process ends.
#[derive(Debug)]
pub struct PartitionGuard {
    hook_runner: Child,
    output: Option<BufReader<ChildStdout>>,
}

impl PartitionGuard {
    /// Restores the link.
    ///
    /// # Errors
    /// Why it may still be cut, with what the hook wrote.
    pub fn restore(mut self) -> Result<(), String> {
        self.finish()
    }

    fn finish(&mut self) -> Result<(), String> {
        // The end of its input is the word to restore.
        drop(self.hook_runner.stdin.take());
        let restored = self.receive();
        let _ = self.hook_runner.wait();
        restored
    }

    /// Receives how a hook ended. The hook runner answers in bounded time.
    fn receive(&mut self) -> Result<(), String> {
        let mut line = String::new();
        let read = self.output.as_mut().map_or(Ok(0), |output| output.read_line(&mut line));
        match read {
            Ok(1..) => serde_json::from_str(&line).unwrap_or_else(|cause| Err(cause.to_string())),
            _ => Err("the process that runs the hooks has ended".to_owned()),
        }
    }
}

impl Drop for PartitionGuard {
    fn drop(&mut self) {
        if self.hook_runner.stdin.is_some() {
            // Whoever wants to know how it went calls `restore`.
            let _ = self.finish();
        }
    }
}
