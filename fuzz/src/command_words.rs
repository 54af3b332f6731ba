//! The words of a `command` subject: of a question nothing reaches the program but digits and the name as it
//! is.

use crate::text;
use signaller_conformance::subject::command;
use signaller_conformance::subject::wire::Question;
use std::ffi::OsStr;

/// The input is digits, a signal's name, and the words of the command, each ended by NUL, which no word can
/// hold.
///
/// # Panics
/// When another program is run, or with other words than those of the command with pid and name in their
/// places.
pub fn command_words(input: &[u8]) {
    let mut parts = text(input).split('\0');
    let leader_pid = number(parts.next().unwrap_or_default());
    let name = parts.next().unwrap_or_default();
    let words: Vec<String> = parts.map(str::to_owned).collect();

    let pid = leader_pid.to_string();
    assert!(pid.bytes().all(|byte| byte.is_ascii_digit()));
    let expected: Vec<String> = words.iter().map(|word| filled(word, &pid, name)).collect();
    match (command::invocation(&words, &Question::new(leader_pid, name)), expected.split_first()) {
        (Ok(command), Some((program, arguments))) => {
            assert_eq!(command.get_program(), OsStr::new(program));
            assert!(
                command.get_args().eq(arguments.iter().map(OsStr::new)),
                "{command:?}, not with {arguments:?}"
            );
        }
        (Err(_), None) => {}
        (command, _) => panic!("{words:?} became {command:?}"),
    }
}

/// The word with its placeholders filled in, worked out in another way: what is between two placeholders for
/// the leader pid can hold those for the name only.
fn filled(word: &str, pid: &str, name: &str) -> String {
    word.split("{leader_pid}").map(|part| part.replace("{signal_name}", name)).collect::<Vec<_>>().join(pid)
}

/// A number from whatever is there, so that each leader pid can come.
fn number(digits: &str) -> u32 {
    digits
        .bytes()
        .fold(0, |number: u32, byte| number.wrapping_mul(10).wrapping_add(u32::from(byte.wrapping_sub(b'0'))))
}
