//! Members with a second thread.
//!
//! A member is forked from a process with one thread, so that it may do whatever that one may, and make a
//! thread. Before the second one does anything, the first is through with what the library does: it holds no
//! lock from then on, and a fork(2) of the second leaves none behind that nobody releases.

use super::signals;
use crate::sys::proc::Stat;
use crate::testbed::make::Make;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Does `work` in a second thread of this process, which has one, and never returns: the process ends with
/// `work`. The first thread leaves or sleeps in the kernel if `make` says so, and does when `work` begins; else
/// it blocks every signal and waits.
///
/// # Errors
/// When no thread can be made; returns `work`'s process to the caller then.
pub fn go_on_in_second(make: Make, work: impl FnOnce() + Send + 'static) -> io::Error {
    if make == Make::AsleepInKernel {
        return go_on_while_first_sleeps(work);
    }
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
    Stat::of(std::process::id()).is_some_and(|stat| stat.has_lost_first_thread())
}

/// The same with a first thread that sleeps in the kernel until the second ends, as who called vfork(2) does until
/// its child has.
fn go_on_while_first_sleeps(work: impl FnOnce()) -> io::Error {
    const SECOND: libc::c_int = libc::CLONE_VM
        | libc::CLONE_FS
        | libc::CLONE_FILES
        | libc::CLONE_SIGHAND
        | libc::CLONE_THREAD
        | libc::CLONE_SYSVSEM
        | libc::CLONE_VFORK;
    let mask = signals::block_all();
    // SAFETY: with CLONE_VFORK the second thread goes on with the stack and the thread-local storage of the first, as
    // after vfork(2). The first never runs again: it sleeps until the second ends, which ends the process.
    if unsafe { libc::syscall(libc::SYS_clone, SECOND, 0, 0, 0, 0) } != 0 {
        let cause = io::Error::last_os_error();
        signals::block(&mask);
        return cause;
    }
    while !Stat::of(std::process::id()).is_some_and(|stat| stat.sleeps_in_kernel()) {
        thread::yield_now();
    }
    signals::block(&mask);
    work();
    unreachable!("the process ends with its work")
}
