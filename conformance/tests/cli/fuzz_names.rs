//! `fuzz-names`: wrong names thrown at subjects that refuse them, and at mutants that do not.

use super::{PROGRAM, Ran, run};
use rstest::rstest;

/// A loop that answers each question with an error, unless its line is as in the first word: then it does the
/// second.
fn unless(pattern: &str, then: &str) -> String {
    format!(
        r#"while read -r line; do
             id=${{line#*:}} id=${{id%%,*}}
             case $line in {pattern}) {then};; esac
             echo "{{\"id\":$id,\"err\":\"no\"}}"
           done"#
    )
}

fn fuzz(options: &[&str], subject: &[&str]) -> Ran {
    run(&[&["fuzz-names", "--seed", "7"], options, subject].concat())
}

/// The name that was found, as it is written in the report, and the rest of that.
fn found(ran: &Ran) -> (&str, &str) {
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""), "{}", ran.stdout);
    let (first, rest) = ran.stdout.split_once('\n').unwrap();
    let name = first.strip_prefix("FOUND  \"").and_then(|rest| rest.rsplit_once("\"  (name "));
    (name.unwrap_or_else(|| panic!("{first}")).0, rest)
}

#[test]
fn the_local_signaller_refuses_each() {
    let ran = fuzz(&["--runs", "3000"], &["local"]);
    let told = "local refused each of 3000 wrong names, and nobody received anything.\nSeed: 7\n";
    assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), told, ""));
}

#[rstest]
#[case::every_name_of_the_c_library("every-name-of-the-c-library", "SIGIO", "rejects-unknown-names")]
#[case::quit_as_well("quit-as-well", "SIGQUIT", "rejects-unknown-names")]
#[case::unknown_is_term("unknown-is-term", "", "rejects-unknown-names")]
#[case::unknown_is_a_probe("unknown-is-a-probe", "", "rejects-unknown-names")]
#[case::unknown_is_exited("unknown-is-exited", "", "rejects-unknown-names")]
#[case::complains_and_sends("complains-and-sends", "", "rejects-unknown-names")]
#[case::empty_is_zero("empty-is-zero", "", "rejects-unknown-names")]
#[case::empty_is_term("empty-is-term", "", "rejects-unknown-names")]
#[case::exit_is_zero("exit-is-zero", "EXIT", "rejects-unknown-names")]
#[case::case_does_not_matter("case-does-not-matter", "SIGHUp", "names-are-exact")]
#[case::trimmed("trimmed", "\\tSIGHUP", "names-are-exact")]
#[case::last_line_end_cut("last-line-end-cut", "SIGHUP\\n", "names-are-exact")]
#[case::one_line_of_many("one-line-of-many", "\\nSIGHUP", "names-are-exact")]
#[case::without_sig("without-sig", "HUP", "names-are-exact")]
#[case::sig_twice("sig-twice", "HUP", "names-are-exact")]
#[case::numbers("numbers", "1", "names-are-exact")]
#[case::cut_at_nul("cut-at-nul", "SIGHUP\\0", "names-are-exact")]
#[case::begins_alike("begins-alike", "SIGHUP\\0", "names-are-exact")]
#[case::ends_alike("ends-alike", "\\0SIGHUP", "names-are-exact")]
#[case::abbreviated("abbreviated", "SIGH", "rejects-unknown-names")]
#[case::look_alikes("look-alikes", "SIGHUＰ", "rejects-unknown-names")]
#[case::punctuation_dropped("punctuation-dropped", "\\0SIGHUP", "names-are-exact")]
#[case::nearest_name("nearest-name", "IGHUP", "rejects-unknown-names")]
#[case::first_seven_bytes("first-seven-bytes", "SIGKILL\\0", "names-are-exact")]
fn a_subject_that_takes_more_is_found_with_the_shortest(
    #[case] fault: &str,
    #[case] shortest: &str,
    #[case] requirement: &str,
) {
    let ran = fuzz(&[], &["stdio", "--", PROGRAM, "__mutant", fault]);
    let (name, rest) = found(&ran);
    assert_eq!(name, shortest);
    assert!(rest.contains(&format!("breaks {requirement}  (MUST)")), "{rest}");
    assert!(rest.contains("what to check:"), "{rest}");
    assert!(rest.contains(&format!("fuzz-names --seed 7 --runs 10000 stdio -- {PROGRAM} __mutant {fault}")));
}

#[test]
fn a_name_is_made_as_short_as_it_can_be() {
    let script = unless("*HUP*TERM*", r#"echo "{\"id\":$id,\"ok\":false}"; continue"#);
    let ran = fuzz(&[], &["stdio", "--", "sh", "-c", &script]);
    let (name, rest) = found(&ran);
    assert_eq!(name, "HUPTERM");
    assert!(rest.contains("shortened from: \"SIGHUPTERM\""), "{rest}");
}

#[test]
fn a_name_that_ends_the_subject_is_found() {
    let ran = fuzz(&[], &["stdio", "--", "sh", "-c", &unless("*KILL*", "exit 3")]);
    let (name, rest) = found(&ran);
    assert_eq!(name, "KILL");
    assert!(rest.contains("its process has exited with status 3"), "{rest}");
}

#[test]
fn a_name_that_is_never_answered_is_found() {
    let ran = fuzz(&["--timeout", "1"], &["stdio", "--", "sh", "-c", &unless("*SIGS*", "continue")]);
    let (name, rest) = found(&ran);
    assert_eq!(name, "SIGS");
    assert!(rest.contains("did not answer within 1 s"), "{rest}");
}

#[test]
fn what_comes_too_late_for_its_name_is_told_without_one() {
    let late = r#"pid=${line#*_pid\":}; (sleep 0.3; kill -s TERM -- -${pid%%,*}) &"#;
    let ran = fuzz(&["--runs", "500"], &["stdio", "--", "sh", "-c", &unless("*SIGX\\\"*", late)]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(1), ""), "{}", ran.stdout);
    assert!(ran.stdout.starts_with("FOUND  no single name that does it"), "{}", ran.stdout);
    assert!(ran.stdout.contains("(leader) received SIGTERM"), "{}", ran.stdout);
}

#[test]
fn a_declared_name_is_no_wrong_one() {
    let quit = ["stdio", "--", PROGRAM, "__mutant", "quit-as-well"];
    let ran = fuzz(&["--declare", "names=SIGQUIT", "--runs", "2000"], &quit);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
}

#[rstest]
#[case::no_subject(&["fuzz-names"], "SUBJECT")]
#[case::unknown_subject(&["fuzz-names", "loca"], "local")]
#[case::no_program(&["fuzz-names", "stdio"], "stdio -- ")]
#[case::no_runs(&["fuzz-names", "--runs", "0", "local"], "from 1")]
fn a_wrong_command_line_is_refused(#[case] words: &[&str], #[case] part: &str) {
    let ran = run(words);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains(part), "{}", ran.stderr);
}
