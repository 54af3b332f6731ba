//! Runs and their reports.

use super::{FEW, PROGRAM, Ran, cases_of, command, few, ran, run};
use nix::pty::openpty;
use serde_json::Value;
use std::fs;
use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

/// A subject that says of everything that it was delivered. It can hurt nobody.
const YES: [&str; 4] = ["command", "--no-placeholders", "--", "true"];
/// How many cases there are.
fn all() -> usize {
    let list = run(&["list", "--format", "json"]).report();
    let requirements = list["requirements"].as_array().unwrap();
    requirements.iter().map(|row| row["cases"].as_array().unwrap().len()).sum()
}

fn check(options: &[&str], subject: &[&str]) -> Ran {
    run(&[&["check"], options, subject].concat())
}

/// What a terminal shows of a run: standard output and standard error together.
fn on_a_terminal(mut command: Command) -> String {
    let terminal = openpty(None, None).unwrap();
    let [stdout, stderr] = [(); 2].map(|()| terminal.slave.try_clone().unwrap());
    let mut child = command.stdout(stdout).stderr(stderr).env("TERM", "xterm").spawn().unwrap();
    // This end would keep the terminal open.
    drop((command, terminal.slave));
    let mut shown = Vec::new();
    // Linux says EIO once all ends are closed (pty(7)).
    let _ = File::from(terminal.master).read_to_end(&mut shown);
    child.wait().unwrap();
    String::from_utf8_lossy(&shown).into_owned()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_json_report_has_the_contracts_fields() {
    let ran = check(&["--format", "json", "--filter", FEW, "--seed", "1234"], &["local"]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""));
    let report = ran.report();
    let fields =
        ["cases", "catalogue", "declared", "partial", "schema", "seed", "subject", "summary", "verdict"];
    assert_eq!(keys(&report), fields);
    assert_eq!((&report["partial"], &report["catalogue"]), (&Value::Bool(true), &all().into()));
    let statuses = ["broken", "failed", "inapplicable", "passed", "skipped", "warned"];
    assert_eq!(keys(&report["summary"]), statuses);
    for case in report["cases"].as_array().unwrap() {
        // The contract's, and three more: how it is run again, what it left behind, and what came of its
        // first try if it was tried again alone.
        let added = ["rerun", "swept", "first_try"];
        let fields = ["case", "duration_ms", "level", "message", "replay", "requirement", "status"];
        let mut expected = [&fields[..], &added[..]].concat();
        expected.sort_unstable();
        assert_eq!(keys(case), expected);
    }
    assert_eq!(report["schema"], 1);
    assert_eq!(report["seed"], 1234);
    assert_eq!(report["subject"], "local");
    assert_eq!(report["verdict"], "conformant");
}

#[test]
fn a_filter_runs_the_cases_that_it_matches_and_no_others() {
    let ran = check(&["--format", "json", "--filter", FEW], &["local"]);
    assert_eq!(ran.of_cases("case"), few());
    let one = &cases_of("exited-is-repeatable")[0];
    let ran = check(&["--format", "json", "--filter", &format!("^{one}$")], &["local"]);
    assert_eq!(ran.of_cases("case"), [one.as_str()]);
}

