//! The suite for somebody's own Rust types: as tests under `cargo test` and nextest, or as a value.

use crate::bed::Settings;
use crate::cases::{self, Case};
use crate::cut::Cut;
use crate::declared::{Capability, Declared};
use crate::history::Histories;
use crate::report::{CASE, Report, Status, text};
use crate::roles::{self, Role, THIS_PROGRAM};
use crate::runner::{self, Schedule, Turns};
use crate::subject::registry::{self, Registry};
use crate::subject::{Form, Subject, server};
use crate::sys::semaphore::Semaphore;
use crate::testbed::{AgentLink, Fault, Testbed, protocol::Abilities};
use libtest_mimic::{Arguments, Failed, Trial};
use process_groups::{ProcessGroups, Signaller};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

type MakeSignaller = Box<dyn Fn() -> Result<Arc<dyn Signaller>, String>>;
type Hook = Box<dyn Fn() -> Result<(), String>>;
type Holds = Box<dyn Fn(&str) -> bool>;
type ServeRegistry = fn(Arc<dyn Signaller>) -> io::Result<()>;

/// Set by nextest for everything that it starts.
const NEXTEST: &str = "NEXTEST";

/// The suite, made ready for one signaller, and for a registry if there is one.
///
/// The program that uses it is started again by it, as the subject and as the agent that makes the groups. So
/// **it must be the first thing in `main`** of a program of its own: a test target with `harness = false`.
///
/// ```no_run
/// use process_groups::LocalSignaller;
/// use signaller_conformance::Suite;
///
/// fn main() -> std::process::ExitCode {
///     Suite::of(|| Ok::<_, String>(LocalSignaller)).main()
/// }
/// ```
pub struct Suite {
    name: String,
    signaller: MakeSignaller,
    registry: Option<ServeRegistry>,
    timeout: Duration,
    seed: Option<u64>,
    disposable: bool,
    testbed: Option<Arc<Testbed>>,
    /// What severs the signaller's way and what restores it.
    cut: Option<(Hook, Hook)>,
    declared: Declared,
    save_failures: Option<PathBuf>,
    holds: Holds,
}

