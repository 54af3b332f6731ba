//! Which ids the groups of a case get. Real programs fail for some shapes of ids and not for others, and a
//! fresh PID namespace has only small ones.

use crate::testbed::agent::{FIRST_UNCHOSEN_ID, LARGEST_ID};
use crate::testbed::protocol::Abilities;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

/// The shapes: what could be taken for a signal's number, begins with 1, has three digits, four, five.
const SHAPES: [Range<u32>; 5] = [5..65, 100..200, 200..1000, 1000..10_000, 10_000..FIRST_UNCHOSEN_ID];

/// Picks ids, each once.
#[derive(Debug)]
pub struct Ids {
    rng: fastrand::Rng,
    chosen: bool,
    next_shape: usize,
    given: HashSet<u32>,
}

impl Ids {
    /// Ids for the case that `salt` names, the same for the same seed.
    pub fn new(seed: u64, salt: &str, abilities: Abilities) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, salt).hash(&mut hasher);
        let mut rng = fastrand::Rng::with_seed(hasher.finish());
        let next_shape = rng.usize(..SHAPES.len());
        Self { rng, chosen: abilities.chosen_ids, next_shape, given: HashSet::new() }
    }

    /// An id of the next shape in turn that was not given before; `None` where ids cannot be chosen.
    pub fn next(&mut self) -> Option<u32> {
        if !self.chosen {
            return None;
        }
        loop {
            let shape = SHAPES[self.next_shape % SHAPES.len()].clone();
            self.next_shape += 1;
            let id = self.rng.u32(shape);
            if self.given.insert(id) {
                return Some(id);
            }
        }
    }

    /// Gives this one, which somebody else has chosen.
    pub fn give(&mut self, id: u32) {
        self.given.insert(id);
    }

    /// An id that no group has, at the moment. Where others are given ids, too, one that nobody can get: what
    /// is sent to it must not hit a process that came up just then.
    pub fn unused(&mut self) -> u32 {
        self.next().unwrap_or_else(|| self.rng.u32(LARGEST_ID + 1..=i32::MAX.cast_unsigned()))
    }

    /// The case's random numbers.
    pub fn rng(&mut self) -> &mut fastrand::Rng {
        &mut self.rng
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_is_given_twice_whoever_chose_it() {
        let abilities = Abilities { chosen_ids: true, ..Abilities::default() };
        let mut ids = Ids::new(0, "", abilities);
        (5..55).for_each(|id| ids.give(id));
        assert!((0..40).all(|_| !(5..55).contains(&ids.next().unwrap())));
    }

    #[test]
    fn where_ids_cannot_be_chosen_an_unused_one_is_no_kernels() {
        let mut ids = Ids::new(0, "", Abilities::default());
        assert_eq!(ids.next(), None);
        assert!((0..100).all(|_| ids.unused() > LARGEST_ID));
    }
}
