//! Why a run failed: cases that failed in one way are one cause, and the cause that explains most comes
//! first.

mod apart;
mod words;

pub use words::{counts, ids, of_commands};

use super::symptom::{AnswerKind, ProtocolError, ProtocolFault, Symptom, Topic};
use super::timeline::Moment;
use super::{CaseResult, Finding, Outcome, Status, text};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, DELIVERS_TO_EVERY_MEMBER, DOES_NOT_WAIT, REJECTS_UNKNOWN_NAMES,
    REPORTS_DELIVERED, REPORTS_EXITED, Requirement, SPARES_OTHER_GROUPS,
};
use std::cmp::Reverse;
use std::time::Duration;

/// How many cases are tried, at least, before a run is given up. Those that were not answered in time have
/// been tried again alone by then, each for as long as an answer may take.
const FIRST: usize = 4;
/// Of how many requirements the cases must be, at least, before a run is given up.
const OF_REQUIREMENTS: usize = 3;

/// The cases, those first that are the example of a cause: who sees a few of them sees each cause.
pub fn examples_first<'a>(all: &[CaseResult], mut cases: Vec<&'a CaseResult>) -> Vec<&'a CaseResult> {
    let causes = of(all);
    let examples: Vec<&str> = causes.iter().map(|cause| cause.example.0.case.as_str()).collect();
    cases.sort_by_key(|case| examples.iter().position(|example| *example == case.case).unwrap_or(usize::MAX));
    cases
}

/// What went wrong in all cases of one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The subject did not answer as its form says.
    Protocol(ProtocolFault, Topic),
    /// One answer was given where another was owed, or any but that one.
    Answer {
        /// The answer that was owed.
        owed: Option<AnswerKind>,
        /// The answer that was given.
        given: AnswerKind,
        /// What was asked, where an error was owed.
        topic: Topic,
    },
    /// Members did not receive what was answered to be delivered.
    Missed,
    /// Members received the signal only after the answer.
    Belated,
    /// Members received the signal more than once.
    Repeated,
    /// Members received another signal.
    Strange,
    /// Something happened to processes outside the group.
    Outsiders(Topic),
    /// What the subject holds grows with the number of calls.
    Grows,
    /// The answers are a program's usage text.
    Usage,
    /// This requirement is broken.
    Requirement(&'static Requirement),
}

/// A cause, with the cases that it explains.
#[derive(Clone, Debug)]
pub struct Cause<'a> {
    /// What went wrong.
    pub kind: Kind,
    /// The cases, in the order of the catalogue. There is at least one.
    pub cases: Vec<&'a CaseResult>,
    /// Whether no case ended otherwise.
    pub is_total: bool,
    /// Whether any case of the run passed.
    pub any_passed: bool,
    /// How long the subject's first answer took at last, if it is only slow to start.
    pub slow_start: Option<Duration>,
    /// Whether the subject was seen to send in one of its cases: its system calls were watched.
    is_watched: bool,
    /// What sets the members apart that were missed, if anything does.
    apart: Option<String>,
    /// The requirement that fits best of those that are broken.
    pub requirement: &'static Requirement,
    /// The case that shows it best, with what it found.
    pub example: (&'a CaseResult, &'a Finding),
}

/// The causes of what failed, the one that explains most first.
pub fn of(cases: &[CaseResult]) -> Vec<Cause<'_>> {
    of_some(cases, cases.iter().any(|case| case.status() == Status::Passed))
}

/// Why one case failed, if it did; `passed` says whether any other has passed.
pub fn of_one(case: &CaseResult, passed: bool) -> Option<Cause<'_>> {
    of_some(std::slice::from_ref(case), passed).pop()
}

/// Why a case ended so, as text that is safe to print: the finding with what to check, in order, or the reason. None for
/// a case that passed.
pub fn message(case: &CaseResult) -> Option<String> {
    match &case.outcome {
        Outcome::Passed => None,
        Outcome::Breached(finding) => {
            // One case does not show what is the matter with all.
            let advice = of_one(case, true).map(|cause| cause.advice()).unwrap_or_default();
            Some(format!("{finding}{}", text::what_to_check(&advice)))
        }
        Outcome::Skipped(reason) | Outcome::Inapplicable(reason) | Outcome::Broken(reason) => {
            Some(text::labelled("", reason))
        }
    }
}

