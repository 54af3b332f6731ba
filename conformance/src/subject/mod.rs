//! What is under test, and how it is reached: every subject is a process that speaks the stdio form.

pub mod authority;
pub mod caller;
pub mod channel;
pub mod command;
pub mod connection;
pub mod gauge;
pub mod registry;
pub mod server;
pub mod violation;
pub mod wire;

use crate::authority::Authority;
use crate::subcommands::{Subcommand, THIS_PROGRAM};
use std::time::Duration;

/// How a subject's code is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A Rust type, served by this program.
    Rust,
    /// This project's signaller of another place, served by this program.
    Authority,
    /// A program that stays up and speaks the stdio form.
    Stdio,
    /// A program run once a call.
    Command,
}

/// What else depends on the form. Each is a `match` without a rest, so that a new form is asked for each.
impl Form {
    /// Whether one process answers many calls. A program that is run for each call keeps nothing from one to
    /// the next but in files, and is given the name as an argument.
    pub fn stays_up(self) -> bool {
        match self {
            Self::Rust | Self::Authority | Self::Stdio => true,
            Self::Command => false,
        }
    }

    /// Whether this program speaks the stdio form for it.
    pub fn is_served(self) -> bool {
        match self {
            Self::Rust | Self::Authority | Self::Command => true,
            Self::Stdio => false,
        }
    }

    /// Whether its code runs in the process that serves it, and can be asked for many groups by one call.
    pub fn is_in_rust(self) -> bool {
        match self {
            Self::Rust | Self::Authority => true,
            Self::Stdio | Self::Command => false,
        }
    }

    /// Whether its groups can be on this machine, in the sandboxes of this program.
    pub fn reaches_this_machine(self) -> bool {
        match self {
            Self::Rust | Self::Stdio | Self::Command => true,
            Self::Authority => false,
        }
    }

    /// Whether its groups can be elsewhere, behind a link that a command can cut.
    pub fn reaches_a_testbed(self) -> bool {
        match self {
            Self::Authority | Self::Stdio | Self::Command => true,
            Self::Rust => false,
        }
    }

    /// Whether a registry can be under test beside it.
    pub fn has_registry(self) -> bool {
        match self {
            Self::Rust => true,
            Self::Authority | Self::Stdio | Self::Command => false,
        }
    }
}

/// A signaller under test.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Its name in reports.
    pub name: String,
    /// How its code is run.
    pub form: Form,
    /// The program that speaks the stdio form, and its arguments.
    pub program: Vec<String>,
    /// Whether it is known to signal nobody but its target: only this project's own is.
    pub trusted: bool,
}

impl Subject {
    /// This project's `LocalSignaller`.
    pub fn local() -> Self {
        let program = vec![THIS_PROGRAM.to_owned(), Subcommand::Signaller.word().to_owned()];
        Self { name: "local".to_owned(), form: Form::Rust, program, trusted: true }
    }

    /// This project's signaller of another place, which answers within `limit`.
    pub fn authority(authority: &Authority, limit: Duration) -> Self {
        let name = authority.to_string();
        let words = [THIS_PROGRAM, Subcommand::Authority.word(), &name, &limit.as_millis().to_string()];
        Self { program: words.map(str::to_owned).into(), name, form: Form::Authority, trusted: true }
    }

    /// A program that speaks the stdio form by itself.
    pub fn stdio(words: &[String]) -> Self {
        let name = format!("stdio -- {}", quoted(words));
        Self { name, form: Form::Stdio, program: words.to_vec(), trusted: false }
    }

    /// A program that is run once a call, its words with the placeholders `{leader_pid}` and `{signal_name}`.
    pub fn command(words: &[String]) -> Self {
        let server = [THIS_PROGRAM, Subcommand::Command.word()].map(str::to_owned);
        Self {
            name: format!("command -- {}", quoted(words)),
            form: Form::Command,
            program: server.iter().chain(words).cloned().collect(),
            trusted: false,
        }
    }
}

impl Subject {
    /// The words that name it on the command line.
    pub fn words(&self) -> Vec<String> {
        let (kind, program) = match self.form {
            Form::Rust | Form::Authority => return vec![self.name.clone()],
            Form::Stdio => ("stdio", self.program.as_slice()),
            // Before the program stands its server.
            Form::Command => ("command", self.program.get(2..).unwrap_or_default()),
        };
        [kind, "--"].map(str::to_owned).into_iter().chain(program.iter().cloned()).collect()
    }
}

/// The words as a shell would have to be given them.
fn quoted(words: &[String]) -> String {
    // Only a NUL cannot be quoted, and no word of a command line holds one.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
}
