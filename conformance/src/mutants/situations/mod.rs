//! Mutants that go wrong in one of the situations that real systems bring about, and nowhere else.

mod adopted;
mod changed;
mod darwin;
mod frozen;
mod hidden;
mod nested;
mod not_yet;
mod passed_on;
mod refusing;
mod succession;
mod terminal;
mod threads;
mod traced;

use super::Mutant;

/// The mutants of all situations.
pub fn mutants() -> impl Iterator<Item = &'static Mutant> {
    let situations = [
        threads::MUTANTS,
        hidden::MUTANTS,
        adopted::MUTANTS,
        changed::MUTANTS,
        frozen::MUTANTS,
        traced::MUTANTS,
        nested::MUTANTS,
        not_yet::MUTANTS,
        refusing::MUTANTS,
        darwin::MUTANTS,
        passed_on::MUTANTS,
        succession::MUTANTS,
        terminal::MUTANTS,
    ];
    situations.into_iter().flatten()
}
