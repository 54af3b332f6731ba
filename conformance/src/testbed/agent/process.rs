//! What /proc says of a process (proc_pid_stat(5), proc_pid_status(5)).

use crate::testbed::protocol::State;
use std::fs;
use std::io;

/// One process by its line in `/proc/PID/stat`.
#[derive(Debug)]
pub struct Stat {
    /// The command's name, at most 15 bytes.
    pub name: String,
    /// The letter of its state.
    letter: char,
    /// Its parent's pid.
    pub parent: u32,
    /// How many threads it has.
    pub threads: usize,
    /// Its wait status, once it has exited.
    wait_status: i32,
}

impl Stat {
    /// The process `pid`; `None` when there is none.
    pub fn of(pid: u32) -> Option<Self> {
        let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name may hold spaces and parentheses: the fields are counted from after its end.
        let (head, tail) = line.rsplit_once(')')?;
        let fields: Vec<&str> = tail.split_whitespace().collect();
        Some(Self {
            name: head.split_once('(')?.1.to_owned(),
            letter: fields.first()?.chars().next()?,
            parent: fields.get(1)?.parse().ok()?,
            threads: fields.get(17)?.parse().ok()?,
            wait_status: fields.get(49)?.parse().ok()?,
        })
    }

    /// Whether it has exited and is not reaped.
    pub fn is_zombie(&self) -> bool {
        matches!(self.letter, 'Z' | 'X')
    }

    /// How it is.
    pub fn state(&self) -> State {
        match self.letter {
            'Z' | 'X' if self.wait_status & 0x7f != 0 => State::Killed(self.wait_status & 0x7f),
            'Z' | 'X' => State::Exited(self.wait_status >> 8),
            'T' | 't' => State::Stopped,
            _ => State::Running,
        }
    }
}

/// The signals that are sent to `pid` and still pending, SIGCHLD left out.
pub fn pending(pid: u32) -> Vec<i32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let bits = |key: &str| {
        status
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .and_then(|value| u64::from_str_radix(value.trim(), 16).ok())
            .unwrap_or(0)
    };
    let set = bits("SigPnd:") | bits("ShdPnd:");
    (1..=64).filter(|signal| set & (1 << (signal - 1)) != 0 && *signal != libc::SIGCHLD).collect()
}

/// How many descriptors `pid` has open; 0 when it may not be looked at.
pub fn descriptors(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// The threads of `pid`.
pub fn threads(pid: u32) -> Vec<u32> {
    numbers_in(&format!("/proc/{pid}/task")).unwrap_or_default()
}

/// Every process of this PID namespace.
///
/// # Errors
/// When /proc cannot be listed.
pub fn all() -> io::Result<Vec<u32>> {
    numbers_in("/proc")
}

fn numbers_in(folder: &str) -> io::Result<Vec<u32>> {
    let names = fs::read_dir(folder)?.filter_map(Result::ok);
    Ok(names.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}
