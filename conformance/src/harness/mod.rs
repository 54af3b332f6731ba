//! One case's own world: a fresh testbed, the groups in it, the subject, and a record of all that was done.

mod asking;
mod calls;
mod case;
mod ending;
mod groups;
mod ids;
mod looks;
mod means;
mod members;
mod memo;
mod need;
mod partition;
mod problems;
mod registry;
pub mod runner;
mod safety;
mod settings;
mod shape;
mod situations;
mod snapshot;
mod starting;
mod stopwatch;
mod timeline;
mod unanswered;
mod watching;

pub use calls::{SHOWN, answer_text, question_text, topic_of};
pub use case::{Case, Ended, outcome_of};
pub(crate) use ending::unexpected;
pub use ending::{Abort, Result};
pub use means::Means;
pub use members::{Group, Process};
pub use memo::Memo;
pub use need::{Need, missing};
pub use problems::{Problem, Problems};
pub use registry::{
    Cycle, Given, Stopping, call_text, ending_text, entries_text, entry_text, short_answer, target_text,
};
pub use settings::{Histories, Settings, TestedRegistry};
pub use shape::{Lineage, MemberShape, Session, Shape};
pub use situations::Host;
pub use snapshot::Snapshot;
pub use stopwatch::Spent;

use crate::contract::SPARES_OTHER_GROUPS;
use crate::harness::runner::Kind;
use crate::partition::PartitionGuard;
use crate::report::Finding;
use crate::report::symptom::{AnswerKind, ProtocolError, Topic};
use crate::report::timeline::{Actor, Event, Moment, Part};
use crate::report::timings::Phase;
use crate::subject::connection::Connection;
use crate::testbed::protocol::{Abilities, Reply, Request};
use crate::testbed::{AgentError, AgentLink, SubjectPipes, Watch};
use std::collections::HashSet;
use std::time::Duration;

/// How long a case waits for nothing to happen: a signal that arrives after the answer, an answer given
/// twice.
const LATE: Duration = Duration::from_millis(600);
/// How long to wait for what a program does when a grace period of 5 s is over.
const GRACE: Duration = Duration::from_millis(5_500);

/// How long a case goes on calling a slow subject before it is content with fewer rounds.
const ROUNDS: Duration = Duration::from_secs(5);
/// A subject that has once answered so soon is not slow. Where its rounds take long all the same, the machine is busy: the
/// case goes on for so long.
const QUICK: Duration = Duration::from_millis(10);
const ROUNDS_OF_QUICK: Duration = Duration::from_secs(15);

/// One case's own world.
#[derive(Debug)]
pub struct Context {
    settings: Settings,
    /// The program to start as the subject.
    program: Vec<String>,
    /// Where the groups are.
    agent: AgentLink,
    /// Where the subject is, if that is elsewhere.
    seat: Option<AgentLink>,
    /// Whether one of them answers no more, or is not to be relied on any more.
    agent_is_lost: bool,
    is_starved: bool,
    /// How long the last question's call was held.
    held: Duration,
    /// Whether the subject has told, while it was watched, that a system call was broken off (EINTR).
    is_interrupted: bool,
    /// Whether the subject gets the processor only when nobody else wants it.
    goes_last: bool,
    /// The subject's pipes until it is started.
    pipes: Option<SubjectPipes>,
    subject: Option<(u32, Connection)>,
    /// How soon the subject has answered at best; `None` if it has not.
    soonest_answer: Option<Duration>,
    /// Whether it has broken down for want of what was taken from it.
    has_broken_down: bool,
    processes: Vec<Process>,
    /// Who is where the subject is, if that is elsewhere.
    beside: Vec<Process>,
    ids: ids::Ids,
    /// Restores the subject's link when the case ends, however it does.
    partition_guard: Option<PartitionGuard>,
    timeline: timeline::Timeline,
    last_asked: String,
    /// What was special about the last calls.
    topic: Topic,
    /// The leader pids and names of all calls.
    asked: HashSet<(u32, String)>,
    /// The last snapshot.
    last_seen: Snapshot,
    /// What the last calls were answered.
    given: Vec<AnswerKind>,
    /// How the subject did not answer, once it has not.
    protocol: Option<ProtocolError>,
    registries: registry::Record,
    /// Sees the subject's system calls. After the agents, which end whoever is watched before the watching
    /// ends.
    watch: Option<Watch>,
    /// How many calls were told already.
    told_calls: usize,
    /// Whether a faulty subject is likely to signal everybody, or its own group: such calls are held back
    /// where they can be seen.
    is_dangerous: bool,
    /// Whether the suite refuses to the subject, in the kernel's place, to signal what counts as another user's.
    forbids_others: bool,
    /// Last: what is dropped before it takes time, too.
    stopwatch: stopwatch::Stopwatch,
}

