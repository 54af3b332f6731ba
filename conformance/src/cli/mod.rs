//! The command line: what it takes, what it prints and how it ends.

mod baseline;
mod check;
mod exit;
mod explain;
mod fuzz_names;
mod gate;
mod generate;
mod github;
mod interrupt;
mod list;
mod matrix;
mod mutants;
mod output;
mod outputs;
mod page;
mod part;
mod placeholders;
mod progress;
mod replay;
mod rounds;
mod selection;
mod subjects;
mod suggest;
mod untested;
mod values;

use clap::{Parser, Subcommand};
use exit::Refusal;
use signaller_conformance::cases;
use signaller_conformance::harness::Case;
use signaller_conformance::harness::runner;
use signaller_conformance::testbed::protocol::Abilities;
use signaller_conformance::testbed::{AgentError, AgentLink};
use std::process::ExitCode;

/// Checks a process-group signaller against its contract, on live process groups.
#[derive(Debug, Parser)]
#[command(name = "signaller-conformance", version, about, after_help = AFTER_HELP, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "\
Begin here:
  signaller-conformance check local               a whole run, and its report
  signaller-conformance check stdio -- ./program  your own, in any language
  signaller-conformance explain reports-exited    one requirement

Exit status:
  0  done; of check: the subject is conformant, or incomplete (something
     could not be tried here)
  1  the subject is not conformant
  2  the command line is wrong; nothing was run
  3  the suite could not do its work: no statement about the subject

What to read next: `signaller-conformance check --help` describes the two forms
that a subject of your own can have.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the cases on a subject and report what it keeps and what it breaks
    Check(Box<check::Options>),
    /// List every requirement with its cases
    List(list::Options),
    /// Explain one requirement or case: why, what breaks it, how it is tested, what to check
    Explain(explain::Options),
    /// Throw wrong names at a subject, and report the shortest that it does not refuse
    FuzzNames(fuzz_names::Options),
    /// Run the suite against its own faulty subjects: what it catches, and whom it accuses wrongly
    Mutants(mutants::Options),
    /// Run a saved failing history again
    Replay(replay::Options),
    /// Check several subjects against the contract, side by side
    Matrix(matrix::Options),
    /// Write completions for a shell, or the manual page
    Generate(generate::Options),
}

/// Does what the command line says, to the exit status.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(refusal) => {
            let printed = refusal.print();
            if refusal.use_stderr() {
                // Nobody may be listening; the exit status says it as well.
                return ExitCode::from(exit::WRONG_COMMAND_LINE);
            }
            return ended(output::printed(printed).map(|()| exit::SUCCESS));
        }
    };
    ended(run(&cli.command))
}

fn run(command: &Command) -> Result<u8, Refusal> {
    match command {
        // Its report has another place.
        Command::Check(options) if options.has_file() => {}
        _ => output::expect_open()?,
    }
    match command {
        Command::Check(options) => check::run(options),
        Command::List(options) => list::run(options),
        Command::Explain(options) => explain::run(options),
        Command::FuzzNames(options) => fuzz_names::run(options),
        Command::Mutants(options) => mutants::run(options),
        Command::Replay(options) => replay::run(options),
        Command::Matrix(options) => matrix::run(options),
        Command::Generate(options) => generate::run(options),
    }
}

/// The exit status, after a word about it if it needs one.
fn ended(ended: Result<u8, Refusal>) -> ExitCode {
    ExitCode::from(ended.unwrap_or_else(|refusal| {
        output::remark(&format!("error: {refusal}"));
        refusal.status()
    }))
}

/// How many of `cases`, or histories, can keep the processors busy at a time, where that many are wanted.
fn jobs(wanted: usize, cases: &[&Case]) -> Result<usize, Refusal> {
    runner::jobs(wanted, cases).map_err(|shortage| Refusal::Broken(shortage.to_string()))
}

/// What an agent in a sandbox of this machine can do.
///
/// # Errors
/// When there can be no sandbox here.
fn sandbox() -> Result<Abilities, Refusal> {
    match AgentLink::start(true) {
        Ok((agent, _)) => Ok(agent.abilities()),
        Err(AgentError::NotReady(reason)) => Err(Refusal::Broken(format!("no sandbox available: {reason}"))),
        Err(fault) => Err(Refusal::Broken(fault.to_string())),
    }
}

/// Every case.
fn catalogue() -> Result<Vec<Case>, Refusal> {
    cases::catalogue().map_err(Refusal::Broken)
}
