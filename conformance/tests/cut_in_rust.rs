//! The suite for a Rust signaller whose link to the groups can be cut: each case is a test of its own. Beside
//! those that cut the link there are others, which would fail on one that is cut.

use process_groups::{LocalSignaller, Signaller, signaller_fn};
use signaller_conformance::Suite;
use std::convert::Infallible;
use std::fs;
use std::process::ExitCode;

/// The link is cut while this file is there.
const FILE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/cut-in-rust");

const REQUIREMENTS: [&str; 3] =
    ["unreachable-is-an-error/", "recovers-after-unreachable/", "reports-delivered/sig"];

fn main() -> ExitCode {
    let signaller = || {
        Ok::<_, Infallible>(signaller_fn(|leader_pid, name: &str| match fs::exists(FILE) {
            Ok(false) => LocalSignaller.signal(leader_pid, name),
            _ => Err("cut off".to_owned()),
        }))
    };
    Suite::of(signaller)
        .cut(|| fs::write(FILE, ""), || fs::remove_file(FILE))
        .only(|case| REQUIREMENTS.iter().any(|requirement| case.starts_with(requirement)))
        .main()
}
