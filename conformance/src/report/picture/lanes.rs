//! Which lanes a picture has, in which order.

use super::{Band, Lane};
use crate::report::Finding;
use crate::report::symptom::Symptom;
use crate::report::timeline::{Actor, Event, Part};
use std::collections::BTreeSet;

/// How many processes beside the groups have a lane to which nothing happened: a few show that they were spared.
const IDLE: usize = 2;

/// The lanes of a picture.
pub struct Lanes {
    /// From left to right.
    pub lanes: Vec<Lane>,
    /// Each process when it appeared.
    pub of: Vec<Appearance>,
    /// How many processes have no lane.
    pub hidden: usize,
}

/// A process that appeared.
pub struct Appearance {
    /// The moment, and the event in it.
    pub at: (usize, usize),
    /// Its lane, if it has one.
    pub lane: Option<usize>,
}

/// A process that may get a lane.
struct Candidate<'a> {
    at: (usize, usize),
    actor: &'a Actor,
    band: Band,
    /// Whether anything happened to it beyond that it was made.
    is_touched: bool,
    /// Whether a signal reached it.
    is_signalled: bool,
    is_accused: bool,
}

impl Lanes {
    /// The lanes of a finding, at most so many unless more are needed to tell what happened; `None` if
    /// nothing in it can be drawn.
    pub fn of(finding: &Finding, most: usize) -> Option<Self> {
        let events = || {
            let moments = finding.timeline.iter().enumerate();
            moments.flat_map(|(index, moment)| {
                moment.events.iter().enumerate().map(move |(place, event)| ((index, place), event))
            })
        };
        let called: BTreeSet<u32> = events().filter_map(|(_, event)| called(event)).collect();
        let mut candidates: Vec<Candidate<'_>> = Vec::new();
        for (at, event) in events() {
            if let Event::Appeared(actor) = event {
                let band = match actor.group {
                    Some(group) if called.contains(&group) => Band::Called(group),
                    Some(group) => Band::Group(group),
                    None => Band::Elsewhere,
                };
                candidates.push(Candidate {
                    at,
                    actor,
                    band,
                    is_touched: false,
                    is_signalled: false,
                    is_accused: false,
                });
            } else if let Some(pid) = touched(event) {
                // The newest with that pid.
                if let Some(one) = candidates.iter_mut().rev().find(|one| is(one.actor, pid)) {
                    one.is_touched = true;
                    one.is_signalled |= !matches!(event, Event::Became { .. });
                }
            }
        }
        for pid in &finding.processes {
            if let Some(one) = candidates.iter_mut().rev().find(|one| is(one.actor, *pid)) {
                one.is_accused = true;
            }
        }
        if matches!(finding.symptom, Symptom::Answer { .. } | Symptom::Protocol) {
            // Its answer is wrong, whatever else is.
            if let Some(subject) = candidates.iter_mut().rev().find(|one| one.actor.part == Part::Subject) {
                subject.is_accused = true;
            }
        }
        let has_registry = events().any(|(_, event)| matches!(event, Event::Operated { .. }));
        if candidates.is_empty() && !has_registry {
            return None;
        }
        let shown = shown(&candidates, most.saturating_sub(usize::from(has_registry)));
        let hidden = candidates.len() - shown.len();
        let registry = Lane {
            pid: None,
            what: "registry".to_owned(),
            is_subject: false,
            band: Band::Registry,
            is_accused: false,
        };
        let lanes = has_registry.then_some(registry);
        let lane = |one: &Candidate<'_>| Lane {
            pid: Some(one.actor.pid),
            what: one.actor.what.clone(),
            is_subject: one.actor.part == Part::Subject,
            band: one.band,
            is_accused: one.is_accused,
        };
        let lanes = lanes.into_iter().chain(shown.iter().map(|&place| lane(&candidates[place]))).collect();
        let first = usize::from(has_registry);
        let of = candidates.iter().enumerate().map(|(place, one)| Appearance {
            at: one.at,
            lane: shown.iter().position(|&other| other == place).map(|lane| lane + first),
        });
        Some(Self { lanes, of: of.collect(), hidden })
    }
}

/// The places of the candidates that are shown, in the order of their lanes.
fn shown(candidates: &[Candidate<'_>], most: usize) -> Vec<usize> {
    // Who matters most: the accused and who was asked, signalled members, whoever was touched, members, and
    // the rest.
    let is_subject = |one: &Candidate<'_>| one.actor.part == Part::Subject;
    let rank = |one: &Candidate<'_>| match one.band {
        _ if one.is_accused || is_subject(one) => 0,
        Band::Called(_) if one.is_signalled => 1,
        Band::Called(_) if one.is_touched => 3,
        Band::Called(_) => 4,
        _ if one.is_touched => 2,
        _ => 5,
    };
    let mut places: Vec<_> = (0..candidates.len()).collect();
    let is_leader = |one: &Candidate<'_>| one.actor.group == Some(one.actor.pid);
    // Of those that matter alike the leader and then the last: what went wrong went wrong at the end.
    places.sort_by_key(|&place| {
        let one = &candidates[place];
        (rank(one), !is_leader(one), candidates.len() - place)
    });
    // What the suite needs says nothing where nothing happened to it.
    places.retain(|&place| rank(&candidates[place]) < 5 || candidates[place].actor.part == Part::Made);
    // Who is idle beside the subject would only move the groups to the right, off the screen of a phone.
    let beside = candidates.iter().find(|one| is_subject(one)).map(|one| one.band);
    places.retain(|&place| rank(&candidates[place]) < 5 || Some(candidates[place].band) != beside);
    let mut idle = 0;
    places.retain(|&place| {
        idle += usize::from(rank(&candidates[place]) == 5);
        rank(&candidates[place]) < 5 || idle <= IDLE
    });
    places.truncate(most);
    // The subject's band first, then the groups that it is called for, and of the others those to whom something
    // happened: a phone shows the left of a picture.
    let is_idle = |one: &Candidate<'_>| !one.is_accused && !one.is_touched;
    let order = |band: Band| {
        let in_band = || places.iter().map(|&place| &candidates[place]).filter(|one| one.band == band);
        let is_called = matches!(band, Band::Called(_));
        let first = candidates.iter().position(|one| one.band == band);
        (!in_band().any(is_subject), !is_called, in_band().all(is_idle), first)
    };
    let mut ordered = places.clone();
    ordered.sort_by_key(|&place| {
        let one = &candidates[place];
        (order(one.band), !is_subject(one), place)
    });
    ordered
}

fn is(actor: &Actor, pid: u32) -> bool {
    actor.pid == pid && actor.group.is_some()
}

fn called(event: &Event) -> Option<u32> {
    match event {
        Event::Called { leader_pid, .. } => Some(*leader_pid),
        _ => None,
    }
}

/// The process that something happened to.
pub fn touched(event: &Event) -> Option<u32> {
    match event {
        Event::Received { pid, .. } | Event::Pending { pid, .. } | Event::Became { pid, .. } => Some(*pid),
        Event::Appeared(_) | Event::Called { .. } | Event::SystemCall { .. } | Event::Operated { .. } => None,
    }
}
