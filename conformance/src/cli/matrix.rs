//! `matrix`: several subjects side by side.

mod file;

use super::exit::{self, Refusal};
use super::output::{self, File};
use super::selection::{self, Profile};
use super::{check, progress, subjects, values};
use clap::{Args, ValueEnum};
use file::Entry;
use regex::Regex;
use signaller_conformance::cases::Case;
use signaller_conformance::harness::Settings;
use signaller_conformance::harness::runner::{self, Schedule, Turns};
use signaller_conformance::history::Histories;
use signaller_conformance::report::matrix::{self, Column, Matrix, Run};
use signaller_conformance::report::{Report, text};
use signaller_conformance::subject::{Form, Subject};
use signaller_conformance::sys::semaphore::Semaphore;
use signaller_conformance::testbed::AgentLink;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The options of `matrix`.
#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// Subjects as `check` takes them, each in one word: local, 'stdio -- ./mine', 'command -- ./my-kill …'
    #[arg(value_name = "SUBJECT", required_unless_present = "subjects")]
    words: Vec<String>,

    /// Further subjects, from a TOML file
    #[arg(long, value_name = "FILE")]
    subjects: Option<PathBuf>,

    /// How the matrix is written
    #[arg(long, value_enum, default_value_t = Format::Human, hide_possible_values = true, value_name = "human|markdown|json|html")]
    format: Format,

    /// Write it to this file, whole or not at all
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Run only the cases whose id this regular expression matches
    #[arg(long, value_name = "REGEX")]
    filter: Option<Regex>,

    /// Where random choices come from [default: another one each time]
    #[arg(long, value_name = "N", value_parser = values::seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// Random histories that each subject is held against [default: 256]
    #[arg(long, value_name = "N", value_parser = values::histories, allow_negative_numbers = true)]
    histories: Option<NonZeroU32>,

    /// How long a subject may take for one answer [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds, allow_negative_numbers = true)]
    timeout: Option<Duration>,
}

const AFTER_HELP: &str = "\
The file has an entry for each subject; all but name, form and program may be left out:
  [[subject]]
  name = \"python: os.killpg\"
  form = \"stdio\"
  program = [\"python3\", \"adapters/killpg.py\"]
  testbed = \"docker exec -i C\"
  declare = [\"unreaped=exited\"]
  version = [\"python3\", \"--version\"]
  maps = \"What the adapter maps.\"
  surprise = \"What may surprise whoever uses it.\"

Examples:
  signaller-conformance matrix local 'stdio -- python3 mine.py'
  signaller-conformance matrix --subjects subjects.toml --format markdown --output matrix.md

Exit status: 0 the matrix is written, whatever it says; 2 the command line is wrong; 3 the suite could not do its work

What to read next: `signaller-conformance explain NAME` for each requirement of the table.";

/// How the matrix is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Markdown,
    Json,
    Html,
}

/// Runs the cases on each subject, one after the other, and writes the matrix.
///
/// # Errors
/// [`Refusal::CommandLine`] before anything is run; [`Refusal::Broken`] when the matrix cannot be written.
pub fn run(options: &Options) -> Result<u8, Refusal> {
    let wrong = Refusal::CommandLine;
    let mut entries = options.words.iter().map(|words| Entry::of_words(words)).collect::<Result<Vec<_>, _>>();
    if let (Some(path), Ok(entries)) = (&options.subjects, &mut entries) {
        entries.extend(file::read(path).map_err(wrong)?);
    }
    let entries = entries.map_err(wrong)?;
    let catalogue = super::catalogue()?;
    let file = options.output.as_ref().map(|path| File::at(path, "--output")).transpose()?;
    if let Some(filter) = &options.filter {
        selection::select(&catalogue, Profile::All, Some(filter)).map_err(wrong)?;
    }
    AgentLink::start(true).map_err(|fault| Refusal::Broken(fault.to_string()))?;
    let bar = progress::bar(entries.len(), "subjects");
    let mut columns = Vec::new();
    for entry in &entries {
        bar.set_message(format!(", now {}", text::printable(&entry.name)));
        columns.push(options.column(entry, &catalogue)?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
    let matrix = Matrix::new(format!("signaller-conformance {words}"), columns);
    let mut text = Vec::new();
    let written = match options.format {
        Format::Human => matrix::write_human(&matrix, &mut text),
        Format::Markdown => matrix::write_markdown(&matrix, &mut text),
        Format::Json => matrix.write_json(&mut text),
        Format::Html => matrix::write_html(&matrix, &mut text),
    };
    written.map_err(|cause| Refusal::Broken(cause.to_string()))?;
    match file {
        Some(file) => {
            file.write(&text).map_err(|cause| Refusal::Broken(format!("cannot write the matrix: {cause}")))?
        }
        None => output::print(&text)?,
    }
    Ok(exit::SUCCESS)
}

impl Options {
    /// What a subject comes to; one whose program is not here says so.
    fn column(&self, entry: &Entry, catalogue: &[Case]) -> Result<Column, Refusal> {
        let column = |subject: String, run, missing| Column {
            name: entry.name.clone(),
            subject,
            version: entry.version(),
            maps: entry.maps.clone(),
            surprise: entry.surprise.clone(),
            declared: entry.declared.written(),
            run,
            missing,
        };
        let subject = match entry.subject() {
            Ok(subject) => subject,
            Err(missing) => return Ok(column(entry.words.join(" "), None, Some(missing))),
        };
        let name = subject.name.clone();
        let run = self.tried(entry, subject, catalogue)?;
        Ok(column(name, Some(run), None))
    }

    fn tried(&self, entry: &Entry, subject: Subject, catalogue: &[Case]) -> Result<Run, Refusal> {
        let wrong = Refusal::CommandLine;
        let profile = Profile::of(None, &subject).map_err(wrong)?;
        let cases = selection::select(catalogue, profile, self.filter.as_ref()).map_err(wrong)?;
        let testbed = entry.testbed.as_ref().map(|words| subjects::testbed(&subject, words)).transpose();
        let testbed = testbed.map_err(wrong)?;
        if let Some(testbed) = &testbed {
            testbed.bring(&|_, _| ()).map_err(|fault| Refusal::Broken(fault.to_string()))?;
        }
        let jobs = super::jobs(runner::default_jobs(), &cases)?;
        let at_once = runner::under_way(jobs, &cases);
        let timeout = self.timeout.unwrap_or(Settings::TIMEOUT);
        let defaults = Settings::of(subject);
        let settings = Settings {
            registry: (defaults.subject.form == Form::Rust).then(check::registry_program),
            timeout,
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..Settings::SEEDS)),
            histories: Arc::new(Histories::new(self.histories.unwrap_or(Settings::HISTORIES))),
            testbed: testbed.map(Arc::new),
            disposable: entry.disposable,
            declared: entry.declared.clone(),
            permits: Arc::new(Semaphore::new(jobs)),
            schedule: Arc::new(Schedule::new(at_once, timeout, Turns::default())),
            keep_going: true,
            ..defaults
        };
        let began = Instant::now();
        let (cases, remarks) = runner::run(&cases, &settings, at_once, &|_| ());
        let report = Report {
            of_command: settings.subject.form == Form::Command,
            subject: settings.subject.name,
            declared: settings.declared.written(),
            seed: settings.seed,
            cases,
            rerun: String::new(),
            catalogue: None,
            remarks,
        };
        Ok(Run::of(&report, began.elapsed()))
    }
}
