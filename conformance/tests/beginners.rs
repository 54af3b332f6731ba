//! What the suite says of the mistakes that beginners make: on one screen, the cause first. The subjects make
//! one mistake each, but for the two that are commands, which nobody would write so twice.

mod support;

use regex::Regex;
use rstest::rstest;
use signaller_places::program;
use std::process::{Command, Stdio};
use support::crates::{
    OwnCrate,
    Runner::{self, CargoTest, Nextest},
};
use support::{PROGRAM, python, source};

/// The most lines of a report.
const LINES: usize = 60;
/// In how many of them the cause stands.
const FIRST: usize = 15;
/// The widest line.
const WIDTH: usize = 99;

/// The report on a subject, with what varies replaced.
fn report(options: &[&str], words: &[&str], status: i32) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(PROGRAM);
    command.args(["check", "--seed", "7"]).args(options).args(words);
    // Some environments have Python flush by itself.
    command.env_remove("PYTHONUNBUFFERED").env("PYTHONDONTWRITEBYTECODE", "1");
    let output = command.current_dir(folder.path()).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a file was left");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// What is the same in every run: the causes, the first of them without the steps, ids and paths, and the
/// verdict.
fn lasting(report: &str) -> String {
    let numbers = Regex::new(r"\d+").unwrap();
    let blanks = Regex::new(r" +").unwrap();
    // Of cases that show one cause alike, any may be the example, whatever signal it is of.
    let examples = Regex::new(r"for example [^ ]+").unwrap();
    let signals = Regex::new("[\"']SIG(TERM|KILL|INT|HUP)[\"']").unwrap();
    // Said where nobody can see whether the subject sent something, and where the machine is slow.
    let at_times = [
        "Does it answer each line as soon",
        "that reads to end of file",
        "It was seen to call",
        "Slow under load:",
    ];
    let mut kept = Vec::new();
    let mut section = "subject";
    for line in report.lines().filter(|line| !at_times.iter().any(|text| line.contains(text))) {
        section = match line.trim() {
            "steps:" | "run again:" | "the end of its standard error:" | "Requirements:" => "left out",
            text if text.starts_with("cases:") => "left out",
            text if text.contains(" MUST case")
                || text.starts_with("for example")
                || text == "what to check:" =>
            {
                "kept"
            }
            text if section == "left out" && text.is_empty() => "kept",
            _ => section,
        };
        if section == "kept" || line.contains("Error: ") {
            let line = examples.replace_all(line, "for example CASE");
            let line = signals.replace_all(&line, "SIGNAL");
            kept.push(blanks.replace_all(&numbers.replace_all(&line, "N"), " ").into_owned());
        }
    }
    kept.join("\n")
}

#[track_caller]
fn assert_short(report: &str, words: &[&str]) {
    assert!(report.lines().count() <= LINES, "{} lines: {report}", report.lines().count());
    let wide = report.lines().find(|line| line.chars().count() > WIDTH && line.contains(' '));
    assert_eq!(wide, None, "{report}");
    // Wherever lines are broken, and also at the beginning of a sentence.
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let first = plain(&report.lines().take(FIRST).collect::<Vec<_>>().join("\n"));
    for word in words {
        assert!(first.contains(&plain(word)), "no `{word}` in the first lines of {report}");
    }
}

/// Enough of the cases for the same causes as of all; a subject that does not answer takes its time for each, and beside
/// a storm may get too little of a processor to be judged.
const SOME: &str =
    "^(delivers-to-every-member|reports-|does-not-wait|rejects-|names-are-exact)[^/]*/([^bhm]|b[^e])";

#[rstest]
#[case::flush("no_flush", &["--timeout", "1", "--filter", SOME], &["answers no call in time", "Is standard output flushed"])]
#[case::extra_lines("extra_lines", &["--filter", SOME], &["that are not answers", "belong on standard output"])]
#[case::crash("crashes_on_an_unknown_name", &["--filter", SOME], &["exits (status 1) on an unknown signal name", "standard error"])]
#[case::waits("waits_for_the_group", &["--timeout", "1", "--filter", SOME], &["waits: does not answer", "does-not-wait"])]
fn the_cause_comes_first(#[case] name: &str, #[case] options: &[&str], #[case] words: &[&str]) {
    let Some(python) = python() else { return };
    let subject = source("tests/subjects/beginners").join(name).with_extension("py");
    let program = [&*python.display().to_string(), "-B", &*subject.display().to_string()].map(str::to_owned);
    let program = program.iter().map(String::as_str);
    let options = [&["--keep-going"], options].concat();
    let (report, _) = report(&options, &["stdio", "--"].into_iter().chain(program).collect::<Vec<_>>(), 1);
    println!("{report}");
    assert_short(&report, words);
    insta::assert_snapshot!(name, lasting(&report));
    if name == "crashes_on_an_unknown_name" {
        assert!(report.contains("AttributeError: module 'signal' has no attribute"), "{report}");
    }
}