impl Context {
    /// A fresh testbed with nothing in it but the agent. `program` will be started as the subject. `salt`
    /// sets this case's random choices apart from others'.
    ///
    /// # Errors
    /// When no agent can be brought up.
    pub fn new(settings: &Settings, program: &[String], salt: &str) -> Result<Self> {
        let mut stopwatch = stopwatch::Stopwatch::start(&settings.spent, Phase::Sandbox);
        let (beside, pipes) = AgentLink::start(settings.sandboxed)?;
        let (agent, seat) = match &settings.testbed {
            None => (beside, None),
            Some(testbed) => {
                let agent = testbed.agent()?;
                settings.schedule.pace.took(Kind::Agent, agent.came_up_in());
                (agent, Some(beside))
            }
        };
        let abilities = agent.abilities();
        settings.can_be_signalled(abilities).map_err(Abort::Broken)?;
        let mut timeline = timeline::Timeline::new();
        let actor = Process::agent(abilities.pid).actor(Some(abilities.pid));
        timeline.appears(Actor { part: Part::Suite, ..actor });
        stopwatch.switch(Phase::Other);
        Ok(Self {
            settings: settings.clone(),
            program: program.to_vec(),
            pipes: Some(pipes),
            subject: None,
            soonest_answer: None,
            has_broken_down: false,
            processes: vec![Process::agent(abilities.pid)],
            beside: seat.iter().map(|seat| Process::agent(seat.abilities().pid)).collect(),
            ids: ids::Ids::new(settings.seed, salt, settings.abilities(abilities)),
            partition_guard: None,
            timeline,
            last_asked: String::new(),
            topic: Topic::default(),
            asked: HashSet::new(),
            last_seen: Snapshot::default(),
            given: Vec::new(),
            protocol: None,
            registries: registry::Record::default(),
            watch: None,
            told_calls: 0,
            is_dangerous: false,
            forbids_others: false,
            agent,
            seat,
            agent_is_lost: false,
            is_starved: false,
            held: Duration::ZERO,
            is_interrupted: false,
            goes_last: false,
            stopwatch,
        })
    }

    /// What the testbed can do, and what the suite can do to the subject.
    pub fn abilities(&self) -> Abilities {
        self.settings.abilities(self.agent.abilities())
    }

    /// Whether the subject is elsewhere than the groups.
    pub fn is_remote(&self) -> bool {
        self.seat.is_some()
    }

    /// Asks the agent where the groups are, in whichever way it may fail. Whatever a case asks of agents goes
    /// through here or `ask_beside`.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it cannot do that; [`Abort::Breach`] when the subject has done something to it.
    pub fn agent(&mut self, request: &Request) -> Result<Reply> {
        self.in_phase(phase_of(request), |context| context.agent.ask(request))
            .map_err(|fault| self.failed(&fault))
    }

    /// Asks the agent where the subject is.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it cannot do that; [`Abort::Breach`] when the subject has done something to it.
    pub(super) fn ask_beside(&mut self, request: &Request) -> Result<Reply> {
        let ask = |context: &mut Self| context.seat.as_mut().unwrap_or(&mut context.agent).ask(request);
        self.in_phase(phase_of(request), ask).map_err(|fault| self.failed(&fault))
    }

    /// What becomes of a case whose agent has failed. Once the subject was asked, nobody else is there who
    /// would do anything to an agent: it is a bystander, too.
    fn failed(&mut self, fault: &AgentError) -> Abort {
        self.agent_is_lost |= fault.is_loss();
        if self.last_asked.is_empty() || !fault.is_others_doing() {
            return Abort::Broken(fault.to_string());
        }
        let expected = "nobody but the group is signalled or changed, the suite's agent included";
        match self.breach(expected, &fault.to_string()) {
            Abort::Breach(finding) => {
                Abort::Breach(Box::new(Finding { requirement: Some(SPARES_OTHER_GROUPS), ..*finding }))
            }
            stop => stop,
        }
    }

    /// Whether an agent was lost: it answers no more, or is not to be relied on any more.
    pub fn agent_is_lost(&self) -> bool {
        self.agent_is_lost
    }

    /// Whether the machine left the subject too little of a processor to judge it.
    pub fn is_starved(&self) -> bool {
        self.is_starved
    }

    /// The run's settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Adds a line to the record of what was done.
    pub fn note(&mut self, line: String) {
        self.timeline.record(line);
    }

    /// Leaves out of the record what was done so far: it was as expected, and would only hide what comes. `what` it
    /// was stands in its place.
    pub fn leave_out(&mut self, what: &str) {
        self.timeline.cut(0);
        self.note(format!("… ({what}) …"));
    }

    /// What happened since this was asked last.
    pub fn take_events(&mut self) -> Vec<Event> {
        self.timeline.take_events()
    }

