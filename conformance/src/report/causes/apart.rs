//! What sets the members that signals missed apart from those that they reached.

use crate::report::timeline::{Actor, Became, Event, Part};
use crate::report::{Finding, text};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many kinds of members are named on each side.
const NAMED: usize = 4;

/// How many members of each kind there were.
type Counts<'a> = BTreeMap<&'a str, usize>;

/// The kinds of members that were never reached and those that always were, in all of these findings, as a sentence
/// each; `None` unless there are both.
pub fn described<'a>(findings: impl Iterator<Item = &'a Finding>) -> Option<String> {
    let (mut missed, mut reached) = (Counts::new(), Counts::new());
    for finding in findings {
        let of_missed = |actor: &&Actor| finding.processes.contains(&actor.pid);
        let groups: Vec<_> = made(finding).filter(of_missed).map(|actor| actor.group).collect();
        for actor in made(finding).filter(of_missed) {
            *missed.entry(kind(actor)).or_default() += 1;
        }
        let others = made(finding).filter(|actor| !of_missed(actor) && groups.contains(&actor.group));
        for actor in others.filter(|actor| is_reached(finding, actor.pid)) {
            *reached.entry(kind(actor)).or_default() += 1;
        }
    }
    let (never, always) = (only(&missed, &reached), only(&reached, &missed));
    if never.is_empty() || always.is_empty() {
        return None;
    }
    let are_leaders = |counts: &Counts<'_>| counts.keys().eq(&["leader"]);
    Some(if are_leaders(&reached) {
        "Only the leader was ever reached, no other member.".to_owned()
    } else if are_leaders(&missed) {
        "The leader was never reached, and the other members always were.".to_owned()
    } else {
        format!(
            "Never reached: {}. Always reached: {}. Look for what sets them apart, such as the parent.",
            named(&never),
            named(&always)
        )
    })
}

/// The kinds that only `these` has, the most frequent first.
fn only<'a>(these: &Counts<'a>, others: &Counts<'_>) -> Vec<&'a str> {
    let mut kinds: Vec<_> = these.iter().filter(|(kind, _)| !others.contains_key(*kind)).collect();
    kinds.sort_by_key(|(_, number)| Reverse(**number));
    kinds.into_iter().map(|(kind, _)| *kind).collect()
}

/// The first of them, and how many more there are.
fn named(kinds: &[&str]) -> String {
    let first = kinds[..kinds.len().min(NAMED)].join("; ");
    match kinds.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first}; and {}", text::count(more, "other kind")),
    }
}

/// The processes that were made for the case.
fn made(finding: &Finding) -> impl Iterator<Item = &Actor> {
    finding.timeline.iter().flat_map(|moment| &moment.events).filter_map(|event| match event {
        Event::Appeared(actor) if actor.part == Part::Made => Some(actor),
        _ => None,
    })
}

/// What it is, without what it does with signals.
fn kind(actor: &Actor) -> &str {
    actor.what.split_once(" (").map_or(&*actor.what, |(kind, _)| kind)
}

/// Whether a signal came to it that the subject was asked for: the kernel sends others.
fn is_reached(finding: &Finding, pid: u32) -> bool {
    let events = || finding.timeline.iter().flat_map(|moment| &moment.events);
    let is_asked_for = |signal: &String| {
        events().any(|event| matches!(event, Event::Called { signal_name, .. } if signal_name == signal))
    };
    events().any(|event| match event {
        Event::Received { pid: of, signal }
        | Event::Pending { pid: of, signal }
        | Event::Became { pid: of, state: Became::Killed(signal) } => *of == pid && is_asked_for(signal),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::timeline::Moment;

    fn finding(missed: &[u32], reached: &[u32]) -> Finding {
        let whats = [
            (16, "leader"),
            (17, "child of the leader (ignores signals)"),
            (18, "orphan"),
            (19, "a bystander"),
        ];
        let appeared = whats.map(|(pid, what)| {
            let group = Some(if pid == 19 { 19 } else { 16 });
            Event::Appeared(Actor { pid, what: what.to_owned(), group, part: Part::Made })
        });
        let received = reached.iter().map(|&pid| Event::Received { pid, signal: "SIGTERM".to_owned() });
        let (signal_name, answer) = ("SIGTERM".to_owned(), None);
        let called = Event::Called { leader_pid: 16, signal_name, answer };
        let events = appeared.into_iter().chain(received).chain([called]).collect();
        let timeline = vec![Moment::new("made group 16", events)];
        Finding { timeline, processes: missed.to_vec(), ..Finding::new("", "", "") }
    }

    #[test]
    fn a_long_list_is_cut() {
        assert_eq!(named(&["a", "b", "c", "d"]), "a; b; c; d");
        assert_eq!(named(&["a", "b", "c", "d", "e", "f"]), "a; b; c; d; and 2 other kinds");
    }

    #[test]
    fn kinds_that_were_missed_now_and_then_are_left_out() {
        let [one, other] = [finding(&[16, 18], &[17, 19]), finding(&[18], &[16, 17])];
        let told_of = |findings: &[Finding]| described(findings.iter());
        let both = told_of(&[one.clone(), other]).unwrap();
        assert!(both.starts_with("Never reached: orphan. Always reached: child of the leader. "), "{both}");
        let all = told_of(std::slice::from_ref(&one)).unwrap();
        assert!(
            all.starts_with("Never reached: leader; orphan. Always reached: child of the leader. "),
            "{all}"
        );
        let but_the_leader = told_of(&[finding(&[17, 18], &[16])]).unwrap();
        assert_eq!(but_the_leader, "Only the leader was ever reached, no other member.");
        let the_leader = told_of(&[finding(&[16], &[17, 18])]).unwrap();
        assert_eq!(the_leader, "The leader was never reached, and the other members always were.");
        assert_eq!(told_of(&[finding(&[16, 17, 18], &[19])]), None, "nobody of the group was reached");
    }
}
