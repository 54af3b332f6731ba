//! Subjects that do anything but what they should: each run ends, every case fails that asked them, and the
//! report says in the right words what they did.

mod support;

use nix::sys::resource::{UsageWho, getrusage};
use rstest::rstest;
use support::{Run, python, source};

/// Two cases that ask more than two questions each.
const CASES: &str = "^exited-is-repeatable/(three-times|again-and-again)$";
/// A time limit that a subject which answers keeps on a busy machine.
const PATIENT: &str = "60";
/// A time limit for subjects that are waited for in vain.
const IMPATIENT: &str = "2";
/// More than any process of a run needs, in KiB, and less than a flood brings in a second.
const MEMORY: i64 = 256 << 10;

fn check_python(name: &str, options: &[&str]) -> Option<Run> {
    let python = python()?.display().to_string();
    let script = source("tests/subjects").join(name).with_extension("py").display().to_string();
    Some(Run::check(options, &["stdio", "--", &python, "-B", &script]))
}

/// Every case failed, for the reason that stands in all of `words`.
#[track_caller]
fn assert_told(run: &Run, cases: usize, words: &[&str]) {
    assert_eq!((run.status, run.verdict()), (Some(1), "nonconformant"), "{run:#?}");
    let failed = run.with_status("failed");
    assert_eq!(failed.len(), cases, "{run:#?}");
    for case in &failed {
        for word in words {
            assert!(case.message.contains(word), "no `{word}` in {}", case.message);
        }
        assert!(case.message.len() < 20_000, "{} bytes of message", case.message.len());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("children's resources can be asked for");
    assert!(usage.max_rss() < MEMORY, "{} KiB", usage.max_rss());
}

#[rstest]
#[case::a_greeting("noise_before", &["wrote the line `listening for questions` to its standard output, but it is not one JSON object"])]
#[case::a_log("noise_after", &["wrote the line `done with 0` to its standard output, but it is not one JSON object"])]
#[case::latin_1("invalid_utf8", &["wrote the line `{\"id\":0,\"err\":\"refus\u{fffd}\"}`", "but it is not UTF-8"])]
#[case::an_array("json_array", &["wrote the line `[0, true]`", "but it is JSON, but not an object"])]
#[case::deep_json("deep_json", &["wrote the line `{\"id\":0,\"ok\":[[[[[[", "recursion limit exceeded"])]
#[case::a_million_digits("million_digits", &["wrote the line `{\"id\":77777777", "number out of range"])]
#[case::a_flood_of_lines("floods_with_lines", &["wrote the line `working`"])]
#[case::a_flood_without_a_line_end(
    "floods_without_a_line_end",
    &["wrote over a megabyte without a line end, beginning with `.........."]
)]
fn what_is_no_answer_is_quoted(#[case] name: &str, #[case] words: &[&str]) {
    let Some(run) = check_python(name, &["--filter", CASES, "--timeout", PATIENT]) else { return };
    assert_told(&run, 2, words);
}

#[rstest]
#[case::both_members("ok_and_err", &["but it has both \"ok\" and \"err\""])]
#[case::a_text("ok_as_text", &["but its \"ok\" is \"false\", neither true nor false"])]
#[case::twice("answers_twice", &["answered id 0 twice"])]
#[case::anothers_id("answers_anothers_id", &["answered id 1000, which was not asked"])]
fn what_is_no_answer_to_the_question_is_told(#[case] name: &str, #[case] words: &[&str]) {
    let Some(run) = check_python(name, &["--filter", CASES, "--timeout", PATIENT]) else { return };
    assert_told(&run, 2, words);
}

#[rstest]
#[case::at_start(
    "exits_at_start",
    &["its process has exited with status 1; on standard error it wrote: cannot reach the container: no such host"]
)]
#[case::after_one_answer("exits_after_one_answer", &["its process has exited with status 7"])]
#[case::by_a_signal(
    "dies_by_a_signal",
    &["closed its standard output with 1 unanswered, after `{\"id\":0,` without a line end; its process was \
       ended by SIGABRT"]
)]
#[case::by_its_own_signal("kills_its_own_group", &["its process was ended by SIGKILL"])]
#[case::not_at_all("closes_output", &["closed its standard output with 1 unanswered; its process goes on"])]
fn how_a_subject_ended_is_told(#[case] name: &str, #[case] words: &[&str]) {
    let Some(run) = check_python(name, &["--filter", CASES, "--timeout", PATIENT]) else { return };
    assert_told(&run, 2, words);
}

#[rstest]
#[case::at_start("hangs_at_start", &["did not answer within 2 s (1 unanswered)"])]
#[case::later("hangs_on_the_third_question", &["did not answer within 2 s (1 unanswered)"])]
#[case::talking("floods_standard_error", &["did not answer within 2 s", "it wrote: ", "retrying"])]
#[case::piece_by_piece("slow_pieces", &["did not answer within 2 s (1 unanswered), after `{\"id\":   "])]
#[case::without_a_line_end(
    "never_ends_its_line",
    &["did not answer within 2 s (1 unanswered), after `{\"id\": 0, \"ok\": false}` without a line end"]
)]
#[case::stopped("stops_itself", &["did not answer within 2 s", "its process is stopped"])]
#[case::with_a_daemon("leaves_a_daemon", &["did not answer within 2 s", "its process has exited with status 5"])]
#[case::deaf("closes_input", &["closed its standard input"])]
fn what_is_waited_for_in_vain_is_told(#[case] name: &str, #[case] words: &[&str]) {
    let Some(run) = check_python(name, &["--filter", CASES, "--timeout", IMPATIENT]) else { return };
    assert_told(&run, 2, words);
}

