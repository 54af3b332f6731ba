//! Signallers behind a script, and what is left of them.

use process_groups::ShellSignaller;
use signaller_places::assert_none_left;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A valid leader pid that no group has.
pub const NOBODYS: u32 = i32::MAX as u32;

/// A signaller behind a script of `sh`, which finds the words of the shell in `"$@"`.
pub fn behind(script: &str) -> ShellSignaller {
    ShellSignaller::behind(["sh", "-c", script, "sh"])
}

/// A word that the processes of one signaller have in their environment, to find what is left of them.
#[derive(Debug)]
pub struct Mark(String);

impl Mark {
    pub fn new() -> Self {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        Self(format!("remote-test-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed)))
    }

    /// The signaller of [`behind`], with the mark.
    pub fn behind(&self, script: &str) -> ShellSignaller {
        ShellSignaller::behind(["env", &format!("MARK={}", self.0), "sh", "-c", script, "sh"])
    }

    /// The processes that bear it, exited ones not among them.
    pub fn bearers(&self) -> Vec<String> {
        let mark = format!("MARK={}", self.0);
        let processes = fs::read_dir("/proc").expect("there is /proc").filter_map(Result::ok);
        let bears = |path: &Path| {
            let environment = fs::read(path.join("environ")).unwrap_or_default();
            environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
        };
        let told =
            |path: &Path| fs::read_to_string(path.join("cmdline")).unwrap_or_default().replace('\0', " ");
        processes.map(|entry| entry.path()).filter(|path| bears(path)).map(|path| told(&path)).collect()
    }

    /// Asserts that nobody bears it, also not after a while that a process may take to end whose input has.
    pub fn assert_gone(&self) {
        assert_none_left(|| self.bearers());
    }
}
