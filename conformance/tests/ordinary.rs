//! The suite in ordinary `#[test]` functions of somebody's crate, under `cargo test` and under nextest.

mod support;

use rstest::rstest;
use support::crates::{
    OwnCrate,
    Runner::{self, CargoTest, Nextest},
};

/// The words by which a runner takes `names` to be parts of tests' names, ignored ones too.
fn named<'a>(runner: Runner, names: &[&'a str]) -> Vec<&'a str> {
    let ignored: &[&str] = match runner {
        CargoTest => &["--", "--include-ignored"],
        Nextest => &["--run-ignored", "all"],
    };
    [&["--test", "ordinary"], ignored, names].concat()
}

#[rstest]
#[case::cargo_test(CargoTest, "test result: ok. 4 passed")]
#[case::nextest(Nextest, "4 tests run: 4 passed")]
fn what_is_right_passes_however_many_suites_there_are(#[case] runner: Runner, #[case] words: &str) {
    let Some((success, told)) = OwnCrate::theirs().test(runner, &named(runner, &["right_"]), &[]) else {
        return;
    };
    assert!(success && told.contains(words), "{told}");
}

/// Its histories with this seed have steps that are only possible once a stop has found that a group has
/// exited.
#[test]
fn a_registry_whose_signaller_cannot_tell_who_has_exited_breaks_nothing() {
    let seed = [("SIGNALLER_CONFORMANCE_SEED", "7009403396653650")];
    let tested = OwnCrate::theirs().test(CargoTest, &named(CargoTest, &["right_registry"]), &seed);
    let Some((success, told)) = tested else { return };
    assert!(success && told.contains("test result: ok. 1 passed"), "{told}");
}

#[rstest]
#[case::cargo_test(CargoTest, "test tests::theirs_delivers ... ok")]
#[case::nextest(Nextest, "PASS [")]
fn a_test_beside_the_code_will_do(#[case] runner: Runner, #[case] words: &str) {
    let Some((success, told)) = OwnCrate::theirs().test(runner, &["--lib"], &[]) else { return };
    assert!(success && told.contains(words), "{told}");
}

#[rstest]
#[case::cargo_test(CargoTest, "cargo test --test ordinary -- --exact wrong_signaller")]
#[case::nextest(Nextest, "cargo nextest run --test ordinary -E 'test(=wrong_signaller)'")]
fn what_is_wrong_is_a_panic_with_a_short_report(#[case] runner: Runner, #[case] command: &str) {
    let variables = [("SIGNALLER_CONFORMANCE_SEED", "7"), ("SIGNALLER_CONFORMANCE_FILTER", "^reports-")];
    let tested = OwnCrate::theirs().test(runner, &named(runner, &["wrong_signaller"]), &variables);
    let Some((success, told)) = tested else { return };
    assert!(!success, "{told}");
    let (_, report) = told.split_once("panicked at tests/ordinary.rs:").expect(&told);
    let is_ours = |line: &&str| !line.starts_with("note: ") && *line != "stack backtrace:";
    let report: Vec<_> = report.lines().skip(1).take_while(is_ours).collect();
    assert!(report.len() <= 60, "{told}");
    // Where a command's lines are broken is of no interest.
    let report = report.iter().map(|line| line.trim().trim_end_matches(" \\")).collect::<Vec<_>>().join(" ");
    for words in [
        "Answers Ok(true) where the group has exited (reports-exited)",
        "env SIGNALLER_CONFORMANCE_SEED=7 SIGNALLER_CONFORMANCE_FILTER='^reports-exited/",
        command,
        "Verdict: nonconformant",
        "Seed: 7",
    ] {
        assert!(report.contains(words), "{words} is missing in {told}");
    }
}

#[rstest]
#[case::no_test("wrong_call_of_main", "call `assert` in the test `wrong_call_of_main`")]
#[case::second("wrong_second_suite", "the test `wrong_second_suite` has a second `Suite`")]
#[case::thread("wrong_thread", "`Suite::assert` is for #[test] functions, on the thread of the test itself")]
#[case::named_thread(
    "wrong_thread_with_a_name",
    "started again for the test `worker` alone, did not come to `Suite`"
)]
#[case::way(
    "wrong_way_to_the_suite",
    "started again for the test `wrong_way_to_the_suite` alone, did not come to"
)]
#[case::signaller(
    "wrong_from_the_beginning",
    "the signaller theirs cannot be made (exit status: 1): the host does not answer"
)]
fn what_cannot_work_says_so_and_accuses_nobody(#[case] test: &str, #[case] words: &str) {
    let name = ["--test", "ordinary", "--", "--exact", test];
    let Some((success, told)) = OwnCrate::theirs().test(CargoTest, &name, &[]) else { return };
    assert!(!success && told.contains("0 passed; 1 failed"), "{told}");
    assert!(told.contains(words), "{words} is missing in {told}");
    assert!(!told.contains("Verdict: nonconformant"), "{told}");
}

#[rstest]
#[case::seed("SIGNALLER_CONFORMANCE_SEED", "-1", "a seed is a whole number below")]
#[case::filter("SIGNALLER_CONFORMANCE_FILTER", "(", "SIGNALLER_CONFORMANCE_FILTER: ")]
#[case::nothing("SIGNALLER_CONFORMANCE_FILTER", "^sigterm", "no case is left")]
fn what_the_environment_says_is_looked_at(#[case] name: &str, #[case] value: &str, #[case] words: &str) {
    let test = ["--test", "ordinary", "--", "--exact", "right_signaller"];
    let tested = OwnCrate::theirs().test(CargoTest, &test, &[(name, value)]);
    let Some((success, told)) = tested else { return };
    assert!(!success && told.contains(words), "{told}");
}
