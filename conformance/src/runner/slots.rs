//! Who may keep the processors busy: a case that only waits lends its slot to others.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// A number of slots, each for one case at a time.
#[derive(Debug)]
pub struct Slots {
    count: usize,
    free: Mutex<usize>,
    freed: Condvar,
}

impl Slots {
    /// So many slots.
    pub fn new(count: usize) -> Self {
        Self { count, free: Mutex::new(count), freed: Condvar::new() }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Runs `work` in a slot, once one is free.
    pub fn occupy<T>(&self, work: impl FnOnce() -> T) -> T {
        self.take();
        let result = work();
        self.give();
        result
    }

    /// Does `work` without a slot, in the midst of [`occupy`](Self::occupy): it waits, or takes slots itself.
    pub fn lend<T>(&self, work: impl FnOnce() -> T) -> T {
        /// Takes the slot back, also when the work panics.
        struct Lent<'a>(&'a Slots);
        impl Drop for Lent<'_> {
            fn drop(&mut self) {
                self.0.take();
            }
        }
        self.give();
        let _lent = Lent(self);
        work()
    }

    /// Waits for `time` without a slot, in the midst of [`occupy`](Self::occupy).
    pub fn rest(&self, time: Duration) {
        self.lend(|| std::thread::sleep(time));
    }

    fn take(&self) {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
    }

    fn give(&self) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
    }
}
