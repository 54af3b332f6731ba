//! The first of the mistakes, each case a test.

use beginners::Panics;
use signaller_conformance::Suite;
use std::{convert::Infallible, process::ExitCode};

fn main() -> ExitCode {
    Suite::of(|| Ok::<_, Infallible>(Panics)).main()
}
