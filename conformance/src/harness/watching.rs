//! What the subject called, beside what was done and seen.

use super::{Abort, Context, Group, Moment, Need, Result, SHOWN};
use crate::contract::SPARES_OTHER_GROUPS;
use crate::report::symptom::Symptom;
use crate::report::timeline::{Event, Recipient};
use crate::report::{Finding, Outcome};
use crate::testbed::{Fate, Kernel, Kind, SystemCall, Target, Watch};
use std::collections::HashSet;
use std::io;

impl Context {
    /// Watches the subject, which was just started, by what was made ready for that. Without it a case is
    /// tried all the same, unless it is about what is seen so.
    ///
    /// # Errors
    /// [`Abort::Broken`] when another kernel's answers cannot be given.
    pub(super) fn begin_watching(&mut self, ready: io::Result<Watch>, subject: u32) -> Result {
        match ready.and_then(|watch| watch.has_begun().map(|()| watch)) {
            Ok(watch) => {
                if self.is_dangerous {
                    // It leads the group that it is in.
                    watch.hold_back(subject);
                }
                self.watch = Some(watch);
            }
            Err(cause) if self.settings.kernel != Kernel::Linux => {
                return Err(Abort::Broken(format!("no other kernel's answers can be given: {cause}")));
            }
            Err(cause) => self.note(format!("the subject's system calls are not watched: {cause}")),
        }
        Ok(())
    }

    /// Where no second user is available, and the subject may not signal one's processes: refuses what it calls for those
    /// that count as such.
    ///
    /// # Errors
    /// [`Abort::Lacks`] when there are some, and the subject is not watched.
    pub(super) fn forbid_others(&self) -> Result {
        let others: HashSet<_> =
            self.processes().filter(|process| process.others).map(|process| process.pid).collect();
        match &self.watch {
            _ if !self.forbids_others => Ok(()),
            Some(watch) => {
                watch.forbid(others);
                Ok(())
            }
            None if others.is_empty() => Ok(()),
            None => {
                Err(Abort::Lacks(Need::SomeRefused, "the subject's system calls are not watched".to_owned()))
            }
        }
    }

    /// Every call by which the subject, or whatever it started, has sent a signal or asked whether somebody
    /// is there, but for that many first ones.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it is not watched.
    pub fn calls_after(&self, place: usize) -> Result<Vec<SystemCall>> {
        self.watch().map(|watch| watch.calls_after(place))
    }

    /// How many such calls there were so far.
    ///
    /// # Errors
    /// [`Abort::Broken`] when it is not watched.
    pub fn count_calls(&self) -> Result<usize> {
        self.watch().map(Watch::count)
    }

    pub(super) fn watch(&self) -> Result<&Watch> {
        self.watch.as_ref().ok_or_else(|| Abort::Broken("the subject is not watched".to_owned()))
    }

    /// The moments of the case, with the calls of the subject among them.
    pub(super) fn moments(&self) -> Vec<Moment> {
        let mut moments = self.timeline.moments().to_vec();
        let calls = self.calls_after(0).unwrap_or_default();
        let calls = calls.iter().filter(|call| self.is_telling(call) && !self.timeline.leaves_out(call.at));
        moments.extend(calls.map(|call| {
            let at = Some(self.timeline.time_of(call.at));
            Moment { at, ..Moment::new(self.call_sentence(call), vec![self.event(call)]) }
        }));
        moments.sort_by_key(|moment| moment.at);
        moments
    }

    /// The calls of the subject since this was asked last, a sentence each; of many only the first few.
    pub fn take_calls(&mut self) -> Vec<String> {
        let calls = self.calls_after(self.told_calls).unwrap_or_default();
        self.told_calls += calls.len();
        let calls = calls.iter().filter(|call| self.is_telling(call));
        let mut sentences: Vec<_> = calls.map(|call| self.call_sentence(call)).collect();
        let rest = sentences.len().saturating_sub(SHOWN);
        sentences.truncate(SHOWN);
        sentences.extend((rest > 0).then(|| format!("… and {rest} more calls")));
        sentences
    }

    /// A call as an event.
    fn event(&self, call: &SystemCall) -> Event {
        let to = match call.target {
            _ if !self.is_among_the_groups(call) => None,
            Some(Target::Process(pid)) => Some(Recipient::Process(pid)),
            Some(Target::Group(id)) => Some(Recipient::Group(id)),
            _ => None,
        };
        Event::SystemCall { call: call.to_string(), to, sends: call.sends() }
    }

    /// Whether a call says something of the case: what a program does with its own threads does not, nor that
    /// it waits for its own children.
    fn is_telling(&self, call: &SystemCall) -> bool {
        match (call.kind, call.target) {
            (_, Some(Target::OwnThread)) => false,
            (Kind::Open, Some(Target::Process(pid))) => self.knows(pid),
            _ => true,
        }
    }

