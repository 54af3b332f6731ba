//! What is said of a cause: what happened in a sentence, and what to change.

use super::{AnswerKind, Cause, Kind, ProtocolFault, Topic};
use crate::contract::{DOES_NOT_WAIT, MEMBER_IS_NOT_LEADER, NEVER_EXISTED_IS_EXITED, Requirement};
use crate::report::Finding;
use crate::report::symptom::ProtocolError;
use crate::report::text;
use crate::report::timeline::{Actor, Event, Moment, Part, Recipient};
use std::time::Duration;

/// Where the implementer's guide is, from the folder of this project on.
const GUIDE: &str = "conformance/README.md";

const FLUSH: &str = "Is standard output flushed after each answer? When it is a pipe, most languages keep output \
    until a buffer is full: use print(…, flush=True) in Python, fflush(stdout) in C, $| = 1 in Perl.";
const LOOP: &str = "Does it answer each line as soon as it has read it? Standard input stays open, so a program \
    that reads to end of file, as sys.stdin.read() does, never answers.";
const FIRST_ID: &str = "Does it answer the id 0? Ids count from 0, and `if not id` takes the first for none.";
const SLOW: &str = "Is it slow? --timeout SECONDS allows more time for an answer. Does it wait for something before \
    it answers? It must answer as soon as the signal is sent.";
const START: &str = "Each case starts the program anew. Load what is slow only when it is needed, or keep it in \
    a server that the program connects to.";
const BUSY: &str = "Only some calls are late: on a busy machine try again with --jobs 1.";
const LINE_END: &str = "It wrote something that does not end its line: end each answer with \\n.";
const LOGS: &str = "Only answers belong on standard output, one JSON object per line. Write everything else to \
    standard error: print(…, file=sys.stderr) in Python, console.error(…) in Node.js, >&2 in a shell.";
const FORM: &str = "An answer is one of {\"id\":7,\"ok\":true}, {\"id\":7,\"ok\":false} and \
    {\"id\":7,\"err\":\"why\"}, on a line of its own, in UTF-8.";
const MIXED: &str = "Two answers stand on one line: several threads or processes write at once. Write each answer with its \
    line end in one call, under a lock that all of them take.";
const TWICE: &str = "Each question is answered once, with its own id. Look for a line that is written twice: by two \
    threads that flush one buffer, or by a child of fork(2) whose copy of the buffer was not empty.";
const NOTHING_SENT: &str = "It was not seen to send anything in this case: it took the group for exited before. Look at how \
    it finds the group's members.";
const USAGE: &str = "The answer is a program's usage text: it did not understand its arguments. procps' kill \
    reads -1 to -93 as a signal number, not as a process group, even after `-s NAME --`. `kill -TERM -- -ID` is right for it; \
    conformance/examples/signaller.sh works with every kill.";
const STAYS: &str = "It exits by itself, though it had answered before: look for a limit on calls, on idle \
     time or on errors. A subject stays until its standard input ends.";
const SENT_FIRST: &str = "Send first, and answer when the call that sends has returned: here the signal came \
    after the answer. Look for a thread, a queue, a timer or a program in the background that sends.";
const BY_HAND: &str = "Try it by hand, with a leader pid that no process can have: echo \
    '{\"id\":7,\"leader_pid\":2147483647,\"signal_name\":\"SIGTERM\"}' | PROGRAM writes \
    {\"id\":7,\"ok\":false}.";
const RETURN: &str = "No call may end the process that makes it: answer with an error for what fails, and signal the \
    group alone, never the caller's own or everybody.";
const CATCH: &str = "Catch what can fail and answer {\"id\":7,\"err\":\"why\"}: one call that fails must not end the program.";

