//! A signaller that cannot be made.

use signaller_conformance::Suite;
use std::process::ExitCode;
use their_signaller::Theirs;

fn main() -> ExitCode {
    Suite::of(|| Err::<Theirs, _>("the host does not answer")).named("theirs").main()
}
