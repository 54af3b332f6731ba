//! The table of everything that is required, with the text of `explain`. The sentences are the contract's.

pub(crate) mod by_name;
mod fencing;
mod registry;
mod signaller;
mod stopping;

pub use fencing::*;
pub use registry::*;
pub use signaller::*;
pub use stopping::*;

use serde::Serialize;
use std::fmt;

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

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Side::Signaller => "signaller",
            Side::Registry => "registry",
        })
    }
}

/// One sentence of the contract. Two are equal if their names are.
#[derive(Serialize)]
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
    /// What breaks it in practice: real mistakes and remarks, one a line.
    pub breaks: &'static str,
    /// What to check when it fails, most likely first.
    pub check: &'static [&'static str],
}

impl PartialEq for Requirement {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Requirement {}

impl fmt::Debug for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Requirement").field(&self.name).finish()
    }
}

/// Its name.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Requirement {
    /// Whether its cases ask for what must reach nobody: whatever is done to anybody in them breaks it.
    pub(crate) fn allows_no_effect(&self) -> bool {
        let of_names = [REJECTS_UNKNOWN_NAMES, NAMES_ARE_EXACT, NAME_COMES_FIRST, NAMES_ARE_NEVER_COMMANDS];
        let of_leaders = [REJECTS_LEADER_ZERO, REJECTS_LEADER_ONE, REJECTS_LEADER_OUT_OF_RANGE];
        let others = [SPARES_OTHER_GROUPS, MEMBER_IS_NOT_LEADER, EXITED_IS_REPEATABLE];
        [&of_names[..], &of_leaders, &others].concat().contains(&self)
    }
}

/// Every requirement, in the contract's order: those on a signaller, then those on a registry.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    [signaller::ALL, registry::ALL, fencing::ALL, stopping::ALL].into_iter().flatten().copied()
}

/// The requirement of that name.
pub fn find(name: &str) -> Option<&'static Requirement> {
    all().find(|requirement| requirement.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn of(side: Side) -> Vec<&'static Requirement> {
        all().filter(|requirement| requirement.side == side).collect()
    }

    /// Every text of a requirement, with the name of its field.
    fn texts(requirement: &Requirement) -> Vec<(&'static str, &'static str)> {
        let mut texts =
            vec![("name", requirement.name), ("sentence", requirement.sentence), ("why", requirement.why)];
        texts.extend(requirement.breaks.split('\n').map(|line| ("breaks", line)));
        texts.extend(requirement.check.iter().map(|&line| ("check", line)));
        texts
    }

    #[test]
    fn each_side_is_complete_and_signallers_come_first() {
        assert_eq!(of(Side::Signaller).len(), 31);
        assert_eq!(of(Side::Registry).len(), 35);
        assert!(all().take(31).all(|requirement| requirement.side == Side::Signaller));
    }

    #[test]
    fn the_shoulds_are_these() {
        let shoulds: Vec<_> = all()
            .filter(|requirement| requirement.level == Level::Should)
            .map(|requirement| requirement.name)
            .collect();
        assert_eq!(
            shoulds,
            [
                "unreaped-is-not-an-error",
                "recovers-after-unreachable",
                "error-names-the-signal",
                "describes-itself",
                "survives-a-panicking-signaller",
            ]
        );
    }

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut seen = HashSet::new();
        for Requirement { name, .. } in all() {
            assert!(seen.insert(name), "{name} stands twice");
            assert!(
                name.split('-')
                    .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase())),
                "{name} is not kebab-case"
            );
        }
    }

    #[test]
    fn no_text_is_empty_or_badly_spaced() {
        for requirement in all() {
            for (field, text) in texts(requirement) {
                let name = requirement.name;
                assert!(!text.is_empty(), "{name}: {field} is empty");
                assert_eq!(text, text.trim(), "{name}: {field} has space at an end");
                assert!(!text.contains("  "), "{name}: {field} has two spaces in {text:?}");
                assert!(!text.contains(char::is_control), "{name}: {field} is not one line");
                assert_eq!(text.matches('`').count() % 2, 0, "{name}: a backtick is open in {text:?}");
            }
        }
    }

    #[test]
    fn each_has_two_to_five_mistakes_and_checks() {
        for requirement in all() {
            let name = requirement.name;
            assert!((2..=5).contains(&requirement.breaks.lines().count()), "{name}: breaks");
            assert!((2..=5).contains(&requirement.check.len()), "{name}: check");
        }
    }

    #[test]
    fn sentences_continue_one_and_the_other_texts_end_with_a_full_stop() {
        for requirement in all() {
            let Requirement { name, sentence, .. } = requirement;
            assert!(!sentence.ends_with('.'), "{name}: the sentence ends with a full stop");
            assert!(
                // It may begin with the name of an operation.
                sentence.trim_start_matches('`').starts_with(|first: char| first.is_ascii_lowercase()),
                "{name}: the sentence does not continue \"a conforming one …\""
            );
            for (field, text) in texts(requirement) {
                if !matches!(field, "name" | "sentence") {
                    assert!(text.ends_with('.'), "{name}: {field} has no full stop after {text:?}");
                }
            }
        }
    }

    #[test]
    fn find_takes_exact_names_only() {
        for requirement in all() {
            assert_eq!(find(requirement.name), Some(requirement));
        }
        for unknown in ["", "delivers", "Delivers-Once", "delivers-once "] {
            assert_eq!(find(unknown), None, "{unknown:?}");
        }
    }
}
