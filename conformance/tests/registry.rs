//! Registries of every kind against the registry cases: this project's own and odd ones, of which none may be
//! accused, and faulty ones, each of which must be caught by the requirement that is named for it.

use libtest_mimic::{Arguments, Failed, Trial};
use signaller_conformance::bed::Settings;
use signaller_conformance::cases::catalogue;
use signaller_conformance::faulty::judge::{Matrix, Scope};
use signaller_conformance::faulty::odd::{self, Odd};
use signaller_conformance::faulty::{self, Fault};
use signaller_conformance::history::Histories;
use signaller_conformance::report::Status;
use signaller_conformance::requirements::Side;
use signaller_conformance::roles::{Role, THIS_PROGRAM, play};
use signaller_conformance::runner;
use signaller_conformance::subject::Subject;
use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::Arc;

/// Enough to accuse an odd one, if they would.
const HISTORIES: NonZeroU32 = NonZeroU32::new(32).unwrap();

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(role) = words.first().and_then(|word| Role::of(word)) {
        return play(role, words[1..].to_vec());
    }
    let mut trials = vec![
        Trial::test("process_groups_is_accused_of_nothing", accused_of_nothing),
        Trial::test("every_case_fails_for_some_fault", every_case_fails).with_ignored_flag(true),
    ];
    let is_registry = |side: Side| side == Side::Registry;
    trials.extend(odd::all().filter(|odd| is_registry(odd.subject.side())).map(|odd| {
        Trial::test(format!("odd/{}_is_accused_of_nothing", odd.name), move || tried(&[], &[odd]))
    }));
    trials.extend(faulty::all().filter(|fault| is_registry(fault.subject.side())).map(|fault| {
        let name = format!("faulty/{}_is_caught_by_{}", fault.name, fault.requirement);
        Trial::test(name, move || tried(&[fault], &[]))
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn accused_of_nothing() -> Result<(), Failed> {
    let program = [THIS_PROGRAM, Role::Registry.word()].map(str::to_owned).to_vec();
    let settings = Settings { registry: Some(program), ..Settings::of(Subject::local()) };
    let catalogue = catalogue().expect("no case id is given twice");
    let cases: Vec<_> = catalogue.iter().filter(|case| case.requirement.side == Side::Registry).collect();
    for result in runner::run(&cases, &settings, 2, &|_| ()).0 {
        if result.status() != Status::Passed {
            return Err(format!("{}: {}", result.case, result.message().unwrap_or_default()).into());
        }
    }
    Ok(())
}

/// Faults are tried without histories: a case of its own must catch each, and say what it is about.
fn matrix(faults: &[&'static Fault], odd: &[&'static Odd], scope: Scope) -> Matrix {
    let mut cases = catalogue().expect("no case id is given twice");
    cases.retain(|case| faults.is_empty() || !case.id.ends_with("/histories"));
    let histories = Arc::new(Histories::new(HISTORIES));
    let settings = Settings { histories, ..Settings::of(Subject::local()) };
    Matrix::of(faults, odd, &cases, scope, &settings, 2, &|_| ())
}

/// Whether these faults are caught and these odd ones are not accused.
fn tried(faults: &[&'static Fault], odd: &[&'static Odd]) -> Result<(), Failed> {
    let matrix = matrix(faults, odd, Scope::OfItsRequirement);
    match matrix.faults.iter().find(|row| !row.is_caught()) {
        Some(row) => Err(format!("{} is not caught: {:#?}", row.fault.name, row.results).into()),
        None if matrix.accusations().is_empty() => Ok(()),
        None => Err(matrix.accusations().join("\n").into()),
    }
}

/// The whole matrix of faults by requirements, printed. It takes minutes.
fn every_case_fails() -> Result<(), Failed> {
    let faults: Vec<_> = faulty::all().filter(|fault| fault.subject.side() == Side::Registry).collect();
    let matrix = matrix(&faults, &[], Scope::All);
    for row in &matrix.faults {
        println!("{:<46} {:<30} broke {}", row.fault.name, row.fault.requirement, row.broken().join(" "));
    }
    match matrix.complaints().as_slice() {
        [] => Ok(()),
        complaints => Err(complaints.join("\n").into()),
    }
}
