//! Names around the four.

use crate::cases::checks::FOUR;
use crate::cases::names::edits::{edited, random_name};
use crate::cases::names::lists::{MADE_UP_NAMES, OTHER_SIGNALS};
use crate::cases::names::spellings::{SPELLINGS, numbers};

/// What means something to a shell, an option parser, a path, a pattern, a list or a template.
const MARKS: [&str; 40] = [
    "$(",
    ")",
    "`",
    ";",
    "|",
    "&",
    "&&",
    "<",
    ">",
    "\n",
    "\r\n",
    "'",
    "\"",
    "\\",
    "$",
    "${IFS}",
    "-",
    "--",
    "-s ",
    "-9 ",
    "=",
    "/",
    "../",
    "./",
    "~",
    "*",
    "?",
    "[",
    "]",
    "{",
    "}",
    "{leader_pid}",
    "{signal_name}",
    "%s",
    "%00",
    "#",
    ":",
    ",",
    "\0",
    "\u{1b}[2J",
];

/// The longest random name, in bytes: more than a buffer of 64 KiB holds.
const LONGEST: usize = 70_000;

/// The same names for the same seed, without end: first [`traps`], then random ones.
pub fn all(seed: u64) -> impl Iterator<Item = String> {
    let mut rng = fastrand::Rng::with_seed(seed);
    traps().into_iter().chain(std::iter::repeat_with(move || random(&mut rng)))
}

/// Every character that is one byte, and every spelling and other name that the cases try; each once, the
/// shortest first. The four are among them.
pub fn traps() -> Vec<String> {
    let letters = (0..128_u8).map(|byte| char::from(byte).to_string());
    let lists = OTHER_SIGNALS.iter().chain(&MADE_UP_NAMES).flat_map(|(_, _, names)| *names);
    let ways = SPELLINGS.iter().map(|(_, _, spell)| *spell).chain([numbers as fn(&str, i32) -> Vec<String>]);
    let spelled = ways.flat_map(|spell| FOUR.into_iter().flat_map(move |(name, signal)| spell(name, signal)));
    let mut traps: Vec<String> = letters.chain(lists.map(|name| (*name).to_owned())).chain(spelled).collect();
    traps.sort_by_cached_key(|name| (name.chars().count(), name.clone()));
    traps.dedup();
    traps
}

fn random(rng: &mut fastrand::Rng) -> String {
    match rng.u8(..6) {
        0 | 1 => edited(rng),
        2 => random_name(rng),
        3 => marked(rng),
        4 => encoded(rng),
        _ => long(rng),
    }
}

fn one_of_four(rng: &mut fastrand::Rng) -> &'static str {
    FOUR[rng.usize(..FOUR.len())].0
}

/// Names and marks one behind the other.
fn marked(rng: &mut fastrand::Rng) -> String {
    let mut parts = vec![one_of_four(rng)];
    for _ in 0..rng.usize(1..4) {
        let part = if rng.u8(..4) == 0 { one_of_four(rng) } else { MARKS[rng.usize(..MARKS.len())] };
        parts.insert(rng.usize(..=parts.len()), part);
    }
    parts.concat()
}

/// One of the four, or an edited one, with some of its letters as another format writes them.
fn encoded(rng: &mut fastrand::Rng) -> String {
    let name = if rng.bool() { one_of_four(rng).to_owned() } else { edited(rng) };
    let way = rng.u8(..9);
    let every = rng.bool();
    let mut encoded = String::new();
    for letter in name.chars() {
        let code = u32::from(letter);
        match way {
            _ if !every && rng.bool() => encoded.push(letter),
            0 => encoded += &format!("%{code:02x}"),
            1 => encoded += &format!("\\x{code:02x}"),
            2 => encoded += &format!("\\u{code:04x}"),
            3 => encoded += &format!("\\{code:o}"),
            4 => encoded += &format!("&#{code};"),
            5 => encoded += &format!("{code:x}"),
            // The full-width form.
            6 => encoded.push(char::from_u32(code + 0xfee0).unwrap_or(letter)),
            // What UTF-16 becomes when it is read byte by byte.
            7 => encoded.extend([letter, '\0']),
            _ => encoded.extend([letter, char::from(rng.u8(0x80..0xa0))]),
        }
    }
    encoded
}

/// A name with one letter behind or before it so often that it is just below, at or above a power of two.
fn long(rng: &mut fastrand::Rng) -> String {
    let name = one_of_four(rng);
    let length = ((1 << rng.u8(4..17)) + rng.usize(..3) - 1).min(LONGEST);
    let filler = [" ", "X", "\0", "\n", "0", "M"][rng.usize(..6)].repeat(length.saturating_sub(name.len()));
    if rng.bool() { format!("{name}{filler}") } else { format!("{filler}{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_gives_the_same_names() {
        let some = |seed| all(seed).skip(traps().len()).take(100).collect::<Vec<_>>();
        assert_eq!(some(7), some(7));
        assert_ne!(some(7), some(8));
    }

    #[test]
    fn most_random_names_are_new() {
        let names: HashSet<_> = all(7).skip(traps().len()).take(1_000).collect();
        assert!(names.len() > 800, "{}", names.len());
    }

    #[test]
    fn the_traps_begin_with_the_shortest() {
        let traps = traps();
        assert_eq!(traps[0], "");
        assert!(traps.is_sorted_by_key(|name| name.chars().count()));
        assert!(traps.len() > 1_000, "{}", traps.len());
    }
}
