//! What an implementer has in a crate of their own: ten lines of test, under `cargo test` and under nextest.

mod support;

use rstest::rstest;
use std::collections::BTreeSet;
use std::process::Output;
use support::crates::OwnCrate;

/// The files of the crate, which is a workspace of its own, outside this one.
const FILES: [(&str, &str); 6] = [
    ("Cargo.toml", include_str!("own_crate/Cargo.toml")),
    ("src/lib.rs", include_str!("own_crate/lib.rs")),
    ("tests/conformance.rs", include_str!("own_crate/conformance.rs")),
    ("tests/no_signaller.rs", include_str!("own_crate/no_signaller.rs")),
    ("tests/within_a_test.rs", include_str!("own_crate/within_a_test.rs")),
    ("examples/report.rs", include_str!("own_crate/report.rs")),
];

/// Runs cargo in the crate.
fn cargo(words: &[&str]) -> Output {
    OwnCrate::of("own_crate", &FILES).cargo(words)
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

#[test]
fn cargo_test_fails_the_cases_of_the_broken_requirement_and_no_others() {
    // Not --quiet, which tells no names.
    let ran = cargo(&["test", "--test", "conformance", "--", "reports-"]);
    let told = text(&ran.stdout);
    assert_eq!(ran.status.code(), Some(101), "{told}{}", text(&ran.stderr));
    let is = |end: &'static str| move |line: &str| line.starts_with("test ") && line.ends_with(end);
    assert_eq!(requirements(&told, is("... FAILED")), names(["reports-exited"]), "{told}");
    assert_eq!(requirements(&told, is("... ok")), names(["reports-delivered"]), "{told}");
    for words in [
        "reports-exited is broken: a conforming signaller answers `Ok(false)` once the group has exited",
        "actual:   it answered Ok(true), delivered",
        "what to check:",
        "cargo test -- --exact reports-exited/",
    ] {
        assert!(told.contains(words), "{words} is missing in {told}");
    }
}

#[test]
fn nextest_fails_the_cases_of_the_broken_requirement_and_no_others() {
    if support::program("cargo-nextest").is_none() {
        return;
    }
    let words = ["nextest", "run", "--no-fail-fast", "--test", "conformance", "reports-"];
    let ran = cargo(&words);
    let told = text(&ran.stderr);
    assert_eq!(ran.status.code(), Some(100), "{told}");
    let is = |word: &'static str| move |line: &str| line.trim_start().starts_with(word);
    assert_eq!(requirements(&told, is("FAIL [")), names(["reports-exited"]), "{told}");
    assert_eq!(requirements(&told, is("PASS [")), names(["reports-delivered"]), "{told}");
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
    let ignored = text(&test(&["--list", "--ignored"]).stdout);
    let listed = requirements(&ignored, |line| line.ends_with(": test"));
    assert!(listed.contains("register-tracks"), "there is no registry to try: {ignored}");
    assert!(!listed.contains("reports-exited"), "{ignored}");
}

#[test]
fn an_ignored_case_is_not_run_and_says_why_when_it_is_wanted() {
    let left_out = test(&["register-tracks"]);
    let told = text(&left_out.stdout);
    assert!(left_out.status.success() && told.contains("0 passed; 0 failed;"), "{told}");
    let wanted = test(&["--ignored", "register-tracks"]);
    let told = text(&wanted.stdout);
    assert_eq!(wanted.status.code(), Some(101), "{told}");
    assert!(told.contains("it means nothing for this subject: no registry is under test"), "{told}");
}

#[rstest]
#[case::cargo_test(&["test", "--test", "no_signaller"], 101)]
#[case::nextest(&["nextest", "run", "--test", "no_signaller"], 104)]
fn a_signaller_that_cannot_be_made_is_one_message(#[case] words: &[&str], #[case] status: i32) {
    if words[0] == "nextest" && support::program("cargo-nextest").is_none() {
        return;
    }
    let ran = cargo(words);
    let told = text(&ran.stdout) + &text(&ran.stderr);
    let message = "the signaller theirs cannot be made (exit status: 1): the farm does not answer";
    assert_eq!(ran.status.code(), Some(status), "{told}");
    assert_eq!(told.matches(message).count(), 1, "{told}");
    assert!(!told.contains("delivers-"), "no case is told of: {told}");
}

#[test]
fn the_report_is_a_value_to_assert_on() {
    let ran = cargo(&["run", "--quiet", "--example", "report"]);
    let told = text(&ran.stdout);
    assert!(ran.status.success(), "{told}{}", text(&ran.stderr));
    assert!(told.contains("reports-exited: 0 of "), "{told}");
    let delivered =
        told.lines().find_map(|line| line.strip_prefix("reports-delivered: ")).expect("it is told of");
    let counts: Vec<_> = delivered.split_whitespace().filter(|word| word.parse::<u32>().is_ok()).collect();
    assert!(counts.len() == 2 && counts[0] == counts[1], "all of them pass: {delivered}");
    assert!(told.contains("only(|case| case == \"reports-exited/"), "{told}");
}

#[test]
fn a_suite_under_the_usual_harness_says_what_it_needs() {
    let ran = cargo(&["test", "--quiet", "--test", "within_a_test"]);
    assert!(ran.status.success(), "{}{}", text(&ran.stdout), text(&ran.stderr));
}
