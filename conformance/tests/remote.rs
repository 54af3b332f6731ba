//! Groups in a real container and behind a real SSH server, which the tests make and remove themselves.

#[path = "remote/authority.rs"]
mod authority;
#[path = "remote/container.rs"]
mod container;
#[path = "remote/limits.rs"]
mod limits;
#[path = "remote/server.rs"]
mod server;
mod support;

use signaller_places::is_left_out;
use support::{Run, source};

/// The cases that cut the subject's link.
const CUT_CASES: &str = "^(unreachable-is-an-error|recovers-after-unreachable)/";

/// The example that holds one shell on the remote host: its text, for that shell.
fn held_shell() -> String {
    std::fs::read_to_string(source("examples/held_shell.sh")).expect("the example is there")
}

/// Whether runs of many cases there, a minute each, are left out.
fn many_cases_are_left_out() -> bool {
    is_left_out("many cases in a container or behind an SSH server")
}

/// Asserts that the run tried what can be tried on a remote host, and that nothing is wrong.
fn assert_sound(run: &Run) {
    for status in ["failed", "warned", "broken"] {
        assert_eq!(
            run.with_status(status).first().map(|case| (&case.id, &case.message)),
            None,
            "{}",
            run.told
        );
    }
    assert!(["conformant", "incomplete"].contains(&run.verdict()), "{run:?}");
    assert!(run.with_status("passed").len() > 20, "{run:?}");
    for case in run.with_status("skipped") {
        assert!(case.message.starts_with("needs "), "{case:?} does not say what is missing");
    }
}

/// Asserts that the run cut the link, and that the subject passed each case of that.
fn assert_tried_cut_off(run: &Run) {
    assert_eq!((run.status, run.verdict()), (Some(0), "conformant"), "{run:?}");
    // Whoever asks elsewhere lacks a link, not means of its own.
    let passed = run.with_status("passed").len();
    assert_eq!(passed + run.with_status("inapplicable").len(), run.cases().len(), "{run:?}");
    assert!(passed > 10, "{run:?}");
}
