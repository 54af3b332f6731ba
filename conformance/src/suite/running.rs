//! The three ways to run the suite: as one test, as one test per case, and as a value.

use super::ready::Ready;
use super::start::{self, Start};
use super::{Cut, Hook, NotRun, Suite, environment, trials};
use crate::dispatch;
use crate::report::{Report, Verdict, human};
use crate::subcommands::Subcommand;
use crate::subject::{channel, registry, server};
use libtest_mimic::Arguments;
use process_groups::ProcessGroups;
use std::cell::Cell;
use std::io;
use std::process::ExitCode;

thread_local! {
    /// Whether a suite was run on this thread: in one test, a process that is started again would come to the
    /// first alone.
    static BEGAN: Cell<bool> = const { Cell::new(false) };
}

impl Suite {
    /// Runs every case in the `#[test]` function that calls this, in any test target.
    ///
    /// In the environment, `SIGNALLER_CONFORMANCE_FILTER` leaves out the cases that it does not match, and
    /// `SIGNALLER_CONFORMANCE_SEED` makes the same random choices again. That holds for [`main`](Self::main)
    /// and [`run`](Self::run), too.
    ///
    /// # Panics
    /// With a report of at most 60 lines when a case that MUST hold failed, nothing could be run, or the
    /// suite's own work failed. Where it is called elsewhere than on the thread of a test, or a second time
    /// in one test, it says so.
    #[track_caller]
    pub fn assert(self) {
        let (deny_skips, deny_warnings) = (self.deny_skips, self.deny_warnings);
        let report = match Start::here() {
            Start::Test(_) => self.run(),
            Start::Cases | Start::Main => Err(NotRun(
                "`Suite::assert` is for #[test] functions, on the thread of the test itself: take `main` or \
                     `run` in the `main` of a program"
                    .to_owned(),
            )),
        };
        let report = report.unwrap_or_else(|reason| panic!("{reason}"));
        let mut text = Vec::new();
        // Writing to memory does not fail.
        let _ = human::write_short(&report, &mut text);
        let text = String::from_utf8_lossy(&text);
        match report.verdict() {
            Verdict::Nonconformant | Verdict::Broken => panic!("{text}"),
            Verdict::Incomplete if deny_skips => panic!("{text}"),
            _ if deny_warnings && report.summary().warned > 0 => panic!("{text}"),
            Verdict::Conformant | Verdict::Incomplete => println!("{text}"),
        }
    }

    /// Runs every case as a test of its own, with the arguments that `cargo test` and nextest give: filters,
    /// `--list`, `--exact`, `--ignored`, `--test-threads` and so on. What cannot be tried here is ignored.
    ///
    /// Returns the exit status of the tests: 0 when none failed, 101 when one did or nothing could be run.
    ///
    /// **The target needs `harness = false`.** Without it libtest's own `main` is run instead of yours, finds
    /// no test, and is green; nothing warns of it.
    ///
    /// # Panics
    /// In a `#[test]` function, where nobody would look at the exit status.
    pub fn main(self) -> ExitCode {
        if let Start::Test(test) = Start::here() {
            panic!(
                "`Suite::main` is for the `main` of a test target with `harness = false`: call `assert` in \
                 the test `{test}`"
            );
        }
        self.run_subcommand();
        let start = Start::Cases;
        let arguments = Arguments::from_args();
        let ready = match arguments.list {
            // nextest lists before it runs each case in a process of its own: what is told here is told once.
            true if environment::is_nextest() => self.ready(&start, arguments.test_threads),
            // Whoever else lists wants no set-up.
            true => Ready::new(self, &start, arguments.test_threads),
            false => self.ready(&start, arguments.test_threads),
        };
        match ready {
            Ok(ready) => trials::run(ready, &arguments),
            Err(reason) => {
                eprintln!("error: {reason}");
                ExitCode::from(101)
            }
        }
    }

    /// Runs every case and returns the report: in a `#[test]` function, or as the first thing in the `main`
    /// of an example or another program.
    ///
    /// # Errors
    /// When nothing could be run: the signaller cannot be made, no testbed is available, [`only`](Self::only)
    /// leaves no case.
    pub fn run(self) -> Result<Report, NotRun> {
        self.run_subcommand();
        let start = Start::here();
        if let Start::Test(test) = &start
            && BEGAN.replace(true)
        {
            return Err(NotRun(format!(
                "the test `{test}` has a second `Suite`: give it a #[test] function of its own"
            )));
        }
        self.ready(&start, None).map(Ready::run).map_err(NotRun)
    }

    /// Never returns if this process was started to run code of the implementer's.
    fn run_subcommand(&self) {
        let Some(subcommand) = dispatch::asked() else { return };
        let hook = |hook: &Hook| hook().map_err(io::Error::other);
        let make = || (self.signaller)().map_err(io::Error::other);
        let result = channel::give_output_to_the_subject().and_then(|()| match (subcommand, &self.cut) {
            (Subcommand::Attempt, _) => {
                channel::write_text(&format!("{}\n", start::REACHED));
                make().map(|_signaller| channel::write_text(&format!("{}\n", start::MADE)))
            }
            (Subcommand::Signaller, _) => make().and_then(server::serve),
            (Subcommand::Registry, _) => {
                let own = self.registry.as_ref().map(|own| own.serve);
                make().and_then(own.unwrap_or(registry::serve::<ProcessGroups>))
            }
            (Subcommand::Sever, Some(Cut::Hooks { sever, .. })) => hook(sever),
            (Subcommand::Restore, Some(Cut::Hooks { restore, .. })) => hook(restore),
            _ => Err(io::Error::other(format!("this suite has nothing for {}", subcommand.word()))),
        });
        if let Err(cause) = &result {
            eprintln!("{cause}");
        }
        std::process::exit(i32::from(result.is_err()));
    }

    fn ready(self, start: &Start, threads: Option<usize>) -> Result<Ready, String> {
        start.attempt(&self.name)?;
        if let Some(testbed) = &self.testbed {
            testbed.bring(&|_, _| ()).map_err(|fault| fault.to_string())?;
        }
        Ready::new(self, start, threads)
    }
}