#[test]
fn a_filtered_run_says_what_it_covers_and_nothing_on_conformance() {
    let one = &few()[0];
    let ran = check(&["--filter", &format!("^{one}$")], &["local"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let covered = format!(
        "Verdict: conformant as far as tried — 1 of {} cases ran, 1 passed; only a run of all cases shows \
         conformance",
        all()
    );
    let told = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&covered), "no `{covered}` in {}", ran.stdout);
    // One sentence, of as many lines as the program's path makes it.
    let not_asked = ran.stdout.lines().skip_while(|line| !line.starts_with("  not asked "));
    let not_asked: Vec<_> =
        not_asked.take_while(|line| !line.is_empty()).flat_map(str::split_whitespace).collect();
    assert!(
        matches!(not_asked[..], ["not", "asked", _, "requirements;", _, _, "has", "them"]),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_command_without_placeholders_is_run_only_if_somebody_means_it() {
    let options = ["check", "--filter", "^exited-is-repeatable/three-times$"];
    let refused = run(&[&options[..], &["command", "--", "echo", "{pid}", "it's {signal}"]].concat());
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    let meant = r#"command -- echo '{leader_pid}' "it's {signal_name}""#;
    // Where the line is broken depends on where the program is.
    let told = refused.stderr.replace(" \\\n    ", " ");
    for words in ["never uses {leader_pid} or {signal_name}", meant, "--no-placeholders"] {
        assert!(told.contains(words), "no `{words}` in {told}");
    }
    let meant = run(&[&options[..], &YES].concat());
    assert_eq!(meant.status, Some(1), "{meant:?}");
    let half = run(&["fuzz-names", "command", "--", "echo", "{leader_pid}"]);
    assert_eq!(half.status, Some(2), "{half:?}");
    assert!(half.stderr.contains("never uses {signal_name}."), "{half:?}");
}

#[test]
fn a_run_is_told_to_people_and_to_programs_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let [json, human] = ["report.json", "report.txt"].map(|name| folder.path().join(name));
    let [json_path, human_path] = [&json, &human].map(|path| path.to_str().unwrap());
    let few = ["--filter", FEW, "--seed", "1"];
    let ran = check(
        &[&few[..], &["--format", "human", "--format", "json", "--output", json_path]].concat(),
        &["local"],
    );
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    assert!(ran.stdout.contains("Verdict: conformant"), "{ran:?}");
    let report: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert_eq!(report["seed"], 1);

    let both = ["--format", "json", "--output", json_path, "--format", "human", "--output", human_path];
    let ran = check(&[&few[..], &both].concat(), &["local"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    assert!(ran.stderr.contains(&format!("The report is in {json_path}, {human_path}")), "{ran:?}");
    assert!(fs::read_to_string(&human).unwrap().contains("Verdict: conformant"));

    let twice = check(&["--format", "json", "--format", "human"], &["local"]);
    assert_eq!(twice.status, Some(2), "{twice:?}");
    assert!(twice.stderr.contains("cannot both go to standard output"), "{twice:?}");
}

#[test]
fn a_profile_holds_its_side_only() {
    let both = "^(exited-is-repeatable|empty-is-silent)/[^h]";
    let asked = |options: &[&str]| {
        let ran = check(&[&["--format", "json", "--filter", both], options].concat(), &["local"]);
        let mut names = ran.of_cases("requirement");
        names.dedup();
        names
    };
    assert_eq!(asked(&["--profile", "signaller"]), ["exited-is-repeatable"]);
    assert_eq!(asked(&["--profile", "registry"]), ["empty-is-silent"]);
    assert_eq!(asked(&["--profile", "all"]), ["exited-is-repeatable", "empty-is-silent"]);
    assert_eq!(asked(&[]), ["exited-is-repeatable", "empty-is-silent"]);
}

#[test]
fn a_faulty_subject_fails_and_each_failure_can_be_run_again_as_pasted() {
    // Words that a shell would take apart, did nobody quote them.
    let subject = [
        "command",
        "--",
        "sh",
        "-c",
        "exit 0 # it's {leader_pid} & \"$HOME\"; *",
        "",
        "{filter}{signal_name}",
    ];
    let declared = ["--declare", "names=SIGUSR1,SIGQUIT", "--declare", "unreaped=delivered"];
    let options = ["--format", "json", "--filter", FEW, "--timeout", "4.5"];
    let ran = check(&[&options[..], &declared].concat(), &subject);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert_eq!(ran.report()["verdict"], "nonconformant");
    let rerun = ran.of_cases("rerun").remove(0);
    let mut again = Command::new("sh");
    again.args(["-c", &rerun.replacen(" check ", " check --format json ", 1)]);
    let again = super::ran(super::quiet(again));
    assert_eq!(again.status, Some(1), "{rerun}: {again:?}");
    assert_eq!(again.of_cases("case"), ran.of_cases("case")[..1]);
    assert_eq!(again.report()["seed"], ran.report()["seed"]);
    assert_eq!(again.report()["subject"], ran.report()["subject"]);
    assert_eq!(again.report()["declared"], ran.report()["declared"]);
    assert_eq!(ran.report()["declared"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_warning_does_not_change_the_exit_status() {
    let subject = ["command", "--no-placeholders", "--", "sh", "-c", "exit 1"];
    let ran = check(
        &["--format", "json", "--filter", "^unreaped-is-not-an-error/(leader|family|survivors)$"],
        &subject,
    );
    assert!(ran.of_cases("status").iter().all(|status| status == "warned"), "{ran:?}");
    assert_eq!(ran.status, Some(0));
}

#[test]
fn a_silent_subject_fails_after_the_time_limit() {
    let one = format!("^{}$", cases_of("exited-is-repeatable")[0]);
    let ran = check(&["--filter", &one, "--timeout", "0.125"], &["stdio", "--", "sleep", "1000"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout.contains("0.125 s") || ran.stdout.contains("125ms"), "{ran:?}");
}

#[test]
fn a_subject_that_speaks_the_stdio_form_is_conformant_where_it_is() {
    let ran = check(&["--filter", FEW], &["stdio", "--", PROGRAM, "__signaller"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("Verdict: conformant"), "{ran:?}");
}

#[test]
fn each_run_has_another_seed_and_names_it() {
    let seed = || {
        let ran = check(&["--filter", FEW], &["local"]);
        let line = ran.stdout.lines().find(|line| line.starts_with("Seed: ")).unwrap().to_owned();
        line["Seed: ".len()..].parse::<u64>().unwrap()
    };
    let (one, other) = (seed(), seed());
    assert_ne!(one, other);
    assert!(one.max(other) < 1 << 53);
}

#[test]
fn verbose_tells_every_case() {
    let cases = few();
    let told = |options: &[&str]| {
        let ran = check(&[&["--filter", FEW], options].concat(), &["local"]);
        cases.iter().filter(|case| ran.stdout.contains(case.as_str())).count()
    };
    assert_eq!(told(&[]), 0);
    assert_eq!(told(&["--verbose"]), cases.len());
}

#[test]
fn pipes_get_neither_colours_nor_progress() {
    let ran = check(&["--filter", FEW], &YES);
    assert!(!ran.stdout.contains('\u{1b}'), "{ran:?}");
    assert_eq!(ran.stderr, "");
    let colored = check(&["--filter", FEW, "--color", "always"], &YES);
    assert!(colored.stdout.contains("\u{1b}[31"), "{colored:?}");
}

#[test]
fn a_terminal_gets_colours_and_progress_unless_told_otherwise() {
    let words = ["check", "--filter", FEW, "command", "--no-placeholders", "--", "true"];
    let shown = on_a_terminal(command(words));
    assert!(shown.contains("\u{1b}[31"), "{shown:?}");
    assert!(shown.contains("cases, "), "{shown:?}");
    assert!(shown.contains(" failed, 0 broken, the last: exited-is-repeatable/"), "{shown:?}");

    let mut without = command(words);
    without.env("NO_COLOR", "1");
    let never = [&["check", "--color", "never"], &words[1..]].concat();
    for command in [without, command(never)] {
        let shown = on_a_terminal(command);
        assert!(!shown.contains("\u{1b}[31"), "{shown:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    for words in [&["list"][..], &["check", "local", "--filter", FEW], &["--help"]] {
        let mut child =
            command(words.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    }
}

#[test]
fn cases_that_would_run_out_of_descriptors_wait_for_each_other() {
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n 400; exec \"$@\"", "sh", PROGRAM, "check", "--jobs", "64", "local"]);
    limited.args(["--format", "json", "--filter", "^reports-.*/[^h]"]);
    let ran = ran(super::quiet(limited));
    // An ordinary user may lack a second one, or a cgroup.
    assert!(["conformant", "incomplete"].map(Value::from).contains(&ran.report()["verdict"]), "{ran:?}");
}

#[test]
fn timings_say_what_the_time_went_to() {
    let json = tempfile::NamedTempFile::new().unwrap();
    let outputs = ["--format", "human", "--format", "json", "--output", json.path().to_str().unwrap()];
    let ran = check(&[&["--timings", "--filter", FEW][..], &outputs].concat(), &["local"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    for words in ["Timings: ", "bring up the sandbox and its agent", "exited-is-repeatable ("] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
    let report: Value = serde_json::from_str(&fs::read_to_string(json.path()).unwrap()).unwrap();
    let phases = |value: &Value| -> f64 {
        value["phases_ms"].as_object().unwrap().values().map(|time| time.as_f64().unwrap()).sum()
    };
    let timings = &report["timings"];
    assert!(timings["first_result_ms"].as_f64() <= timings["elapsed_ms"].as_f64());
    let cases = report["cases"].as_array().unwrap();
    for case in cases {
        // Milliseconds are rounded.
        assert!((phases(case) - case["duration_ms"].as_f64().unwrap()).abs() < 1.0, "{case}");
    }
    assert!((phases(timings) - cases.iter().map(phases).sum::<f64>()).abs() < 1.0);
}

#[test]
fn darwins_kernel_answers_for_the_unreaped_and_the_report_says_so() {
    let filter = "^(unreaped-is-not-an-error/(leader|just-reaped)|refused-is-an-error/sigterm)$";
    let of = |case: &str, report: &Value| {
        let cases = report["cases"].as_array().unwrap();
        let found = cases.iter().find(|row| row["case"] == case);
        found.unwrap()["status"].as_str().unwrap().to_owned()
    };
    let plain = check(&["--format", "json", "--filter", filter], &["local"]).report();
    assert_eq!(of("unreaped-is-not-an-error/leader", &plain), "passed");
    assert_eq!(of("unreaped-is-not-an-error/just-reaped", &plain), "inapplicable");
    assert_eq!(plain.get("kernel"), None);
    let darwin = check(&["--kernel", "darwin", "--format", "json", "--filter", filter], &["local"]);
    assert_eq!(darwin.status, Some(0), "a SHOULD: {}", darwin.stderr);
    let darwin = darwin.report();
    // LocalSignaller takes EPERM for a refusal, on a Mac as well.
    assert_eq!(of("unreaped-is-not-an-error/leader", &darwin), "warned");
    assert_eq!(of("unreaped-is-not-an-error/just-reaped", &darwin), "warned");
    assert_eq!(of("refused-is-an-error/sigterm", &darwin), "passed");
    assert_eq!(darwin["kernel"], "darwin");
    let rerun = darwin["cases"].as_array().unwrap().iter().find_map(|case| case["rerun"].as_str());
    assert!(rerun.unwrap().contains("--kernel darwin"), "{rerun:?}");
}
