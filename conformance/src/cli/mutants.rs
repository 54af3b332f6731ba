//! `mutants`: the suite against its own faulty subjects.

use super::exit::{self, Refusal};
use super::output;
use clap::Args;
use regex::Regex;
use signaller_conformance::harness::runner;
use signaller_conformance::harness::{Histories, Settings};
use signaller_conformance::mutants::golden::Messages;
use signaller_conformance::mutants::scorecard::{ConformingRow, MutantRow, Scope, Scorecard};
use signaller_conformance::mutants::{self, conforming};
use signaller_conformance::subject::Subject;
use signaller_conformance::sys::semaphore::Semaphore;
use std::fmt::Write;
use std::fs;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

/// Enough for a mutant to show; `check` runs more.
const HISTORIES: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// How many cases of each subject are under way at a time.
const CASES: usize = 12;
/// Several subjects are tried at a time, of which many wait: this many times the permits that `check` has.
const PERMITS_PER_JOB: usize = 3;

/// The options of `mutants`.
#[derive(Args, Debug)]
#[command(after_help = "\
Each faulty subject is correct but for one mistake, and names the requirement
that must catch it. The verdict is clean when that requirement catches each of
them with the message in the golden file, no conforming variant is accused, and
every case that was run fails for at least one mutant. It takes minutes.

Examples:
  signaller-conformance mutants
  signaller-conformance mutants --only leader --all-cases

Exit status: 0 the verdict is clean, 1 it is not, 2 the command line is wrong,
3 the suite could not do its work")]
pub struct Options {
    /// Only the subjects whose name this regular expression matches
    #[arg(long, value_name = "REGEX")]
    only: Option<Regex>,

    /// Try every case on each mutant, not only those of the requirement that is named for it: shows what else
    /// it breaks
    #[arg(long)]
    all_cases: bool,

    /// Write the golden messages to FILE, including the new ones of this run: review FILE, then replace
    /// conformance/src/mutants/messages.golden with it
    #[arg(long, value_name = "FILE")]
    bless: Option<PathBuf>,
}

/// Judges the suite and prints a row for each subject, then what is wrong with the suite.
///
/// # Errors
/// When nothing is selected, or the result cannot be written.
pub fn run(options: &Options) -> Result<u8, Refusal> {
    let chosen = |name: &str| options.only.as_ref().is_none_or(|only| only.is_match(name));
    let mutants: Vec<_> = mutants::all().filter(|mutant| chosen(mutant.name)).collect();
    let conforming: Vec<_> = conforming::all().filter(|conforming| chosen(conforming.name)).collect();
    let count = mutants.len() + conforming.len();
    if count == 0 {
        return Err(Refusal::CommandLine(
            "no mutant or conforming variant has a name that --only matches".to_owned(),
        ));
    }
    let scope = if options.all_cases { Scope::All } else { Scope::OfItsRequirement };
    let histories = Histories::new(HISTORIES);
    let permits = Arc::new(Semaphore::new(PERMITS_PER_JOB * runner::default_jobs()));
    let settings = Settings { histories, permits, ..Settings::of(Subject::local()) };
    let cases = super::catalogue()?;
    super::jobs(1, &cases.iter().collect::<Vec<_>>())?;
    super::sandbox()?;
    let bar = super::progress::bar(count, "subjects");
    let mut scorecard =
        Scorecard::of(&mutants, &conforming, &cases, scope, &settings, CASES, &|_| bar.inc(1));
    bar.finish_and_clear();
    let mut golden = Messages::golden();
    let missed = scorecard.try_again(&golden, &cases, &settings);

    let mut text = String::new();
    scorecard.mutants.iter().for_each(|row| mutant(&mut text, row));
    scorecard.conforming.iter().for_each(|row| correct(&mut text, row));
    for name in missed {
        let _ = writeln!(
            text,
            "again    {name} was missed at first, and tried again with nothing else under way"
        );
    }
    // A part among the mutants cannot show that a case never fails.
    let mut complaints = if options.only.is_some() { scorecard.failures() } else { scorecard.complaints() };
    if let Some(file) = &options.bless {
        scorecard.mutants.iter().for_each(|row| golden.learn(row));
        let written = fs::write(file, golden.to_string());
        written.map_err(|cause| Refusal::Broken(format!("cannot write {}: {cause}", file.display())))?;
    }
    complaints.extend(scorecard.differing_messages(&golden));
    for complaint in &complaints {
        let _ = writeln!(text, "not clean: {complaint}");
    }
    let verdict = if complaints.is_empty() { "clean" } else { "not clean" };
    let caught = scorecard.mutants.iter().filter(|row| row.is_caught()).count();
    let _ = writeln!(
        text,
        "{caught} of {} mutants caught by the requirement named for them, {} conforming variants tried.\nVerdict: {verdict}",
        scorecard.mutants.len(),
        scorecard.conforming.len()
    );
    output::print(text.as_bytes())?;
    Ok(if complaints.is_empty() { exit::SUCCESS } else { exit::NOT_CONFORMANT })
}

fn mutant(text: &mut String, row: &MutantRow) {
    let mark = if row.is_caught() { "caught" } else { "MISSED" };
    let broken = row.broken().into_iter().filter(|requirement| *requirement != row.mutant.requirement);
    let others: Vec<_> = broken.map(|requirement| requirement.name).collect();
    let others = if others.is_empty() { String::new() } else { format!("  and {}", others.join(" ")) };
    let _ = writeln!(text, "{mark}   {:<40} {}{others}", row.mutant.name, row.mutant.requirement);
}

fn correct(text: &mut String, row: &ConformingRow) {
    let mark = if row.is_accused() { "ACCUSED" } else { "correct" };
    let _ = writeln!(text, "{mark}  {}", row.conforming.name);
}
