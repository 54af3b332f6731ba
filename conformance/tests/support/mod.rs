//! What the tests of the command line share. Each test file uses a part of it.
#![allow(dead_code)]

pub mod crates;

use nix::sys::signal::{SigHandler, Signal, kill, signal};
use nix::unistd::Pid;
use serde_json::Value;
use signaller_places::missing;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_signaller-conformance");

/// How long a run may take before it counts as one that never ends.
const FOREVER: Duration = Duration::from_secs(900);

/// Has Ctrl-C end the program, as at a terminal: what a shell starts in the background ignores SIGINT (POSIX,
/// 2.12), and these tests with all that they start may be that.
pub fn heeds_ctrl_c(command: &mut Command) -> &mut Command {
    // SAFETY: signal(2) is async-signal-safe, and nothing else is done.
    unsafe { command.pre_exec(|| signal(Signal::SIGINT, SigHandler::SigDfl).map(drop).map_err(Into::into)) }
}

/// The Python interpreter itself, not a script that looks for it each time.
///
/// # Panics
/// As [`missing`].
pub fn python() -> Option<PathBuf> {
    let output = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output();
    match output.ok().filter(|output| output.status.success()) {
        Some(output) => Some(String::from_utf8_lossy(&output.stdout).trim().into()),
        None => missing("python3 is not installed"),
    }
}

/// A file of this package's sources.
pub fn source(path: impl AsRef<Path>) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a `check` of a conforming subject that writes a JSON report, under some limit. Returns what there was
/// too little of to begin, if there was; else it ran, and accused nobody.
///
/// # Panics
/// When a case failed or broke, when it panicked, or when it ended in any other way.
pub fn shortage(mut check: Command) -> Option<String> {
    for variable in ["PYTHONUNBUFFERED", "PERL_UNICODE"] {
        check.env_remove(variable);
    }
    let output = check.stdin(Stdio::null()).output().expect("it can be started");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    let summary = &report["summary"];
    let ended = format!("{check:?} ended with {}\n{summary}\n{told}", output.status);
    assert!(!told.contains("panicked"), "{ended}");
    match output.status.code() {
        Some(0) => {
            for status in ["failed", "warned", "broken"] {
                assert_eq!(summary[status], 0, "{ended}\n{report}");
            }
            assert!(summary["passed"].as_u64() > Some(0), "{ended}");
            None
        }
        Some(3) if output.stdout.is_empty() => {
            assert_eq!(
                told.matches("error: too little is left here to try even one case: ").count(),
                1,
                "{ended}"
            );
            Some(told)
        }
        _ => panic!("{ended}\n{report}"),
    }
}

/// What a run of the program under test came to.
#[derive(Debug)]
pub struct Run {
    /// Its exit status.
    pub status: Option<i32>,
    /// Its report, if it wrote one.
    pub report: Value,
    /// What it told on standard error.
    pub told: String,
}

/// One case of a report.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its id.
    pub id: String,
    /// Its requirement.
    pub requirement: String,
    /// Its status.
    pub status: String,
    /// Its message, empty if it has none.
    pub message: String,
}

impl Run {
    /// Runs `check` with a JSON report. `words` are the subject and its program.
    ///
    /// # Panics
    /// When it cannot be started or does not end.
    pub fn check(options: &[&str], words: &[&str]) -> Self {
        Self::check_with(options, words, &[])
    }

    /// The same with these variables in its environment.
    ///
    /// # Panics
    /// When it cannot be started or does not end.
    pub fn check_with(options: &[&str], words: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(PROGRAM);
        command
            .args(["check", "--format", "json"])
            .args(options)
            .args(words)
            .envs(environment.iter().copied());
        // Nothing is to be written beside the scripts, nor a failing history here.
        let folder = TempDir::new().expect("a folder can be made");
        command.env("PYTHONDONTWRITEBYTECODE", "1").current_dir(folder.path());
        // What a subject does must not depend on who runs the tests.
        command.env_remove("PYTHONUNBUFFERED").env_remove("PERL_UNICODE").env_remove("NODE_OPTIONS");
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let child = child.expect("the program under test starts");
        let pid = Pid::from_raw(child.id() as i32);
        let (ended, end) = mpsc::channel();
        let waiter = std::thread::spawn(move || ended.send(child.wait_with_output()));
        let output = end.recv_timeout(FOREVER).unwrap_or_else(|_| {
            // Not reaped yet, since the waiter waits: the pid is its own.
            let _ = kill(pid, Signal::SIGKILL);
            panic!("{words:?} keeps the suite from ending");
        });
        let _ = waiter.join();
        Self::of(output.expect("the program under test can be waited for"))
    }

    /// A run that has ended, with a JSON report on its standard output.
    pub fn of(output: Output) -> Self {
        Self {
            status: output.status.code(),
            report: serde_json::from_slice(&output.stdout).unwrap_or_default(),
            told: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The verdict, empty without a report.
    pub fn verdict(&self) -> &str {
        self.report["verdict"].as_str().unwrap_or_default()
    }

    /// Every case of the report.
    pub fn cases(&self) -> Vec<Case> {
        let rows = self.report["cases"].as_array().cloned().unwrap_or_default();
        let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
        rows.iter()
            .map(|row| Case {
                id: text(row, "case"),
                requirement: text(row, "requirement"),
                status: text(row, "status"),
                message: text(row, "message"),
            })
            .collect()
    }

    /// The cases with this status.
    pub fn with_status(&self, status: &str) -> Vec<Case> {
        self.cases().into_iter().filter(|case| case.status == status).collect()
    }
}
