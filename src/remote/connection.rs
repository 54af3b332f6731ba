//! One shell at the remote host, from its first word to its last.

use super::channel::{Channel, End, Heard, Lost};
use super::error::{RemoteError, RemoteErrorKind};
use super::protocol::{self, GROUPS_A_LINE, GroupOutcome, Question, Reply, Token};
use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::time::{Duration, Instant};

/// How long a command that has closed its output may take to say why on its standard error.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A shell that has said that it takes requests.
#[derive(Debug)]
pub struct Connection {
    channel: Channel,
    token: Token,
    /// The number of the next request.
    next: u64,
    /// What stays the same for as long as the PID namespace there lives; empty if it cannot be told.
    pub life: String,
}

/// One outcome a group, in order, as far as there are any, and why there are no more.
pub struct Answers {
    pub outcomes: Vec<Option<GroupOutcome>>,
    pub lost: Option<RemoteError>,
}

impl Connection {
    /// Starts the command and the shell behind it.
    ///
    /// # Errors
    /// When no shell that can signal a group answers until `deadline`.
    pub fn open(words: &[OsString], deadline: Instant) -> Result<Self, RemoteError> {
        let token = Token::random().map_err(|cause| {
            RemoteError::new(
                RemoteErrorKind::NotStarted,
                format!("this system has no random numbers: {cause}"),
            )
        })?;
        let mut channel = Channel::start(words).map_err(|cause| not_started(words, &cause))?;
        let mut first = None;
        let script = protocol::script(&token);
        let exchanged =
            channel.exchange(script.as_bytes(), deadline, &mut |line| match protocol::read(line, &token) {
                Some(reply) => {
                    first = Some(reply);
                    Heard::Last
                }
                None => Heard::Noise,
            });
        if let Err(lost) = exchanged {
            return Err(ended(lost, &mut channel, &token, deadline, "before a shell there was ready"));
        }
        match first {
            Some(Reply::Ready(life)) => Ok(Self { channel, token, next: 1, life }),
            Some(Reply::Unable(reason)) => Err(RemoteError::new(
                RemoteErrorKind::NoKill,
                format!("the shell there cannot signal a process group: {}", printable(&reason)),
            )),
            _ => Err(garbled()),
        }
    }

    /// Whether the command goes on, as far as can be seen.
    pub fn is_open(&mut self) -> bool {
        self.channel.is_open()
    }

    /// Asks for each of these groups, in one round trip. If the answers are not all there until `deadline`,
    /// the connection is of no use any more: an answer that comes later would be taken for another.
    pub fn ask(&mut self, question: Question, leader_pids: &[i32], deadline: Instant) -> Answers {
        let mut batch = Batch::new(self.next, leader_pids);
        let mut request = String::new();
        for chunk in leader_pids.chunks(GROUPS_A_LINE) {
            request += &protocol::request(self.next, question, chunk);
            self.next += 1;
        }
        let token = &self.token;
        let exchanged = self.channel.exchange(
            request.as_bytes(),
            deadline,
            &mut |line| match protocol::read(line, token) {
                Some(reply) => batch.take(reply),
                None => Heard::Noise,
            },
        );
        let lost = match exchanged {
            Ok(()) if batch.is_whole() => None,
            Ok(()) => Some(garbled()),
            Err(lost) => Some(ended(
                lost,
                &mut self.channel,
                &self.token,
                deadline,
                "before it answered for this group",
            )),
        };
        Answers { outcomes: batch.outcomes, lost }
    }
}

/// Groups that were asked for, and what was heard of them.
struct Batch<'a> {
    first: u64,
    leader_pids: &'a [i32],
    outcomes: Vec<Option<GroupOutcome>>,
    unanswered: usize,
    reasons: HashMap<(u64, i32), String>,
}

impl<'a> Batch<'a> {
    fn new(first: u64, leader_pids: &'a [i32]) -> Self {
        let unanswered = leader_pids.len();
        Self { first, leader_pids, outcomes: vec![None; unanswered], unanswered, reasons: HashMap::new() }
    }

    fn is_whole(&self) -> bool {
        self.unanswered == 0
    }

    fn take(&mut self, reply: Reply) -> Heard {
        match reply {
            Reply::Why(number, leader_pid, text) => {
                self.reasons.insert((number, leader_pid), printable(&text));
                Heard::Part
            }
            Reply::Answer(number, groups) => match self.settle(number, &groups) {
                Some(()) if !self.is_whole() => Heard::Part,
                _ => Heard::Last,
            },
            // Nothing else is owed by a shell that is ready.
            Reply::Ready(_) | Reply::Unable(_) | Reply::Garbled => Heard::Last,
        }
    }

    /// Takes the answer to one request, if it answers for the groups of that request, each once, and nothing
    /// was heard of them before.
    fn settle(&mut self, number: u64, groups: &[(char, i32)]) -> Option<()> {
        let line = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let start = line.checked_mul(GROUPS_A_LINE)?;
        let asked = self.leader_pids.get(start..)?;
        let asked = &asked[..asked.len().min(GROUPS_A_LINE)];
        if asked.is_empty() || asked.len() != groups.len() {
            return None;
        }
        let mut outcomes = vec![None; asked.len()];
        for &(letter, leader_pid) in groups {
            let free = |&place: &usize| asked[place] == leader_pid && outcomes[place].is_none();
            let place = (0..asked.len()).find(free)?;
            outcomes[place] = Some(match letter {
                'd' => GroupOutcome::Delivered,
                'x' => GroupOutcome::Exited,
                _ => GroupOutcome::Failed(self.reasons.get(&(number, leader_pid)).cloned()?),
            });
        }
        let slots = &mut self.outcomes[start..start + asked.len()];
        if slots.iter().any(Option::is_some) {
            return None;
        }
        slots.clone_from_slice(&outcomes);
        self.unanswered -= asked.len();
        Some(())
    }
}

fn not_started(words: &[OsString], cause: &io::Error) -> RemoteError {
    let program = words.first().map(|word| word.display().to_string()).unwrap_or_default();
    let advice = match cause.kind() {
        io::ErrorKind::NotFound => ": is it installed, and in PATH?",
        io::ErrorKind::PermissionDenied => ": is it executable?",
        _ => "",
    };
    RemoteError::new(RemoteErrorKind::NotStarted, format!("`{program}` cannot be started ({cause}){advice}"))
}

fn ended(lost: Lost, channel: &mut Channel, token: &Token, deadline: Instant, when: &str) -> RemoteError {
    match lost {
        Lost::Ended => {
            let End { status, said } =
                channel.end(token.as_str(), (Instant::now() + LAST_WORDS).min(deadline));
            let how = status.map_or_else(
                || "the command ended".to_owned(),
                |status| format!("the command ended ({status})"),
            );
            RemoteError::new(RemoteErrorKind::Ended, format!("{how} {when}{}", quoted(&said)))
        }
        Lost::Late => {
            let End { said, .. } = channel.end(token.as_str(), Instant::now());
            RemoteError::new(
                RemoteErrorKind::TimedOut,
                format!("the time limit passed {when}{}", quoted(&said)),
            )
        }
    }
}

fn quoted(said: &str) -> String {
    if said.is_empty() { "; it wrote nothing".to_owned() } else { format!("; it wrote: {said}") }
}

fn garbled() -> RemoteError {
    RemoteError::new(
        RemoteErrorKind::Garbled,
        "something else wrote in the midst of an answer; does a login script there start something that goes on writing?",
    )
}

fn printable(text: &str) -> String {
    text.chars().take(200).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests;
