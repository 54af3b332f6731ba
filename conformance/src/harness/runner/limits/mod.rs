//! What the suite may have of this machine, and how many cases that is room for. It looks before it begins:
//! what a process lacks in the midst of a case is easily taken for a fault of the subject.
//!
//! The figures are the most that each case has taken, run alone: of `local`, and of the Python, Perl and `sh`
//! examples, by the peaks of a pids and a memory control group around the run, and by the least limit with
//! which it passed.

mod cgroup;

use crate::harness::Case;
use crate::sys::proc::field;
use caps::{CapSet, Capability};
use nix::sys::resource::{Resource, getrlimit};
use nix::unistd::getuid;
use std::fmt;
use std::fs;

/// The one case that takes three times as much as any other: its group has 300 members. (A crowd takes a part of what is
/// left over, and does with less.)
pub const LARGEST: &str = "delivers-to-every-member/many-members";
/// A megabyte.
const MEGABYTE: u64 = 1 << 20;

/// The memory of a process that shares another's. Measured: 39 KB, by the peak of a memory control group.
const OF_A_CROWD: u64 = 48 << 10;

/// What cases take of something.
struct Demand {
    /// What it is, in the plural.
    what: &'static str,
    /// How much of it is one of that name.
    unit: u64,
    /// Without so much no case is tried.
    least: u64,
    /// So much is set aside for one case and for the suite itself, so that with `further` for each of the
    /// others there is enough whichever cases come together.
    first: u64,
    /// So much for each further case at the same time.
    further: u64,
}

/// Processes and threads. Measured: 311 for [`LARGEST`], then 138 (64 calls at once of a command; beside a
/// busy machine three for each call may be there at a time: a thread, the shell, and what that forks), 104,
/// 98, 96, 90, 90, 89, 88, 83, 79, 76, 72, 70; half of all cases take fewer than 12.
const fn processes(largest: bool) -> Demand {
    let (least, first) = if largest { (340, 400) } else { (220, 260) };
    Demand { what: "processes", unit: 1, least, first, further: 90 }
}

/// Descriptors of one process. Measured for the agent: 613 for [`LARGEST`], two for each member; for the
/// server of a command 375, with 64 calls at once; else 192. In this process a case holds six, and as many
/// again while processes are started.
const fn descriptors(largest: bool) -> Demand {
    let least = if largest { 640 } else { 400 };
    Demand { what: "descriptors", unit: 1, least, first: 44, further: 12 }
}

/// Memory that is charged to a control group. Measured: 60 MB for [`LARGEST`], then 51 and 42 (many shells at
/// once), 35, 35, 34, 32, 28; 5 MB on average.
const fn memory(largest: bool) -> Demand {
    let (least, first) = if largest { (66, 88) } else { (56, 68) };
    let further = 32 * MEGABYTE;
    Demand { what: "MB of memory", unit: MEGABYTE, least: least * MEGABYTE, first: first * MEGABYTE, further }
}

/// Addresses of one process, beyond those that it has before the first case: its program is 16 MB, and twice
/// as much without optimization. Measured for a run of one case at a time: 17 MB without optimization. A
/// further case has a thread with a stack of 2 MB, and malloc(3) gives a thread an arena of 64 MB.
fn addresses() -> Demand {
    let first = mapped() + 20 * MEGABYTE;
    Demand { what: "MB of address space", unit: MEGABYTE, least: first, first, further: 66 * MEGABYTE }
}

/// How much of something is left under a limit.
struct Left {
    amount: u64,
    /// What the limit is called, and how it is changed.
    limit: &'static str,
}

/// What is too short for even one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage(Vec<String>);

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "too little is left here to try even one case: {}; raise the limit, or leave out cases with a \
             filter ({LARGEST} takes most)",
            self.0.join("; ")
        )
    }
}

/// How many cases there is room for at once, if any of `cases` may be among them.
///
/// # Errors
/// What there is too little of for one.
pub fn room(cases: &[&Case]) -> Result<usize, Shortage> {
    let largest = cases.iter().any(|case| case.id == LARGEST);
    let (left_to_user, in_groups) = (processes_of_user(), cgroup::left("pids", cgroup::pids));
    let supplies = [
        (processes(largest), left_to_user, "`ulimit -u`"),
        (processes(largest), in_groups, "pids.max of the control group, `docker run --pids-limit`"),
        (descriptors(largest), limit(Resource::RLIMIT_NOFILE), "`ulimit -n`"),
        (memory(largest), cgroup::left("memory", cgroup::memory), "the control group, `docker run --memory`"),
        (addresses(), limit(Resource::RLIMIT_AS), "`ulimit -v`"),
    ];
    let known = supplies
        .into_iter()
        .filter_map(|(need, amount, limit)| Some((need, Left { amount: amount?, limit })));
    among(known)
}

/// How many cheap processes one case may add to those that there are: a quarter of what is left, since other cases want
/// some, too.
pub fn room_for_crowd() -> usize {
    let memory = [cgroup::left("memory", cgroup::memory), available()];
    let memory = memory.into_iter().flatten().map(|left| left / OF_A_CROWD);
    let processes = [processes_of_user(), cgroup::left("pids", cgroup::pids), processes_of_machine()];
    let left = memory.chain(processes.into_iter().flatten()).min().unwrap_or(0);
    usize::try_from(left / 4).unwrap_or(usize::MAX)
}

