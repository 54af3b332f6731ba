//! Markdown as GitHub and GitLab show it, for the summary of a job or a pull request: the verdict first,
//! failures folded.

use super::{CaseResult, Report, Status, causes, text};
use std::io::{self, Write};

/// How many bytes the failed, warned and broken cases may take: a comment of a pull request holds 65,536 characters.
const ROOM: usize = 50_000;
/// How many causes are shown.
const CAUSES: usize = 7;

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let verdict = report.verdict_in_words();
    writeln!(out, "## {verdict}: {}\n", code(&report.subject))?;
    writeln!(out, "{}.\n", escaped(&report.meaning()))?;
    write_counts(report, out)?;
    write_causes(report, out)?;
    let told: Vec<_> = report.cases.iter().filter(|case| report.rerun_of(case).is_some()).collect();
    if !told.is_empty() {
        writeln!(out, "### Cases\n")?;
    }
    let mut shown = Vec::new();
    let mut left = told.len();
    for case in causes::examples_first(&report.cases, told) {
        let before = shown.len();
        write_case(report, case, &mut shown)?;
        if shown.len() > ROOM {
            shown.truncate(before);
            break;
        }
        left -= 1;
    }
    out.write_all(&shown)?;
    if left > 0 {
        writeln!(out, "{left} more are in the other formats of this report.\n")?;
    }
    let declared: Vec<_> = report.declared.iter().map(|one| code(one)).collect();
    let declared =
        if declared.is_empty() { String::new() } else { format!(", declared {}", declared.join(", ")) };
    let kernel =
        report.kernel.as_ref().map_or_else(String::new, |kernel| format!(", kernel {}", code(kernel)));
    writeln!(out, "Seed {}{declared}{kernel}", report.seed)
}

fn write_counts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let counts = report.summary().counts();
    let row = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    writeln!(out, "{}", row(counts.iter().map(|(status, _)| status.to_string()).collect()))?;
    writeln!(out, "{}", row(counts.iter().map(|_| "---:".to_owned()).collect()))?;
    writeln!(out, "{}\n", row(counts.iter().map(|(_, count)| count.to_string()).collect()))
}

fn write_causes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let causes = causes::of(&report.cases);
    if causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "### Why\n")?;
    for (index, cause) in causes.iter().enumerate().take(CAUSES) {
        let cases = text::count(cause.cases.len(), "case");
        writeln!(out, "{}. **{}** ({cases})  ", index + 1, escaped(&text::printable(&cause.headline())))?;
        writeln!(
            out,
            "   {}: {}",
            code(cause.requirement.name),
            escaped(&text::sentence(cause.requirement))
        )?;
    }
    if causes.len() > CAUSES {
        writeln!(out, "\n{} more.", text::count(causes.len() - CAUSES, "cause"))?;
    }
    writeln!(out)
}

fn write_case(report: &Report, case: &CaseResult, out: &mut dyn Write) -> io::Result<()> {
    let known = case.known.as_ref().map(|reason| format!(" (known: {})", html(reason))).unwrap_or_default();
    let repeats = case.repeats.map(|repeats| format!(" ({repeats})")).unwrap_or_default();
    let status = match case.status() {
        Status::Failed => "failed",
        Status::Warned => "warned",
        _ => "broken",
    };
    writeln!(
        out,
        "<details><summary>{status} <code>{}</code>{repeats}{known}</summary>\n",
        html(&case.case)
    )?;
    write_block(&causes::message(case).unwrap_or_default(), out)?;
    if let Some(rerun) = report.rerun_of(case) {
        writeln!(out, "Run again:\n")?;
        write_block(&rerun, out)?;
    }
    if let Some(file) = case.replay_file() {
        writeln!(out, "Replay the failing history:\n")?;
        write_block(&report.replay_of(file), out)?;
    }
    writeln!(out, "</details>\n")
}

/// The text between fences that no line of it can close.
fn write_block(block: &str, out: &mut dyn Write) -> io::Result<()> {
    let fence = "`".repeat(longest_run(block).max(2) + 1);
    writeln!(out, "{fence}text")?;
    block.lines().try_for_each(|line| writeln!(out, "{}", text::printable(line)))?;
    writeln!(out, "{fence}\n")
}

/// The text as a code span.
pub(super) fn code(span: &str) -> String {
    let span = text::printable(span);
    match longest_run(&span) {
        0 => format!("`{span}`"),
        run => {
            let fence = "`".repeat(run + 1);
            format!("{fence} {span} {fence}")
        }
    }
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

/// The text with nothing in it that Markdown or HTML takes for its own, but for code spans.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    let mut in_code = false;
    for character in text.chars() {
        in_code ^= character == '`';
        if !in_code && matches!(character, '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The text in HTML.
pub(super) fn html(text: &str) -> String {
    text::printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
