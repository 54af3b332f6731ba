//! Reports built by hand: their formats are golden files, their verdicts a table.

use rstest::rstest;
use signaller_conformance::contract::{self, Requirement};
use signaller_conformance::report::{FILTER, Finding, Outcome, Report, Verdict, human, json};

#[path = "reports/fixtures.rs"]
mod fixtures;

use fixtures::*;

fn human(report: &Report, options: human::Options) -> String {
    let mut text = Vec::new();
    human::write(report, &options, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn plain(report: &Report) -> String {
    human(report, human::Options::default())
}

fn json(report: &Report) -> String {
    let mut text = Vec::new();
    json::write(report, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The human report without the requirements that were not asked: those grow with the contract.
fn golden(report: &Report, options: human::Options) -> String {
    let text = human(report, options);
    let Some((before, rest)) = text.split_once("\n  not asked ") else { return text };
    let (_, after) = rest.split_once("\n\n").unwrap();
    format!("{before}\n  not asked     […]\n\n{after}")
}

#[test]
fn human_all_passed() {
    insta::assert_snapshot!(golden(&all_passed(), human::Options::default()));
}

#[test]
fn human_every_status() {
    insta::assert_snapshot!(golden(&every_status(), human::Options::default()));
}

#[test]
fn human_every_status_verbose() {
    insta::assert_snapshot!(golden(&every_status(), human::Options { color: false, verbose: true }));
}

#[test]
fn human_hostile() {
    insta::assert_snapshot!(golden(&hostile(), human::Options::default()));
}

#[test]
fn human_incomplete() {
    let mut incomplete = every_status();
    incomplete.cases.retain(|case| !matches!(case.outcome, Outcome::Breached(_) | Outcome::Broken(_)));
    insta::assert_snapshot!(golden(&incomplete, human::Options::default()));
}

#[test]
fn the_verbose_report_names_every_requirement_whether_asked_or_not() {
    let text = human(&all_passed(), human::Options { color: false, verbose: true });
    let names: Vec<&str> = text.split([' ', ',', '\n']).collect();
    for requirement in contract::all() {
        assert_eq!(names.iter().filter(|name| **name == requirement.name).count(), 1, "{}", requirement.name);
    }
}

#[test]
fn json_all_passed() {
    insta::assert_snapshot!(json(&all_passed()));
}

#[test]
fn json_every_status() {
    insta::assert_snapshot!(json(&every_status()));
}

#[test]
fn json_hostile() {
    insta::assert_snapshot!(json(&hostile()));
}

#[test]
fn nothing_that_a_subject_says_reaches_the_terminal_as_control() {
    for text in [plain(&hostile()), json(&hostile())] {
        let control =
            |character: char| character.is_control() && character != '\n' || character == '\u{202e}';
        assert!(!text.contains(control), "{text:?}");
    }
}

#[test]
fn a_forged_line_is_not_a_line_of_the_report() {
    let text = plain(&hostile());
    let verdicts: Vec<&str> = text.lines().filter(|line| line.starts_with("Verdict: ")).collect();
    assert_eq!(verdicts.len(), 1, "{text}");
    assert!(verdicts[0].starts_with("Verdict: nonconformant"), "{text}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = human(&every_status(), human::Options { color: true, verbose: false });
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let mut stripped = String::new();
    for (index, part) in coloured.split('\u{1b}').enumerate() {
        stripped += if index == 0 { part } else { part.split_once('m').unwrap().1 };
    }
    assert_eq!(stripped, plain(&every_status()));
}

#[test]
fn a_long_timeline_keeps_its_beginning_and_its_end() {
    let mut finding = Finding::new("", "", "");
    finding.timeline = (1..=250).map(|step| format!("step {step}.").into()).collect();
    let text = finding.to_string();
    for kept in ["step 1.", "step 50.", "(150 steps left out)", " 201. step 201.", "step 250."] {
        assert!(text.contains(kept), "{kept} is missing in {text}");
    }
    assert!(!text.contains("step 51.") && !text.contains("step 200."), "{text}");
}

#[test]
fn the_filter_stands_in_for_its_placeholder() {
    let mut report = every_status();
    report.rerun = format!("signaller-conformance check {FILTER} stdio -- ./kill");
    let rerun = report.rerun_of(&report.cases[2]).unwrap();
    let expected = "signaller-conformance check --filter '^delivers-to-every-member/child$' stdio -- ./kill";
    assert_eq!(rerun, expected);
}

#[derive(Clone, Copy)]
enum Is {
    Passed,
    Breached,
    Skipped,
    Inapplicable,
    Broken,
}

#[rstest]
#[case::must_passed(&[(&DELIVERS, Is::Passed)], Verdict::Conformant)]
#[case::should_passed(&[(&RECOVERS, Is::Passed)], Verdict::Conformant)]
#[case::should_broken_only_warns(&[(&DELIVERS, Is::Passed), (&RECOVERS, Is::Breached)], Verdict::Conformant)]
#[case::a_warning_is_a_case_that_ran(&[(&RECOVERS, Is::Breached)], Verdict::Conformant)]
#[case::should_skipped(&[(&DELIVERS, Is::Passed), (&RECOVERS, Is::Skipped)], Verdict::Conformant)]
#[case::must_inapplicable(&[(&DELIVERS, Is::Passed), (&UNREACHABLE, Is::Inapplicable)], Verdict::Conformant)]
#[case::must_skipped(&[(&DELIVERS, Is::Passed), (&UNREACHABLE, Is::Skipped)], Verdict::Incomplete)]
#[case::warned_and_must_skipped(&[(&RECOVERS, Is::Breached), (&UNREACHABLE, Is::Skipped)], Verdict::Incomplete)]
#[case::must_failed(&[(&DELIVERS, Is::Breached)], Verdict::Nonconformant)]
#[case::failed_beats_skipped(&[(&UNREACHABLE, Is::Skipped), (&DELIVERS, Is::Breached)], Verdict::Nonconformant)]
#[case::failed_beats_broken(&[(&UNREACHABLE, Is::Broken), (&DELIVERS, Is::Breached)], Verdict::Nonconformant)]
#[case::broken(&[(&DELIVERS, Is::Passed), (&UNREACHABLE, Is::Broken)], Verdict::Broken)]
#[case::a_broken_should_counts_too(&[(&DELIVERS, Is::Passed), (&RECOVERS, Is::Broken)], Verdict::Broken)]
#[case::broken_beats_incomplete(
    &[(&DELIVERS, Is::Passed), (&UNREACHABLE, Is::Skipped), (&RECOVERS, Is::Broken)],
    Verdict::Broken
)]
#[case::no_case_at_all(&[], Verdict::Broken)]
#[case::none_that_ran(&[(&DELIVERS, Is::Skipped), (&DESCRIBES, Is::Inapplicable)], Verdict::Broken)]
fn the_verdict_follows_from_the_cases(
    #[case] cases: &[(&'static Requirement, Is)],
    #[case] expected: Verdict,
) {
    let outcome = |is| match is {
        Is::Passed => Outcome::Passed,
        Is::Breached => breached("otherwise"),
        Is::Skipped => Outcome::Skipped("no authority to cut".into()),
        Is::Inapplicable => Outcome::Inapplicable("declared".into()),
        Is::Broken => Outcome::Broken("fork failed".into()),
    };
    let report =
        report(cases.iter().map(|&(requirement, is)| case(requirement, "one", outcome(is))).collect());
    assert_eq!(report.verdict(), expected);
    assert!(plain(&report).contains(&format!("Verdict: {expected} — ")), "{}", plain(&report));
}

#[test]
fn an_incomplete_verdict_names_what_was_not_tried_and_no_should() {
    let skipped = || Outcome::Skipped("no hooks".into());
    let cases = [(&DELIVERS, Outcome::Passed), (&UNREACHABLE, skipped()), (&RECOVERS, skipped())];
    let text = plain(&report(cases.map(|(requirement, outcome)| case(requirement, "one", outcome)).into()));
    let verdict = text.lines().find(|line| line.starts_with("Verdict: ")).unwrap();
    assert!(verdict.contains(UNREACHABLE.name) && !verdict.contains(RECOVERS.name), "{verdict}");
}

#[test]
fn every_case_is_counted_under_its_status() {
    let summary = every_status().summary();
    assert_eq!(
        summary.counts().map(|(status, count)| format!("{count} {status}")),
        ["2 passed", "2 failed", "1 warned", "2 skipped", "1 inapplicable", "1 broken"]
    );
}
