//! Holds each step of a history against the model: what signallers answered, whom they reached, and what the
//! registry asked, returned and lists.

use super::Breach;
use super::effects::{self, StepCalls};
use super::fencing::{self, Incarnations};
use super::reality::{Observed, Reality};
use super::reference::Reference;
use super::registry;
use super::step::{Newcomer, Signaller, Step};
use super::stopping;
use super::tally::Witness;
use crate::harness::{Settings, short_answer};
use crate::subject::wire::SignalResult;
use process_groups::model::requirement::{MEMBER_IS_NOT_LEADER, UNREAPED_IS_NOT_AN_ERROR};
use process_groups::model::{Answer, Effect, EffectKind, Group, Owed, World};

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
    last: StepCalls,
    /// Whether the registry under test fences reused pids.
    fences: bool,
    incarnations: Incarnations,
}

impl Judge {
    /// One for the beginning of a history of what is under test.
    pub fn new(settings: &Settings) -> Self {
        let of_unreaped = settings.declared.of_unreaped();
        Self { of_unreaped, fences: settings.fences(), ..Self::default() }
    }

    /// Takes note of a step that came to `observed`. Returns what the model said of it, for the timeline, and
    /// what was broken, if anything was.
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
        if let Step::StopRegistry { newcomer, cancelled } = step {
            self.witness.sees(step, &before, &[], has_registry);
            let newcomer = before.newcomer(newcomer.as_ref(), self.fences);
            return self.judge_stop(&before, newcomer, *cancelled, observed, reality);
        }
        if has_registry && let Some(breach) = registry::wrong_calls(step, &before, observed) {
            return (Vec::new(), Some(breach));
        }
        let questions = questions(observed);
        self.witness.sees(step, &before, &questions, has_registry);
        let mut lines = Vec::new();
        let mut owed = Vec::new();
        let mut breach = None;
        if let Some(signal_name) = step.signal_name() {
            self.last = StepCalls::default();
            (lines, breach) = self.answers(&before.world, signal_name, &questions);
            lines.extend(owed_text(&self.last.effects));
            owed = self.reference.settle(step, &answers(&questions));
            if step.is_of_fencing() && before.questions(step).is_empty() {
                self.last.nothing = Some(fencing::requirement::STALE_TARGET_IS_SKIPPED);
            }
        } else {
            self.reference.apply_unasked(step);
            if is_of_a_registry(step) && has_registry {
                let nothing = Some(registry::requirement::FORGET_SENDS_NOTHING);
                self.last = StepCalls { nothing, ..StepCalls::default() };
            }
        }
        let breach = breach
            .or_else(|| effects::difference(&self.reference.world, &observed.snapshot, &self.last, reality))
            .or_else(|| self.wrong_in_registry(step, &before, &owed, observed));
        (lines, breach)
    }

    /// The same for a stop.
    fn judge_stop(
        &mut self,
        before: &Reference,
        newcomer: Option<&Newcomer>,
        cancelled: bool,
        observed: &Observed,
        reality: &Reality,
    ) -> (Vec<String>, Option<Breach>) {
        let calls = stopping::Calls::of(observed);
        if let Some(breach) = calls.wrongly_asked(before) {
            return (Vec::new(), Some(breach));
        }
        self.last = StepCalls::default();
        let mut stop = self.reference.registry.stop();
        let (mut lines, mut breach) = self.answers(&before.world, "SIGTERM", &calls.asked);
        stop.answered(&mut self.reference.registry, &answers(&calls.asked));
        if let Some(Newcomer { leader_pid, label }) = newcomer {
            self.reference.apply_unasked(&Step::Register { leader_pid: *leader_pid, label: label.clone() });
        }
        if let Some(wrong) = calls.wrongly_killed(&stop, before, &self.reference, newcomer, cancelled) {
            return (lines, Some(breach.unwrap_or(wrong)));
        }
        for leader_pid in stopping::exited(&stop, &self.reference, &calls, cancelled, observed) {
            stop.exited(&mut self.reference.registry, leader_pid);
        }
        let (of_killed, wrong) = self.answers(&before.world, "SIGKILL", &calls.killed);
        lines.extend(of_killed);
        lines.extend(owed_text(&self.last.effects));
        breach = breach.or(wrong);
        let owed = match cancelled {
            true => stop.cancelled(&self.reference.registry),
            false => stop.killed(&mut self.reference.registry, &answers(&calls.killed)),
        };
        let after = &self.reference;
        let breach = breach
            .or_else(|| effects::difference(&after.world, &observed.snapshot, &self.last, reality))
            .or_else(|| stopping::wrong_ending(&owed, after, observed))
            .or_else(|| {
                let fenced = self.fences.then_some(&mut self.incarnations)?;
                fenced.wrong(false, before, after, &observed.incarnations)
            });
        (lines, breach)
    }

    /// Holds answers against the world, one after the other. Returns a line on each.
    fn answers(
        &mut self,
        before: &World,
        signal_name: &str,
        answers: &[(u32, SignalResult)],
    ) -> (Vec<String>, Option<Breach>) {
        let (mut lines, mut breach) = (Vec::new(), None);
        for (leader_pid, answer) in answers {
            let (line, wrong) = self.answer(before, signal_name, *leader_pid, answer);
            lines.push(line);
            breach = breach.or(wrong);
        }
        (lines, breach)
    }

    /// The requirement that is broken when this step, which is about to be done, panics or is not answered,
    /// and those that could be instead.
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
        StepCalls { questions: asked, ..StepCalls::default() }.by_silence()
    }

    /// Holds one answer against the world, which was `before` when the step began, and lets the world take
    /// what was owed. Returns a line on it.
    fn answer(
        &mut self,
        before: &World,
        signal_name: &str,
        leader_pid: u32,
        answer: &SignalResult,
    ) -> (String, Option<Breach>) {
        let said = short_answer(answer);
        if self.reference.signaller == Signaller::Unreachable {
            return (format!("{leader_pid}: answered {said}, as nobody can be reached"), None);
        }
        let world = &mut self.reference.world;
        let mut allowed = world.allowed(leader_pid, signal_name);
        if let (Some(delivered), Some(UNREAPED_IS_NOT_AN_ERROR)) = (self.of_unreaped, allowed.requirement) {
            allowed.answers = vec![Answer::of(&Ok(delivered))];
        }
        // Whom an earlier call of this step has ended may take a moment to exit, and is live until then: a
        // group, or a process that leads none.
        let earlier = before.allowed(leader_pid, signal_name);
        let was_live = before.group(leader_pid).is_some_and(Group::is_live)
            || earlier.requirement == Some(MEMBER_IS_NOT_LEADER);
        if was_live && allowed.requirement != earlier.requirement {
            allowed.answers.extend(earlier.answers.into_iter().filter(|answer| *answer != Answer::Exited));
        }
        let answers = allowed.answers.iter().map(Answer::to_string).collect::<Vec<_>>().join(" or ");
        let breach = allowed.broken_by(Answer::of(answer)).map(|requirement| {
            let expected = format!("{answers} for leader pid {leader_pid}: {}", allowed.reason);
            Breach::new(requirement, expected, format!("it answered {said} for leader pid {leader_pid}"))
        });
        self.last.questions.push((leader_pid, allowed.requirement));
        let members = world.group(leader_pid).into_iter().flat_map(|group| group.members());
        self.last.members.extend(members.map(|member| member.pid()));
        let effects = world.deliver(leader_pid, signal_name);
        if effects.is_empty() && allowed.answers == [Answer::Failed] {
            self.last.nothing =
                self.last.nothing.or(allowed.requirement.filter(|_| is_about_the_name(signal_name)));
        }
        self.last.effects.extend(effects);
        (format!("{leader_pid}: answered {said}, allowed is {answers}: {}", allowed.reason), breach)
    }

    fn wrong_in_registry(
        &mut self,
        step: &Step,
        before: &Reference,
        owed: &[Owed],
        observed: &Observed,
    ) -> Option<Breach> {
        let entries = observed.entries.as_ref()?;
        let after = &self.reference;
        let results = observed.results.as_ref().and_then(|results| match step {
            Step::SignalTargets { leader_pids, .. } => {
                fencing::wrong_results(&before.targets(leader_pids), before, owed, results)
            }
            _ => registry::wrong_results(owed, results),
        });
        let entries = || match step.is_of_fencing() {
            true => fencing::wrong_entries(step, before, after, entries),
            false => registry::wrong_entries(step, before, after, owed, entries),
        };
        results.or_else(entries).or_else(|| {
            let fenced = self.fences.then_some(&mut self.incarnations)?;
            let is_again = matches!(step, Step::Register { .. });
            fenced.wrong(is_again, before, after, &observed.incarnations)
        })
    }
}

