//! What the suite asks of the agent, and what the agent answers: one JSON object a line, an answer a
//! question.

pub use super::abilities::Abilities;
use super::make::{Make, ProcView};
pub use super::seen::{Load, Memory, Receipt, Seen, State, signal_name};
use serde::{Deserialize, Serialize};
use std::ffi::CString;
use std::time::Duration;

/// One question to the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Request {
    /// Fork one process. Answered by [`Reply::Forked`].
    Fork(Fork),
    /// Start the subject. Answered by [`Reply::Started`].
    Start(Program),
    /// Run everybody on one processor, and the subject only when nobody else there wants to run: whoever it
    /// signals runs before its next step.
    Yield,
    /// Look at each process that the agent forked, the subject's parent included, at the agent itself and at
    /// the subject. Answered by [`Reply::Seen`].
    Snapshot,
    /// Let a process exit and wait until it has. It stays unreaped.
    Exit {
        /// Which.
        pid: u32,
    },
    /// End a process with SIGKILL and wait until it has exited. It stays unreaped.
    Kill {
        /// Which.
        pid: u32,
    },
    /// Reap a process that has exited.
    Reap {
        /// Which.
        pid: u32,
    },
    /// Reap each of these as soon as it has exited. Answered by [`Reply::Members`] with those that have not,
    /// after the wait.
    ReapAsTheyExit {
        /// Which.
        pids: Vec<u32>,
        /// How long to wait for all of them.
        wait: Duration,
    },
    /// Stop a process with SIGSTOP and wait until it is stopped.
    Stop {
        /// Which.
        pid: u32,
    },
    /// Let a stopped process go on with SIGCONT.
    Continue {
        /// Which.
        pid: u32,
    },
    /// Whether any process, exited and unreaped ones of the suite included, has this group id. Strays that
    /// have exited are reaped first. Answered by [`Reply::Exists`].
    GroupExists {
        /// The group's id.
        id: u32,
    },
    /// Which of these ids somebody may have whom the suite did not make, now or in a moment, where others start
    /// processes, too. Answered by [`Reply::Members`].
    Strangers {
        /// The ids, from 2 up.
        ids: Vec<u32>,
    },
    /// Which live processes have this group id, whoever made them. Answered by [`Reply::Members`].
    Members {
        /// The group's id.
        group: u32,
    },
    /// Move these processes to a cgroup of their own.
    MoveToCgroup {
        /// Which.
        pids: Vec<u32>,
        /// Whether to freeze that, and to wait until they are frozen.
        frozen: bool,
    },
    /// Let a process move to a group (setpgid(2)).
    SetGroup {
        /// Which.
        pid: u32,
        /// The group's id; its own pid for a new group that it leads.
        group: u32,
    },
    /// Let a process take another name for its command (PR_SET_NAME, prctl(2)).
    Rename {
        /// Which.
        pid: u32,
        /// The name, at most 15 bytes.
        name: CString,
    },
    /// Let a process trace a child of its and keep that stopped, as a debugger does (PTRACE_SEIZE and
    /// PTRACE_INTERRUPT, ptrace(2)). Answered by [`Reply::Done`], or [`Reply::Unseen`] when it may not.
    Trace {
        /// The child.
        pid: u32,
        /// Its parent.
        tracer: u32,
    },
    /// Put a group into the foreground of its session's terminal (tcsetpgrp(3)).
    Foreground {
        /// Its id.
        group: u32,
        /// Who leads the session.
        leader: u32,
    },
    /// The ids of a process's threads, its own pid first. Answered by [`Reply::Members`].
    Threads {
        /// Whose.
        pid: u32,
    },
    /// Add children of a member that share its memory and cost little, or fewer if no more can be forked. Answered by
    /// [`Reply::Members`].
    Gather {
        /// The member.
        pid: u32,
        /// How many.
        count: usize,
        /// Whether each leads a group of its own. Else they are members of the member's.
        leading: bool,
    },
    /// Those of a member's crowd to whom the signal was not sent. Answered by [`Reply::Members`].
    MissedInCrowd {
        /// Whose crowd.
        pid: u32,
        /// The signal's number.
        signal: i32,
    },
    /// End and reap a member's crowd.
    Disperse {
        /// Whose.
        pid: u32,
    },
    /// How the subject is. Answered by [`Reply::Subject`] as soon as it has exited, or after the wait.
    Subject {
        /// How long to wait for it to exit.
        wait: Duration,
    },
    /// Send the subject a signal, unless it has exited.
    SignalSubject {
        /// The signal's number.
        signal: i32,
    },
    /// What the subject and everything it started hold. Answered by [`Reply::Load`], or [`Reply::Unseen`].
    Load,
    /// Whether the subject has the privilege to signal processes of other users here (CAP_KILL). Answered by
    /// [`Reply::Exists`].
    HasCapKill,
    /// Let the subject and what it started open no descriptor any more, or as many as before. Answered by [`Reply::Done`],
    /// or [`Reply::Unseen`] when one may not be limited.
    LimitDescriptors {
        /// Whether it may open none.
        limited: bool,
    },
    /// Let /proc be empty for the subject and what it started, or what it was before. It must be started so
    /// that this can be.
    EmptyProc {
        /// Whether it is empty.
        empty: bool,
    },
    /// Whether a file that nobody but the suite thought of exists in the testbed; if so, it is removed.
    /// Answered by [`Reply::Exists`].
    TakeFile {
        /// Its absolute path.
        path: String,
    },
    /// End and reap every process that the agent made. Answered by [`Reply::Swept`].
    Sweep,
}

