//! Subjects that reach for what is not theirs, where nothing comes of it: nobody notices, so nobody is
//! accused.

use super::super::Served;
use super::super::parts::{checked, deliver, send};
use super::super::proc::pids;
use super::Conforming;
use crate::subject::wire::SignalResult;
use nix::errno::Errno;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The conforming variants of this family.
pub const CONFORMING: &[Conforming] = &[
    Conforming {
        name: "reads-about-the-first-process",
        how: "Looks into /proc/1 before each call, to see where it runs.",
        subject: Served::Rust(|| {
            checked(|id, signal| match fs::read_to_string("/proc/1/status") {
                Ok(_) => deliver(id, signal),
                Err(cause) => Err(format!("/proc/1/status cannot be read: {cause}")),
            })
        }),
    },
    Conforming {
        name: "reads-about-everybody",
        how: "Reads all that /proc says of each process before one call in sixteen, as far as it may.",
        subject: Served::Rust(|| {
            let calls = AtomicUsize::new(0);
            checked(move |id, signal| {
                let all = if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(16) {
                    pids()
                } else {
                    Vec::new()
                };
                let found: usize = all.into_iter().map(read_about).sum();
                deliver(id, signal).map_err(|cause| format!("{cause} ({found} files)"))
            })
        }),
    },
    Conforming {
        name: "asks-whether-anybody-is-there",
        how: "Asks before each call, with signal 0, whether there is anybody in its own group and anybody at all.",
        subject: Served::Rust(|| {
            checked(|id, signal| match (send(0, 0), send(-1, 0)) {
                (Ok(()), Ok(()) | Err(Errno::ESRCH)) => deliver(id, signal),
                (own, all) => Err(format!("nobody is there: {own:?}, {all:?}")),
            })
        }),
    },
    Conforming {
        name: "fails-to-trace-the-first-process",
        how: "Asks to trace process 1 before each call, and is refused.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                // SAFETY: plain numbers.
                let traced = Errno::result(unsafe { libc::ptrace(libc::PTRACE_ATTACH, 1, 0, 0) });
                unless_done("traced", traced.is_ok(), id, signal)
            })
        }),
    },
    Conforming {
        name: "fails-to-write-for-the-first-process",
        how: "Tries to write to the descriptors of process 1 before each call, and is refused.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let write = |fd: u32| {
                    let file = OpenOptions::new().write(true).open(format!("/proc/1/fd/{fd}"));
                    file.and_then(|mut file| file.write_all(b"nonsense\n")).is_ok()
                };
                unless_done("written for", (0..20).any(write), id, signal)
            })
        }),
    },
    Conforming {
        name: "fails-to-stop-the-first-process",
        how: "Sends SIGSTOP and SIGKILL to process 1 before each call, which the kernel drops.",
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let _ = send(1, libc::SIGSTOP);
                let _ = send(1, libc::SIGKILL);
                deliver(id, signal)
            })
        }),
    },
];

/// Signals the group as it should be, unless what was to be refused was not: then the case must not pass.
fn unless_done(what: &str, done: bool, id: i32, signal: i32) -> SignalResult {
    if done { Err(format!("process 1 was {what}")) } else { deliver(id, signal) }
}

/// How many files about a process can be read.
fn read_about(pid: i32) -> usize {
    let files = ["status", "stat", "statm", "cmdline", "environ", "limits", "maps", "io", "wchan", "syscall"];
    let links = ["exe", "cwd", "root", "fd/0"];
    let of = |name: &&str| format!("/proc/{pid}/{name}");
    files.iter().filter(|name| fs::read(of(name)).is_ok()).count()
        + links.iter().filter(|name| fs::read_link(of(name)).is_ok()).count()
}
