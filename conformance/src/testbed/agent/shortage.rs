//! Taking means away from the subject while it runs, and giving them back: descriptors, and what /proc shows.

use super::orders::{Order, Word};
use super::process;
use super::roster::Roster;
use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};

/// A process with a limit on its descriptors, and what that was before.
#[derive(Debug)]
pub struct Limited {
    pid: u32,
    before: libc::rlimit,
}

impl Roster {
    /// Lets the subject, and each process that it started, open no descriptor any more (RLIMIT_NOFILE,
    /// getrlimit(2)), or as many as before. Those that are open stay open.
    ///
    /// # Errors
    /// When one may not be looked at or limited.
    pub fn limit_descriptors(&mut self, limited: bool, sandboxed: bool) -> Result<(), String> {
        for Limited { pid, before } in std::mem::take(&mut self.limited) {
            // Whoever has exited needs none.
            let _ = set_limit(pid, Some(&before));
        }
        let subject = self.subject.as_ref().filter(|_| limited).map(|subject| subject.pid);
        let theirs = subject.map(|_| self.of_the_subject(sandboxed)).unwrap_or_default();
        for pid in subject.into_iter().chain(theirs) {
            let fault = |cause: &dyn std::fmt::Display| {
                format!("cannot limit the descriptors of process {pid}: {cause}")
            };
            // The kernel gives the lowest number that is free, and none from the limit on (open(2)).
            let Some(free) = process::free_descriptor(pid).map_err(|cause| fault(&cause))? else { continue };
            let before = match set_limit(pid, None) {
                Err(Errno::ESRCH) => continue,
                before => before.map_err(|cause| fault(&cause))?,
            };
            let limit = libc::rlimit { rlim_cur: before.rlim_cur.min(free), ..before };
            set_limit(pid, Some(&limit)).map_err(|cause| fault(&cause))?;
            self.limited.push(Limited { pid, before });
        }
        Ok(())
    }

    /// Lets /proc be empty for the subject and for whatever it starts, or what it was before.
    ///
    /// # Errors
    /// When the subject was not started so that it can be.
    pub fn empty_proc(&self, empty: bool) -> Result<(), String> {
        let parent = self.parent.ok_or("the subject was not started")?;
        match self.member(parent)?.ask(&Order::EmptyProc(empty))? {
            Word::Done => Ok(()),
            word => Err(format!("cannot change what the subject sees in /proc: {word:?}")),
        }
    }
}

/// Sets the limit of a process on its descriptors, if one is given. Returns what it was.
fn set_limit(pid: u32, limit: Option<&libc::rlimit>) -> Result<libc::rlimit, Errno> {
    let mut before = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    let limit = limit.map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: both live through the call, which reads one, if any, and writes the other.
    let result = unsafe { libc::prlimit(pid as i32, libc::RLIMIT_NOFILE, limit, &raw mut before) };
    Errno::result(result).map(|_| before)
}

/// Gives this process mounts of its own, which it and the subject share from then on.
///
/// # Errors
/// unshare(2)'s and mount(2)'s.
pub fn separate_mounts() -> Result<(), Errno> {
    let nothing: Option<&str> = None;
    unshare(CloneFlags::CLONE_NEWNS)?;
    mount(nothing, "/", nothing, MsFlags::MS_REC | MsFlags::MS_PRIVATE, nothing)
}

/// Puts an empty folder over /proc, or takes it away again.
///
/// # Errors
/// mount(2)'s.
pub fn cover_proc(empty: bool) -> Result<(), Errno> {
    if !empty {
        return umount2("/proc", MntFlags::MNT_DETACH);
    }
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC | MsFlags::MS_RDONLY;
    let nothing: Option<&str> = None;
    mount(Some("none"), "/proc", Some("tmpfs"), flags, nothing)
}
