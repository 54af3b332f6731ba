//! When what a call of the subject brought about is drawn.

use super::lanes::touched;
use crate::report::timeline::{Event, Moment};

/// The moments with what a call of the subject brought about at the system calls that stand before its answer:
/// members are looked at after the answer, and would seem to receive the signal after it.
pub fn at_the_system_calls(timeline: &[Moment]) -> Vec<Moment> {
    let mut moments = timeline.to_vec();
    let mut since_answer = 0;
    for answered in 0..moments.len() {
        if !moments[answered].events.iter().any(|event| matches!(event, Event::Called { .. })) {
            continue;
        }
        let events = std::mem::take(&mut moments[answered].events);
        for event in events {
            let place = match event {
                Event::Called { .. } => None,
                _ => system_call(&moments[since_answer..answered], &event),
            };
            moments[place.map_or(answered, |place| since_answer + place)].events.push(event);
        }
        since_answer = answered + 1;
    }
    moments
}

/// At which of the moments a system call was made that brought the event about: the last for that very process,
/// or else the last that sent something.
fn system_call(moments: &[Moment], event: &Event) -> Option<usize> {
    let process = touched(event);
    moments
        .iter()
        .enumerate()
        .flat_map(|(place, moment)| moment.events.iter().map(move |event| (place, event)))
        .filter_map(|(place, event)| match event {
            Event::SystemCall { to, sends: true, .. } => Some((to.is_some() && *to == process, place)),
            _ => None,
        })
        .max()
        .map(|(_, place)| place)
}
