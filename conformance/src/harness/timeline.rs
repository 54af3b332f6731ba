//! The record of a case: what was done, and what was seen of the processes since.

use crate::report::timeline::{Actor, Became, Event, Moment};
use crate::testbed::protocol::{Seen, State, signal_name};
use std::collections::HashMap;
use std::mem;
use std::time::{Duration, Instant};

/// The moments of a case so far.
#[derive(Debug)]
pub struct Timeline {
    began: Instant,
    moments: Vec<Moment>,
    /// Until when moments are left out.
    left_out_until: Duration,
    /// Events that belong to the next moment.
    waiting: Vec<Event>,
    /// Each process as it was seen last.
    seen: HashMap<u32, Seen>,
    /// The group of each process.
    groups: HashMap<u32, u32>,
}

impl Timeline {
    /// One that begins now.
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            moments: Vec::new(),
            left_out_until: Duration::ZERO,
            waiting: Vec::new(),
            seen: HashMap::new(),
            groups: HashMap::new(),
        }
    }

    /// The id of the group that a process came up in; its own pid if nothing is known of it.
    pub fn group_of(&self, pid: u32) -> u32 {
        self.groups.get(&pid).copied().unwrap_or(pid)
    }

    /// The moments, in order.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// Time since it began.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// When that was, from the beginning.
    pub fn time_of(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.began)
    }

    /// Adds a moment: now.
    pub fn record(&mut self, moment: impl Into<Moment>) {
        self.record_of(Instant::now(), moment);
    }

    /// Adds a moment that was at that time.
    pub fn record_of(&mut self, at: Instant, moment: impl Into<Moment>) {
        let mut moment = moment.into();
        moment.events.iter().for_each(|event| self.expect(event));
        let waiting = mem::take(&mut self.waiting);
        moment.events.splice(..0, waiting);
        moment.at = Some(self.time_of(at));
        self.moments.push(moment);
    }

    /// Keeps an event for the moment that is recorded next.
    pub fn before(&mut self, event: Event) {
        self.expect(&event);
        self.waiting.push(event);
    }

    /// Adds an event to the last moment.
    pub fn after(&mut self, event: Event) {
        self.expect(&event);
        match self.moments.last_mut() {
            Some(last) => last.events.push(event),
            None => self.waiting.push(event),
        }
    }

    /// A process is there from now on, which belongs to the moment that is recorded next.
    pub fn appears(&mut self, actor: Actor) {
        self.before(Event::Appeared(actor));
    }

    /// Adds what is new of these processes to the last moment.
    pub fn observe(&mut self, processes: &[Seen]) {
        // Of processes with the same pid the newest counts.
        let newest: HashMap<u32, usize> =
            processes.iter().enumerate().map(|(place, process)| (process.pid, place)).collect();
        for (place, process) in processes.iter().enumerate() {
            if newest[&process.pid] == place {
                self.news(process).into_iter().for_each(|event| self.after(event));
                self.seen.insert(process.pid, process.clone());
            }
        }
    }

    /// Leaves out the moments from `place` on. Who is there, and how, is kept for the next moment; who came and
    /// went meanwhile is not.
    pub fn cut(&mut self, place: usize) {
        let mut kept: Vec<Event> = Vec::new();
        for event in self.moments.drain(place..).flat_map(|moment| moment.events) {
            match event {
                Event::Became { pid, state: Became::Reaped } if kept.iter().any(|one| is_made(one, pid)) => {
                    kept.retain(|one| !is_of(one, pid));
                }
                Event::Appeared(_) | Event::Became { .. } => kept.push(event),
                _ => {}
            }
        }
        self.waiting.splice(..0, kept);
        self.left_out_until = self.began.elapsed();
    }

    /// Whether what happened at that time was left out.
    pub fn leaves_out(&self, at: Instant) -> bool {
        self.time_of(at) < self.left_out_until
    }

    /// The events since they were taken last.
    pub fn take_events(&mut self) -> Vec<Event> {
        let events = self.moments.iter_mut().flat_map(|moment| mem::take(&mut moment.events));
        events.chain(mem::take(&mut self.waiting)).collect()
    }

    /// What is new of a process.
    fn news(&self, now: &Seen) -> Vec<Event> {
        let pid = now.pid;
        let before = self.seen.get(&pid).cloned().unwrap_or_else(|| untouched(pid));
        let mut events = Vec::new();
        let received = now.received.iter().skip(before.received.len());
        events.extend(received.map(|one| Event::Received { pid, signal: signal_name(one.signal) }));
        let pending = now.pending.iter().filter(|signal| !before.pending.contains(signal));
        events.extend(pending.map(|signal| Event::Pending { pid, signal: signal_name(*signal) }));
        let state = match now.state {
            state if state == before.state => None,
            State::Running => Some(Became::Continued),
            State::Stopped | State::Frozen => Some(Became::Stopped),
            // Who ended it is known already.
            State::Exited(_) | State::Killed(_) if !before.state.is_live() => None,
            State::Exited(_) => Some(Became::Exited),
            State::Killed(signal) => Some(Became::Killed(signal_name(signal))),
            State::Reaped => Some(Became::Reaped),
        };
        events.extend(state.map(|state| Event::Became { pid, state }));
        events
    }

    /// Takes an event for known, so that it is no news when it is seen.
    fn expect(&mut self, event: &Event) {
        match event {
            Event::Appeared(Actor { pid, group: Some(group), .. }) => {
                self.groups.insert(*pid, *group);
                self.seen.insert(*pid, untouched(*pid));
            }
            Event::Became { pid, state } => {
                let seen = self.seen.entry(*pid).or_insert_with(|| untouched(*pid));
                seen.state = match state {
                    Became::Stopped => State::Stopped,
                    Became::Continued => State::Running,
                    Became::Exited | Became::Killed(_) => State::Exited(0),
                    Became::Reaped => State::Reaped,
                };
            }
            _ => {}
        }
    }
}

