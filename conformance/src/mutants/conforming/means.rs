//! Conforming variants that need much to do their work, and say so when it is not available.

use super::Conforming;
use crate::mutants::Served;
use crate::mutants::means::has_means;
use crate::mutants::parts::{checked, deliver};
use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

/// The variants of this family.
pub const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "needs-much-and-says-so",
        how: "Opens a file, looks into /proc and runs a program before each call, and answers `Err` when one of them fails.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                has_means().map_err(|cause| format!("it cannot work here: {cause}"))?;
                deliver(id, signal)
            })
        }),
    },
    Conforming {
        name: "ends-without-means",
        how: "Exits when it can open no file, start no program, see no /proc or write no line to its standard error.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if has_means().is_err() || eprint_failed(id) {
                    std::process::exit(1);
                }
                deliver(id, signal)
            })
        }),
    },
    Conforming {
        name: "breaks-down-without-means",
        how: "Complains on standard output when it can start no thread or open no file, as a runtime does, and never \
              answers again.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if Builder::new().spawn(|| ()).is_err() || File::open("/dev/null").is_err() {
                    // Half of them say nothing, either.
                    if id % 2 == 0 {
                        println!("[warning] cannot go on");
                    }
                    loop {
                        std::thread::park();
                    }
                }
                deliver(id, signal)
            })
        }),
    },
    Conforming {
        name: "a-program-now-and-then",
        how: "Runs a program before each call from the hundred and fiftieth on, as one that renews a helper, and answers \
              `Err` when it cannot.",
        subject: Served::Rust(|| {
            let calls = AtomicUsize::new(0);
            checked(move |id, signal| {
                if calls.fetch_add(1, Ordering::Relaxed) >= 150 {
                    has_means().map_err(|cause| format!("it cannot work here: {cause}"))?;
                }
                deliver(id, signal)
            })
        }),
    },
];

fn eprint_failed(id: i32) -> bool {
    use std::io::Write;
    std::io::stderr().write_all(format!("group {id}\n").as_bytes()).is_err()
}
