//! The report as a value.

use signaller_conformance::Suite;
use signaller_conformance::{Status, Verdict};
use std::convert::Infallible;
use their_signaller::Theirs;

fn main() -> std::io::Result<()> {
    let suite = Suite::of(|| Ok::<_, Infallible>(Theirs)).only(|case| case.starts_with("reports-"));
    let report = suite.run().expect("the suite can do its work");
    assert_eq!(report.verdict(), Verdict::Nonconformant);
    for (requirement, cases) in report.by_requirement() {
        let passed = cases.iter().filter(|case| case.status() == Status::Passed).count();
        let tried = cases.iter().filter(|case| case.was_tried()).count();
        println!("{}: {passed} of {tried} passed", requirement.name);
    }
    println!("{report}");
    report.write(std::env::args().nth(1).expect("the path of a file"))
}
