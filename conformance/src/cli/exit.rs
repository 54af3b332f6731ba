//! The exit statuses, and why a command ends without having done its work.

use std::fmt;

/// The command did what was asked; for `check`: conformant or incomplete.
pub const SUCCESS: u8 = 0;
/// The subject is not conformant, or incomplete where that is denied.
pub const NOT_CONFORMANT: u8 = 1;
/// The command line is wrong; nothing was run.
pub const WRONG_COMMAND_LINE: u8 = 2;
/// The suite could not do its work.
pub const BROKEN: u8 = 3;

/// Why a command could not do what was asked, for the user.
#[derive(Debug)]
pub enum Refusal {
    /// The command line is wrong: how, and what would be right.
    CommandLine(String),
    /// The suite's own work failed.
    Broken(String),
}

impl Refusal {
    /// The exit status that says so.
    pub fn status(&self) -> u8 {
        match self {
            Refusal::CommandLine(_) => WRONG_COMMAND_LINE,
            Refusal::Broken(_) => BROKEN,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::CommandLine(reason) | Refusal::Broken(reason) => f.write_str(reason),
        }
    }
}
