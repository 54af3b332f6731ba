//! How much of a processor this machine leaves to whoever wants one, and how little is wanted.

use nix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// So much processor time shows it. A thread that has slept gets less than this at once, whoever else wants
/// it.
const WORK: Duration = Duration::from_millis(2);

/// Keeps a processor busy for two milliseconds. Returns which part of the time that took this thread had one:
/// nearly 1 where nobody else wants it, 0.5 where two threads of the same priority share it, and 1 where
/// nobody can tell.
pub fn share() -> f64 {
    let began = Instant::now();
    let Some(before) = used() else { return 1.0 };
    while let Some(used) = used() {
        let worked = used.saturating_sub(before);
        if worked >= WORK {
            return worked.div_duration_f64(began.elapsed()).min(1.0);
        }
    }
    1.0
}

/// The processor time that this thread has had. The clock is there since Linux 2.6.12 (clock_gettime(2)).
fn used() -> Option<Duration> {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).ok().map(Duration::from)
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
    fn two_threads_on_one_processor_have_half_of_it_each() {
        let shares = beside_another(|| (0..50).map(|_| share()).collect::<Vec<_>>());
        // Others may want it as well: then it is less.
        let mean = shares.iter().sum::<f64>() / shares.len() as f64;
        assert!(mean > 0.0 && mean < 0.75, "{shares:?}");
    }
}
