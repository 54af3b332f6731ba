//! A failed case as a picture: a lane for each process, the subject and the registry, and time runs
//! downwards.
//!
//! This module says what is in the picture; the modules below draw it.

mod arrivals;
mod lanes;
pub mod legend;
mod rows;
#[cfg(feature = "cli")]
pub mod svg;
pub mod text;

use super::Finding;
use super::text::printable;
use super::timeline::{Event, Moment};
use lanes::Lanes;
use rows::Now;
use std::time::Duration;

/// A picture with more rows than this loses its middle.
const ROWS: usize = 60;
/// How many rows of a longer one are shown at each end.
const ROWS_AT_EACH_END: usize = 24;

/// A failed case.
#[derive(Clone, Debug)]
pub struct Picture {
    /// From left to right.
    pub lanes: Vec<Lane>,
    /// From the top down.
    pub rows: Vec<Row>,
    /// How many processes have no lane.
    pub hidden: usize,
    /// What the contract expects.
    pub expected: String,
    /// What happened instead: where reality left the model.
    pub happened: String,
}

/// A process, or the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Its pid; `None` for the registry.
    pub pid: Option<u32>,
    /// What it is, in words.
    pub what: String,
    /// Whether it is the subject.
    pub is_subject: bool,
    /// The lanes of a band stand side by side, below its title.
    pub band: Band,
    /// Whether the requirement is broken by what happened to it, or did not.
    pub is_accused: bool,
}

/// What lanes stand under: the group that a process is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// The registry alone.
    Registry,
    /// The group with this id, which the subject is called for.
    Called(u32),
    /// Another group, with this id.
    Group(u32),
    /// Processes elsewhere than the groups, whose ids mean nothing among theirs.
    Elsewhere,
}

impl Band {
    /// The id of the group.
    fn group(self) -> Option<u32> {
        match self {
            Self::Called(id) | Self::Group(id) => Some(id),
            Self::Registry | Self::Elsewhere => None,
        }
    }

    fn title(self) -> String {
        match self {
            Self::Registry => String::new(),
            Self::Called(id) | Self::Group(id) => format!("group {id}"),
            Self::Elsewhere => "outside".to_owned(),
        }
    }
}

/// A step of the case.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its number among the steps, from 1; `None` for what stands for several.
    pub place: Option<usize>,
    /// When it was.
    pub at: Option<Duration>,
    /// What was done, in words, whole.
    pub text: String,
    /// The calls of the subject.
    pub calls: Vec<Call>,
    /// Whether the text says them already, as that of an answer does, and that of a system call.
    pub says_calls: bool,
    /// What was seen in the lanes.
    pub marks: Vec<Mark>,
    /// How each lane goes on below the row.
    pub lives: Vec<Life>,
}

/// A call of the subject, or by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// From which lane: the subject's or the registry's.
    pub from: usize,
    /// The lanes of those whom it is for or whom its signal reached, which may be the one that it comes from.
    pub to: Vec<usize>,
    /// Whether it only asks whether somebody is there, and sends nothing.
    pub is_probe: bool,
    /// What was called, or asked and answered.
    pub label: String,
}

/// What was seen in a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The place of the lane.
    pub lane: usize,
    /// The kind of it.
    pub kind: MarkKind,
    /// In a word: `TERM`, `stopped`.
    pub label: String,
}

/// The kinds of marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// The process is there from now on.
    Appeared,
    /// A signal reached it.
    Received,
    /// A signal is pending.
    Pending,
    /// It was stopped, continued or reaped, or has exited by itself.
    Changed,
    /// A signal ended it.
    Killed,
}

/// How a lane goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Life {
    /// Not there yet, or reaped.
    #[default]
    Absent,
    /// Running.
    Running,
    /// Stopped.
    Stopped,
    /// Exited, and not reaped.
    Unreaped,
}

impl Picture {
    /// The picture of a finding, for at most that many lanes; `None` of one without events.
    pub fn of(finding: &Finding, most_lanes: usize) -> Option<Self> {
        let finding =
            &Finding { timeline: arrivals::at_the_system_calls(&finding.timeline), ..finding.clone() };
        let Lanes { lanes, of, hidden } = Lanes::of(finding, most_lanes)?;
        let mut lives: Vec<_> = lanes.iter().map(registry_is_there).collect();
        let mut now = Now::new(&of, &finding.timeline);
        let mut rows = Vec::new();
        for (index, moment) in finding.timeline.iter().enumerate() {
            rows.push(now.row(index, moment, &mut lives, &lanes));
        }
        let (expected, happened) = (finding.expected.clone(), finding.happened.clone());
        let rows = shortened(without_the_undrawn(&rows, &finding.timeline));
        Some(Self { lanes, rows, hidden, expected, happened })
    }

    /// Everything that the picture shows, in a sentence or two: for whoever cannot see it.
    pub fn description(&self) -> String {
        let name = |lane: &Lane| match lane.pid {
            Some(pid) => format!("process {pid} ({})", lane.what),
            None => lane.what.clone(),
        };
        let bands = self.lanes.chunk_by(|one, next| one.band == next.band).map(|lanes| {
            let names: Vec<_> = lanes.iter().map(name).collect();
            let title = Some(lanes[0].band.title()).filter(|title| !title.is_empty());
            title.map(|title| title + ": ").unwrap_or_default() + &names.join(", ")
        });
        let lanes: Vec<_> = bands.collect();
        let accused: Vec<_> = self.lanes.iter().filter(|lane| lane.is_accused).map(name).collect();
        let at = match accused.is_empty() {
            true => String::new(),
            false => format!(" It shows at {}.", accused.join(", ")),
        };
        printable(&format!(
            "Lanes: {}. It went wrong at the last step: {}.{at} The steps below say the rest.",
            lanes.join("; "),
            self.happened.lines().next().unwrap_or_default()
        ))
    }
}

/// A registry is there from the beginning.
fn registry_is_there(lane: &Lane) -> Life {
    if lane.pid.is_none() { Life::Running } else { Life::Absent }
}

/// The rows, with one in place of several in a row in which processes were made that have no lane.
fn without_the_undrawn(rows: &[Row], timeline: &[Moment]) -> Vec<Row> {
    let is_made = |event: &Event| matches!(event, Event::Appeared(_));
    let is_undrawn = |row: &Row| {
        let events = row.place.map_or(&[][..], |place| &timeline[place - 1].events);
        row.marks.is_empty() && !events.is_empty() && events.iter().all(is_made)
    };
    let runs = rows.chunk_by(|one, next| is_undrawn(one) && is_undrawn(next));
    let told = |run: &[Row]| match run.len() {
        2.. => vec![in_place_of(run, "made processes that are not drawn")],
        _ => run.to_vec(),
    };
    runs.flat_map(told).collect()
}

/// The row that stands for several, of which there is at least one.
fn in_place_of(rows: &[Row], what: &str) -> Row {
    let text = format!("… ({} steps {what}) …", rows.len());
    let lives = rows.last().map(|row| row.lives.clone()).unwrap_or_default();
    Row { place: None, at: None, text, calls: Vec::new(), says_calls: true, marks: Vec::new(), lives }
}

/// The rows, without those in the middle if they are many.
fn shortened(mut rows: Vec<Row>) -> Vec<Row> {
    if rows.len() <= ROWS {
        return rows;
    }
    let last = rows.split_off(rows.len() - ROWS_AT_EACH_END);
    let between = rows.split_off(ROWS_AT_EACH_END);
    rows.push(in_place_of(&between, "left out"));
    rows.extend(last);
    rows
}

#[cfg(test)]
mod tests;
