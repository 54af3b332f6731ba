//! `list`: every requirement and case, or what no case catches.

use super::exit::{self, Refusal};
use super::{output, page, untested};
use clap::{Args, ValueEnum};
use serde::Serialize;
use signaller_conformance::contract::{self, Level, Requirement, Side};
use signaller_conformance::harness::{Case, Need};
use signaller_conformance::report::text;
use std::fmt::Write;

/// The options of `list`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  signaller-conformance list
  signaller-conformance list --format json
  signaller-conformance list --untested

What to read next: `signaller-conformance explain NAME` tells why a requirement
stands and what breaks it; `signaller-conformance check SUBJECT --filter REGEX`
runs the cases whose id matches.")]
pub struct Options {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Human, hide_possible_values = true, value_name = "human|json|markdown")]
    format: Format,

    /// List what the requirements forbid and no case catches, with the reason, in place of the cases
    #[arg(long)]
    untested: bool,
}

/// How requirements are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal.
    Human,
    /// One JSON object.
    Json,
    /// Markdown.
    Markdown,
}

/// Prints the list.
///
/// # Errors
/// When it cannot be written.
pub fn run(options: &Options) -> Result<u8, Refusal> {
    let catalogue = super::catalogue()?;
    let text = match (options.untested, options.format) {
        (false, Format::Human) => human(&catalogue),
        (false, Format::Json) => json(&document(&catalogue))?,
        (false, Format::Markdown) => page::all(&catalogue),
        // That for people is Markdown, too.
        (true, Format::Human | Format::Markdown) => untested::human(),
        (true, Format::Json) => json(&untested::document())?,
    };
    output::print(text.as_bytes())?;
    Ok(exit::SUCCESS)
}

/// The cases of a requirement.
pub fn cases_of<'a>(catalogue: &'a [Case], requirement: &Requirement) -> Vec<&'a Case> {
    catalogue.iter().filter(|case| case.requirement == requirement).collect()
}

/// What a case does and needs, in lines under its id.
pub fn describe(case: &Case) -> String {
    let mut text = format!("  {}\n{}\n", case.id, filled(&case.about, "    "));
    if !case.needs.is_empty() {
        let needs: Vec<&str> = case.needs.iter().map(|need| need.what()).collect();
        text += &format!("{}\n", filled(&format!("needs {}", needs.join("; ")), "    "));
    }
    text
}

/// The text in lines of bounded width, each behind `indent`.
pub fn filled(text: &str, indent: &str) -> String {
    let options = textwrap::Options::new(100).initial_indent(indent).subsequent_indent(indent);
    textwrap::fill(text, options.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation))
}

fn human(catalogue: &[Case]) -> String {
    let mut list = String::new();
    for (side, title) in [(Side::Signaller, "Asked of a signaller"), (Side::Registry, "Asked of a registry")]
    {
        let _ = writeln!(list, "{title}\n");
        for requirement in contract::all().filter(|requirement| requirement.side == side) {
            let _ = writeln!(list, "{}  ({})", requirement.name, requirement.level);
            let _ = writeln!(list, "{}", filled(&text::sentence(requirement), "  "));
            for case in cases_of(catalogue, requirement) {
                list += &describe(case);
            }
            list.push('\n');
        }
    }
    let _ = writeln!(list, "{} in all", text::count(catalogue.len(), "case"));
    list
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    requirements: Vec<Row<'a>>,
}

/// A requirement.
#[derive(Serialize)]
pub struct Row<'a> {
    requirement: &'a str,
    level: Level,
    side: Side,
    sentence: &'a str,
    cases: Vec<CaseRow<'a>>,
}

#[derive(Serialize)]
struct CaseRow<'a> {
    case: &'a str,
    about: &'a str,
    needs: &'a [Need],
}

/// A requirement with these of its cases.
pub fn row<'a>(requirement: &'static Requirement, cases: &[&'a Case]) -> Row<'a> {
    Row {
        requirement: requirement.name,
        level: requirement.level,
        side: requirement.side,
        sentence: requirement.sentence,
        cases: cases
            .iter()
            .map(|case| CaseRow { case: &case.id, about: &case.about, needs: &case.needs })
            .collect(),
    }
}

fn document(catalogue: &[Case]) -> Document<'_> {
    let row = |requirement| row(requirement, &cases_of(catalogue, requirement));
    Document { schema: 1, requirements: contract::all().map(row).collect() }
}

/// The document as JSON, with a line break.
///
/// # Errors
/// When it has no JSON form.
pub fn json(document: &impl Serialize) -> Result<String, Refusal> {
    let text = serde_json::to_string_pretty(document).map_err(|cause| Refusal::Broken(cause.to_string()))?;
    Ok(text + "\n")
}
