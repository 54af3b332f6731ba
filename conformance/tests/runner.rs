//! The runner, with cases of its own.

use signaller_conformance::bed::Settings;
use signaller_conformance::cases::{Case, Ended};
use signaller_conformance::report::{Outcome, Status};
use signaller_conformance::runner::{self, slots::Slots};
use signaller_conformance::subject::Subject;
use std::sync::Arc;

#[test]
fn a_case_that_panics_is_broken_and_the_others_run() {
    let settings = Settings { slots: Arc::new(Slots::new(1)), ..Settings::of(Subject::local()) };
    let case = |name: &str, run: fn(&Settings) -> Ended| {
        Case::whole(format!("reports-exited/{name}"), "A case of this test.", &[], run)
    };
    let cases = [
        case("one", |_| Outcome::Passed.into()),
        case("panics", |_| panic!("a mistake in {}", "the case")),
        case("other", |_| Outcome::Passed.into()),
    ];
    let (results, _) = runner::run(&cases.each_ref(), &settings, 1, &|_| ());
    let statuses: Vec<_> = results.iter().map(|result| result.status()).collect();
    assert_eq!(statuses, [Status::Passed, Status::Broken, Status::Passed]);
    assert_eq!(results[1].message().as_deref(), Some("the case panicked: a mistake in the case"));
}
