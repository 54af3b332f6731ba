//! Whose an id is where others start processes, too: once a group has exited and is reaped, the kernel may give
//! its id to anybody.

use super::roster::Roster;
use super::{LARGEST_ID, fork, process};
use crate::sys::proc::Stat;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// How many processes others may start before the subject has done what it is asked.
const AHEAD: u32 = 4_096;

impl Roster {
    /// Those of `ids` that somebody may have whom the suite did not make: now, or when others have started a few
    /// thousand processes more.
    ///
    /// # Errors
    /// When no process can be forked.
    pub fn strangers(&self, ids: &[u32]) -> Result<Vec<u32>, String> {
        let is_ours = |id| {
            self.knows(id)
                || process::process_of_thread(id).is_some_and(|pid| self.knows(pid))
                // One of a member's crowd.
                || Stat::of(id).is_some_and(|stat| self.knows(stat.parent))
        };
        let mut others: Vec<_> = ids.iter().copied().filter(|&id| !is_ours(id)).collect();
        if !others.is_empty() {
            // A member that outlives its leader keeps the group's id from being given away.
            let ours = self.groups();
            others.retain(|id| !ours.contains(id));
        }
        if others.is_empty() {
            return Ok(others);
        }
        let last = fork::last_id().map_err(|cause| format!("cannot fork a process: {}", cause.desc()))?;
        let pid_max = fork::pid_max();
        others.retain(|&id| is_taken(id) || comes_soon(id, last, pid_max));
        Ok(others)
    }
}

/// Whether the id is among the next that the kernel gives after `last`: it gives them in turn, and begins again
/// behind the largest (alloc_pid() in kernel/pid.c).
fn comes_soon(id: u32, last: u32, pid_max: u32) -> bool {
    let pid_max = if last < pid_max { pid_max } else { LARGEST_ID + 1 };
    id < pid_max && (id + pid_max - last) % pid_max < AHEAD.min(pid_max / 8)
}

/// Whether a process or a group has the id, by kill(2) with signal 0: EPERM means that one has.
fn is_taken(id: u32) -> bool {
    let Ok(id) = i32::try_from(id) else { return false };
    [id, -id].into_iter().any(|target| kill(Pid::from_raw(target), None) != Err(Errno::ESRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_soon_only_when_the_turn_is_nearly_round() {
        assert!(!comes_soon(20_000, 20_001, 32_768), "its process has just exited");
        assert!(comes_soon(20_000, 19_000, 32_768));
        assert!(comes_soon(400, 32_700, 32_768), "the turn begins again");
        assert!(!comes_soon(20_000, 15_000, 32_768));
        assert!(!comes_soon(40_000, 20_000, 32_768), "no kernel gives it");
        assert!(comes_soon(300_100, 300_000, 32_768), "pid_max could not be read");
    }

    #[test]
    fn an_id_is_taken_by_a_process_and_by_a_group() {
        assert!(is_taken(std::process::id()));
        assert!(is_taken(nix::unistd::getpgrp().as_raw().cast_unsigned()));
        assert!(!is_taken(LARGEST_ID + 1));
    }
}
