//! Conforming variants: whoever accuses one of them asks more than the contract does.

mod keeping;
mod lines;
mod means;
mod nosy;
mod queues;
mod sending;
mod situations;

use super::helper::{Helper, HelperHolder};
use super::parts::{answer, checked, deliver, is_there, later, pause, pidfd, right, send};
use super::proc::members;
use super::{Served, Settings, Subcommand};
use crate::sys::lock::lock;
use crate::sys::pidfd;
use nix::errno::Errno;
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, pthread_sigmask, sigaction,
};
use process_groups::{PinningSignaller, signaller_fn};
use std::fs::File;
use std::sync::{Arc, Mutex};
use std::thread;

/// A signaller or a registry that is correct, in an unusual way.
#[derive(Clone, Copy, Debug)]
pub struct Conforming {
    /// Its name, in kebab-case.
    pub name: &'static str,
    /// What is unusual about it: a sentence.
    pub how: &'static str,
    /// How it is run.
    pub subject: Served,
}

impl Conforming {
    /// The settings with this one as what is under test.
    ///
    /// # Panics
    /// When its link is to be cut and no temporary file can be made.
    pub fn under_test(&self, settings: &Settings) -> Settings {
        self.subject.under_test(Subcommand::Conforming, self.name, settings)
    }
}

/// Every conforming variant.
pub fn all() -> impl Iterator<Item = &'static Conforming> {
    let families = [
        CONFORMING,
        keeping::CONFORMING,
        queues::CONFORMING,
        sending::CONFORMING,
        lines::CONFORMING,
        nosy::CONFORMING,
        situations::CONFORMING,
        means::CONFORMING,
        super::partition::conforming::CONFORMING,
    ];
    families.into_iter().flatten().chain(super::registry::CONFORMING)
}

