//! `explain`: one requirement, or one case with its requirement.

use super::exit::{self, Refusal};
use super::list::{self, Format, cases_of, describe, filled};
use super::{output, page, suggest, untested};
use clap::Args;
use serde::Serialize;
use signaller_conformance::cases::untested::{Gap, of as no_case_catches};
use signaller_conformance::contract::{self, Requirement};
use signaller_conformance::harness::{Case, Need};
use signaller_conformance::report::text;

/// The options of `explain`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  signaller-conformance explain refused-is-an-error
  signaller-conformance explain delivers-to-every-member/family

What to read next: `signaller-conformance list` for the names.")]
pub struct Options {
    /// A requirement, or the id of a case
    name: String,

    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Human, hide_possible_values = true, value_name = "human|json|markdown")]
    format: Format,
}

/// What a program reads.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    #[serde(flatten)]
    row: list::Row<'a>,
    why: &'a str,
    breaks: Vec<&'a str>,
    check: &'a [&'a str],
    untested: &'a [Gap],
}

/// Prints the explanation.
///
/// # Errors
/// When there is nothing of that name; says what is near.
pub fn run(options: &Options) -> Result<u8, Refusal> {
    let catalogue = super::catalogue()?;
    let name = options.name.as_str();
    let case = catalogue.iter().find(|case| case.id == name);
    let (requirement, cases) = match (contract::find(name), case) {
        (Some(requirement), _) => (requirement, cases_of(&catalogue, requirement)),
        (None, Some(case)) => (case.requirement, vec![case]),
        (None, None) => return Err(Refusal::CommandLine(unknown(name, &catalogue))),
    };
    let text = match options.format {
        Format::Human => explain(requirement, &cases),
        Format::Markdown => page::of_requirement(requirement, &cases, "#"),
        Format::Json => list::json(&Document {
            schema: 1,
            row: list::row(requirement, &cases),
            why: requirement.why,
            breaks: requirement.breaks.lines().collect(),
            check: requirement.check,
            untested: no_case_catches(requirement),
        })?,
    };
    output::print(text.as_bytes())?;
    Ok(exit::SUCCESS)
}

fn unknown(name: &str, catalogue: &[Case]) -> String {
    let names = contract::all().map(|requirement| requirement.name);
    // Only ids have a slash.
    let ids = catalogue.iter().map(|case| case.id.as_str()).filter(|_| name.contains('/'));
    let meant = suggest::did_you_mean(name, names.chain(ids));
    let end = if meant.is_empty() { "." } else { "" };
    format!("unknown requirement or case `{name}`{meant}{end} `signaller-conformance list` has them all")
}

fn explain(requirement: &Requirement, cases: &[&Case]) -> String {
    let sentence = format!("{}.", text::sentence(requirement));
    let breaks: Vec<&str> = requirement.breaks.lines().collect();
    let tested: String = match cases {
        [] => "  No case tries it.\n".to_owned(),
        cases => cases.iter().map(|case| describe(case)).collect(),
    };
    [
        format!("{}  ({})\n{}\n", requirement.name, requirement.level, filled(&sentence, "  ")),
        format!("Why\n{}\n", filled(requirement.why, "  ")),
        format!("What breaks it\n{}", items(&breaks, |_| "- ".to_owned())),
        format!("How it is tested\n{tested}"),
        format!("What no case catches\n{}", untested::section(requirement)),
        format!("What to check, in this order\n{}", items(requirement.check, |number| format!("{number}. "))),
        format!(
            "Try it\n  signaller-conformance check {} --filter '^{}/'\n",
            what_to_try(cases),
            requirement.name
        ),
    ]
    .join("\n")
}

/// The words that try some of the cases on what is at hand.
fn what_to_try(cases: &[&Case]) -> &'static str {
    match cases.iter().any(|case| case.needs.contains(&Need::Partition)) {
        true => "--sever CMD --restore CMD SUBJECT",
        false => "local",
    }
}

/// A line or more for each item, under its mark.
fn items(items: &[&str], mark: impl Fn(usize) -> String) -> String {
    let item = |(index, item): (usize, &&str)| {
        let mark = mark(index + 1);
        let (first, rest) = (format!("  {mark}"), " ".repeat(2 + mark.len()));
        let options = textwrap::Options::new(100).initial_indent(&first).subsequent_indent(&rest);
        textwrap::fill(item, options.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation))
            + "\n"
    };
    items.iter().enumerate().map(item).collect()
}
