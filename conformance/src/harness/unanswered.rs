//! What becomes of a case whose subject did not answer as its form says.

use super::{Abort, Context};
use crate::report::symptom::ProtocolError;
use crate::report::text::printable;
use crate::subject::server;
use crate::subject::violation::Violation;
use crate::subject::wire::Question;
use crate::testbed::protocol::{State, signal_name};
use std::time::Duration;

/// How long a process that closed its pipes may take to exit before the report says that it goes on.
const EXIT: Duration = Duration::from_secs(1);

/// How many time limits a first answer is waited for that did not come within the first.
const SLOW_START: u32 = 2;

/// No first answer is waited for longer.
const LONGEST_START: Duration = Duration::from_secs(30);

impl Context {
    /// The end of a case whose subject did that in place of an answer: a breach, or broken where it is not the
    /// subject's doing.
    pub(super) fn unanswered(&mut self, fault: &Violation) -> Abort {
        if let Violation::Starved { .. } = fault {
            self.is_starved = true;
            return Abort::Broken(format!("the subject {fault}"));
        }
        // A process that exits closes its pipes a moment before it has exited.
        let wait = if fault.is_an_end() { EXIT } else { Duration::ZERO };
        let state = self.subject_state(wait);
        let ended = match &state {
            Ok(State::Killed(signal)) => Some(format!("was ended by {}", signal_name(*signal))),
            Ok(state @ State::Exited(_)) => Some(format!("has {state}")),
            _ => None,
        };
        let state = match state {
            Ok(State::Running) if fault.is_an_end() => "; its process goes on".to_owned(),
            Ok(State::Running) => String::new(),
            Ok(State::Stopped) => "; its process is stopped".to_owned(),
            Ok(State::Exited(server::RAN_SHORT)) if self.settings.subject.form.is_served() => {
                return Abort::Broken(
                    self.connection().map_or_else(|_| String::new(), |it| printable(&it.errors())),
                );
            }
            Ok(State::Killed(signal)) => format!("; its process was ended by {}", signal_name(signal)),
            Ok(state) => format!("; its process has {state}"),
            // What the subject did may have reached the agent: then that is what went wrong.
            Err(stop) => return stop,
        };
        let Ok(connection) = self.connection() else {
            return Abort::Broken("the subject was not started".to_owned());
        };
        let (answered, errors) = (connection.has_answered(), connection.errors());
        let error = ProtocolError {
            fault: fault.kind(),
            what: format!("the subject {fault}{state}"),
            in_lines: !self.settings.subject.form.is_served(),
            answered,
            wrote: fault.wrote().to_owned(),
            ended,
            errors,
            first_answers: self.first_answers(fault),
        };
        let happened = error.text();
        self.note(error.what.clone());
        self.protocol = Some(error);
        let limit = match self.settings.shortened_from {
            Some(whole) => {
                format!("{} s (less once the subject is known to wait)", whole.as_secs_f32())
            }
            None => "the time limit".to_owned(),
        };
        let mut expected = format!("an answer to each call within {limit}");
        if !self.settings.subject.form.is_served() {
            expected.push_str(r#", on a line of its own, such as {"id":7,"ok":true}"#);
        }
        let expected = &expected;
        match fault {
            Violation::Silent { .. } => self.breach_late(expected, &happened),
            // Mono warns on standard output of a policy that it does not know. Tried again alone, nobody goes
            // last.
            _ if self.goes_last => self.breach_late(expected, &happened),
            _ => self.breach(expected, &happened),
        }
    }

    /// How long the first two answers take where the first did not come in time, if both come at last: who
    /// starts slowly is told so. It is looked for once a run, with nothing else running, where the subject was
    /// seen to do nothing yet.
    fn first_answers(&mut self, fault: &Violation) -> Option<[Duration; 2]> {
        let Violation::Silent { limit, .. } = fault else { return None };
        let (leader_pid, signal_name) = self.asked.iter().next()?.clone();
        let has_begun = self.soonest_answer.is_some() || !self.calls_after(0).unwrap_or_default().is_empty();
        // One question at a time, over a link that is whole, tells how long an answer takes.
        let is_plain = self.asked.len() == 1 && self.partition_guard.is_none();
        if !self.settings.alone || has_begun || !is_plain || !self.settings.schedule.take_long_wait() {
            return None;
        }
        let again = Question::new(leader_pid, signal_name);
        self.connection().ok()?.first_answers(again, (*limit * SLOW_START).min(LONGEST_START))
    }
}
