//! What a run is held to beyond its verdict: baselines, what is denied, shards, reruns and repeats.

use super::{FEW, PROGRAM, Ran, cases_of, few, run};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A subject that says of everything that it was delivered. It can hurt nobody.
const YES: [&str; 4] = ["command", "--no-placeholders", "--", "true"];
fn check(options: &[&str], subject: &[&str]) -> Ran {
    run(&[&["check", "--format", "json", "--filter", FEW], options, subject].concat())
}

/// A file in a folder of its own.
fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("known.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

/// An entry for each of these cases.
fn listed(cases: &[String]) -> String {
    let entry = |case: &String| format!("[[known]]\ncase = \"{case}\"\nreason = \"it says yes\"\n");
    cases.iter().map(entry).collect()
}

fn with_baseline(text: &str, subject: &[&str]) -> Ran {
    let (_folder, path) = file(text);
    check(&["--baseline", path.to_str().unwrap()], subject)
}

#[test]
fn a_listed_failure_does_not_fail_the_run() {
    let ran = with_baseline(&listed(&few()), &YES);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("known failures by the baseline; none is new"), "{ran:?}");
    // What the subject is does not change.
    assert_eq!(ran.report()["verdict"], "nonconformant");
    assert!(ran.report()["cases"].as_array().unwrap().iter().all(|case| case["known"] == "it says yes"));

    let whole = "[[known]]\nrequirement = \"exited-is-repeatable\"\nreason = \"r\"\nissue = \"https://example.org/7\"\n";
    let ran = with_baseline(&format!("{whole}until = 2999-12-31\n"), &YES);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert_eq!(ran.report()["cases"][0]["known"], "r (https://example.org/7)");
}

#[test]
fn an_unlisted_failure_fails_the_run() {
    let ran = with_baseline(&listed(&few()[1..]), &YES);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("others are new"), "{ran:?}");
    let known =
        ran.report()["cases"].as_array().unwrap().iter().filter(|case| case.get("known").is_some()).count();
    assert_eq!(known, few().len() - 1);
}

