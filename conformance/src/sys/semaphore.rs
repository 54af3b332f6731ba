//! Limits how many cases compute at once: a case that only waits releases its permit to others.

use super::lock::{lock, wait_while};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// A counting semaphore.
#[derive(Debug)]
pub struct Semaphore {
    permits: usize,
    available: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    /// A semaphore with this number of permits.
    pub fn new(permits: usize) -> Self {
        Self { permits, available: Mutex::new(permits), released: Condvar::new() }
    }

    /// The number of permits in all.
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// Waits for a permit, and runs `work` with it.
    pub fn with_permit<T>(&self, work: impl FnOnce() -> T) -> T {
        /// Releases the permit, also when the work panics.
        struct Acquired<'a>(&'a Semaphore);
        impl Drop for Acquired<'_> {
            fn drop(&mut self) {
                self.0.release();
            }
        }
        self.acquire();
        let _acquired = Acquired(self);
        work()
    }

    /// Runs `work` without the permit that the caller holds by [`with_permit`](Self::with_permit): `work`
    /// waits for something, or acquires permits itself.
    pub fn release_while<T>(&self, work: impl FnOnce() -> T) -> T {
        /// Acquires the permit again, also when the work panics.
        struct Released<'a>(&'a Semaphore);
        impl Drop for Released<'_> {
            fn drop(&mut self) {
                self.0.acquire();
            }
        }
        self.release();
        let _released = Released(self);
        work()
    }

    /// Sleeps for `time` without the permit that the caller holds by [`with_permit`](Self::with_permit).
    pub fn sleep(&self, time: Duration) {
        self.release_while(|| std::thread::sleep(time));
    }

    fn acquire(&self) {
        let available = lock(&self.available);
        *wait_while(&self.released, available, |available| *available == 0) -= 1;
    }

    fn release(&self) {
        *lock(&self.available) += 1;
        self.released.notify_one();
    }
}
