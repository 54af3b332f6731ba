//! What an implementer has in a crate of their own: a test a case, or the report as a value, under `cargo test` and under nextest.

mod support;

use rstest::rstest;
use std::collections::BTreeSet;
use std::process::Output;
use support::crates::OwnCrate;

/// Runs cargo in the crate.
fn cargo(words: &[&str]) -> Output {
    OwnCrate::theirs().cargo(words)
}

fn test(words: &[&str]) -> Output {
    cargo(&[&["test", "--quiet", "--test", "conformance", "--"], words].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The requirements of the cases whose line `is_wanted`; a line has the words of libtest or of nextest before the id.
fn requirements(output: &str, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let of = |line: &str| {
        let id = line.split_whitespace().find(|word| word.contains('/') && word.contains('-'))?;
        Some(id.split('/').next()?.to_owned())
    };
    output.lines().filter(|line| is_wanted(line)).filter_map(of).collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

/// The same without random histories, which may put an answer down to another requirement that it breaks as well, and
/// then come to others not at all.
fn of_plain_cases(output: &str, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    requirements(output, |line| is_wanted(line) && !line.contains("/histories"))
}

#[test]
fn cargo_test_fails_the_cases_of_the_broken_requirement_and_no_others() {
    // Not --quiet, which tells no names.
    let ran = cargo(&["test", "--test", "conformance", "--", "reports-"]);
    let told = text(&ran.stdout);
    assert_eq!(ran.status.code(), Some(101), "{told}{}", text(&ran.stderr));
    let is = |end: &'static str| move |line: &str| line.starts_with("test ") && line.ends_with(end);
    assert_eq!(of_plain_cases(&told, is("... FAILED")), names(["reports-exited"]), "{told}");
    assert_eq!(of_plain_cases(&told, is("... ok")), names(["reports-delivered"]), "{told}");
    for words in [
        "Answers Ok(true) where the group has exited (reports-exited)\n",
        "a conforming signaller answers `Ok(false)` once the group has exited",
        "actual:   it answered Ok(true), delivered",
        " cargo test --test conformance -- --exact",
    ] {
        assert!(told.contains(words), "{words} is missing in {told}");
    }
    // Of so many histories that diverge none need come to each requirement.
    let messages = told.split("\n---- ").skip(1).filter(|message| !message.contains("could not be tried"));
    assert_told_once(&messages.collect::<Vec<_>>());
}

/// Asserts that one of these messages tells the cause in full and all others are short.
fn assert_told_once(messages: &[&str]) {
    let (brief, full): (Vec<&str>, Vec<&str>) =
        messages.iter().partition(|message| message.contains("   in full:  reports-exited/"));
    assert!(full.len() == 1 && brief.len() > 2, "{messages:#?}");
    assert!(full[0].contains("what to check:"), "{}", full[0]);
    for message in brief {
        // The first line is the runner's.
        let own = message.lines().skip(1).take_while(|line| !line.starts_with("failures:"));
        assert!(own.filter(|line| !line.is_empty()).count() <= 12, "{message}");
    }
}

#[test]
fn nextest_fails_the_cases_of_the_broken_requirement_and_no_others() {
    if signaller_places::program("cargo-nextest").is_none() {
        return;
    }
    let words = ["nextest", "run", "--no-fail-fast", "--test", "conformance", "reports-"];
    let ran = cargo(&words);
    let told = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(100), "{told}");
    let is = |word: &'static str| move |line: &str| line.trim_start().starts_with(word);
    assert_eq!(of_plain_cases(&told, is("FAIL [")), names(["reports-exited"]), "{told}");
    assert_eq!(of_plain_cases(&told, is("PASS [")), names(["reports-delivered"]), "{told}");
    assert!(told.contains("cargo nextest run --test conformance -E"), "{told}");
    assert!(told.contains("'test(=reports-exited/"), "{told}");
    assert_eq!(told.matches("what to check:").count(), 1, "{told}");
}

#[test]
fn all_that_wait_for_the_histories_leave_room_for_them() {
    let ran = test(&["/histories"]);
    let told = text(&ran.stdout);
    assert_eq!(ran.status.code(), Some(101), "{told}");
    // There are more of them than cases that may be busy at a time.
    assert!(told.contains("test result: FAILED. ") && !told.contains("the suite itself"), "{told}");
}

#[test]
fn nextest_tries_the_histories_once_for_all_its_processes() {
    if signaller_places::program("cargo-nextest").is_none() {
        return;
    }
    let words = ["nextest", "run", "--no-fail-fast", "--test", "conformance", "/histories"];
    let began = std::time::Instant::now();
    let ran = cargo(&words);
    let told = text(&ran.stderr);
    println!("it took {:?}", began.elapsed());
    assert_eq!(ran.status.code(), Some(100), "{told}");
    let is = |word: &'static str| move |line: &str| line.trim_start().starts_with(word);
    let failed = requirements(&told, is("FAIL ["));
    assert!(!failed.is_empty(), "{told}");
    let runs = OwnCrate::target().join("tmp/signaller-conformance-runs");
    let results =
        std::fs::read_dir(runs).expect("it is there").flatten().map(|run| run.path().join("histories.json"));
    assert!(results.into_iter().any(|file| file.is_file()), "{told}");
    // All saw the same seed.
    let seeds: BTreeSet<_> =
        told.split("SIGNALLER_CONFORMANCE_SEED=").skip(1).filter_map(|rest| rest.split(' ').next()).collect();
    assert_eq!(seeds.len(), 1, "{told}");
}

#[test]
fn an_exact_name_runs_one_case() {
    let ran = test(&["--exact", "reports-exited/sigterm"]);
    let told = text(&ran.stdout);
    assert_eq!(ran.status.code(), Some(101), "{told}");
    assert!(told.contains("0 passed; 1 failed;"), "{told}");
}

#[test]
fn a_list_has_every_case_and_runs_none() {
    let all = text(&test(&["--list"]).stdout);
    let tests = all.lines().filter(|line| line.ends_with(": test")).count();
    assert!(tests > 300, "{all}");
    assert!(!all.contains("MUST") && !all.contains("register-tracks"), "there is no registry: {all}");
    let ignored = test(&["--list", "--ignored"]);
    let (ignored, reasons) = (text(&ignored.stdout), text(&ignored.stderr));
    let listed = requirements(&ignored, |line| line.ends_with(": test"));
    assert!(listed.contains("unreachable-is-an-error"), "there is nothing to cut: {ignored}");
    assert!(!listed.contains("exited-is-repeatable"), "{ignored}");
    assert!(ignored.lines().all(|line| line.ends_with(": test") || line.trim().is_empty()), "{ignored}");
    assert!(reasons.contains("ignored: needs a link to the groups"), "{reasons}");
    assert!(reasons.contains("  recovers-after-unreachable/"), "{reasons}");
}

#[test]
fn an_ignored_case_is_not_run_and_says_why_when_it_is_wanted() {
    let left_out = test(&["unreachable-is-an-error"]);
    let told = text(&left_out.stdout);
    assert!(left_out.status.success() && told.contains(" 0 failed; 11 ignored;"), "{told}");
    let wanted = test(&["--ignored", "unreachable-is-an-error"]);
    let told = text(&wanted.stdout);
    assert_eq!(wanted.status.code(), Some(101), "{told}");
    assert!(told.contains("it means nothing for this subject: needs a link to the groups"), "{told}");
}

#[rstest]
#[case::cargo_test(&["test", "--test", "no_signaller"], 101)]
#[case::nextest(&["nextest", "run", "--test", "no_signaller"], 104)]
fn a_signaller_that_cannot_be_made_is_one_message(#[case] words: &[&str], #[case] status: i32) {
    if words[0] == "nextest" && signaller_places::program("cargo-nextest").is_none() {
        return;
    }
    let ran = cargo(words);
    let told = text(&ran.stdout) + &text(&ran.stderr);
    let message = "the signaller theirs cannot be made (exit status: 1): the host does not answer";
    assert_eq!(ran.status.code(), Some(status), "{told}");
    assert_eq!(told.matches(message).count(), 1, "{told}");
    assert!(!told.contains("delivers-"), "no case is told of: {told}");
}

#[test]
fn the_report_is_a_value_to_assert_on() {
    let report = tempfile::NamedTempFile::new().expect("a file can be made");
    let path = report.path().to_str().expect("its path is text");
    let ran = cargo(&["run", "--quiet", "--example", "report", "--", path]);
    let told = text(&ran.stdout);
    assert!(ran.status.success(), "{told}{}", text(&ran.stderr));
    assert!(told.contains("reports-exited: 0 of "), "{told}");
    let delivered =
        told.lines().find_map(|line| line.strip_prefix("reports-delivered: ")).expect("it is told of");
    let counts: Vec<_> = delivered.split_whitespace().filter(|word| word.parse::<u32>().is_ok()).collect();
    assert!(counts.len() == 2 && counts[0] == counts[1], "all of them pass: {delivered}");
    assert!(told.contains("SIGNALLER_CONFORMANCE_FILTER='^reports-exited/"), "{told}");
    assert!(told.contains("Verdict: nonconformant"), "{told}");
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(report.path()).expect("it was written")).expect("it is JSON");
    assert_eq!(json["verdict"], "nonconformant");
}
