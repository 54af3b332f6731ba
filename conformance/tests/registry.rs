//! Registries of every kind against the registry cases.

use libtest_mimic::{Arguments, Failed, Trial};
use signaller_conformance::bed::Settings;
use signaller_conformance::report::{CaseResult, Status};
use signaller_conformance::requirements::Side;
use signaller_conformance::roles::{Role, THIS_PROGRAM, play};
use signaller_conformance::subject::Subject;
use signaller_conformance::{cases, runner};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(role) = words.first().and_then(|word| Role::of(word)) {
        return play(role, words[1..].to_vec());
    }
    let trials = vec![Trial::test("process_groups_meets_every_requirement_on_a_registry", conformant)];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Runs every registry case against the registry that is served by this program in that role.
fn results(words: &[&str]) -> Vec<CaseResult> {
    let program = [THIS_PROGRAM].iter().chain(words).map(|word| (*word).to_owned()).collect();
    let settings = Settings { registry: Some(program), ..Settings::of(Subject::local()) };
    let catalogue = cases::catalogue().expect("no case id is given twice");
    let cases: Vec<_> = catalogue.iter().filter(|case| case.requirement.side == Side::Registry).collect();
    runner::run(&cases, &settings, 2, &|_| ()).0
}

fn conformant() -> Result<(), Failed> {
    for result in results(&[Role::Registry.word()]) {
        println!("{} {:?}", result.case, result.duration);
        if result.status() != Status::Passed {
            return Err(format!("{}: {}", result.case, result.message().unwrap_or_default()).into());
        }
    }
    Ok(())
}
