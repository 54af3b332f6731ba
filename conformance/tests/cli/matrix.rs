//! Several subjects side by side.

use super::{Ran, run};
use rstest::rstest;
use serde_json::json;
use std::fs;
use tempfile::TempDir;

/// Cases that `local` passes and a subject that says yes to everything fails; without the histories.
const FEW: [&str; 4] = ["--filter", "^exited-is-repeatable/[^h]", "--seed", "1"];
/// It can hurt nobody.
const YES: &str = "command -- true {leader_pid} {signal_name}";

fn matrix(options: &[&str]) -> Ran {
    run(&[&["matrix"], &FEW[..], options].concat())
}

#[test]
fn each_subject_is_a_column_and_each_requirement_a_row() {
    let ran = matrix(&["--format", "json", "local", YES]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let report = ran.report();
    let subjects = report["subjects"].as_array().unwrap();
    let verdicts: Vec<_> = subjects.iter().map(|subject| &subject["run"]["verdict"]).collect();
    assert_eq!(verdicts, ["conformant", "nonconformant"]);
    let cell = &subjects[1]["run"]["requirements"][0];
    assert_eq!((&cell["requirement"], &cell["status"]), (&json!("exited-is-repeatable"), &json!("failed")));

    let human = matrix(&["local", YES]);
    let row = human.stdout.lines().find(|line| line.starts_with("exited-is-repeatable ")).unwrap();
    let failed = cell["summary"]["failed"].as_u64().unwrap();
    assert!(row.contains('✓') && row.contains(&format!("✗{failed}")), "{human:?}");
}

#[test]
fn a_file_names_subjects_with_what_they_map_and_who_is_not_here() {
    let folder = TempDir::new().unwrap();
    let [subjects, page] = ["subjects.toml", "matrix.md"].map(|name| folder.path().join(name));
    fs::write(
        &subjects,
        r#"
        [[subject]]
        name = "says yes | always"
        form = "command"
        program = ["true", "{leader_pid}", "{signal_name}"]
        version = ["echo", "version 7"]
        maps = "Nothing at all."
        surprise = "It sends nothing."

        [[subject]]
        name = "elsewhere"
        form = "stdio"
        program = ["no-such-program-here"]
        "#,
    )
    .unwrap();
    let [subjects, path] = [&subjects, &page].map(|path| path.to_str().unwrap());
    let ran = matrix(&["--subjects", subjects, "--format", "markdown", "--output", path]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    let page = fs::read_to_string(path).unwrap();
    for part in [
        r"| 1 | says yes \| always | nonconformant |",
        "| 2 | elsewhere | not tried |",
        "version 7: `command -- true '{leader_pid}' '{signal_name}'`. Nothing at all. **Surprise:** It sends nothing.",
        "no-such-program-here",
        "signaller-conformance matrix --filter",
    ] {
        assert!(page.contains(part), "no `{part}` in {page}");
    }
    let html = matrix(&["--subjects", subjects, "--format", "html"]);
    assert!(html.stdout.contains("<td class=\"failed\">✗"), "{html:?}");
}

#[rstest]
#[case("subject = 7", ":1: ")]
#[case("", "there is no [[subject]]")]
#[case(
    "\n[[subject]]\nname = \"a\"\nform = \"socket\"\n",
    ":2: unknown form `socket`; forms are local, stdio and command"
)]
#[case("[[subject]]\nname = \"a\"\nform = \"local\"\ncolour = 7\n", ":4: unknown field `colour`")]
fn a_file_that_is_wrong_is_refused_with_its_line(#[case] text: &str, #[case] told: &str) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("subjects.toml");
    fs::write(&path, text).unwrap();
    let ran = matrix(&["--subjects", path.to_str().unwrap()]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains(told), "no `{told}` in {}", ran.stderr);
}

#[test]
fn no_subject_and_an_unknown_one_are_refused() {
    assert_eq!(matrix(&[]).status, Some(2));
    let ran = matrix(&["locl"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("the nearest is `local`"), "{ran:?}");
}
