//! `check`: a run of cases on a subject, and its report.

mod help;
mod rerun;

use super::exit::{self, Refusal};
use super::interrupt::Interrupt;
use super::outputs::{Opened, Outputs};
use super::part::Part;
use super::progress::Transfer;
use super::selection::{self, Profile};
use super::subjects::Named;
use super::values::{self, Words};
use super::{gate, github, output, part, rounds, subjects};
use anstream::{AutoStream, ColorChoice};
use clap::{Args, ValueEnum};
use regex::Regex;
use signaller_conformance::authority::Authority;
use signaller_conformance::declared::{Capability, Declared};
use signaller_conformance::harness::runner::{self, Schedule, Turns};
use signaller_conformance::harness::{Histories, Settings, TestedRegistry};
use signaller_conformance::partition::Partition;
use signaller_conformance::report::{Report, human};
use signaller_conformance::subcommands::{self, Subcommand};
use signaller_conformance::subject::{Form, Subject};
use signaller_conformance::sys::folder::Folder;
use signaller_conformance::sys::notify;
use signaller_conformance::sys::semaphore::Semaphore;
use signaller_conformance::testbed::{AgentError, AgentLink, Kernel, Testbed};
use std::io;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The options of `check`.
#[derive(Args, Debug)]
#[command(after_help = help::AFTER_HELP, override_usage = "signaller-conformance check [OPTIONS] SUBJECT [-- PROGRAM ARG…]")]
pub struct Options {
    #[command(flatten)]
    subject: Named,

    #[command(flatten)]
    outputs: Outputs,

    /// Run only the cases whose id this regular expression matches
    #[arg(long, value_name = "REGEX")]
    filter: Option<Regex>,

    /// Which requirements to check [default: all for local, signaller for a program]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "signaller|registry|all")]
    profile: Option<Profile>,

    #[command(flatten)]
    part: part::PartOptions,

    #[command(flatten)]
    rounds: rounds::RoundOptions,

    #[command(flatten)]
    gate: gate::GateOptions,

    /// Cases that keep the processors busy at a time [default: twice the number of processors]
    #[arg(long, value_name = "N", value_parser = values::count, allow_negative_numbers = true)]
    jobs: Option<NonZeroUsize>,

    /// Where random choices come from; the report names it [default: another one each time]
    #[arg(long, value_name = "N", value_parser = values::seed, allow_negative_numbers = true)]
    seed: Option<u64>,

    /// How many random histories are compared with the model [default: 256]
    #[arg(long, value_name = "N", value_parser = values::histories, allow_negative_numbers = true)]
    histories: Option<NonZeroU32>,

    /// How long the subject may take for one answer [default: 5]
    #[arg(
        long,
        value_name = "SECONDS",
        value_parser = values::seconds,
        allow_negative_numbers = true
    )]
    timeout: Option<Duration>,

    /// Put failing histories, for `replay`, in this folder [default: a folder of their own, in the target
    /// folder of a program that Cargo built or else in the temporary folder]
    #[arg(long, value_name = "DIR")]
    save_failures: Option<PathBuf>,

    /// Try all cases, also when the first ones show that the subject answers nothing
    #[arg(long)]
    keep_going: bool,

    /// A capability of the subject, which changes what it may answer; repeat it for several. One of
    /// names=SIGUSR1,SIGQUIT, unreaped=exited, unreaped=delivered, unreachable=never, user=UID, fencing,
    /// pinning and stopping
    #[arg(long, value_name = "KEY=VALUE")]
    declare: Vec<Capability>,

    /// Make the groups behind this command, which forwards its standard input and output: docker exec -i C,
    /// ssh H
    #[arg(long, value_name = "'CMD …'", value_parser = values::words)]
    testbed: Option<Words>,

    /// Make the groups in this place, for a subject of your own, and cut its link if the place allows that:
    /// docker:[UID@]CONTAINER, podman:[UID@]CONTAINER, kubectl:[NAMESPACE/]POD, ssh:DESTINATION
    #[arg(long, value_name = "KIND:PLACE", conflicts_with = "testbed")]
    authority: Option<Authority>,

    /// Make kill(2) answer a subject on this machine as that kernel does: on darwin (macOS) EPERM for a group
    /// whose members have all exited and are not reaped [default: linux]
    #[arg(
        long,
        value_enum,
        default_value_t,
        hide_default_value = true,
        hide_possible_values = true,
        value_name = "linux|darwin"
    )]
    kernel: Kernel,

    /// Cut the subject's link to the groups with this command, for what must hold meanwhile: docker pause C
    #[arg(long, value_name = "'CMD …'", value_parser = values::words, requires = "restore")]
    sever: Option<Words>,

    /// Restore the subject's link with this command; it is run after every cut, however the run ends
    #[arg(long, value_name = "'CMD …'", value_parser = values::words, requires = "sever")]
    restore: Option<Words>,

    /// Treat the place where the groups are as disposable: behind --testbed, also run cases that could harm
    /// others there; on this machine, run a program as subject even where no sandbox is available
    #[arg(long)]
    disposable: bool,

    /// Whether the report is coloured; auto: on a terminal, and NO_COLOR is honoured
    #[arg(long, value_enum, default_value_t = Color::Auto, hide_possible_values = true, value_name = "auto|always|never")]
    color: Color,

    /// Show where the time went: by phase and requirement in the report for people, by case in JSON
    #[arg(long)]
    timings: bool,

    /// Show every case with its duration, and the steps of each that did not pass
    #[arg(long)]
    verbose: bool,
}