impl Cause<'_> {
    /// What the subject does, in a few words: continues "the subject …".
    pub fn headline(&self) -> String {
        match self.kind {
            Kind::Protocol(fault, topic) => self.protocol_headline(fault, topic),
            Kind::Answer { owed, given, topic } => answer_headline(owed, given, topic, self.requirement),
            Kind::Missed => "does not reach every member of the group".into(),
            Kind::Belated => "answers before it has sent the signal".into(),
            Kind::Repeated => "sends the signal more than once a call".into(),
            Kind::Strange => "sends another signal than the one asked for".into(),
            Kind::Outsiders(Topic::Group) => "touches processes outside the group".into(),
            Kind::Outsiders(Topic::Name) => "sends a signal for a name that it must reject".into(),
            Kind::Outsiders(Topic::Leader) => "sends a signal for a leader pid that no group can have".into(),
            Kind::Usage => "answers with a usage text: its tool did not understand its arguments".into(),
            Kind::Grows => "leaks: what it holds grows with the number of calls".into(),
            Kind::Requirement(requirement) => format!("breaks {}", requirement.name),
        }
    }

    /// What to look at where a group was taken for exited before anything was sent to it.
    fn has_sent_nothing(&self) -> Option<&'static str> {
        let is_wrong_exit = matches!(
            self.kind,
            Kind::Answer {
                owed: Some(AnswerKind::Delivered | AnswerKind::Failed),
                given: AnswerKind::Exited,
                topic: Topic::Group
            }
        );
        let nothing = sent(self.example.1).next().is_none();
        (is_wrong_exit && self.is_watched && nothing).then_some(NOTHING_SENT)
    }

    fn protocol_headline(&self, fault: ProtocolFault, topic: Topic) -> String {
        if let Some(first) = self.slow_start {
            return starts_slowly(first);
        }
        let Some(error) = &self.example.1.protocol else {
            return "waits for the group before it answers".into();
        };
        let when = match topic {
            Topic::Name => " on an unknown signal name",
            Topic::Leader => " on a leader pid that no group can have",
            Topic::Group if self.any_passed => " in some calls",
            Topic::Group => "",
        };
        match fault {
            ProtocolFault::Silent if self.is_total => "answers no call in time".into(),
            ProtocolFault::Silent if topic == Topic::Group && self.requirement == DOES_NOT_WAIT => {
                "waits: does not answer while members are alive".into()
            }
            _ => format!("{}{when}", does(fault, error)),
        }
    }

    /// What to change, most likely first: of what the subject did on its pipes, or else of the requirement.
    pub fn advice(&self) -> Vec<String> {
        if let Some(first) = self.slow_start {
            return vec![allow_for(first) + ".", START.to_owned()];
        }
        let of_requirement = || self.requirement.check.to_vec();
        let error = self.example.1.protocol.as_ref();
        let is_served = error.is_some_and(|error| !error.in_lines);
        let catch = if is_served { RETURN } else { CATCH };
        let had_answered = error.is_some_and(|error| error.answered);
        let lines = match self.kind {
            Kind::Protocol(ProtocolFault::Silent, _) if self.is_total && is_served => vec![SLOW],
            Kind::Protocol(ProtocolFault::Silent, _)
                if self.is_total && sent(self.example.1).next().is_some() =>
            {
                vec![FLUSH, SLOW]
            }
            Kind::Protocol(ProtocolFault::Silent, _) if self.is_total => {
                vec![FLUSH, LOOP, SLOW, FIRST_ID]
            }
            Kind::Protocol(ProtocolFault::Silent, _) if self.is_protocol() => vec![SLOW, BUSY],
            Kind::Protocol(ProtocolFault::Noise, _) => vec![LOGS],
            Kind::Protocol(ProtocolFault::Malformed, _) if error.is_some_and(holds_two_answers) => {
                vec![MIXED, FORM]
            }
            Kind::Protocol(ProtocolFault::Malformed, _) => vec![FORM],
            Kind::Protocol(ProtocolFault::OutOfTurn, _) => vec![TWICE, FORM],
            Kind::Protocol(ProtocolFault::Flood, _) => vec![LOGS, FORM],
            Kind::Protocol(ProtocolFault::Ended, Topic::Name) => [of_requirement(), vec![catch]].concat(),
            Kind::Protocol(ProtocolFault::Ended, _) if is_served => vec![catch],
            Kind::Protocol(ProtocolFault::Ended, _) if exits_by_itself(self.example.1) => vec![STAYS],
            Kind::Protocol(ProtocolFault::Ended, _) if self.is_total && !had_answered => vec![BY_HAND, catch],
            Kind::Protocol(ProtocolFault::Ended, _) => vec![catch],
            Kind::Belated => [vec![SENT_FIRST], of_requirement()].concat(),
            _ => of_requirement(),
        };
        let unfinished = error.filter(|error| error.wrote.contains("without a line end"));
        let usage = (self.kind == Kind::Usage).then_some(USAGE);
        let first = unfinished.map(|_| LINE_END).into_iter().chain(usage).chain(self.has_sent_nothing());
        let found = self.example.1;
        let of_calls = has_read_the_call(found)
            .or_else(|| signals_the_leader_alone(found))
            .or_else(|| signals_its_caller(found));
        let apart = self.apart.clone();
        of_calls.into_iter().chain(apart).chain(first.chain(lines).map(str::to_owned)).collect()
    }
}

