//! The program starts itself again as an agent, a sandbox or a subject: the words that say as which.

use std::io;
use std::process;

/// What a process started by the suite is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The process that makes a sandbox around an agent.
    Sandbox,
    /// An agent without a sandbox and without a subject beside it.
    Agent,
    /// What removes this program's files from a remote host when the suite is done.
    CleanUp,
    /// An agent without a sandbox, with a subject beside it.
    AgentWithSubject,
    /// What cuts a subject's link, and restores it when the suite is done.
    HookRunner,
    /// The implementer's function that cuts the link.
    Sever,
    /// The implementer's function that restores the link.
    Restore,
    /// What makes the implementer's signaller once, and says so.
    Attempt,
    /// The server of the implementer's signaller, or of the built-in one.
    Signaller,
    /// The server of the built-in signaller of another place.
    Authority,
    /// The server of the implementer's registry, or of the built-in one.
    Registry,
    /// The server of a subject that is a command.
    Command,
    /// A child that does nothing until its standard input ends.
    Idle,
    /// The server of a mutant, inside a sandbox.
    Mutant,
    /// The server of a conforming variant, inside a sandbox.
    Conforming,
    /// The helper program of some odd signallers, inside a sandbox.
    Helper,
}

const ROLES: [(Role, &str); 16] = [
    (Role::Sandbox, "__sandbox"),
    (Role::Agent, "__agent"),
    (Role::CleanUp, "__clean-up"),
    (Role::AgentWithSubject, "__agent-with-subject"),
    (Role::HookRunner, "__hook-runner"),
    (Role::Sever, "__sever"),
    (Role::Restore, "__restore"),
    (Role::Attempt, "__attempt"),
    (Role::Signaller, "__signaller"),
    (Role::Authority, "__authority"),
    (Role::Registry, "__registry"),
    (Role::Command, "__command"),
    (Role::Idle, "__idle"),
    (Role::Mutant, "__mutant"),
    (Role::Conforming, "__conforming"),
    (Role::Helper, "__helper"),
];

/// This very program, also when its file was replaced meanwhile (proc_pid_exe(5)).
pub const THIS_PROGRAM: &str = "/proc/self/exe";

impl Role {
    /// The word that gives a process this role, as its first argument.
    pub fn word(self) -> &'static str {
        ROLES.iter().find(|(role, _)| *role == self).map_or("", |(_, word)| word)
    }

    /// The role that a first argument gives.
    pub fn of(word: &str) -> Option<Self> {
        ROLES.iter().find(|(_, known)| *known == word).map(|(role, _)| *role)
    }
}

/// A command that starts this program in `role`.
pub fn start(role: Role) -> process::Command {
    let mut command = process::Command::new(THIS_PROGRAM);
    command.arg(role.word());
    command
}

/// Why this program could not be started again, with what to do where there is no /proc, by which it is
/// found.
pub fn why_not_started(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::NotFound => format!(
            "{cause}: there is no {THIS_PROGRAM}; the suite needs a /proc, as by `mount -t proc proc /proc`"
        ),
        _ => cause.to_string(),
    }
}
