//! The suite's own faulty subjects: signallers and registries with exactly one mistake each, by which the
//! suite is tried, and conforming ones that are correct and must not be accused.
//!
//! They send real signals to wrong processes, so they run in the suite's sandbox and refuse to run elsewhere.

mod afterwards;
mod batches;
mod caller;
mod commands;
pub mod conforming;
mod declared;
mod delivery;
mod endings;
pub mod golden;
mod helper;
mod joining;
mod kills;
mod larger;
mod leaders;
mod leaks;
mod means;
mod names;
mod once;
mod outcomes;
mod partition;
mod partly_refused;
mod parts;
mod proc;
mod races;
mod refused;
mod registry;
mod remote;
mod scope;
pub mod scorecard;
mod sent;
mod sharing;
mod situations;
mod states;
mod stdio;
mod steady;
mod streaks;
mod waiting;

use crate::contract::{Requirement, Side};
use crate::harness::{Settings, TestedRegistry};
use crate::partition::Partition;
use crate::subcommands::{Subcommand, THIS_PROGRAM};
use crate::subject::{Form, Subject, server};
use crate::testbed::Kernel;
use crate::testbed::agent::HIDDEN;
use conforming::Conforming;
pub use helper::serve as serve_helper;
use partition::Link;
use process_groups::Signaller;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, io};
use tempfile::NamedTempFile;

/// How long a faulty subject may take for an answer when its link is cut: some never give one.
const PATIENCE: Duration = Duration::from_secs(2);

/// How a subject among the mutants is run.
#[derive(Clone, Copy, Debug)]
pub enum Served {
    /// A Rust signaller, served by the suite.
    Rust(fn() -> Arc<dyn Signaller>),
    /// A Rust signaller over a link that can be cut, served by the suite.
    Partition(fn(Link) -> Arc<dyn Signaller>),
    /// A Rust signaller whose calls of kill(2) are answered as on Darwin, served by the suite.
    OnDarwin(fn() -> Arc<dyn Signaller>),
    /// A Rust signaller that declares SIGUSR1, served by the suite.
    Declaring(fn() -> Arc<dyn Signaller>),
    /// A program that speaks the stdio form by itself.
    Stdio(fn() -> io::Result<()>),
    /// A registry, served by the suite.
    Registry(registry::Make),
}

/// A signaller or a registry that is correct but for one mistake.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// Who would make the mistake, and how: a sentence that begins with the verb.
    pub who: &'static str,
    /// The requirement that must catch it.
    pub requirement: &'static Requirement,
    /// How it is run.
    pub subject: Served,
}

impl Mutant {
    /// The settings with this one as what is under test.
    ///
    /// # Panics
    /// When its link is to be cut and no temporary file can be made.
    pub fn under_test(&self, settings: &Settings) -> Settings {
        let settings = self.subject.under_test(Subcommand::Mutant, self.name, settings);
        match settings.cut {
            Some(_) => settings.anew(PATIENCE),
            None => settings,
        }
    }
}

/// Every mutant, a family after the other.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    let families = [
        // First: once its cases, which take seconds, have failed, the verdict on others needs them no more.
        afterwards::MUTANTS,
        endings::MUTANTS,
        delivery::MUTANTS,
        once::MUTANTS,
        declared::MUTANTS,
        sent::MUTANTS,
        races::MUTANTS,
        scope::MUTANTS,
        states::MUTANTS,
        refused::MUTANTS,
        partly_refused::MUTANTS,
        outcomes::MUTANTS,
        partition::unreachable::MUTANTS,
        partition::recovered::MUTANTS,
        remote::MUTANTS,
        means::MUTANTS,
        larger::MUTANTS,
        waiting::MUTANTS,
        names::MUTANTS,
        commands::MUTANTS,
        leaders::MUTANTS,
        sharing::MUTANTS,
        batches::MUTANTS,
        joining::MUTANTS,
        kills::MUTANTS,
        steady::MUTANTS,
        leaks::MUTANTS,
        caller::MUTANTS,
        stdio::MUTANTS,
        streaks::MUTANTS,
    ];
    families.into_iter().flatten().chain(situations::mutants()).chain(registry::mutants())
}

/// Serves the faulty subject that `words` name, over standard input and output.
///
/// # Errors
/// When there is none such, outside a sandbox, or when the input cannot be read.
pub fn serve(words: &[String]) -> io::Result<()> {
    let name = words.first().map_or("", String::as_str);
    let found = all().find(|mutant| mutant.name == name);
    found.ok_or_else(|| unknown(name)).and_then(|mutant| mutant.subject.serve(&words[1..]))
}

/// Serves the conforming variant that `words` name, over standard input and output.
///
/// # Errors
/// When there is none such, outside a sandbox, or when the input cannot be read.
pub fn serve_conforming(words: &[String]) -> io::Result<()> {
    let name = words.first().map_or("", String::as_str);
    let found = conforming::all().find(|conforming: &&Conforming| conforming.name == name);
    found.ok_or_else(|| unknown(name)).and_then(|conforming| conforming.subject.serve(&words[1..]))
}

fn unknown(name: &str) -> io::Error {
    io::Error::other(format!("there is no {name:?} among the mutants"))
}

