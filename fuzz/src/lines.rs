//! The lines that go between the suite, a subject and the agent: JSON, one object a line.

use crate::printable::assert_printable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use signaller_conformance::subject::registry::wire as registry;
use signaller_conformance::subject::wire::{AnswerLine, Parsed, Query, Question};
use signaller_conformance::testbed::protocol::{Reply, Request};
use std::fmt::Debug;

/// The longest complaint about a line: it quotes a part of the line at most.
const LONGEST_COMPLAINT: usize = 4_000;

/// What a line of a subject says, read in another way than the suite reads it.
#[derive(Deserialize)]
struct Plain {
    id: u64,
    ok: Option<bool>,
    err: Option<String>,
}

/// What an answer is composed of when the input chooses.
const FIELDS: [&str; 6] = ["id", "ok", "err", "changed", "leader_pid", "o\\u006b"];
const VALUES: [&str; 16] = [
    "7",
    "0",
    "1",
    "-1",
    "1.5",
    "1e3",
    "9007199254740993",
    "18446744073709551616",
    "true",
    "false",
    "null",
    "\"\"",
    "\"true\"",
    "\"\\u001b[2J\"",
    "[\"umask\"]",
    "{\"ok\":true}",
];

/// The input is a line of a signaller or of a registry's server, or a question to one. One that can be no
/// object also chooses the fields and values of an answer.
///
/// # Panics
/// When an answer is misread, or does not survive being written and read; when what is wrong with a line is
/// not told in a short printable line.
pub fn stdio_lines(input: &[u8]) {
    answer(input);
    if input.first() != Some(&b'{') {
        answer(composed(input).as_bytes());
    }
    if let Ok(question) = serde_json::from_slice::<Question>(input) {
        let line = question.line(question.id);
        assert_eq!(serde_json::from_str::<Question>(&line).expect("it was just written"), question);
    }
    if let Err(complaint) = registry::AnswerLine::parse(input) {
        assert_is_short(&complaint);
    }
    assert_survives::<registry::AnswerLine>(input);
    assert_survives::<registry::Question>(input);
}

/// An object of up to six fields, each chosen by two bytes.
fn composed(choices: &[u8]) -> String {
    let (pairs, _) = choices.as_chunks();
    let field = |[field, value]: &[u8; 2]| {
        let (field, value) = (usize::from(*field) % FIELDS.len(), usize::from(*value) % VALUES.len());
        format!("\"{}\":{}", FIELDS[field], VALUES[value])
    };
    format!("{{{}}}", pairs.iter().take(6).map(field).collect::<Vec<_>>().join(","))
}

/// Whether one half of a character beyond U+FFFF, or both, stand in the line as escapes.
fn has_half(line: &[u8]) -> bool {
    line.windows(4).any(|four| {
        four[..3].eq_ignore_ascii_case(b"\\ud") && matches!(four[3], b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F')
    })
}

fn answer(line: &[u8]) {
    let plain = serde_json::from_slice(line).and_then(serde_json::from_value::<Plain>);
    match (AnswerLine::parse(line), plain) {
        (Ok(read), Ok(Plain { id, ok, err })) => {
            assert_eq!(read.id, id);
            match &read.answer {
                Ok(answer) => assert_eq!((Some(*answer), None), (ok, err)),
                Err(message) => assert_eq!((None, Some(message)), (ok, err.as_ref())),
            }
            let line = read.to_line();
            let line = line.strip_suffix('\n').expect("a line has an end");
            assert!(!line.contains('\n'), "{line:?} is several lines");
            assert_eq!(AnswerLine::parse(line.as_bytes()), Ok(read));
        }
        // Half a character alone is read as U+FFFD, and is nothing that serde_json reads.
        (Ok(read), Err(cause)) => assert!(has_half(line), "{cause}, and it is read as {read:?}"),
        (Err(complaint), plain) => {
            assert_is_short(&complaint);
            let is_answer = plain.is_ok_and(|Plain { ok, err, .. }| ok.is_some() != err.is_some());
            assert!(!is_answer, "an answer is refused: {complaint}");
        }
    }
}

/// The input is a line of the suite to the agent, or of the agent to the suite.
///
/// # Panics
/// When a line that is understood does not survive being written and read.
pub fn agent_protocol(input: &[u8]) {
    assert_survives::<Request>(input);
    assert_survives::<Reply>(input);
}

fn assert_is_short(complaint: &str) {
    assert_printable(complaint);
    assert!(complaint.len() < LONGEST_COMPLAINT, "{} bytes of complaint", complaint.len());
}

/// Panics unless the line is either refused, or means the same after it was written on one line and read
/// again.
fn assert_survives<T: DeserializeOwned + Serialize + PartialEq + Debug>(line: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(line) else { return };
    let written = serde_json::to_string(&read).expect("it is plain data");
    assert!(!written.contains('\n'), "{written:?} is several lines");
    assert_eq!(serde_json::from_str::<T>(&written).expect("it was just written"), read);
}
