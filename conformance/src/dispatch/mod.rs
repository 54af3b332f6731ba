//! Runs the [internal subcommands](Subcommand).

mod before_main;

pub use before_main::asked;

#[cfg(feature = "mutants")]
use crate::mutants;
use crate::subcommands::Subcommand;
use crate::subject::{authority, command, gauge, registry, server};
use crate::{partition, testbed};
use process_groups::{LocalSignaller, ProcessGroups};
use std::io::{self, Read};
use std::process::ExitCode;
use std::sync::Arc;

/// Runs an internal subcommand. Returns the exit status.
pub fn run(subcommand: Subcommand, words: Vec<String>) -> ExitCode {
    match try_run(subcommand, words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("{}: {cause}", subcommand.word());
            ExitCode::FAILURE
        }
    }
}

/// Runs an internal subcommand, to its end.
///
/// # Errors
/// When it cannot read or write any more.
pub fn try_run(subcommand: Subcommand, words: Vec<String>) -> io::Result<()> {
    match subcommand {
        Subcommand::Sandbox => testbed::run_sandbox(&words),
        Subcommand::Agent => testbed::run_agent(false),
        Subcommand::CleanUp => testbed::run_clean_up(&words),
        Subcommand::HookRunner => partition::run_hook_runner(&words),
        Subcommand::Attempt | Subcommand::Sever | Subcommand::Restore => {
            Err(io::Error::other("nothing of yours was given"))
        }
        Subcommand::AgentWithSubject => testbed::run_agent(true),
        Subcommand::Signaller => server::serve(Arc::new(LocalSignaller)),
        Subcommand::Authority => authority::serve(&words),
        Subcommand::Registry => registry::serve::<ProcessGroups>(Arc::new(LocalSignaller)),
        Subcommand::Command => command::serve(words),
        Subcommand::Gauge => gauge::run(),
        Subcommand::Idle => io::stdin().read_to_end(&mut Vec::new()).map(drop),
        #[cfg(feature = "mutants")]
        Subcommand::Mutant => mutants::serve(&words),
        #[cfg(feature = "mutants")]
        Subcommand::Conforming => mutants::serve_conforming(&words),
        #[cfg(feature = "mutants")]
        Subcommand::Helper => mutants::serve_helper(),
        #[cfg(not(feature = "mutants"))]
        Subcommand::Mutant | Subcommand::Conforming | Subcommand::Helper => {
            Err(io::Error::other("built without the feature `mutants`"))
        }
    }
}
