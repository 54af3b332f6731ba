//! What GitHub shows of a run: failures as annotations, and the summary of the job.
//!
//! The commands and their limits:
//! <https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions>.

use super::output;
use signaller_conformance::report::{CaseResult, Report, Status, causes, markdown, text};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// As many annotations of a kind as GitHub shows of a step.
const SHOWN: usize = 10;

/// Writes both, where a job of GitHub Actions runs this. A report that cannot be written is no fault of the
/// run's.
pub fn annotate(report: &Report) {
    if std::env::var("GITHUB_ACTIONS").as_deref() != Ok("true") {
        return;
    }
    for (kind, wanted) in [("error", [Status::Failed, Status::Broken]), ("warning", [Status::Warned; 2])] {
        let of_kind = |case: &&CaseResult| wanted.contains(&case.status()) && case.known.is_none();
        let cases = causes::examples_first(&report.cases, report.cases.iter().filter(of_kind).collect());
        for case in cases.into_iter().take(SHOWN) {
            let _ = writeln!(std::io::stderr(), "{}", annotation(kind, case));
        }
    }
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return };
    if let Err(cause) = append(report, Path::new(&path)) {
        output::remark(&format!("cannot write the summary of the job: {cause}"));
    }
}

fn append(report: &Report, path: &Path) -> std::io::Result<()> {
    let mut summary = Vec::new();
    markdown::write(report, &mut summary)?;
    OpenOptions::new().append(true).create(true).open(path)?.write_all(&summary)
}

/// A command that GitHub's runner reads, from either standard stream.
fn annotation(kind: &str, case: &CaseResult) -> String {
    let title = escaped(&format!("{} {}", case.status(), case.case)).replace(':', "%3A").replace(',', "%2C");
    let sentence = text::sentence(case.requirement);
    format!(
        "::{kind} title={title}::{}",
        escaped(&format!("{sentence}\n{}", causes::message(case).unwrap_or_default()))
    )
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
