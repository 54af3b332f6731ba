//! One history in a fresh sandbox, step by step beside the model, up to the first divergence.

use super::judge::Judge;
use super::reality::{Reality, violation};
use super::step::Step;
use super::tally::Tally;
use super::{Breach, Divergence};
use crate::contract::{self, Requirement};
use crate::harness::{self, Abort, Settings, entries_text, topic_of};
use crate::report::Finding;
use crate::report::symptom::Topic;
use crate::report::timeline::Moment;
use crate::subject::registry::wire::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What came of one history.
#[derive(Debug)]
pub struct Ran {
    /// What it put to the test.
    pub tally: Tally,
    /// Where model and reality parted, if they did.
    pub divergence: Option<Divergence>,
}

/// Goes through `steps`, and leaves out what is not possible any more. Counts each that is begun in `seen`.
///
/// # Errors
/// [`Abort::Broken`] when the testbed does not do its part.
pub fn run(settings: &Settings, steps: &[Step], seen: Option<&AtomicUsize>) -> harness::Result<Ran> {
    let mut reality = Reality::new(settings, steps)?;
    let mut judge = Judge::new(settings);
    let mut timeline: Vec<Moment> = Vec::new();
    judge.witness.tally.histories = 1;
    for (place, step) in steps.iter().enumerate() {
        if let Some(seen) = seen {
            seen.fetch_add(1, Ordering::SeqCst);
        }
        // Which groups a stop finds exited is up to the subject, and what comes later was made up for one
        // that finds all.
        if let Some(objection) = judge.reference.objection(step) {
            timeline.push(format!("{step}: left out, since {objection}").into());
            continue;
        }
        let before = judge.reference.clone();
        let tally_before = judge.witness.tally.clone();
        let mut unanswered = Finding::default();
        let (lines, breach) = match reality.perform(step, &before) {
            Ok(observed) => judge.judge(step, &observed, &reality),
            Err(stop) => {
                let (requirement, suspects) = judge.by_silence(step);
                unanswered = violation(stop).map_err(|stop| after(stop, &steps[..=place]))?;
                let (expected, happened) = (unanswered.expected.clone(), unanswered.happened.clone());
                let other = unanswered
                    .requirement
                    .filter(|_| settings.registry.is_none() && !allows_no_effect(requirement));
                let requirement = other.map_or(requirement, |other| other.name);
                (Vec::new(), Some(Breach { suspects, ..Breach::new(requirement, expected, happened) }))
            }
        };
        let text = [vec![step.to_string()], reality.take_calls(), lines].concat().join("\n");
        timeline.push(Moment::new(text, reality.take_events()));
        if let Some(Breach { requirement, suspects, expected, happened, processes }) = breach {
            if let Some(stop) = reality.as_another_user() {
                return Err(stop);
            }
            let entries: Vec<Entry> = before.registry.entries().iter().cloned().map(Entry::from).collect();
            let asked = format!("{step}, with {} registered", entries_text(&entries));
            if let Some(last) = timeline.last_mut() {
                last.text += &format!(
                    "
but here {happened}"
                );
            }
            let topic = match step {
                Step::SignalAll { signal_name } | Step::SignalTargets { signal_name, .. } => {
                    let calls = entries.iter().map(|entry| (entry.leader_pid, signal_name.as_str()));
                    topic_of(&settings.declared, calls)
                }
                _ => Topic::Group,
            };
            let finding = Finding {
                asked,
                expected,
                happened,
                timeline,
                processes,
                topic,
                interrupted: reality.is_interrupted(),
                requirement: None,
                ..unanswered
            };
            let steps = steps[..=place].to_vec();
            let divergence = Some(Divergence { requirement, suspects, finding: Box::new(finding), steps });
            // Of this step no other requirement was judged.
            return Ok(Ran { tally: tally_before, divergence });
        }
    }
    Ok(Ran { tally: judge.witness.tally, divergence: None })
}

/// What the suite could not do, with the steps that led there.
fn after(stop: Abort, steps: &[Step]) -> Abort {
    let Abort::Broken(reason) = stop else { return stop };
    let [before @ .., last] = steps else { return Abort::Broken(reason) };
    let before: Vec<_> = before.iter().map(|step| format!("\n  {step}")).collect();
    Abort::Broken(format!("{reason}\nat the step {last} of a history, after{}", before.concat()))
}

fn allows_no_effect(requirement: &str) -> bool {
    contract::find(requirement).is_some_and(Requirement::allows_no_effect)
}
