//! The suite where it cannot work: under the usual harness, which knows nothing of its processes.

use signaller_conformance::Suite;
use std::convert::Infallible;
use their_signaller::Theirs;

#[test]
fn the_suite_is_run_in_a_test_function() {
    let refused = Suite::of(|| Ok::<_, Infallible>(Theirs)).run().expect_err("nothing can be run");
    assert!(refused.contains("`harness = false`"), "{refused}");
}