fn of_some(cases: &[CaseResult], passed: bool) -> Vec<Cause<'_>> {
    let broken: Vec<_> = cases.iter().filter_map(|case| Some((case, breach(case)?))).collect();
    let mut kinds: Vec<(Kind, Members<'_>)> = Vec::new();
    let mut unexplained = Vec::new();
    for &(case, finding) in &broken {
        match kind_of(case, finding, &broken) {
            Some(kind) => match kinds.iter_mut().find(|(known, _)| *known == kind) {
                Some((_, members)) => members.push((case, finding)),
                None => kinds.push((kind, vec![(case, finding)])),
            },
            None => unexplained.push((case, finding)),
        }
    }
    if !passed {
        merge_silence(&mut kinds);
    }
    // What only its requirement explains, the cause that breaks this requirement most explains, too.
    let explained = kinds.len();
    for (case, finding) in unexplained {
        let requirement = case.requirement;
        let breaks = |members: &[(&CaseResult, &Finding)]| {
            members.iter().filter(|(other, _)| other.requirement == requirement).count()
        };
        let most = (0..explained).max_by_key(|&place| breaks(&kinds[place].1));
        let known = most.filter(|&place| breaks(&kinds[place].1) > 0);
        let own = || kinds.iter().position(|(kind, _)| *kind == Kind::Requirement(requirement));
        match known.or_else(own) {
            Some(place) => kinds[place].1.push((case, finding)),
            None => kinds.push((Kind::Requirement(requirement), vec![(case, finding)])),
        }
    }
    let is_total = !passed && kinds.len() == 1;
    let place = |case: &CaseResult| cases.iter().position(|other| std::ptr::eq(other, case));
    let mut causes: Vec<_> = kinds
        .into_iter()
        .map(|(kind, mut members)| {
            members.sort_by_key(|(case, _)| place(case));
            Cause::new(kind, &members, (is_total, passed), cases)
        })
        .collect();
    causes.sort_by_key(|cause| (Reverse(cause.failed()), Reverse(cause.cases.len()), place(cause.cases[0])));
    causes
}

/// Why a run should end early, if it should: of the cases that have ended so far, in whatever order, none was
/// answered as the subject's form says. There must be enough of them, about different things. The message is
/// the reason of all cases that are not tried.
pub fn hopeless(ended: &[&CaseResult]) -> Option<String> {
    let tried: Vec<_> =
        ended.iter().filter(|case| matches!(case.outcome, Outcome::Passed | Outcome::Breached(_))).collect();
    let findings: Vec<_> =
        tried.iter().filter_map(|case| Some((case.requirement.name, breach(case)?))).collect();
    if tried.len() < FIRST || findings.len() < tried.len() {
        return None;
    }
    let first = findings[0].1.protocol.as_ref()?;
    let alike = |finding: &Finding| {
        let fault = finding.protocol.as_ref().map(|error| error.fault);
        finding.symptom == Symptom::Protocol && fault == Some(first.fault)
    };
    let mut requirements: Vec<_> =
        findings.iter().filter(|(_, finding)| finding.topic == Topic::Group).map(|(name, _)| *name).collect();
    requirements.sort_unstable();
    requirements.dedup();
    if requirements.len() < OF_REQUIREMENTS || !findings.iter().all(|(_, finding)| alike(finding)) {
        return None;
    }
    let slow_start = findings.iter().find_map(|(_, finding)| finding.protocol.as_ref()?.slow_start());
    Some(words::given_up(first, slow_start))
}

type Members<'a> = Vec<(&'a CaseResult, &'a Finding)>;

