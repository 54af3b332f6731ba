//! The table of everything that is required, with the text of `explain`. The sentences are the contract's own.

mod registry;
mod signaller;

use serde::Serialize;

/// How binding a requirement is, in the words of RFC 2119.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A subject that breaks it is not conformant.
    Must,
    /// A subject that breaks it is warned.
    Should,
}

/// Whom a requirement is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// What delivers a signal.
    Signaller,
    /// The list of groups that one window owns.
    Registry,
}

/// One sentence of the contract.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// Its stable name.
    pub name: &'static str,
    /// How binding it is.
    pub level: Level,
    /// Whom it is asked of.
    pub side: Side,
    /// What a conforming one does; continues "a conforming signaller …" or "a conforming registry …".
    pub sentence: &'static str,
    /// Why users need it.
    pub why: &'static str,
    /// What breaks it in practice: real mistakes, a paragraph or a list.
    pub breaks: &'static str,
    /// What to check when it fails, most likely first.
    pub check: &'static [&'static str],
}

/// Every requirement, in the contract's order: those on a signaller, then those on a registry.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    signaller::REQUIREMENTS.iter().chain(registry::REQUIREMENTS)
}

/// The requirement of that name.
pub fn find(name: &str) -> Option<&'static Requirement> {
    all().find(|requirement| requirement.name == name)
}
