//! What the signs of a picture mean: those that occur in it.

use super::{Band, Call, Life, MarkKind, Picture};

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// How a lane goes on.
    Life(Life),
    /// What was seen in a lane.
    Mark(MarkKind),
    /// An arrow of a call that sends a signal.
    Call,
    /// An arrow of a call that sends nothing.
    Probe,
    /// An arrow that comes back to where it comes from.
    Itself,
    /// The band of a group that the subject was called for, among others.
    Called,
    /// Where reality left the contract.
    Broken,
}

impl Sign {
    /// What it means.
    pub fn words(self) -> &'static str {
        match self {
            Self::Life(Life::Absent) => "not there",
            Self::Life(Life::Running) => "runs",
            Self::Life(Life::Stopped) => "is stopped",
            Self::Life(Life::Unreaped) => "has exited, not reaped",
            Self::Mark(MarkKind::Appeared) => "is made",
            Self::Mark(MarkKind::Received) => "received a signal",
            Self::Mark(MarkKind::Pending) => "pending: sent, not taken yet",
            Self::Mark(MarkKind::Changed) => "stopped, continued, exited or reaped",
            Self::Mark(MarkKind::Killed) => "ended by a signal",
            Self::Call => "sends a signal: a head at each process that it is for",
            Self::Probe => "asks who is there, sends nothing",
            Self::Itself => "to itself",
            Self::Called => "shaded: a group that the subject was asked to signal",
            Self::Broken => "broken here",
        }
    }
}

impl Picture {
    /// The signs that occur, in the order in which a legend has them.
    pub fn signs(&self) -> Vec<Sign> {
        let calls = || self.rows.iter().flat_map(|row| &row.calls);
        let is_arrow = |call: &Call, is_probe| call.is_probe == is_probe && !call.to.is_empty();
        let occurs = |sign: &Sign| match *sign {
            Sign::Life(life) => self.rows.iter().any(|row| row.lives.contains(&life)),
            Sign::Mark(kind) => self.rows.iter().any(|row| row.marks.iter().any(|mark| mark.kind == kind)),
            Sign::Call => calls().any(|call| is_arrow(call, false)),
            Sign::Probe => calls().any(|call| is_arrow(call, true)),
            Sign::Itself => calls().any(|call| call.to.contains(&call.from)),
            Sign::Called => self.lanes.iter().any(|lane| matches!(lane.band, Band::Called(_))),
            Sign::Broken => true,
        };
        let signs = [
            Sign::Called,
            Sign::Mark(MarkKind::Appeared),
            Sign::Life(Life::Running),
            Sign::Life(Life::Stopped),
            Sign::Life(Life::Unreaped),
            Sign::Call,
            Sign::Probe,
            Sign::Itself,
            Sign::Mark(MarkKind::Received),
            Sign::Mark(MarkKind::Pending),
            Sign::Mark(MarkKind::Killed),
            Sign::Mark(MarkKind::Changed),
            Sign::Broken,
        ];
        signs.into_iter().filter(occurs).collect()
    }
}
