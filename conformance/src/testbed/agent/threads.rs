//! Members with a second thread.
//!
//! A member is forked from a process with one thread, so that it may do whatever that one may, and make a
//! thread. Before the second one does anything, the first is through with what the library does: it holds no
//! lock from then on, and a fork(2) of the second leaves none behind that nobody releases.

use super::process;
use super::signals;
use crate::testbed::make::Make;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Does `work` in a second thread of this process, which has one, and never returns: the process ends with
/// `work`. The first thread leaves if `make` says so, and has left when `work` begins; else it blocks every
/// signal and waits.
///
/// # Errors
/// When no thread can be made; returns `work`'s process to the caller then.
pub fn go_on_in_second(make: Make, work: impl FnOnce() + Send + 'static) -> std::io::Error {
    let is_done = Arc::new(AtomicBool::new(false));
    let first_is_done = Arc::clone(&is_done);
    let second = thread::Builder::new().spawn(move || {
        // Nobody is told when a thread but the last has left, so it is looked for.
        while !first_is_done.load(Ordering::Acquire) || (make == Make::FirstThreadGone && !first_has_left()) {
            thread::yield_now();
        }
        work();
    });
    match second {
        Err(cause) => cause,
        Ok(second) => {
            std::mem::forget(second);
            signals::block_all();
            is_done.store(true, Ordering::Release);
            if make == Make::FirstThreadGone {
                // SAFETY: exit(2) ends the calling thread alone, unlike exit_group(2) and the library's exit(3); nothing of
                // this thread is in use by the other.
                unsafe { libc::syscall(libc::SYS_exit, 0) };
            }
            loop {
                // SAFETY: pause(2) takes nothing.
                unsafe { libc::pause() };
            }
        }
    }
}

fn first_has_left() -> bool {
    process::Stat::of(std::process::id()).is_some_and(|stat| stat.has_lost_first_thread())
}
