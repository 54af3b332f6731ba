//! The stdio form: what is written to a subject and what its lines mean.

use crate::report::text::printable;
use regex::{Captures, Regex};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::sync::LazyLock;

/// What a signaller answered: `Ok(true)` delivered, `Ok(false)` exited, `Err` with its message.
pub type SignalResult = Result<bool, String>;

/// How much of what a subject wrote a message quotes, in characters.
const QUOTED: usize = 200;

/// The largest id of a question: 2^53 - 1, the largest that every JSON reader keeps whole.
pub const LARGEST_ID: u64 = (1 << 53) - 1;

/// What can be asked over the stdio form.
pub trait Query {
    /// What answers it.
    type Reply: Parsed;
    /// The line that asks it under this id, without its end.
    fn line(&self, id: u64) -> String;
    /// How many times the time limit its answer may take.
    fn patience(&self) -> u32 {
        1
    }
}

/// What a line of a subject says.
pub trait Parsed: Clone {
    /// Reads one line.
    ///
    /// # Errors
    /// What is wrong with it, with the likely mistake.
    fn parse(line: &[u8]) -> Result<Self, String>;
    /// The id of the question that it answers.
    fn id(&self) -> u64;
}

/// The beginning of what a subject wrote, printable.
pub fn beginning(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4 * QUOTED)]);
    let mut quote = printable(&text.chars().take(QUOTED).collect::<String>());
    if text.chars().nth(QUOTED).is_some() {
        quote.push('…');
    }
    quote
}

fn shown(value: &Value) -> String {
    beginning(value.to_string().as_bytes())
}

/// An escape of a JSON string: both halves of a character beyond U+FFFF, one half alone, or any other.
static ESCAPE: LazyLock<Regex> = LazyLock::new(|| {
    let [high, low] = [r"\\u[dD][89abAB][[:xdigit:]]{2}", r"\\u[dD][c-fC-F][[:xdigit:]]{2}"];
    Regex::new(&format!(r"(?s){high}{low}|(?<half>{high}|{low})|\\.")).expect("the expression is right")
});

/// The text with U+FFFD for each half of a character that stands alone: the grammar of JSON allows it (RFC
/// 8259, section 8.2), and programs write it that count in UTF-16 and cut a long name short.
fn mended(text: &str) -> Cow<'_, str> {
    ESCAPE.replace_all(text, |found: &Captures<'_>| match found.name("half") {
        Some(_) => r"\ufffd".to_owned(),
        None => found[0].to_owned(),
    })
}

/// One question to a signaller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which answer belongs to it.
    pub id: u64,
    /// The leader pid, as given.
    pub leader_pid: u32,
    /// The signal's name, as given.
    pub signal_name: String,
    /// Asked of Rust subjects only: look at the calling process before and after, and say what changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub watch_caller: bool,
    /// Asked of Rust subjects only: send nothing, give the `Debug` form as an `err`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub describe: bool,
    /// Asked of Rust subjects only: how many questions, one right after the other and with the same name, are
    /// asked by one call of `signal_each`; none of them, but by `signal`, if 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub batch: usize,
    /// Asked of commands only: run the program without standard error.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_stderr: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// One answer, as a line holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerLine {
    /// The question's id.
    pub id: u64,
    /// The answer.
    pub answer: SignalResult,
    /// What the call changed in the calling process, where that was asked for.
    pub changed: Vec<String>,
}

impl Question {
    /// A question with nothing special about it.
    pub fn new(leader_pid: u32, signal_name: impl Into<String>) -> Self {
        Self { leader_pid, signal_name: signal_name.into(), ..Self::default() }
    }

    /// The questions for many groups that are asked by one call.
    pub fn batch(leader_pids: &[u32], signal_name: &str) -> Vec<Self> {
        let of = |&leader_pid: &u32| Self { batch: leader_pids.len(), ..Self::new(leader_pid, signal_name) };
        leader_pids.iter().map(of).collect()
    }
}

/// A batch may take as long as this many answers at most: a larger one is for a subject that was seen to be fast.
const LARGEST_SLOW_BATCH: u32 = 12;

impl Query for Question {
    type Reply = AnswerLine;

    fn patience(&self) -> u32 {
        u32::try_from(self.batch).unwrap_or(u32::MAX).clamp(1, LARGEST_SLOW_BATCH)
    }

    fn line(&self, id: u64) -> String {
        serde_json::to_string(&Self { id, ..self.clone() }).unwrap_or_default()
    }
}

impl Parsed for AnswerLine {
    fn id(&self) -> u64 {
        self.id
    }

    fn parse(line: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
        let read = serde_json::from_str(text)
            .or_else(|cause| serde_json::from_str(&mended(text)).map_err(|_| cause));
        let value: Value = read.map_err(|cause| {
            // What does not begin like an object was none.
            let detail =
                if text.trim_start().starts_with('{') { format!(" ({cause})") } else { String::new() };
            format!("it is not one JSON object{detail}; anything else belongs on standard error")
        })?;
        let Value::Object(fields) = value else {
            return Err("it is JSON, but not an object".to_owned());
        };
        let id = fields.get("id").ok_or("it has no \"id\"")?;
        let id = id.as_u64().ok_or_else(|| {
            format!("its \"id\" is {}, not the whole number that was asked with", shown(id))
        })?;
        // Some JSON writers put what is not there as null.
        let present = |key: &str| fields.get(key).filter(|value| !value.is_null());
        let answer = match (present("ok"), present("err")) {
            (Some(Value::Bool(ok)), None) => Ok(*ok),
            (None, Some(Value::String(message))) => Err(message.clone()),
            (Some(ok), None) => return Err(format!("its \"ok\" is {}, neither true nor false", shown(ok))),
            (None, Some(err)) => return Err(format!("its \"err\" is {}, not a string", shown(err))),
            (Some(_), Some(_)) => return Err("it has both \"ok\" and \"err\"".to_owned()),
            (None, None) => return Err("it has neither \"ok\" nor \"err\"".to_owned()),
        };
        let changed = fields.get("changed").and_then(|value| serde_json::from_value(value.clone()).ok());
        Ok(Self { id, answer, changed: changed.unwrap_or_default() })
    }
}

impl AnswerLine {
    /// The line that says it, with its end.
    pub fn to_line(&self) -> String {
        let mut fields = serde_json::Map::new();
        fields.insert("id".to_owned(), self.id.into());
        match &self.answer {
            Ok(ok) => fields.insert("ok".to_owned(), (*ok).into()),
            Err(message) => fields.insert("err".to_owned(), message.clone().into()),
        };
        if !self.changed.is_empty() {
            fields.insert("changed".to_owned(), self.changed.clone().into());
        }
        format!("{}\n", Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_character_spoils_no_answer() {
        let error = |text: &str| {
            let line = format!(r#"{{"id":7,"err":"{text}"}}"#);
            AnswerLine::parse(line.as_bytes()).map(|line| line.answer.unwrap_err())
        };
        assert_eq!(error(r"a\ud83d").unwrap(), "a\u{fffd}");
        assert_eq!(error(r"\uDE00\ud83d\ude00\\ud83d").unwrap(), "\u{fffd}\u{1f600}\\ud83d");
        assert!(error(r"\ud83d\q").is_err());
    }
}
