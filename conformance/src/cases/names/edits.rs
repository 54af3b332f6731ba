//! Names made at random: spellings of the four, and words that look like a signal's.

use crate::cases::checks::FOUR;

/// Characters that a careless comparison overlooks, folds or stops at.
const TRAPS: [char; 32] = [
    ' ', '\t', '\n', '\r', '\0', '\u{b}', '\u{c}', '\u{a0}', '\u{200b}', '\u{feff}', '\u{301}', '\u{17f}',
    '\u{212a}', '\u{131}', '\u{130}', '\u{410}', '\u{422}', '\u{399}', '\u{ff33}', '\u{1f}', '\u{7f}', '_',
    '-', '.', ',', ';', '*', '?', '%', '\\', '"', '\'',
];

/// One of the four with one to three characters inserted, removed, replaced, doubled, swapped or in the other
/// case.
pub fn edited(rng: &mut fastrand::Rng) -> String {
    let (name, _) = FOUR[rng.usize(..FOUR.len())];
    let mut letters: Vec<char> = name.chars().collect();
    for _ in 0..rng.usize(1..4) {
        edit(&mut letters, rng);
    }
    letters.into_iter().collect()
}

fn edit(letters: &mut Vec<char>, rng: &mut fastrand::Rng) {
    let length = letters.len();
    let at = rng.usize(..length);
    let other = if rng.bool() { TRAPS[rng.usize(..TRAPS.len())] } else { rng.char('!'..'\u{7f}') };
    match rng.u8(..6) {
        0 => letters.insert(rng.usize(..=length), other),
        1 if length > 1 => {
            letters.remove(at);
        }
        2 => letters.insert(at, letters[at]),
        3 => letters.swap(at, (at + 1) % length),
        4 => letters[at] = letters[at].to_ascii_lowercase(),
        _ => letters[at] = other,
    }
}

/// A word that may look like a signal's name.
pub fn random_name(rng: &mut fastrand::Rng) -> String {
    let letters = |rng: &mut fastrand::Rng, any: bool| {
        let length = rng.usize(..10);
        (0..length).map(|_| if any { rng.char(..) } else { rng.uppercase() }).collect::<String>()
    };
    match rng.u8(..3) {
        0 => format!("SIG{}", letters(rng, false)),
        1 => letters(rng, false),
        _ => letters(rng, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_edited_names_differ_from_the_four_and_from_each_other() {
        let mut rng = fastrand::Rng::with_seed(7);
        let names = (0..300).map(|_| edited(&mut rng));
        let names = names.filter(|name| FOUR.iter().all(|(known, _)| known != name));
        let names: std::collections::HashSet<_> = names.collect();
        assert!(names.len() > 250, "{}", names.len());
    }
}
