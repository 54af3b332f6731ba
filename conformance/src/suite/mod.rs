//! The suite for somebody's own Rust types: as one test or many under `cargo test` and nextest, or as a
//! value.

mod environment;
mod ready;
mod shared;
mod start;
mod trials;

use crate::authority::Authority;
use crate::declared::{Capability, Declared};
use crate::dispatch;
use crate::harness::Settings;
use crate::partition::Partition;
use crate::report::{Report, Verdict, human};
use crate::subcommands::Subcommand;
use crate::subject::registry::{self, Registry};
use crate::subject::{channel, server};
use crate::testbed::{Kernel, Testbed};
use libtest_mimic::Arguments;
use process_groups::{ProcessGroups, Signaller};
use ready::Ready;
use start::Start;
use std::cell::Cell;
use std::fmt::Display;
use std::io;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

type MakeSignaller = Box<dyn Fn() -> Result<Arc<dyn Signaller>, String>>;
type Hook = Box<dyn Fn() -> Result<(), String>>;
type Holds = Box<dyn Fn(&str) -> bool>;
type ServeRegistry = fn(Arc<dyn Signaller>) -> io::Result<()>;

/// A registry of the caller's own.
struct OwnRegistry {
    serve: ServeRegistry,
    /// Whether it says that it fences reused pids.
    fences: bool,
    /// Whether it says that it stops its groups.
    stops: bool,
}

/// The suite, made ready for one signaller, and for a registry if there is one.
///
/// It is an ordinary test, in any test target:
///
/// ```no_run
/// use process_groups::LocalSignaller;
/// use signaller_conformance::Suite;
///
/// #[test]
/// fn conforms() {
///     Suite::of(|| Ok::<_, String>(LocalSignaller)).assert();
/// }
/// ```
///
/// Or every case is a test, in a test target of its own with `harness = false`, where it is the first thing
/// in `main`:
///
/// ```no_run
/// use process_groups::LocalSignaller;
/// use signaller_conformance::Suite;
///
/// fn main() -> std::process::ExitCode {
///     Suite::of(|| Ok::<_, String>(LocalSignaller)).main()
/// }
/// ```
///
/// The program that uses it is started again by it: as the agent that makes the groups, before anything else
/// of the program is run, and as the subject, for which it goes through `main` or the test function once more
/// up to here. What is done before is done each time, so set up what the signaller needs in the closure.
#[must_use = "nothing is tried before `assert`, `main` or `run`"]
pub struct Suite {
    name: String,
    signaller: MakeSignaller,
    registry: Option<OwnRegistry>,
    timeout: Duration,
    seed: Option<u64>,
    disposable: bool,
    kernel: Kernel,
    testbed: Option<Arc<Testbed>>,
    /// How the signaller's link is cut.
    cut: Option<Cut>,
    /// What was wrong with an option.
    wrong: Option<String>,
    declared: Declared,
    save_failures: Option<PathBuf>,
    histories: NonZeroU32,
    jobs: Option<NonZeroUsize>,
    keep_going: bool,
    deny_skips: bool,
    deny_warnings: bool,
    holds: Holds,
}

/// How a signaller's link to the groups is cut, and restored.
enum Cut {
    /// By code of the implementer's.
    Hooks { sever: Hook, restore: Hook },
    /// By commands.
    Commands(Partition),
}

/// Why a suite could not be run at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotRun(String);

impl Suite {
    /// The suite for the signaller that `make` makes. It is called in the process that serves the subject, so
    /// a runtime or a connection can be set up there; one that fails ends the run with its message.
    pub fn of<S, E>(make: impl Fn() -> Result<S, E> + 'static) -> Self
    where
        S: Signaller + 'static,
        E: Display,
    {
        let make = move || match make() {
            Ok(signaller) => Ok(Arc::new(signaller) as Arc<dyn Signaller>),
            Err(cause) => Err(cause.to_string()),
        };
        Self {
            name: std::any::type_name::<S>().to_owned(),
            signaller: Box::new(make),
            registry: None,
            timeout: Settings::TIMEOUT,
            seed: None,
            disposable: false,
            kernel: Kernel::default(),
            testbed: None,
            cut: None,
            wrong: None,
            declared: Declared::default(),
            save_failures: None,
            histories: Settings::HISTORIES,
            jobs: None,
            keep_going: false,
            deny_skips: false,
            deny_warnings: false,
            holds: Box::new(|_| true),
        }
    }

    /// Tries the requirements on a registry too, with registries of this type. Those on fencing reused pids
    /// are among them if [`Registry::fences`] says so, or [`Capability::Fencing`] is
    /// [declared](Self::declare); those on stopping if [`Registry::stops`] or [`Capability::Stopping`] does.
    pub fn with_registry<R: Registry + 'static>(mut self) -> Self {
        self.registry =
            Some(OwnRegistry { serve: registry::serve::<R>, fences: R::fences(), stops: R::stops() });
        self
    }

