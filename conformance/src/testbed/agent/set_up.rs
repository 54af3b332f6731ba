//! What a process that was just forked does to become the member that it is to be.

use super::fork::{Forked, fork};
use super::program;
use super::signals;
use super::terminal;
use crate::sys::proc::Stat;
use crate::testbed::make::Make;
use crate::testbed::protocol::{Disposition, Fork, Place};
use caps::CapSet;
use nix::errno::Errno;
use nix::sys::sysinfo::sysinfo;
use nix::unistd::{Pid, Uid, setpgid, setresuid, setsid};
use std::ffi::CStr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

/// How long a storm lasts at most, should nobody end it.
const STORM: Duration = Duration::from_secs(20);
/// How many processes of a storm there are at a time.
const STORM_WIDTH: usize = 8;
/// By how many processes it may outrun the reaper.
const STORM_CROWD: usize = 1000;

/// Closes every descriptor but the socket: the pipes of the subject and of the agent must close when their
/// users close them, whatever members there are.
pub fn keep_only(socket: OwnedFd) -> OwnedFd {
    const KEPT: RawFd = 3;
    // SAFETY: this process was just forked and uses no descriptor but `socket`; the duplicate at KEPT is owned
    // by the returned value alone.
    unsafe {
        if socket.as_raw_fd() != KEPT {
            libc::dup2(socket.as_raw_fd(), KEPT);
        }
        std::mem::forget(socket);
        for fd in 0..KEPT {
            libc::close(fd);
        }
        libc::syscall(libc::SYS_close_range, KEPT + 1, libc::c_uint::MAX, 0);
        OwnedFd::from_raw_fd(KEPT)
    }
}

/// Lets others look at this process as at any: the agent cannot be traced or dumped, and whoever traces a
/// process must have all its privileges (cap_ptrace_access_check in the kernel's security/commoncap.c), of
/// which a subject lacks these.
///
/// # Errors
/// prctl(2)'s and capset(2)'s.
pub fn become_ordinary() -> Result<(), Box<dyn std::error::Error>> {
    nix::sys::prctl::set_dumpable(true)?;
    for capability in program::TAKEN {
        caps::drop(None, CapSet::Effective, capability)?;
        caps::drop(None, CapSet::Permitted, capability)?;
    }
    Ok(())
}

/// Puts this process where `how` says, and makes it do with signals what it should.
///
/// # Errors
/// Those of the system call that failed.
pub fn set_up(how: &Fork) -> Result<(), Errno> {
    signals::reset_all();
    signals::block_all();
    match how.group {
        Place::Parents => {}
        Place::Own => setpgid(Pid::from_raw(0), Pid::from_raw(0))?,
        Place::OwnSession => drop(setsid()?),
        Place::Of(id) => setpgid(Pid::from_raw(0), Pid::from_raw(id as i32))?,
    }
    if let Some(name) = &how.name {
        rename(name)?;
    }
    if let Some(uid) = how.uid.map(Uid::from_raw) {
        setresuid(uid, uid, uid)?;
        // Who changes users is not dumpable, and newer kernels show nobody without privileges how such a one
        // ended.
        nix::sys::prctl::set_dumpable(true)?;
    }
    match how.make {
        Make::Plain | Make::Threads | Make::FirstThreadGone | Make::AsleepInKernel | Make::NamespaceInit => {}
        Make::Undumpable => nix::sys::prctl::set_dumpable(false)?,
        Make::Terminal => terminal::take_one()?,
        Make::Subreaper => nix::sys::prctl::set_child_subreaper(true)?,
    }
    let four = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];
    match how.disposition {
        Disposition::Watches | Disposition::PassesOn | Disposition::Blocks => signals::catch_all(&[]),
        Disposition::Catches => {
            signals::catch_all(&[]);
            signals::unblock_all();
        }
        Disposition::Ignores => {
            signals::catch_all(&four);
            signals::unblock_all();
        }
        Disposition::Dies => signals::unblock_all(),
        Disposition::Storms => {
            signals::unblock_all();
            let most = processes() + STORM_CROWD;
            for _ in 0..STORM_WIDTH {
                if matches!(fork(None)?, Forked::Child) {
                    storm(most);
                }
            }
        }
    }
    Ok(())
}

/// How many processes there are on this machine, exited and unreaped ones included (sysinfo(2)).
fn processes() -> usize {
    sysinfo().map_or(0, |info| info.process_count().into())
}

/// Forks a successor and exits; the successor does likewise. While there are more than `most` processes it
/// only waits for the reaper: pids are for the whole machine.
fn storm(most: usize) -> ! {
    // SAFETY: nothing of this process needs its descriptors any more.
    unsafe { libc::syscall(libc::SYS_close_range, 0, libc::c_uint::MAX, 0) };
    let end = Instant::now() + STORM;
    while Instant::now() < end {
        if processes() <= most && matches!(fork(None), Ok(Forked::Parent(_))) {
            exit();
        }
        // A pace that a reaper keeps up with, and that still outruns a walk of /proc.
        std::thread::sleep(Duration::from_micros(100));
    }
    exit()
}

/// Ends this process without what the agent's copy would do at its end.
pub fn exit() -> ! {
    // SAFETY: _exit(2) is always safe to call; it leaves the agent's buffers and at-exit handlers alone.
    unsafe { libc::_exit(0) }
}

/// Takes `name` for the command's name of the calling thread, at most 15 bytes (PR_SET_NAME, prctl(2)).
pub fn rename(name: &CStr) -> Result<(), Errno> {
    nix::sys::prctl::set_name(name)
}

/// Takes `name` for this process's command line, too, as far as it fits: /proc/PID/cmdline shows the memory where its
/// arguments were when it began (proc_pid_cmdline(5)).
pub fn rename_command_line(name: &CStr) {
    let Some((start, end)) = Stat::of(std::process::id()).map(|stat| stat.arguments) else { return };
    let room = end.saturating_sub(start);
    let name = &name.to_bytes()[..name.to_bytes().len().min(room.saturating_sub(1))];
    // SAFETY: the kernel put the arguments there, into this process's own stack, and nobody reads them any more.
    unsafe {
        let place = std::ptr::with_exposed_provenance_mut::<u8>(start);
        place.write_bytes(0, room);
        place.copy_from_nonoverlapping(name.as_ptr(), name.len());
    }
}
