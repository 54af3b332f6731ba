//! The internal subcommands: what the program does that was started again in a [role](Role).

mod before_main;

pub use before_main::asked;

#[cfg(feature = "mutants")]
use crate::mutants;
use crate::roles::Role;
use crate::subject::{authority, command, registry, server};
use crate::{partition, testbed};
use process_groups::{LocalSignaller, ProcessGroups};
use std::io::{self, Read};
use std::process::ExitCode;
use std::sync::Arc;

/// Runs the internal subcommand `role`. Returns the exit status.
pub fn run(role: Role, words: Vec<String>) -> ExitCode {
    match try_run(role, words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("{}: {cause}", role.word());
            ExitCode::FAILURE
        }
    }
}

/// Runs the internal subcommand `role`, to its end.
///
/// # Errors
/// When it cannot read or write any more.
pub fn try_run(role: Role, words: Vec<String>) -> io::Result<()> {
    match role {
        Role::Sandbox => testbed::run_sandbox(&words),
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
        #[cfg(feature = "mutants")]
        Role::Mutant => mutants::serve(&words),
        #[cfg(feature = "mutants")]
        Role::Conforming => mutants::serve_conforming(&words),
        #[cfg(feature = "mutants")]
        Role::Helper => mutants::serve_helper(),
        #[cfg(not(feature = "mutants"))]
        Role::Mutant | Role::Conforming | Role::Helper => {
            Err(io::Error::other("built without the feature `mutants`"))
        }
    }
}