/// When a report is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    /// Also in files and pipes.
    Always,
    /// Nowhere.
    Never,
}

/// Runs the cases and writes the report. Returns the exit status that the verdict has.
///
/// # Errors
/// [`Refusal::CommandLine`] before anything is run; [`Refusal::Broken`] when no testbed is available or the
/// report cannot be written.
pub fn run(options: &Options) -> Result<u8, Refusal> {
    let wrong = Refusal::CommandLine;
    let timeout = options.timeout.unwrap_or(Settings::TIMEOUT);
    let subject = options.subject.subject(timeout).map_err(wrong)?;
    let declared = options.declared();
    let (testbed, cut) = options.testbed_and_partition(&subject, &declared).map_err(wrong)?;
    if testbed.is_some() && options.kernel != Kernel::Linux {
        return Err(wrong(format!("--kernel: {}", Kernel::NEEDS)));
    }
    let profile = Profile::of(options.profile, &subject).map_err(wrong)?;
    let catalogue = super::catalogue()?;
    let cases = selection::select(&catalogue, profile, options.filter.as_ref()).map_err(wrong)?;
    let Part { cases, seed } = options.part.of(cases, &catalogue).map_err(wrong)?;
    let gate = options.gate.ready(&catalogue)?;
    let outputs = options.outputs.open()?;
    let files = outputs.iter().filter_map(|(_, file)| file.as_ref());
    if let Some(option) = files.filter_map(|(file, _)| gate.option_of(file)).next() {
        return Err(wrong(format!("{option} and --output cannot be the same file")));
    }

    let jobs = options.jobs.map_or_else(runner::default_jobs, NonZeroUsize::get);
    let jobs = super::jobs(jobs, &cases)?;
    let sandboxed = sandboxed(&subject, options)?;
    if options.kernel != Kernel::Linux && !(sandboxed && notify::is_here()) {
        return Err(Refusal::Broken(format!("--kernel: {}", Kernel::NEEDS)));
    }
    if let Some(testbed) = &testbed {
        let transfer = Transfer::new();
        testbed
            .bring(&|sent, whole| transfer.sent(sent, whole))
            .map_err(|fault| Refusal::Broken(fault.to_string()))?;
    }
    let defaults = Settings::of(subject);
    let at_once = runner::under_way(jobs, &cases);
    let settings = Settings {
        registry: tested_registry(&defaults.subject.form),
        timeout,
        seed: options.seed.or(seed).unwrap_or_else(|| fastrand::u64(..Settings::SEEDS)),
        histories: options.histories()?,
        sandboxed,
        testbed: testbed.map(Arc::new),
        kernel: options.kernel,
        disposable: options.disposable,
        cut: cut.map(Arc::new),
        declared,
        permits: Arc::new(Semaphore::new(jobs)),
        schedule: Arc::new(Schedule::new(at_once, timeout, Turns::default())),
        keep_going: options.keep_going,
        ..defaults
    };
    if settings.testbed.is_none() && settings.declared.user().is_some() {
        let (agent, _) = AgentLink::start(sandboxed).map_err(|fault| Refusal::Broken(fault.to_string()))?;
        settings.can_be_signalled(agent.abilities()).map_err(Refusal::Broken)?;
    }
    let interrupt = Interrupt::listen()
        .map_err(|cause| Refusal::Broken(format!("cannot listen for SIGINT and SIGTERM: {cause}")))?;
    let (mut results, remarks, timings) = options.rounds.run(&cases, &settings, at_once, &gate, &interrupt);
    gate.mark(&mut results);

    let left_out = options.leaves_out() && results.len() < catalogue.len();
    let mut report = Report::new(settings.subject.name, settings.seed, results);
    report.of_command = !settings.subject.form.stays_up();
    report.declared = settings.declared.written();
    report.rerun = options.rerun(settings.seed);
    report.program = rerun::program();
    report.catalogue = left_out.then_some(catalogue.len());
    report.remarks = remarks;
    report.kernel = settings.kernel.other().map(str::to_owned);
    report.timings = options.timings.then_some(timings);
    options.write(&report, outputs)?;
    github::annotate(&report);
    let status = gate.judge(&report, !options.leaves_out())?;
    let is_cut_short = status == exit::SUCCESS && interrupt.has_come();
    Ok(if is_cut_short { exit::BROKEN } else { status })
}

/// This project's registry, which is under test with a subject of this form; `None` if none is.
pub fn tested_registry(form: &Form) -> Option<TestedRegistry> {
    let program = || [subcommands::THIS_PROGRAM, Subcommand::Registry.word()].map(str::to_owned).into();
    form.has_registry().then(|| TestedRegistry { program: program(), fences: true, stops: true, pins: false })
}

