//! One call at a time, and nobody waits for his turn longer than he wants to.

use std::ops::{Deref, DerefMut};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Something that one thread uses at a time.
#[derive(Debug, Default)]
pub struct Turns<T> {
    /// `None` while it is used.
    free: Mutex<Option<T>>,
    returned: Condvar,
}

impl<T> Turns<T> {
    pub fn new(shared: T) -> Self {
        Self { free: Mutex::new(Some(shared)), returned: Condvar::new() }
    }

    /// The thing itself, given back when the turn is dropped; `None` if others use it until `deadline`.
    pub fn take(&self, deadline: Instant) -> Option<Turn<'_, T>> {
        let mut free = self.lock();
        loop {
            if let Some(shared) = free.take() {
                return Some(Turn { turns: self, shared: Some(shared) });
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            free = self.returned.wait_timeout(free, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to use what is shared, until it is dropped.
#[derive(Debug)]
pub struct Turn<'a, T> {
    turns: &'a Turns<T>,
    /// `None` when it was given back.
    shared: Option<T>,
}

impl<T> Deref for Turn<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.shared.as_ref().expect("it is given back only when the turn is dropped")
    }
}

impl<T> DerefMut for Turn<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.shared.as_mut().expect("it is given back only when the turn is dropped")
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        *self.turns.lock() = self.shared.take();
        self.turns.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;
    use std::time::{Duration, Instant};

    #[test]
    fn a_turn_is_had_once_the_one_before_is_over_and_not_before() {
        let turns = Turns::new(1);
        let mut first = turns.take(Instant::now()).expect("nobody has it");
        *first += 1;
        assert!(turns.take(Instant::now() + Duration::from_millis(1)).is_none());
        std::thread::scope(|scope| {
            let second =
                scope.spawn(|| turns.take(Instant::now() + Duration::from_secs(60)).map(|turn| *turn));
            drop(first);
            assert_eq!(second.join().expect("it does not panic"), Some(2));
        });
    }
}
