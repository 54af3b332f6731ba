//! Failing histories: saved by `check`, run again by `replay`.

use super::{Ran, copy_program, run};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use rstest::rstest;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The histories of a signaller that says of everything that it was delivered. It can hurt nobody.
fn check_yes(folder: &Path, format: &str) -> Ran {
    let report = folder.join("report");
    let options = ["--filter", "^never-existed-is-exited/histories$", "--histories", "16", "--seed", "3"];
    let output = ["--format", format, "--output", report.to_str().unwrap()];
    let saved = ["--save-failures", folder.to_str().unwrap()];
    let subject = ["command", "--no-placeholders", "--", "true"];
    run(&[&["check"][..], &options, &output, &saved, &subject].concat())
}

/// Such a history, shrunk.
pub const SAVED: &str = r#"{
  "schema": 1,
  "subject": ["command","--","true"],
  "seed": 3,
  "diverged": {
    "requirement": "never-existed-is-exited",
    "expected": "Ok(false)",
    "happened": "Ok(true)"
  },
  "steps": [
    {"do":"register","leader_pid":4242,"label":"make"},
    {"do":"signal-all","signal_name":"SIGTERM"}
  ]
}
"#;

/// Such a history, saved in a folder of its own.
fn saved() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(check_yes(folder.path(), "json").status, Some(1));
    let name = "command-true-3-never-existed-is-exited.history.json";
    let file = folder.path().join(name);
    assert!(file.is_file(), "{:?}", fs::read_dir(folder.path()).unwrap().collect::<Vec<_>>());
    (folder, file)
}

fn replay(file: &Path) -> Ran {
    run(&["replay", file.to_str().unwrap()])
}

/// The same history with other words in its file.
fn edited(file: &Path, from: &str, to: &str) -> Ran {
    assert!(SAVED.contains(from), "{SAVED}");
    fs::write(file, SAVED.replace(from, to)).unwrap();
    replay(file)
}

#[test]
fn a_failing_history_is_saved_where_it_is_wanted_and_the_report_names_it() {
    let (folder, file) = saved();
    let report = fs::read_to_string(folder.path().join("report")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["cases"][0]["replay"], file.to_str().unwrap());
    check_yes(folder.path(), "human");
    let report = fs::read_to_string(folder.path().join("report")).unwrap();
    assert!(unfolded(&report).contains(file.to_str().unwrap()), "{report}");
}

/// The text of a report without the breaks that keep its lines short.
fn unfolded(report: &str) -> String {
    report.lines().map(str::trim).collect()
}

#[test]
fn no_file_appears_where_the_suite_runs_and_the_report_names_the_one_it_made() {
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // A copy is in no target folder.
    let program = temporary.path().join("program");
    copy_program(&program);
    // With another seed, sixteen histories may never come to a group that never existed.
    let seed = ["--seed", "3", "--format", "json"];
    let options = ["--filter", "^never-existed-is-exited/histories$", "--histories", "16"];
    let mut command = std::process::Command::new(&program);
    command.arg("check").args(options).args(seed).args(["command", "--no-placeholders", "--", "true"]);
    command.current_dir(folder.path()).env("TMPDIR", temporary.path());
    let ran = super::ran(super::quiet(command));
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let file = PathBuf::from(ran.of_cases("replay").remove(0));
    assert!(file.starts_with(temporary.path()) && file.is_file(), "{file:?}");
}

#[test]
fn a_report_alone_is_enough_to_replay_a_case_of_it() {
    let folder = tempfile::tempdir().unwrap();
    check_yes(folder.path(), "json");
    let report = folder.path().join("report");
    let report = report.to_str().unwrap();
    fs::remove_file(folder.path().join("command-true-3-never-existed-is-exited.history.json")).unwrap();
    let again = run(&["replay", report, "never-existed-is-exited/histories"]);
    assert_eq!((again.status, again.stderr.as_str()), (Some(1), ""), "{again:?}");
    assert!(again.stdout.contains("command -- true breaks never-existed-is-exited"), "{again:?}");
    let unnamed = run(&["replay", report]);
    assert_eq!(unnamed.status, Some(2), "{unnamed:?}");
    assert!(unnamed.stderr.contains("it is a report: name one of its cases"), "{unnamed:?}");
    let wrong = run(&["replay", report, "reports-exited/sigterm"]);
    assert_eq!(wrong.status, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("those that it holds: never-existed-is-exited/histories"), "{wrong:?}");
}