/// The suite waits for the program alone, not for what it leaves behind: its answer counts.
#[test]
fn a_command_is_not_held_up_by_what_it_left_running() {
    let run = check_command("command_leaves_a_daemon", &["--filter", CASES, "--timeout", PATIENT]);
    assert_eq!((run.status, run.with_status("passed").len()), (Some(0), 2), "{run:#?}");
}

#[rstest]
#[case::hanging("command_hangs", IMPATIENT, &["did not answer within 2 s"])]
#[case::flooding("command_floods", IMPATIENT, &["did not answer within 2 s"])]
#[case::dying("command_dies", PATIENT, &["Err(\"ended by SIGABRT, nothing on standard error\")"])]
fn a_hostile_command_is_told_what_it_did(#[case] name: &str, #[case] limit: &str, #[case] words: &[&str]) {
    assert_told(&check_command(name, &["--filter", CASES, "--timeout", limit]), 2, words);
}

fn check_command(name: &str, options: &[&str]) -> Run {
    let script = source("tests/subjects").join(name).with_extension("sh").display().to_string();
    Run::check(options, &["command", "--no-placeholders", "--", "sh", &script])
}

#[test]
fn whoever_signals_everybody_hurts_nobody_outside_and_is_told() {
    let options = [
        "--filter",
        "^(spares-other-groups/sig|exited-is-repeatable/(three-times|again-and-again)$)",
        "--timeout",
        PATIENT,
    ];
    let Some(run) = check_python("kills_everybody", &options) else { return };
    assert_eq!((run.status, run.verdict()), (Some(1), "nonconformant"), "{run:#?}");
    for case in run.with_status("failed") {
        println!("{}", case.message);
    }
    assert_eq!(run.cases().len(), run.with_status("failed").len(), "{run:#?}");
    let spared =
        run.with_status("failed").into_iter().filter(|case| case.requirement == "spares-other-groups");
    assert!(spared.clone().count() >= 4);
    for case in spared {
        assert!(case.message.contains("SIGKILL"), "{}", case.message);
    }
}

/// The subject's parent is watched where the subject is, wherever the groups are.
#[rstest]
#[case::beside_the_groups(&[])]
#[case::away_from_the_groups(&["--testbed", "env"])]
fn whoever_signals_its_parent_is_told(#[case] place: &[&str]) {
    let options = ["--filter", "^spares-other-groups/sigterm-neighbours$", "--timeout", PATIENT];
    let Some(run) = check_python("kills_its_parent", &[place, &options].concat()) else { return };
    assert_told(&run, 1, &["(the subject's parent) is ended by SIGKILL"]);
}

/// The suite needs it to give something back that it took from the subject.
#[test]
fn whoever_ends_its_parent_is_told_so_where_the_suite_needs_it() {
    let options = ["--filter", "^recovers-after-unreachable/proc-again$", "--timeout", PATIENT];
    let Some(run) = check_python("kills_its_parent", &options) else { return };
    assert_told(&run, 1, &["(the subject's parent) is ended by SIGKILL"]);
}

/// What nobody reads fills the pipe, which holds 64 KiB (pipe(7)), and stops who writes to it.
#[test]
fn a_testbed_that_talks_on_standard_error_stalls_nothing() {
    let testbed = r#"sh -c 'head -c 300000 /dev/zero >&2; exec "$@"' sh"#;
    let Some(python) = python() else { return };
    let example = source("examples/signaller.py");
    let words = ["stdio", "--", &*python.display().to_string(), &*example.display().to_string()];
    // From where the subject is, it sees no group that is behind a testbed.
    let options = ["--testbed", testbed, "--filter", "^reports-exited/sigterm$", "--timeout", PATIENT];
    let run = Run::check(&options, &words);
    assert_eq!(run.with_status("passed").len(), 1, "{run:#?}");
}

/// Each member received nothing when the answer came, and the signal by the time that it was looked at again.
#[test]
fn whoever_answers_before_it_sends_is_told_so() {
    let options = ["--filter", "^delivers-to-every-member/sig(term|int|hup)$", "--timeout", PATIENT];
    let Some(run) = check_python("answers_before_it_sends", &options) else { return };
    let failed = run.with_status("failed");
    let is_told = |message: &str| message.contains("received nothing") && message.contains("by now, process");
    assert!(failed.iter().any(|case| is_told(&case.message)), "{run:#?}");
}

#[test]
fn a_subject_that_outlives_its_input_is_told_so() {
    let options = ["--filter", "^steady-under-repetition/ends-with-its-input$", "--timeout", IMPATIENT];
    let Some(run) = check_python("ignores_the_end_of_input", &options) else { return };
    assert_told(&run, 1, &["still runs 2 s after its standard input ended"]);
}

/// Not hostile: all sandboxes share the folder for temporary files, where programs name files after their
/// pid.
#[test]
fn subjects_that_run_at_once_have_different_pids() {
    let Some(python) = python() else { return };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let words =
        [source("tests/subjects/locks_its_pid.py"), folder.path().into(), source("examples/signaller.py")];
    let words = [python].into_iter().chain(words).map(|word| word.display().to_string());
    let words: Vec<String> = ["stdio", "--"].map(str::to_owned).into_iter().chain(words).collect();
    // There are pids for so many at a time.
    let options = ["--jobs", "2", "--filter", "^reports-[^/]*/[^h]", "--timeout", PATIENT];
    let run = Run::check(&options, &words.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(run.with_status("failed").len(), 0, "{run:#?}");
    let locks = std::fs::read_dir(folder.path()).expect("it is there").count();
    assert!(locks > 8, "{locks} pids for {} cases", run.with_status("passed").len());
}
