//! Taking, catching and resetting signals.

use crate::testbed::make::Origin;
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
static CODE: [AtomicI32; ROOM] = [const { AtomicI32::new(0) }; ROOM];

extern "C" fn note(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: with SA_SIGINFO the kernel passes a filled siginfo_t; both are plain data in it.
    let (from, code_of_it) = unsafe { ((*info).si_pid(), (*info).si_code) };
    if is_childs_news(signal, code_of_it) {
        return;
    }
    let place = CAUGHT.fetch_add(1, Ordering::Relaxed);
    if let (Some(number), Some(sender), Some(code)) = (SIGNAL.get(place), SENDER.get(place), CODE.get(place))
    {
        number.store(signal, Ordering::Relaxed);
        sender.store(from, Ordering::Relaxed);
        code.store(code_of_it, Ordering::Relaxed);
    }
}

/// Whether the kernel raised it because a child changed its state. What a process sends has a code of 0 or
/// less, SIGCHLD too (sigaction(2)).
fn is_childs_news(signal: i32, code: i32) -> bool {
    signal == libc::SIGCHLD && code > 0
}

/// Where a signal with this code came from.
fn origin(code: i32) -> Origin {
    if code > 0 { Origin::Kernel } else { Origin::Sent }
}

/// Catches every signal that can be caught, but for those that a fault of the process itself raises, and the
/// ones in `ignored`, which are ignored. [`caught`] starts anew. Of SIGCHLD only what somebody sent counts.
pub fn catch_all(ignored: &[i32]) {
    CAUGHT.store(0, Ordering::Relaxed);
    let faults = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];
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
            origin: origin(CODE[place].load(Ordering::Relaxed)),
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

/// Gives every signal its default disposition, whatever was inherited: `nohup`, CI runners and background
/// jobs of a shell start programs with some ignored.
pub fn reset_all() {
    for signal in 1..=LAST {
        dispose(signal, libc::SIG_DFL, 0);
    }
}

/// Blocks every signal that can be blocked. Returns which were before.
pub fn block_all() -> SigSet {
    block(&SigSet::all())
}

/// Blocks no signal.
pub fn unblock_all() {
    block(&SigSet::empty());
}

/// Blocks these signals and no others, for the calling thread. Returns which were before.
pub fn block(blocked: &SigSet) -> SigSet {
    let mut before = SigSet::empty();
    let _ = sigprocmask(SigmaskHow::SIG_SETMASK, Some(blocked), Some(&mut before));
    before
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

    /// Takes what is there. Returns whether a child may have changed its state (SIGCHLD). What the kernel
    /// says of that is not remembered.
    pub fn drain(&mut self) -> bool {
        let mut child_changed = false;
        while let Ok(Some(info)) = self.fd.read_signal() {
            let (signal, from, code) = (info.ssi_signo as i32, info.ssi_pid as i32, info.ssi_code);
            // Of two that are pending the kernel keeps the first, whoever raised them.
            child_changed |= signal == libc::SIGCHLD;
            if !is_childs_news(signal, code) && self.received.len() < ROOM {
                self.received.push(Receipt { signal, from, origin: origin(code) });
            }
        }
        child_changed
    }

    /// What was taken, in order, news of children left out.
    pub fn received(&self) -> &[Receipt] {
        &self.received
    }
}
