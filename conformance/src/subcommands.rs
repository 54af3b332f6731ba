//! The internal subcommands, by which the program starts itself again as an agent, a sandbox or a subject.

use std::io;
use std::process;

/// What a process is that the suite starts from its own program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subcommand {
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
    /// What shows how much of a processor there is for a subject.
    Gauge,
    /// A child that does nothing until its standard input ends.
    Idle,
    /// The server of a mutant, inside a sandbox.
    Mutant,
    /// The server of a conforming variant, inside a sandbox.
    Conforming,
    /// The helper program of some odd signallers, inside a sandbox.
    Helper,
}

const WORDS: [(Subcommand, &str); 17] = [
    (Subcommand::Sandbox, "__sandbox"),
    (Subcommand::Agent, "__agent"),
    (Subcommand::CleanUp, "__clean-up"),
    (Subcommand::AgentWithSubject, "__agent-with-subject"),
    (Subcommand::HookRunner, "__hook-runner"),
    (Subcommand::Sever, "__sever"),
    (Subcommand::Restore, "__restore"),
    (Subcommand::Attempt, "__attempt"),
    (Subcommand::Signaller, "__signaller"),
    (Subcommand::Authority, "__authority"),
    (Subcommand::Registry, "__registry"),
    (Subcommand::Command, "__command"),
    (Subcommand::Gauge, "__gauge"),
    (Subcommand::Idle, "__idle"),
    (Subcommand::Mutant, "__mutant"),
    (Subcommand::Conforming, "__conforming"),
    (Subcommand::Helper, "__helper"),
];

/// This very program, also when its file was replaced meanwhile (proc_pid_exe(5)).
pub const THIS_PROGRAM: &str = "/proc/self/exe";

impl Subcommand {
    /// The first argument of a process that runs it.
    pub fn word(self) -> &'static str {
        WORDS.iter().find(|(subcommand, _)| *subcommand == self).map_or("", |(_, word)| word)
    }

    /// The one that a first argument names.
    pub fn of(word: &str) -> Option<Self> {
        WORDS.iter().find(|(_, known)| *known == word).map(|(subcommand, _)| *subcommand)
    }
}

/// A command that runs this program as `subcommand`.
pub fn start(subcommand: Subcommand) -> process::Command {
    let mut command = process::Command::new(THIS_PROGRAM);
    command.arg(subcommand.word());
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