    /// Looks at every process, where the groups are and where the subject is. Whatever was sent before this
    /// call is seen.
    ///
    /// # Errors
    /// [`Abort::Broken`] when a process cannot be looked at.
    pub fn snapshot(&mut self) -> Result<Snapshot> {
        let seen = |reply| match reply {
            Reply::Seen { processes } => Ok(processes),
            reply => Err(unexpected(&reply)),
        };
        let processes = seen(self.agent(&Request::Snapshot)?)?;
        self.timeline.observe(&processes);
        let snapshot = Snapshot::new(processes);
        self.last_seen = snapshot.clone();
        if !self.is_remote() {
            return Ok(snapshot);
        }
        Ok(snapshot.with_beside(Snapshot::new(seen(self.ask_beside(&Request::Snapshot)?)?)))
    }

    /// Runs everybody on one processor from now on, the subject only when nobody else there wants to: a
    /// member takes a signal before the subject's next step, so that two cannot coalesce into one.
    ///
    /// # Errors
    /// [`Abort::Broken`] when the scheduling cannot be changed.
    pub fn let_members_go_first(&mut self) -> Result {
        self.start()?;
        // At a remote host members and subject share no processor; what they do is further apart, too. And on
        // a busy machine a subject that gets only the time that nobody else wants may get none (SCHED_IDLE,
        // sched(7)): it is not accused for that, but tried again as it is.
        if self.is_remote() || self.settings.alone {
            return Ok(());
        }
        self.agent(&Request::Yield)?;
        self.goes_last = true;
        self.note("let every member run before the subject's next step".to_owned());
        Ok(())
    }

    /// Whether there is time for another round of calls: at least `least` rounds, at most `most`, and no more
    /// than a few seconds, since a subject may be slow.
    pub fn another_round(&self, done: usize, least: usize, most: usize) -> bool {
        let time =
            if self.soonest_answer.is_some_and(|soonest| soonest < QUICK) { ROUNDS_OF_QUICK } else { ROUNDS };
        done < least || (done < most && self.timeline.elapsed() < time)
    }

    /// How many of `most` calls one after the other may show what a few do not: a tenth of them where each is
    /// a process of its own.
    pub fn repeated(&self, most: usize) -> usize {
        if self.settings.subject.form.stays_up() { most } else { most.div_ceil(10) }
    }

    /// The case's random choices.
    pub fn rng(&mut self) -> &mut fastrand::Rng {
        self.ids.rng()
    }

    /// Waits for what must not come: signals sent after the answer, answers given twice. Others may have the
    /// processors meanwhile.
    pub fn wait_for_latecomers(&mut self) {
        self.note(format!("wait {} ms for anything late", LATE.as_millis()));
        self.in_phase(Phase::Wait, |context| context.settings.permits.sleep(LATE));
    }

    /// Waits for what must not come after a grace period, as long as the commonest one: 5 s. Others may have
    /// the processors meanwhile, and the case's place.
    pub fn sit_out_a_grace_period(&mut self) {
        self.note(format!("wait {} ms for what comes after a grace period", GRACE.as_millis()));
        let alone = self.settings.alone || self.is_remote() && self.is_dangerous;
        self.in_phase(Phase::Wait, |context| {
            let settings = &context.settings;
            settings.permits.release_while(|| settings.schedule.sit_out(GRACE, alone));
        });
    }

    /// Gives the subject a while before it is asked again. Others may have the processors meanwhile.
    pub fn pause(&mut self, time: Duration) {
        self.note(format!("wait {} ms before asking again", time.as_millis()));
        self.in_phase(Phase::Wait, |context| context.settings.permits.sleep(time));
    }

    /// Whether somebody signalled the agent on a remote host, where nobody but a subject does.
    pub fn is_disturbed(&mut self) -> bool {
        let agent = self.agent.abilities().pid;
        self.is_remote()
            && match self.agent.ask(&Request::Snapshot) {
                Ok(Reply::Seen { processes }) => !Snapshot::new(processes).signals(agent).is_empty(),
                _ => true,
            }
    }

    /// Ends everything that the case made. Returns what the subject had left behind, by name.
    ///
    /// # Errors
    /// [`Abort::Broken`] when something could not be ended.
    pub fn sweep(mut self) -> Result<Vec<String>> {
        self.stopwatch.switch(Phase::CleanUp);
        match self.agent(&Request::Sweep)? {
            Reply::Swept { strays, .. } => Ok(strays),
            reply => Err(unexpected(&reply)),
        }
    }
}

/// What a request to an agent counts for.
fn phase_of(request: &Request) -> Phase {
    match request {
        Request::Snapshot => Phase::Look,
        Request::Start(_) => Phase::Start,
        Request::Sweep => Phase::CleanUp,
        _ => Phase::Groups,
    }
}