    /// A call as a sentence.
    pub fn call_sentence(&self, call: &SystemCall) -> String {
        let program =
            call.by.program.as_ref().map_or_else(String::new, |program| format!(", {}", short(program)));
        let within = if self.is_among_the_groups(call) { "" } else { ", in a PID namespace of its own," };
        format!("subject (pid {}{program}){within} called {call}", call.by.pid)
    }

    /// Lets the next call that signals the group, in which nobody is left, be refused: see
    /// [`Watch::linger`].
    ///
    /// # Errors
    /// [`Abort::Broken`] when the subject is not watched.
    pub fn let_linger(&mut self, group: &Group) -> Result {
        self.watch()?.linger(group.id);
        self.note(format!("let kill(2) refuse group {} once more, as Darwin does for a moment", group.id));
        Ok(())
    }

    /// Whether the subject was seen to signal everybody, its own group or its parent: what it was called from.
    pub(super) fn has_signalled_the_caller(&self) -> bool {
        let parent = self.parent().map(|parent| parent.pid);
        self.calls_after(0).unwrap_or_default().iter().filter(|call| call.sends()).any(|call| {
            self.is_among_the_groups(call)
                && match call.target {
                    Some(Target::Everybody) => true,
                    Some(Target::Group(id)) => Some(id) == self.subject_pid(),
                    Some(Target::Process(pid)) => Some(pid) == parent,
                    _ => false,
                }
        })
    }

    /// Whether a call was held back that was meant for everybody, or for the subject's own group.
    pub fn has_held_back(&self) -> bool {
        self.calls_after(0).unwrap_or_default().iter().any(|call| call.fate == Fate::HeldBack)
    }

    /// The calls that were held back, a sentence each, with whom they would have reached; of many only the
    /// first few.
    pub(super) fn held_back(&self) -> Vec<String> {
        let calls = self.calls_after(0).unwrap_or_default();
        let mut sentences: Vec<_> = calls
            .iter()
            .filter(|call| call.fate == Fate::HeldBack)
            .map(|call| {
                let whom = match call.target {
                    Some(Target::Everybody) => "everybody",
                    _ => "the subject's own group",
                };
                format!("{}, which targets {whom}; the suite blocked it", self.call_sentence(call))
            })
            .collect();
        let rest = sentences.len().saturating_sub(SHOWN);
        sentences.truncate(SHOWN);
        sentences.extend((rest > 0).then(|| format!("… and {rest} more such calls")));
        sentences
    }

    /// What becomes of a case in which calls were held back: whom they are meant for would have shown it.
    pub(super) fn judge_held_back(&mut self, outcome: Outcome) -> Outcome {
        let held_back = self.held_back().join("\n");
        let requirement = Some(SPARES_OTHER_GROUPS);
        match outcome {
            outcome if held_back.is_empty() => outcome,
            Outcome::Passed => {
                let expected = "no signal is sent to everybody, or to the subject's own group";
                let finding = self.finding(expected, &held_back, Symptom::Outsiders);
                Outcome::Breached(Box::new(Finding { requirement, ..finding }))
            }
            Outcome::Breached(finding) => {
                let happened = format!("{held_back}\n{}", finding.happened);
                let symptom = Symptom::Outsiders;
                Outcome::Breached(Box::new(Finding { happened, symptom, requirement, ..*finding }))
            }
            outcome => outcome,
        }
    }

    /// The user that the subject signals as, if that is not the owner of the groups. A Rust subject that does not
    /// declare its user is accused of such a change instead: it is the caller's.
    pub(super) fn acts_as_another_user(&self) -> Option<u32> {
        let declares = self.settings.declared.user().is_some();
        if !declares && self.settings.subject.form.is_in_rust() || self.has_held_back() {
            return None;
        }
        let owner = self.groups_user();
        let calls = self.calls_after(0).unwrap_or_default();
        // Also those with signal 0: who is refused that sends nothing.
        let is_of_case = |call: &&SystemCall| {
            self.is_among_the_groups(call)
                && matches!(call.target, Some(Target::Group(id) | Target::Process(id)) if self.knows(id))
        };
        let users: Vec<_> = calls.iter().filter(is_of_case).map(|call| call.by.uid).collect();
        if users.contains(&owner) { None } else { users.first().copied() }
    }

    /// Whether a process of the case has that pid.
    fn knows(&self, pid: u32) -> bool {
        self.processes().any(|process| process.pid == pid)
    }

    /// Whether the caller knows processes by the pids that the case knows them by.
    pub fn is_among_the_groups(&self, call: &SystemCall) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.depth() == call.by.depth)
    }
}

/// The path of a program, or its file's name where the path would leave no room for the call in a line.
fn short(program: &str) -> &str {
    const LONG: usize = 24;
    if program.len() <= LONG { program } else { program.rsplit('/').next().unwrap_or(program) }
}
