//! The command line of the conformance suite.

mod cli;

use signaller_conformance::dispatch;
use signaller_conformance::subcommands::Subcommand;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The command line's own complaint is the better one about words that are not UTF-8.
    let mut words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    match words.next().and_then(|first| Subcommand::of(&first)) {
        Some(subcommand) => dispatch::run(subcommand, words.collect()),
        None => cli::main(),
    }
}
