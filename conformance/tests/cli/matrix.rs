//! Several subjects side by side.

use super::{FEW, Ran, command, run};
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Cases that `local` passes and a subject that says yes to everything fails; without the histories.
const OPTIONS: [&str; 4] = ["--filter", FEW, "--seed", "1"];
/// It can hurt nobody.
const YES: &str = "command -- true {leader_pid} {signal_name}";

fn matrix(options: &[&str]) -> Ran {
    run(&[&["matrix"], &OPTIONS[..], options].concat())
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
    assert!(human.stdout.starts_with("Tried were those of "), "{human:?}");
    let row = human.stdout.lines().find(|line| line.starts_with("exited-is-repeatable ")).unwrap();
    let failed = cell["summary"]["failed"].as_u64().unwrap();
    assert!(row.contains('✓') && row.contains(&format!("✗{failed}")), "{human:?}");
}

#[test]
fn what_a_single_subject_was_tried_for_and_kept_has_no_row() {
    let rows = |subjects: &[&str]| {
        let options =
            ["matrix", "--filter", "^(describes-itself|rejects-unknown-names)/[^h]", "--format", "markdown"];
        let page = run(&[&options, subjects].concat()).stdout;
        let names = ["describes-itself", "rejects-unknown-names"];
        (names.map(|name| page.contains(&format!("| [`{name}`]"))), page)
    };
    let (rows_of_both, page) = rows(&["local", YES]);
    assert_eq!(rows_of_both, [false, true], "{page}");
    assert!(
        page.contains("1 requirement that a single subject was tried for, and passed, has no row."),
        "{page}"
    );
    let (rows_of_one, page) = rows(&["local"]);
    assert_eq!(rows_of_one, [true, true], "{page}");
    assert!(!page.contains("no row"), "{page}");
}

#[test]
fn a_file_names_subjects_with_what_they_map_and_who_is_not_here() {
    let folder = TempDir::new().unwrap();
    let [subjects, page] = ["subjects.toml", "matrix.md"].map(|name| folder.path().join(name));
    fs::write(
        &subjects,
        r#"
        command = "./make-the-page"
        remarks = ["Read *this* first."]

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

        [[subject]]
        name = "around nothing"
        form = "command"
        program = ["true", "{leader_pid}", "{signal_name}"]
        version = ["sh", "-c", "echo no module of that name >&2; exit 1"]

        [[subject]]
        name = "far away"
        form = "command"
        program = ["true", "{leader_pid}", "{signal_name}"]
        testbed = "false"
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
        "| 3 | around nothing | not tried |",
        "says no version: no module of that name.",
        "| 4 | far away | not tried |",
        "no agent can run behind `false`",
        "```sh\n./make-the-page\n```",
        r"- Read \*this\* first.",
    ] {
        assert!(page.contains(part), "no `{part}` in {page}");
    }
    let html = matrix(&["--subjects", subjects, "--format", "html"]);
    assert!(html.stdout.contains("<td class=\"failed\">✗"), "{html:?}");
    assert!(html.stdout.contains("<p>Read *this* first.</p>"), "{html:?}");
}

#[test]
fn a_run_that_is_interrupted_leaves_what_it_had_and_is_resumed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("matrix.json");
    // The second one gives no answer for longer than this test lasts.
    let hanging = "command -- sh -c 'sleep 1000' {leader_pid} {signal_name}";
    let subjects = ["--timeout", "600", YES, hanging, "local"];
    let reports = folder.path().join("reports");
    let reports = ["--reports", reports.to_str().unwrap()];
    let output = ["--format", "json", "--output", path.to_str().unwrap()];
    let mut child =
        command([&["matrix"], &OPTIONS[..], &reports, &output, &subjects].concat()).spawn().unwrap();
    while !path.exists() {
        assert_eq!(child.try_wait().unwrap(), None, "it ended without a word");
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let read = |path: &str| -> Value {
        serde_json::from_slice(&fs::read(folder.path().join(path)).unwrap()).unwrap()
    };
    for matrix in [read("matrix.json"), read("reports/matrix.json")] {
        let subjects = matrix["subjects"].as_array().unwrap();
        assert_eq!(subjects[0]["run"]["verdict"], "nonconformant");
        for subject in &subjects[1..] {
            assert_eq!(subject["run"], Value::Null);
            assert_eq!(subject["missing"], "the run was interrupted before");
        }
    }
    assert_eq!(read("reports/1.json")["verdict"], "nonconformant");

    let resumed = ["--resume", path.to_str().unwrap(), "--format", "json", "local", YES];
    let ran = run(&[&["matrix", "--filter", FEW, "--seed", "2"], &resumed[..]].concat());
    let report = ran.report();
    let newer = folder.path().join("newer.json");
    let text = fs::read_to_string(&path).unwrap().replacen("\"schema\": 1", "\"schema\": 9", 1);
    fs::write(&newer, text).unwrap();
    let refused = matrix(&["--resume", newer.to_str().unwrap(), "local"]);
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    assert!(refused.stderr.contains("its schema is 9, but this program knows 1"), "{refused:?}");
    let others = ["matrix", "--filter", "describes-itself", "--resume", path.to_str().unwrap(), "local"];
    let refused = run(&others);
    assert_eq!((refused.status, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    let told = format!("cases whose id matches `{FEW}`, and this run of those of");
    assert!(refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ").contains(&told), "{refused:?}");
    let seed = |index: usize| report["subjects"][index]["run"]["seed"].as_u64();
    assert_eq!([seed(0), seed(1)], [Some(2), Some(1)], "only the one that was not tried is run: {ran:?}");
}

/// The page takes too long to be made anew in a test.
#[test]
fn the_page_of_the_documentation_has_the_subjects_of_its_file() {
    let read = |path: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let subjects: toml::Table = read("adapters/subjects.toml").parse().unwrap();
    let of = |subject: &toml::Value| {
        let text = |key: &str| subject.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        [text("name"), text("maps"), text("surprise")]
    };
    // Without what keeps a character from being Markdown.
    let page = read("../docs/matrix.md").replace('\\', "");
    let (_, notes) = page.split_once("\n## What each one is\n\n").unwrap();
    let subjects: Vec<_> = subjects["subject"].as_array().unwrap().iter().map(of).collect();
    assert_eq!(notes.lines().count(), subjects.len());
    for (index, (texts, line)) in subjects.iter().zip(notes.lines()).enumerate() {
        assert!(line.starts_with(&format!("{}. **{}**", index + 1, texts[0])), "{line}");
        assert!(texts.iter().all(|text| line.contains(text)), "{texts:?} in {line}");
    }
}

#[rstest]
#[case("subject = 7", ":1: ")]
#[case("", "there is no [[subject]]")]
#[case(
    "\n[[subject]]\nname = \"a\"\nform = \"socket\"\n",
    ":2: unknown form `socket`; forms are local, stdio and command"
)]
#[case("[[subject]]\nname = \"a\"\nform = \"local\"\ncolour = 7\n", ":4: unknown field `colour`")]
#[case("[[subject]]\nname = \"a\"\nform = \"stdio\"\n", ":1: the form stdio needs a program")]
#[case(
    "[[subject]]\nname = \"a\"\nform = \"local\"\nprogram = [\"b\"]\n",
    ":1: the form local runs no program"
)]
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
    assert!(ran.stderr.contains("did you mean `local`?"), "{ran:?}");
    let ran = matrix(&["command -- true"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("never uses {leader_pid} or {signal_name}"), "{ran:?}");
}
