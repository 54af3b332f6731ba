//! A crowd: many members of a group, or many groups, that cost little. They are children of one member and share its
//! memory (CLONE_VM, clone(2)): each is some 39 KB of the kernel's, where a forked one is five times that. Each waits for
//! signals, and marks in that memory which it took.

use super::orders::{Order, Word};
use super::process;
use super::roster::Roster;
use crate::sys::proc::Stat;
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, setpgid};
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::sync::atomic::{AtomicU64, Ordering};

/// What waits in sigwait(3) needs a small part of it.
const STACK: usize = 16 << 10;

/// The crowd of one member.
#[derive(Default)]
pub struct Crowd(Vec<Waiter>);

struct Waiter {
    pid: Pid,
    mark: &'static Mark,
}

/// What a waiter and the member share. Never freed: the waiter may outlive whatever the member drops.
struct Mark {
    /// The signals that it took, a bit each.
    taken: AtomicU64,
    /// The member's pid.
    parent: Pid,
}

impl Crowd {
    /// Adds `count` processes, or fewer if no more can be forked: to the member's group, or each as the leader of a group
    /// of its own. Returns their pids.
    pub fn gather(&mut self, count: usize, leading: bool) -> Vec<u32> {
        let (before, parent) = (self.0.len(), Pid::this());
        let marks = (0..count).map(|_| Mark { taken: AtomicU64::new(0), parent });
        let marks: &'static [Mark] = Vec::leak(marks.collect());
        // Each is touched by the process alone that waits on it.
        let stacks = Box::leak(Box::<[[u8; STACK]]>::new_uninit_slice(count));
        for (stack, mark) in stacks.iter_mut().zip(marks) {
            // SAFETY: it grows down from the aligned end of a stack of its own, which nobody else uses and nobody ever
            // frees. `wait` takes what `mark` is.
            let pid = unsafe {
                let end = stack.as_mut_ptr().add(1).cast::<c_void>();
                let end = end.sub(end.addr() % 16);
                let mark = std::ptr::from_ref(mark).cast_mut().cast();
                libc::clone(wait, end, libc::CLONE_VM | libc::SIGCHLD, mark)
            };
            if pid < 0 {
                break;
            }
            let pid = Pid::from_raw(pid);
            self.0.push(Waiter { pid, mark });
            // It is the member's child and has not called exec: nothing forbids it (setpgid(2)).
            if leading && setpgid(pid, pid).is_err() {
                break;
            }
        }
        self.0[before..].iter().map(Waiter::pid).collect()
    }

    /// The pids of those to whom the signal was not sent, in the order in which they came. Returns once that is known of
    /// each.
    pub fn missed_by(&self, signal: i32) -> Vec<u32> {
        let is_missed = |waiter: &&Waiter| loop {
            if let Some(is_reached) = waiter.is_reached(signal) {
                break !is_reached;
            }
        };
        self.0.iter().filter(is_missed).map(Waiter::pid).collect()
    }

    /// Ends and reaps them all.
    pub fn disperse(&mut self) {
        for waiter in &self.0 {
            let _ = kill(waiter.pid, Signal::SIGKILL);
        }
        for waiter in self.0.drain(..) {
            while waitpid(waiter.pid, None) == Err(Errno::EINTR) {}
        }
    }
}

impl Waiter {
    fn pid(&self) -> u32 {
        self.pid.as_raw().cast_unsigned()
    }

    /// Whether the signal was sent to it; `None` while it may be on the way from where it is pending to where it is
    /// marked. A process that has ended was sent another one.
    fn is_reached(&self, signal: i32) -> Option<bool> {
        // Pending first: a process that waits again after it was pending has marked it.
        if process::pending(self.pid()).contains(&signal) {
            return Some(true);
        }
        let is_live = Stat::of(self.pid()).filter(|stat| !stat.is_zombie());
        let Some(stat) = is_live else { return Some(true) };
        match self.mark.taken.load(Ordering::SeqCst) & (1 << (signal - 1)) {
            0 => stat.waits().then_some(false),
            _ => Some(true),
        }
    }
}

/// The life of one: takes every signal that comes, and ends with the member whose memory it shares. That includes errno,
/// which sigwait(3) sets only when the process is stopped or frozen meanwhile.
extern "C" fn wait(mark: *mut c_void) -> c_int {
    // SAFETY: `Crowd::gather` passes that, and it is never freed.
    let mark: &Mark = unsafe { &*mark.cast() };
    let mut all = MaybeUninit::uninit();
    // SAFETY: sigfillset(3) sets what sigwait(3) reads. Signals are blocked, as in every member (sigwait(3) asks for it).
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        if libc::getppid() != mark.parent.as_raw() {
            return 0;
        }
        libc::sigfillset(all.as_mut_ptr());
        loop {
            let mut signal = 0;
            if libc::sigwait(all.as_ptr(), &raw mut signal) == 0 {
                mark.taken.fetch_or(1 << (signal - 1), Ordering::SeqCst);
            }
        }
    }
}

impl Roster {
    /// Adds `count` children of a member, or fewer if no more can be forked: to its group, or each as the leader of a
    /// group of its own. Returns their pids.
    ///
    /// # Errors
    /// When the member is not there.
    pub fn gather(&mut self, pid: u32, count: usize, leading: bool) -> Result<Vec<u32>, String> {
        match self.live(pid, "have a crowd")?.ask(&Order::Gather { count, leading })? {
            Word::Crowd(pids) => Ok(pids),
            word => Err(format!("process {pid} has no crowd: {word:?}")),
        }
    }

    /// Those of a member's crowd to whom the signal was not sent.
    ///
    /// # Errors
    /// When the member is not there.
    pub fn missed_in_crowd(&mut self, pid: u32, signal: i32) -> Result<Vec<u32>, String> {
        match self.live(pid, "look at its crowd")?.ask(&Order::MissedInCrowd(signal))? {
            Word::Crowd(pids) => Ok(pids),
            word => Err(format!("process {pid} does not see its crowd: {word:?}")),
        }
    }

    /// Ends and reaps a member's crowd, which has ended with a member that has exited.
    ///
    /// # Errors
    /// When the member does not answer.
    pub fn disperse(&mut self, pid: u32) -> Result<(), String> {
        let member = self.member(pid)?;
        if member.has_exited() {
            return Ok(());
        }
        match member.ask(&Order::Disperse)? {
            Word::Done => Ok(()),
            word => Err(format!("process {pid} cannot end its crowd: {word:?}")),
        }
    }
}
