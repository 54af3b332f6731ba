//! Every case, a file a family. A case is one block: its id, its prose, what it needs and its code; `list`,
//! `explain` and the reports are made from it.

pub(crate) mod checks;
mod delivery;
mod histories;
mod leaders;
pub(crate) mod names;
mod outcomes;
mod partition;
mod registry;
mod safety;
mod scope;
mod states;
pub mod untested;
mod usage;
mod waiting;

use crate::contract::{self, Requirement, Side};
use crate::harness::{Abort, Context, Result, Settings};
use crate::report::{Outcome, Replay};
use crate::subject::Form;
use crate::testbed::protocol::Abilities;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a case cannot be tried without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A PID namespace of its own: what is asked could hit anybody if the subject is wrong.
    Sandbox,
    /// Processes with chosen pids.
    ChosenIds,
    /// Processes of another user, and a subject that may not signal them.
    OtherUser,
    /// A subject whose code runs in a process that the suite serves: Rust.
    RustSubject,
    /// A subject that declares names beyond the four.
    DeclaredNames,
    /// A link to the groups that can be cut. Nobody else may be on it meanwhile.
    Partition,
}

impl Need {
    /// What is needed, in words; continues "needs …".
    pub fn what(self) -> &'static str {
        match self {
            Need::Sandbox => "a PID namespace, so that a faulty subject can hurt nobody",
            Need::ChosenIds => {
                "a PID namespace of its own, and the privilege to choose pids in it (CAP_CHECKPOINT_RESTORE)"
            }
            Need::OtherUser => {
                "a second user id, and a subject beside the groups whose privileges the suite may take away: run as \
                 root"
            }
            Need::DeclaredNames => "names beyond the four, declared with --declare names=…",
            Need::Partition => {
                "a link to the groups that the suite can cut and restore: --sever CMD and --restore CMD, or \
                 Suite::cut(…)"
            }
            Need::RustSubject => "a Rust subject, whose calling process the suite can look into",
        }
    }

    /// Whether the testbed has it; what depends on the subject, and what is safe, is looked at before there is one.
    fn is_here(self, abilities: Abilities) -> bool {
        match self {
            Need::ChosenIds => abilities.chosen_ids,
            Need::OtherUser => abilities.other_uid && abilities.drop_cap_kill,
            Need::Sandbox | Need::RustSubject | Need::DeclaredNames | Need::Partition => true,
        }
    }
}

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
    /// Whether somebody signalled the suite's own processes on a remote host: what came of the case may be the fault
    /// of another that ran there at the same time.
    pub disturbed: bool,
    /// Whether the case's agent was lost: it answered no more, or was not to be relied on any more.
    pub agent_is_lost: bool,
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
    run: Run,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).field("needs", &self.needs).finish_non_exhaustive()
    }
}

impl Case {
    /// A case that runs in a testbed of its own.
    ///
    /// # Panics
    /// When its id begins with no requirement's name: a mistake in the table.
    pub fn new(
        id: impl Into<String>,
        about: impl Into<String>,
        needs: &[Need],
        run: impl Fn(&mut Context) -> Result + Send + Sync + 'static,
    ) -> Self {
        let id = id.into();
        let (name, requirement) = (id.clone(), requirement_of(&id));
        let wanted = needs.to_vec();
        Self::whole(id, about, needs, move |settings| in_context(settings, &name, requirement, &wanted, &run))
    }

    /// A case that makes its testbeds itself.
    ///
    /// # Panics
    /// When its id begins with no requirement's name: a mistake in the table.
    pub fn whole(
        id: impl Into<String>,
        about: impl Into<String>,
        needs: &[Need],
        run: impl Fn(&Settings) -> Ended + Send + Sync + 'static,
    ) -> Self {
        let id = id.into();
        let requirement = requirement_of(&id);
        Self { id, requirement, about: about.into(), needs: needs.to_vec(), run: Box::new(run) }
    }