const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "interrupted-all-the-time",
        how: "Has a timer that interrupts it every five milliseconds, and system calls that do not begin again (SA_RESTART).",
        subject: Served::Rust(|| {
            interrupt_all_the_time();
            checked(deliver)
        }),
    },
    Conforming {
        name: "slow",
        how: "Takes 150 ms for each call, like a command in a container.",
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                pause(150);
                right(leader_pid, name)
            }))
        }),
    },
    Conforming {
        name: "slow-to-start",
        how: "Takes 400 ms to be ready for its first call, like an interpreter with many modules.",
        subject: Served::Rust(|| {
            pause(400);
            Arc::new(signaller_fn(right))
        }),
    },
    Conforming {
        name: "slow-to-answer",
        how: "Sends at once and takes 150 ms to bring the answer home, whatever it is.",
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let answer = right(leader_pid, name);
                pause(150);
                answer
            }))
        }),
    },
    Conforming {
        name: "one-at-a-time",
        how: "Holds one lock through each call of 2 ms.",
        subject: Served::Rust(|| {
            let line = Mutex::new(());
            Arc::new(signaller_fn(move |leader_pid, name: &str| {
                let _line = lock(&line);
                pause(2);
                right(leader_pid, name)
            }))
        }),
    },
    Conforming {
        name: "chatty",
        how: "Writes thirty kilobytes to standard error in each call.",
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let line = format!("debug: about to send a signal to the group {leader_pid:10} …\n");
                eprint!("{}", line.repeat(500));
                right(leader_pid, name)
            }))
        }),
    },
    Conforming {
        name: "unreaped-is-exited",
        how: "Answers `Ok(false)` for a group of which only unreaped members are left.",
        subject: Served::Rust(|| {
            checked(|id, signal| if only_unreaped(id) { Ok(false) } else { deliver(id, signal) })
        }),
    },
    Conforming {
        name: "the-projects-that-pins",
        how: "The signaller of the package process-groups that pins what a registry registers, without a registry.",
        subject: Served::Rust(|| Arc::new(PinningSignaller::new())),
    },
    Conforming {
        name: "through-a-pidfd",
        how: "Sends through a pidfd of the leader with PIDFD_SIGNAL_PROCESS_GROUP, and with kill(2) where it cannot.",
        subject: Served::Rust(|| {
            checked(|id, signal| match through_pidfd(id, signal) {
                Some(sent) => answer(sent),
                None => deliver(id, signal),
            })
        }),
    },
    Conforming {
        name: "reads-proc-first",
        how: "Lists the members in /proc for its log before the kernel decides.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id).len();
                deliver(id, signal).map_err(|cause| format!("{cause} ({found} members)"))
            })
        }),
    },
    Conforming {
        name: "asks-before-it-sends",
        how: "Asks with signal 0 first, and answers from the signal itself.",
        subject: Served::Rust(|| {
            checked(|id, signal| if is_there(-id) { deliver(id, signal) } else { Ok(false) })
        }),
    },
    Conforming {
        name: "asks-again-when-exited",
        how: "Makes sure of `Ok(false)` with a second kill(2) of signal 0 and a look into /proc.",
        subject: Served::Rust(|| {
            checked(|id, signal| match deliver(id, signal) {
                Ok(false) if is_there(-id) && !members(id).is_empty() => deliver(id, signal),
                answer => answer,
            })
        }),
    },
    Conforming {
        name: "patient-with-the-system",
        how: "Repeats kill(2) after EINTR and EAGAIN, a hundred times at most.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let once = |_| Some(send(-id, signal));
                let mut tries = (0..100).filter_map(once);
                let settled = tries.find(|sent| !matches!(sent, Err(Errno::EINTR | Errno::EAGAIN)));
                answer(settled.unwrap_or(Err(Errno::EAGAIN)))
            })
        }),
    },
    Conforming {
        name: "killpg",
        how: "Uses killpg(3).",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                // SAFETY: plain numbers.
                answer(Errno::result(unsafe { libc::killpg(id, signal) }).map(drop))
            })
        }),
    },
    Conforming {
        name: "long-messages",
        how: "Explains each error on twenty kilobytes.",
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                let explain = |cause| format!("{cause}{}", "\nsee the manual for more".repeat(800));
                right(leader_pid, name).map_err(explain)
            }))
        }),
    },
    Conforming {
        name: "terse-messages",
        how: "Says of an error nothing but what was asked.",
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| {
                right(leader_pid, name).map_err(|_| format!("{leader_pid} {name:?}"))
            }))
        }),
    },
    Conforming {
        name: "blocks-signals-meanwhile",
        how: "Blocks every signal in its thread during the call, and puts the mask back.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let mut before = SigSet::empty();
                let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut before));
                let answer = deliver(id, signal);
                let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None);
                answer
            })
        }),
    },
    Conforming {
        name: "keeps-a-few-things",
        how: "Keeps a descriptor and a thread of each of its first eight calls.",
        subject: Served::Rust(|| {
            let kept = Mutex::new(Vec::new());
            checked(move |id, signal| {
                let mut kept = lock(&kept);
                if kept.len() < 8 {
                    kept.push(File::open("/proc/self/stat"));
                    later(60_000, || ());
                }
                drop(kept);
                deliver(id, signal)
            })
        }),
    },
    Conforming {
        name: "a-thread-a-call",
        how: "Sends on a thread of its own for each call, and joins it.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = thread::spawn(move || deliver(id, signal)).join();
                sent.unwrap_or_else(|_| Err("the thread panicked".to_owned()))
            })
        }),
    },
    Conforming {
        name: "a-program-a-call",
        how: "Starts a helper program for each call, and reaps it.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let mut helper = Helper::start()?;
                let answer = helper.ask(id, signal);
                helper.end()?;
                answer
            })
        }),
    },
    Conforming {
        name: "a-held-program",
        how: "Sends all through one helper program that stays up.",
        subject: Served::Rust(|| {
            let holder = HelperHolder::new(usize::MAX);
            checked(move |id, signal| holder.ask(id, signal))
        }),
    },
    Conforming {
        name: "reconnecting",
        how: "Ends its helper program after every ten calls and starts another.",
        subject: Served::Rust(|| {
            let holder = HelperHolder::new(10);
            checked(move |id, signal| holder.ask(id, signal))
        }),
    },
];

/// Whether all members have exited and none is reaped. Two looks that agree: in a group that forks without
/// end one look may see those alone that have exited.
fn only_unreaped(id: i32) -> bool {
    let look = || members(id).iter().map(|member| (member.pid, member.is_live())).collect::<Vec<_>>();
    let first = look();
    !first.is_empty() && first.iter().all(|(_, live)| !live) && first == look()
}

/// Sends through a pidfd of the leader; `None` where that says nothing of the group: without a leader, and on
/// a kernel before 6.9.
fn through_pidfd(id: i32, signal: i32) -> Option<Result<(), Errno>> {
    match pidfd::send_to_group(&pidfd(id)?, signal) {
        Err(Errno::EINVAL) => None,
        sent => Some(sent),
    }
}

/// Lets a timer of this process interrupt it every five milliseconds.
fn interrupt_all_the_time() {
    extern "C" fn nothing(_: i32) {}
    let act = SigAction::new(SigHandler::Handler(nothing), SaFlags::empty(), SigSet::empty());
    // SAFETY: the handler does nothing.
    let handled = unsafe { sigaction(Signal::SIGALRM, &act) };
    let period = libc::timeval { tv_sec: 0, tv_usec: 5_000 };
    let timer = libc::itimerval { it_interval: period, it_value: period };
    // SAFETY: the kernel only reads the structure.
    let set = unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) };
    assert!(handled.is_ok() && set == 0, "no timer can be set");
}
