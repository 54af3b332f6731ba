//! How much of a processor this machine leaves to a subject: shown by a process that wants one as a subject does, again
//! and again.
//!
//! A thread of the suite's cannot show it. Who has slept is given a processor at once, however many others wait for one,
//! and sessions, of which a sandbox has its own, are scheduled as a whole (sched(7), autogroups).

use crate::subcommands::{self, Subcommand};
use crate::sys::lines::wait_for;
use crate::sys::processor;
use nix::poll::{PollFd, PollFlags};
use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// So much processor time is wanted at a time, and then none for a while: others are to have most of it.
const WORK: Duration = Duration::from_millis(20);
const REST: Duration = Duration::from_millis(60);

/// A process that wants a processor. Dropping it ends it.
#[derive(Debug)]
pub struct Gauge {
    process: Child,
    since: Instant,
}

impl Gauge {
    /// Starts it.
    ///
    /// # Errors
    /// When no process can be started.
    pub fn start() -> io::Result<Self> {
        let mut command = subcommands::start(Subcommand::Gauge);
        let since = Instant::now();
        let process = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        Ok(Self { process, since })
    }

    /// In which part of the time in which it wanted a processor it has had one so far: nearly 1 where nobody else wants
    /// one, 0.5 where two share one, and 1 where nobody can tell.
    pub fn share(&self) -> f64 {
        let Some(had) = self.had() else { return 1.0 };
        let rests = REST.mul_f64(had.div_duration_f64(WORK).floor());
        let wanted = self.since.elapsed().saturating_sub(rests).max(had);
        had.div_duration_f64(wanted)
    }

    /// The processor time that it has had; `None` on a kernel that does not tell.
    fn had(&self) -> Option<Duration> {
        // The first number there, in nanoseconds (sched-stats.rst of the kernel).
        let text = fs::read_to_string(format!("/proc/{}/schedstat", self.process.id())).ok()?;
        text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    }
}

impl Drop for Gauge {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The life of that process. It ends when its standard input does.
///
/// # Errors
/// When it cannot wait, or there is no clock of its processor time.
pub fn run() -> io::Result<()> {
    // As a sandbox has one.
    nix::unistd::setsid()?;
    processor::keep_nice();
    let input = io::stdin();
    let mut fds = [PollFd::new(input.as_fd(), PollFlags::empty())];
    loop {
        let enough = processor::used()? + WORK;
        while processor::used()? < enough {}
        if wait_for(&mut fds, Instant::now() + REST)? {
            return Ok(());
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
    use nix::unistd::Pid;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    /// Does `work` on a processor that another thread keeps busy.
    pub fn beside_another<T: Send>(work: impl FnOnce() -> T + Send) -> T {
        let allowed = sched_getaffinity(Pid::from_raw(0)).unwrap();
        let first = (0..CpuSet::count()).find(|&cpu| allowed.is_set(cpu).unwrap()).unwrap();
        let mut one = CpuSet::new();
        one.set(first).unwrap();
        let (is_there, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            scope.spawn(|| {
                sched_setaffinity(Pid::from_raw(0), &one).unwrap();
                while !is_over.load(Ordering::Relaxed) {
                    is_there.store(true, Ordering::Relaxed);
                }
            });
            let working = scope.spawn(|| {
                sched_setaffinity(Pid::from_raw(0), &one).unwrap();
                while !is_there.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                let result = work();
                is_over.store(true, Ordering::Relaxed);
                result
            });
            working.join().unwrap()
        })
    }

    #[test]
    fn beside_another_there_is_half_a_processor() {
        let share = beside_another(|| {
            let gauge = Gauge::start().unwrap();
            // Nothing tells how much processor time another process has had: it is looked for.
            while gauge.had().unwrap() < WORK * 10 {
                thread::sleep(REST);
            }
            gauge.share()
        });
        // Others may want it as well: then it is less.
        assert!(share > 0.0 && share < 0.75, "{share}");
    }
}
