//! What is left changed in the calling process, and what it is shown.

use super::parts::{checked, deliver, leading, naming, right, send, signal_of};
use super::{Mutant, Served};
use crate::contract::{DESCRIBES_ITSELF, LEAVES_THE_CALLER_ALONE};
use crate::subject::wire::SignalResult;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, pthread_sigmask};
use nix::sys::stat::{Mode, umask};
use nix::sys::wait::{WaitPidFlag, waitpid};
use process_groups::Signaller;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "waits-for-any-child",
        who: "Clears zombies away with `waitpid(-1)`, the caller's children among them.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                while waitpid(None, Some(WaitPidFlag::WNOHANG)).is_ok_and(|status| status.pid().is_some()) {}
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "ignores-sigchld",
        who: "Ignores SIGCHLD to be rid of zombies.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                dispose(Signal::SIGCHLD, libc::SIG_IGN);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "ignores-term-for-good",
        who: "Ignores SIGTERM while it sends it, and forgets to undo that.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if signal == libc::SIGTERM {
                    dispose(Signal::SIGTERM, libc::SIG_IGN);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaves-a-handler",
        who: "Installs a handler for SIGHUP once, to learn about its own terminal.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                dispose(Signal::SIGHUP, nothing as *const () as libc::sighandler_t);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "leaves-a-mask",
        who: "Blocks the signal around the call and unblocks it only if all went well.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let mut mask = SigSet::empty();
                mask.add(Signal::SIGINT);
                let change = |how| pthread_sigmask(how, Some(&mask), None);
                let _ = change(SigmaskHow::SIG_BLOCK);
                let answer = deliver(id, signal);
                if answer == Ok(true) {
                    let _ = change(SigmaskHow::SIG_UNBLOCK);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "leaves-a-mask-when-it-refuses",
        who: "Blocks SIGINT first, and returns with it blocked when the leader pid is none.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            leading(|leader_pid, _| {
                block_interrupts();
                Err(format!("no group can have the leader pid {leader_pid}"))
            })
        }),
    },
    Mutant {
        name: "leaves-a-mask-at-a-typo",
        who: "Blocks SIGINT first, and returns with it blocked when the name is unknown.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| naming(|name| signal_of(name).inspect_err(|_| block_interrupts()))),
    },
    Mutant {
        name: "changes-directory",
        who: "Goes to / so that its helper does not keep a folder busy.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let _ = std::env::set_current_dir("/");
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "changes-umask",
        who: "Sets the umask for a log file that it writes.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                umask(Mode::from_bits_truncate(0o077));
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "ends-the-callers-child",
        who: "Clears up after itself by ending every child of the process it runs in.",
        requirement: LEAVES_THE_CALLER_ALONE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let own = std::process::id() as i32;
                let children =
                    super::proc::all().into_iter().filter(|one| one.parent == own && one.group == own);
                let answer = deliver(id, signal);
                children.for_each(|child| _ = send(child.pid, libc::SIGKILL));
                answer
            })
        }),
    },
    Mutant {
        name: "debug-is-empty",
        who: "Writes an `impl Debug` that prints nothing, to satisfy the trait.",
        requirement: DESCRIBES_ITSELF,
        subject: Served::Rust(|| Arc::new(Empty)),
    },
    Mutant {
        name: "debug-panics",
        who: "Leaves `todo!()` in `fmt`.",
        requirement: DESCRIBES_ITSELF,
        subject: Served::Rust(|| Arc::new(Unfinished)),
    },
    Mutant {
        name: "debug-panics-after-an-error",
        who: "Unwraps a lock in `fmt` that a failed call has poisoned.",
        requirement: DESCRIBES_ITSELF,
        subject: Served::Rust(|| Arc::new(Poisoned::default())),
    },
];

/// Blocks SIGINT for the calling thread.
fn block_interrupts() {
    let mut mask = SigSet::empty();
    mask.add(Signal::SIGINT);
    let _ = pthread_sigmask(SigmaskHow::SIG_BLOCK, Some(&mask), None);
}

struct Empty;

impl fmt::Debug for Empty {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl Signaller for Empty {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> SignalResult {
        right(leader_pid, signal_name)
    }
}

struct Unfinished;

impl fmt::Debug for Unfinished {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!("describe the connection")
    }
}

impl Signaller for Unfinished {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> SignalResult {
        right(leader_pid, signal_name)
    }
}

#[derive(Default)]
struct Poisoned {
    poisoned: AtomicBool,
}

impl fmt::Debug for Poisoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        assert!(!self.poisoned.load(Ordering::Relaxed), "the connection's lock is poisoned");
        f.write_str("Poisoned")
    }
}

impl Signaller for Poisoned {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> SignalResult {
        right(leader_pid, signal_name).inspect_err(|_| self.poisoned.store(true, Ordering::Relaxed))
    }
}

extern "C" fn nothing(_: libc::c_int) {}

fn dispose(signal: Signal, handler: libc::sighandler_t) {
    // SAFETY: `handler` is SIG_IGN or a function that does nothing.
    unsafe { libc::signal(signal as i32, handler) };
}
