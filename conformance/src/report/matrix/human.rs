//! The table for a terminal.

use super::Matrix;
use crate::report::text::{self, printable};
use std::io::{self, Write};

/// Writes the subjects with their numbers, then the table by number.
///
/// # Errors
/// Those of `out`.
pub fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    for remark in &matrix.remarks {
        writeln!(out, "{}", text::filled(&printable(remark), 0))?;
    }
    for (index, subject) in matrix.subjects.iter().enumerate() {
        let untried = subject.untried().map(|untried| format!(". {untried}")).unwrap_or_default();
        let line = format!("{:>3}. {}: {}{untried}", index + 1, subject.name, subject.verdict());
        write!(out, "{}", text::filled(&printable(&line), 0))?;
    }
    let width = matrix.rows().map(|requirement| requirement.name.len()).max().unwrap_or_default();
    write!(out, "\n{:width$}", "")?;
    (1..=matrix.subjects.len()).try_for_each(|number| write!(out, " {number:>3}"))?;
    writeln!(out)?;
    for requirement in matrix.rows() {
        write!(out, "{:width$}", requirement.name)?;
        for subject in &matrix.subjects {
            let sign = subject.cell(requirement.name).map(super::Cell::sign).unwrap_or_default();
            write!(out, " {sign:>3}")?;
        }
        writeln!(out)?;
    }
    write!(out, "\n{}", text::filled(&matrix.legend(), 0))
}
