//! A history in a file that people can read and `replay` runs again.

use super::Divergence;
use super::reference::Reference;
use super::run::run;
use super::step::Step;
use crate::harness::{self, Settings};
use crate::sys::folder;
use crate::sys::lines::{LONGEST_LINE, wait_for};
use crate::testbed::Kernel;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt::Write;
use std::fs::{self, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// The version of the form. A file of a newer one is refused.
const SCHEMA: u64 = 1;
/// The largest file that is read, in bytes. One that `check` saves takes a few thousand.
const LARGEST_FILE: usize = 1 << 24;
/// How long a file that is a pipe or a terminal may stay silent.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many bytes a step may make the registry repeat. The subject's line for one holds a signal name up to
/// three times for each entry: in the call that was logged, in that call's error, and in the result. Escaped,
/// a control character takes up to 18 bytes there.
const LONGEST_TEXT: usize = LONGEST_LINE / 32;
/// What an entry takes beside its texts, counted generously.
const ENTRY: usize = 32;
/// The longest of the names that a registry itself chooses.
const SIGNAL: &str = "SIGTERM";
/// The longest part of a file's name that comes from the subject, in characters.
const LONGEST_NAME: usize = 20;

/// A history in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    schema: u64,
    /// The words that name the subject on the command line.
    pub subject: Vec<String>,
    /// Whose answers kill(2) gave it then.
    #[serde(default, skip_serializing_if = "is_linux")]
    pub kernel: Kernel,
    /// The seed of the run that found it: a remark, the steps say all.
    pub seed: u64,
    /// What happened then: a remark, too.
    pub diverged: Remark,
    /// The steps.
    pub steps: Vec<Step>,
}

fn is_linux(kernel: &Kernel) -> bool {
    *kernel == Kernel::Linux
}

/// What happened when a history was saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The requirement that it broke.
    pub requirement: String,
    /// What was expected.
    pub expected: String,
    /// What happened instead.
    pub happened: String,
}

/// Why a file holds no history to be replayed.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// It is a pipe or a terminal, and nobody writes to it.
    #[error(
        "nothing has come from it within {} s: a history is a file that `check` has saved, or a pipe that \
         somebody writes one to",
        PATIENCE.as_secs()
    )]
    Silent,
    /// It has more bytes than a history can have.
    #[error("it is no saved history: it has more than {} MiB", LARGEST_FILE >> 20)]
    TooLarge,
    /// It is something else.
    #[error("it is no saved history: {0}")]
    Other(#[from] serde_json::Error),
    /// It is no report.
    #[error("it is no report of check --format json: it has no cases")]
    NoReport,
    /// The report has no failing history of that case.
    #[error("the report holds no failing history of `{case}`; those that it holds: {}", if .known.is_empty() { "none" } else { .known })]
    NoHistory {
        /// The case.
        case: String,
        /// The cases that have one.
        known: String,
    },
    /// It is a report, and a case is needed.
    #[error("it is a report: name one of its cases after it, such as reports-exited/histories")]
    IsReport,
    /// A newer program wrote it.
    #[error(
        "it was saved by a newer version of this program (its schema is {0}, the newest known here is {SCHEMA})"
    )]
    Newer(u64),
    /// A step cannot be done after those before it.
    #[error("step {place} ({step}) cannot be done: {objection}")]
    Impossible {
        /// Which, counted from 1.
        place: usize,
        /// The step in words.
        step: String,
        /// Why not.
        objection: &'static str,
    },
    /// A step asks for more than a line may hold.
    #[error(
        "step {place} asks for too much text: the labels of all entries, with the signal name once for each \
         of them, may have {LONGEST_TEXT} bytes"
    )]
    TooLong {
        /// Which, counted from 1.
        place: usize,
    },
}

impl Saved {
    /// The history in which `divergence` was found.
    pub fn new(settings: &Settings, divergence: &Divergence) -> Self {
        let finding = &divergence.finding;
        let diverged = Remark {
            requirement: divergence.requirement.to_owned(),
            expected: finding.expected.clone(),
            happened: finding.happened.clone(),
        };
        let (subject, steps) = (settings.subject.words(), divergence.steps.clone());
        Self { schema: SCHEMA, subject, kernel: settings.kernel, seed: settings.seed, diverged, steps }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or holds no history of which every step can be done.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        let text = String::from_utf8(bytes_of(path)?);
        Self::of(&text.map_err(|cause| io::Error::new(io::ErrorKind::InvalidData, cause.utf8_error()))?)
    }

