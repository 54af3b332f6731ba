//! The command line from outside: what it takes, what it prints, and how it ends.

#[path = "cli/fuzz_names.rs"]
mod fuzz_names;
#[path = "cli/gates.rs"]
mod gates;
#[path = "cli/help.rs"]
mod help;
#[path = "cli/matrix.rs"]
mod matrix;
#[path = "cli/outputs.rs"]
mod outputs;
#[path = "cli/places.rs"]
mod places;
#[path = "cli/replay.rs"]
mod replay;
#[path = "cli/reports.rs"]
mod reports;
#[path = "cli/words.rs"]
mod words;

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_signaller-conformance");

/// Copies the program, by another process: a file that this one has open for writing may be so in what other tests
/// fork just then, and cannot be run meanwhile (ETXTBSY, execve(2)).
fn copy_program(to: &Path) {
    let copied = Command::new("cp").arg(PROGRAM).arg(to).status().expect("cp(1) is there");
    assert!(copied.success());
}

/// How a run of it ended, and what it wrote.
#[derive(Debug)]
struct Ran {
    /// `None` when a signal ended it.
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// The report on standard output, as JSON.
    fn report(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|cause| panic!("{cause}: {self:?}"))
    }

    /// The values of `field` of every case of the report.
    fn of_cases(&self, field: &str) -> Vec<String> {
        let report = self.report();
        let cases = report["cases"].as_array().unwrap();
        cases.iter().map(|case| case[field].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// The program with these arguments and an environment that says nothing of colours.
fn command<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments);
    quiet(command)
}

fn quiet(mut command: Command) -> Command {
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

fn ran(mut command: Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the program with these arguments.
fn run(arguments: &[&str]) -> Ran {
    ran(command(arguments.iter().copied()))
}

/// The cases of the tests that need any.
const FEW: &str = "^exited-is-repeatable/(three-times|again-and-again)$";

/// The ids of [`FEW`].
fn few() -> Vec<String> {
    let mut cases = cases_of("exited-is-repeatable");
    cases.retain(|case| case.ends_with("/three-times") || case.ends_with("/again-and-again"));
    assert_eq!(cases.len(), 2);
    cases
}

/// The ids of the cases of a requirement, as `list` has them.
fn cases_of(requirement: &str) -> Vec<String> {
    let list = run(&["list", "--format", "json"]).report();
    let requirements = list["requirements"].as_array().unwrap();
    let row = requirements.iter().find(|row| row["requirement"] == requirement).unwrap();
    let cases = row["cases"].as_array().unwrap();
    cases.iter().map(|case| case["case"].as_str().unwrap().to_owned()).collect()
}
