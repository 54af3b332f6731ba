//! The lines that go between the suite, a subject and the agent: JSON, one object a line.

use crate::printable::assert_printable;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use signaller_conformance::subject::registry::wire as registry;
use signaller_conformance::subject::wire::{AnswerLine, Asked, Parsed, Question};
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

/// The input is a line of a signaller or of a registry's server, or a question to one.
///
/// # Panics
/// When an answer is misread, or does not survive being written and read; when what is wrong with a line is not told
/// in a short printable line.
pub fn stdio_lines(input: &[u8]) {
    let plain: Result<Plain, _> = serde_json::from_slice(input);
    match (AnswerLine::parse(input), plain) {
        (Ok(read), plain) => {
            match plain {
                Ok(Plain { id, ok: Some(ok), err: None }) => {
                    assert_eq!((read.id, &read.answer), (id, &Ok(ok)))
                }
                Ok(Plain { id, ok: None, err: Some(err) }) => {
                    assert_eq!((read.id, &read.answer), (id, &Err(err)))
                }
                Ok(_) => panic!("it says neither or both of ok and err, and is read as {read:?}"),
                // Of a field that stands twice the last counts, as for most readers (RFC 8259, section 4).
                Err(cause) => assert!(cause.to_string().starts_with("duplicate field"), "{cause}: {read:?}"),
            }
            let line = read.to_line();
            let line = line.strip_suffix('\n').expect("a line has an end");
            assert!(!line.contains('\n'), "{line:?} is several lines");
            assert_eq!(AnswerLine::parse(line.as_bytes()), Ok(read));
        }
        (Err(complaint), plain) => {
            assert_is_short(&complaint);
            if let Ok(Plain { ok, err, .. }) = plain {
                let is_answer = ok.is_some() != err.is_some();
                // Plain skips what it does not know; the suite reads all of the line.
                let is_json = serde_json::from_slice::<serde_json::Value>(input).is_ok();
                assert!(!is_answer || !is_json, "an answer is refused: {complaint}");
            }
        }
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

/// Panics unless the line is either refused, or means the same after it was written on one line and read again.
fn assert_survives<T: DeserializeOwned + Serialize + PartialEq + Debug>(line: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(line) else { return };
    let written = serde_json::to_string(&read).expect("it is plain data");
    assert!(!written.contains('\n'), "{written:?} is several lines");
    assert_eq!(serde_json::from_str::<T>(&written).expect("it was just written"), read);
}
