//! What teaches: `--help`, `list` and `explain`.

use super::{PROGRAM, cases_of, run};
use serde_json::Value;
use signaller_conformance::contract;
use std::collections::HashSet;
use std::process::Command;

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_help_names_every_command_and_the_exit_statuses() {
    insta::assert_snapshot!(run(&["--help"]).stdout);
}

#[test]
fn the_help_of_check_shows_both_forms_of_a_subject() {
    insta::assert_snapshot!(run(&["check", "--help"]).stdout);
}

#[test]
fn each_command_ends_its_help_with_what_to_read_next() {
    for command in ["check", "fuzz-names", "list", "explain"] {
        let help = run(&[command, "--help"]);
        assert_eq!((help.status, help.stderr.as_str()), (Some(0), ""), "{command}");
        assert!(help.stdout.contains("Examples:"), "{command}");
        assert!(help.stdout.contains("What to read next:"), "{command}");
    }
}

#[test]
fn explain_tells_of_a_requirement() {
    insta::assert_snapshot!(run(&["explain", "exited-is-repeatable"]).stdout);
}

#[test]
fn explain_of_a_case_tells_of_that_case_alone() {
    let cases = cases_of("reports-exited");
    let told = run(&["explain", &cases[0]]).stdout;
    assert!(told.contains(&cases[0]), "{told}");
    assert!(!told.contains(&cases[1]), "{told}");
}

/// A page of docs/ that the program writes.
fn assert_is_fresh(page: &str, arguments: &[&str]) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let written = run(arguments).stdout;
    let stale = std::fs::read_to_string(&path).map_or(true, |page| page != written);
    let arguments = arguments.join(" ");
    assert!(!stale, "docs/{page} is stale: write it with `cargo run -- {arguments} > docs/{page}`");
}

#[test]
fn the_page_of_requirements_is_fresh() {
    assert_is_fresh("requirements.md", &["list", "--format", "markdown"]);
}

#[test]
fn explain_says_the_same_to_programs_and_in_markdown() {
    let name = "refused-is-an-error";
    let document = run(&["explain", name, "--format", "json"]).report();
    let requirement = contract::find(name).unwrap();
    assert_eq!(document["sentence"], requirement.sentence);
    assert_eq!(document["check"].as_array().map(Vec::len), Some(requirement.check.len()));
    assert_eq!(document["cases"].as_array().map(Vec::len), Some(cases_of(name).len()));
    let page = run(&["explain", name, "--format", "markdown"]).stdout;
    assert!(
        page.starts_with("# refused-is-an-error\n\n**MUST**: a conforming signaller answers `Err`"),
        "{page}"
    );
    for case in cases_of(name) {
        assert!(page.contains(&format!("- `{case}`: ")), "{case}");
    }
}

#[test]
fn completions_and_a_manual_page_are_generated() {
    for (what, part) in [
        ("bash", "_signaller__conformance()"),
        ("zsh", "#compdef signaller-conformance"),
        ("fish", "complete -c signaller-conformance"),
        ("elvish", "signaller-conformance"),
        ("powershell", "Register-ArgumentCompleter"),
        ("man", ".TH signaller-conformance 1"),
        ("man", "\\-\\-write\\-baseline"),
    ] {
        let ran = run(&["generate", what]);
        assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{what}");
        assert!(ran.stdout.contains(part), "{what}: {}", ran.stdout);
    }
    assert_eq!(run(&["generate", "tcsh"]).status, Some(2));
}

#[test]
fn bash_completes_the_options_of_a_subcommand() {
    // As the shell calls the function: the program, the word and the one before it.
    let script = "source <(\"$1\" generate bash) && COMP_WORDS=(signaller-conformance check --deny) COMP_CWORD=2 \
                  && _signaller__conformance signaller-conformance --deny check && echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["-c", script, "bash", PROGRAM]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "--deny-skips --deny-warnings\n", "{output:?}");
}

#[test]
fn the_list_has_each_requirement_with_the_prose_of_its_cases() {
    let list = run(&["list"]);
    assert_eq!((list.status, list.stderr.as_str()), (Some(0), ""));
    let paragraph = list.stdout.split("\n\n").find(|paragraph| paragraph.starts_with("exited-is-repeatable"));
    insta::assert_snapshot!(paragraph.unwrap());
}

#[test]
fn the_list_for_programs_has_every_case_once_under_its_requirement() {
    let list = run(&["list", "--format", "json"]).report();
    assert_eq!(keys(&list), ["requirements", "schema"]);
    let mut ids = HashSet::new();
    for row in list["requirements"].as_array().unwrap() {
        assert_eq!(keys(row), ["cases", "level", "requirement", "sentence", "side"]);
        for case in row["cases"].as_array().unwrap() {
            assert_eq!(keys(case), ["about", "case", "needs"]);
            let id = case["case"].as_str().unwrap();
            let (requirement, name) = id.split_once('/').unwrap();
            assert_eq!(row["requirement"], requirement);
            // Rerunning a case relies on it: nothing that means anything in a regular expression or to a
            // shell.
            let plain = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
            assert!(!name.is_empty() && name.bytes().all(plain), "{id}");
            assert!(ids.insert(id.to_owned()), "{id} stands twice");
        }
    }
}

#[test]
fn the_docs_tell_what_no_case_catches_as_the_list_does() {
    let list = run(&["list", "--untested"]);
    assert_eq!((list.status, list.stderr.as_str()), (Some(0), ""));
    let docs = include_str!("../../../docs/untested.md");
    assert!(list.stdout == docs, "make it anew: cargo run --release -- list --untested > docs/untested.md");
    for requirement in contract::all() {
        assert!(docs.contains(requirement.name), "{}", requirement.name);
    }
}

#[test]
fn the_list_for_programs_of_what_no_case_catches_has_every_requirement_once() {
    let list = run(&["list", "--untested", "--format", "json"]).report();
    assert_eq!(keys(&list), ["of_every_requirement", "requirements", "schema"]);
    let rows = list["requirements"].as_array().unwrap();
    assert!(rows.iter().map(|row| &row["requirement"]).eq(contract::all().map(|one| one.name)));
    let gaps = rows.iter().flat_map(|row| row["untested"].as_array().unwrap());
    for gap in gaps.chain(list["of_every_requirement"].as_array().unwrap()) {
        assert_eq!(keys(gap), ["fault", "reason"]);
    }
}
