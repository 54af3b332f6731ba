//! What a person at a terminal sees of a run that is under way.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use signaller_conformance::report::{CaseResult, Status};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A bar on standard error; invisible where that is no terminal.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    failed: AtomicUsize,
    broken: AtomicUsize,
}

impl Progress {
    /// The bar of a run of so many cases.
    pub fn new(cases: usize) -> Self {
        Self { bar: bar(cases, "cases"), failed: AtomicUsize::new(0), broken: AtomicUsize::new(0) }
    }

    /// Takes note of a case that has ended.
    pub fn ended(&self, case: &CaseResult) {
        let count = match case.status() {
            Status::Failed => Some(&self.failed),
            Status::Broken => Some(&self.broken),
            _ => None,
        };
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
            let [failed, broken] = [&self.failed, &self.broken].map(|count| count.load(Ordering::Relaxed));
            self.bar.set_message(format!(", {failed} failed, {broken} broken, the last: {}", case.case));
        }
        self.bar.inc(1);
    }
}

/// A bar on standard error for so many of `what`; invisible where that is no terminal.
pub fn bar(count: usize, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template(&format!("{{bar:30}} {{pos}}/{{len}} {what}, {{elapsed}}{{msg}}"));
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    if !bar.is_hidden() {
        // A thread of its own.
        bar.enable_steady_tick(Duration::from_millis(500));
    }
    bar
}

/// The bar of what is sent to a testbed; invisible where standard error is no terminal.
#[derive(Debug)]
pub struct Transfer {
    bar: ProgressBar,
}

impl Transfer {
    /// The bar, with nothing sent yet.
    pub fn new() -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template(
            "{bar:30} {bytes}/{total_bytes} of the agent brought to the testbed",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }

    /// Takes note that `sent` bytes of `whole` were sent.
    pub fn sent(&self, sent: u64, whole: u64) {
        self.bar.set_length(whole);
        self.bar.set_position(sent);
    }
}

/// The bars leave no trace.
impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
