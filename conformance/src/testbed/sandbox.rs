//! A fresh PID namespace with the agent as its first process: whatever a subject signals in there, nothing
//! outside hears of it, and all of it ends with the agent.

use super::agent::{self, Condition, Pipes};
use super::first_id;
use super::second_uid;
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;
use nix::sys::wait::{Id, WaitPidFlag, waitid, waitpid};
use nix::unistd::{ForkResult, fork, getgid, getuid, setsid};
use std::fs;
use std::io;

/// The exit status for an agent that has ended, and that somebody had changed before: a line on standard
/// error says how.
pub const CHANGED: i32 = 96;

/// Makes the sandbox and waits until it has ended: the life of the process between the suite and the agent.
/// It ends when the suite does, and the sandbox with it. `place` is that of the first pid that the kernel
/// is to choose there.
///
/// # Errors
/// When the agent cannot say why it could not be brought up.
pub fn run(place: u32, pipes: Pipes) -> io::Result<()> {
    die_with_parent();
    match enter() {
        Ok(ForkResult::Parent { child }) => {
            // The agent's and the subject's ends are theirs alone.
            drop(pipes);
            close_input_and_output();
            let limits = Condition::of(std::process::id());
            while let Err(Errno::EINTR) = waitid(Id::Pid(child), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)
            {
            }
            let change = limits.change(&Condition::of(child.as_raw().cast_unsigned()));
            let _ = waitpid(child, None);
            // It says so itself, unless that has ended it.
            if let Some(change) = change {
                eprintln!("{change}");
                std::process::exit(CHANGED);
            }
            Ok(())
        }
        Ok(ForkResult::Child) => match settle() {
            Ok(()) => agent::run(Some(first_id::in_place(place)), Some(pipes)),
            Err(reason) => agent::decline(reason),
        },
        Err(reason) => agent::decline(reason),
    }
}

/// Forks the first process of a new PID namespace, with a mount namespace of its own; without the privilege
/// for that, in a user namespace in which the caller keeps its uid and gid, and has a second uid where the
/// machine grants it one.
fn enter() -> Result<ForkResult, String> {
    let namespaces = CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWNS;
    match unshare(namespaces) {
        Err(Errno::EPERM) => enter_as_user(namespaces)?,
        result => {
            result.map_err(|cause| format!("no PID namespace: unshare(2) says {cause}{}", hint(cause)))?;
        }
    }
    // SAFETY: this process has one thread.
    unsafe { fork() }.map_err(|cause| format!("no PID namespace: fork(2) says {cause}"))
}

fn enter_as_user(namespaces: CloneFlags) -> Result<(), String> {
    let (uid, gid) = (getuid(), getgid());
    let mapper = second_uid::mapper(uid);
    unshare(namespaces | CloneFlags::CLONE_NEWUSER).map_err(|cause| {
        let hint = hint(cause);
        format!("no PID namespace, neither as it is nor in a user namespace: unshare(2) says {cause}{hint}")
    })?;
    let write = |file: &str, text: String| {
        fs::write(format!("/proc/self/{file}"), text)
            .map_err(|cause| format!("no user namespace: writing {file} says {cause}"))
    };
    if !mapper.is_some_and(|mapper| mapper.map()) {
        write("uid_map", format!("{uid} {uid} 1"))?;
    }
    // The kernel lets an ordinary user map one gid only after setgroups(2) is denied (user_namespaces(7)).
    write("setgroups", "deny".to_owned())?;
    write("gid_map", format!("{gid} {gid} 1"))
}

/// What stands behind a refused unshare(2) most often.
fn hint(cause: Errno) -> &'static str {
    match cause {
        Errno::ENOSPC => " (the limits are in /proc/sys/user/max_*_namespaces)",
        Errno::EPERM => " (user namespaces are off here, or a container forbids them)",
        _ => "",
    }
}

/// What the first process does before it becomes the agent: a /proc that shows the new namespace, and a
/// session of its own. As unshared, its group lies outside the namespace, `getpgid(1)` is 0 there, and a
/// subject that asked for it and signalled "group 0" would hit its own group.
fn settle() -> Result<(), String> {
    die_with_parent();
    setsid().map_err(|cause| format!("no session for the sandbox: {cause}"))?;
    let nothing: Option<&str> = None;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)
        .map_err(|cause| format!("no mounts of the sandbox's own: mount(2) says {cause}"))?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), flags, nothing)
        .map_err(|cause| format!("no /proc for the sandbox: mount(2) says {cause}"))
}

/// SIGKILL when the parent's thread ends. Not the only means: the agent ends with its input too, which covers
/// a parent that ended before this call.
fn die_with_parent() {
    let _ = nix::sys::prctl::set_pdeathsig(Signal::SIGKILL);
}

fn close_input_and_output() {
    for fd in 0..2 {
        // SAFETY: this process reads nothing any more, and writes to its standard error alone.
        unsafe { libc::close(fd) };
    }
}
