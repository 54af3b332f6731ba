//! Requirements and cases in Markdown: `list` and `explain` with `--format markdown`, and
//! docs/requirements.md.

use super::list::cases_of;
use signaller_conformance::cases::untested::{self, Gap};
use signaller_conformance::contract::{self, Requirement, Side};
use signaller_conformance::harness::{Case, Need};
use signaller_conformance::report::text;
use std::fmt::Write;

/// The head of the page of all.
const INTRODUCTION: &str = "\
# Requirements and cases

What a signaller owes its callers and a registry of process groups its own, with every case that tries it. A failed
MUST case makes a subject nonconformant; a failed SHOULD case is a warning. `signaller-conformance list --format
markdown` writes this page, and a test fails when it is stale.
";

/// The page of every requirement.
pub fn all(catalogue: &[Case]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for (side, title) in [(Side::Signaller, "On a signaller"), (Side::Registry, "On a registry")] {
        let of_side = || contract::all().filter(|requirement| requirement.side == side);
        let _ = write!(page, "\n## {title}\n\n| requirement | level | cases |\n| --- | --- | ---: |\n");
        for requirement in of_side() {
            let Requirement { name, level, .. } = requirement;
            let cases = cases_of(catalogue, requirement).len();
            let _ = writeln!(page, "| [`{name}`](#{name}) | {level} | {cases} |");
        }
        for requirement in of_side() {
            page += &format!("\n{}", of_requirement(requirement, &cases_of(catalogue, requirement), "###"));
        }
    }
    page
}

/// A requirement with these of its cases, under a heading that begins with `mark`.
pub fn of_requirement(requirement: &Requirement, cases: &[&Case], mark: &str) -> String {
    let Requirement { name, level, why, breaks, check, .. } = requirement;
    let mut page =
        format!("{mark} {name}\n\n**{level}**: {}.\n\n{}\n", text::sentence(requirement), prose(why));
    let _ = write!(page, "\nWhat breaks it:\n\n{}", list(breaks.lines()));
    let check = check.iter().enumerate().map(|(index, check)| format!("{}. {}\n", index + 1, prose(check)));
    let _ = write!(page, "\nWhat to check, in this order:\n\n{}", check.collect::<String>());
    let gaps = untested::of(requirement).iter().map(|Gap { fault, reason }| format!("{fault} {reason}"));
    let gaps: Vec<_> = gaps.collect();
    if !gaps.is_empty() {
        let _ = write!(page, "\nWhat no case catches:\n\n{}", list(gaps.iter().map(String::as_str)));
    }
    let _ = write!(page, "\nCases:\n\n{}", cases.iter().map(|case| row(case)).collect::<String>());
    page
}

fn row(case: &Case) -> String {
    let needs: Vec<&str> = case.needs.iter().copied().map(Need::what).collect();
    let needs = if needs.is_empty() { String::new() } else { format!(" Needs {}.", needs.join("; ")) };
    format!("- `{}`: {}{}\n", case.id, prose(&case.about), prose(&needs))
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> String {
    items.map(|item| format!("- {}\n", prose(item))).collect()
}

/// The text with nothing in it, but for code spans, that Markdown takes for markup.
fn prose(text: &str) -> String {
    let mut in_code = false;
    let one = |character: char| {
        in_code ^= character == '`';
        match character {
            '<' | '>' | '*' | '_' | '[' | ']' | '|' | '\\' if !in_code => vec!['\\', character],
            other => vec![other],
        }
    };
    text.chars().flat_map(one).collect()
}
