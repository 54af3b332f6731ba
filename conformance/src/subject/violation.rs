//! What a subject did instead of answering.

use crate::report::symptom::ProtocolFault;
use std::io;
use std::time::Duration;

/// What a subject did instead of answering. Its text quotes it.
#[derive(Debug, thiserror::Error)]
pub enum Violation {
    /// It wrote a line that is no answer.
    #[error("wrote the line `{line}` to its standard output, but {fault}")]
    Noise {
        /// The line, printable.
        line: String,
        /// What is wrong with it.
        fault: String,
    },
    /// It answered a question that was not asked.
    #[error("answered id {0}, which was not asked")]
    UnknownId(u64),
    /// It answered a question twice.
    #[error("answered id {0} twice")]
    Twice(u64),
    /// It answered nothing in time.
    #[error("did not answer within {} s ({unanswered} unanswered){rest}", .limit.as_secs_f32())]
    Silent {
        /// The time limit.
        limit: Duration,
        /// How many questions were open.
        unanswered: usize,
        /// What it wrote after its last line end, and whether it takes questions.
        rest: String,
    },
    /// It answered nothing, on a machine that is too busy to tell why.
    #[error(
        "did not answer within {} s, in which this machine left it too little of a processor to judge it by: \
         run the suite while less else is running, or with a longer --timeout",
        .waited.as_secs()
    )]
    Starved {
        /// How long it was waited for.
        waited: Duration,
    },
    /// Its output ended.
    #[error("closed its standard output with {unanswered} unanswered{rest}")]
    Closed {
        /// How many questions were open.
        unanswered: usize,
        /// What it wrote after its last line end.
        rest: String,
    },
    /// It takes no questions.
    #[error("closed its standard input")]
    InputClosed,
    /// It writes without end.
    #[error("wrote over a megabyte without a line end, beginning with `{0}`")]
    Flood(String),
    /// The pipe itself failed.
    #[error("could not be asked: {0}")]
    Io(#[from] io::Error),
}

impl Violation {
    /// The kind of it.
    pub fn kind(&self) -> ProtocolFault {
        match self {
            // What begins like an answer was meant for one.
            Self::Noise { line, .. } if line.starts_with('{') => ProtocolFault::Malformed,
            Self::Noise { .. } => ProtocolFault::Noise,
            Self::UnknownId(_) | Self::Twice(_) => ProtocolFault::OutOfTurn,
            Self::Silent { .. } | Self::Starved { .. } => ProtocolFault::Silent,
            Self::Closed { .. } | Self::InputClosed | Self::Io(_) => ProtocolFault::Ended,
            Self::Flood(_) => ProtocolFault::Flood,
        }
    }

    /// What it wrote that is no answer or has no line end, printable; empty if there is nothing.
    pub fn wrote(&self) -> &str {
        match self {
            Self::Noise { line, .. } | Self::Flood(line) => line,
            Self::Silent { rest, .. } | Self::Closed { rest, .. } => rest,
            Self::UnknownId(_) | Self::Twice(_) | Self::Starved { .. } | Self::InputClosed | Self::Io(_) => {
                ""
            }
        }
    }

    /// Whether it is what a process does that exits: how it ended will be known in a moment.
    pub fn is_an_end(&self) -> bool {
        matches!(self, Self::Closed { .. } | Self::InputClosed)
    }
}