/// Whether the event says that a process is made.
fn is_made(event: &Event, pid: u32) -> bool {
    matches!(event, Event::Appeared(actor) if actor.pid == pid)
}

/// Whether the event says that a process is made, or how it is.
fn is_of(event: &Event, pid: u32) -> bool {
    is_made(event, pid) || matches!(event, Event::Became { pid: of, .. } if *of == pid)
}

fn untouched(pid: u32) -> Seen {
    Seen { pid, state: State::Running, received: Vec::new(), pending: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::timeline::Part;
    use crate::testbed::make::Origin;
    use crate::testbed::protocol::Receipt;

    fn received(pid: u32, signals: &[i32]) -> Seen {
        let received =
            signals.iter().map(|&signal| Receipt { signal, from: 0, origin: Origin::Sent }).collect();
        Seen { received, ..untouched(pid) }
    }

    fn actor(pid: u32) -> Actor {
        Actor { pid, what: "leader".to_owned(), group: Some(pid), part: Part::Made }
    }

    #[test]
    fn what_is_seen_belongs_to_the_moment_before_and_is_news_once() {
        let mut timeline = Timeline::new();
        timeline.appears(actor(7));
        timeline.record("made it");
        timeline.record("asked");
        for _ in 0..2 {
            timeline.observe(&[received(7, &[libc::SIGTERM])]);
        }
        timeline.observe(&[received(7, &[libc::SIGTERM, libc::SIGINT])]);
        let [made, asked] = timeline.moments() else { panic!("two moments") };
        assert_eq!(made.events, [Event::Appeared(actor(7))]);
        let arrived = |signal: &str| Event::Received { pid: 7, signal: signal.to_owned() };
        assert_eq!(asked.events, [arrived("SIGTERM"), arrived("SIGINT")]);
    }

    #[test]
    fn what_was_done_is_no_news_when_it_is_seen() {
        let mut timeline = Timeline::new();
        timeline.appears(actor(7));
        let exited = Event::Became { pid: 7, state: Became::Exited };
        timeline.record(Moment::new("it exited", vec![exited.clone()]));
        timeline.observe(&[Seen { state: State::Killed(9), ..untouched(7) }]);
        assert_eq!(timeline.moments()[0].events, [Event::Appeared(actor(7)), exited]);
        timeline.observe(&[Seen { state: State::Reaped, ..untouched(7) }]);
        assert_eq!(
            timeline.moments()[0].events.last(),
            Some(&Event::Became { pid: 7, state: Became::Reaped })
        );
    }

    #[test]
    fn a_pid_that_came_back_begins_anew() {
        let mut timeline = Timeline::new();
        for _ in 0..2 {
            timeline.appears(actor(7));
            timeline.record("made it");
            timeline.observe(&[received(7, &[libc::SIGTERM])]);
        }
        assert!(timeline.moments().iter().all(|moment| moment.events.len() == 2));
    }

    #[test]
    fn who_is_there_is_not_forgotten_with_the_moments_that_are_left_out() {
        let mut timeline = Timeline::new();
        timeline.appears(actor(7));
        timeline.record("made it");
        timeline.observe(&[received(7, &[libc::SIGTERM])]);
        timeline.cut(0);
        timeline.record("…");
        assert_eq!(timeline.moments()[0].events, [Event::Appeared(actor(7))]);
    }

    #[test]
    fn who_came_and_went_is_left_out_with_the_moments() {
        let mut timeline = Timeline::new();
        timeline.appears(actor(7));
        timeline.record("made 7");
        for state in [Became::Exited, Became::Reaped] {
            timeline.appears(actor(8));
            timeline.record(Moment::new("8", vec![Event::Became { pid: 8, state }]));
        }
        let before = Instant::now();
        timeline.cut(0);
        timeline.record("…");
        assert_eq!(timeline.moments()[0].events, [Event::Appeared(actor(7))]);
        assert!(timeline.leaves_out(before) && !timeline.leaves_out(Instant::now()));
    }
}
