//! One executable check of one requirement, and how it is tried.

use super::need::missing;
use super::{Abort, Context, Need, Result, Settings, safety};
use crate::contract::{Requirement, Side};
use crate::report::{Outcome, Replay};
use crate::testbed::Kernel;
use crate::testbed::protocol::Abilities;
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How a case ended, with what it left behind.
#[derive(Debug)]
pub struct Ended {
    /// What became of it.
    pub outcome: Outcome,
    /// What the subject had left running, by name.
    pub strays: Vec<String>,
    /// The shrunk history that failed.
    pub replay: Option<Replay>,
    /// Further facts for `--verbose`.
    pub remarks: Vec<String>,
    /// Whether somebody signalled the suite's own processes on a remote host: what came of the case may be
    /// the fault of another that ran there at the same time.
    pub disturbed: bool,
    /// Whether the case's agent was lost: it answered no more, or was not to be relied on any more.
    pub agent_is_lost: bool,
    /// Whether the machine left the subject too little of a processor to judge it.
    pub is_starved: bool,
}

impl From<Outcome> for Ended {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            strays: Vec::new(),
            replay: None,
            remarks: Vec::new(),
            disturbed: false,
            agent_is_lost: false,
            is_starved: false,
        }
    }
}

type Run = Box<dyn Fn(&Settings) -> Ended + Send + Sync>;

/// One executable check of one requirement.
pub struct Case {
    /// The requirement's name, a slash, and the case's own.
    pub id: String,
    /// The requirement.
    pub requirement: &'static Requirement,
    /// What it does and why, in a sentence or two.
    pub about: String,
    /// What it cannot be tried without.
    pub needs: Vec<Need>,
    /// Whether it waits for seconds, in which others have its place: it begins early.
    pub sits_out: bool,
    run: Run,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).field("needs", &self.needs).finish_non_exhaustive()
    }
}

impl Case {
    /// A case of that requirement that runs in a testbed of its own.
    pub fn new(
        requirement: &'static Requirement,
        own_name: impl Display,
        about: impl Into<String>,
        needs: &[Need],
        run: impl Fn(&mut Context) -> Result + Send + Sync + 'static,
    ) -> Self {
        let id = id_of(requirement, &own_name);
        let wanted = needs.to_vec();
        Self::custom(requirement, own_name, about, needs, move |settings| {
            in_context(settings, &id, requirement, &wanted, &run)
        })
    }

    /// A case of that requirement that makes its testbeds itself.
    pub fn custom(
        requirement: &'static Requirement,
        own_name: impl Display,
        about: impl Into<String>,
        needs: &[Need],
        run: impl Fn(&Settings) -> Ended + Send + Sync + 'static,
    ) -> Self {
        let id = id_of(requirement, &own_name);
        let (about, needs) = (about.into(), needs.to_vec());
        Self { id, requirement, about, needs, sits_out: false, run: Box::new(run) }
    }

    /// The same as one that [waits out a grace period](Context::sit_out_a_grace_period).
    #[must_use]
    pub fn sitting_out(self) -> Self {
        Self { sits_out: true, ..self }
    }

    /// Tries it.
    pub fn run(&self, settings: &Settings) -> Ended {
        let settings = &*self.effective(settings);
        match self.untried(settings) {
            Some(outcome) => outcome.into(),
            // A mistake in one case must not end the others, or take their permits.
            None => catch_unwind(AssertUnwindSafe(|| self.declared((self.run)(settings)))).unwrap_or_else(
                |panic| {
                    let message = panic.downcast_ref::<String>().map(String::as_str);
                    let message = message.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
                    Outcome::Broken(format!("the case panicked: {message}")).into()
                },
            ),
        }
    }