/// A run of all cases.
#[test]
fn a_run_of_a_subject_that_never_answers_ends_early_and_says_why() {
    let Some(python) = python() else { return };
    let subject = source("tests/subjects/beginners/no_flush.py");
    let words = ["stdio", "--", &*python.display().to_string(), "-B", &*subject.display().to_string()];
    let (report, _) = report(&["--timeout", "1"], &words, 1);
    assert_short(
        &report,
        &[
            "stopped early, since all cases so far failed alike: the subject answered no call in time",
            "--keep-going tries all",
            "answers no call in time",
            "Is standard output flushed",
        ],
    );
    assert!(
        Regex::new(r"\n0 passed, \d+ failed, \d+ warned, \d{3} skipped, ").unwrap().is_match(&report),
        "{report}"
    );
}

#[test]
fn a_plain_kill_is_told_that_it_can_never_say_exited() {
    let words = ["command", "--", "kill", "-s", "{signal_name}", "--", "-{leader_pid}"];
    let (report, _) = report(&["--filter", SOME], &words, 1);
    println!("{report}");
    assert_short(
        &report,
        &[
            "answers Err where the group has exited (reports-exited)",
            "can never say exited",
            "README.md#command",
        ],
    );
    // Which ids this machine's kill refuses is its own matter, and so is what else goes wrong.
    let lasting = lasting(&report);
    let told: Vec<_> = lasting.lines().filter(|line| line.contains("exited")).take(2).collect();
    insta::assert_snapshot!("plain_kill", told.join("\n"));
}

#[test]
fn a_command_without_placeholders_is_corrected() {
    let (report, told) = report(&[], &["command", "--", "echo", "{pid}", "{signal}"], 2);
    assert_eq!(report, "");
    assert!(told.lines().count() < FIRST);
    // Where the corrected line is broken depends on where the program is.
    let told = told.replace(PROGRAM, "signaller-conformance").replace(" \\\n    ", " ");
    insta::assert_snapshot!("no_placeholders", told);
}

/// The mistakes that a Rust subject can have: what it prints is no answer, and there is no line to be
/// flushed.
fn in_rust() -> OwnCrate {
    let files = [
        ("Cargo.toml", include_str!("beginners_crate/Cargo.toml")),
        ("src/lib.rs", include_str!("beginners_crate/lib.rs")),
        ("tests/ordinary.rs", include_str!("beginners_crate/ordinary.rs")),
        ("tests/cases.rs", include_str!("beginners_crate/cases.rs")),
    ];
    OwnCrate::of("beginners", &files)
}

#[rstest]
#[case::crash(CargoTest, "panics", &["is ended by SIGABRT on an unknown signal name", "only four names are sent"])]
#[case::crash(Nextest, "panics", &["is ended by SIGABRT on an unknown signal name", "only four names are sent"])]
#[case::waits(CargoTest, "waits", &["waits: does not answer", "does-not-wait"])]
#[case::waits(Nextest, "waits", &["waits: does not answer", "does-not-wait"])]
// What else goes wrong is the matter of this machine's kill.
#[case::plain_kill(CargoTest, "plain_kill", &["answers Err where the group has exited (reports-exited)"])]
#[case::plain_kill(Nextest, "plain_kill", &["answers Err where the group has exited (reports-exited)"])]
fn the_cause_comes_first_in_an_ordinary_test(
    #[case] runner: Runner,
    #[case] test: &str,
    #[case] words: &[&str],
) {
    if test == "plain_kill" && program("kill").is_none() {
        return;
    }
    let variables = [("SIGNALLER_CONFORMANCE_FILTER", SOME)];
    let Some((success, told)) = in_rust().test(runner, &["--test", "ordinary", test], &variables) else {
        return;
    };
    assert!(!success, "{told}");
    let (_, report) = told.split_once("panicked at tests/ordinary.rs:").expect(&told);
    let (_, report) = report.split_once('\n').expect(&told);
    let (report, _) =
        report.split_once("\nSeed: ").or_else(|| report.split_once("\n    Seed: ")).expect(&told);
    // nextest puts a space before each line.
    let space = if runner == Nextest { "    " } else { "" };
    let report: Vec<_> = report.lines().map(|line| line.strip_prefix(space).unwrap_or(line)).collect();
    assert_short(&report.join("\n"), words);
}

#[rstest]
#[case::cargo_test(CargoTest, "\n---- ")]
#[case::nextest(Nextest, " ───\n")]
fn further_cases_of_a_cause_are_short(#[case] runner: Runner, #[case] heading: &str) {
    let variables = [("SIGNALLER_CONFORMANCE_FILTER", "^(reports-|rejects-unknown-)[^/]*/[^h]")];
    let Some((success, told)) = in_rust().test(runner, &["--test", "cases"], &variables) else { return };
    assert!(!success, "{told}");
    // Of which requirement the first one is, is a matter of which case is sooner.
    let ended = "ed by SIGABRT on an unknown signal name (";
    let messages: Vec<_> = told.split(heading).filter(|message| message.contains(ended)).collect();
    let full: Vec<_> = messages.iter().filter(|message| message.contains("what to check:")).collect();
    assert!(full.len() == 1 && messages.len() > 10, "{told}");
    assert!(full[0].contains("only four names are sent"), "{told}");
}