    /// Reads the history of a case from the report of a run, which `check --format json` wrote.
    ///
    /// # Errors
    /// When it cannot be read, or holds no history of that case of which every step can be done.
    pub fn read_from_report(path: &Path, case: &str) -> Result<Self, LoadError> {
        let report: Value = serde_json::from_slice(&bytes_of(path)?)?;
        let rows = report["cases"].as_array().ok_or(LoadError::NoReport)?;
        let row = rows.iter().find(|row| row["case"] == case);
        match row.and_then(|row| row.get("history")) {
            Some(history) => Self::of(&history.to_string()),
            None => {
                let with = rows.iter().filter(|row| row.get("history").is_some());
                let known: Vec<_> = with.filter_map(|row| row["case"].as_str()).collect();
                Err(LoadError::NoHistory { case: case.to_owned(), known: known.join(", ") })
            }
        }
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it holds no history of which every step can be done.
    pub fn of(text: &str) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u64,
            cases: Option<IgnoredAny>,
        }
        let Head { schema, cases } = serde_json::from_str(text)?;
        if cases.is_some() {
            return Err(LoadError::IsReport);
        }
        if schema > SCHEMA {
            return Err(LoadError::Newer(schema));
        }
        let saved: Self = serde_json::from_str(text)?;
        let mut reference = Reference::default();
        for (place, step) in saved.steps.iter().enumerate() {
            if text_of(step, &reference) > LONGEST_TEXT {
                return Err(LoadError::TooLong { place: place + 1 });
            }
            if let Some(objection) = reference.objection(step) {
                return Err(LoadError::Impossible { place: place + 1, step: step.to_string(), objection });
            }
            reference.apply(step);
        }
        Ok(saved)
    }

    /// Writes it to a file in `folder`, which is named after subject, seed and requirement. Returns the
    /// file's path.
    ///
    /// # Errors
    /// Says that it could not be saved, and why.
    pub fn write(&self, folder: &Path) -> Result<String, String> {
        let path = folder.join(self.file_name());
        let failed =
            |cause: io::Error| format!("the history could not be saved in {}: {cause}", path.display());
        fs::write(&path, self.text()).map_err(failed)?;
        Ok(folder::from_here(&path).display().to_string())
    }

    /// The text of its file: JSON, a step a line.
    pub fn text(&self) -> String {
        let mut text =
            format!("{{\n  \"schema\": {},\n  \"subject\": {},\n", self.schema, json(&self.subject));
        let Remark { requirement, expected, happened } = &self.diverged;
        let _ = write!(text, "  \"seed\": {},\n  \"diverged\": {{\n", self.seed);
        let _ = writeln!(text, "    \"requirement\": {},", json(requirement));
        let _ = writeln!(text, "    \"expected\": {},", json(expected));
        let _ = writeln!(text, "    \"happened\": {}\n  }},\n  \"steps\": [", json(happened));
        let steps: Vec<_> = self.steps.iter().map(|step| format!("    {}", json(step))).collect();
        text + &steps.join(",\n") + "\n  ]\n}\n"
    }

    /// What its file holds, as a value.
    pub fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn file_name(&self) -> String {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
        let subject: String = self.subject.join("-").chars().map(plain).take(LONGEST_NAME).collect();
        let words: Vec<_> = subject.split('-').filter(|word| !word.is_empty()).collect();
        let (subject, seed, requirement) = (words.join("-"), self.seed, &self.diverged.requirement);
        format!("{subject}-{seed}-{requirement}.history.json")
    }

    /// Goes through it once more. Returns where model and reality part, if they do.
    ///
    /// # Errors
    /// [`harness::Abort::Broken`] when the testbed does not do its part.
    pub fn replay(&self, settings: &Settings) -> harness::Result<Option<Divergence>> {
        Ok(run(settings, &self.steps, None)?.divergence)
    }
}

/// The bytes of a file, which may be a pipe.
fn bytes_of(path: &Path) -> Result<Vec<u8>, LoadError> {
    // Else opening a pipe waits for a writer, without end (fifo(7)).
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path)?;
    let (mut bytes, mut chunk) = (Vec::new(), vec![0; 1 << 16]);
    while bytes.len() <= LARGEST_FILE {
        let mut fds = [PollFd::new(file.as_fd(), PollFlags::POLLIN)];
        if !wait_for(&mut fds, Instant::now() + PATIENCE)? {
            return Err(LoadError::Silent);
        }
        match nix::unistd::read(&file, &mut chunk) {
            Ok(0) => return Ok(bytes),
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(cause) => return Err(io::Error::from(cause).into()),
        }
    }
    Err(LoadError::TooLarge)
}

/// How many bytes of names and labels the registry repeats when it does `step` and lists its entries.
fn text_of(step: &Step, before: &Reference) -> usize {
    let (name, label) = match step {
        Step::SignalAll { signal_name } => (signal_name.len(), 0),
        // A target may be repeated, and is no longer listed perhaps: each takes as much as the longest text
        // here.
        Step::SignalTargets { signal_name, leader_pids } => {
            let kept = before.targets(leader_pids).into_iter();
            let texts = kept.map(|one| ENTRY + one.label.len() + signal_name.len());
            (signal_name.len(), texts.fold(0, usize::saturating_add))
        }
        Step::Register { label, .. } => (0, ENTRY + label.len()),
        Step::StopRegistry { newcomer, .. } => {
            (SIGNAL.len(), newcomer.as_ref().map_or(0, |newcomer| ENTRY + newcomer.label.len()))
        }
        _ => (0, 0),
    };
    let entries = before.registry.entries().iter();
    entries.fold(label, |sum, (_, held)| sum.saturating_add(ENTRY + held.len() + name)).max(name)
}

/// Plain data as JSON on one line.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
