//! What /proc says of processes (proc_pid_stat(5), proc_pid_status(5)), for signallers that look there.

use crate::sys::proc::{self, Stat, field};
use std::fs;

/// One process.
#[derive(Clone, Debug)]
pub struct Process {
    /// Its pid.
    pub pid: i32,
    /// Its command's name.
    pub name: String,
    /// The letter of its state.
    pub state: char,
    /// Its parent's pid.
    pub parent: i32,
    /// Its group's id.
    pub group: i32,
    /// Its session's id.
    pub session: i32,
    /// The number of its controlling terminal; 0 if it has none.
    pub terminal: i32,
    /// The id of the group in the foreground of that; -1 if it has none.
    pub foreground: i32,
    /// How many threads it has.
    pub threads: usize,
    /// When it began, in clock ticks since the system did.
    pub start: u64,
}

impl Process {
    /// The process of that pid; `None` when there is none.
    pub fn of(pid: i32) -> Option<Self> {
        let stat = Stat::of(pid.try_into().ok()?)?;
        Some(Self {
            pid,
            name: stat.name,
            state: stat.letter,
            parent: stat.parent as i32,
            group: stat.group as i32,
            session: stat.session as i32,
            terminal: stat.terminal,
            foreground: stat.foreground,
            threads: stat.threads,
            start: stat.start,
        })
    }

    /// Whether it has not exited: the letter alone is that of its first thread.
    pub fn is_live(&self) -> bool {
        !self.shows_exited() || self.threads > 1
    }

    /// Whether the letter of its state says that it has exited.
    pub fn shows_exited(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }

    /// The last column of `key` in its status, such as `NSpid`: what it is in its own PID namespace.
    pub fn innermost(&self, key: &str) -> Option<i32> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        field(&status, key)?.split_whitespace().last()?.parse().ok()
    }

    /// The id of the user whose it is; `None` when it is gone.
    pub fn user(&self) -> Option<u32> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        field(&status, "Uid")?.split_whitespace().next()?.parse().ok()
    }

    /// Whether it is this process's user's.
    pub fn is_own_users(&self) -> bool {
        self.user() == Some(nix::unistd::getuid().as_raw())
    }

    /// Whether it is stopped.
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, 'T' | 't')
    }

    /// Whether the set `key` of its status, such as `SigIgn`, holds `signal`.
    pub fn has(&self, key: &str, signal: i32) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let set = field(&status, key).and_then(|set| u64::from_str_radix(set, 16).ok());
        set.is_some_and(|set| set & (1 << (signal - 1)) != 0)
    }
}

/// The ids of the threads of a process.
pub fn threads(pid: i32) -> Vec<i32> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Every pid of this namespace, in one pass.
pub fn pids() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// Whether /proc shows other users' processes: where it does not, even a faulty signaller concludes nothing
/// from who is missing there.
pub fn shows_all() -> bool {
    Process::of(1).is_some()
}

/// What /proc/PID/stat says of each process, in one pass, for signallers that read it in their own way.
pub fn stats() -> Vec<String> {
    pids().into_iter().filter_map(|pid| proc::read(&format!("/proc/{pid}/stat"))).collect()
}

/// The group's id in the part of a stat that stands behind the command's name.
pub fn group_behind_the_name(part: &str) -> Option<i32> {
    part.split_whitespace().nth(2)?.parse().ok()
}

/// Every process of this namespace, in one pass.
pub fn all() -> Vec<Process> {
    pids().into_iter().filter_map(Process::of).collect()
}

/// Every process in the group `id`, in one pass, those that have exited and are not reaped included.
pub fn members(id: i32) -> Vec<Process> {
    all().into_iter().filter(|process| process.group == id).collect()
}

/// The processes that descend from `ancestor`, whatever group they are in, in one pass.
pub fn descendants(ancestor: i32) -> Vec<Process> {
    let everybody = all();
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![ancestor];
    while let Some(parent) = parents.pop() {
        let children = everybody.iter().filter(|process| process.parent == parent);
        for child in children {
            parents.push(child.pid);
            found.push(child.clone());
        }
    }
    found
}