/// How many more processes and threads the kernel allows; `None` where /proc does not tell.
fn processes_of_machine() -> Option<u64> {
    let limit =
        |name: &str| fs::read_to_string(format!("/proc/sys/kernel/{name}")).ok()?.trim().parse::<u64>().ok();
    let there = nix::sys::sysinfo::sysinfo().ok()?.process_count();
    Some(limit("threads-max")?.min(limit("pid_max")?).saturating_sub(there.into()))
}

/// How many bytes of memory programs may take without swapping (MemAvailable, proc_meminfo(5)).
fn available() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let kilobytes = field(&text, "MemAvailable")?.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(kilobytes * 1024)
}

/// How many cases there is room for with so much left.
fn among(supplies: impl Iterator<Item = (Demand, Left)>) -> Result<usize, Shortage> {
    let (mut room, mut short) = (usize::MAX, Vec::new());
    for (need, left) in supplies {
        if left.amount < need.least {
            let [wanted, there] = [need.least, left.amount].map(|amount| amount / need.unit);
            short.push(format!("{wanted} {} are wanted, and there are {there} ({})", need.what, left.limit));
        }
        let further = left.amount.saturating_sub(need.first) / need.further;
        room = room.min(usize::try_from(further).unwrap_or(usize::MAX).saturating_add(1));
    }
    if short.is_empty() { Ok(room) } else { Err(Shortage(short)) }
}

/// The soft limit of this process; `None` when there is none.
fn limit(resource: Resource) -> Option<u64> {
    let (soft, _) = getrlimit(resource).ok()?;
    (soft != libc::RLIM_INFINITY).then_some(soft)
}

/// How many addresses this process has (proc_pid_status(5)); none where /proc does not show it.
fn mapped() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let size = field(&status, "VmSize").and_then(|size| size.split_whitespace().next());
    size.and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// How many more processes and threads this user may have, as far as /proc shows those that there are; `None`
/// when as many as there is room for.
fn processes_of_user() -> Option<u64> {
    let limit = limit(Resource::RLIMIT_NPROC)?;
    // setrlimit(2): not enforced for root, nor with either capability, of the first user namespace.
    let has = |capability| caps::has_cap(None, CapSet::Effective, capability).unwrap_or(false);
    let privileged =
        getuid().is_root() || has(Capability::CAP_SYS_ADMIN) || has(Capability::CAP_SYS_RESOURCE);
    let uid_map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    if privileged && uid_map.split_whitespace().eq(["0", "0", "4294967295"]) {
        return None;
    }
    Some(limit.saturating_sub(threads_of(getuid().as_raw())))
}

/// How many threads a user's processes have, as far as they can be seen.
fn threads_of(uid: u32) -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let threads = processes.filter_map(|process| {
        let status = fs::read_to_string(process.path().join("status")).ok()?;
        let real_uid = field(&status, "Uid")?.split_whitespace().next()?;
        (real_uid.parse() == Ok(uid)).then(|| field(&status, "Threads")?.parse::<u64>().ok()).flatten()
    });
    threads.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(need: Demand, amount: u64) -> Result<usize, Shortage> {
        among([(need, Left { amount, limit: "a limit" })].into_iter())
    }

    #[test]
    fn there_is_room_for_one_case_and_then_for_each_further() {
        assert_eq!(left(processes(true), 400), Ok(1));
        assert_eq!(left(processes(true), 400 + 90), Ok(2));
        assert_eq!(left(processes(true), 400 + 899), Ok(10));
        assert_eq!(left(descriptors(true), 1024), Ok(82));
        assert_eq!(left(processes(true), 340), Ok(1));
    }

    #[test]
    fn the_least_room_of_all_counts_and_every_shortage_is_named() {
        let both = |processes_left, memory_left| {
            let left = |amount| Left { amount, limit: "a limit" };
            among([(processes(true), left(processes_left)), (memory(true), left(memory_left))].into_iter())
        };
        assert_eq!(both(10_000, 66 * MEGABYTE), Ok(1));
        let text = both(339, MEGABYTE).unwrap_err().to_string();
        assert!(text.contains("340 processes are wanted, and there are 339 (a limit)"), "{text}");
        assert!(text.contains("66 MB of memory are wanted, and there are 1 (a limit)"), "{text}");
    }

    #[test]
    fn a_run_without_the_largest_case_needs_less() {
        assert!(processes(false).least < processes(true).least);
        assert!(descriptors(false).least < descriptors(true).least);
    }

    #[test]
    fn the_threads_of_this_user_are_counted() {
        let (entered, ready) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let (leave, left) = std::sync::mpsc::channel::<()>();
            scope.spawn(move || {
                entered.send(()).unwrap();
                left.recv().unwrap_err();
            });
            ready.recv().unwrap();
            assert!(threads_of(getuid().as_raw()) >= 2);
            drop(leave);
        });
        assert_eq!(threads_of(u32::MAX - 1), 0);
    }
}