/// Whether what it wrote holds the beginnings of two answers.
fn holds_two_answers(error: &ProtocolError) -> bool {
    error.wrote.matches("\"id\"").count() > 1
}

/// Whether the subject had answered, and then exited with status 0.
fn exits_by_itself(finding: &Finding) -> bool {
    let error = finding.protocol.as_ref();
    error.is_some_and(|error| error.answered && error.ended.as_deref() == Some("has exited with status 0"))
}

/// The calls of kill(2) that the subject was seen to make, but for those that only ask.
fn sent(finding: &Finding) -> impl Iterator<Item = &str> {
    let calls = finding.timeline.iter().flat_map(Moment::system_calls);
    calls.filter(|made| made.starts_with("kill(") && made.contains(", SIG"))
}

/// What is known of a subject that did not answer, and was seen to send.
fn has_read_the_call(finding: &Finding) -> Option<String> {
    let error = finding.protocol.as_ref().filter(|error| error.is_silence() && error.in_lines)?;
    let call = sent(finding).next().filter(|_| !error.answered)?;
    Some(format!("It was seen to call {call}, so it has read the question."))
}

/// What to change if all that the subject was seen to send went to the leader, not to its group.
fn signals_the_leader_alone(finding: &Finding) -> Option<String> {
    let mut events = finding.timeline.iter().rev().flat_map(|moment| &moment.events);
    // Who answers otherwise may have been about to signal others, too.
    let leader_pid = events.find_map(|event| match event {
        Event::Called { leader_pid, answer, .. } => {
            Some((*answer == Some(AnswerKind::Delivered)).then_some(leader_pid))
        }
        _ => None,
    })??;
    let (process, group) = (leader_pid.to_string(), format!("-{leader_pid}"));
    let to_process = format!("kill({process}, ");
    let mut sent = sent(finding).peekable();
    let alone = sent.peek().is_some() && sent.all(|made| made.starts_with(&to_process));
    alone.then(|| {
        format!(
            "It signals the leader alone: it was seen to call kill({process}, …). The group is the negated \
             leader pid, kill({group}, …), or killpg({process}, …)."
        )
    })
}

/// What to change if the subject was seen to signal everybody, its own group, its parent or itself.
fn signals_its_caller(finding: &Finding) -> Option<String> {
    let events = || finding.timeline.iter().flat_map(|moment| &moment.events);
    let of_caller = |id: u32| {
        events().find_map(|event| match event {
            Event::Appeared(Actor { pid, what, part: Part::Subject | Part::Suite, .. }) if *pid == id => {
                Some(what)
            }
            _ => None,
        })
    };
    let whom = |call: &str, to: Option<Recipient>| match to {
        None => call.starts_with("kill(-1, ").then(|| "every process that it may signal".to_owned()),
        Some(Recipient::Process(pid)) => of_caller(pid).cloned(),
        Some(Recipient::Group(id)) => of_caller(id).map(|what| format!("the group of {what}")),
    };
    events().find_map(|event| match event {
        Event::SystemCall { call, to, sends: true } => whom(call, *to).map(|whom| {
            format!("It was seen to call {call}, which reaches {whom}. Signal the negated leader pid alone.")
        }),
        _ => None,
    })
}

/// What a command must know that never says exited: the central point of that form.
pub fn of_commands() -> String {
    format!(
        "Begin here: a plain `kill` cannot conform. A command answers by its exit status: 0 is delivered, 3 is \
         exited, anything else is an error; `kill` exits with 1 both for \"no such process\" and for \"not \
         permitted\", so it can never say exited ({GUIDE}#command). Run a copy of \
         conformance/examples/signaller.sh, which tells the two apart:\n  \
         signaller-conformance check command -- ./signaller.sh '{{leader_pid}}' '{{signal_name}}'"
    )
}

/// What a subject does that answers its first call only after that time.
fn starts_slowly(first: Duration) -> String {
    format!("starts too slowly: its first answer takes {:.1} s, the next ones far less", first.as_secs_f64())
}

/// How to allow for a first answer that takes that time.
fn allow_for(first: Duration) -> String {
    let limit = (2 * first).as_secs() + 1;
    format!("--timeout {limit} allows for it, or .timeout(…) in Rust: twice the time that was measured")
}