#[test]
fn a_history_fails_again_as_long_as_the_subject_is_at_fault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.json");
    let again = edited(&file, "true", "true");
    assert_eq!((again.status, again.stderr.as_str()), (Some(1), ""), "{again:?}");
    for words in
        ["command -- true breaks never-existed-is-exited", "expected: Ok(false)", "it answered Ok(true)"]
    {
        assert!(again.stdout.contains(words), "no `{words}` in {}", again.stdout);
    }
    let mended = edited(&file, r#"["command","--","true"]"#, r#"["local"]"#);
    assert_eq!((mended.status, mended.stderr.as_str()), (Some(0), ""), "{mended:?}");
    assert!(mended.stdout.starts_with("local agrees with the model"), "{mended:?}");
}

#[test]
fn what_is_saved_is_short_and_readable_and_fails_again() {
    let (_folder, file) = saved();
    assert_eq!(replay(&file).status, Some(1));
    let text = fs::read_to_string(&file).unwrap();
    let steps: Vec<_> = text.lines().filter(|line| line.contains(r#"{"do":""#)).collect();
    let [register, signal_all] = steps[..] else { panic!("two steps are enough: {text}") };
    assert!(register.starts_with(r#"    {"do":"register","leader_pid":"#), "{register}");
    assert!(signal_all.starts_with(r#"    {"do":"signal-all","signal_name":"#), "{signal_all}");
}

#[rstest]
#[case::newer(r#""schema": 1"#, r#""schema": 2"#, "saved by a newer version")]
#[case::of_nobody(r#"["command","--","true"]"#, r#"["locall"]"#, "did you mean `local`?")]
#[case::of_no_program(r#"["command","--","true"]"#, r#"["command","--"]"#, "needs a program")]
#[case::no_json(r#""steps": ["#, r#""steps": "#, "no saved history")]
#[case::a_step_that_is_none(r#""do":"register""#, r#""do":"registre""#, "unknown variant `registre`")]
#[case::a_step_that_cannot_be(
    r#"{"do":"signal-all""#,
    "{\"do\":\"reap\",\"pid\":7},\n    {\"do\":\"signal-all\"",
    "step 2 (reap process 7) cannot be done: no such process has exited"
)]
fn a_file_that_cannot_be_replayed_is_refused(#[case] from: &str, #[case] to: &str, #[case] words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.json");
    let refused = edited(&file, from, to);
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.stderr.contains(words), "{refused:?}");
    assert!(refused.stderr.contains(file.to_str().unwrap()), "{refused:?}");
}

#[rstest]
#[case::a_device_without_end("/dev/zero", "more than 16 MiB")]
#[case::a_folder("/", "Is a directory")]
#[case::nothing("/dev/null", "no saved history")]
fn what_is_no_file_is_refused(#[case] path: &str, #[case] words: &str) {
    let refused = replay(Path::new(path));
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.stderr.contains(words), "{refused:?}");
}

#[test]
fn a_history_may_come_through_a_pipe_with_a_name_and_is_not_waited_for_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let refused = replay(&pipe);
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.stderr.contains("nothing has come from it within 5 s"), "{refused:?}");
    std::thread::scope(|scope| {
        scope.spawn(|| fs::write(&pipe, SAVED).unwrap());
        assert_eq!(replay(&pipe).status, Some(1));
    });
}

/// The subject's line for a step repeats the signal name for each entry, and a line has its bounds: nobody is
/// accused for them.
#[test]
fn texts_that_are_too_long_to_be_answered_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.json");
    let with = |name: &str, label: &str| {
        let text = SAVED.replace(r#"["command","--","true"]"#, r#"["local"]"#);
        fs::write(&file, text.replace("SIGTERM", name).replace("make", label)).unwrap();
        replay(&file)
    };
    // What becomes longest when it is escaped.
    let longest = "\\u0001".repeat(32_000);
    let sound = with(&longest, "make");
    assert_eq!((sound.status, sound.stderr.as_str()), (Some(0), ""), "{sound:?}");
    let long = "x".repeat(3_000_000);
    for (name, label, place) in [(&long[..], "make", "step 2"), ("SIGTERM", &long[..], "step 1")] {
        let refused = with(name, label);
        assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
        assert!(refused.stderr.contains(place) && refused.stderr.contains("too much text"), "{refused:?}");
    }
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let refused = replay(Path::new("/no/such/file.history.json"));
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("/no/such/file.history.json: "), "{refused:?}");
}
