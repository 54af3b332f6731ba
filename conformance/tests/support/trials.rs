//! `main` of a test target without libtest, whose program the suite starts again as an agent or a subject.

use libtest_mimic::{Arguments, Trial};
use signaller_conformance::dispatch;
use signaller_conformance::subcommands::Subcommand;
use std::process::ExitCode;

/// Runs the trials, on so many threads if that matters, or does what this program was started again for.
pub fn main(threads: Option<usize>, trials: impl FnOnce() -> Vec<Trial>) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(subcommand) = words.first().and_then(|word| Subcommand::of(word)) {
        return dispatch::run(subcommand, words[1..].to_vec());
    }
    let arguments = Arguments::from_args();
    let arguments = Arguments { test_threads: threads.or(arguments.test_threads), ..arguments };
    libtest_mimic::run(&arguments, trials()).exit_code()
}
