//! What is right in every mutant: a signaller is put together from these, but for its one mistake.

use super::proc::{Process, members};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use nix::errno::Errno;
use process_groups::{SignalName, Signaller, UnknownSignalName, signaller_fn};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The signal of one of the four names.
pub fn signal_of(name: &str) -> Result<i32, String> {
    let name: SignalName = name.parse().map_err(|unknown: UnknownSignalName| unknown.to_string())?;
    Ok(number(name))
}

/// The number of a signal.
pub fn number(name: SignalName) -> i32 {
    match name {
        SignalName::Term => libc::SIGTERM,
        SignalName::Kill => libc::SIGKILL,
        SignalName::Int => libc::SIGINT,
        SignalName::Hup => libc::SIGHUP,
    }
}

/// The id of the group that a leader pid stands for.
pub fn id_of(leader_pid: u32) -> Result<i32, String> {
    let id = i32::try_from(leader_pid).ok().filter(|&id| id > 1);
    id.ok_or_else(|| format!("no group can have the leader pid {leader_pid}"))
}

/// kill(2). Signal 0 only asks.
pub fn send(target: i32, signal: i32) -> Result<(), Errno> {
    // SAFETY: plain numbers.
    Errno::result(unsafe { libc::kill(target, signal) }).map(drop)
}

/// The pid of the process that started this one.
pub fn parent() -> i32 {
    std::os::unix::process::parent_id() as i32
}

/// What kill(2) on a group means.
pub fn answer(sent: Result<(), Errno>) -> SignalResult {
    match sent {
        Ok(()) => Ok(true),
        Err(Errno::ESRCH) => Ok(false),
        Err(cause) => Err(format!("the signal could not be sent: {cause}")),
    }
}

/// Signals a group as it should be.
pub fn deliver(id: i32, signal: i32) -> SignalResult {
    answer(send(-id, signal))
}

/// Answers one call as it should be.
pub fn right(leader_pid: u32, signal_name: &str) -> SignalResult {
    let signal = signal_of(signal_name)?;
    deliver(id_of(leader_pid)?, signal)
}

/// Whether kill(2) finds a target, permitted or not.
pub fn is_there(target: i32) -> bool {
    send(target, 0) != Err(Errno::ESRCH)
}

/// A descriptor of a process, live or unreaped; `None` when there is none.
pub fn pidfd(pid: i32) -> Option<OwnedFd> {
    crate::sys::pidfd::open(pid as u32).ok()
}

/// Signals those of `targets` that are live, one by one. Delivered if one of them could be signalled.
pub fn deliver_to(targets: &[Process], signal: i32) -> SignalResult {
    let sent = targets.iter().filter(|target| target.is_live()).map(|target| send(target.pid, signal));
    let sent: Vec<_> = sent.collect();
    let best = sent.iter().find(|one| one.is_ok()).or(sent.iter().find(|one| **one != Err(Errno::ESRCH)));
    answer(best.copied().unwrap_or(Err(Errno::ESRCH)))
}

/// Signals a group as it should be, but for the live members that are `passed_over`.
pub fn deliver_except(id: i32, signal: i32, passed_over: impl Fn(&Process) -> bool) -> SignalResult {
    let (left_out, reached): (Vec<_>, Vec<_>) =
        members(id).into_iter().partition(|member| member.is_live() && passed_over(member));
    if left_out.is_empty() {
        return deliver(id, signal);
    }
    let answer = deliver_to(&reached, signal);
    if answer == Ok(false) { Ok(true) } else { answer }
}

/// A signaller that checks its arguments as it should, and then does what `deliver` says.
pub fn checked(deliver: impl Fn(i32, i32) -> SignalResult + Send + Sync + 'static) -> Arc<dyn Signaller> {
    Arc::new(signaller_fn(move |leader_pid, name: &str| {
        let signal = signal_of(name)?;
        deliver(id_of(leader_pid)?, signal)
    }))
}

/// A signaller that keeps for so long what it knows of groups that have exited.
pub fn remembering_the_exited(time: Duration) -> Arc<dyn Signaller> {
    let exited = Mutex::new(HashMap::new());
    checked(move |id, signal| {
        if is_recent(&exited, id, time) {
            return Ok(false);
        }
        let answer = deliver(id, signal);
        if answer == Ok(false) {
            lock(&exited).insert(id, Instant::now());
        }
        answer
    })
}

/// Whether that was taken note of within the last `time`.
pub fn is_recent(notes: &Mutex<HashMap<i32, Instant>>, id: i32, time: Duration) -> bool {
    lock(notes).get(&id).is_some_and(|at| at.elapsed() < time)
}

/// A signaller that is right but for how it reads names.
pub fn naming(signal_of: impl Fn(&str) -> Result<i32, String> + Send + Sync + 'static) -> Arc<dyn Signaller> {
    Arc::new(signaller_fn(move |leader_pid, name: &str| {
        let signal = signal_of(name)?;
        deliver(id_of(leader_pid)?, signal)
    }))
}

/// A signaller that is right but for leader pids that no group can have: `otherwise` answers for those.
pub fn leading(otherwise: impl Fn(u32, i32) -> SignalResult + Send + Sync + 'static) -> Arc<dyn Signaller> {
    Arc::new(signaller_fn(move |leader_pid, name: &str| {
        let signal = signal_of(name)?;
        match id_of(leader_pid) {
            Ok(id) => deliver(id, signal),
            Err(_) => otherwise(leader_pid, signal),
        }
    }))
}

/// Does it later, on another thread.
pub fn later(milliseconds: u64, act: impl FnOnce() + Send + 'static) {
    thread::spawn(move || {
        pause(milliseconds);
        act();
    });
}

/// Does nothing for a while.
pub fn pause(milliseconds: u64) {
    thread::sleep(Duration::from_millis(milliseconds));
}

/// Has SIGALRM sent to this process in so many seconds, in place of what was set before; 0 for never.
pub fn set_alarm(seconds: u32) {
    // SAFETY: a plain number.
    unsafe { libc::alarm(seconds) };
}
