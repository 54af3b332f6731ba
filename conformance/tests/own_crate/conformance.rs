//! Each case as a test.

use signaller_conformance::Suite;
use std::{convert::Infallible, process::ExitCode};
use their_signaller::Theirs;

fn main() -> ExitCode {
    Suite::of(|| Ok::<_, Infallible>(Theirs)).named("theirs").main()
}
