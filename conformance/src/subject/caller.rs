//! What a signaller must leave as it was in the process that calls it.

use crate::roles::{self, Role};
use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::{Pid, getcwd, getpgrp, getsid};
use std::fs;
use std::io;
use std::process::{Child, Stdio};

/// The signals that the C library keeps for itself: it catches and blocks them with the first thread.
const OF_THE_LIBRARY: u64 = 1 << (32 - 1) | 1 << (33 - 1);

/// The calling process, with two children that are not the signaller's: one that lives and one that has exited
/// and waits to be reaped.
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
        let idle = |input: Stdio| roles::start(Role::Idle).stdin(input).stdout(Stdio::null()).spawn();
        let living = idle(Stdio::piped())?;
        let exited = idle(Stdio::null())?;
        waitid(Id::Pid(Pid::from_raw(exited.id() as i32)), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)?;
        Ok(Self { living, exited })
    }

    /// Makes a call and says what it changed, a sentence a change.
    pub fn watch<T>(&self, call: impl FnOnce() -> T) -> (T, Vec<String>) {
        let before = self.state();
        let result = call();
        let after = self.state();
        let changed = before.into_iter().zip(after).filter(|(before, after)| before != after);
        let sentences =
            changed.map(|((what, before), (_, after))| format!("{what} was {before} and is {after}"));
        (result, sentences.collect())
    }

    fn state(&self) -> Vec<(&'static str, String)> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |key: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(key));
            value.unwrap_or_default().trim().to_owned()
        };
        let signals = |key: &str| {
            let set = u64::from_str_radix(&field(key), 16).unwrap_or(0) & !OF_THE_LIBRARY;
            format!("{set:016x}")
        };
        let mut mask = SigSet::empty();
        let _ = pthread_sigmask(SigmaskHow::SIG_BLOCK, None, Some(&mut mask));
        vec![
            ("the thread's signal mask", format!("{:?}", mask.iter().collect::<Vec<_>>())),
            ("the set of ignored signals", signals("SigIgn:")),
            ("the set of caught signals", signals("SigCgt:")),
            (
                "the working directory",
                getcwd().map_or_else(|cause| cause.to_string(), |path| path.display().to_string()),
            ),
            ("the umask", field("Umask:")),
            ("the uids", field("Uid:")),
            ("the process group", getpgrp().to_string()),
            ("the session", getsid(None).map_or_else(|cause| cause.to_string(), |pid| pid.to_string())),
            ("a child of the caller's", describe(&self.living)),
            ("an exited child that the caller has not reaped yet", describe(&self.exited)),
        ]
    }
}

/// How a child is, without reaping it.
fn describe(child: &Child) -> String {
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
