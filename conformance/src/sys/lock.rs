//! Locks that outlast a panic: what they guard here is whole whenever anything can panic.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What the mutex guards, also after a thread has panicked with it.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the mutex guards, once `is_so` no longer holds of it: looks at it again whenever `changed` is notified.
pub fn wait_while<'a, T>(
    changed: &Condvar,
    guarded: MutexGuard<'a, T>,
    is_so: impl FnMut(&mut T) -> bool,
) -> MutexGuard<'a, T> {
    changed.wait_while(guarded, is_so).unwrap_or_else(PoisonError::into_inner)
}
