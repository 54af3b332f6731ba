//! The other lives of the program: it starts itself again as an agent, a sandbox or a subject.

mod before_main;

pub use before_main::asked;

use crate::subject::{command, registry, server};
use crate::{authority, mutants, partition, testbed};
use process_groups::{LocalSignaller, ProcessGroups};
use std::io::{self, Read};
use std::process::{self, ExitCode};
use std::sync::Arc;

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

/// Why this program could not be started again, with what to do where there is no /proc, by which it is found.
pub fn why_not_started(cause: &io::Error) -> String {
    match cause.kind() {
        io::ErrorKind::NotFound => format!(
            "{cause}: there is no {THIS_PROGRAM}; the suite needs a /proc, as by `mount -t proc proc /proc`"
        ),
        _ => cause.to_string(),
    }
}

/// Lives the life of `role`, to its end. Returns the exit status.
pub fn play(role: Role, words: Vec<String>) -> ExitCode {
    match live(role, words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("{}: {cause}", role.word());
            ExitCode::FAILURE
        }
    }
}

/// Lives the life of `role`, to its end.
///
/// # Errors
/// When it cannot read or speak any more.
pub fn live(role: Role, words: Vec<String>) -> io::Result<()> {
    match role {
        Role::Sandbox => testbed::run_sandbox(),
        Role::Agent => testbed::run_agent(false),
        Role::CleanUp => testbed::run_clean_up(&words),
        Role::HookRunner => partition::run_hook_runner(&words),
        Role::Attempt | Role::Sever | Role::Restore => Err(io::Error::other("nothing of yours was given")),
        Role::AgentWithSubject => testbed::run_agent(true),
        Role::Signaller => server::serve(Arc::new(LocalSignaller)),
        Role::Authority => authority::serve(&words),
        Role::Registry => registry::serve::<ProcessGroups>(Arc::new(LocalSignaller)),
        Role::Command => command::serve(words),
        Role::Idle => io::stdin().read_to_end(&mut Vec::new()).map(drop),
        Role::Mutant => mutants::serve(&words),
        Role::Conforming => mutants::serve_conforming(&words),
        Role::Helper => mutants::conforming::serve_helper(),
    }
}
