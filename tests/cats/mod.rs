//! The processes that live tests signal.

use nix::sys::signal::{SigHandler, SigSet, Signal, kill, signal};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Once;

/// How a process ends that no signal reached.
pub const UNTOUCHED: End = End::Exited(Some(0));

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Exited(Option<i32>),
    Signalled(i32),
}

impl From<ExitStatus> for End {
    fn from(status: ExitStatus) -> Self {
        status.signal().map_or(End::Exited(status.code()), End::Signalled)
    }
}

pub fn ended_by(signal: Signal) -> End {
    End::Signalled(signal as i32)
}

pub fn exited_with(status: i32) -> End {
    End::Exited(Some(status))
}

/// A child of the test that exits when its input is closed. Ended and reaped when dropped.
#[derive(Debug)]
pub struct Cat(Child);

impl Cat {
    /// The leader of a new group.
    pub fn leader() -> Self {
        Self::leader_running("cat", &[])
    }

    /// The leader of a new group that runs another program, which has to read its input.
    pub fn leader_running(program: &str, arguments: &[&str]) -> Self {
        Self::start(Command::new(program).args(arguments), 0)
    }

    /// A member of the group of that leader.
    pub fn in_group_of(leader: &Cat) -> Self {
        let group = i32::try_from(leader.pid()).expect("a pid is an i32");
        Self::start(&mut Command::new("cat"), group)
    }

    fn start(command: &mut Command, group: i32) -> Self {
        receive_signals();
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(group);
        Self(piped.spawn().expect("the program is installed and a process can be made"))
    }

    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    fn raw(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.pid()).expect("a pid is an i32"))
    }

    /// What it writes.
    pub fn output(&mut self) -> ChildStdout {
        self.0.stdout.take().expect("taken once")
    }

    /// Lets it exit, by closing its input and continuing it, reaps it and says how it ended. A signal that
    /// was sent to it before is pending by then, and is dealt with before it can read on.
    pub fn release(mut self) -> End {
        drop(self.0.stdin.take());
        kill(self.raw(), Signal::SIGCONT).expect("it is a child, not reaped yet");
        self.0.wait().expect("it is a child, not reaped yet").into()
    }

    /// Closes its input, and returns when it has exited, without reaping it.
    #[cfg(target_os = "linux")]
    pub fn release_unreaped(&mut self) {
        use nix::sys::wait::{Id, waitid};
        drop(self.0.stdin.take());
        let unreaped = waitid(Id::Pid(self.raw()), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT);
        assert_eq!(unreaped, Ok(WaitStatus::Exited(self.raw(), 0)));
    }

    /// Stops it, and returns when it has stopped.
    pub fn stop(&self) {
        kill(self.raw(), Signal::SIGSTOP).expect("it is a child, not reaped yet");
        let stopped = waitpid(self.raw(), Some(WaitPidFlag::WUNTRACED));
        assert_eq!(stopped, Ok(WaitStatus::Stopped(self.raw(), Signal::SIGSTOP)));
    }

    /// Whether it has neither been continued nor exited since it was stopped.
    pub fn is_still_stopped(&self) -> bool {
        let changes = WaitPidFlag::WNOHANG | WaitPidFlag::WCONTINUED;
        waitpid(self.raw(), Some(changes)) == Ok(WaitStatus::StillAlive)
    }
}

impl Drop for Cat {
    fn drop(&mut self) {
        // Neither has an effect on a child that was reaped: the standard library knows.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Programs inherit which signals are ignored and blocked. Whoever started the tests may have left SIGHUP or
/// SIGINT ignored, as `nohup` and background jobs of a shell do, and then nothing would reach a `cat`.
fn receive_signals() {
    static DEFAULTS: Once = Once::new();
    DEFAULTS.call_once(|| {
        for ours in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGTERM] {
            // SAFETY: the default disposition runs no handler, and the tests of this program set no other.
            unsafe { signal(ours, SigHandler::SigDfl) }.expect("it is a signal that can be caught");
        }
    });
    SigSet::all().thread_unblock().expect("any set of signals can be unblocked");
}