/// Why a run ended after some cases that all ended like this.
pub fn given_up(error: &ProtocolError, slow_start: Option<Duration>) -> String {
    let (what, hint) = match (error.fault, slow_start) {
        (ProtocolFault::Silent, Some(first)) => (starts_slowly(first), allow_for(first)),
        (ProtocolFault::Silent, None) => {
            ("answered no call in time".to_owned(), "is standard output flushed? does it wait?".to_owned())
        }
        (fault, _) => {
            let hint = match fault {
                ProtocolFault::Noise | ProtocolFault::Flood => "only answers belong on standard output",
                ProtocolFault::Ended => "the end of its standard error says why",
                _ => "see what an answer looks like with check --help",
            };
            (does(fault, error), hint.to_owned())
        }
    };
    format!(
        "stopped early, since all cases so far failed alike: the subject {what} ({hint}); --keep-going tries all"
    )
}

/// What the subject does instead of answering.
fn does(fault: ProtocolFault, error: &ProtocolError) -> String {
    match fault {
        ProtocolFault::Silent => "does not answer in time".into(),
        ProtocolFault::Noise => "writes lines to standard output that are not answers".into(),
        ProtocolFault::Malformed => "writes answers that cannot be read".into(),
        ProtocolFault::OutOfTurn => "answers calls that were not made, or answers twice".into(),
        ProtocolFault::Flood => "writes without end to standard output".into(),
        ProtocolFault::Ended => match &error.ended {
            Some(ended) if ended.contains("ended by") => {
                format!("is {}", ended.trim_start_matches("was "))
            }
            Some(ended) => {
                format!("exits ({})", ended.trim_start_matches("has exited with "))
            }
            None => "closes its input or output instead of answering".into(),
        },
    }
}

fn answer_headline(
    owed: Option<AnswerKind>,
    given: AnswerKind,
    topic: Topic,
    requirement: &'static Requirement,
) -> String {
    let given = match given {
        AnswerKind::Delivered => "Ok(true)",
        AnswerKind::Exited => "Ok(false)",
        AnswerKind::Failed => "Err",
    };
    let when = match (owed, topic) {
        (Some(AnswerKind::Delivered), _) => "for a live group",
        (Some(AnswerKind::Exited), _) if requirement == MEMBER_IS_NOT_LEADER => {
            "for a process that leads no group"
        }
        (Some(AnswerKind::Exited), _) if requirement == NEVER_EXISTED_IS_EXITED => {
            "for a group that never existed"
        }
        (Some(AnswerKind::Exited), _) => "where the group has exited",
        (Some(AnswerKind::Failed), Topic::Name) => "to a name that it must reject",
        (Some(AnswerKind::Failed), Topic::Leader) => "for a leader pid that no group can have",
        (Some(AnswerKind::Failed), Topic::Group) => "where it could not do what was asked",
        (None, _) => "where nothing went wrong",
    };
    format!("answers {given} {when}")
}

/// The names of at most so many requirements and how many of their cases: `reports-exited 11,
/// member-is-not-leader 7`.
pub fn counts(cause: &Cause<'_>, most: usize) -> String {
    let mut rows = cause.by_requirement();
    // The one to begin with first.
    rows.sort_by_key(|(requirement, _)| requirement.name != cause.requirement.name);
    let mut counts: Vec<_> = rows
        .iter()
        .take(most)
        .map(|(requirement, cases)| format!("{} {}", requirement.name, cases.len()))
        .collect();
    if rows.len() > most {
        let rest: usize = rows[most..].iter().map(|(_, cases)| cases.len()).sum();
        counts.push(format!(
            "and {} of {}",
            text::count(rest, "case"),
            text::count(rows.len() - most, "other requirement")
        ));
    }
    counts.join(", ")
}

/// The ids of these cases, the requirement written once: `reports-exited/{sigterm, sigint}`.
pub fn ids(cause: &Cause<'_>) -> String {
    let own = |id: &str| text::printable(id.split_once('/').map_or(id, |(_, own)| own));
    let row = |(requirement, cases): &(&'static crate::contract::Requirement, Vec<&super::CaseResult>)| {
        let names: Vec<_> = cases.iter().map(|case| own(&case.case)).collect();
        match &names[..] {
            [name] => format!("{}/{name}", requirement.name),
            names => format!("{}/{{{}}}", requirement.name, names.join(", ")),
        }
    };
    cause.by_requirement().iter().map(row).collect::<Vec<_>>().join(", ")
}
