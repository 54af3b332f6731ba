//! Some among the mutants, so that its judge is tried in every run of the tests: a mutant of each kind is
//! caught, and a conforming subject of each kind is not accused. `signaller-conformance mutants` tries all of
//! it.

#[path = "support/trials.rs"]
mod trials;

use libtest_mimic::{Failed, Trial};
use signaller_conformance::cases::catalogue;
use signaller_conformance::harness::{Histories, Settings};
use signaller_conformance::mutants::scorecard::{Scope, Scorecard};
use signaller_conformance::mutants::{self, conforming};
use signaller_conformance::subject::Subject;
use signaller_places::is_left_out;
use std::num::NonZeroU32;
use std::process::ExitCode;

/// Other cases catch these mutants.
const HISTORIES: NonZeroU32 = NonZeroU32::new(4).unwrap();

fn main() -> ExitCode {
    trials::main(None, trials)
}

fn trials() -> Vec<Trial> {
    vec![
        Trial::test("a_faulty_rust_signaller_is_caught", || caught("leader-only")),
        Trial::test("a_faulty_stdio_program_is_caught", || caught("answers-twice")),
        Trial::test("a_faulty_registry_is_caught", || caught("skips-the-neighbour")),
        Trial::test("an_odd_signaller_is_not_accused", || not_accused("single-threaded")),
        Trial::test("an_odd_registry_is_not_accused", || not_accused("linked")),
    ]
}

fn caught(name: &str) -> Result<(), Failed> {
    let matrix = matrix(name);
    let [row] = matrix.mutants.as_slice() else { return Err(format!("{name} is no mutant").into()) };
    if row.is_caught() { Ok(()) } else { Err(format!("{row:?}").into()) }
}

fn not_accused(name: &str) -> Result<(), Failed> {
    if is_left_out("all cases for a conforming subject") {
        return Ok(());
    }
    let matrix = matrix(name);
    assert_eq!(matrix.conforming.len(), 1, "{name} is not conforming");
    match matrix.failures().as_slice() {
        [] => Ok(()),
        complaints => Err(complaints.join("\n").into()),
    }
}

fn matrix(name: &str) -> Scorecard {
    let settings = Settings { histories: Histories::new(HISTORIES), ..Settings::of(Subject::local()) };
    let cases = catalogue().expect("no case id is given twice");
    let mutants: Vec<_> = mutants::all().filter(|mutant| mutant.name == name).collect();
    let conforming: Vec<_> = conforming::all().filter(|conforming| conforming.name == name).collect();
    Scorecard::of(&mutants, &conforming, &cases, Scope::OfItsRequirement, &settings, 2, &|_| ())
}
