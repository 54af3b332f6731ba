//! Subjects of a matrix, as words or as entries of a TOML file.

use crate::cli::values::{self, Words};
use crate::cli::{placeholders, subjects};
use serde::Deserialize;
use signaller_conformance::declared::{Capability, Declared};
use signaller_conformance::harness::Settings;
use signaller_conformance::report::text;
use signaller_conformance::subject::Subject;
use std::path::Path;
use std::process::Command;
use toml::Spanned;

/// One subject of a matrix.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What people call it.
    pub name: String,
    /// The words that name it, as `check` takes them.
    pub words: Vec<String>,
    /// The command that leads to its testbed.
    pub testbed: Option<Words>,
    /// Whether the testbed may be lost.
    pub disposable: bool,
    /// What it declares of itself.
    pub declared: Declared,
    /// What the adapter maps.
    pub maps: Option<String>,
    /// What may surprise whoever uses it.
    pub surprise: Option<String>,
    /// A command whose first line of output is its version.
    version: Vec<String>,
}

/// What a file has.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The command that makes its matrix, if another one does than this program's.
    pub command: Option<String>,
    /// What a reader must know of the whole.
    pub remarks: Vec<String>,
    /// Its subjects.
    pub entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    command: Option<String>,
    #[serde(default)]
    remarks: Vec<String>,
    #[serde(default)]
    subject: Vec<Spanned<Row>>,
}

/// An entry as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    form: String,
    #[serde(default)]
    program: Vec<String>,
    testbed: Option<String>,
    #[serde(default)]
    disposable: bool,
    #[serde(default)]
    declare: Vec<String>,
    maps: Option<String>,
    surprise: Option<String>,
    #[serde(default)]
    version: Vec<String>,
}

/// The contents of a file.
///
/// # Errors
/// Says which line is wrong, and how.
pub fn read(path: &Path) -> Result<Contents, String> {
    let place = path.display();
    let text = std::fs::read_to_string(path).map_err(|cause| format!("--subjects {place}: {cause}"))?;
    let line = |byte: usize| text[..byte.min(text.len())].matches('\n').count() + 1;
    let document: Document = toml::from_str(&text).map_err(|cause| {
        let line = cause.span().map_or(1, |span| line(span.start));
        format!("{place}:{line}: {}", cause.message().trim_end())
    })?;
    if document.subject.is_empty() {
        return Err(format!("{place}: there is no [[subject]]"));
    }
    let entry = |row: Spanned<Row>| {
        let line = line(row.span().start);
        Entry::of_row(row.into_inner()).map_err(|reason| format!("{place}:{line}: {reason}"))
    };
    let entries = document.subject.into_iter().map(entry).collect::<Result<_, _>>()?;
    Ok(Contents { command: document.command, remarks: document.remarks, entries })
}

impl Entry {
    /// The subject of these words, all in one.
    ///
    /// # Errors
    /// When they name none; says what would be right.
    pub fn of_words(words: &str) -> Result<Self, String> {
        let Words(split) = values::words(words)?;
        // A program that is not here is found out later: only the words are judged now.
        if !matches!(split[0].as_str(), "local" | "stdio" | "command") {
            subject(&split)?;
        }
        if split[0] == "command" {
            placeholders::required_of_each(&split)?;
        }
        Ok(Self {
            name: words.to_owned(),
            words: split,
            testbed: None,
            disposable: false,
            declared: Declared::default(),
            maps: None,
            surprise: None,
            version: Vec::new(),
        })
    }

    fn of_row(row: Row) -> Result<Self, String> {
        let mut words = vec![row.form.clone()];
        match row.form.as_str() {
            "local" if row.program.is_empty() => {}
            "local" => return Err("the form local runs no program".to_owned()),
            "stdio" | "command" if row.program.is_empty() => {
                return Err(format!("the form {} needs a program", row.form));
            }
            "stdio" | "command" => {
                words.push("--".to_owned());
                words.extend(row.program);
                if row.form == "command" {
                    placeholders::required_of_each(&words)?;
                }
            }
            other => return Err(format!("unknown form `{other}`; forms are local, stdio and command")),
        }
        let capabilities = row.declare.iter().map(|one| one.parse::<Capability>());
        let capabilities = capabilities.collect::<Result<Vec<_>, _>>().map_err(|cause| cause.to_string())?;
        Ok(Self {
            name: row.name,
            words,
            testbed: row.testbed.as_deref().map(values::words).transpose()?,
            disposable: row.disposable,
            declared: capabilities.into_iter().collect(),
            maps: row.maps,
            surprise: row.surprise,
            version: row.version,
        })
    }

    /// The subject, which can be run here.
    ///
    /// # Errors
    /// Says what is missing.
    pub fn subject(&self) -> Result<Subject, String> {
        subject(&self.words)
    }

    /// The version that is here, if it says one.
    ///
    /// # Errors
    /// When it should say one and does not: an adapter may be there, and what it is around may not.
    pub fn version(&self) -> Result<Option<String>, String> {
        let Some((program, arguments)) = self.version.split_first() else { return Ok(None) };
        let failed = |reason: String| format!("`{}` says no version: {reason}", self.version.join(" "));
        let output =
            Command::new(program).args(arguments).output().map_err(|cause| failed(cause.to_string()))?;
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let first = said.lines().map(str::trim).find(|line| !line.is_empty()).map(text::printable);
        match output.status.success() {
            true => Ok(first),
            false => Err(failed(first.unwrap_or_else(|| output.status.to_string()))),
        }
    }
}

/// The subject of these words, which signals groups of this machine or of the testbed of its entry.
fn subject(words: &[String]) -> Result<Subject, String> {
    subjects::of_words(words, Settings::TIMEOUT).and_then(subjects::of_this_machine)
}
