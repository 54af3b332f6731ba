//! The suite for somebody's own Rust types: as one test or many under `cargo test` and nextest, or as a
//! value.

mod environment;
mod ready;
mod running;
mod shared;
mod start;
mod trials;

use crate::authority::Authority;
use crate::declared::{Capability, Declared};
use crate::harness::Settings;
use crate::partition::Partition;
use crate::subject::registry::{self, Registry};
use crate::testbed::{Kernel, Testbed};
use process_groups::Signaller;
use std::fmt::Display;
use std::io;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
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
                self.wrong = self.wrong.take().or(place.reachable_from_a_sandbox().err());
                self.testbed(Testbed::behind(place.command()))
            }
            Err(reason) => {
                self.wrong.get_or_insert(reason);
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
}
