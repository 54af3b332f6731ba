//! What an agent says of itself when it comes up.

use serde::{Deserialize, Serialize};

/// What an agent can do where it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abilities {
    /// The agent's own pid there.
    pub pid: u32,
    /// Its user there.
    #[serde(default)]
    pub uid: u32,
    /// It is the first process of a PID namespace of its own: nothing that happens inside reaches out.
    pub sandboxed: bool,
    /// It can give a process a chosen pid, which nobody else does there.
    pub chosen_ids: bool,
    /// It can give a process a second uid.
    pub other_uid: bool,
    /// It can give a process any uid.
    pub any_uid: bool,
    /// It can start the subject in a Landlock domain.
    pub landlock: bool,
    /// It can take the privilege to signal other users' processes from the subject.
    pub drop_cap_kill: bool,
    /// The subject's system calls can be watched there.
    pub watch: bool,
    /// It can let the subject see another /proc.
    #[serde(default)]
    pub other_proc: bool,
    /// It can freeze processes.
    #[serde(default)]
    pub freezer: bool,
    /// It can make a PID namespace below its own.
    #[serde(default)]
    pub namespaces: bool,
    /// It can give a session a terminal.
    #[serde(default)]
    pub terminals: bool,
    /// One more than the largest pid that the kernel gives there (`/proc/sys/kernel/pid_max`).
    pub pid_max: u32,
}

impl Abilities {
    /// Whether there can be processes of another user that the subject may not signal.
    pub fn has_other_user(&self) -> bool {
        self.other_uid && self.drop_cap_kill
    }
}
