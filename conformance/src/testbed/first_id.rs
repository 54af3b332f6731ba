//! Where the pids of a sandbox begin: elsewhere than those of the sandboxes beside it.
//!
//! Programs name files after their own pid, and all sandboxes have one /tmp: the JVM writes a warning to
//! standard output, before any answer, when the file of its pid there is another's.

use super::agent::{FIRST_UNCHOSEN_ID, pid_max};
use std::collections::BTreeSet;
use std::process;
use std::sync::{Mutex, PoisonError};

/// How many there are.
const COUNT: u32 = 40;
/// How far from each other they are where pids are scarce. The pids from the last one up to the smallest usual
/// `pid_max`, 32,768 (proc(5)), are for whatever a subject forks: once the kernel begins anew, it gives pids
/// that a case may want to choose. The subject of a case is seldom its hundredth process.
const CLOSE: u32 = 150;
/// How far from each other they are elsewhere: further than the largest case has processes.
const FAR: u32 = 1_000;

/// How many pids more there must be for what subjects fork, for [`FAR`].
const SPARE: u32 = 20_000;

/// The places, and which of them are taken by sandboxes of this process.
#[derive(Debug, Default)]
struct Places {
    /// Where the search for one begins: behind the last that was found. What ended a moment ago may still
    /// have its files.
    next: u32,
    taken: BTreeSet<u32>,
}

static PLACES: Mutex<Places> = Mutex::new(Places { next: 0, taken: BTreeSet::new() });

/// The first pid for the sandbox in that place. To be called in the sandbox, which may have another `pid_max` than
/// the machine: 4,194,304 where that had 32,768 (measured on Linux 6.18).
pub fn in_place(place: u32) -> u32 {
    let apart = if pid_max() > FIRST_UNCHOSEN_ID + COUNT * FAR + SPARE { FAR } else { CLOSE };
    FIRST_UNCHOSEN_ID + place * apart
}

/// The place of the first pid of one sandbox. Dropping it leaves its place to another.
#[derive(Debug)]
pub struct FirstId {
    place: u32,
}

impl FirstId {
    /// One that no other sandbox of this process has, unless all are taken. Other processes begin elsewhere.
    pub fn take() -> Self {
        let Places { next, taken } = &mut *PLACES.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (*next..*next + COUNT).find(|place| !taken.contains(&(place % COUNT)));
        let place = place.unwrap_or(*next) % COUNT;
        taken.insert(place);
        *next = place + 1;
        Self { place }
    }

    /// The place, for [`in_place`].
    pub fn place(&self) -> u32 {
        (self.place + process::id().wrapping_mul(7)) % COUNT
    }
}

impl Drop for FirstId {
    fn drop(&mut self) {
        PLACES.lock().unwrap_or_else(PoisonError::into_inner).taken.remove(&self.place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sandboxes_side_by_side_begin_at_the_same_pid() {
        let side_by_side: Vec<FirstId> = (0..20).map(|_| FirstId::take()).collect();
        let places: BTreeSet<u32> = side_by_side.iter().map(FirstId::place).collect();
        assert_eq!(places.len(), side_by_side.len());
        drop(side_by_side);
        let next = FirstId::take();
        assert!(!places.contains(&next.place()), "what has just ended has its place for a while");
    }
}
