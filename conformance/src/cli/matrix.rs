//! `matrix`: several subjects side by side.

mod file;

use super::exit::{self, Refusal};
use super::output::{self, File};
use super::selection::{self, Profile};
use super::{check, progress, subjects, values};
use clap::{Args, ValueEnum};
use file::{Contents, Entry};
use regex::Regex;
use signaller_conformance::Testbed;
use signaller_conformance::harness::runner::{self, Schedule, Turns};
use signaller_conformance::harness::{Case, Histories, Settings};
use signaller_conformance::report::matrix::{self, Column, Matrix, Run, Selection};
use signaller_conformance::report::{Report, text};
use signaller_conformance::subject::Subject;
use signaller_conformance::sys::semaphore::Semaphore;
use std::fs;
use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
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

    /// Write it to this file, anew after each subject
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write the JSON report of each subject into this folder, by its number, and the matrix: 1.json, 2.json,
    /// …, matrix.json
    #[arg(long, value_name = "DIR")]
    reports: Option<PathBuf>,

    /// Reuse the results in this JSON matrix of the same cases for subjects whose version is unchanged, and run
    /// the rest
    #[arg(long, value_name = "FILE")]
    resume: Option<PathBuf>,

    /// Run only the cases whose id this regular expression matches
    #[arg(long, value_name = "REGEX")]
    filter: Option<Regex>,

    /// Where random choices come from [default: another one each time]
    #[arg(long, value_name = "N", value_parser = values::seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// How many random histories each subject is tried with [default: 256]
    #[arg(long, value_name = "N", value_parser = values::histories, allow_negative_numbers = true)]
    histories: Option<NonZeroU32>,

    /// How long a subject may take for one answer [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds, allow_negative_numbers = true)]
    timeout: Option<Duration>,
}

