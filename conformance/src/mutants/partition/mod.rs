//! Whose link to the groups can be cut: who is wrong meanwhile, and who is after that.

pub mod conforming;
pub mod recovered;
pub mod unreachable;

use super::parts::deliver;
use crate::subject::wire::SignalResult;
use std::fs;
use std::path::PathBuf;

/// A link to the groups, which is cut while a file has an odd number of bytes. Each cut ends the connections
/// that were made before it.
#[derive(Debug)]
pub struct Link {
    file: PathBuf,
}

/// A connection, by how often the link had been cut when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line(u64);

/// The connection was lost before anything was sent.
#[derive(Debug)]
pub struct Lost;

impl Link {
    /// The link that is cut by this file.
    pub fn of(file: &str) -> Self {
        Self { file: file.into() }
    }

    /// Makes a connection.
    pub fn connect(&self) -> Result<Line, Lost> {
        let length = fs::metadata(&self.file).map_err(|_| Lost)?.len();
        if length % 2 == 0 { Ok(Line(length / 2)) } else { Err(Lost) }
    }

    /// Signals a group through a connection.
    pub fn send(&self, line: Line, id: i32, signal: i32) -> Result<SignalResult, Lost> {
        if self.connect()? == line { Ok(deliver(id, signal)) } else { Err(Lost) }
    }

    /// Signals a group through a connection of its own.
    pub fn send_alone(&self, id: i32, signal: i32) -> Result<SignalResult, Lost> {
        self.send(self.connect()?, id, signal)
    }
}

/// What there is to say when the authority cannot be asked.
fn unreachable() -> SignalResult {
    Err("the connection is lost".to_owned())
}
