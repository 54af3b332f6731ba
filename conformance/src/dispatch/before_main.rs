//! What a process that the suite started does before `main`, so that the suite works in a program whose
//! `main` is not the implementer's: libtest's.
//!
//! A subcommand that needs no code of the implementer's is run here, to its end. One that does, such as the
//! server of the signaller, is remembered until [`Suite`](crate::Suite) is reached.
//!
//! The standard library expects much of itself to work before `main`, threads and I/O on Unix among it ("Use
//! before and after main()" in its documentation). This process has one thread here, as unshare(2) wants it
//! for a user namespace.

use super::try_run;
use crate::subcommands::Subcommand;
use crate::subject::channel;
use nix::sys::signal::{SigHandler, Signal, signal};
use std::sync::OnceLock;
use std::{env, fs, process};

/// The subcommand of this process that needs the implementer's code, if it has one.
static ASKED: OnceLock<Subcommand> = OnceLock::new();

/// The subcommand that this process runs, if that needs the implementer's code. It speaks on the [channel],
/// which was moved away from standard input and output.
pub fn asked() -> Option<Subcommand> {
    ASKED.get().copied()
}

#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = {
    extern "C" fn before_main() {
        let words = words();
        match subcommand_of(&words) {
            Some(
                subcommand @ (Subcommand::Attempt
                | Subcommand::Signaller
                | Subcommand::Registry
                | Subcommand::Sever
                | Subcommand::Restore),
            ) => {
                end_unless(channel::move_away());
                let _ = ASKED.set(subcommand);
            }
            // Mutants make sure of their sandbox, and none of them is in a program of an implementer's.
            Some(Subcommand::Mutant | Subcommand::Conforming | Subcommand::Helper) | None => {}
            Some(subcommand) => {
                // As the standard library does before `main`: a write to a pipe that nobody reads is an
                // error.
                // SAFETY: no handler is installed, and there was none.
                let _ = unsafe { signal(Signal::SIGPIPE, SigHandler::SigIgn) };
                end_unless(try_run(subcommand, words.into_iter().skip(2).collect()));
                process::exit(0);
            }
        }
    }
    before_main
};

/// The subcommand that the first argument names, or that is hidden behind the words that run one test of
/// libtest's.
fn subcommand_of(words: &[String]) -> Option<Subcommand> {
    match words {
        [_, exact, .., skip, subcommand] if exact == "--exact" && skip == "--skip" => {
            Subcommand::of(subcommand)
        }
        [_, subcommand, ..] => Subcommand::of(subcommand),
        _ => None,
    }
}

/// The words that this program was started with. The GNU C library hands them to whatever stands in
/// `.init_array`, and the standard library takes them there, early (`.init_array.00099`). Where that is not
/// so /proc has them, but with the loader's own before them if it was run by name (proc_pid_cmdline(5)).
fn words() -> Vec<String> {
    let words: Vec<_> = env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if !words.is_empty() {
        return words;
    }
    let line = fs::read("/proc/self/cmdline").unwrap_or_default();
    let line = String::from_utf8_lossy(&line);
    line.strip_suffix('\0').unwrap_or(&line).split('\0').map(str::to_owned).collect()
}

fn end_unless(done: std::io::Result<()>) {
    if let Err(cause) = done {
        eprintln!("{cause}");
        process::exit(1);
    }
}
