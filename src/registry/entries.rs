//! The entries that a registry holds: in order, found by leader pid, dropped without moving the others each
//! time.

use super::ProcessGroupEntry;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Few entries are scanned: with them that is quicker than hashing (`cargo bench --bench registry`). More are
/// found through an index, and dropping one of them leaves its slot empty, because closing each gap at once
/// would make dropping all of them quadratic. The gaps are closed when somebody reads the list, and when they
/// are more than the entries.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The slots, until somebody reads them; then `read` has them.
    changed: Mutex<Slots>,
    /// The slots without gaps, until the next change.
    read: OnceLock<Slots>,
    /// For each leader pid that is held, the number of its slot. Empty while they are few; then there are no
    /// gaps.
    number_of: HashMap<u32, u64>,
}

#[derive(Debug, Default)]
struct Slots {
    entries: Vec<ProcessGroupEntry>,
    /// A number for each slot once there is an index. They ascend, so that a slot is found wherever it has
    /// moved.
    numbers: Vec<u64>,
    gaps: usize,
}

/// Up to how many entries are scanned.
const FEW: usize = 16;

/// The incarnation in an empty slot: no registry that tells registrations apart gives it.
const EMPTY: u64 = 0;

impl Slots {
    fn position(&self, number_of: &HashMap<u32, u64>, leader_pid: u32) -> Option<usize> {
        if number_of.is_empty() {
            return self.entries.iter().position(|entry| entry.leader_pid == leader_pid);
        }
        self.numbers.binary_search(number_of.get(&leader_pid)?).ok()
    }

    fn close_gaps(&mut self) {
        if self.gaps == 0 {
            return;
        }
        let mut entries = self.entries.iter();
        self.numbers.retain(|_| entries.next().is_some_and(|entry| entry.incarnation != EMPTY));
        self.entries.retain(|entry| entry.incarnation != EMPTY);
        self.gaps = 0;
    }
}

impl Entries {
    pub(super) fn as_slice(&self) -> &[ProcessGroupEntry] {
        &self.read().entries
    }

    pub(super) fn get(&self, leader_pid: u32) -> Option<&ProcessGroupEntry> {
        let slots = self.read();
        slots.position(&self.number_of, leader_pid).map(|position| &slots.entries[position])
    }

    pub(super) fn get_mut(&mut self, leader_pid: u32) -> Option<&mut ProcessGroupEntry> {
        let (slots, number_of) = self.change();
        slots.position(number_of, leader_pid).map(|position| &mut slots.entries[position])
    }

    /// Appends an entry whose leader pid is not held.
    pub(super) fn push(&mut self, entry: ProcessGroupEntry) {
        let (slots, number_of) = self.change();
        slots.entries.push(entry);
        if number_of.is_empty() && slots.entries.len() <= FEW {
            return;
        }
        let next = slots.numbers.last().map_or(0, |newest| newest + 1);
        for (entry, number) in slots.entries[slots.numbers.len()..].iter().zip(next..) {
            slots.numbers.push(number);
            number_of.insert(entry.leader_pid, number);
        }
    }

    /// Drops the entry of `leader_pid`. Returns whether there was one.
    pub(super) fn remove(&mut self, leader_pid: u32) -> bool {
        let (slots, number_of) = self.change();
        let Some(position) = slots.position(number_of, leader_pid) else {
            return false;
        };
        if number_of.is_empty() {
            slots.entries.remove(position);
            return true;
        }
        number_of.remove(&leader_pid);
        slots.entries[position] = ProcessGroupEntry::new(leader_pid, "", EMPTY);
        slots.gaps += 1;
        if slots.gaps > slots.entries.len() / 2 {
            slots.close_gaps();
        }
        true
    }

    fn read(&self) -> &Slots {
        self.read.get_or_init(|| {
            // Nothing panics while it is held.
            let mut slots = std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner));
            slots.close_gaps();
            slots
        })
    }

    fn change(&mut self) -> (&mut Slots, &mut HashMap<u32, u64>) {
        let changed = self.changed.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(slots) = self.read.take() {
            *changed = slots;
        }
        (changed, &mut self.number_of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leader_pids(entries: &Entries) -> Vec<u32> {
        entries.as_slice().iter().map(|entry| entry.leader_pid).collect()
    }

    fn holding(leader_pids: std::ops::Range<u32>) -> Entries {
        let mut entries = Entries::default();
        for leader_pid in leader_pids {
            entries.push(ProcessGroupEntry::new(leader_pid, "job", u64::from(leader_pid) + 1));
        }
        entries
    }

    #[test]
    fn what_is_left_is_listed_in_order_and_found_wherever_the_gaps_are() {
        for step in 1..10 {
            let mut entries = holding(0..40);
            let gone: Vec<u32> = (0..40).filter(|leader_pid| leader_pid % step == 0).collect();
            for leader_pid in &gone {
                assert!(entries.remove(*leader_pid));
                assert!(!entries.remove(*leader_pid), "it is not held any more");
            }
            entries.push(ProcessGroupEntry::new(0, "its next owner", 41));
            let left = (0..40).filter(|leader_pid| !gone.contains(leader_pid)).chain([0]);
            assert_eq!(leader_pids(&entries), left.clone().collect::<Vec<_>>());
            for leader_pid in left {
                assert_eq!(entries.get(leader_pid).map(|entry| entry.leader_pid), Some(leader_pid));
                assert!(entries.get_mut(leader_pid).is_some());
            }
            assert_eq!(entries.get(0).map(|entry| &*entry.label), Some("its next owner"));
        }
    }

    #[test]
    fn slots_and_index_hold_at_most_twice_the_entries_though_nobody_reads() {
        let mut entries = Entries::default();
        for number in 0..1_000_u32 {
            let held = number.min(40) as usize;
            entries.push(ProcessGroupEntry::new(number, "job", u64::from(number) + 1));
            entries.remove(number.wrapping_sub(40));
            let (slots, number_of) = entries.change();
            assert!(slots.entries.len() <= 2 * held + 1, "{held} {}", slots.entries.len());
            assert!(slots.numbers.len() <= slots.entries.len() && number_of.len() <= held + 1);
        }
    }

    #[test]
    fn who_shrinks_to_nothing_begins_anew() {
        let mut entries = holding(0..100);
        (0..100).for_each(|leader_pid| assert!(entries.remove(leader_pid)));
        assert_eq!(leader_pids(&entries), [0; 0]);
        for leader_pid in 50..100 {
            entries.push(ProcessGroupEntry::new(leader_pid, "job", 1));
            assert_eq!(entries.get(leader_pid).map(|entry| entry.leader_pid), Some(leader_pid));
            assert_eq!(entries.get(leader_pid + 1), None);
        }
        assert_eq!(leader_pids(&entries), (50..100).collect::<Vec<_>>());
    }
}
