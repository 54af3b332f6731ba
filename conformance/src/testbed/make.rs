//! What is unusual about a process that is forked, about where the subject is started, and about who sent a
//! signal.

use serde::{Deserialize, Serialize};

/// Of what make a process is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Make {
    /// As fork(2) makes it: one thread.
    #[default]
    Plain,
    /// With two threads: the second takes the signals, the first blocks every one.
    Threads,
    /// With a first thread that has left by exit(2) while the second lives on. `/proc/PID/stat` shows state
    /// Z, and the process is live: kill(2) reaches it, and wait(2) says nothing of it (measured on Linux
    /// 6.18).
    FirstThreadGone,
    /// With two threads: the second takes the signals, the first sleeps in the kernel, as one does that waits
    /// for a disk. `/proc/PID/stat` shows state D, and only SIGKILL wakes it: SIGSTOP stops nobody (TASK_KILLABLE;
    /// measured on Linux 6.18).
    AsleepInKernel,
    /// Not dumpable (PR_SET_DUMPABLE, prctl(2)): others may not read its environment and its descriptors, and
    /// where /proc hides processes they do not see it at all.
    Undumpable,
    /// A child subreaper (PR_SET_CHILD_SUBREAPER, prctl(2)): it adopts the orphans among its descendants.
    Subreaper,
    /// The leader of a session that has a terminal (pty(7)); whom it forks has it, too.
    Terminal,
    /// The first process of a PID namespace below the testbed's. The kernel drops signals that it has no
    /// handler for, and it ends only when every process of its namespace is reaped (pid_namespaces(7)).
    NamespaceInit,
}

/// What the subject sees in /proc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProcView {
    /// What everybody in the testbed sees.
    #[default]
    Whole,
    /// Its own user's dumpable processes and nobody else: /proc is mounted with
    /// `hidepid=ptraceable,subset=pid` (proc(5), Linux 5.8).
    Hiding,
}

/// Where a signal came from, as far as the process knows that got it (sigaction(2), `si_code` and `si_pid`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A process sent it, and none that the suite made so.
    #[default]
    Sent,
    /// A member that passes signals on sent it.
    PassedOn,
    /// The kernel raised it.
    Kernel,
}