/// Whether the subject runs in a sandbox. Where none is available, says so once.
fn sandboxed(subject: &Subject, options: &Options) -> Result<bool, Refusal> {
    if let Some(place) = options.place().filter(Authority::needs_own_processes) {
        if subject.trusted {
            return Ok(false);
        }
        place.reachable_from_a_sandbox().map_err(Refusal::CommandLine)?;
    }
    let reason = match AgentLink::start(true) {
        Ok(_) => return Ok(true),
        Err(AgentError::NotReady(reason)) => reason,
        Err(fault) => return Err(Refusal::Broken(fault.to_string())),
    };
    output::remark(&format!(
        "no sandbox available ({reason}): cases that could harm this machine are skipped"
    ));
    let (remote, every) = (
        options.testbed.is_some() || options.place().is_some(),
        "every case is skipped, since this program could signal anything",
    );
    if !subject.trusted && remote {
        output::remark(every);
    } else if !subject.trusted && !options.disposable {
        output::remark(&format!("{every}; on a machine that you can afford to lose, --disposable runs them"));
    }
    Ok(false)
}

impl Options {
    /// The authority in which the groups are made.
    fn place(&self) -> Option<Authority> {
        self.authority.clone().or_else(|| self.subject.authority())
    }

    /// What the subject can do beside the contract, with the user as whom it acts in the place of its groups.
    fn declared(&self) -> Declared {
        let user = self.place().and_then(|authority| authority.user()).map(Capability::User);
        self.declare.iter().cloned().chain(user).collect()
    }

    /// Where the groups are made, if that is elsewhere, and how the subject's link to them is cut, if it can be.
    ///
    /// # Errors
    /// When that makes no sense for this subject.
    fn testbed_and_partition(
        &self,
        subject: &Subject,
        declared: &Declared,
    ) -> Result<(Option<Testbed>, Option<Partition>), String> {
        let testbed = self.testbed.as_ref().map(|words| subjects::testbed(subject, words)).transpose()?;
        let cut = self.sever.as_ref().zip(self.restore.as_ref());
        let cut = cut.map(|(sever, restore)| subjects::cut(subject, declared, sever, restore)).transpose()?;
        let place =
            self.place().map(|authority| subjects::place(subject, declared, &authority)).transpose()?;
        let (of_place, cut_of_place) = place.map_or((None, None), |(testbed, cut)| (Some(testbed), cut));
        Ok((testbed.or(of_place), cut.or(cut_of_place)))
    }

    /// Writes the report in each format to where it is wanted, and says where if nothing is on standard output.
    ///
    /// # Errors
    /// [`Refusal::Broken`] when that cannot be written; what should be in a file is on standard output then.
    fn write(&self, report: &Report, outputs: Vec<Opened<'_>>) -> Result<(), Refusal> {
        let mut files = Vec::new();
        for (format, file) in outputs {
            let human = human::Options { color: self.colored(file.is_none()), verbose: self.verbose };
            let text = format.written(report, &human);
            let text = text.map_err(|cause| Refusal::Broken(cause.to_string()))?;
            let Some((file, path)) = file else {
                output::print(&text)?;
                continue;
            };
            if let Err(cause) = file.write(&text) {
                let place = match output::print(&text) {
                    Ok(()) => "it is on standard output",
                    Err(_) => "nor to standard output",
                };
                let words = format!("cannot write the report to {}: {cause}; {place}", path.display());
                return Err(Refusal::Broken(words));
            }
            files.push(path.display().to_string());
        }
        if files.len() == self.outputs.iter().count() {
            output::remark(&format!(
                "Verdict: {}. The report is in {}",
                report.verdict_in_words(),
                files.join(", ")
            ));
        }
        Ok(())
    }

    /// Whether all reports go to files.
    pub fn has_file(&self) -> bool {
        self.outputs.iter().all(|(_, path)| path.is_some())
    }

    /// The histories that are tried.
    ///
    /// # Errors
    /// [`Refusal::CommandLine`] when those that fail cannot be saved where they are wanted.
    fn histories(&self) -> Result<Histories, Refusal> {
        let histories = Histories::new(self.histories.unwrap_or(Settings::HISTORIES));
        let Some(folder) = &self.save_failures else {
            return Ok(Histories { saves: Folder::own(), ..histories });
        };
        std::fs::create_dir_all(folder).map_err(|cause| {
            Refusal::CommandLine(format!("--save-failures {}: cannot be made: {cause}", folder.display()))
        })?;
        Ok(Histories { saves: Folder::Given(folder.clone()), ..histories })
    }

    /// Whether cases of the subject are left out.
    fn leaves_out(&self) -> bool {
        self.filter.is_some() || self.part.leaves_out()
    }

    /// Whether the report is coloured; `shown` where it goes to standard output.
    fn colored(&self, shown: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => shown && AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        }
    }
}
