//! What a signaller must leave as it was in the process that calls it.

use crate::subcommands::{self, Subcommand};
use crate::sys::proc::field;
use crate::testbed::protocol::signal_name;
use nix::errno::Errno;
use nix::sys::prctl::get_child_subreaper;
use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, getcwd, getpgrp, getsid};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The signals that the C library keeps for itself: it catches them with the first thread.
const OF_THE_LIBRARY: [i32; 2] = [32, 33];
/// The largest signal number (Linux has 64).
const LAST_SIGNAL: i32 = 64;

/// The calling process, with two children that are not the signaller's: one that lives and one that has
/// exited and waits to be reaped.
#[derive(Debug)]
pub struct Caller {
    living: Child,
    exited: Child,
}

impl Caller {
    /// Starts the two children.
    ///
    /// # Errors
    /// When a child cannot be started or waited for.
    pub fn new() -> io::Result<Self> {
        let idle =
            |input: Stdio| subcommands::start(Subcommand::Idle).stdin(input).stdout(Stdio::null()).spawn();
        let living = idle(Stdio::piped())?;
        let exited = idle(Stdio::null())?;
        let exit = || {
            waitid(Id::Pid(Pid::from_raw(exited.id() as i32)), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)
        };
        // A signaller may have a timer.
        let mut waited = exit();
        while waited == Err(Errno::EINTR) {
            waited = exit();
        }
        waited?;
        Ok(Self { living, exited })
    }

    /// Makes a call and says what it changed, a sentence a change.
    pub fn watch<T>(&self, call: impl FnOnce() -> T) -> (T, Vec<String>) {
        let before = self.state();
        let result = call();
        let after = self.state();
        let what: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        let changed = what.into_iter().filter(|what| before.get(*what) != after.get(*what));
        let how = |state: &BTreeMap<_, String>, what| state.get(what).cloned().unwrap_or("unset".to_owned());
        let sentences =
            changed.map(|what| format!("{what} was {} and is {}", how(&before, what), how(&after, what)));
        (result, sentences.collect())
    }

    /// All that is looked at, each with how it is.
    fn state(&self) -> BTreeMap<String, String> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |key: &str| field(&status, key).unwrap_or_default().to_owned();
        let mut mask = SigSet::empty();
        let _ = pthread_sigmask(SigmaskHow::SIG_BLOCK, None, Some(&mut mask));
        let or_cause = |result: nix::Result<String>| result.unwrap_or_else(|cause| cause.to_string());
        let mut state: BTreeMap<_, _> = [
            ("the thread's signal mask", format!("{:?}", mask.iter().collect::<Vec<_>>())),
            ("the working directory", or_cause(getcwd().map(|path| path.display().to_string()))),
            ("the umask", field("Umask")),
            ("the uids", field("Uid")),
            ("the gids", field("Gid")),
            ("the privileges", field("CapEff")),
            ("the process group", getpgrp().to_string()),
            ("the session", or_cause(getsid(None).map(|pid| pid.to_string()))),
            ("the adoption of orphans (subreaper)", or_cause(get_child_subreaper().map(|on| on.to_string()))),
            ("a child of the caller's", describe(&self.living)),
            ("an exited child that the caller has not reaped yet", describe(&self.exited)),
        ]
        .map(|(what, how)| (what.to_owned(), how))
        .into();
        let signals = (1..=LAST_SIGNAL).filter(|signal| !OF_THE_LIBRARY.contains(signal));
        state.extend(
            signals.map(|signal| (format!("what {} does", signal_name(signal)), disposition(signal))),
        );
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let limits = limits.lines().skip(1).filter_map(|line| line.split_once("  "));
        state.extend(limits.map(|(what, how)| (format!("the limit of {what}"), how.trim().to_owned())));
        let variables = std::env::vars_os();
        let of_variable = |name: OsString| format!("the environment variable {}", name.to_string_lossy());
        state.extend(variables.map(|(name, value)| (of_variable(name), format!("{value:?}"))));
        state
    }
}

/// What a signal does to this process.
fn disposition(signal: i32) -> String {
    // SAFETY: without a new action sigaction(2) only writes to `action`, for which zeroes are a value.
    let (known, action) = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        (libc::sigaction(signal, std::ptr::null(), &raw mut action) == 0, action)
    };
    match action.sa_sigaction {
        _ if !known => "unknown".to_owned(),
        libc::SIG_DFL => format!("the default (flags {:#x})", action.sa_flags),
        libc::SIG_IGN => "ignored".to_owned(),
        handler => format!("caught at {handler:#x} (flags {:#x})", action.sa_flags),
    }
}

/// How long a child that was sent a signal may take to show what the signal did to it.
const SETTLING: Duration = Duration::from_secs(2);

/// How a child is, without reaping it, as soon as it is at rest: a signal has been sent when the call
/// returns, but its receiver may not have had the processor yet.
fn describe(child: &Child) -> String {
    let deadline = Instant::now() + SETTLING;
    loop {
        let now = glance(child);
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        if at_rest(&status) && glance(child) == now || Instant::now() > deadline {
            return now;
        }
        thread::yield_now();
    }
}

/// Whether a process with that status (proc_pid_status(5)) has exited, or sleeps or is stopped with no signal
/// pending.
fn at_rest(status: &str) -> bool {
    let field = |key: &str| field(status, key).unwrap_or_default();
    let nothing = |key| field(key).bytes().all(|digit| digit == b'0');
    match field("State").bytes().next() {
        Some(b'S' | b'T') => nothing("SigPnd") && nothing("ShdPnd"),
        Some(b'Z') | None => true,
        Some(_) => false,
    }
}

/// How a child is at this moment, without reaping it.
fn glance(child: &Child) -> String {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WSTOPPED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    match waitid(Id::Pid(Pid::from_raw(child.id() as i32)), flags) {
        Ok(WaitStatus::StillAlive) => "running".to_owned(),
        Ok(WaitStatus::Exited(_, status)) => format!("waiting to be reaped (status {status})"),
        Ok(WaitStatus::Signaled(_, signal, _)) => format!("ended by {signal}"),
        Ok(status) => format!("{status:?}"),
        Err(Errno::ECHILD) => "reaped by somebody else".to_owned(),
        Err(cause) => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_at_rest_when_nothing_is_about_to_happen_to_it() {
        let status =
            |state: &str, pending: &str| format!("State:\t{state}\nSigPnd:\t{pending}\nShdPnd:\t0000\n");
        assert!(at_rest(&status("S (sleeping)", "0000")));
        assert!(at_rest(&status("T (stopped)", "0000")));
        assert!(at_rest(&status("Z (zombie)", "0100")));
        assert!(at_rest(""), "it was reaped");
        assert!(!at_rest(&status("R (running)", "0000")));
        assert!(!at_rest(&status("S (sleeping)", "0100")));
    }

    #[test]
    fn what_was_done_to_a_child_is_seen_at_once() {
        let mut child =
            std::process::Command::new("cat").stdin(Stdio::piped()).spawn().expect("cat(1) is there");
        assert_eq!(describe(&child), "running");
        child.kill().expect("it is a child of this process");
        assert_eq!(describe(&child), "ended by SIGKILL");
        child.wait().expect("it was not reaped");
        assert_eq!(describe(&child), "reaped by somebody else");
    }
}
