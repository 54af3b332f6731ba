//! What no case catches, in the words of `list --untested` and `explain`.

use super::list::filled;
use serde::Serialize;
use signaller_conformance::cases::untested::{self, Gap, OF_EVERY_REQUIREMENT};
use signaller_conformance::contract::{self, Level, Requirement, Side};
use std::fmt::Write;

/// The list for people, which is Markdown, too.
pub fn human() -> String {
    let mut list = format!("# What no case catches\n\n{}\n", filled(INTRODUCTION, ""));
    let _ = write!(list, "\n## Of every requirement\n\n{}", items(OF_EVERY_REQUIREMENT, ""));
    let mut nothing_more = Vec::new();
    for requirement in contract::all() {
        match untested::of(requirement) {
            [] => nothing_more.push(requirement.name),
            gaps => {
                let Requirement { name, level, .. } = requirement;
                let _ = write!(list, "\n## {name} ({level})\n\n{}", items(gaps, ""));
            }
        }
    }
    let names = filled(&format!("{}.", nothing_more.join(", ")), "");
    let _ = write!(list, "\n## Nothing beyond that\n\n{names}\n");
    list
}

const INTRODUCTION: &str = "A requirement forbids more than cases can try. Faults like these pass unseen, or \
    may. What cannot be tried on one machine and can be on another is not among them: a report has it as \
    skipped.";

/// What `explain` tells of one requirement.
pub fn section(requirement: &Requirement) -> String {
    let of_all = "What applies to every requirement: see `signaller-conformance list --untested`.";
    items(untested::of(requirement), "  ") + &filled(of_all, "  ") + "\n"
}

fn items(gaps: &[Gap], indent: &str) -> String {
    let item = |gap: &Gap| {
        let lines = filled(&format!("{} {}", gap.fault, gap.reason), &format!("{indent}  "));
        lines.replacen(&format!("{indent}  "), &format!("{indent}- "), 1) + "\n"
    };
    gaps.iter().map(item).collect()
}

/// The list for programs.
#[derive(Serialize)]
pub struct Document {
    schema: u32,
    of_every_requirement: &'static [Gap],
    requirements: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    requirement: &'static str,
    level: Level,
    side: Side,
    untested: &'static [Gap],
}

/// What `list --untested --format json` prints.
pub fn document() -> Document {
    let row = |requirement: &'static Requirement| Row {
        requirement: requirement.name,
        level: requirement.level,
        side: requirement.side,
        untested: untested::of(requirement),
    };
    Document {
        schema: 1,
        of_every_requirement: OF_EVERY_REQUIREMENT,
        requirements: contract::all().map(row).collect(),
    }
}
