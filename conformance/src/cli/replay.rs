//! `replay`: a saved history once more.

use super::check::tested_registry;
use super::exit::{self, Refusal};
use super::{output, subjects, values};
use clap::Args;
use signaller_conformance::contract;
use signaller_conformance::harness::{Abort, Settings};
use signaller_conformance::history::{Divergence, Saved};
use signaller_conformance::report::text;
use std::path::PathBuf;
use std::time::Duration;

/// The options of `replay`.
#[derive(Args, Debug)]
#[command(after_help = AFTER_HELP)]
pub struct Options {
    /// A history saved by `check`, or a report of `check --format json`; it also names the subject to run
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// With a report: the case whose history to run, such as reports-exited/histories
    #[arg(value_name = "CASE")]
    case: Option<String>,

    /// How long the subject may take for one answer [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = values::seconds, allow_negative_numbers = true)]
    timeout: Option<Duration>,
}

const AFTER_HELP: &str = "\
`check` compares random histories of groups with a model. One that fails is
shortened as far as possible and saved; `replay` runs it again, in a second
instead of minutes: to see whether a change fixes it, or to try it on another
machine. The report names the file. A JSON report works too, followed by the
case.

The file has one step per line. You may edit it: leave steps out, reorder them,
change their pids. They run in a fresh sandbox.

Examples:
  signaller-conformance replay command-my-kill-7-reports-exited.history.json
  signaller-conformance replay report.json reports-exited/histories

Exit status:
  0  the subject does what the model allows, from the first step to the last
  1  it does not: the report shows the step at which they diverge
  2  the command line or the file is wrong; nothing was run
  3  the suite could not do its work: no statement about the subject";

/// Goes through the history and says whether the subject agrees with the model.
///
/// # Errors
/// [`Refusal::CommandLine`] when the file holds no history that can be run; [`Refusal::Broken`] when the
/// testbed does not do its part.
pub fn run(options: &Options) -> Result<u8, Refusal> {
    let path = options.file.display();
    let wrong = |cause: String| Refusal::CommandLine(format!("{path}: {cause}"));
    let saved = match &options.case {
        Some(case) => Saved::read_from_report(&options.file, case),
        None => Saved::read(&options.file),
    };
    let saved = saved.map_err(|cause| wrong(cause.to_string()))?;
    let timeout = options.timeout.unwrap_or(Settings::TIMEOUT);
    let subject =
        subjects::of_words(&saved.subject, timeout).and_then(subjects::of_this_machine).map_err(wrong)?;
    super::jobs(1, &[])?;
    can_choose_ids()?;
    let settings = Settings {
        registry: tested_registry(&subject.form),
        timeout,
        seed: saved.seed,
        kernel: saved.kernel,
        ..Settings::of(subject)
    };
    let subject = text::printable(&settings.subject.name);
    let steps = text::count(saved.steps.len(), "step");
    match saved.replay(&settings) {
        Ok(None) => {
            let words = format!("{subject} agrees with the model in all of the {steps} of {path}.\n");
            output::print(words.as_bytes())?;
            Ok(exit::SUCCESS)
        }
        Ok(Some(divergence)) => {
            output::print(render(&subject, &divergence).as_bytes())?;
            Ok(exit::NOT_CONFORMANT)
        }
        Err(Abort::Broken(reason)) => Err(Refusal::Broken(reason)),
        Err(Abort::Lacks(need, detail)) => Err(Refusal::Broken(need.reason(&detail))),
        Err(Abort::Breach(finding)) => Err(Refusal::Broken(finding.to_string())),
    }
}

fn can_choose_ids() -> Result<(), Refusal> {
    match super::sandbox()?.chosen_ids {
        true => Ok(()),
        false => Err(Refusal::Broken(
            "a history needs processes with chosen pids, and the privilege for that is missing here \
             (CAP_CHECKPOINT_RESTORE)"
                .to_owned(),
        )),
    }
}

fn render(subject: &str, divergence: &Divergence) -> String {
    let name = divergence.requirement;
    let sentence = contract::find(name).map(text::sentence).unwrap_or_default();
    let finding = text::filled(&divergence.finding.to_string(), 0);
    format!("{subject} breaks {name}:\n  \"{sentence}\"\n\n{finding}\n")
}
