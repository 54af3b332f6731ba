//! `fuzz-names`: wrong names thrown at a subject.

use super::exit::{self, Refusal};
use super::output;
use super::progress;
use super::subjects::Named;
use super::{subjects, values};
use clap::Args;
use signaller_conformance::declared::Capability;
use signaller_conformance::fuzz_names::{self, Mistake, Name};
use signaller_conformance::harness::{Abort, Settings};
use signaller_conformance::report::{CaseResult, Outcome, causes, text};
use std::num::NonZeroUsize;
use std::time::Duration;

/// How many names are tried by default.
const RUNS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// The longest name that stands whole in a sentence, in characters.
const LONGEST: usize = 400;

/// The options of `fuzz-names`.
#[derive(Args, Debug)]
#[command(
    after_help = AFTER_HELP,
    override_usage = "signaller-conformance fuzz-names [OPTIONS] SUBJECT [-- PROGRAM ARG…]"
)]
pub struct Options {
    #[command(flatten)]
    subject: Named,

    /// How many names are tried
    #[arg(long, value_name = "N", value_parser = values::count, default_value_t = RUNS, allow_negative_numbers = true)]
    runs: NonZeroUsize,

    /// Where random names come from [default: another one each time]
    #[arg(long, value_name = "N", value_parser = values::seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// How long the subject may take for one answer [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds, allow_negative_numbers = true)]
    timeout: Option<Duration>,

    /// Names that the subject takes beyond the four: names=SIGUSR1,SIGQUIT
    #[arg(long, value_name = "KEY=VALUE")]
    declare: Vec<Capability>,
}

const AFTER_HELP: &str = "\
Everything is tried in a sandbox, on a group whose every signal the suite sees.
The names are first the spellings that are often got wrong, shortest first, and
then random variations of the four: edited, look-alike, encoded, very long, or
with characters that mean something to a shell. Each must be answered with an
error, and nobody may receive anything. The first that is not refused is then
shortened as far as possible.

Examples:
  signaller-conformance fuzz-names local
  signaller-conformance fuzz-names --runs 100000 stdio -- ./my-signaller
  signaller-conformance fuzz-names command -- ./my-kill {leader_pid} {signal_name}

Exit status:
  0  every name was refused, and nobody received anything
  1  a name was not refused, or somebody received a signal: the report shows it
  2  the command line is wrong; nothing was run
  3  the suite could not do its work: no statement about the subject

What to read next: `signaller-conformance explain names-are-exact`.";

/// Tries the names and tells what was found.
///
/// # Errors
/// [`Refusal::CommandLine`] before anything is run; [`Refusal::Broken`] when the testbed does not do its
/// part, or nothing can be written.
pub fn run(options: &Options) -> Result<u8, Refusal> {
    let subject = options.subject.subject(Settings::TIMEOUT).and_then(subjects::of_this_machine);
    let defaults = Settings::of(subject.map_err(Refusal::CommandLine)?);
    super::jobs(1, &[])?;
    super::sandbox()?;
    let settings = Settings {
        timeout: options.timeout.unwrap_or(Settings::TIMEOUT),
        seed: options.seed.unwrap_or_else(|| fastrand::u64(..Settings::SEEDS)),
        declared: options.declare.iter().cloned().collect(),
        ..defaults
    };
    let runs = options.runs.get();
    let bar = progress::bar(runs, "names");
    let tried = |done| bar.set_position(done as u64);
    let shrunk = |name: &str| bar.set_message(format!(", made shorter: {}", text::quoted_name(name, 40)));
    let found = fuzz_names::search(&settings, runs, &tried, &shrunk);
    bar.finish_and_clear();

    let subject = text::printable(&settings.subject.name);
    match found {
        Ok(None) => {
            let names = text::count(runs, "wrong name");
            let words = format!(
                "{subject} refused each of {names}, and nobody received anything.\nSeed: {}\n",
                settings.seed
            );
            output::print(words.as_bytes())?;
            Ok(exit::SUCCESS)
        }
        Ok(Some(found)) => {
            output::print(render(&subject, found, &options.rerun(settings.seed)).as_bytes())?;
            Ok(exit::NOT_CONFORMANT)
        }
        Err(Abort::Broken(reason)) => Err(Refusal::Broken(reason)),
        Err(Abort::Lacks(need, detail)) => Err(Refusal::Broken(need.reason(&detail))),
        Err(Abort::Breach(finding)) => Err(Refusal::Broken(finding.to_string())),
    }
}

fn render(subject: &str, found: Mistake, rerun: &str) -> String {
    let Mistake { tried, name, requirement, finding } = found;
    let shown = |name: &str| text::quoted(name, LONGEST);
    let (what, first) = match name {
        Some(Name { first, shortest }) if first == shortest => (shown(&shortest), String::new()),
        Some(Name { first, shortest }) => {
            (shown(&shortest), format!("\n  shortened from: {}", shown(&first)))
        }
        None => ("no single name that does it".to_owned(), String::new()),
    };
    // A broken requirement is told here as it is in a report.
    let id = format!("{}/fuzzed", requirement.name);
    let case = CaseResult::new(id, requirement, Outcome::Breached(finding), Duration::ZERO);
    let message = causes::message(&case).unwrap_or_default().replace('\n', "\n  ");
    format!(
        "FOUND  {what}  (name {tried})\n  {subject} breaks {}  ({})\n  \"{}\"{first}\n\n  \
         {message}\n\n  run it again:\n    {}\n",
        requirement.name,
        requirement.level,
        text::sentence(requirement),
        text::printable(rerun),
    )
}

impl Options {
    /// The words that find the same again, to be pasted into a shell.
    fn rerun(&self, seed: u64) -> String {
        let program = std::env::args().next().unwrap_or_else(|| env!("CARGO_BIN_NAME").to_owned());
        let mut words = vec![program, "fuzz-names".to_owned()];
        words.extend(["--seed".to_owned(), seed.to_string(), "--runs".to_owned(), self.runs.to_string()]);
        if let Some(timeout) = self.timeout {
            words.extend(["--timeout".to_owned(), timeout.as_secs_f64().to_string()]);
        }
        words.extend(self.declare.iter().flat_map(|one| ["--declare".to_owned(), one.to_string()]));
        words.extend(self.subject.words());
        values::Words(words).to_string()
    }
}
