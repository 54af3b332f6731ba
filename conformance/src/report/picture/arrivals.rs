//! When what a call of the subject brought about is drawn.

use super::lanes::touched;
use crate::report::timeline::{Actor, Became, Event, Moment, Recipient};
use std::cmp::Reverse;
use std::collections::HashMap;

/// The moments with what a call of the subject brought about at the system calls that stand before its answer:
/// members are looked at after the answer, and would seem to receive the signal after it.
pub fn at_the_system_calls(timeline: &[Moment]) -> Vec<Moment> {
    let mut moments = timeline.to_vec();
    let mut groups = HashMap::new();
    // The moments before answers that came together, and which of their calls brought something about, to whom.
    let (mut before, mut used) = (0..0, Vec::new());
    for answered in 0..moments.len() {
        for event in &moments[answered].events {
            if let Event::Appeared(Actor { pid, group: Some(group), .. }) = event {
                groups.insert(*pid, *group);
            }
        }
        if !moments[answered].events.iter().any(|event| matches!(event, Event::Called { .. })) {
            continue;
        }
        if moments[before.end..answered].iter().any(|moment| moment.system_calls().next().is_some()) {
            (before, used) = (before.end..answered, Vec::new());
        }
        let events = std::mem::take(&mut moments[answered].events);
        for event in events {
            let place = touched(&event).and_then(|pid| {
                let is_used = |place| used.contains(&(pid, place));
                let group = groups.get(&pid).copied();
                let place = system_call(&moments[before.clone()], &event, (pid, group), is_used)?;
                used.extend(event.is_arrival().then_some((pid, place)));
                Some(before.start + place)
            });
            moments[place.unwrap_or(answered)].events.push(event);
        }
    }
    moments
}

/// At which of the moments a system call was made that brought the event about: one for that very process or
/// its group, and one that sends that signal, rather than another; of those alike the first that is not used, or
/// the last for what is no signal.
fn system_call(
    moments: &[Moment],
    event: &Event,
    (pid, group): (u32, Option<u32>),
    is_used: impl Fn(usize) -> bool,
) -> Option<usize> {
    let is_for = |to: &Option<Recipient>| match to {
        Some(Recipient::Process(id)) => *id == pid,
        Some(Recipient::Group(id)) => Some(*id) == group,
        None => false,
    };
    let signal = match event {
        Event::Received { signal, .. } | Event::Pending { signal, .. } => Some(signal),
        Event::Became { state: Became::Killed(signal), .. } => Some(signal),
        _ => None,
    };
    let names_it = |call: &str| signal.is_some_and(|signal| call.contains(signal.as_str()));
    let key = |(place, event): (usize, &Event)| match event {
        Event::SystemCall { call, to, sends: true } => {
            let turn = signal.map(|_| (!is_used(place), Reverse(place)));
            Some((is_for(to), names_it(call), turn, place))
        }
        _ => None,
    };
    let events = moments.iter().enumerate();
    let events = events.flat_map(|(place, moment)| moment.events.iter().map(move |event| (place, event)));
    events.filter_map(key).max().map(|(.., place)| place)
}