/// Takes calls that were not answered for a consequence of wrong lines, where no case passed: who writes none
/// but wrong lines never answers.
fn merge_silence(kinds: &mut Vec<(Kind, Members<'_>)>) {
    use ProtocolFault::{Flood, Malformed, Noise, OutOfTurn, Silent};
    let is_silent = |kind: Kind| matches!(kind, Kind::Protocol(Silent, _));
    let is_wrong = |kind: Kind| matches!(kind, Kind::Protocol(Noise | Malformed | OutOfTurn | Flood, _));
    if kinds.iter().any(|(kind, _)| is_wrong(*kind)) {
        let silent: Vec<_> = kinds.extract_if(.., |(kind, _)| is_silent(*kind)).collect();
        let wrong =
            kinds.iter_mut().filter(|(kind, _)| is_wrong(*kind)).max_by_key(|(_, members)| members.len());
        if let Some((_, members)) = wrong {
            members.extend(silent.into_iter().flat_map(|(_, silent)| silent));
        }
    }
}

/// What was found in a case that breaks its requirement.
fn breach(case: &CaseResult) -> Option<&Finding> {
    match &case.outcome {
        Outcome::Breached(finding) => Some(finding),
        _ => None,
    }
}

/// What went wrong in one case; `None` if only its requirement says it, and that is broken in many ways.
fn kind_of(case: &CaseResult, finding: &Finding, broken: &[(&CaseResult, &Finding)]) -> Option<Kind> {
    if finding.topic == Topic::Group && finding.quotes_usage() {
        return Some(Kind::Usage);
    }
    Some(match finding.symptom {
        Symptom::Protocol => {
            let fault = finding.protocol.as_ref()?.fault;
            Kind::Protocol(fault, common_topic(fault, broken))
        }
        Symptom::Answer { owed, given } => {
            let topic = if owed == Some(AnswerKind::Failed) { finding.topic } else { Topic::Group };
            Kind::Answer { owed, given, topic }
        }
        Symptom::Missed => Kind::Missed,
        Symptom::Belated => Kind::Belated,
        Symptom::Repeated => Kind::Repeated,
        Symptom::Strange => Kind::Strange,
        Symptom::Outsiders => Kind::Outsiders(finding.topic),
        Symptom::Grows => Kind::Grows,
        Symptom::Other => {
            let silence = ProtocolFault::Silent;
            let kinds = [
                // Who waits until a time limit and who waits a while do the same thing.
                (DOES_NOT_WAIT, Kind::Protocol(silence, common_topic(silence, broken))),
                (DELIVERS_TO_EVERY_MEMBER, Kind::Missed),
                (DELIVERS_ONCE, Kind::Repeated),
                (DELIVERS_THE_NAMED_SIGNAL, Kind::Strange),
                (SPARES_OTHER_GROUPS, Kind::Outsiders(Topic::Group)),
            ];
            return kinds.into_iter().find_map(|(about, kind)| (about == case.requirement).then_some(kind));
        }
    })
}

/// What most of the calls were about that ended in this fault: it is not about names if others end so, too.
fn common_topic(fault: ProtocolFault, broken: &[(&CaseResult, &Finding)]) -> Topic {
    let ended_so = |finding: &&Finding| {
        finding.symptom == Symptom::Protocol
            && finding.protocol.as_ref().is_some_and(|error| error.fault == fault)
    };
    let topics: Vec<_> =
        broken.iter().map(|(_, finding)| *finding).filter(ended_so).map(|finding| finding.topic).collect();
    let count = |wanted: Topic| topics.iter().filter(|topic| **topic == wanted).count();
    [Topic::Name, Topic::Leader, Topic::Group]
        .into_iter()
        .max_by_key(|topic| count(*topic))
        .unwrap_or_default()
}

impl<'a> Cause<'a> {
    fn new(
        kind: Kind,
        members: &[(&'a CaseResult, &'a Finding)],
        (is_total, any_passed): (bool, bool),
        all: &'a [CaseResult],
    ) -> Self {
        let cases: Vec<_> = members.iter().map(|(case, _)| *case).collect();
        let requirement = fitting(kind, is_total, &cases, all);
        // Pids and times vary, and say nothing on what is simple.
        let length = |text: &str| text.chars().filter(|letter| !letter.is_ascii_digit()).count();
        // The simplest of the requirement that fits; histories are long, and say less of what was asked. How
        // many steps were seen varies from run to run, and of cases alike the first is the example in each.
        let key = |(case, finding): &&(&CaseResult, &Finding)| {
            let is_other = case.requirement != requirement;
            let fault = finding.protocol.as_ref().map(|error| error.fault);
            let of_kind = if let Kind::Protocol(fault, _) = kind { Some(fault) } else { None };
            // Who was missed is named where each member shows what it received.
            let names_nobody = kind == Kind::Missed && finding.processes.is_empty();
            (
                fault != of_kind,
                case.is_history(),
                is_other,
                names_nobody,
                length(&finding.asked) + length(&finding.happened),
                // That it waited first says nothing, and looks as if it did.
                case.duration > Duration::from_secs(1),
            )
        };
        let example = *members.iter().min_by_key(key).expect("a cause has a case");
        let slow_start = members
            .iter()
            .find_map(|(_, finding)| finding.protocol.as_ref().and_then(ProtocolError::slow_start));
        let is_watched = members.iter().any(|(_, finding)| finding.timeline.iter().any(Moment::sends));
        // One case does not show what is the matter with all.
        let apart = (kind == Kind::Missed && members.len() > 1)
            .then(|| apart::described(members.iter().map(|(_, finding)| *finding)))
            .flatten();
        Self { kind, cases, is_total, any_passed, slow_start, is_watched, apart, requirement, example }
    }

    /// How many of its cases break a MUST.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| case.status() == Status::Failed).count()
    }

    /// Each requirement that it breaks, in the order of the catalogue, with its cases here.
    pub fn by_requirement(&self) -> Vec<(&'static Requirement, Vec<&'a CaseResult>)> {
        let mut rows: Vec<(&'static Requirement, Vec<&CaseResult>)> = Vec::new();
        for case in &self.cases {
            match rows.iter_mut().find(|(requirement, _)| *requirement == case.requirement) {
                Some((_, cases)) => cases.push(case),
                None => rows.push((case.requirement, vec![case])),
            }
        }
        rows
    }

    /// Whether an error is answered where a group has exited, as by a command that runs a plain `kill`.
    pub fn never_says_exited(&self) -> bool {
        matches!(self.kind, Kind::Answer { owed: Some(AnswerKind::Exited), given: AnswerKind::Failed, .. })
    }

    /// Whether it is told by what the subject did on its pipes, before any requirement.
    pub fn is_protocol(&self) -> bool {
        matches!(self.kind, Kind::Protocol(_, Topic::Group))
            && (self.is_total || self.slow_start.is_some() || self.requirement != DOES_NOT_WAIT)
    }
}

/// The requirement that fits best: the one that this kind is about, or else the one of which most cases, in
/// proportion, are among `cases`.
fn fitting(kind: Kind, is_total: bool, cases: &[&CaseResult], all: &[CaseResult]) -> &'static Requirement {
    let about = match kind {
        Kind::Protocol(..) if is_total => Some(REPORTS_DELIVERED),
        Kind::Protocol(ProtocolFault::Silent, Topic::Group) => Some(DOES_NOT_WAIT),
        Kind::Protocol(_, Topic::Name) | Kind::Answer { topic: Topic::Name, .. } => {
            Some(REJECTS_UNKNOWN_NAMES)
        }
        Kind::Usage | Kind::Answer { owed: Some(AnswerKind::Delivered), given: AnswerKind::Failed, .. } => {
            Some(REPORTS_DELIVERED)
        }
        Kind::Answer { owed: Some(AnswerKind::Exited), .. } => Some(REPORTS_EXITED),
        Kind::Missed | Kind::Belated => Some(DELIVERS_TO_EVERY_MEMBER),
        Kind::Repeated => Some(DELIVERS_ONCE),
        Kind::Strange => Some(DELIVERS_THE_NAMED_SIGNAL),
        Kind::Outsiders(Topic::Group) => Some(SPARES_OTHER_GROUPS),
        Kind::Requirement(requirement) => Some(requirement),
        Kind::Protocol(..) | Kind::Answer { .. } | Kind::Outsiders(_) | Kind::Grows => None,
    };
    if let Some(about) = about.filter(|about| cases.iter().any(|case| case.requirement == *about)) {
        return about;
    }
    let share = |requirement: &Requirement| {
        let of_it = |case: &&CaseResult| case.requirement == requirement;
        let here = cases.iter().copied().filter(of_it).count();
        let tried =
            all.iter().filter(of_it).filter(|case| !matches!(case.outcome, Outcome::Skipped(_))).count();
        (here * 1000 / tried.max(1), here)
    };
    let candidates = cases.iter().map(|case| case.requirement).rev();
    candidates.max_by_key(|requirement| share(requirement)).unwrap_or(cases[0].requirement)
}
