//! The processor time that this process has, and how little of it is wanted.

use nix::time::{ClockId, clock_gettime};
use std::io;
use std::time::Duration;

/// The processor time that this thread has had.
///
/// # Errors
/// Where there is no such clock: before Linux 2.6.12 (clock_gettime(2)).
pub fn used() -> io::Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?.into())
}

/// Gives the session of this process as little of the processors as its nice value asks for: each session is scheduled
/// as a whole, and a new one knows nothing of that value (sched(7), autogroups).
pub fn keep_nice() {
    // SAFETY: plain numbers.
    let nice = unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) };
    if nice > 0 {
        // Where sessions are not scheduled so there is no such file, and nothing to do.
        let _ = std::fs::write("/proc/self/autogroup", nice.to_string());
    }
}
