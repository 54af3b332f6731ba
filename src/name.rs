//! The four signal names, and nothing that merely looks like one.

use std::fmt;
use std::str::FromStr;

/// A signal that a window may send to a group it owns.
///
/// Parsed with [`FromStr`], which takes the four names exactly as written here and no other spelling.
///
/// ```
/// use process_groups::SignalName;
/// assert_eq!("SIGTERM".parse(), Ok(SignalName::Term));
/// assert!("sigterm".parse::<SignalName>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignalName {
    /// `SIGTERM`: please stop.
    Term,
    /// `SIGKILL`: ends a process without asking it.
    Kill,
    /// `SIGINT`: what Ctrl-C sends.
    Int,
    /// `SIGHUP`: the terminal is gone.
    Hup,
}

impl SignalName {
    /// All four, in the order of the documentation.
    pub const ALL: [SignalName; 4] = [Self::Term, Self::Kill, Self::Int, Self::Hup];

    /// The name as it is written: `"SIGTERM"`, `"SIGKILL"`, `"SIGINT"` or `"SIGHUP"`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Term => "SIGTERM",
            Self::Kill => "SIGKILL",
            Self::Int => "SIGINT",
            Self::Hup => "SIGHUP",
        }
    }
}

impl fmt::Display for SignalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SignalName {
    type Err = UnknownSignalName;

    /// The signal of exactly this name.
    ///
    /// # Errors
    /// [`UnknownSignalName`] for every other text, near misses such as `"TERM"` or `"SIGTERM "` included.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|name| name.as_str() == text).ok_or_else(|| UnknownSignalName::new(text))
    }
}

/// A text that is none of the four names. Its [`Display`](fmt::Display) form names it, printable and of
/// bounded length, whatever it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSignalName {
    printable: String,
}

impl UnknownSignalName {
    /// How much of an unknown name a message repeats, in characters of the original.
    const LONGEST_REPEATED: usize = 80;

    fn new(text: &str) -> Self {
        let mut printable: String =
            text.chars().take(Self::LONGEST_REPEATED).flat_map(char::escape_debug).collect();
        if text.chars().nth(Self::LONGEST_REPEATED).is_some() {
            printable.push('…');
        }
        Self { printable }
    }
}

impl fmt::Display for UnknownSignalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown signal name \"{}\": use SIGTERM, SIGKILL, SIGINT or SIGHUP", self.printable)
    }
}

impl std::error::Error for UnknownSignalName {}