impl Suite {
    /// The suite for the signaller that `make` makes. It is called in the process that serves the subject, so a
    /// runtime or a connection can be set up there; one that fails ends the run with its message.
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
            testbed: None,
            cut: None,
            declared: Declared::default(),
            save_failures: None,
            holds: Box::new(|_| true),
        }
    }

    /// Tries the requirements on a registry too, with registries of this type.
    #[must_use]
    pub fn with_registry<R: Registry + 'static>(mut self) -> Self {
        self.registry = Some(registry::serve::<R>);
        self
    }

    /// Calls the subject so in reports, instead of by its type.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }

    /// Lets the subject take so long for one answer, instead of five seconds.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes random choices from this seed, instead of another one each time.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Puts failing histories in this folder, instead of one in Cargo's target folder.
    #[must_use]
    pub fn save_failures(mut self, folder: impl Into<PathBuf>) -> Self {
        self.save_failures = Some(folder.into());
        self
    }

    /// Allows what could hurt the place where the groups live, where that is no sandbox.
    #[must_use]
    pub fn disposable(mut self) -> Self {
        self.disposable = true;
        self
    }

    /// Makes the groups in a place of your own, instead of on this machine:
    /// `Testbed::behind(["docker", "exec", "-i", "c"])`.
    #[must_use]
    pub fn testbed(mut self, testbed: Testbed) -> Self {
        self.testbed = Some(Arc::new(testbed));
        self
    }

    /// Tries what must hold while the signaller's way to the groups is cut, and that it works again after that:
    /// `sever` cuts it, and `restore` restores it after every cut, however the run ends.
    ///
    /// Both are called in processes of their own, so they must act on something outside: a relay, a firewall, a
    /// container. The groups must stay alive. One that fails, or takes longer than an answer may, breaks the case
    /// with its message; it is no fault of the signaller's.
    #[must_use]
    pub fn cut<E: Display>(
        mut self,
        sever: impl Fn() -> Result<(), E> + 'static,
        restore: impl Fn() -> Result<(), E> + 'static,
    ) -> Self {
        let sever = move || sever().map_err(|cause| cause.to_string());
        let restore = move || restore().map_err(|cause| cause.to_string());
        self.cut = Some((Box::new(sever), Box::new(restore)));
        self
    }

    /// Declares capabilities of the signaller, which change what may be answered, and which every report names.
    #[must_use]
    pub fn declare(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        self.declared = capabilities.into_iter().collect();
        self
    }

    /// Holds only the cases of whose id `holds` says so: `only(|case| case.starts_with("names-"))`. A case's id
    /// begins with its requirement's name and a slash.
    #[must_use]
    pub fn only(mut self, holds: impl Fn(&str) -> bool + 'static) -> Self {
        self.holds = Box::new(holds);
        self
    }

    /// Runs every case as a test of its own, with the arguments that `cargo test` and nextest give: filters,
    /// `--list`, `--exact`, `--ignored`, `--test-threads` and so on. What cannot be tried here is ignored.
    ///
    /// Returns the exit status of the tests: 0 when none failed, 101 when one did or nothing could be run.
    pub fn main(self) -> ExitCode {
        self.play_role();
        let arguments = Arguments::from_args();
        let ready = match arguments.list {
            // nextest lists before it runs each case in a process of its own: what is told here is told once.
            true if std::env::var_os(NEXTEST).is_some() => {
                self.try_to_make().and_then(|()| self.ready_unchecked(arguments.test_threads))
            }
            // Whoever else lists wants no set-up.
            true => self.ready_unchecked(arguments.test_threads),
            false => self.ready(arguments.test_threads),
        };
        match ready {
            Ok(ready) => ready.test(&arguments),
            Err(reason) => {
                eprintln!("error: {reason}");
                ExitCode::from(101)
            }
        }
    }

    /// Runs every case and returns the report.
    ///
    /// # Errors
    /// When nothing could be run: the signaller cannot be made, no testbed can be had, [`only`](Self::only) leaves
    /// no case.
    pub fn run(self) -> Result<Report, String> {
        self.play_role();
        let ready = self.ready(None)?;
        let cases: Vec<_> = ready.cases.iter().collect();
        let (results, remarks) = runner::run(&cases, &ready.settings, ready.at_once, &|_| ());
        let rerun =
            format!("Suite::of(…).only(|case| case == \"{CASE}\").seed({}).run()", ready.settings.seed);
        let declared = ready.settings.declared.written();
        let (subject, seed) = (ready.settings.subject.name.clone(), ready.settings.seed);
        let catalogue = (cases.len() < ready.catalogue).then_some(ready.catalogue);
        Ok(Report { subject, declared, seed, cases: results, rerun, of_command: false, catalogue, remarks })
    }

    /// Never returns if this process was started to be something else than the suite.
    fn play_role(&self) {
        let mut arguments = std::env::args().skip(1);
        let Some(role) = arguments.next().and_then(|word| Role::of(&word)) else { return };
        let result = match role {
            Role::Signaller => (self.signaller)().map_err(io::Error::other).and_then(server::serve),
            Role::Registry => {
                let serve = self.registry.unwrap_or(registry::serve::<ProcessGroups>);
                (self.signaller)().map_err(io::Error::other).and_then(serve)
            }
            Role::Sever => self.cut.as_ref().map_or(Ok(()), |(sever, _)| sever().map_err(io::Error::other)),
            Role::Restore => {
                self.cut.as_ref().map_or(Ok(()), |(_, restore)| restore().map_err(io::Error::other))
            }
            role => roles::live(role, arguments.collect()),
        };
        std::process::exit(match result {
            Ok(()) => 0,
            Err(cause) => {
                eprintln!("{cause}");
                1
            }
        });
    }

    fn ready(self, threads: Option<usize>) -> Result<Ready, String> {
        self.try_to_make()?;
        if let Some(testbed) = &self.testbed {
            testbed.bring(&|_, _| ()).map_err(|fault| fault.to_string())?;
        }
        self.ready_unchecked(threads)
    }

    /// Makes the signaller once, as every case will: in a process whose input ends at once.
    fn try_to_make(&self) -> Result<(), String> {
        let (status, output, errors) = tried().map_err(|cause| {
            format!("cannot start this program again: {}", roles::why_not_started(&cause))
        })?;
        if !status.success() {
            return Err(format!("the signaller {} cannot be made ({status}): {}", self.name, errors.trim()));
        }
        match output.lines().find(|line| !line.trim().is_empty()) {
            None => Ok(()),
            Some(line) => Err(format!(
                "this program, started again to be the subject, wrote `{}` to its standard output: Suite must be the \
                 first thing in `main`, in a test target with `harness = false` or another program of its own",
                text::printable(line)
            )),
        }
    }

    fn ready_unchecked(self, threads: Option<usize>) -> Result<Ready, String> {
        let program = |role: Role| [THIS_PROGRAM, role.word()].map(str::to_owned).to_vec();
        let mut cases = cases::catalogue()?;
        let catalogue = cases.len();
        cases.retain(|case| (self.holds)(&case.id));
        if cases.is_empty() {
            return Err("no case is left by `only`: ids are written like reports-exited/sigterm".to_owned());
        }
        let jobs = threads.unwrap_or_else(runner::default_jobs);
        let jobs = runner::jobs(jobs, &cases.iter().collect::<Vec<_>>());
        let jobs = jobs.map_err(|shortage| shortage.to_string())?;
        let (sandboxed, abilities) = match AgentLink::start(true) {
            Ok((agent, _)) => (true, agent.abilities()),
            Err(Fault::NotReady(reason)) => {
                eprintln!("no sandbox to be had: {reason}; what could hurt this machine is ignored");
                (false, Abilities::default())
            }
            Err(fault) => return Err(fault.to_string()),
        };
        if self.cut.is_some() && self.declared.never_unreachable() {
            return Err(
                "`cut` cuts the signaller's way, and it declares unreachable=never: nothing can".to_owned()
            );
        }
        let cut = self.cut.map(|_| Cut::by(program(Role::Sever), program(Role::Restore)));
        let turns = Turns::across_processes()
            .map_err(|cause| format!("this program's file cannot be opened: {cause}"))?;
        let at_once = runner::under_way(jobs, &cases.iter().collect::<Vec<_>>());
        let defaults = Settings::of(Subject {
            name: self.name,
            form: Form::Rust,
            program: program(Role::Signaller),
            trusted: false,
        });
        let histories = Histories::new(Settings::HISTORIES);
        let histories = match self.save_failures {
            Some(folder) => histories.saved_in(&folder),
            None => histories.saved(),
        };
        let settings = Settings {
            histories: Arc::new(histories),
            registry: self.registry.map(|_| program(Role::Registry)),
            timeout: self.timeout,
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..Settings::SEEDS)),
            sandboxed,
            disposable: self.disposable,
            testbed: self.testbed,
            cut: cut.map(Arc::new),
            declared: self.declared,
            permits: Arc::new(Semaphore::new(jobs)),
            schedule: Arc::new(Schedule::new(at_once, self.timeout, turns)),
            ..defaults
        };
        Ok(Ready { cases, catalogue, settings, abilities, at_once })
    }
}