#[test]
fn a_listed_case_that_passes_fails_the_run_until_its_entry_is_gone() {
    let ran = with_baseline(&listed(&few()[..1]), &["local"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let told = format!("known.toml:1: `{}` is listed, and passed: remove the entry", few()[0]);
    assert!(ran.stderr.contains(&told), "{ran:?}");
    assert_eq!(with_baseline("", &["local"]).status, Some(0));
}

#[test]
fn an_entry_that_matches_nothing_fails_a_whole_run_and_no_part_of_one() {
    // Only a registry is asked for that.
    let (_folder, path) = file(&listed(&["forget-drops/one-of-five".to_owned()][..0]));
    let registry = cases_of("forget-drops");
    fs::write(&path, listed(&registry[..1])).unwrap();
    let options =
        ["check", "--format", "json", "--keep-going", "--timeout", "1", "--histories", "1", "--baseline"];
    let whole = run(&[&options[..], &[path.to_str().unwrap(), "stdio", "--", "false"]].concat());
    assert_eq!(whole.status, Some(1), "{}", whole.stderr);
    assert!(whole.stderr.contains("was not tried on this subject: remove the entry"), "{}", whole.stderr);
    assert_eq!(check(&["--baseline", path.to_str().unwrap()], &["local"]).status, Some(0));
}

#[test]
fn an_entry_that_is_over_excuses_nothing() {
    let entry = listed(&few()[..1]) + "until = 2020-02-29\n";
    let ran = with_baseline(&(entry + &listed(&few()[1..])), &YES);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("was excused until 2020-02-29"), "{ran:?}");
}

#[test]
fn a_baseline_that_is_written_excuses_what_failed_and_keeps_what_was_said() {
    let (folder, path) = file(&listed(&few()[..1]));
    let new = folder.path().join("new.toml");
    let [old_path, new_path] = [&path, &new].map(|path| path.to_str().unwrap());
    let ran = check(&["--baseline", old_path, "--write-baseline", new_path], &YES);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stderr.contains(&format!("The baseline is in {new_path}")), "{ran:?}");
    let written = fs::read_to_string(&new).unwrap();
    assert_eq!(written.matches("[[known]]").count(), few().len(), "{written}");
    assert_eq!(written.matches("it says yes").count(), 1, "{written}");
    assert!(written.contains("recorded on 2"), "{written}");
    assert_eq!(check(&["--baseline", new_path], &YES).status, Some(0));
    assert_eq!(check(&["--baseline", new_path], &["local"]).status, Some(1));
    // On a subject that passes nothing is left of it.
    let ran = check(&["--baseline", new_path, "--write-baseline", new_path], &["local"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(!fs::read_to_string(&new).unwrap().contains("[[known]]\ncase"));
}

#[rstest]
#[case::no_toml("known = [", "known.toml:1: ")]
#[case::unknown_case(
    "\n[[known]]\ncase = \"reports-exitd/family\"\nreason = \"r\"\n",
    "known.toml:2: unknown case `reports-exitd/family`; did you mean `reports-exited/"
)]
#[case::unknown_requirement(
    "[[known]]\nrequirement = \"reports-exitd\"\nreason = \"r\"\n",
    "unknown requirement `reports-exitd`; did you mean `reports-exited`?"
)]
#[case::no_reason("[[known]]\nrequirement = \"reports-exited\"\n", "missing field `reason`")]
#[case::an_empty_reason(
    "[[known]]\nrequirement = \"reports-exited\"\nreason = \" \"\n",
    "known.toml:1: an entry needs a `reason`"
)]
#[case::another_field(
    "[[known]]\nrequirement = \"reports-exited\"\nreason = \"r\"\nwhy = \"x\"\n",
    "known.toml:4: unknown field `why`"
)]
#[case::both(
    "[[known]]\nrequirement = \"reports-exited\"\ncase = \"x\"\nreason = \"r\"\n",
    "either a `case` or a `requirement`"
)]
#[case::no_date(
    "[[known]]\nrequirement = \"reports-exited\"\nreason = \"r\"\nuntil = 12:00:00\n",
    "`until` is a date"
)]
#[case::twice(
    "[[known]]\nrequirement = \"reports-exited\"\nreason = \"r\"\n[[known]]\nrequirement = \"reports-exited\"\nreason = \"r\"\n",
    "known.toml:4: `reports-exited` is listed already, in line 1"
)]
fn a_baseline_that_is_wrong_is_refused_with_its_line(#[case] text: &str, #[case] told: &str) {
    let ran = with_baseline(text, &["local"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains(told), "no `{told}` in {}", ran.stderr);
}

#[test]
fn warnings_fail_the_run_where_they_are_denied_and_no_baseline_lists_them() {
    let subject = ["command", "--no-placeholders", "--", "sh", "-c", "exit 1"];
    let warned = |options: &[&str]| {
        let filter = ["check", "--format", "json", "--filter", "^unreaped-is-not-an-error/[^h]"];
        run(&[&filter[..], options, &subject].concat())
    };
    assert_eq!(warned(&[]).status, Some(0));
    let denied = warned(&["--deny-warnings"]);
    assert_eq!(denied.status, Some(1));
    let told = "--deny-warnings: SHOULD is broken: unreaped-is-not-an-error/";
    assert!(denied.stderr.contains(told), "{denied:?}");
    let (_folder, path) = file("[[known]]\nrequirement = \"unreaped-is-not-an-error\"\nreason = \"r\"\n");
    assert_eq!(warned(&["--deny-warnings", "--baseline", path.to_str().unwrap()]).status, Some(0));
}

#[test]
fn the_shards_of_a_run_are_the_run() {
    let mut cases = cases_of("reports-exited");
    cases.retain(|case| !case.ends_with("/histories") && !case.ends_with("/nothing-is-sent-later"));
    let shard = |shard| {
        let options =
            ["check", "--format", "json", "--filter", "^reports-exited/[^h]", "--shard", shard, "local"];
        run(&options).of_cases("case")
    };
    let shards = ["1/3", "2/3", "3/3"].map(shard);
    let all: BTreeSet<_> = shards.iter().flatten().cloned().collect();
    assert_eq!(all, cases.into_iter().collect());
    assert_eq!(shards.iter().map(Vec::len).sum::<usize>(), all.len());
    assert_eq!(shard("2/3"), shards[1]);
}

#[rstest]
#[case("5/4", "there is no shard 5 of 4")]
#[case("0/4", "there is no shard 0 of 4")]
#[case("four", "such as 1/4")]
#[case("90/90", "too few for 90 shards")]
fn a_shard_that_is_none_is_refused(#[case] shard: &str, #[case] told: &str) {
    let ran = check(&["--shard", shard], &["local"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains(told), "{ran:?}");
}

/// A report in a file: that of `ran`, changed.
fn saved(folder: &Path, report: &Value) -> String {
    let path = folder.join("report.json");
    fs::write(&path, serde_json::to_string_pretty(report).unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_rerun_runs_what_failed_with_the_same_seed() {
    let folder = TempDir::new().unwrap();
    let mut report = check(&[], &YES).report();
    report["cases"][0]["status"] = json!("passed");
    let path = saved(folder.path(), &report);
    let ran = check(&["--rerun", &path], &YES);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert_eq!(ran.of_cases("case"), few()[1..]);
    assert_eq!(ran.report()["seed"], report["seed"]);
    assert_eq!(ran.report()["partial"], json!(true));
    assert_eq!(check(&["--rerun", &path], &["local"]).status, Some(0));
    assert_eq!(check(&["--rerun", &path, "--seed", "7"], &["local"]).report()["seed"], json!(7));
}

#[test]
fn a_report_that_cannot_be_rerun_is_refused_with_its_line() {
    let folder = TempDir::new().unwrap();
    let report = check(&[], &YES).report();
    let refused = |report: &Value, told: &str| {
        let ran = check(&["--rerun", &saved(folder.path(), report)], &["local"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(told), "no `{told}` in {}", ran.stderr);
    };
    let with = |path: &str, value: Value| {
        let mut changed = report.clone();
        *changed.pointer_mut(path).unwrap() = value;
        changed
    };
    refused(&with("/schema", json!(2)), "its schema is 2, but this program knows 1");
    refused(&with("/schema", json!(2)), " at line ");
    refused(
        &with("/cases/0/case", json!("exited-is-repeatabel/x")),
        "unknown case `exited-is-repeatabel/x`; did you mean",
    );
    refused(&check(&[], &["local"]).report(), "there is nothing to run again");
    refused(&json!([1]), "a report of check --format json is needed");
}

#[test]
fn a_run_that_fails_fast_skips_the_rest_and_says_why() {
    let ran = check(&["--fail-fast", "--jobs", "1"], &YES);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let statuses = ran.of_cases("status");
    assert_eq!(statuses.iter().filter(|status| *status == "failed").count(), 1, "{statuses:?}");
    assert!(ran.of_cases("message").iter().any(|message| message.contains("--fail-fast")), "{ran:?}");
    let (_folder, path) = file(&listed(&few()));
    let known = check(&["--fail-fast", "--jobs", "1", "--baseline", path.to_str().unwrap()], &YES);
    assert!(known.of_cases("status").iter().all(|status| status == "failed"), "{known:?}");
}

#[test]
fn a_repeated_run_counts_how_often_each_case_failed() {
    let folder = TempDir::new().unwrap();
    // Says exited the first two times that it is asked, and delivered from then on.
    let script = format!(
        "exec 9>>{0}; flock 9; n=$(wc -l <{0}); echo >&9; [ $n -lt 2 ] && exit 3; exit 0",
        folder.path().join("calls").display()
    );
    let one = format!("^{}$", cases_of("never-existed-is-exited")[0]);
    let subject = ["command", "--no-placeholders", "--", "bash", "-c", &script];
    let options = ["check", "--filter", &one, "--repeat", "5", "--jobs", "1"];
    let ran = run(&[&options[..], &["--format", "json"], &subject].concat());
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let repeats = &ran.report()["cases"][0]["repeats"];
    assert_eq!(repeats["runs"], json!(5), "{repeats}");
    assert!(
        (1..5).contains(&repeats["failed"].as_u64().unwrap()) || repeats["failed"] == json!(5),
        "{repeats}"
    );
    let human = run(&[&options[..], &subject].concat());
    assert!(human.stdout.contains("failed in 5 of 5 runs: never-existed-is-exited/"), "{human:?}");
}

#[test]
fn two_reports_in_one_place_are_refused_before_anything_is_run() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("report");
    let dotted = folder.path().join("./report");
    let [path, dotted] = [&path, &dotted].map(|path| path.to_str().unwrap());
    let ran = run(&[
        "check", "--filter", FEW, "--format", "tap", "--output", path, "--format", "html", "--output",
        dotted, "local",
    ]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains("two reports cannot both be written there"), "{ran:?}");
    let ran = run(&["check", "--filter", FEW, "--output", path, "--write-baseline", dotted, "local"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains("--write-baseline and --output cannot be the same file"), "{ran:?}");
    fs::write(path, "").unwrap();
    let ran = run(&["check", "--filter", FEW, "--baseline", path, "--output", dotted, "local"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains("--baseline and --output cannot be the same file"), "{ran:?}");
}

#[test]
fn a_report_to_the_name_of_standard_output_is_added_to_what_is_there() {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    fs::write(&log, "before\n").unwrap();
    let script = "\"$1\" check --filter \"$2\" --format tap --output /dev/stdout local >>\"$3\"";
    let words = ["-c", script, "sh", PROGRAM, FEW, log.to_str().unwrap()];
    let output = Command::new("sh").args(words).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.starts_with("before\nTAP version 14\n"), "{text}");
}

#[test]
fn an_output_that_cannot_be_written_is_found_out_before_anything_is_run() {
    for option in ["--output", "--write-baseline"] {
        let ran = check(&[option, "/nowhere/report"], &["local"]);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(&format!("{option} /nowhere/report: cannot be written")), "{ran:?}");
    }
}

#[test]
fn github_is_told_of_failures_and_given_a_summary() {
    let folder = TempDir::new().unwrap();
    let summary = folder.path().join("summary.md");
    let mut command = super::command(["check", "--format", "json", "--filter", FEW].into_iter().chain(YES));
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary);
    let ran = super::ran(command);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    let annotations: Vec<_> =
        ran.stderr.lines().filter(|line| line.starts_with("::error title=failed ")).collect();
    assert_eq!(annotations.len(), few().len(), "{ran:?}");
    assert!(annotations[0].contains("%0Acall:     signal("), "{annotations:?}");
    assert_eq!(ran.report()["verdict"], "nonconformant");
    assert!(fs::read_to_string(&summary).unwrap().starts_with("## nonconformant: `command -- true`"));
}
