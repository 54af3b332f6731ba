//! Which cases of the catalogue a run holds.

use super::suggest;
use clap::ValueEnum;
use regex::Regex;
use signaller_conformance::contract::Side;
use signaller_conformance::harness::Case;
use signaller_conformance::subject::Subject;

/// Which requirements to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Those on what delivers a signal.
    Signaller,
    /// Those on the list of groups that a window owns.
    Registry,
    /// Both.
    All,
}

impl Profile {
    /// The one that `subject` gets, as `asked` for or its own. Only Rust subjects come with a registry.
    ///
    /// # Errors
    /// When a registry is asked for that the subject does not have.
    pub fn of(asked: Option<Self>, subject: &Subject) -> Result<Self, String> {
        match (asked, subject.form.has_registry()) {
            (None, true) => Ok(Self::All),
            (None | Some(Self::Signaller), false) => Ok(Self::Signaller),
            (Some(profile), true) => Ok(profile),
            (Some(_), false) => Err(format!(
                "`{}` has no registry to check: leave --profile out, or say --profile signaller",
                subject.name
            )),
        }
    }

    /// Its word on the command line.
    pub fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Whether it holds a requirement on that side.
    fn holds(self, side: Side) -> bool {
        match self {
            Self::Signaller => side == Side::Signaller,
            Self::Registry => side == Side::Registry,
            Self::All => true,
        }
    }
}

/// The cases of `catalogue` that `profile` holds and `filter` matches, of which there is at least one.
///
/// # Errors
/// When there is none; says what is near.
pub fn select<'a>(
    catalogue: &'a [Case],
    profile: Profile,
    filter: Option<&Regex>,
) -> Result<Vec<&'a Case>, String> {
    let matching = |case: &&Case| filter.is_none_or(|filter| filter.is_match(&case.id));
    let matched: Vec<&Case> = catalogue.iter().filter(matching).collect();
    let held: Vec<&Case> =
        matched.iter().copied().filter(|case| profile.holds(case.requirement.side)).collect();
    let profile = profile.word();
    match filter {
        _ if !held.is_empty() => Ok(held),
        None => Err(format!("there are no cases for --profile {profile}")),
        Some(filter) if !matched.is_empty() => Err(format!(
            "--filter '{filter}' matches only cases that the profile `{profile}` does not hold, such as {}",
            matched[0].id
        )),
        Some(filter) => Err(nothing_matches(filter, catalogue)),
    }
}

fn nothing_matches(filter: &Regex, catalogue: &[Case]) -> String {
    let is_of_names = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '/');
    let word: String = filter.as_str().chars().filter(is_of_names).collect();
    let mut names: Vec<&str> = Vec::new();
    for case in catalogue {
        // The cases of a requirement stand together.
        if names.last().is_none_or(|name| !name.starts_with(&format!("{}/", case.requirement.name))) {
            names.push(case.requirement.name);
        }
        names.push(&case.id);
    }
    let near = match &suggest::several(&word, names, 3)[..] {
        [] => String::new(),
        near => format!("; the nearest: {}", near.join(", ")),
    };
    format!("--filter '{filter}' matches no case id{near}. `signaller-conformance list` has them all")
}
