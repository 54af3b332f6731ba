//! Starting the subject, with privileges taken from it where a case wants that.

use super::landlock;
use super::refusal::refusal;
use super::signals;
use crate::sys::fd_passing;
use crate::sys::notify::{self, Calls};
use crate::testbed::make::ProcView;
use crate::testbed::protocol::{CapKill, Program};
use caps::{CapSet, Capability};
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::MsgFlags;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// What a subject may be denied: to trace others, the agent among them, which is always denied, and to signal
/// other users' processes.
pub const TAKEN: [Capability; 2] = [Capability::CAP_SYS_PTRACE, Capability::CAP_KILL];

/// Set in the environment of a subject that cannot see the agent in /proc.
pub const HIDDEN: &str = "SIGNALLER_CONFORMANCE_HIDDEN";

/// The subject's three ends of its pipes.
#[derive(Debug)]
pub struct Pipes {
    /// Its standard input.
    pub input: OwnedFd,
    /// Its standard output.
    pub output: OwnedFd,
    /// Its standard error.
    pub errors: OwnedFd,
    /// Leads to the supervisor of its system calls: the listener is handed over there. It is not the
    /// subject's.
    pub watch: OwnedFd,
}

impl Pipes {
    /// Hands them to whoever has the other end of `socket`, and closes them here. A process could inherit them, at
    /// numbers of its own; but then each start of a process is a fork(2) of the suite, where posix_spawn(3) copies none
    /// of its memory.
    ///
    /// # Errors
    /// sendmsg(2)'s.
    pub fn give(self, socket: &UnixStream) -> io::Result<()> {
        fd_passing::give(socket, [&self.input, &self.output, &self.errors, &self.watch])
    }

    /// Takes those that are handed over at the standard input, ahead of all else that is said there.
    ///
    /// # Errors
    /// recvmsg(2)'s; EBADMSG when something else is there.
    pub fn take() -> io::Result<Self> {
        let [input, output, errors, watch] = fd_passing::take(&io::stdin(), MsgFlags::empty())?;
        Ok(Self { input, output, errors, watch })
    }
}

/// Starts `program` in a new group of the caller's session. Returns its pid.
///
/// # Errors
/// When it cannot be started or what it must be denied cannot be denied; says which.
pub fn start(program: &Program, pipes: Pipes) -> Result<u32, String> {
    let [name, arguments @ ..] = program.argv.as_slice() else {
        return Err("the subject has no program".to_owned());
    };
    let filter = refusal(&program.refused).map_err(|cause| format!("no seccomp filter: {cause}"))?;
    let calls = if program.starts_watched { Calls::SignalsAndStarts } else { Calls::Signals };
    let (cap_kill, in_landlock, watch) = (program.cap_kill, program.in_landlock, pipes.watch);
    let hides = program.proc_view == ProcView::Hiding;
    let proc = program.watched.then(|| File::open("/proc").map(OwnedFd::from)).transpose();
    let proc = proc.map_err(|cause| format!("no /proc: {cause}"))?;
    let mut command = Command::new(name);
    if hides {
        command.env(HIDDEN, "1");
    }
    command.args(arguments).stdin(pipes.input).stdout(pipes.output).stderr(pipes.errors).process_group(0);
    // SAFETY: the caller, which the agent forked, has one thread, so the child may do whatever it may.
    unsafe {
        command.pre_exec(move || {
            signals::reset_all();
            signals::unblock_all();
            if hides {
                mount_hiding_proc()?;
            }
            // Without CAP_SETPCAP it comes back with exec for root; the agent is no more than harder to reach
            // then.
            let _ = drop_for_good(Capability::CAP_SYS_PTRACE);
            if in_landlock {
                landlock::enter()?;
            }
            match cap_kill {
                CapKill::AsItIs => {}
                // Where it cannot be given, the case sees that.
                CapKill::Given => _ = give(Capability::CAP_KILL),
                CapKill::Taken => drop_for_good(Capability::CAP_KILL).map_err(io::Error::other)?,
            }
            if let Some(proc) = &proc {
                // Where it cannot be made, the supervisor has nothing to read: that is for it to say.
                let _ = notify::install(calls).map(|listener| fd_passing::give(&watch, [&listener, proc]));
            }
            // What is refused by this one, the other never sees (seccomp(2)).
            if let Some(filter) = &filter {
                seccompiler::apply_filter(filter).map_err(io::Error::other)?;
            }
            Ok(())
        });
    }
    let child = command.spawn().map_err(|cause| format!("cannot start {name}: {cause}"))?;
    Ok(child.id())
}

/// Gives this process a /proc of its own that hides other users' processes, and those that are not dumpable,
/// from whoever may not trace them. With `hidepid=2` the group root, which the subject may be in, would see
/// all (proc(5)).
fn mount_hiding_proc() -> Result<(), Errno> {
    let nothing: Option<&str> = None;
    unshare(CloneFlags::CLONE_NEWNS)?;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), flags, Some("hidepid=ptraceable,subset=pid"))
}

/// Whether [`start`] can take CAP_KILL away, so that it makes a difference.
pub fn can_drop_cap_kill() -> bool {
    caps::has_cap(None, CapSet::Effective, Capability::CAP_KILL).unwrap_or(false)
        && caps::has_cap(None, CapSet::Effective, Capability::CAP_SETPCAP).unwrap_or(false)
}

/// Gives a privilege to whatever this process becomes and starts, an ordinary user's program too.
fn give(capability: Capability) -> Result<(), caps::errors::CapsError> {
    caps::raise(None, CapSet::Inheritable, capability)?;
    caps::raise(None, CapSet::Ambient, capability)
}

/// Takes a privilege away from this process and from whatever it becomes and starts.
fn drop_for_good(capability: Capability) -> Result<(), caps::errors::CapsError> {
    let bounded = caps::drop(None, CapSet::Bounding, capability);
    for set in [CapSet::Ambient, CapSet::Inheritable, CapSet::Effective, CapSet::Permitted] {
        caps::drop(None, set, capability)?;
    }
    bounded
}
