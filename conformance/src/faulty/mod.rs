//! The suite's own faulty subjects: signallers with exactly one mistake each, by which the suite is tried, and
//! odd ones that are correct and must not be accused.
//!
//! They send real signals to wrong processes, so they run in the suite's sandbox and refuse to run elsewhere.

mod caller;
mod commands;
mod delivery;
pub mod judge;
mod leaders;
mod names;
pub mod odd;
mod once;
mod outcomes;
mod parts;
mod proc;
mod refused;
mod scope;
mod sharing;
mod states;
mod stdio;
mod steady;
mod timing;

use crate::roles::{Role, THIS_PROGRAM};
use crate::subject::{Form, Subject, server};
use odd::Odd;
use process_groups::Signaller;
use std::sync::Arc;
use std::{fs, io};

/// How a subject of the zoo is run.
#[derive(Clone, Copy, Debug)]
pub enum Served {
    /// A Rust signaller, served by the suite.
    Rust(fn() -> Arc<dyn Signaller>),
    /// A program that speaks the stdio form by itself.
    Stdio(fn() -> io::Result<()>),
}

/// A signaller that is correct but for one mistake.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// Who would make the mistake, and how: a sentence that begins with the verb.
    pub who: &'static str,
    /// The requirement that must catch it.
    pub requirement: &'static str,
    /// The signaller.
    pub subject: Served,
}

impl Fault {
    /// The faulty signaller as a subject under test.
    pub fn under_test(&self) -> Subject {
        self.subject.under_test(Role::Faulty, self.name)
    }
}

/// Every fault, a family after the other.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    let families = [
        delivery::FAULTS,
        once::FAULTS,
        scope::FAULTS,
        states::FAULTS,
        refused::FAULTS,
        outcomes::FAULTS,
        timing::FAULTS,
        names::FAULTS,
        commands::FAULTS,
        leaders::FAULTS,
        sharing::FAULTS,
        steady::FAULTS,
        caller::FAULTS,
        stdio::FAULTS,
    ];
    families.into_iter().flatten()
}

/// Serves the faulty signaller that `words` name, over standard input and output.
///
/// # Errors
/// When there is none such, outside a sandbox, or when the input cannot be read.
pub fn serve(words: &[String]) -> io::Result<()> {
    let name = words.first().map_or("", String::as_str);
    let found = all().find(|fault| fault.name == name);
    found.ok_or_else(|| unknown(name)).and_then(|fault| fault.subject.serve())
}

/// Serves the odd signaller that `words` name, over standard input and output.
///
/// # Errors
/// When there is none such, outside a sandbox, or when the input cannot be read.
pub fn serve_odd(words: &[String]) -> io::Result<()> {
    let name = words.first().map_or("", String::as_str);
    let found = odd::all().find(|odd: &&Odd| odd.name == name);
    found.ok_or_else(|| unknown(name)).and_then(|odd| odd.subject.serve())
}

fn unknown(name: &str) -> io::Error {
    io::Error::other(format!("there is no signaller {name:?} in the zoo"))
}

impl Served {
    fn under_test(self, role: Role, name: &str) -> Subject {
        Subject {
            name: name.to_owned(),
            form: match self {
                Served::Rust(_) => Form::Rust,
                Served::Stdio(_) => Form::Stdio,
            },
            program: [THIS_PROGRAM, role.word(), name].map(str::to_owned).to_vec(),
            trusted: false,
        }
    }

    fn serve(self) -> io::Result<()> {
        if !in_sandbox()? {
            return Err(io::Error::other("a signaller of the zoo runs in the suite's sandbox only"));
        }
        match self {
            Served::Rust(make) => server::serve(make()),
            Served::Stdio(run) => run(),
        }
    }
}

/// Whether the first process of this PID namespace is the suite's agent: then nothing in here reaches out.
fn in_sandbox() -> io::Result<bool> {
    let first = fs::read("/proc/1/cmdline")?;
    Ok(first.split(|&byte| byte == 0).nth(1) == Some(Role::Sandbox.word().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirements::{self, Side};
    use std::collections::HashSet;

    /// They take a way to the authority that can be cut, which these subjects have not.
    const NOT_HERE: [&str; 2] = ["unreachable-is-an-error", "recovers-after-unreachable"];

    #[test]
    fn every_requirement_on_a_signaller_has_at_least_two_faults() {
        let of = |name: &str| all().filter(|fault| fault.requirement == name).count();
        for requirement in requirements::all().filter(|requirement| requirement.side == Side::Signaller) {
            if !NOT_HERE.contains(&requirement.name) {
                assert!(of(requirement.name) >= 2, "{} has {}", requirement.name, of(requirement.name));
            }
        }
    }

    #[test]
    fn every_fault_is_of_a_requirement_on_a_signaller() {
        for fault in all() {
            let side = requirements::find(fault.requirement).map(|requirement| requirement.side);
            assert_eq!(side, Some(Side::Signaller), "{}", fault.name);
        }
    }

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = HashSet::new();
        for name in all().map(|fault| fault.name).chain(odd::all().map(|odd| odd.name)) {
            assert!(seen.insert(name), "{name} stands twice");
            let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(name.split('-').all(word), "{name} is not kebab-case");
        }
    }

    #[test]
    fn every_text_is_one_sentence() {
        let texts = all().map(|fault| fault.who).chain(odd::all().map(|odd| odd.how));
        for text in texts {
            assert!(text.starts_with(|first: char| first.is_ascii_uppercase()), "{text:?}");
            assert!(text.ends_with('.') && !text.contains(". "), "{text:?} is not one sentence");
        }
    }

    #[test]
    fn there_are_as_many_as_the_suite_promises() {
        assert!(all().count() >= 80, "{} faults", all().count());
        assert!(odd::all().count() >= 15, "{} odd ones", odd::all().count());
    }

    #[test]
    fn none_is_served_outside_a_sandbox() {
        assert!(serve(&["leader-only".to_owned()]).is_err());
        assert!(serve_odd(&["slow".to_owned()]).is_err());
        assert!(serve(&["no-such-fault".to_owned()]).is_err());
    }
}
