//! The suite's own faulty subjects: signallers and registries with exactly one mistake each, by which the suite is
//! tried, and odd ones that are correct and must not be accused.
//!
//! They send real signals to wrong processes, so they run in the suite's sandbox and refuse to run elsewhere.

mod caller;
mod commands;
pub mod conforming;
mod delivery;
pub mod golden;
mod joining;
mod leaders;
mod leaks;
mod names;
mod once;
mod outcomes;
mod partition;
mod parts;
mod proc;
mod refused;
mod registries;
mod scope;
pub mod scorecard;
mod sharing;
mod states;
mod stdio;
mod steady;
mod timing;

use crate::contract::Side;
use crate::harness::Settings;
use crate::partition::Cut;
use crate::roles::{Role, THIS_PROGRAM};
use crate::subject::{Form, Subject, server};
use conforming::Odd;
use partition::Way;
use process_groups::Signaller;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};
use tempfile::NamedTempFile;

/// How long a faulty subject may take for an answer when its way is cut: some never give one.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a subject of the zoo is run.
#[derive(Clone, Copy, Debug)]
pub enum Served {
    /// A Rust signaller, served by the suite.
    Rust(fn() -> Arc<dyn Signaller>),
    /// A Rust signaller over a way that can be cut, served by the suite.
    Cut(fn(Way) -> Arc<dyn Signaller>),
    /// A program that speaks the stdio form by itself.
    Stdio(fn() -> io::Result<()>),
    /// A registry, served by the suite.
    Registry(registries::Make),
}

/// A signaller or a registry that is correct but for one mistake.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// Who would make the mistake, and how: a sentence that begins with the verb.
    pub who: &'static str,
    /// The requirement that must catch it.
    pub requirement: &'static str,
    /// How it is run.
    pub subject: Served,
}

impl Fault {
    /// The settings with this one as what is under test.
    ///
    /// # Panics
    /// When its way is to be cut and no temporary file can be had.
    pub fn under_test(&self, settings: &Settings) -> Settings {
        let settings = self.subject.under_test(Role::Faulty, self.name, settings);
        match settings.cut {
            Some(_) => settings.anew(PATIENCE),
            None => settings,
        }
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
        partition::unreachable::FAULTS,
        partition::recovered::FAULTS,
        timing::FAULTS,
        names::FAULTS,
        commands::FAULTS,
        leaders::FAULTS,
        sharing::FAULTS,
        joining::FAULTS,
        steady::FAULTS,
        leaks::FAULTS,
        caller::FAULTS,
        stdio::FAULTS,
    ];
    families.into_iter().flatten().chain(registries::faults())
}

/// Serves the faulty subject that `words` name, over standard input and output.
///
/// # Errors
/// When there is none such, outside a sandbox, or when the input cannot be read.
pub fn serve(words: &[String]) -> io::Result<()> {
    let name = words.first().map_or("", String::as_str);
    let found = all().find(|fault| fault.name == name);
    found.ok_or_else(|| unknown(name)).and_then(|fault| fault.subject.serve(&words[1..]))
}

/// Serves the odd subject that `words` name, over standard input and output.
///
/// # Errors
/// When there is none such, outside a sandbox, or when the input cannot be read.
pub fn serve_odd(words: &[String]) -> io::Result<()> {
    let name = words.first().map_or("", String::as_str);
    let found = conforming::all().find(|odd: &&Odd| odd.name == name);
    found.ok_or_else(|| unknown(name)).and_then(|odd| odd.subject.serve(&words[1..]))
}

fn unknown(name: &str) -> io::Error {
    io::Error::other(format!("there is no {name:?} in the zoo"))
}

impl Served {
    /// Which requirements it is tried with.
    pub fn side(self) -> Side {
        match self {
            Served::Rust(_) | Served::Cut(_) | Served::Stdio(_) => Side::Signaller,
            Served::Registry(_) => Side::Registry,
        }
    }

    fn under_test(self, role: Role, name: &str, settings: &Settings) -> Settings {
        let mut program = [THIS_PROGRAM, role.word(), name].map(str::to_owned).to_vec();
        // What else it breaks is of interest, too.
        let settings = Settings { keep_going: true, ..settings.anew(settings.timeout) };
        let mut cut = None;
        let form = match self {
            Served::Rust(_) => Form::Rust,
            Served::Cut(_) => {
                let state = NamedTempFile::new().expect("a temporary file can be had").into_temp_path();
                program.push(state.to_string_lossy().into_owned());
                cut = Some(Arc::new(Cut::by_file(state)));
                Form::Rust
            }
            Served::Stdio(_) => Form::Stdio,
            Served::Registry(_) => {
                return Settings { registry: Some(program), ..settings };
            }
        };
        let subject = Subject { name: name.to_owned(), form, program, trusted: false };
        Settings { subject, cut, ..settings }
    }

    /// Serves it; `words` stand behind its name.
    fn serve(self, words: &[String]) -> io::Result<()> {
        if !in_sandbox()? {
            return Err(io::Error::other("whatever is in the zoo runs in the suite's sandbox only"));
        }
        match self {
            Served::Rust(make) => server::serve(make()),
            Served::Cut(make) => server::serve(make(Way::of(words.first().map_or("", String::as_str)))),
            Served::Stdio(run) => run(),
            Served::Registry(make) => make.serve(),
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
    use crate::contract;
    use std::collections::HashSet;

    #[test]
    fn every_requirement_has_at_least_two_faults() {
        let of = |name: &str| all().filter(|fault| fault.requirement == name).count();
        for requirement in contract::all() {
            assert!(of(requirement.name) >= 2, "{} has {}", requirement.name, of(requirement.name));
        }
    }

    #[test]
    fn every_fault_is_of_a_requirement_on_its_kind() {
        for fault in all() {
            let side = contract::find(fault.requirement).map(|requirement| requirement.side);
            assert_eq!(side, Some(fault.subject.side()), "{}", fault.name);
        }
    }

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = HashSet::new();
        for name in all().map(|fault| fault.name).chain(conforming::all().map(|odd| odd.name)) {
            assert!(seen.insert(name), "{name} stands twice");
            let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(name.split('-').all(word), "{name} is not kebab-case");
        }
    }

    #[test]
    fn every_text_is_one_sentence() {
        let texts = all().map(|fault| fault.who).chain(conforming::all().map(|odd| odd.how));
        for text in texts {
            assert!(text.starts_with(|first: char| first.is_ascii_uppercase()), "{text:?}");
            assert!(text.ends_with('.') && !text.contains(". "), "{text:?} is not one sentence");
        }
    }

    #[test]
    fn there_are_as_many_as_the_suite_promises() {
        let faults = |side: Side| all().filter(|fault| fault.subject.side() == side).count();
        let odd = |side: Side| conforming::all().filter(|odd| odd.subject.side() == side).count();
        assert!(faults(Side::Signaller) >= 80, "{} faulty signallers", faults(Side::Signaller));
        assert!(faults(Side::Registry) >= 100, "{} faulty registries", faults(Side::Registry));
        assert!(odd(Side::Signaller) >= 15, "{} odd signallers", odd(Side::Signaller));
        assert!(odd(Side::Registry) >= 9, "{} odd registries", odd(Side::Registry));
    }

    #[test]
    fn none_is_served_outside_a_sandbox() {
        assert!(serve(&["leader-only".to_owned()]).is_err());
        assert!(serve(&["pushes".to_owned()]).is_err());
        assert!(serve_odd(&["slow".to_owned()]).is_err());
        assert!(serve(&["no-such-fault".to_owned()]).is_err());
    }
}