    /// The settings as far as they concern it. The groups of a registry are always on this machine, since one
    /// that is made by default must reach them; so nothing is said of this machine by what is said of a
    /// testbed. Nor is the registry's process the user's that the signaller acts as.
    fn effective<'a>(&self, settings: &'a Settings) -> Cow<'a, Settings> {
        let is_elsewhere = settings.testbed.is_some();
        if self.requirement.side == Side::Signaller || !is_elsewhere && settings.declared.user().is_none() {
            return Cow::Borrowed(settings);
        }
        let disposable = settings.disposable && !is_elsewhere;
        let declared = settings.declared.clone().without_user();
        Cow::Owned(Settings { testbed: None, disposable, declared, ..settings.clone() })
    }

    /// What becomes of it without being tried, as far as that is known before there is a testbed.
    fn untried(&self, settings: &Settings) -> Option<Outcome> {
        if self.requirement.side == Side::Registry && settings.registry.is_none() {
            return Some(Outcome::Inapplicable("no registry is under test".to_owned()));
        }
        if self.needs.contains(&Need::Partition) && settings.declared.never_unreachable() {
            let reason = "the subject declares unreachable=never: nothing comes between it and the groups";
            return Some(Outcome::Inapplicable(reason.to_owned()));
        }
        if self.needs.contains(&Need::OtherProc) && settings.kernel == Kernel::Darwin {
            let reason = "Darwin has no /proc; with --kernel darwin a subject may read that of Linux instead";
            return Some(Outcome::Inapplicable(reason.to_owned()));
        }
        if let Some(need) = self.needs.iter().find(|need| !need.is_of(settings)) {
            return Some(Outcome::Inapplicable(need.reason("")));
        }
        safety::forbidden(&self.needs, settings).map(Outcome::Skipped)
    }

    /// How the case ended; broken instead if it was skipped for want of something that it has not declared to
    /// need.
    fn declared(&self, ended: Ended) -> Ended {
        // Which user a subject acts as, only its calls show.
        let needs = || self.needs.iter().chain([&Need::OwnUser]);
        match &ended.outcome {
            Outcome::Skipped(reason) if !needs().any(|need| reason.starts_with(&need.reason(""))) => {
                let mistake = "the case has not declared what it was skipped for, a mistake in the suite";
                Ended { outcome: Outcome::Broken(format!("{mistake}: {reason}")), ..ended }
            }
            _ => ended,
        }
    }

    /// Whether it must run when no other does: it cuts a way that others use, or could hit anybody on a
    /// remote host, where all cases share one PID namespace.
    pub fn is_alone(&self, settings: &Settings) -> bool {
        let is_shared = self.effective(settings).testbed.is_some();
        self.needs.contains(&Need::Partition) || (is_shared && self.needs.contains(&Need::Sandbox))
    }

    /// Why it cannot be tried, if that is so. `here` is what an agent on this machine can do, and `there` one
    /// behind the testbed.
    pub fn why_untriable(&self, settings: &Settings, here: Abilities, there: Abilities) -> Option<String> {
        let settings = &*self.effective(settings);
        let abilities = settings.abilities(if settings.testbed.is_some() { there } else { here });
        let missing = || missing(&self.needs, settings, abilities).map(|need| need.reason(""));
        self.untried(settings).map(|outcome| outcome.summary()).or_else(missing)
    }
}

fn id_of(requirement: &Requirement, own_name: &dyn Display) -> String {
    format!("{}/{own_name}", requirement.name)
}

fn in_context(
    settings: &Settings,
    id: &str,
    requirement: &Requirement,
    needs: &[Need],
    run: &dyn Fn(&mut Context) -> Result,
) -> Ended {
    let program = match (requirement.side, &settings.registry) {
        (Side::Registry, Some(registry)) => &registry.program,
        _ => &settings.subject.program,
    };
    let mut context = match Context::new(settings, program, id) {
        Ok(context) => context,
        Err(stop) => return outcome_of(stop).into(),
    };
    if let Some(missing) = missing(needs, settings, context.abilities()) {
        return Outcome::Skipped(missing.reason("")).into();
    }
    context.is_dangerous = needs.contains(&Need::Sandbox);
    let outcome = match run(&mut context) {
        Ok(()) => Outcome::Passed,
        Err(stop) => outcome_of(stop),
    };
    let outcome = context.judge_broken(outcome);
    let mut outcome = context.judge_held_back(outcome);
    if let Outcome::Breached(finding) = &mut outcome
        && requirement.allows_no_effect()
    {
        finding.requirement = None;
    }
    if context.agent_is_lost() {
        return Ended { agent_is_lost: true, disturbed: context.is_remote(), ..outcome.into() };
    }
    let outcome = match (outcome, context.restore()) {
        (outcome, Ok(())) => outcome,
        // What the subject did before is true all the same.
        (Outcome::Breached(mut finding), Err(Abort::Broken(reason))) => {
            finding.timeline.push(reason.into());
            Outcome::Breached(finding)
        }
        (_, Err(stop)) => outcome_of(stop),
    };
    let disturbed = !matches!(outcome, Outcome::Passed) && context.is_disturbed();
    let is_starved = context.is_starved();
    match context.sweep() {
        Ok(strays) => Ended { strays, disturbed, is_starved, ..outcome.into() },
        // A case that failed for another reason says more than a sweep that did for the same.
        Err(_) if !matches!(outcome, Outcome::Passed) => Ended { disturbed, is_starved, ..outcome.into() },
        Err(stop) => outcome_of(stop).into(),
    }
}

/// What becomes of a case that ended before its end.
pub fn outcome_of(stop: Abort) -> Outcome {
    match stop {
        Abort::Breach(finding) => Outcome::Breached(finding),
        Abort::Lacks(need, detail) => Outcome::Skipped(need.reason(&detail)),
        Abort::Broken(reason) => Outcome::Broken(reason),
    }
}