/// How a process ended that was started as the subject and asked nothing, with what it wrote to its standard output
/// and errors by then. Files take that, since a signaller may leave something in the background that keeps a pipe open.
fn tried() -> io::Result<(ExitStatus, String, String)> {
    let (output, errors) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut subject = roles::start(Role::Signaller);
    subject.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(errors.try_clone()?);
    let status = subject.status()?;
    let text = |mut file: File| {
        let mut bytes = Vec::new();
        file.rewind()?;
        file.read_to_end(&mut bytes)?;
        io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    Ok((status, text(output)?, text(errors)?))
}

/// The suite with everything that it needs.
struct Ready {
    cases: Vec<Case>,
    /// How many cases there are in all.
    catalogue: usize,
    settings: Settings,
    /// Those of a sandbox on this machine.
    abilities: Abilities,
    at_once: usize,
}

impl Ready {
    fn test(self, arguments: &Arguments) -> ExitCode {
        let Self { cases, settings, abilities, at_once, .. } = self;
        let settings = Arc::new(settings);
        let trial = |case: Case| {
            let level = case.requirement.level;
            let ignored = case.is_untriable(&settings, abilities);
            let settings = Arc::clone(&settings);
            Trial::test(case.id.clone(), move || test(&case, &settings))
                .with_kind(level.to_string())
                .with_ignored_flag(ignored)
        };
        let (alone, others): (Vec<_>, Vec<_>) = cases.into_iter().partition(|case| case.is_alone(&settings));
        let trials = others.into_iter().chain(alone).map(trial).collect();
        // Cases wait most of the time, also for their turn.
        let threads = Some(at_once);
        libtest_mimic::run(&Arguments { test_threads: threads, ..arguments.clone() }, trials).exit_code()
    }
}

/// One case as a test.
fn test(case: &Case, settings: &Settings) -> Result<(), Failed> {
    let (result, _) = runner::run_one(case, settings);
    let message = result.message().unwrap_or_default();
    let history =
        result.replay_file().map(|file| format!("\nthe failing history: {file}")).unwrap_or_default();
    let told = || {
        format!(
            "{} is broken: {}.\n\n{message}{history}\n\nrun again:\n  cargo test -- --exact {}\nwith the same \
             random choices:\n  Suite::of(…).seed({})",
            case.requirement.name,
            text::sentence(case.requirement),
            case.id,
            settings.seed
        )
    };
    match result.status() {
        Status::Passed => Ok(()),
        Status::Failed => Err(told().into()),
        Status::Warned => {
            eprintln!("warning: {}", told());
            Ok(())
        }
        Status::Skipped => Err(format!("it could not be tried: {message}").into()),
        Status::Inapplicable => Err(format!("it means nothing for this subject: {message}").into()),
        Status::Broken => {
            Err(format!("the suite itself failed, which says nothing about the subject: {message}").into())
        }
    }
}
