//! Holds each step of a history against the model: what signallers answered, whom they reached, and what the
//! registry asked, returned and lists.

use super::Breach;
use super::effects::{self, Asked};
use super::reality::{Observed, Reality};
use super::reference::Reference;
use super::registry;
use super::step::{Signaller, Step};
use super::tally::Witness;
use crate::declared::Declared;
use crate::harness::short_answer;
use crate::subject::wire::Answer;
use process_groups::model::requirement::UNREAPED_IS_NOT_AN_ERROR;
use process_groups::model::{Answer as Said, Effect, EffectKind, Owed};

/// The model beside one history, and what was seen of it so far.
#[derive(Debug, Default)]
pub struct Judge {
    /// What the subject says of unreaped groups, by its own declaration: delivered or not.
    of_unreaped: Option<bool>,
    /// What the model says the state is.
    pub reference: Reference,
    /// What the history put to the test so far.
    pub witness: Witness,
    /// What was last asked: what a signaller does too late shows in a later step.
    last: Asked,
}

impl Judge {
    /// One for the beginning of a history of a subject that declares this.
    pub fn new(declared: &Declared) -> Self {
        Self { of_unreaped: declared.of_unreaped(), ..Self::default() }
    }

    /// Takes note of a step that came to `observed`. Returns what the model said of it, for the timeline, and what
    /// was broken, if anything was.
    pub fn judge(
        &mut self,
        step: &Step,
        observed: &Observed,
        reality: &Reality,
    ) -> (Vec<String>, Option<Breach>) {
        let before = self.reference.clone();
        if let Some(message) = &observed.panicked {
            let (requirement, suspects) = self.by_silence(step);
            let happened = format!("it panicked: {message}");
            let breach = Breach::new(requirement, "the operation returns".to_owned(), happened);
            return (Vec::new(), Some(Breach { suspects, ..breach }));
        }
        let has_registry = observed.entries.is_some();
        if has_registry && let Some(breach) = registry::wrong_calls(step, &before, observed) {
            return (Vec::new(), Some(breach));
        }
        let questions = questions(observed);
        self.witness.sees(step, &before, &questions, has_registry);
        let mut lines = Vec::new();
        let mut owed = Vec::new();
        let mut breach = None;
        if let Step::SignalAll { signal_name } = step {
            self.last = Asked::default();
            for (leader_pid, answer) in &questions {
                let (line, wrong) = self.answer(signal_name, *leader_pid, answer);
                lines.push(line);
                breach = breach.or(wrong);
            }
            lines.extend(owed_text(&self.last.effects));
            let answers: Vec<Answer> = questions.into_iter().map(|(_, answer)| answer).collect();
            owed = self.reference.registry.settle(&answers);
        } else {
            self.reference.apply_unasked(step);
            if is_of_a_registry(step) && has_registry {
                let nothing = Some(registry::requirement::FORGET_SENDS_NOTHING);
                self.last = Asked { nothing, ..Asked::default() };
            }
        }
        let breach = breach
            .or_else(|| effects::difference(&self.reference.world, &observed.snapshot, &self.last, reality))
            .or_else(|| self.wrong_in_registry(step, &before, &owed, observed));
        (lines, breach)
    }

    /// The requirement that is broken when this step, which is about to be done, panics or is not answered, and those
    /// that could be instead.
    pub fn by_silence(&self, step: &Step) -> (&'static str, Vec<&'static str>) {
        let Reference { world, registry, signaller, .. } = &self.reference;
        let asked = match step {
            Step::SignalAll { signal_name } if *signaller != Signaller::Unreachable => registry
                .questions()
                .into_iter()
                .map(|pid| (pid, world.allowed(pid, signal_name).requirement))
                .collect(),
            _ => Vec::new(),
        };
        if asked.is_empty() {
            return (registry::by_silence(step, &self.reference), Vec::new());
        }
        Asked { questions: asked, ..Asked::default() }.by_silence()
    }

    /// Holds one answer against the world, and lets the world take what was owed. Returns a line on it.
    fn answer(&mut self, signal_name: &str, leader_pid: u32, answer: &Answer) -> (String, Option<Breach>) {
        let said = short_answer(answer);
        if self.reference.signaller == Signaller::Unreachable {
            return (format!("{leader_pid}: answered {said}, as nobody can be reached"), None);
        }
        let world = &mut self.reference.world;
        let mut allowed = world.allowed(leader_pid, signal_name);
        if let (Some(delivered), Some(UNREAPED_IS_NOT_AN_ERROR)) = (self.of_unreaped, allowed.requirement) {
            allowed.answers = vec![Said::of(&Ok(delivered))];
        }
        let answers = allowed.answers.iter().map(Said::to_string).collect::<Vec<_>>().join(" or ");
        let breach = allowed.broken_by(Said::of(answer)).map(|requirement| {
            let expected = format!("{answers} for leader pid {leader_pid}: {}", allowed.reason);
            Breach::new(requirement, expected, format!("it answered {said} for leader pid {leader_pid}"))
        });
        self.last.questions.push((leader_pid, allowed.requirement));
        let members = world.group(leader_pid).into_iter().flat_map(|group| group.members());
        self.last.members.extend(members.map(|member| member.pid()));
        let effects = world.deliver(leader_pid, signal_name);
        if effects.is_empty() && allowed.answers == [Said::Failed] {
            self.last.nothing =
                self.last.nothing.or(allowed.requirement.filter(|_| is_about_the_name(signal_name)));
        }
        self.last.effects.extend(effects);
        (format!("{leader_pid}: answered {said}, allowed is {answers}: {}", allowed.reason), breach)
    }

    fn wrong_in_registry(
        &self,
        step: &Step,
        before: &Reference,
        owed: &[Owed],
        observed: &Observed,
    ) -> Option<Breach> {
        let entries = observed.entries.as_ref()?;
        let results = observed.results.as_ref().and_then(|results| registry::wrong_results(owed, results));
        results.or_else(|| registry::wrong_entries(step, before, &self.reference, owed, entries))
    }
}

/// Each leader pid that was asked for, with the answer.
fn questions(observed: &Observed) -> Vec<(u32, Answer)> {
    let pairs =
        observed.calls.iter().flat_map(|call| call.leader_pids.iter().zip(call.answers.iter().flatten()));
    pairs.map(|(leader_pid, answer)| (*leader_pid, answer.clone())).collect()
}

/// Whether no group may be reached, since the name is none of the four.
fn is_about_the_name(signal_name: &str) -> bool {
    !process_groups::model::NAMES.contains(&signal_name)
}

fn is_of_a_registry(step: &Step) -> bool {
    matches!(step, Step::Register { .. } | Step::Forget { .. } | Step::Swap { .. })
}

fn owed_text(effects: &[Effect]) -> Option<String> {
    let one = |effect: &Effect| match effect.kind {
        EffectKind::Receives => format!("{} receives it", effect.pid),
        EffectKind::Ends => format!("{} ends by it", effect.pid),
        EffectKind::StaysPending => format!("{} is stopped and has it pending", effect.pid),
    };
    let all: Vec<_> = effects.iter().map(one).collect();
    (!all.is_empty()).then(|| format!("owed: {}", all.join(", ")))
}
