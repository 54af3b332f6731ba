//! Whether groups of this machine have exited, without a signal to anybody.

use crate::request::raw_leader_pid;
use nix::errno::Errno;

/// For each of `leader_pids`, in their order; `send` sends signal 0 to the group of that id, as kill(2) takes
/// it.
///
/// ESRCH means that nobody is left. EPERM and success mean that somebody is, but that may be members that
/// nobody has reaped yet, and the caller itself may be who should: whoever stops its own children and waits
/// for them afterwards would wait out every grace period. So on Linux a group that is there is looked for in
/// /proc.
pub fn have_exited(leader_pids: &[u32], send: impl Fn(i32) -> Result<(), Errno>) -> Vec<Option<bool>> {
    let is_there =
        |leader_pid: &u32| raw_leader_pid(*leader_pid).map(|leader| send(leader) != Err(Errno::ESRCH));
    let there: Vec<Option<bool>> = leader_pids.iter().map(is_there).collect();
    let left = leader_pids.iter().zip(&there).filter(|(_, there)| **there == Some(true));
    let unreaped = unreaped(&left.map(|(leader_pid, _)| *leader_pid).collect::<Vec<_>>());
    let has_exited = |(leader_pid, there): (&u32, Option<bool>)| {
        there.map(|there| !there || unreaped.contains(leader_pid))
    };
    leader_pids.iter().zip(there).map(has_exited).collect()
}

/// Those of these groups, each of which has members, whose members have all exited.
#[cfg(not(target_os = "linux"))]
fn unreaped(_: &[u32]) -> Vec<u32> {
    Vec::new()
}

#[cfg(target_os = "linux")]
use proc::unreaped;

#[cfg(target_os = "linux")]
mod proc {
    use std::collections::HashMap;
    use std::{fs, process};

    /// Those of these groups, each of which has members, whose members have all exited.
    ///
    /// A process that forks and exits can hide from one walk of /proc, so it takes two that see no live
    /// member; and each must see an exited one: a /proc that hides the group (`hidepid`, another PID
    /// namespace) proves nothing.
    pub fn unreaped(groups: &[u32]) -> Vec<u32> {
        // Most leaders live until their group ends, and one look at each spares the walk.
        let mut unreaped: Vec<u32> = groups.iter().copied().filter(|leader| !is_live(*leader)).collect();
        for _ in 0..2 {
            if unreaped.is_empty() || !proc_is_ours() {
                return Vec::new();
            }
            let seen = members();
            unreaped.retain(|group| seen.get(group) == Some(&false));
        }
        unreaped
    }

    /// Whether /proc is that of the PID namespace that the caller's pids count in.
    fn proc_is_ours() -> bool {
        fs::read_link("/proc/self").is_ok_and(|own| own.to_str() == Some(&process::id().to_string()))
    }

    fn is_live(pid: u32) -> bool {
        group_of(&pid.to_string()).is_some_and(|(_, is_live)| is_live)
    }

    /// The groups that there are, and whether a live member was seen.
    fn members() -> HashMap<u32, bool> {
        let mut seen = HashMap::new();
        let names = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.file_name());
        let pids =
            names.filter_map(|name| name.into_string().ok()).filter(|name| name.parse::<u32>().is_ok());
        for (group, is_live) in pids.filter_map(|pid| group_of(&pid)) {
            *seen.entry(group).or_insert(false) |= is_live;
        }
        seen
    }

    /// The group of a process, and whether it is live. One whose first thread has left reads as a zombie in
    /// /proc/PID/stat while others run; /proc/PID/task then has them.
    fn group_of(pid: &str) -> Option<(u32, bool)> {
        let (group, is_live) = stat(&format!("/proc/{pid}/stat"))?;
        if is_live {
            return Some((group, true));
        }
        let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let any = threads
            .filter_map(|thread| stat(thread.path().join("stat").to_str()?))
            .any(|(_, is_live)| is_live);
        Some((group, any))
    }

    /// Group and liveness of one line of proc_pid_stat(5). The name before the state may hold anything,
    /// parentheses too.
    fn stat(path: &str) -> Option<(u32, bool)> {
        let line = fs::read(path).ok()?;
        let behind_name = line.iter().rposition(|byte| *byte == b')')? + 1;
        let mut fields = std::str::from_utf8(&line[behind_name..]).ok()?.split_ascii_whitespace();
        let is_live = !matches!(fields.next()?, "Z" | "X" | "x");
        let group = fields.nth(1)?.parse().ok()?;
        Some((group, is_live))
    }
}
