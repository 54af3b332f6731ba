//! SIGINT and SIGTERM: the run ends early, and what is known by then is reported.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use signaller_conformance::harness::runner::Schedule;
use signaller_conformance::sys::lock::lock;
use signaller_conformance::sys::proc;
use signaller_conformance::testbed::protocol::signal_name;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::Builder;

/// Whether one of these signals has come, which ends the run that is under way. A second one ends this program.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    has_come: Arc<AtomicBool>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// The run that is under way.
    run: Option<Arc<Schedule>>,
    /// Which signal has come, in words.
    reason: Option<String>,
}

impl Interrupt {
    /// Listens from now on, but for signals that are ignored, as a shell ignores SIGINT for what runs in the
    /// background.
    ///
    /// # Errors
    /// When no handler can be set or no thread started.
    pub fn listen() -> io::Result<Self> {
        let interrupt = Self::default();
        let heard: Vec<_> = [SIGINT, SIGTERM].into_iter().filter(|signal| !is_ignored(*signal)).collect();
        for &signal in &heard {
            // In this order: the second signal finds that the first has come.
            flag::register_conditional_default(signal, Arc::clone(&interrupt.has_come))?;
            flag::register(signal, Arc::clone(&interrupt.has_come))?;
        }
        let (mut signals, listener) = (Signals::new(heard)?, interrupt.clone());
        Builder::new().spawn(move || {
            if let Some(signal) = signals.forever().next() {
                let mut state = listener.lock();
                state.reason = Some(format!("stopped by {}", signal_name(signal)));
                state.end();
            }
        })?;
        Ok(interrupt)
    }

    /// Whether a signal has come.
    pub fn has_come(&self) -> bool {
        self.has_come.load(Ordering::Acquire)
    }

    /// Ends that run when a signal comes, or at once if one has come.
    pub fn follow(&self, run: &Arc<Schedule>) {
        let mut state = self.lock();
        state.run = Some(Arc::clone(run));
        state.end();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    /// Ends the run if a signal has come.
    fn end(&self) {
        if let (Some(run), Some(reason)) = (&self.run, &self.reason) {
            run.interrupt(reason);
        }
    }
}

/// Whether this process ignores the signal (proc_pid_status(5)).
fn is_ignored(signal: i32) -> bool {
    let status = proc::read("/proc/self/status").unwrap_or_default();
    let ignored = proc::field(&status, "SigIgn").and_then(|set| u64::from_str_radix(set, 16).ok());
    ignored.is_some_and(|ignored| ignored >> (signal - 1) & 1 == 1)
}
