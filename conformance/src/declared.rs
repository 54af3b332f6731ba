//! What a subject declares of itself. A declaration changes which answers are allowed, and every report names
//! it.

use nix::sys::signal::Signal;
use std::fmt;
use std::str::FromStr;

/// One capability, written `KEY=VALUE` or `KEY`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Capability {
    /// `names=SIGUSR1,SIGQUIT`: further names that it delivers, as the signals that they are.
    Names(Names),
    /// `unreaped=exited` or `unreaped=delivered`: what it says of a group whose members have all exited and
    /// are not reaped. Without it either may be said.
    Unreaped {
        /// Whether it says delivered.
        delivered: bool,
    },
    /// `unreachable=never`: nothing can come between it and its authority.
    NeverUnreachable,
    /// `user=1000`: it acts as this user, and has no privilege over the processes of others.
    User(u32),
    /// `fencing`: the registry that comes with it tells registrations of one pid apart.
    Fencing,
    /// `pinning`: the signaller holds on to the groups that its registry registers, beyond their ids.
    Pinning,
    /// `stopping`: the registry that comes with it stops its groups: SIGTERM, a grace period, SIGKILL to what
    /// is left.
    Stopping,
}

/// Names of signals beyond the four.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names(Vec<Signal>);

/// Why something is no [`Capability`], and what is one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidCapability(String);

/// The keys with what may stand behind them, for messages.
pub const FORMS: [(&str, &str); 7] = [
    ("names", "names=SIGUSR1,SIGQUIT"),
    ("unreaped", "unreaped=exited or unreaped=delivered"),
    ("unreachable", "unreachable=never"),
    ("user", "user=UID"),
    ("fencing", "fencing"),
    ("pinning", "pinning"),
    ("stopping", "stopping"),
];

impl FromStr for Capability {
    type Err = InvalidCapability;

    /// The capability that is written so.
    fn from_str(text: &str) -> Result<Self, InvalidCapability> {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        match (key, value) {
            ("names", names) => {
                let signals: Result<_, _> = names.split(',').map(signal).collect();
                signals.map(|signals| Self::Names(Names(signals))).map_err(InvalidCapability)
            }
            ("unreaped", "exited") => Ok(Self::Unreaped { delivered: false }),
            ("unreaped", "delivered") => Ok(Self::Unreaped { delivered: true }),
            ("unreachable", "never") => Ok(Self::NeverUnreachable),
            ("user", uid) if !uid.is_empty() => ordinary_user(uid).map(Self::User).map_err(InvalidCapability),
            ("fencing", "") if key == text => Ok(Self::Fencing),
            ("pinning", "") if key == text => Ok(Self::Pinning),
            ("stopping", "") if key == text => Ok(Self::Stopping),
            _ => Err(InvalidCapability(match FORMS.iter().find(|(known, _)| *known == key) {
                Some((_, form)) => format!("`{key}` is written {form}"),
                None => {
                    let forms = FORMS.map(|(_, form)| form).join("; ");
                    format!("unknown capability `{key}`; known capabilities: {forms}")
                }
            })),
        }
    }
}

/// The number of a user who has no privilege. The largest number means no change to setresuid(2).
///
/// # Errors
/// When it is none.
pub fn ordinary_user(text: &str) -> Result<u32, String> {
    let uid = text.parse().ok().filter(|uid| (1..u32::MAX).contains(uid));
    uid.ok_or_else(|| format!("`{text}` is no ordinary user's number, such as 1000"))
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
            Self::Names(Names(signals)) => {
                let names: Vec<_> = signals.iter().map(|signal| signal.as_str()).collect();
                write!(f, "names={}", names.join(","))
            }
            Self::Unreaped { delivered: true } => f.write_str("unreaped=delivered"),
            Self::Unreaped { delivered: false } => f.write_str("unreaped=exited"),
            Self::NeverUnreachable => f.write_str("unreachable=never"),
            Self::User(uid) => write!(f, "user={uid}"),
            Self::Fencing => f.write_str("fencing"),
            Self::Pinning => f.write_str("pinning"),
            Self::Stopping => f.write_str("stopping"),
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

impl Extend<Capability> for Declared {
    fn extend<I: IntoIterator<Item = Capability>>(&mut self, capabilities: I) {
        self.0.extend(capabilities);
    }
}

/// Signals that stop or continue who gets them, that the kernel raises for a fault, or whose meaning is another
/// process: members cannot tell what they received.
const UNTOLD: [Signal; 10] = [
    Signal::SIGSTOP,
    Signal::SIGTSTP,
    Signal::SIGTTIN,
    Signal::SIGTTOU,
    Signal::SIGCONT,
    Signal::SIGSEGV,
    Signal::SIGBUS,
    Signal::SIGILL,
    Signal::SIGFPE,
    Signal::SIGCHLD,
];

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
                Capability::Names(Names(signals)) => signals.as_slice(),
                _ => &[],
            })
            .copied()
    }

    /// Those of them by which members can tell what they received.
    pub fn observable_signals(&self) -> impl Iterator<Item = Signal> {
        self.signals().filter(|signal| !UNTOLD.contains(signal))
    }

    /// Whether a name is one of those that it declares.
    pub fn takes(&self, name: &str) -> bool {
        self.signals().any(|signal| signal.as_str() == name)
    }

    /// The same without the user that it acts as.
    #[must_use]
    pub fn without_user(mut self) -> Self {
        self.0.retain(|capability| !matches!(capability, Capability::User(_)));
        self
    }

    /// As which user it acts, if it says so. The last word counts.
    pub fn user(&self) -> Option<u32> {
        self.0.iter().rev().find_map(|capability| match capability {
            Capability::User(uid) => Some(*uid),
            _ => None,
        })
    }

    /// What it says of an unreaped group, `true` for delivered, if it says one thing only. The last word
    /// counts.
    pub fn of_unreaped(&self) -> Option<bool> {
        self.0.iter().rev().find_map(|capability| match capability {
            Capability::Unreaped { delivered } => Some(*delivered),
            _ => None,
        })
    }

    /// Whether its registry fences reused pids.
    pub fn fencing(&self) -> bool {
        self.0.contains(&Capability::Fencing)
    }

    /// Whether its signaller pins what is registered.
    pub fn pinning(&self) -> bool {
        self.0.contains(&Capability::Pinning)
    }

    /// Whether its registry stops its groups.
    pub fn stopping(&self) -> bool {
        self.0.contains(&Capability::Stopping)
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
        for text in [
            "names=SIGUSR1,SIGQUIT",
            "unreaped=exited",
            "unreaped=delivered",
            "unreachable=never",
            "fencing",
            "pinning",
            "stopping",
        ] {
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
            ("fencing=yes", "`fencing` is written fencing"),
            ("fencing=", "`fencing` is written fencing"),
        ] {
            let refused = text.parse::<Capability>().expect_err(text);
            assert!(refused.to_string().contains(part), "{text}: {refused}");
        }
    }

    #[test]
    fn the_last_word_counts() {
        let both = ["unreaped=exited", "unreaped=delivered"].map(|text| text.parse().expect("it is known"));
        assert_eq!(Declared::from_iter(both).of_unreaped(), Some(true));
        assert_eq!(Declared::default().of_unreaped(), None);
    }
}
