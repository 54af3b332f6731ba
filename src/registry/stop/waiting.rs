//! What a stop waits for: leaders that exit, the next time to ask, the end of the grace period, and who
//! cancels.

use crate::Signaller;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[cfg(unix)]
use {
    nix::poll::{PollFd, PollFlags, PollTimeout, poll},
    std::io::{PipeReader, PipeWriter, pipe},
    std::os::fd::{AsFd, OwnedFd},
    std::sync::{Mutex, PoisonError},
};

/// The first pause between two questions, after which each is twice as long.
const SHORTEST: Duration = Duration::from_millis(1);
/// The longest. It is also how late a cancelled stop notices where there is no pipe to wake it.
const LONGEST: Duration = Duration::from_millis(50);

/// Cancels a [stop](super::Stop): no SIGKILL follows, and what is not known to have exited is left.
#[derive(Clone, Debug)]
pub struct StopCanceller(Arc<Cancel>);

#[derive(Debug)]
struct Cancel {
    is_cancelled: AtomicBool,
    /// Whose writing end is closed to wake who waits; `None` where no descriptor was left.
    #[cfg(unix)]
    alarm: Option<(PipeReader, Mutex<Option<PipeWriter>>)>,
}

impl StopCanceller {
    pub(super) fn new() -> Self {
        Self(Arc::new(Cancel {
            is_cancelled: AtomicBool::new(false),
            #[cfg(unix)]
            alarm: pipe().ok().map(|(reader, writer)| (reader, Mutex::new(Some(writer)))),
        }))
    }

    /// Cancels the stop. Who [waits](super::Stop::wait) in it goes on at once. Once SIGKILL was sent this
    /// changes nothing.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Release);
        #[cfg(unix)]
        if let Some((_, writer)) = &self.0.alarm {
            writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// Whether somebody has cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Acquire)
    }

    #[cfg(unix)]
    fn alarm(&self) -> Option<&PipeReader> {
        self.0.alarm.as_ref().map(|(reader, _)| reader)
    }
}

/// Tells when the leader of a group exits.
#[derive(Debug)]
pub(super) struct ExitEvent {
    #[cfg(unix)]
    fd: OwnedFd,
    has_come: bool,
}

impl ExitEvent {
    /// The one that the signaller has for that group.
    pub(super) fn of(signaller: &dyn Signaller, leader_pid: u32) -> Option<Self> {
        #[cfg(unix)]
        {
            signaller.exit_event(leader_pid).map(|fd| Self { fd, has_come: false })
        }
        #[cfg(not(unix))]
        {
            let _ = (signaller, leader_pid);
            None
        }
    }

    /// Whether the leader has not exited so far. Once it has, `beat` begins anew: the rest of its group goes
    /// soon after.
    pub(super) fn is_pending(&mut self, beat: &mut Beat) -> bool {
        #[cfg(unix)]
        if !self.has_come {
            let mut fds = [PollFd::new(self.fd.as_fd(), PollFlags::POLLIN)];
            // Whatever else is wrong with it: who waits for it no longer asks instead.
            self.has_come = poll(&mut fds, PollTimeout::ZERO) != Ok(0);
            if self.has_come {
                beat.pause = SHORTEST;
            }
        }
        #[cfg(not(unix))]
        let _ = beat;
        !self.has_come
    }
}

/// When to ask again: soon at first, then ever more rarely, and never more than half of the time.
#[derive(Debug)]
pub(super) struct Beat {
    pause: Duration,
    next: Instant,
}

impl Default for Beat {
    fn default() -> Self {
        Self { pause: SHORTEST, next: Instant::now() + SHORTEST }
    }
}

impl Beat {
    /// Asks, and remembers how long that took.
    pub(super) fn measure<T>(&mut self, ask: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let answers = ask();
        let now = Instant::now();
        self.next = now + self.pause.max(now - began);
        self.pause = (self.pause * 2).min(LONGEST);
        answers
    }

    /// There is nobody to ask for, but entries may be forgotten meanwhile.
    pub(super) fn skip(&mut self) {
        self.next = Instant::now() + LONGEST;
    }

    pub(super) fn due_in(&self, deadline: Option<Instant>) -> Duration {
        let next = deadline.map_or(self.next, |deadline| deadline.min(self.next));
        next.saturating_duration_since(Instant::now())
    }
}

/// Waits until one of `events` comes, or it is time to ask for those that have none, or the stop is
/// cancelled, or the deadline is there. `events` are those of the groups that are left.
pub(super) fn wait<'a>(
    canceller: &StopCanceller,
    events: impl Iterator<Item = Option<&'a ExitEvent>>,
    deadline: Option<Instant>,
    beat: &Beat,
) {
    let events: Vec<_> = events.collect();
    if events.is_empty() || canceller.is_cancelled() {
        return;
    }
    block(canceller, &events, beat.due_in(deadline));
}

#[cfg(unix)]
fn block(canceller: &StopCanceller, events: &[Option<&ExitEvent>], limit: Duration) {
    let pending = events.iter().flatten().filter(|event| !event.has_come);
    let mut fds: Vec<PollFd<'_>> =
        pending.map(|event| PollFd::new(event.fd.as_fd(), PollFlags::POLLIN)).collect();
    fds.extend(canceller.alarm().map(|alarm| PollFd::new(alarm.as_fd(), PollFlags::POLLIN)));
    // Rounded up: poll(2) counts milliseconds, and one that returns early would only be called again.
    let milliseconds = limit.as_nanos().div_ceil(1_000_000);
    let timeout =
        PollTimeout::try_from(i32::try_from(milliseconds).unwrap_or(i32::MAX)).unwrap_or(PollTimeout::MAX);
    // A signal handler ran, or there is no memory: the caller asks once more than it had to.
    let _ = poll(&mut fds, timeout);
}

#[cfg(not(unix))]
fn block(_: &StopCanceller, _: &[Option<&ExitEvent>], limit: Duration) {
    std::thread::sleep(limit);
}
