//! Taking, catching and resetting signals.

use crate::testbed::protocol::Receipt;
use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, sigprocmask};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};

/// The largest signal number (Linux has 64).
const LAST: i32 = 64;
/// How many caught signals are kept.
const ROOM: usize = 4096;

static CAUGHT: AtomicUsize = AtomicUsize::new(0);
static SIGNAL: [AtomicI32; ROOM] = [const { AtomicI32::new(0) }; ROOM];
static SENDER: [AtomicI32; ROOM] = [const { AtomicI32::new(0) }; ROOM];

extern "C" fn note(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    let place = CAUGHT.fetch_add(1, Ordering::Relaxed);
    if let (Some(number), Some(sender)) = (SIGNAL.get(place), SENDER.get(place)) {
        number.store(signal, Ordering::Relaxed);
        // SAFETY: with SA_SIGINFO the kernel passes a filled siginfo_t; si_pid is plain data in it.
        sender.store(unsafe { (*info).si_pid() }, Ordering::Relaxed);
    }
}

/// Catches every signal that can be caught, but for those that a fault of the process itself raises, SIGCHLD
/// and the ones in `ignored`, which are ignored. [`caught`] starts anew.
pub fn catch_all(ignored: &[i32]) {
    CAUGHT.store(0, Ordering::Relaxed);
    let faults = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGCHLD];
    for signal in (1..=LAST).filter(|signal| !faults.contains(signal)) {
        if ignored.contains(&signal) {
            dispose(signal, libc::SIG_IGN, 0);
        } else {
            dispose(signal, note as *const () as libc::sighandler_t, libc::SA_SIGINFO | libc::SA_RESTART);
        }
    }
}

/// What was caught since [`catch_all`], in order.
pub fn caught() -> Vec<Receipt> {
    let count = CAUGHT.load(Ordering::Relaxed).min(ROOM);
    (0..count)
        .map(|place| Receipt {
            signal: SIGNAL[place].load(Ordering::Relaxed),
            from: SENDER[place].load(Ordering::Relaxed),
        })
        .collect()
}

/// The signals that are sent to this process and still pending (sigpending(2)), SIGCHLD left out.
pub fn pending() -> Vec<i32> {
    // SAFETY: zeroes are a value of a signal set, and sigpending(2) and sigismember(3) only write to it and read it.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigpending(&raw mut set);
        (1..=LAST)
            .filter(|&signal| signal != libc::SIGCHLD && libc::sigismember(&raw const set, signal) == 1)
            .collect()
    }
}

/// Gives every signal its default disposition, whatever was inherited: `nohup`, CI runners and background jobs
/// of a shell start programs with some ignored.
pub fn reset_all() {
    for signal in 1..=LAST {
        dispose(signal, libc::SIG_DFL, 0);
    }
}

/// Blocks every signal that can be blocked.
pub fn block_all() {
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), None);
}

/// Blocks no signal.
pub fn unblock_all() {
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None);
}

fn dispose(signal: i32, handler: libc::sighandler_t, flags: libc::c_int) {
    // SAFETY: `handler` is SIG_DFL, SIG_IGN or `note`, which only stores to atomics. Numbers without a
    // changeable disposition are refused by sigaction(2), which is all right.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler;
        action.sa_flags = flags;
        libc::sigaction(signal, &raw const action, std::ptr::null_mut());
    }
}

/// Takes blocked signals as they come and remembers each.
#[derive(Debug)]
pub struct Taker {
    /// Readable when a signal is there to be taken.
    pub fd: SignalFd,
    received: Vec<Receipt>,
}

impl Taker {
    /// Takes every signal; all must be blocked.
    ///
    /// # Errors
    /// signalfd(2)'s.
    pub fn new() -> Result<Self, Errno> {
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        Ok(Self { fd: SignalFd::with_flags(&SigSet::all(), flags)?, received: Vec::new() })
    }

    /// Takes what is there. Returns whether a child changed its state (SIGCHLD), which is not remembered.
    pub fn drain(&mut self) -> bool {
        let mut child_changed = false;
        while let Ok(Some(info)) = self.fd.read_signal() {
            let receipt = Receipt { signal: info.ssi_signo as i32, from: info.ssi_pid as i32 };
            if receipt.signal == libc::SIGCHLD {
                child_changed = true;
            } else if self.received.len() < ROOM {
                self.received.push(receipt);
            }
        }
        child_changed
    }

    /// What was taken, in order, SIGCHLD left out.
    pub fn received(&self) -> &[Receipt] {
        &self.received
    }
}
