//! What the adapters of Rust crates share: a line for each line, around one call.

use serde_json::{Value, json};
use std::io::{self, Error};

/// Answers each question of standard input by `send`, until there are no more.
///
/// A leader pid that is no `i32` never gets there: the conversion that a caller writes refuses it.
///
/// # Errors
/// When a line is no question, or nobody reads the answers.
pub fn serve(send: impl Fn(i32, &str) -> Result<bool, String>) -> io::Result<()> {
    for line in io::stdin().lines() {
        let question: Value = serde_json::from_str(&line?)?;
        let (Some(leader_pid), Some(name)) =
            (question["leader_pid"].as_u64(), question["signal_name"].as_str())
        else {
            return Err(Error::other("a question has a leader_pid and a signal_name"));
        };
        let sent = match i32::try_from(leader_pid) {
            Ok(pid) => send(pid, name),
            Err(cause) => Err(cause.to_string()),
        };
        let answer = match sent {
            Ok(delivered) => json!({ "id": question["id"], "ok": delivered }),
            Err(message) => json!({ "id": question["id"], "err": format!("{name:?}: {message}") }),
        };
        println!("{answer}");
    }
    Ok(())
}
