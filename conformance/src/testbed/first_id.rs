//! Where the pids of a sandbox begin: elsewhere than those of the sandboxes beside it.
//!
//! Programs name files after their own pid, and all sandboxes have one /tmp: the JVM writes a warning to
//! standard output, before any answer, when the file of its pid there is another's.

use super::agent::{FIRST_UNCHOSEN_ID, pid_max};
use crate::sys::lock::lock;
use std::collections::BTreeSet;
use std::sync::Mutex;

/// How many sandboxes of this process may be there at a time, each with pids of its own.
const AT_A_TIME: u32 = 40;
/// How many places there are where pids are plenty, of six digits at most: it is long until one comes again. What was
/// killed leaves its files, and a JVM warns, too, while another one looks whether the file of its pid is still in use.
const COUNT: u32 = 24 * AT_A_TIME;
/// How far from each other they are there: further than the largest case has processes before its subject starts.
const FAR: u32 = 1_000;
/// How far from each other they are where pids are scarce, and `AT_A_TIME` are all there are. The pids from the last
/// one up to the smallest usual `pid_max`, 32,768 (proc(5)), are for whatever a subject forks: once the kernel begins
/// anew, it gives pids that a case may want to choose. The subject of a case is seldom its hundredth process.
const CLOSE: u32 = 150;
/// How many pids more there must be for what subjects fork, for [`FAR`].
const SPARE: u32 = 20_000;

/// The places, and which of them are taken by sandboxes of this process.
#[derive(Debug)]
struct Places {
    /// Where the search for one begins: behind the last that was found. What ended a moment ago may still
    /// have its files. `None` until the first is taken: other processes begin elsewhere.
    next: Option<u32>,
    /// The remainders of the places that are taken, divided by [`AT_A_TIME`].
    taken: BTreeSet<u32>,
}

static PLACES: Mutex<Places> = Mutex::new(Places { next: None, taken: BTreeSet::new() });

/// The first pid for the sandbox in that place. To be called in the sandbox, which may have another `pid_max` than
/// the machine: 4,194,304 where that had 32,768 (measured on Linux 6.18).
pub fn in_place(place: u32) -> u32 {
    first_of(place, pid_max())
}

fn first_of(place: u32, pid_max: u32) -> u32 {
    let is_plenty = pid_max > FIRST_UNCHOSEN_ID + COUNT * FAR + SPARE;
    FIRST_UNCHOSEN_ID + if is_plenty { place % COUNT * FAR } else { place % AT_A_TIME * CLOSE }
}

/// The place of the first pid of one sandbox. Dropping it leaves its place to another.
#[derive(Debug)]
pub struct FirstId {
    place: u32,
}

impl FirstId {
    /// One that no other sandbox of this process has, unless all are taken.
    pub fn take() -> Self {
        let Places { next, taken } = &mut *lock(&PLACES);
        let first = next.unwrap_or_else(|| fastrand::u32(..COUNT));
        let place = (first..first + AT_A_TIME).find(|place| !taken.contains(&(place % AT_A_TIME)));
        let place = place.unwrap_or(first);
        taken.insert(place % AT_A_TIME);
        *next = Some((place + 1) % COUNT);
        Self { place }
    }

    /// The place, for [`in_place`].
    pub fn place(&self) -> u32 {
        self.place
    }
}

impl Drop for FirstId {
    fn drop(&mut self) {
        let mut places = lock(&PLACES);
        places.taken.remove(&(self.place % AT_A_TIME));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Side by side twenty at a time.
    fn sandboxes(count: usize) -> Vec<u32> {
        let mut side_by_side = std::collections::VecDeque::new();
        let take = |_| {
            side_by_side.push_back(FirstId::take());
            if side_by_side.len() > 20 {
                side_by_side.pop_front();
            }
            side_by_side[side_by_side.len() - 1].place()
        };
        (0..count).map(take).collect()
    }

    #[test]
    fn no_two_sandboxes_side_by_side_begin_at_the_same_pid() {
        let places = sandboxes(900);
        for pid_max in [32_768, 4_194_304] {
            let firsts: Vec<_> = places.iter().map(|place| first_of(*place, pid_max)).collect();
            let differ = |window: &[u32]| window.iter().collect::<BTreeSet<_>>().len() == window.len();
            assert!(firsts.windows(20).all(differ));
            assert!(firsts.iter().all(|first| first + CLOSE < pid_max));
            assert_eq!(
                differ(&firsts),
                pid_max == 4_194_304,
                "it is long until one comes again where pids are plenty"
            );
        }
    }
}
