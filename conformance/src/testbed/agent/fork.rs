//! fork(2), with the child's pid chosen where that is wanted.

use nix::errno::Errno;
use std::fs;

/// What a fork returns, on either side of it.
pub enum Forked {
    /// In the child.
    Child,
    /// In the parent: the child's pid.
    Parent(u32),
}

/// Forks the calling process, which must have one thread only, or others that hold no lock. The child gets
/// the pid `id`, or any if `None`.
///
/// # Errors
/// clone3(2)'s: EEXIST when `id` is taken (also as a group's or session's id), EINVAL when it is out of the
/// namespace's range, EPERM without CAP_CHECKPOINT_RESTORE over the PID namespace, EAGAIN at a limit.
pub fn fork(id: Option<u32>) -> Result<Forked, Errno> {
    match id {
        None => fork_anyhow(),
        Some(id) => clone3(&[id as libc::pid_t], 0),
    }
}

/// The same, as the first process of a PID namespace below this one.
///
/// # Errors
/// [`fork`]'s; EPERM without CAP_SYS_ADMIN.
pub fn fork_first(id: Option<u32>) -> Result<Forked, Errno> {
    let wanted = id.map(|id| [1, id as libc::pid_t]);
    clone3(wanted.as_ref().map_or(&[], |wanted| wanted), libc::CLONE_NEWPID)
}

/// clone3(2) with these pids, that in the innermost namespace first.
fn clone3(wanted: &[libc::pid_t], flags: libc::c_int) -> Result<Forked, Errno> {
    // SAFETY: plain numbers, for which zero is a value.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.exit_signal = libc::SIGCHLD as u64;
    args.flags = flags as u64;
    if !wanted.is_empty() {
        args.set_tid = wanted.as_ptr() as u64;
        args.set_tid_size = wanted.len() as u64;
    }
    // SAFETY: without CLONE_VM the child works on a copy of the memory, as after fork(2); the process has one
    // thread, so no lock is held by a thread that the child lacks.
    let result = unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<libc::clone_args>()) };
    match Errno::result(result)? {
        0 => Ok(Forked::Child),
        pid => Ok(Forked::Parent(pid as u32)),
    }
}

/// Containers may know clone3(2) only by name: Docker's filter answers ENOSYS to it.
fn fork_anyhow() -> Result<Forked, Errno> {
    // SAFETY: the process has one thread.
    match unsafe { nix::unistd::fork() }? {
        nix::unistd::ForkResult::Child => Ok(Forked::Child),
        nix::unistd::ForkResult::Parent { child } => Ok(Forked::Parent(child.as_raw().cast_unsigned())),
    }
}

/// Whether [`fork`] can choose a pid here, found out by trying: the trial's child exits at once and is
/// reaped.
pub fn can_choose_ids(pid_max: u32) -> bool {
    (2..pid_max).rev().take(64).find_map(|id| match try_out(Some(id)) {
        Err(Errno::EEXIST) => None,
        tried => Some(tried.is_ok()),
    }) == Some(true)
}

/// The pid that the kernel gives just now.
///
/// # Errors
/// [`fork`]'s.
pub fn last_id() -> Result<u32, Errno> {
    try_out(None)
}

/// Forks a child that exits at once, and reaps it. Returns its pid, or [`fork`]'s error.
fn try_out(id: Option<u32>) -> Result<u32, Errno> {
    match fork(id)? {
        // SAFETY: _exit(2) is always safe to call.
        Forked::Child => unsafe { libc::_exit(0) },
        Forked::Parent(pid) => {
            let _ = nix::sys::wait::waitpid(nix::unistd::Pid::from_raw(pid as i32), None);
            Ok(pid)
        }
    }
}

/// Lets the kernel give pids from `next` on to whoever forks without choosing, so that those below stay free
/// for choosing. Does nothing where that is not permitted.
pub fn move_ids_on(next: u32) {
    let _ = fs::write("/proc/sys/kernel/ns_last_pid", (next - 1).to_string());
}

/// One more than the largest pid that the kernel gives here.
pub fn pid_max() -> u32 {
    let text = fs::read_to_string("/proc/sys/kernel/pid_max").unwrap_or_default();
    text.trim().parse().unwrap_or(32_768)
}
