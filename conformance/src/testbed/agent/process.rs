//! What /proc says of a process (proc_pid_stat(5), proc_pid_status(5)).

use crate::sys::proc::{self, Stat};
use crate::testbed::protocol::{Memory, State};
use nix::sys::prctl::{get_pdeathsig, set_pdeathsig};
use nix::unistd::{Uid, setfsuid};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;

/// Whether the process is stopped, by a signal or a tracer: its first thread is, or the first that has not
/// left.
pub fn is_stopped(pid: u32) -> bool {
    let Some(stat) = Stat::of(pid) else { return false };
    let of_thread = |thread: &u32| Stat::of_thread(pid, *thread);
    match stat.has_lost_first_thread() {
        true => threads(pid).iter().filter_map(of_thread).any(|stat| stat.shows_stopped()),
        false => stat.shows_stopped(),
    }
}

/// How the process ended by what its line shows, for where its parent cannot be asked. The line shows it to
/// whoever may trace the process, and status 0 to others: its own user may, without any privilege, so it is
/// read as that one.
pub fn shown_end(pid: u32) -> Option<State> {
    let owner = Uid::from_raw(fs::metadata(format!("/proc/{pid}")).ok()?.uid());
    // Who changes users, loses the wish to be ended with its parent (prctl(2)).
    let wish = get_pdeathsig();
    let before = setfsuid(owner);
    let stat = Stat::of(pid);
    setfsuid(before);
    if let Ok(wish) = wish {
        let _ = set_pdeathsig(wish);
    }
    Some(match stat?.wait_status {
        status if status & 0x7f != 0 => State::Killed(status & 0x7f),
        status => State::Exited(status >> 8),
    })
}

/// The signals that are sent to `pid` and still pending, SIGCHLD left out.
pub fn pending(pid: u32) -> Vec<i32> {
    let status = proc::read(&format!("/proc/{pid}/status")).unwrap_or_default();
    let bits = |key| {
        proc::field(&status, key).and_then(|bits| u64::from_str_radix(bits, 16).ok()).unwrap_or_default()
    };
    let set = bits("SigPnd") | bits("ShdPnd");
    (1..=64).filter(|signal| set & (1 << (signal - 1)) != 0 && *signal != libc::SIGCHLD).collect()
}

/// How many descriptors `pid` has open; none once it has exited.
///
/// # Errors
/// EACCES when it may not be looked at.
pub fn descriptors(pid: u32) -> io::Result<usize> {
    match fs::read_dir(format!("/proc/{pid}/fd")) {
        Ok(entries) => Ok(entries.count()),
        Err(_) if Stat::of(pid).is_none_or(|stat| stat.is_zombie()) => Ok(0),
        Err(cause) => Err(cause),
    }
}

/// The lowest number that no descriptor of `pid` has; `None` once it has exited.
///
/// # Errors
/// EACCES when it may not be looked at.
pub fn free_descriptor(pid: u32) -> io::Result<Option<u64>> {
    match numbers_in(&format!("/proc/{pid}/fd")) {
        Ok(taken) => Ok((0..).find(|free| !taken.contains(free)).map(u64::from)),
        Err(_) if Stat::of(pid).is_none_or(|stat| stat.is_zombie()) => Ok(None),
        Err(cause) => Err(cause),
    }
}

/// The memory of `pid`, which anybody may look at, unlike its mappings (proc_pid_statm(5)); none once it has
/// exited.
pub fn memory(pid: u32) -> Memory {
    let line = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let fields: Vec<usize> = line.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    let [_, resident, shared, _, _, writable, ..] = fields[..] else { return Memory::default() };
    // SAFETY: a plain number in, a plain number out.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
    let kib = |pages: usize| pages * page / 1024;
    Memory { resident: kib(resident.saturating_sub(shared)), writable: kib(writable) }
}

/// The threads of `pid`.
pub fn threads(pid: u32) -> Vec<u32> {
    numbers_in(&format!("/proc/{pid}/task")).unwrap_or_default()
}

/// The process that has the thread `id`, which may be its first: for signals, the id of any thread means its process
/// (kill(2) finds it so on Linux). `None` when there is no such thread, or /proc does not show it.
pub fn process_of_thread(id: u32) -> Option<u32> {
    let status = proc::read(&format!("/proc/{id}/status"))?;
    proc::field(&status, "Tgid")?.parse().ok()
}

/// Every process of this PID namespace.
///
/// # Errors
/// When /proc cannot be listed.
pub fn all() -> io::Result<Vec<u32>> {
    numbers_in("/proc")
}

/// The pids of the live processes in the group with that id. A process that is in it and lives during the
/// whole call is among them: /proc is listed in the order of the pids.
pub fn live_in(group: u32) -> Vec<u32> {
    of_group("/proc", group).into_iter().filter(|(_, stat)| !stat.is_zombie()).map(|(pid, _)| pid).collect()
}

/// The processes in the group with that id, by what `proc` shows, which is a /proc, with their pids there.
pub fn of_group(proc: &str, group: u32) -> Vec<(u32, Stat)> {
    let stat = |pid: u32| Some((pid, Stat::read(&format!("{proc}/{pid}/stat"))?));
    let of_all = numbers_in(proc).unwrap_or_default().into_iter().filter_map(stat);
    of_all.filter(|(_, stat)| stat.group == group).collect()
}

fn numbers_in(folder: &str) -> io::Result<Vec<u32>> {
    let names = fs::read_dir(folder)?.filter_map(Result::ok);
    Ok(names.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
}

/// Whether a process may signal those of other users (CAP_KILL, capabilities(7)) in this process's user namespace.
pub fn has_cap_kill(pid: u32) -> bool {
    let namespace = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/user")).ok();
    let pid = pid.to_string();
    let has_it = caps::read(pid.parse().ok(), caps::CapSet::Effective)
        .is_ok_and(|capabilities| capabilities.contains(&caps::Capability::CAP_KILL));
    has_it && namespace(&pid) == namespace("self")
}