    /// Tries it.
    pub fn run(&self, settings: &Settings) -> Ended {
        let settings = &*self.effective(settings);
        match self.untried(settings) {
            Some(outcome) => outcome.into(),
            // A mistake in one case must not end the others, or take their slot.
            None => catch_unwind(AssertUnwindSafe(|| (self.run)(settings))).unwrap_or_else(|panic| {
                let message = panic.downcast_ref::<String>().map(String::as_str);
                let message = message.or(panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
                Outcome::Broken(format!("the case panicked: {message}")).into()
            }),
        }
    }

    /// The settings as far as they concern it. The groups of a registry are always on this machine, since one that
    /// is made by default must reach them; so nothing is said of this machine by what is said of a testbed.
    fn effective<'a>(&self, settings: &'a Settings) -> Cow<'a, Settings> {
        match (self.requirement.side, &settings.testbed) {
            (Side::Registry, Some(_)) => {
                Cow::Owned(Settings { testbed: None, disposable: false, ..settings.clone() })
            }
            _ => Cow::Borrowed(settings),
        }
    }

    /// What becomes of it without being tried, as far as that is known before there is a testbed.
    fn untried(&self, settings: &Settings) -> Option<Outcome> {
        if self.needs.contains(&Need::RustSubject)
            && !matches!(settings.subject.form, Form::Rust | Form::Authority)
        {
            return Some(Outcome::Inapplicable(format!("needs {}", Need::RustSubject.what())));
        }
        if self.needs.contains(&Need::DeclaredNames) && settings.declared.signals().next().is_none() {
            return Some(Outcome::Inapplicable(format!("needs {}", Need::DeclaredNames.what())));
        }
        if self.needs.contains(&Need::Partition) {
            if settings.declared.never_unreachable() {
                return Some(Outcome::Inapplicable(
                    "the subject declares unreachable=never: nothing comes between it and the groups"
                        .to_owned(),
                ));
            }
            if settings.cut.is_none() {
                return Some(Outcome::Inapplicable(format!("needs {}", Need::Partition.what())));
            }
        }
        if self.requirement.side == Side::Registry && settings.registry.is_none() {
            return Some(Outcome::Inapplicable("no registry is under test".to_owned()));
        }
        safety::forbidden(&self.needs, settings).map(Outcome::Skipped)
    }

    /// Whether it must run when no other does: it cuts a way that others use, or could hit anybody on a remote host,
    /// where all cases share one PID namespace.
    pub fn is_alone(&self, settings: &Settings) -> bool {
        let is_shared = self.effective(settings).testbed.is_some();
        self.needs.contains(&Need::Partition) || (is_shared && self.needs.contains(&Need::Sandbox))
    }

    /// Why it cannot be tried, if that is so. `here` is what an agent on this machine can do.
    pub fn why_untriable(&self, settings: &Settings, here: Abilities) -> Option<String> {
        let settings = &*self.effective(settings);
        // An agent elsewhere has no namespace of its own, and no hold on the subject.
        let abilities = if settings.testbed.is_some() { Abilities::default() } else { here };
        let missing = || missing(&self.needs, abilities).map(|need| format!("needs {}", need.what()));
        self.untried(settings).map(|outcome| outcome.summary()).or_else(missing)
    }
}

/// The first of `needs` that a testbed of these abilities does not have.
pub(crate) fn missing(needs: &[Need], abilities: Abilities) -> Option<Need> {
    needs.iter().copied().find(|need| !need.is_here(abilities))
}

/// The requirement that an id begins with.
fn requirement_of(id: &str) -> &'static Requirement {
    let name = id.split('/').next().unwrap_or_default();
    contract::find(name).unwrap_or_else(|| panic!("the case {id} is of no known requirement"))
}

fn in_context(
    settings: &Settings,
    id: &str,
    requirement: &Requirement,
    needs: &[Need],
    run: &dyn Fn(&mut Context) -> Result,
) -> Ended {
    let program = match (requirement.side, &settings.registry) {
        (Side::Registry, Some(program)) => program,
        _ => &settings.subject.program,
    };
    let mut context = match Context::new(settings, program, id) {
        Ok(context) => context,
        Err(stop) => return outcome_of(stop).into(),
    };
    if let Some(missing) = missing(needs, context.abilities()) {
        return Outcome::Skipped(format!("needs {}", missing.what())).into();
    }
    let mut outcome = match run(&mut context) {
        Ok(()) => Outcome::Passed,
        Err(stop) => outcome_of(stop),
    };
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
    match context.sweep() {
        Ok(strays) => Ended { strays, disturbed, ..outcome.into() },
        // A case that failed for another reason says more than a sweep that did for the same.
        Err(_) if !matches!(outcome, Outcome::Passed) => Ended { disturbed, ..outcome.into() },
        Err(stop) => outcome_of(stop).into(),
    }
}

/// What becomes of a case that ended before its end.
pub(crate) fn outcome_of(stop: Abort) -> Outcome {
    match stop {
        Abort::Breach(finding) => Outcome::Breached(finding),
        Abort::Skip(reason) => Outcome::Skipped(reason),
        Abort::Broken(reason) => Outcome::Broken(reason),
    }
}

/// Every case, in the order of the requirements.
///
/// # Errors
/// Names a case id that was given twice.
pub fn catalogue() -> Result<Vec<Case>, String> {
    let families = [
        delivery::cases(),
        scope::cases(),
        states::cases(),
        waiting::cases(),
        outcomes::cases(),
        partition::cases(),
        names::cases(),
        leaders::cases(),
        usage::cases(),
        registry::cases(),
        histories::cases(),
    ];
    let mut cases: Vec<_> = families.into_iter().flatten().collect();
    let order = |case: &Case| contract::all().position(|requirement| requirement == case.requirement);
    cases.sort_by_key(order);
    let mut ids = HashSet::new();
    match cases.iter().find(|case| !ids.insert(case.id.as_str())) {
        Some(twice) => Err(format!("two cases have the id {}", twice.id)),
        None => Ok(cases),
    }
}