impl Served {
    /// Which requirements it is tried with.
    pub fn side(self) -> Side {
        match self {
            Served::Registry(_) => Side::Registry,
            _ => Side::Signaller,
        }
    }

    fn under_test(self, subcommand: Subcommand, name: &str, settings: &Settings) -> Settings {
        let mut program = [THIS_PROGRAM, subcommand.word(), name].map(str::to_owned).to_vec();
        // What else it breaks is of interest, too.
        let settings = Settings { keep_going: true, ..settings.anew(settings.timeout) };
        let mut cut = None;
        let form = match self {
            Served::Rust(_) | Served::OnDarwin(_) | Served::Declaring(_) => Form::Rust,
            Served::Partition(_) => {
                let state = NamedTempFile::new().expect("a temporary file can be made").into_temp_path();
                program.push(state.to_string_lossy().into_owned());
                cut = Some(Arc::new(Partition::by_file(state)));
                Form::Rust
            }
            Served::Stdio(_) => Form::Stdio,
            Served::Registry(make) => {
                let (fences, stops, pins) = (make.fences(), make.stops(), make.pins());
                let registry = Some(TestedRegistry { program, fences, stops, pins });
                return Settings { registry, ..settings };
            }
        };
        let subject = Subject { name: name.to_owned(), form, program, trusted: false };
        let kernel = if matches!(self, Self::OnDarwin(_)) { Kernel::Darwin } else { Kernel::Linux };
        let declared = match self {
            Self::Declaring(_) => format!("names={}", declared::NAME).parse().into_iter().collect(),
            _ => settings.declared,
        };
        Settings { subject, cut, kernel, declared, ..settings }
    }

    /// Serves it; `words` stand behind its name.
    fn serve(self, words: &[String]) -> io::Result<()> {
        if !in_sandbox()? {
            return Err(io::Error::other("mutants run in the suite's sandbox only"));
        }
        match self {
            Served::Rust(make) | Served::OnDarwin(make) | Served::Declaring(make) => server::serve(make()),
            Served::Partition(make) => {
                server::serve(make(Link::of(words.first().map_or("", String::as_str))))
            }
            Served::Stdio(run) => run(),
            Served::Registry(make) => make.serve(),
        }
    }
}

/// Whether the first process of this PID namespace is the suite's agent: then nothing in here reaches out.
/// Where /proc hides it, it says so itself, and it leads the session.
fn in_sandbox() -> io::Result<bool> {
    // SAFETY: asks for the calling process.
    if env::var_os(HIDDEN).is_some() && unsafe { libc::getsid(0) } == 1 {
        return Ok(true);
    }
    let first = fs::read("/proc/1/cmdline")?;
    Ok(first.split(|&byte| byte == 0).nth(1) == Some(Subcommand::Sandbox.word().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;
    use std::collections::HashSet;

    #[test]
    fn every_requirement_has_at_least_two_faults() {
        let of = |name: &str| all().filter(|mutant| mutant.requirement.name == name).count();
        for requirement in contract::all() {
            assert!(of(requirement.name) >= 2, "{} has {}", requirement.name, of(requirement.name));
        }
    }

    #[test]
    fn every_fault_is_of_a_requirement_on_its_kind() {
        for mutant in all() {
            assert_eq!(mutant.requirement.side, mutant.subject.side(), "{}", mutant.name);
        }
    }

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = HashSet::new();
        for name in all().map(|mutant| mutant.name).chain(conforming::all().map(|conforming| conforming.name))
        {
            assert!(seen.insert(name), "{name} stands twice");
            let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
            assert!(name.split('-').all(word), "{name} is not kebab-case");
        }
    }

    #[test]
    fn every_text_is_one_sentence() {
        let texts = all().map(|mutant| mutant.who).chain(conforming::all().map(|conforming| conforming.how));
        for text in texts {
            assert!(text.starts_with(|first: char| first.is_ascii_uppercase()), "{text:?}");
            assert!(text.ends_with('.') && !text.contains(". "), "{text:?} is not one sentence");
        }
    }

    #[test]
    fn there_are_as_many_as_the_suite_promises() {
        let mutants = |side: Side| all().filter(|mutant| mutant.subject.side() == side).count();
        let conforming =
            |side: Side| conforming::all().filter(|conforming| conforming.subject.side() == side).count();
        assert!(mutants(Side::Signaller) >= 80, "{} faulty signallers", mutants(Side::Signaller));
        assert!(mutants(Side::Registry) >= 100, "{} faulty registries", mutants(Side::Registry));
        assert!(conforming(Side::Signaller) >= 15, "{} conforming signallers", conforming(Side::Signaller));
        assert!(conforming(Side::Registry) >= 9, "{} conforming registries", conforming(Side::Registry));
    }

    #[test]
    fn none_is_served_outside_a_sandbox() {
        assert!(serve(&["leader-only".to_owned()]).is_err());
        assert!(serve(&["pushes".to_owned()]).is_err());
        assert!(serve_conforming(&["slow".to_owned()]).is_err());
        assert!(serve(&["no-such-mutant".to_owned()]).is_err());
    }
}
