//! What is drawn of each moment, and in which lanes.

use super::lanes::{Appearance, touched};
use super::{Call, Lane, Life, Mark, MarkKind, Row};
use crate::report::symptom::AnswerKind;
use crate::report::text::quoted_name;
use crate::report::timeline::{Became, Event, Moment, Recipient};

/// Where the lanes of the processes are at a moment: a pid can come back.
pub struct Now<'a> {
    of: &'a [Appearance],
    /// The lane of each pid now.
    at: Vec<(u32, usize)>,
    /// Whether the subject's system calls were seen: they show what it sent, and answers do not.
    is_watched: bool,
}

impl<'a> Now<'a> {
    /// Before the first of these moments.
    pub fn new(of: &'a [Appearance], timeline: &[Moment]) -> Self {
        let is_watched = timeline.iter().any(|moment| moment.system_calls().next().is_some());
        Self { of, at: Vec::new(), is_watched }
    }

    fn lane(&self, pid: u32) -> Option<usize> {
        self.at.iter().rev().find(|(known, _)| *known == pid).map(|(_, lane)| *lane)
    }

    /// The lanes of those whom a system call is for: of a group everybody who is there.
    fn recipients(&self, to: Recipient, lives: &[Life], lanes: &[Lane]) -> Vec<usize> {
        let (Recipient::Process(id) | Recipient::Group(id)) = to;
        let is_there = |&lane: &usize| lanes[lane].band.group() == Some(id) && lives[lane] != Life::Absent;
        let members: Vec<_> = (0..lanes.len()).filter(is_there).collect();
        match to {
            Recipient::Group(_) if !members.is_empty() => members,
            _ => self.lane(id).into_iter().collect(),
        }
    }

    /// The lanes of the group's members whom a signal reached in that moment.
    fn reached(&self, group: u32, moment: &Moment, lanes: &[Lane]) -> Vec<usize> {
        let arrived = moment.events.iter().filter(|event| event.is_arrival());
        let reached = arrived.filter_map(|event| self.lane(touched(event)?));
        let mut reached: Vec<_> = reached.filter(|&lane| lanes[lane].band.group() == Some(group)).collect();
        reached.sort_unstable();
        reached.dedup();
        reached
    }

    /// The row of a moment, after which the lanes go on as `lives` says.
    pub fn row(&mut self, index: usize, moment: &Moment, lives: &mut [Life], lanes: &[Lane]) -> Row {
        let mut calls = Vec::new();
        let mut marks = Vec::new();
        let subject = lanes.iter().position(|lane| lane.is_subject);
        let mut from = subject;
        for (place, event) in moment.events.iter().enumerate() {
            let mut mark =
                |lane: usize, kind, label: &str| marks.push(Mark { lane, kind, label: label.into() });
            match event {
                Event::Appeared(actor) => {
                    let known = self.of.iter().find(|known| known.at == (index, place));
                    let Some(lane) = known.and_then(|known| known.lane) else { continue };
                    if actor.group.is_some() {
                        self.at.push((actor.pid, lane));
                    }
                    lives[lane] = Life::Running;
                    mark(lane, MarkKind::Appeared, "");
                }
                Event::SystemCall { call, to, sends } => {
                    let Some(from) = subject else { continue };
                    let to = to.map_or_else(Vec::new, |to| self.recipients(to, lives, lanes));
                    calls.push(Call { from, to, is_probe: !sends, label: call.clone() });
                }
                Event::Operated { .. } => from = lanes.iter().position(|lane| lane.pid.is_none()).or(from),
                Event::Called { .. } if self.is_watched && from == subject => {}
                Event::Called { leader_pid, signal_name, answer } => {
                    let Some(from) = from else { continue };
                    let label = call(*leader_pid, signal_name, *answer);
                    let to = self.reached(*leader_pid, moment, lanes);
                    calls.push(Call { from, to, is_probe: false, label });
                }
                Event::Received { pid, signal } => {
                    let Some(lane) = self.lane(*pid) else { continue };
                    mark(lane, MarkKind::Received, short(signal));
                }
                Event::Pending { pid, signal } => {
                    let Some(lane) = self.lane(*pid) else { continue };
                    mark(lane, MarkKind::Pending, short(signal));
                }
                Event::Became { pid, state } => {
                    let Some(lane) = self.lane(*pid) else { continue };
                    let (life, kind, label) = match state {
                        Became::Stopped => (Life::Stopped, MarkKind::Changed, "stopped"),
                        Became::Continued => (Life::Running, MarkKind::Changed, "continued"),
                        Became::Exited => (Life::Unreaped, MarkKind::Changed, "exited"),
                        Became::Killed(signal) => (Life::Unreaped, MarkKind::Killed, short(signal)),
                        Became::Reaped => (Life::Absent, MarkKind::Changed, "reaped"),
                    };
                    lives[lane] = life;
                    mark(lane, kind, label);
                }
            }
        }
        let (place, at, text) = (Some(index + 1), moment.at, moment.text.clone());
        let says_calls = text.starts_with("signal(") || moment.system_calls().next().is_some();
        Row { place, at, text, calls, says_calls, marks, lives: lives.to_vec() }
    }
}

/// A signal's name without what all have in common.
fn short(signal: &str) -> &str {
    signal.strip_prefix("SIG").unwrap_or(signal)
}

fn call(leader_pid: u32, signal_name: &str, answer: Option<AnswerKind>) -> String {
    let answer = match answer {
        Some(AnswerKind::Delivered) => "Ok(true)",
        Some(AnswerKind::Exited) => "Ok(false)",
        Some(AnswerKind::Failed) => "Err",
        None => "no answer",
    };
    format!("signal({leader_pid}, {}): {answer}", quoted_name(signal_name, 24))
}
