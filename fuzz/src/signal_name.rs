//! A signal's name: the parser, the model and the local signaller's refusal agree.

use crate::printable::assert_printable;
use crate::text;
use process_groups::model::{Answer, NAMES, World};
use process_groups::{LocalSignaller, SignalName, Signaller};

/// A valid leader pid that no group has: Linux gives none above 2^22. A name taken by mistake reaches nobody.
const NOBODYS: u32 = i32::MAX as u32;

const BEFORE: &str = "unknown signal name \"";
const BEHIND: &str = "\": use SIGTERM, SIGKILL, SIGINT or SIGHUP";

/// The input is the name.
///
/// # Panics
/// When the three do not agree, or a refused name is not printed in the error.
pub fn signal_name(input: &[u8]) {
    let name = text(input);
    let answer = LocalSignaller.signal(NOBODYS, name);
    let allowed = World::new().allowed(NOBODYS, name);
    assert!(allowed.permits(Answer::of(&answer)), "{name:?}: {answer:?}, but {}", allowed.reason);
    match (name.parse::<SignalName>(), answer) {
        (Ok(parsed), Ok(false)) => {
            assert!(NAMES.contains(&name), "{name:?} is taken");
            assert_eq!(parsed.as_str(), name);
        }
        (Err(_), Err(message)) => {
            assert!(!NAMES.contains(&name), "{name:?} is refused");
            assert_printable(&message);
            let printed = message.strip_prefix(BEFORE).and_then(|rest| rest.strip_suffix(BEHIND));
            assert!(printed.is_some_and(|printed| reads_as(printed, name)), "{name:?} is not in {message:?}");
        }
        (parsed, answer) => panic!("{name:?}: the parser says {parsed:?}, and the signaller {answer:?}"),
    }
}

/// Whether `printed`, read as Rust reads a string, is the name, or its beginning with `…` behind it.
fn reads_as(printed: &str, name: &str) -> bool {
    // Most names need no escapes.
    if printed == name {
        return !name.contains(['\\', '"']);
    }
    let (mut printed, mut name) = (printed.chars(), name.chars());
    loop {
        let rest = printed.as_str();
        if rest == "…" && !name.as_str().is_empty() {
            return true;
        }
        match (read(&mut printed), name.next()) {
            (None, None) => return rest.is_empty(),
            (one, other) if one == other => {}
            _ => return false,
        }
    }
}

/// The next character of what Rust has escaped.
fn read(printed: &mut std::str::Chars<'_>) -> Option<char> {
    match printed.next()? {
        '\\' => match printed.next()? {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            '0' => Some('\0'),
            'u' => {
                let (digits, rest) = printed.as_str().strip_prefix('{')?.split_once('}')?;
                *printed = rest.chars();
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)
            }
            quoted @ ('"' | '\'' | '\\') => Some(quoted),
            _ => None,
        },
        letter => Some(letter),
    }
}
