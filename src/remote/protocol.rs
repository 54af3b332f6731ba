//! The lines between a signaller and the shell that it holds. Pure: no process, no clock.

use crate::SignalName;

/// What the remote shell runs.
const SCRIPT: &str = include_str!("far.sh");

/// How many groups stand in a line. Their answers come in one line, which one write(2) puts into a pipe
/// whole, and the more there are, the more answers a connection that is cut takes with it.
pub const GROUPS_A_LINE: usize = 64;

/// What only the shell of one connection can write: two numbers that it is sent apart, and writes as one
/// word.
#[derive(Debug)]
pub struct Token {
    halves: [String; 2],
    joined: String,
}

impl Token {
    /// One that nobody can guess.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let (first, second) = text.split_at(bytes.len());
        Ok(Self { halves: [first.to_owned(), second.to_owned()], joined: text })
    }

    /// What each line of that shell begins with.
    pub fn as_str(&self) -> &str {
        &self.joined
    }
}

/// The script, for the shell of that token.
pub fn script(token: &Token) -> String {
    let [first, second] = &token.halves;
    format!("a={first}\nb={second}\n{SCRIPT}")
}

/// What is asked for each group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// That this signal is sent.
    Signal(SignalName),
    /// Whether it has exited: signal 0, which reaches nobody, is answered as the others are.
    HasExited,
}

/// One line that asks for these groups, at most [`GROUPS_A_LINE`].
pub fn request(number: u64, question: Question, leader_pids: &[i32]) -> String {
    let name = match question {
        Question::Signal(SignalName::Term) => "TERM",
        Question::Signal(SignalName::Kill) => "KILL",
        Question::Signal(SignalName::Int) => "INT",
        Question::Signal(SignalName::Hup) => "HUP",
        Question::HasExited => "0",
    };
    let mut line = format!("{number} {name}");
    for leader_pid in leader_pids {
        line += &format!(" {leader_pid}");
    }
    line + " .\n"
}

/// What became of one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupOutcome {
    Delivered,
    Exited,
    /// Neither; for the reason that was given.
    Failed(String),
}

/// A line from the shell of a connection.
#[derive(Debug, PartialEq, Eq)]
pub enum Reply {
    /// It takes requests. The text is the same for as long as its PID namespace lives, and empty if it cannot
    /// tell.
    Ready(String),
    /// It can signal nobody, for that reason.
    Unable(String),
    /// The reason for a failure that an answer of that number will name.
    Why(u64, i32, String),
    /// One letter a group: the answer to the request of that number.
    Answer(u64, Vec<(char, i32)>),
    /// It bears the token, and nothing that follows makes sense.
    Garbled,
}

/// The line read as that of the shell with this token; `None` if somebody else wrote it.
pub fn read(line: &[u8], token: &Token) -> Option<Reply> {
    let rest = line.strip_prefix(token.joined.as_bytes())?;
    let text = String::from_utf8_lossy(rest);
    let text = text.trim_end_matches('\r');
    Some(text.strip_prefix(' ').and_then(read_text).unwrap_or(Reply::Garbled))
}

fn read_text(text: &str) -> Option<Reply> {
    let (word, rest) = text.split_once(' ')?;
    match word {
        "ready" => {
            // A dash stands for what it cannot tell.
            let known = rest.split(' ').any(|part| part != "-");
            Some(Reply::Ready(if known { rest.to_owned() } else { String::new() }))
        }
        "unable" => Some(Reply::Unable(rest.to_owned())),
        number => {
            let number = number.parse().ok()?;
            match rest.strip_prefix("why ") {
                Some(why) => {
                    let (leader_pid, text) = why.split_once(' ')?;
                    Some(Reply::Why(number, leader_pid.parse().ok()?, text.to_owned()))
                }
                None => {
                    let groups = rest.strip_suffix('.')?.split_terminator(' ').map(read_group);
                    Some(Reply::Answer(number, groups.collect::<Option<_>>()?))
                }
            }
        }
    }
}

fn read_group(text: &str) -> Option<(char, i32)> {
    let (letter, leader_pid) = text.split_once(':')?;
    let letter = ["d", "x", "e"].contains(&letter).then(|| letter.chars().next())??;
    Some((letter, leader_pid.parse().ok()?))
}

#[cfg(test)]
mod tests;
