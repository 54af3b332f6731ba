//! The page in Markdown.

use super::{Matrix, level};
use crate::report::markdown::{code, escaped};
use crate::report::text;
use std::io::{self, Write};

/// Writes the subjects, the table by their numbers, and what each maps.
///
/// # Errors
/// Those of `out`.
pub fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Signallers side by side\n")?;
    writeln!(
        out,
        "{} against the contract. Each column is one subject, by its number below.\n\nMade in {} by:\n\n\
         ```sh\n{}\n```\n",
        text::count(matrix.subjects.len(), "signaller"),
        duration(matrix),
        text::printable(&matrix.command)
    )?;
    for remark in &matrix.remarks {
        writeln!(out, "- {}", escaped(&text::printable(remark)))?;
    }
    if !matrix.remarks.is_empty() {
        writeln!(out)?;
    }
    writeln!(
        out,
        "| | subject | verdict | passed | failed | warned |\n| ---: | --- | --- | ---: | ---: | ---: |"
    )?;
    for (index, subject) in matrix.subjects.iter().enumerate() {
        let [passed, failed, warned] = match &subject.run {
            Some(run) => {
                [run.summary.passed, run.summary.failed, run.summary.warned].map(|count| count.to_string())
            }
            None => [(); 3].map(|()| String::new()),
        };
        let name = escaped(&text::printable(&subject.name));
        writeln!(out, "| {} | {name} | {} | {passed} | {failed} | {warned} |", index + 1, subject.verdict())?;
    }
    write_table(matrix, out)?;
    write_notes(matrix, out)
}

/// How long the runs took, no finer than another machine would say as well.
fn duration(matrix: &Matrix) -> String {
    let seconds: f64 = matrix.subjects.iter().filter_map(|one| Some(one.run.as_ref()?.seconds)).sum();
    match seconds {
        ..120.0 => format!("{seconds:.0} s"),
        ..1200.0 => format!("about {:.0} minutes", seconds / 60.0),
        _ => format!("about {:.0} minutes", (seconds / 600.0).round() * 10.0),
    }
}

fn write_table(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## Requirement by subject\n\n{}\n", matrix.legend())?;
    let numbers = 1..=matrix.subjects.len();
    let head: String = numbers.clone().map(|number| format!(" {number} |")).collect();
    let line: String = numbers.map(|_| " :-: |").collect();
    writeln!(out, "| requirement | |{head}\n| --- | --- |{line}")?;
    for requirement in matrix.rows() {
        let cells = matrix.subjects.iter().map(|subject| {
            let sign = subject.cell(requirement.name).map(super::Cell::sign).unwrap_or_default();
            format!(" {sign} |")
        });
        let name = format!("[`{0}`](requirements.md#{0})", requirement.name);
        writeln!(out, "| {name} | {} |{}", level(requirement), cells.collect::<String>())?;
    }
    Ok(())
}

fn write_notes(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## What each one is\n")?;
    for (index, subject) in matrix.subjects.iter().enumerate() {
        let text =
            |text: &Option<String>| text.as_ref().map(|text| format!(" {}", escaped(&text::printable(text))));
        let version =
            subject.version.as_ref().map(|version| format!(", {}", escaped(&text::printable(version))));
        let untried = subject.untried().map(|untried| format!(" {}.", escaped(&text::printable(&untried))));
        let surprise = text(&subject.surprise).map(|surprise| format!(" **Surprise:**{surprise}"));
        writeln!(
            out,
            "{}. **{}**{}: {}.{}{}{}",
            index + 1,
            escaped(&text::printable(&subject.name)),
            version.unwrap_or_default(),
            code(&subject.subject),
            text(&subject.maps).unwrap_or_default(),
            surprise.unwrap_or_default(),
            untried.unwrap_or_default()
        )?;
    }
    Ok(())
}
