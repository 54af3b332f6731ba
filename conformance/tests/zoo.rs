//! The suite against its own zoo: every fault is caught by the requirement that is named for it, no correct
//! signaller is accused, and no case is there for nothing.
//!
//! The whole verdict takes minutes, so it runs only when it is asked for: `cargo test --test zoo -- --ignored`.
//! With `ZOO=NAME,NAME` it is about these alone, and tries every case on them.

use libtest_mimic::{Arguments, Failed, Trial};
use signaller_conformance::bed::Settings;
use signaller_conformance::cases::catalogue;
use signaller_conformance::faulty::judge::{Matrix, Scope};
use signaller_conformance::faulty::{self, odd};
use signaller_conformance::history::Histories;
use signaller_conformance::roles::{Role, play};
use signaller_conformance::runner::slots::Slots;
use signaller_conformance::subject::Subject;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Enough for most faults, which other cases catch anyhow.
const HISTORIES: NonZeroU32 = NonZeroU32::new(32).unwrap();

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(role) = words.first().and_then(|word| Role::of(word)) {
        return play(role, words[1..].to_vec());
    }
    let trials = vec![
        Trial::test("a_fault_is_caught_and_an_odd_signaller_is_not_accused", sample),
        Trial::test("every_fault_is_caught_and_no_odd_signaller_is_accused", verdict).with_ignored_flag(true),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// One of each, so that the judge itself is tried in every run of the tests.
fn sample() -> Result<(), Failed> {
    let matrix = matrix(&["leader-only", "single-threaded"], Scope::OfItsRequirement);
    assert_eq!(matrix.faults.len(), 1);
    assert_eq!(matrix.odd.len(), 1);
    assert!(matrix.faults[0].is_caught(), "{:?}", matrix.faults[0]);
    assert_eq!(matrix.accusations(), Vec::<String>::new());
    Ok(())
}

fn verdict() -> Result<(), Failed> {
    let chosen = std::env::var("ZOO").unwrap_or_default();
    let matrix = if chosen.is_empty() {
        let names = faulty::all().map(|fault| fault.name).chain(odd::all().map(|odd| odd.name));
        matrix(&names.collect::<Vec<_>>(), Scope::OfItsRequirement)
    } else {
        matrix(&chosen.split(',').collect::<Vec<_>>(), Scope::All)
    };
    for row in &matrix.faults {
        let took: Duration = row.results.iter().map(|result| result.duration).sum();
        let broken = row.broken().join(" ");
        println!(
            "{:<40} {:<28} {:>4.1} s, broke {broken}",
            row.fault.name,
            row.fault.requirement,
            took.as_secs_f32()
        );
    }
    match matrix.complaints().as_slice() {
        [] => Ok(()),
        complaints => Err(complaints.join("\n").into()),
    }
}

fn matrix(names: &[&str], scope: Scope) -> Matrix {
    let defaults = Settings::of(Subject::local());
    let histories = Arc::new(Histories::new(HISTORIES));
    let settings = Settings { slots: Arc::new(Slots::new(2)), histories, ..defaults };
    let cases = catalogue().expect("no case id is given twice");
    let faults: Vec<_> = faulty::all().filter(|fault| names.contains(&fault.name)).collect();
    let odd: Vec<_> = odd::all().filter(|odd| names.contains(&odd.name)).collect();
    let matrix = Matrix::of(&faults, &odd, &cases, scope, &settings, 2, &|name| eprintln!("{name}"));
    assert_eq!(matrix.faults.len() + matrix.odd.len(), names.len(), "a name is not of the zoo: {names:?}");
    matrix
}