/// One process to fork, without exec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fork {
    /// Its parent: a process forked before, or the agent.
    pub parent: Option<u32>,
    /// The pid that it must get; any if `None`.
    pub id: Option<u32>,
    /// The group that it is in.
    pub group: Place,
    /// The uid that it changes to.
    pub uid: Option<u32>,
    /// What it does with signals.
    pub disposition: Disposition,
    /// Its command's name, at most 15 bytes; the suite's if `None`.
    pub name: Option<CString>,
    /// Of what make it is.
    #[serde(default)]
    pub make: Make,
    /// The process whose PID namespace it is in; its parent's if `None`. `id` is its pid there, then. It must
    /// be told who its parent is.
    #[serde(default)]
    pub below: Option<u32>,
}

impl Fork {
    /// A child of the agent that watches and stays in the agent's group.
    pub fn plain() -> Self {
        Self {
            parent: None,
            id: None,
            group: Place::Parents,
            uid: None,
            disposition: Disposition::Watches,
            name: None,
            make: Make::Plain,
            below: None,
        }
    }
}

/// The group that a forked process is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Its parent's.
    Parents,
    /// A new one that it leads, in its parent's session.
    Own,
    /// A new one that it leads, in a new session that it leads too.
    OwnSession,
    /// The one with this id.
    Of(u32),
}

/// What a forked process does with the signals that reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disposition {
    /// Blocks every signal and takes each from a signalfd, so that it knows every one it got, in order.
    Watches,
    /// Catches every signal with a handler, and knows every one it got, in order.
    Catches,
    /// Ignores the four signals of the contract and catches the others.
    Ignores,
    /// Blocks every signal and leaves them pending.
    Blocks,
    /// Default dispositions: the four signals end it.
    Dies,
    /// Forks a successor and exits, again and again; default dispositions.
    Storms,
    /// Watches, and sends each SIGTERM, SIGINT and SIGHUP that it got on to its children, as the first
    /// process of a container does that stands for another program.
    PassesOn,
}

/// The subject's program and how it is held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Whether it may signal other users' processes.
    pub cap_kill: CapKill,
    /// Start it in a Landlock domain: nobody but what it starts can be signalled from there.
    #[serde(default)]
    pub in_landlock: bool,
    /// Which signals are refused to it, and to all it starts (seccomp).
    pub refused: Refused,
    /// Let a supervisor see its system calls, and those of all it starts, before they happen.
    pub watched: bool,
    /// Let that supervisor see what it starts, too: processes, threads and programs.
    #[serde(default)]
    pub starts_watched: bool,
    /// What it sees in /proc.
    #[serde(default)]
    pub proc_view: ProcView,
    /// Start it so that /proc can be emptied for it later.
    #[serde(default)]
    pub proc_can_be_emptied: bool,
}

/// The privilege to signal other users' processes (CAP_KILL, capabilities(7)), of a program and of all it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CapKill {
    /// As its user has it.
    #[default]
    AsItIs,
    /// It has it, where it can be given: to an ordinary user's program by its ambient set.
    Given,
    /// It has it not.
    Taken,
}

/// Signals that the system refuses to send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Those to one of these pids, or to its group.
    pub pids: Vec<u32>,
    /// The errno that it answers with.
    pub errno: i32,
}

/// None.
impl Default for Refused {
    fn default() -> Self {
        Self { pids: Vec::new(), errno: libc::EPERM }
    }
}

/// One answer of the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "kebab-case")]
pub enum Reply {
    /// The agent is up. Its first line.
    Ready(Abilities),
    /// The agent could not be brought up; why. Its first line instead.
    NotReady {
        /// What was tried and what the system said.
        reason: String,
    },
    /// The process was forked and is where it should be.
    Forked {
        /// Its pid.
        pid: u32,
    },
    /// The subject was started.
    Started {
        /// The pid of its parent, which is a process like those that are forked.
        parent: u32,
        /// Its pid in the testbed.
        pid: u32,
    },
    /// How the subject is.
    Subject {
        /// Its state.
        state: State,
    },
    /// What was seen of each process.
    Seen {
        /// One a process, in the order in which they were forked, the agent first.
        processes: Vec<Seen>,
    },
    /// Whether it exists.
    Exists {
        /// The answer.
        exists: bool,
    },
    /// The live processes of a group, or the threads of a process.
    Members {
        /// Their pids.
        pids: Vec<u32>,
    },
    /// What the subject holds.
    Load(Load),
    /// What the subject holds, or a process, may not be looked at or changed.
    Unseen {
        /// What, and what the system said.
        reason: String,
    },
    /// It was done.
    Done,
    /// Everything is ended and reaped.
    Swept {
        /// How many live processes had to be ended that the case had made.
        ended: usize,
        /// Processes that nobody knows, by name: what the subject left behind.
        strays: Vec<String>,
    },
    /// Whatever was asked: somebody has changed the agent itself.
    Tampered {
        /// What was changed, and how.
        what: String,
    },
    /// It could not be done.
    Failed {
        /// What was tried and what the system said.
        reason: String,
    },
}
