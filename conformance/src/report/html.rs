//! One self-contained HTML page: the verdict, why it came to that, a table to search, and a picture of each
//! failure.

use super::markdown::html;
use super::picture::{Picture, svg};
use super::{CaseResult, Outcome, Report, Status, Verdict, causes, text};
use askama::Template;
use std::io::{self, Write};

/// How many causes are shown with what to check.
const CAUSES: usize = 7;
/// How many cases are shown with a picture: each takes some ten kilobytes.
const PICTURES: usize = 200;

/// Writes the page. It loads nothing from elsewhere.
///
/// # Errors
/// Those of `out`.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::of(report).map_err(io::Error::other)?;
    let text = page.render().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    verdict: Verdict,
    in_words: String,
    subject: String,
    headline: String,
    counts: Vec<(String, usize)>,
    /// The statuses of cases to look at, of those that there are.
    unwell: Vec<String>,
    causes: Vec<CauseRow>,
    /// The causes of which only the headline is shown.
    more_causes: Vec<CauseRow>,
    number: usize,
    groups: Vec<Group>,
    seed: u64,
    declared: Vec<String>,
    kernel: Option<String>,
    remarks: Vec<String>,
}

struct CauseRow {
    headline: String,
    number: String,
    counts: String,
    /// The names of its cases, with what a link to each names.
    cases: Vec<(String, String)>,
    sentence: String,
    requirement: &'static str,
    /// What was asked, expected and happened in the example, with a label each.
    facts: [(&'static str, String); 3],
    advice: Vec<String>,
    anchor: String,
    example: String,
}

/// A requirement with its cases.
struct Group {
    name: &'static str,
    level: String,
    sentence: String,
    cases: Vec<CaseRow>,
}

struct CaseRow {
    name: String,
    anchor: String,
    status: String,
    time: String,
    /// Its lines, each with how many characters further right it goes on below.
    message: Vec<(usize, String)>,
    picture: Option<String>,
    legend: String,
    hidden: usize,
    rerun: Option<String>,
    replay: Option<String>,
    is_open: bool,
}

impl Page {
    fn of(report: &Report) -> askama::Result<Self> {
        let causes = causes::of(&report.cases);
        let first = causes.first().map(|cause| cause.example.0.case.as_str());
        let mut pictures = 0;
        let mut groups = Vec::new();
        for (requirement, cases) in report.by_requirement() {
            let mut rows = Vec::new();
            for case in cases {
                let is_open = first == Some(case.case.as_str());
                // The one that is linked first has its picture however many there are.
                let may_have_picture = is_open || pictures < PICTURES;
                rows.push(CaseRow::of(report, case, is_open, may_have_picture.then_some(pictures))?);
                pictures += usize::from(rows.last().is_some_and(|row: &CaseRow| row.picture.is_some()));
            }
            groups.push(Group {
                name: requirement.name,
                level: requirement.level.to_string(),
                sentence: prose(&text::sentence(requirement)),
                cases: rows,
            });
        }
        let counts: Vec<_> = report.summary().counts().into_iter().filter(|(_, count)| *count > 0).collect();
        let mut rows: Vec<_> = causes.iter().map(CauseRow::of).collect();
        Ok(Self {
            verdict: report.verdict(),
            in_words: report.verdict_in_words(),
            subject: text::printable(&report.subject),
            headline: report.meaning(),
            unwell: counts
                .iter()
                .filter(|(status, _)| [Status::Failed, Status::Warned, Status::Broken].contains(status))
                .map(|(status, _)| status.to_string())
                .collect(),
            counts: counts.into_iter().map(|(status, count)| (status.to_string(), count)).collect(),
            more_causes: rows.split_off(rows.len().min(CAUSES)),
            causes: rows,
            number: report.cases.len(),
            groups,
            seed: report.seed,
            declared: report.declared.iter().map(|one| text::printable(one)).collect(),
            kernel: report.kernel.clone(),
            remarks: report.remarks.iter().map(|remark| text::printable(remark)).collect(),
        })
    }
}

impl Page {
    /// Whether the cases to look at are those of that status.
    fn is_all_that_is_unwell(&self, status: &str) -> bool {
        self.unwell == [status]
    }
}

impl CauseRow {
    fn of(cause: &causes::Cause<'_>) -> Self {
        let mut headline = text::printable(&cause.headline());
        headline[..1].make_ascii_uppercase();
        let (_, finding) = cause.example;
        let first =
            |text: &str| text::labelled_within("", text.lines().next().unwrap_or_default(), 1, text::LINE);
        Self {
            headline,
            number: text::count(cause.cases.len(), "case"),
            counts: causes::counts(cause, usize::MAX),
            cases: cause.cases.iter().map(|case| (text::printable(&case.case), anchor(case))).collect(),
            sentence: prose(&text::sentence(cause.requirement)),
            requirement: cause.requirement.name,
            facts: [
                ("call", first(&finding.asked)),
                ("expected", first(&finding.expected)),
                ("actual", first(&finding.happened)),
            ],
            advice: cause.advice().iter().map(|advice| prose(advice)).collect(),
            anchor: anchor(cause.example.0),
            example: text::printable(&cause.example.0.case),
        }
    }
}

impl CaseRow {
    fn of(report: &Report, case: &CaseResult, is_open: bool, picture: Option<usize>) -> askama::Result<Self> {
        let picture = match (&case.outcome, picture) {
            (Outcome::Breached(finding), Some(id)) => {
                Picture::of(finding, svg::LANES).map(|picture| (picture, id))
            }
            _ => None,
        };
        let hidden = picture.as_ref().map_or(0, |(picture, _)| picture.hidden);
        let legend =
            picture.as_ref().map(|(picture, _)| svg::legend(picture)).transpose()?.unwrap_or_default();
        let picture = picture.map(|(picture, id)| svg::draw(&picture, id)).transpose()?;
        let known = case.known.as_ref().map(|reason| text::labelled("known failure: ", reason) + "\n");
        let repeats = case.repeats.filter(|_| case.status() != Status::Passed);
        let repeats = repeats.map(|repeats| format!("{repeats}\n"));
        let message: String = [known, repeats, causes::message(case)].into_iter().flatten().collect();
        let message = message.lines().map(|line| (text::hanging(line), line.to_owned())).collect();
        let replay = case.replay_file().map(|file| report.replay_of(file));
        Ok(Self {
            name: text::printable(&case.case),
            anchor: anchor(case),
            status: case.status().to_string(),
            time: format!("{:.1}", text::milliseconds(case.duration)),
            message,
            picture,
            legend,
            hidden,
            rerun: report.rerun_of(case).map(|rerun| text::printable(&rerun)),
            replay,
            is_open,
        })
    }
}

/// The text as HTML, with what stands between backticks as code.
fn prose(text: &str) -> String {
    let part = |(place, part)| match place % 2 {
        0 => html(part),
        _ => format!("<code>{}</code>", html(part)),
    };
    text.split('`').enumerate().map(part).collect()
}

/// What a link to a case names.
fn anchor(case: &CaseResult) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '-';
    let plain = case.case.chars().map(|one| if is_plain(one) { one } else { '.' });
    format!("case-{}", plain.collect::<String>())
}
