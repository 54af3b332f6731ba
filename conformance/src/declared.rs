//! What a subject declares of itself. A declaration changes which answers are allowed, and every report names it.

use nix::sys::signal::Signal;
use std::fmt;
use std::str::FromStr;

/// One capability, written `KEY=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Capability {
    /// `names=SIGUSR1,SIGQUIT`: further names that it delivers, as the signals that they are.
    Names(Vec<Signal>),
    /// `unreaped=exited` or `unreaped=delivered`: what it says of a group whose members have all exited and are
    /// not reaped. Without it either may be said.
    Unreaped {
        /// Whether it says delivered.
        delivered: bool,
    },
    /// `unreachable=never`: nothing can come between it and its authority.
    NeverUnreachable,
}

/// The keys with what may stand behind them, for messages.
pub const FORMS: [(&str, &str); 3] = [
    ("names", "names=SIGUSR1,SIGQUIT"),
    ("unreaped", "unreaped=exited or unreaped=delivered"),
    ("unreachable", "unreachable=never"),
];

impl FromStr for Capability {
    type Err = String;

    /// The capability that is written so.
    ///
    /// # Errors
    /// What is wrong with it, and how it is written.
    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        match (key, value) {
            ("names", names) => names.split(',').map(signal).collect::<Result<_, _>>().map(Self::Names),
            ("unreaped", "exited") => Ok(Self::Unreaped { delivered: false }),
            ("unreaped", "delivered") => Ok(Self::Unreaped { delivered: true }),
            ("unreachable", "never") => Ok(Self::NeverUnreachable),
            _ => Err(match FORMS.iter().find(|(known, _)| *known == key) {
                Some((_, form)) => format!("`{key}` is written {form}"),
                None => {
                    let forms = FORMS.map(|(_, form)| form).join("; ");
                    format!("nothing is known that is called `{key}`; what can be declared: {forms}")
                }
            }),
        }
    }
}

fn signal(name: &str) -> Result<Signal, String> {
    match Signal::from_str(name) {
        Ok(Signal::SIGTERM | Signal::SIGKILL | Signal::SIGINT | Signal::SIGHUP) => {
            Err(format!("{name} is one of the four names that every signaller takes: declare further ones"))
        }
        Ok(Signal::SIGSTOP | Signal::SIGCHLD) => {
            Err(format!("{name} is not supported: no process can be watched for it"))
        }
        Ok(signal) => Ok(signal),
        Err(_) => Err(format!("`{name}` is no signal of this system; names are written like SIGUSR1")),
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Names(signals) => {
                let names: Vec<_> = signals.iter().map(|signal| signal.as_str()).collect();
                write!(f, "names={}", names.join(","))
            }
            Self::Unreaped { delivered: true } => f.write_str("unreaped=delivered"),
            Self::Unreaped { delivered: false } => f.write_str("unreaped=exited"),
            Self::NeverUnreachable => f.write_str("unreachable=never"),
        }
    }
}

/// Everything that a subject declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared(Vec<Capability>);

impl FromIterator<Capability> for Declared {
    fn from_iter<I: IntoIterator<Item = Capability>>(capabilities: I) -> Self {
        Self(capabilities.into_iter().collect())
    }
}

impl Declared {
    /// Each as it is written.
    pub fn written(&self) -> Vec<String> {
        self.0.iter().map(Capability::to_string).collect()
    }

    /// The further signals that it delivers.
    pub fn signals(&self) -> impl Iterator<Item = Signal> {
        self.0
            .iter()
            .flat_map(|capability| match capability {
                Capability::Names(signals) => signals.as_slice(),
                _ => &[],
            })
            .copied()
    }

    /// Whether a name is one of those that it declares.
    pub fn takes(&self, name: &str) -> bool {
        self.signals().any(|signal| signal.as_str() == name)
    }

    /// What it says of an unreaped group, `true` for delivered, if it says one thing only. The last word counts.
    pub fn of_unreaped(&self) -> Option<bool> {
        self.0.iter().rev().find_map(|capability| match capability {
            Capability::Unreaped { delivered } => Some(*delivered),
            _ => None,
        })
    }

    /// Whether nothing can come between it and its authority.
    pub fn never_unreachable(&self) -> bool {
        self.0.contains(&Capability::NeverUnreachable)
    }
}

#[cfg(test)]
mod tests {
    use super::{Capability, Declared};

    #[test]
    fn what_is_declared_is_written_as_it_was() {
        for text in ["names=SIGUSR1,SIGQUIT", "unreaped=exited", "unreaped=delivered", "unreachable=never"] {
            assert_eq!(
                text.parse::<Capability>().map(|capability| capability.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn what_cannot_be_declared_is_told_with_what_can() {
        for (text, part) in [
            ("namez=SIGUSR1", "names=SIGUSR1,SIGQUIT"),
            ("unreaped=gone", "unreaped=exited"),
            ("names=SIGTERM", "one of the four"),
            ("names=USR1", "written like SIGUSR1"),
            ("names=SIGSTOP", "not supported"),
            ("names=", "no signal"),
        ] {
            let refused = text.parse::<Capability>().expect_err(text);
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }

    #[test]
    fn the_last_word_counts() {
        let both = ["unreaped=exited", "unreaped=delivered"].map(|text| text.parse().expect("it is known"));
        assert_eq!(Declared::from_iter(both).of_unreaped(), Some(true));
        assert_eq!(Declared::default().of_unreaped(), None);
    }
}
