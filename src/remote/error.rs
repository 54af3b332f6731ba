//! Why a remote host was not asked, or did not answer.

use std::fmt;

/// Why a remote host could not be asked. Its [`Display`](fmt::Display) form says what was tried, what was
/// heard, and what to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteError {
    kind: RemoteErrorKind,
    message: String,
}

/// The kinds of [`RemoteError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RemoteErrorKind {
    /// The command could not be started here: it is not installed, or this process has no room for it.
    NotStarted,
    /// The command ended, or the connection did. Whatever it wrote is in the message.
    Ended,
    /// Nothing came within the time limit. The container may be paused, or the network cut.
    TimedOut,
    /// Calls of other threads took the whole time limit.
    Busy,
    /// The remote host has no `kill` that can be relied on.
    NoKill,
    /// The container or the host was started again since the first connection: its groups are gone.
    Restarted,
    /// What came back is no answer.
    Garbled,
}

impl RemoteError {
    pub(super) fn new(kind: RemoteErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> RemoteErrorKind {
        self.kind
    }

    /// The same, with a further sentence.
    pub(super) fn with(mut self, sentence: &str) -> Self {
        if !sentence.is_empty() {
            self.message = format!("{}; {sentence}", self.message);
        }
        self
    }
}

impl fmt::Display for RemoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for RemoteError {}
