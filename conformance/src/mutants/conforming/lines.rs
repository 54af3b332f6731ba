//! Conforming programs that speak the stdio form by themselves.

use super::Conforming;
use crate::mutants::Served;
use crate::mutants::parts::{pause, right};
use crate::subject::channel::write_text;
use crate::subject::wire::{AnswerLine, Question, SignalResult};
use crate::sys::lines::{Line, LineReader};
use std::io::{self, BufRead, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// The conforming variants of this form.
pub const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "single-threaded",
        how: "Answers one question after the other.",
        subject: Served::Stdio(|| each(|question| write_text(&line(question.id, answer(question))))),
    },
    Conforming {
        name: "out-of-order",
        how: "Answers the questions that came together from the last to the first.",
        subject: Served::Stdio(|| {
            batches(Duration::from_millis(2), |questions| {
                let answers: Vec<_> = questions.iter().map(|one| line(one.id, answer(one))).collect();
                answers.iter().rev().for_each(|answer| write_text(answer));
            })
        }),
    },
    Conforming {
        name: "batching",
        how: "Collects questions until 10 ms pass without one, and answers them in one burst.",
        subject: Served::Stdio(|| {
            batches(Duration::from_millis(10), |questions| {
                let answers: String = questions.iter().map(|one| line(one.id, answer(one))).collect();
                write_text(&answers);
            })
        }),
    },
    Conforming {
        name: "byte-by-byte",
        how: "Writes each byte of an answer by itself.",
        subject: Served::Stdio(|| {
            each(|question| {
                let mut output = io::stdout().lock();
                for byte in line(question.id, answer(question)).bytes() {
                    // Nobody listening is no fault: the suite has ended.
                    let _ = output.write_all(&[byte]).and_then(|()| output.flush());
                }
            })
        }),
    },
    Conforming {
        name: "dressed-up-lines",
        how: "Adds fields, space, another order of keys, a null and a carriage return to each line.",
        subject: Served::Stdio(|| {
            each(|question| {
                let (key, value, other) = match answer(question) {
                    Ok(sent) => ("ok", sent.to_string(), "err"),
                    Err(cause) => ("err", serde_json::Value::from(cause).to_string(), "ok"),
                };
                let id = question.id;
                write_text(&format!(
                    " {{ \"{other}\" : null,\t\"{key}\" : {value}, \"took_ms\":0.1, \"id\" : {id} }} \r\n"
                ));
            })
        }),
    },
    Conforming {
        name: "escapes-everything",
        how: "Writes each character of its keys and messages as a JSON escape.",
        subject: Served::Stdio(|| {
            each(|question| {
                let (key, value) = match answer(question) {
                    Ok(sent) => ("ok", sent.to_string()),
                    Err(cause) => ("err", escaped(&cause)),
                };
                write_text(&format!("{{{}:{},{}:{value}}}\n", escaped("id"), question.id, escaped(key)));
            })
        }),
    },
    Conforming {
        name: "cuts-characters-in-half",
        how: "Counts in UTF-16 and cuts its messages short, so that half a character is left.",
        subject: Served::Stdio(|| {
            each(|question| {
                let answer = answer(question);
                let Err(cause) = &answer else { return write_text(&line(question.id, answer)) };
                let mut message = serde_json::Value::from(cause.as_str()).to_string();
                message.insert_str(message.len() - 1, "\\ud83d");
                write_text(&format!("{{\"id\":{},\"err\":{message}}}\n", question.id));
            })
        }),
    },
    Conforming {
        name: "minds-its-scheduling",
        how: "Warns on standard output, as Mono does, while it is scheduled in a way that it does not know.",
        subject: Served::Stdio(|| {
            each(|question| {
                // SAFETY: a plain number in, a plain number out.
                if unsafe { libc::sched_getscheduler(0) } == libc::SCHED_IDLE {
                    write_text("unknown policy 5\n");
                }
                write_text(&line(question.id, answer(question)));
            })
        }),
    },
    Conforming {
        name: "numbers-as-javascript",
        how: "Reads each id as a double, which is exact up to 2^53, and writes it as JavaScript does.",
        subject: Served::Stdio(|| {
            each(|question| {
                let id = format!("{{\"id\":{:.0},", question.id as f64);
                let own = format!("{{\"id\":{},", question.id);
                write_text(&line(question.id, answer(question)).replacen(&own, &id, 1));
            })
        }),
    },
    Conforming {
        name: "late-riser",
        how: "Needs 300 ms before it takes its first question.",
        subject: Served::Stdio(|| {
            pause(300);
            each(|question| write_text(&line(question.id, answer(question))))
        }),
    },
];

/// Takes each question, one after the other.
fn each(take: impl Fn(&Question)) -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        take(&serde_json::from_str(&line?)?);
    }
    Ok(())
}

/// Takes the questions that come with less than `pause` between them.
fn batches(pause: Duration, take: impl Fn(&[Question])) -> io::Result<()> {
    const FOR_EVER: Duration = Duration::from_secs(1 << 20);
    let mut input = LineReader::new(io::stdin().as_fd().try_clone_to_owned()?)?;
    let mut questions = Vec::new();
    loop {
        let patience = if questions.is_empty() { FOR_EVER } else { pause };
        match input.next_before(Instant::now() + patience)? {
            Line::Whole(line) => questions.push(serde_json::from_slice(&line)?),
            Line::Late => take(&std::mem::take(&mut questions)),
            Line::Closed(_) | Line::TooLong(_) => {
                take(&questions);
                return Ok(());
            }
        }
    }
}

fn answer(question: &Question) -> SignalResult {
    right(question.leader_pid, &question.signal_name)
}

fn line(id: u64, answer: SignalResult) -> String {
    AnswerLine { id, answer, changed: Vec::new() }.to_line()
}

/// A JSON string of escapes alone.
fn escaped(text: &str) -> String {
    let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{units}\"")
}
