//! However a run ends, nothing of it is left: no process, so no namespace, and no mount.

mod support;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::{PROGRAM, heeds_ctrl_c};

/// One run of the suite, in a group of its own. Everything that it starts inherits its mark.
struct Run {
    child: Child,
    mark: String,
    mounts: usize,
}

impl Run {
    fn start(filter: &str) -> Self {
        let mark = format!("SIGNALLER_CONFORMANCE_TEST_MARK={:016x}", fastrand::u64(..));
        let (key, value) = mark.split_once('=').expect("it has one");
        let mut suite = Command::new(PROGRAM);
        suite.args(["check", "local", "--filter", filter]).env(key, value).process_group(0);
        suite.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = heeds_ctrl_c(&mut suite).spawn().expect("the suite can be started");
        Self { child, mark, mounts: mounts() }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits for the end of the suite, and then for that of all that bears its mark: they end by the kernel's
    /// hand, each at its own time.
    fn expect_nothing_left(mut self, how: &str) {
        self.child.wait().expect("it is a child of this test");
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let left = marked(&self.mark);
            if left.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "{how}: processes are left: {left:?}");
            std::thread::yield_now();
        }
        assert_eq!(mounts(), self.mounts, "{how}: the number of mounts is another than before");
    }
}

/// Live processes whose environment holds `mark`. Sandboxes are below this namespace, so theirs are seen,
/// too.
fn marked(mark: &str) -> Vec<String> {
    let pids = fs::read_dir("/proc").expect("there is a /proc").flatten();
    pids.filter_map(|entry| {
        let environ = fs::read(entry.path().join("environ")).ok()?;
        let has_mark = environ.split(|&byte| byte == 0).any(|variable| variable == mark.as_bytes());
        let stat = || fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        has_mark.then(|| stat().trim().to_owned())
    })
    .collect()
}

fn mounts() -> usize {
    fs::read_to_string("/proc/self/mountinfo").expect("there is a /proc").lines().count()
}

#[test]
fn nothing_is_left_after_a_run() {
    Run::start("^(delivers-once|reports-exited)/[^h]").expect_nothing_left("after a run");
}

#[test]
fn nothing_is_left_after_ctrl_c() {
    for _ in 0..5 {
        let run = Run::start("");
        // Any moment will do: the run takes far longer.
        std::thread::sleep(Duration::from_millis(fastrand::u64(50..600)));
        // A terminal sends SIGINT to the whole foreground group.
        killpg(run.pid(), Signal::SIGINT).expect("the group is this test's own");
        run.expect_nothing_left("after Ctrl-C");
    }
}

#[test]
fn nothing_is_left_after_the_suite_was_killed_at_any_of_fifty_moments() {
    for moment in 0..50 {
        let run = Run::start("");
        let after = Duration::from_micros(fastrand::u64(0..500_000));
        std::thread::sleep(after);
        kill(run.pid(), Signal::SIGKILL).expect("it is a child of this test");
        run.expect_nothing_left(&format!("after SIGKILL number {moment}, {after:?} after the start"));
    }
}
