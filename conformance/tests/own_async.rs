//! The example of an asynchronous trait, as somebody has it in a crate of their own.

mod support;

use rstest::rstest;
use support::crates::{
    OwnCrate,
    Runner::{self, CargoTest, Nextest},
};

const GLUE: &str = include_str!("../examples/own_async/tests/conformance.rs");

/// The crate with that glue, where it finds what it is made of.
fn own_async(name: &str, glue: &str) -> OwnCrate {
    let manifest = include_str!("../examples/own_async/Cargo.toml");
    let manifest =
        manifest.replace("\"../../..\"", "\"{root}\"").replace("\"../..\"", "\"{root}/conformance\"");
    let library = include_str!("../examples/own_async/src/lib.rs");
    let files = [
        ("Cargo.toml", manifest.replace("own-async", name)),
        ("src/lib.rs", library.to_owned()),
        ("tests/conformance.rs", glue.replace("own_async", &name.replace('-', "_"))),
    ];
    OwnCrate::of(name, &files)
}

#[rstest]
#[case::cargo_test(CargoTest, "test local_control_conforms ... ok")]
#[case::nextest(Nextest, "1 test run: 1 passed")]
fn the_asynchronous_example_conforms(#[case] runner: Runner, #[case] words: &str) {
    let Some((success, told)) = own_async("own-async", GLUE).test(runner, &[], &[]) else { return };
    assert!(success && told.contains(words), "{told}");
}

#[test]
fn an_error_that_cannot_say_exited_is_found() {
    let (right, wrong) = ("error.downcast_ref() == Some(&Errno::ESRCH)", "error.is::<Errno>() && pgid == 0");
    assert_eq!(GLUE.matches(right).count(), 1);
    let glue = GLUE.replace(right, wrong);
    let variables = [("SIGNALLER_CONFORMANCE_FILTER", "^reports-")];
    let tested = own_async("own-async-wrong", &glue).test(CargoTest, &[], &variables);
    let Some((success, told)) = tested else { return };
    assert!(!success, "{told}");
    assert!(told.contains("Answers Err where the group has exited (reports-exited)"), "{told}");
}
