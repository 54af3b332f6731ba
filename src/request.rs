//! What a signaller refuses before anybody is asked.

use crate::{SignalName, UnknownSignalName};

/// The signal and the leader pid as kill(2) takes it: the name is read first, so that a misspelt one is never
/// taken for an exited group.
pub fn checked(leader_pid: u32, signal_name: &str) -> Result<(SignalName, i32), String> {
    let name: SignalName = signal_name.parse().map_err(|unknown: UnknownSignalName| unknown.to_string())?;
    let leader = raw_leader_pid(leader_pid).ok_or_else(|| refused_leader(leader_pid, name))?;
    Ok((name, leader))
}

/// The leader pid as kill(2) takes it, if a group can have it. Apart, so that this is tested without a system
/// call.
pub fn raw_leader_pid(leader_pid: u32) -> Option<i32> {
    i32::try_from(leader_pid).ok().filter(|&pid| pid > 1)
}

fn refused_leader(leader_pid: u32, name: SignalName) -> String {
    let meaning = match leader_pid {
        0 => "the caller's own group",
        1 => "every process",
        _ => "a single process, once it has wrapped",
    };
    format!(
        "refused to send {name} to leader pid {leader_pid}: kill(2) would take it for {meaning}; a leader \
         pid is 2 to {}",
        i32::MAX
    )
}

#[cfg(test)]
mod tests {
    use super::raw_leader_pid;

    #[test]
    fn only_2_to_the_largest_pid_t_is_a_leader_pid() {
        let largest = i32::MAX as u32;
        for refused in [0, 1, largest + 1, largest + 2, u32::MAX - 1, u32::MAX] {
            assert_eq!(raw_leader_pid(refused), None, "{refused}");
        }
        for (taken, raw) in [(2, 2), (4242, 4242), (largest, i32::MAX)] {
            assert_eq!(raw_leader_pid(taken), Some(raw));
        }
    }
}