/// The answers alone.
fn answers(questions: &[(u32, SignalResult)]) -> Vec<SignalResult> {
    questions.iter().map(|(_, answer)| answer.clone()).collect()
}

/// Each leader pid that was asked for, with the answer.
fn questions(observed: &Observed) -> Vec<(u32, SignalResult)> {
    let pairs =
        observed.calls.iter().flat_map(|call| call.leader_pids.iter().zip(call.answers.iter().flatten()));
    pairs.map(|(leader_pid, answer)| (*leader_pid, answer.clone())).collect()
}

/// Whether no group may be reached, since the name is none of the four.
fn is_about_the_name(signal_name: &str) -> bool {
    !process_groups::model::NAMES.contains(&signal_name)
}

fn is_of_a_registry(step: &Step) -> bool {
    matches!(
        step,
        Step::Register { .. } | Step::Forget { .. } | Step::ForgetRegistration { .. } | Step::Swap { .. }
    )
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

#[cfg(test)]
mod tests {
    use super::*;
    use process_groups::model::{Disposition, Member};

    #[test]
    fn who_was_ended_by_an_earlier_call_of_the_step_may_still_be_exiting() {
        let mut judge = Judge::default();
        assert!(
            judge
                .reference
                .world
                .spawn(70, [70, 71].map(|pid| Member::new(pid, Disposition::Watches)).into())
        );
        let before = judge.reference.world.clone();
        let mut broken = |leader_pid, answer: SignalResult| {
            let (_, breach) = judge.answer(&before, "SIGKILL", leader_pid, &answer);
            breach.map(|breach| breach.requirement)
        };
        assert_eq!(broken(70, Ok(true)), None);
        assert_eq!(broken(71, Err("process 71 leads no group".into())), None);
        assert_eq!(broken(71, Ok(false)), None);
        assert_eq!(broken(71, Ok(true)), Some("never-existed-is-exited"));
        assert_eq!(broken(72, Err("no such process".into())), Some("never-existed-is-exited"));
    }
}
