//! The table as one self-contained HTML page.

use super::{Cell, Matrix, level};
use crate::report::text;
use askama::Template;
use std::io::{self, Write};

#[derive(Template)]
#[template(path = "matrix.html")]
struct Page {
    subjects: Vec<Subject>,
    rows: Vec<Row>,
    signs: String,
    command: String,
    remarks: Vec<String>,
}

struct Subject {
    name: String,
    verdict: String,
    words: String,
    note: String,
}

struct Row {
    name: &'static str,
    level: &'static str,
    sentence: String,
    cells: Vec<(String, String)>,
}

/// Writes the page. It loads nothing from elsewhere.
///
/// # Errors
/// Those of `out`.
pub fn write(matrix: &Matrix, out: &mut dyn Write) -> io::Result<()> {
    let subject = |subject: &super::Column| Subject {
        name: text::printable(&subject.name),
        verdict: subject.verdict(),
        words: text::printable(&subject.subject),
        note: [subject.maps.clone(), subject.surprise.clone(), subject.untried()]
            .into_iter()
            .flatten()
            .map(|note| text::printable(&note))
            .collect::<Vec<_>>()
            .join(" "),
    };
    let cell = |cell: Option<&Cell>| match cell {
        Some(cell) => (cell.status.to_string(), cell.sign()),
        None => ("inapplicable".to_owned(), String::new()),
    };
    let page = Page {
        subjects: matrix.subjects.iter().map(subject).collect(),
        rows: matrix
            .rows()
            .map(|requirement| Row {
                name: requirement.name,
                level: level(requirement),
                sentence: text::sentence(requirement),
                cells: matrix.subjects.iter().map(|subject| cell(subject.cell(requirement.name))).collect(),
            })
            .collect(),
        signs: matrix.legend(),
        command: text::printable(&matrix.command),
        remarks: matrix.remarks.iter().map(|remark| text::printable(remark)).collect(),
    };
    out.write_all(page.render().map_err(io::Error::other)?.as_bytes())
}
