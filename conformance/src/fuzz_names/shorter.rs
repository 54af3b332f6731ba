//! What a name is made shorter by.

use super::names::traps;
use crate::cases::checks::FOUR;

/// Up to this length every part of a name is left out, in characters; of a longer one only large parts.
const EVERY_PART: usize = 40;

/// Names that are shorter than this one, and may do what it does, the shortest first: those that everybody
/// gets wrong, it without a part of it, and it with a shorter one of the four in it.
pub fn shorter(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let length = letters.len();
    let mut names: Vec<String> = traps();
    names.extend(parts(length).map(|(from, to)| letters[..from].iter().chain(&letters[to..]).collect()));
    for (long, _) in FOUR {
        // Whichever way they are spelled, the part behind SIG is what differs.
        for (part, short) in
            [(long[3..].to_owned(), ["INT", "HUP"]), (long[3..].to_lowercase(), ["int", "hup"])]
        {
            names.extend(short.iter().map(|short| name.replace(&part, short)));
        }
    }
    names.retain(|name| name.chars().count() < length);
    names.sort_by_cached_key(|name| (name.chars().count(), name.clone()));
    names.dedup();
    names
}

/// The parts of so many letters that may be left out: from which to which.
fn parts(length: usize) -> Box<dyn Iterator<Item = (usize, usize)>> {
    if length <= EVERY_PART {
        return Box::new((0..length).flat_map(move |from| (from + 1..=length).map(move |to| (from, to))));
    }
    let sizes =
        std::iter::successors(Some(length / 2), move |size| (*size > length / 64).then_some(size / 2));
    Box::new(
        sizes.filter(|size| *size > 0).flat_map(move |size| {
            (0..length).step_by(size).map(move |from| (from, (from + size).min(length)))
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::shorter;

    #[test]
    fn every_name_is_shorter_and_the_shortest_comes_first() {
        for name in ["SIGTERM ", "x", "sigkill\n", &"SIGTERM".repeat(20)] {
            let names = shorter(name);
            assert_eq!(names[0], "");
            assert!(names.is_sorted_by_key(|name| name.chars().count()));
            assert!(names.iter().all(|one| one.chars().count() < name.chars().count()), "{name:?}");
        }
        assert!(shorter("").is_empty());
    }

    #[test]
    fn a_part_is_left_out_and_a_shorter_name_is_put_in() {
        let names = shorter("$SIGTERM$ ");
        for shortened in ["$SIGTERM$", "SIGTERM$ ", "$ ", "$SIGINT$ "] {
            assert!(names.iter().any(|name| name == shortened), "{shortened}");
        }
    }

    #[test]
    fn of_a_long_name_a_half_is_left_out() {
        let name = format!("SIGTERM{}", " ".repeat(1_000));
        assert!(shorter(&name).iter().any(|name| *name == format!("SIGTERM{}", " ".repeat(497))));
    }
}
