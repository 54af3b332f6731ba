//! A history in a file that people can read and `replay` runs again.

use super::Divergence;
use super::reference::Reference;
use super::run::run;
use super::step::Step;
use crate::bed::{self, Settings};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

/// The version of the form. A file of a newer one is refused.
const SCHEMA: u64 = 1;
/// The longest part of a file's name that comes from the subject, in characters.
const LONGEST_NAME: usize = 40;

/// A history in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    schema: u64,
    /// The words that name the subject on the command line.
    pub subject: Vec<String>,
    /// The seed of the run that found it: a remark, the steps say all.
    pub seed: u64,
    /// What happened then: a remark, too.
    pub diverged: Remark,
    /// The steps.
    pub steps: Vec<Step>,
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
    /// It is something else.
    #[error("it is no saved history: {0}")]
    Other(#[from] serde_json::Error),
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
        Self { schema: SCHEMA, subject, seed: settings.seed, diverged, steps }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or holds no history of which every step can be done.
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        Self::of(&fs::read_to_string(path)?)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// When it holds no history of which every step can be done.
    pub fn of(text: &str) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Head {
            schema: u64,
        }
        let Head { schema } = serde_json::from_str(text)?;
        if schema > SCHEMA {
            return Err(LoadError::Newer(schema));
        }
        let saved: Self = serde_json::from_str(text)?;
        let mut reference = Reference::default();
        for (place, step) in saved.steps.iter().enumerate() {
            if let Some(objection) = reference.objection(step) {
                return Err(LoadError::Impossible { place: place + 1, step: step.to_string(), objection });
            }
            reference.apply(step);
        }
        Ok(saved)
    }

    /// Writes it to a file in `folder`, which is named after subject, seed and requirement. Returns the file's path.
    ///
    /// # Errors
    /// Says that it could not be saved, and why.
    pub fn write(&self, folder: &Path) -> Result<String, String> {
        let path = folder.join(self.file_name());
        let failed =
            |cause: io::Error| format!("the history could not be saved in {}: {cause}", path.display());
        fs::write(&path, self.text()).map_err(failed)?;
        Ok(path.display().to_string())
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

    fn file_name(&self) -> String {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
        let subject: String = self.subject.join("-").chars().map(plain).take(LONGEST_NAME).collect();
        let words: Vec<_> = subject.split('-').filter(|word| !word.is_empty()).collect();
        let (subject, seed, requirement) = (words.join("-"), self.seed, &self.diverged.requirement);
        format!("signaller-conformance-{subject}-{seed}-{requirement}.history.json")
    }

    /// Goes through it once more. Returns where model and reality part, if they do.
    ///
    /// # Errors
    /// [`bed::Stop::Broken`] when the testbed does not do its part.
    pub fn replay(&self, settings: &Settings) -> bed::Step<Option<Divergence>> {
        Ok(run(settings, &self.steps, None)?.divergence)
    }
}

/// Plain data as JSON on one line.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