    /// Calls the subject so in reports, instead of by its type.
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// Lets the subject take so long for one answer, instead of five seconds: more than nothing, and an hour at
    /// most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes random choices from this seed, instead of another one each time. Reports hold it as a JSON
    /// number, so it is below 2^53; [`run`](Self::run) and the others say so of a larger one.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Puts failing histories in this folder, instead of one in Cargo's target folder.
    pub fn save_failures(mut self, folder: impl Into<PathBuf>) -> Self {
        self.save_failures = Some(folder.into());
        self
    }

    /// Allows what could hurt the place where the groups live, where that is no sandbox.
    pub fn disposable(mut self) -> Self {
        self.disposable = true;
        self
    }

    /// Makes kill(2) answer the signaller as that kernel does, instead of as the one that runs it: what it will
    /// meet on a Mac, found out on Linux. [`run`](Self::run) and the others say so where that is not possible:
    /// for groups elsewhere, without a sandbox, and where system calls cannot be watched.
    pub fn kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        self
    }

    /// Makes the groups in a place of your own, instead of on this machine:
    /// `Testbed::behind(["docker", "exec", "-i", "c"])`.
    pub fn testbed(mut self, testbed: Testbed) -> Self {
        self.testbed = Some(Arc::new(testbed));
        self
    }

    /// Makes the groups in that place, and cuts the link there as it can be cut: `docker:[UID@]CONTAINER`,
    /// `podman:[UID@]CONTAINER`, `kubectl:[NAMESPACE/]POD` or `ssh:DESTINATION`. It stands for
    /// [`testbed`](Self::testbed), and **a container is paused and unpaused**.
    pub fn authority(mut self, place: &str) -> Self {
        match place.parse::<Authority>() {
            Ok(place) => {
                self.declared.extend(place.user().map(Capability::User));
                if let Some([sever, restore]) = place.partition() {
                    self.cut.get_or_insert(Cut::Commands(Partition::by(sever, restore)));
                }
                self.wrong = place.reachable_from_a_sandbox().err();
                self.testbed(Testbed::behind(place.command()))
            }
            Err(reason) => {
                self.wrong = Some(reason);
                self
            }
        }
    }

    /// Tries what must hold while the signaller's link to the groups is cut, and that it works again after
    /// that: `sever` cuts it, and `restore` restores it after every cut, however the run ends.
    ///
    /// Both are called in processes of their own, so they must act on something outside: a relay, a firewall,
    /// a container. The groups must stay alive. One that fails, or takes longer than an answer may, breaks
    /// the case with its message; it is no fault of the signaller's.
    pub fn cut<E: Display>(
        mut self,
        sever: impl Fn() -> Result<(), E> + 'static,
        restore: impl Fn() -> Result<(), E> + 'static,
    ) -> Self {
        let sever = move || sever().map_err(|cause| cause.to_string());
        let restore = move || restore().map_err(|cause| cause.to_string());
        self.cut = Some(Cut::Hooks { sever: Box::new(sever), restore: Box::new(restore) });
        self
    }

    /// Declares further capabilities of the signaller, which change what may be answered, and which every
    /// report names.
    pub fn declare(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.declared.extend(capabilities);
        self
    }

    /// Tries so many random histories, instead of 256.
    pub fn histories(mut self, histories: NonZeroU32) -> Self {
        self.histories = histories;
        self
    }

    /// Lets so many cases keep the processors busy at a time, instead of two a processor. Under `main` the
    /// arguments of the test program count first.
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = Some(jobs);
        self
    }

    /// Tries all cases, also when the first ones show that the signaller answers nothing.
    pub fn keep_going(mut self) -> Self {
        self.keep_going = true;
        self
    }

    /// Fails [`assert`](Self::assert) when a case that MUST hold could not be tried here.
    pub fn deny_skips(mut self) -> Self {
        self.deny_skips = true;
        self
    }

    /// Fails [`assert`](Self::assert) when a case that SHOULD hold failed.
    pub fn deny_warnings(mut self) -> Self {
        self.deny_warnings = true;
        self
    }

    /// Holds only the cases of whose id `holds` says so: `only(|case| case.starts_with("names-"))`. A case's
    /// id begins with its requirement's name and a slash.
    pub fn only(mut self, holds: impl Fn(&str) -> bool + 'static) -> Self {
        self.holds = Box::new(holds);
        self
    }

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
    /// When nothing could be run: the signaller cannot be made, no testbed can be had, [`only`](Self::only)
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

thread_local! {
    /// Whether a suite was run on this thread: in one test, a process that is started again would come to the
    /// first alone.
    static BEGAN: Cell<bool> = const { Cell::new(false) };
}