const AFTER_HELP: &str = "\
The file has an entry for each subject; all but name, form and program may be
left out. A subject that cannot be tried here, because its program, its version
or its testbed is missing, is a column that says why:
  [[subject]]
  name = \"python: os.killpg\"
  form = \"stdio\"
  program = [\"python3\", \"adapters/killpg.py\"]
  testbed = \"docker exec -i C\"
  declare = [\"unreaped=exited\"]
  version = [\"python3\", \"--version\"]
  maps = \"What the adapter maps.\"
  surprise = \"What may surprise whoever uses it.\"
Before the first entry it may have command = \"the command that makes the
matrix\", if that is a script around this one, and remarks = [\"What a reader
must know of the whole.\"].

The output is written after each subject, so an interrupted run loses at most
one subject; --resume continues it.

Examples:
  signaller-conformance matrix local 'stdio -- python3 mine.py'
  signaller-conformance matrix --subjects subjects.toml --format markdown --output matrix.md
  signaller-conformance matrix --subjects subjects.toml --reports DIR --resume DIR/matrix.json

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
    let contents = options.contents().map_err(wrong)?;
    let catalogue = super::catalogue()?;
    let file = options.output.as_ref().map(|path| File::at(path, "--output")).transpose()?;
    if let Some(filter) = &options.filter {
        selection::select(&catalogue, Profile::All, Some(filter)).map_err(wrong)?;
    }
    super::sandbox()?;
    let kept = options.reports.as_ref().map(|folder| Kept::at(folder)).transpose()?;
    let filter = options.filter.as_ref().map(|filter| filter.as_str().to_owned());
    let selection = Selection { catalogue: catalogue.len(), filter };
    let earlier = options.resume.as_ref().map(|path| earlier(path, &selection)).transpose().map_err(wrong)?;
    let unwritten = |cause: io::Error| Refusal::Broken(format!("cannot write the matrix: {cause}"));
    let bar = progress::bar(contents.entries.len(), "subjects");
    let mut matrix = Matrix::new(
        contents.command.unwrap_or_else(this_command),
        contents.remarks,
        selection,
        contents.entries.iter().map(|entry| column(entry, None, Err(NOT_YET.to_owned()))).collect(),
    );
    for (index, entry) in contents.entries.iter().enumerate() {
        bar.set_message(format!(", now {}", text::printable(&entry.name)));
        let (column, report) = options.column(entry, &catalogue, earlier.as_ref())?;
        matrix.subjects[index] = column;
        if let Some(kept) = &kept {
            kept.write(index + 1, report.as_ref(), &matrix).map_err(unwritten)?;
        }
        if let Some(file) = &file {
            file.write_so_far(&options.format.of(&matrix)?).map_err(unwritten)?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let text = options.format.of(&matrix)?;
    match file {
        Some(file) => file.write(&text).map_err(unwritten)?,
        None => output::print(&text)?,
    }
    Ok(exit::SUCCESS)
}

/// What stands in the column of a subject that a run did not come to before it was interrupted.
const NOT_YET: &str = "the run was interrupted before";

/// The command that runs here.
fn this_command() -> String {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let words = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
    format!("signaller-conformance {words}")
}

/// The column of a subject of that version, with what its run came to or why there was none.
fn column(entry: &Entry, version: Option<String>, run: Result<Run, String>) -> Column {
    let (run, missing) = match run {
        Ok(run) => (Some(run), None),
        Err(missing) => (None, Some(missing)),
    };
    Column {
        name: entry.name.clone(),
        subject: shlex::try_join(entry.words.iter().map(String::as_str)).unwrap_or_default(),
        version,
        maps: entry.maps.clone(),
        surprise: entry.surprise.clone(),
        declared: entry.declared.written(),
        run,
        missing,
    }
}

/// The folder of `--reports`.
struct Kept(PathBuf);

impl Kept {
    fn at(folder: &Path) -> Result<Self, Refusal> {
        let wrong = |cause: io::Error| format!("--reports {}: cannot be made: {cause}", folder.display());
        fs::create_dir_all(folder).map_err(|cause| Refusal::CommandLine(wrong(cause)))?;
        Ok(Self(folder.to_owned()))
    }

    /// Writes the report on the subject of that number, if it was run now, and the matrix as far as it is
    /// known.
    fn write(&self, number: usize, report: Option<&Report>, matrix: &Matrix) -> io::Result<()> {
        if let Some(report) = report {
            report.write(self.0.join(format!("{number}.json")))?;
        }
        let mut text = Vec::new();
        matrix.write_json(&mut text)?;
        output::replace(&self.0.join("matrix.json"), &text)
    }
}

/// The matrix of `--resume`, which is of the same cases.
fn earlier(path: &Path, selection: &Selection) -> Result<Matrix, String> {
    let refused = |cause: String| format!("--resume {}: cannot be resumed: {cause}", path.display());
    let matrix = Matrix::read(path).map_err(|cause| refused(cause.to_string()))?;
    matrix.is_of(selection).map_err(refused)?;
    Ok(matrix)
}

impl Format {
    /// The matrix in this format.
    fn of(self, matrix: &Matrix) -> Result<Vec<u8>, Refusal> {
        let mut text = Vec::new();
        let written = match self {
            Self::Human => matrix::write_human(matrix, &mut text),
            Self::Markdown => matrix::write_markdown(matrix, &mut text),
            Self::Json => matrix.write_json(&mut text),
            Self::Html => matrix::write_html(matrix, &mut text),
        };
        written.map_err(|cause| Refusal::Broken(cause.to_string()))?;
        Ok(text)
    }
}

impl Options {
    /// The subjects of the command line, and then those of the file with what it says of them.
    fn contents(&self) -> Result<Contents, String> {
        let words = self.words.iter().map(|words| Entry::of_words(words));
        let entries = words.collect::<Result<Vec<_>, _>>()?;
        let mut contents = Contents { command: None, remarks: Vec::new(), entries };
        if let Some(path) = &self.subjects {
            let file = file::read(path)?;
            contents.entries.extend(file.entries);
            (contents.command, contents.remarks) = (file.command, file.remarks);
        }
        Ok(contents)
    }

    /// What a subject comes to, with its report if it was run now; one that cannot be tried here says why.
    fn column(
        &self,
        entry: &Entry,
        catalogue: &[Case],
        earlier: Option<&Matrix>,
    ) -> Result<(Column, Option<Report>), Refusal> {
        let untried = |version, missing| (column(entry, version, Err(missing)), None);
        let version = match entry.version() {
            Ok(version) => version,
            Err(missing) => return Ok(untried(None, missing)),
        };
        let asked = column(entry, version.clone(), Err(NOT_YET.to_owned()));
        if let Some(run) = earlier.and_then(|matrix| matrix.run_of(&asked)) {
            return Ok((column(entry, version, Ok(run.clone())), None));
        }
        let (subject, testbed) = match ready(entry) {
            Ok(ready) => ready,
            Err(missing) => return Ok(untried(version, missing)),
        };
        let began = Instant::now();
        let report = self.tried(entry, subject, testbed, catalogue)?;
        Ok((column(entry, version, Ok(Run::of(&report, began.elapsed()))), Some(report)))
    }

    fn tried(
        &self,
        entry: &Entry,
        subject: Subject,
        testbed: Option<Testbed>,
        catalogue: &[Case],
    ) -> Result<Report, Refusal> {
        let wrong = Refusal::CommandLine;
        let profile = Profile::of(None, &subject).map_err(wrong)?;
        let cases = selection::select(catalogue, profile, self.filter.as_ref()).map_err(wrong)?;
        let jobs = super::jobs(runner::default_jobs(), &cases)?;
        let at_once = runner::under_way(jobs, &cases);
        let timeout = self.timeout.unwrap_or(Settings::TIMEOUT);
        let defaults = Settings::of(subject);
        let settings = Settings {
            registry: check::tested_registry(&defaults.subject.form),
            timeout,
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..Settings::SEEDS)),
            histories: Histories::new(self.histories.unwrap_or(Settings::HISTORIES)),
            testbed: testbed.map(Arc::new),
            disposable: entry.disposable,
            declared: entry.declared.clone(),
            permits: Arc::new(Semaphore::new(jobs)),
            schedule: Arc::new(Schedule::new(at_once, timeout, Turns::default())),
            keep_going: true,
            ..defaults
        };
        let (cases, remarks) = runner::run(&cases, &settings, at_once, &|_| ());
        let mut report = Report::new(settings.subject.name, settings.seed, cases);
        report.of_command = !settings.subject.form.stays_up();
        report.declared = settings.declared.written();
        report.remarks = remarks;
        Ok(report)
    }
}

/// The subject of an entry and its testbed, if it has one, with the agent in place.
///
/// # Errors
/// Says what is missing here.
fn ready(entry: &Entry) -> Result<(Subject, Option<Testbed>), String> {
    let subject = entry.subject()?;
    let testbed = entry.testbed.as_ref().map(|words| subjects::testbed(&subject, words)).transpose()?;
    if let Some(testbed) = &testbed {
        testbed.bring(&|_, _| ()).map_err(|fault| fault.to_string())?;
    }
    Ok((subject, testbed))
}
