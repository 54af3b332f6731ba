//! The suite with everything that it needs to run.

use super::shared::Shared;
use super::start::Start;
use super::{Cut, OwnRegistry, Suite, environment};
use crate::cases;
use crate::contract::Side;
use crate::harness::runner::{self, Schedule, Turns};
use crate::harness::{Case, Histories, Settings, TestedRegistry};
use crate::partition::Partition;
use crate::report::{CASE, CaseResult, Report};
use crate::subcommands::Subcommand;
use crate::subject::{Form, Subject};
use crate::sys::folder::Folder;
use crate::sys::semaphore::Semaphore;
use crate::testbed::{AgentError, AgentLink, Kernel, protocol::Abilities};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// The suite with everything that it needs to run.
pub struct Ready {
    /// What is tried.
    pub cases: Vec<Case>,
    /// How.
    pub settings: Settings,
    /// What an agent in a sandbox on this machine can do.
    pub here: Abilities,
    /// What an agent behind the testbed can do, if it was brought there.
    pub there: Abilities,
    /// How many cases are under way at most.
    pub at_once: usize,
    /// What the cases of this run know of each other, if there is room for it.
    pub shared: Option<Shared>,
    /// How many cases there are in all, if some were left out.
    catalogue: Option<usize>,
    /// The command that runs [`CASE`] again.
    rerun: String,
}

impl Ready {
    /// Makes `suite` ready. `threads` limits how many cases keep the processors busy.
    ///
    /// # Errors
    /// What is missing, or makes no sense.
    pub fn new(suite: Suite, start: &Start, threads: Option<usize>) -> Result<Self, String> {
        if let Some(wrong) = suite.wrong {
            return Err(wrong);
        }
        if suite.timeout.is_zero() || suite.timeout > Settings::LONGEST_TIMEOUT {
            let longest = Settings::LONGEST_TIMEOUT.as_secs();
            return Err(format!(
                "the timeout {:?} is no time above 0 s and up to {longest} s",
                suite.timeout
            ));
        }
        let mut cases = cases::catalogue()?;
        let catalogue = cases.len();
        cases.retain(|case| suite.registry.is_some() || case.requirement.side == Side::Signaller);
        let all = cases.len();
        let filter = environment::filter()?;
        cases.retain(|case| {
            (suite.holds)(&case.id) && filter.as_ref().is_none_or(|filter| filter.is_match(&case.id))
        });
        if cases.is_empty() {
            return Err(format!(
                "no case is left by `only` and {}: ids are written like reports-exited/sigterm",
                environment::FILTER
            ));
        }
        let jobs = threads.or(suite.jobs.map(NonZeroUsize::get)).unwrap_or_else(runner::default_jobs);
        let jobs = runner::jobs(jobs, &cases.iter().collect::<Vec<_>>());
        let jobs = jobs.map_err(|shortage| shortage.to_string())?;
        let (sandboxed, here) = match AgentLink::start(true) {
            Ok((agent, _)) => (true, agent.abilities()),
            Err(AgentError::NotReady(reason)) => {
                eprintln!("no sandbox available ({reason}): cases that could harm this machine are ignored");
                (false, Abilities::default())
            }
            Err(fault) => return Err(fault.to_string()),
        };
        // Whoever only lists the cases has no agent there.
        let there =
            suite.testbed.as_ref().filter(|testbed| testbed.is_ready()).map(|testbed| testbed.agent());
        let there = there.transpose().map_err(|fault| fault.to_string())?;
        let there = there.map_or_else(Abilities::default, |agent| agent.abilities());
        if suite.kernel != Kernel::Linux && (suite.testbed.is_some() || !here.watch) {
            return Err(Kernel::NEEDS.to_owned());
        }
        if matches!(suite.cut, Some(Cut::Hooks { .. })) && suite.declared.never_unreachable() {
            return Err(
                "`cut` cuts the signaller's link, and it declares unreachable=never: nothing can".to_owned()
            );
        }
        let cut = suite.cut.filter(|_| !suite.declared.never_unreachable()).map(|cut| match cut {
            Cut::Hooks { .. } => {
                Partition::by(start.program(Subcommand::Sever), start.program(Subcommand::Restore))
            }
            Cut::Commands(partition) => partition,
        });
        let turns = Turns::across_processes()
            .map_err(|cause| format!("this program's file cannot be opened: {cause}"))?;
        let at_once = runner::under_way(jobs, &cases.iter().collect::<Vec<_>>());
        // Of several runs in one program, each has its own.
        let shared = if *start == Start::Cases { Shared::of_this_run().ok() } else { None };
        let saves = suite.save_failures.map_or_else(Folder::own, Folder::Given);
        // Within one process the histories are tried once as it is, and whoever waits for them leaves its
        // permit to them.
        let between = shared.as_ref().filter(|_| environment::is_nextest());
        let between = between.map(|shared| shared.folder().to_owned());
        let histories = Histories { count: suite.histories, saves, shared: between };
        let seed = match environment::seed()?.or(suite.seed) {
            Some(seed) if seed >= Settings::SEEDS => {
                return Err(format!("the seed {seed} is too large: it is below {}", Settings::SEEDS));
            }
            Some(seed) => seed,
            None => common(shared.as_ref(), fastrand::u64(..Settings::SEEDS)),
        };
        let defaults = Settings::of(Subject {
            name: suite.name,
            form: Form::Rust,
            program: start.program(Subcommand::Signaller),
            trusted: false,
        });
        let settings = Settings {
            histories,
            registry: suite.registry.map(|OwnRegistry { fences, stops, .. }| TestedRegistry {
                program: start.program(Subcommand::Registry),
                fences,
                stops,
                pins: false,
            }),
            timeout: suite.timeout,
            seed,
            sandboxed,
            disposable: suite.disposable,
            testbed: suite.testbed,
            kernel: suite.kernel,
            cut: cut.map(Arc::new),
            declared: suite.declared,
            permits: Arc::new(Semaphore::new(jobs)),
            schedule: Arc::new(Schedule::new(at_once, suite.timeout, turns)),
            keep_going: suite.keep_going,
            ..defaults
        };
        if settings.testbed.is_none() && sandboxed {
            settings.can_be_signalled(here)?;
        }
        let rerun = environment::rerun(start, CASE, seed);
        let catalogue = (cases.len() < all).then_some(catalogue);
        Ok(Self { cases, settings, here, there, at_once, shared, catalogue, rerun })
    }

    /// Runs every case.
    pub fn run(self) -> Report {
        let cases: Vec<_> = self.cases.iter().collect();
        let (results, remarks) = runner::run(&cases, &self.settings, self.at_once, &|_| ());
        Report { remarks, ..self.report(results) }
    }

    /// The report on cases of this run.
    pub fn report(&self, cases: Vec<CaseResult>) -> Report {
        Report {
            declared: self.settings.declared.written(),
            kernel: self.settings.kernel.other().map(str::to_owned),
            rerun: self.rerun.clone(),
            catalogue: self.catalogue,
            ..Report::new(self.settings.subject.name.clone(), self.settings.seed, cases)
        }
    }
}

/// The seed of the run: `own`, unless another process of it was first.
fn common(shared: Option<&Shared>, own: u64) -> u64 {
    let seed = shared.and_then(|shared| shared.first("seed", &own.to_string()).ok());
    seed.and_then(|seed| seed.parse().ok()).unwrap_or(own)
}
