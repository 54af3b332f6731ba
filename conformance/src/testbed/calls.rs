//! A system call of the subject, or of whatever it started, as it was seen before it happened.

use super::protocol::signal_name;
use crate::sys::notify::Waiting;
use crate::sys::pidfd;
use crate::sys::proc;
use nix::errno::Errno;
use std::fmt;
use std::fs;
use std::os::fd::AsRawFd;
use std::sync::LazyLock;
use std::time::Instant;

/// A call that sends a signal, or pins a process for that.
#[derive(Clone, Debug)]
pub struct SystemCall {
    /// When it was seen.
    pub at: Instant,
    /// Whose call it is.
    pub by: CallingThread,
    /// Which call it is.
    pub kind: Kind,
    /// Whom it is meant for; `None` if that cannot be told.
    pub target: Option<Target>,
    /// The signal that it sends; 0 for none.
    pub signal: i32,
    /// What becomes of it.
    pub fate: Fate,
    /// Its arguments, as reports write them.
    arguments: String,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It happens as if nobody had seen it.
    Happens,
    /// It fails with EPERM before it does anything: it is meant for those whom no signaller may signal.
    HeldBack,
    /// It fails with EPERM before it does anything, as it would on Darwin.
    AsOnDarwin,
    /// It fails with EPERM before it does anything, as for processes of another user.
    Refused,
    /// The suite does it in the kernel's place, for those whom the subject may signal, and it succeeds.
    InPart,
}

/// Whose call it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallingThread {
    /// The process, as the processes around it know it.
    pub pid: u32,
    /// The file of its program, unless it is the suite's.
    pub program: Option<String>,
    /// Its effective user.
    pub uid: u32,
    /// In how many PID namespaces it is, the suite's the first: in another than the groups, pids mean others.
    pub depth: usize,
    /// Its thread, as the processes around it know it.
    thread: u32,
}

/// Which call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// kill(2).
    Kill,
    /// tkill(2).
    Tkill,
    /// tgkill(2).
    Tgkill,
    /// rt_sigqueueinfo(2).
    Queue,
    /// rt_tgsigqueueinfo(2).
    QueueToThread,
    /// pidfd_open(2).
    Open,
    /// pidfd_send_signal(2).
    SendThrough,
}

/// Whom a call is meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The process with that pid, or one of its threads.
    Process(u32),
    /// The thread of the caller's own process.
    OwnThread,
    /// The group with that id.
    Group(u32),
    /// Whoever the caller may signal, but for the first process of the namespace and the caller (kill(2)).
    Everybody,
}

impl Kind {
    fn of(number: libc::c_long) -> Option<Self> {
        Some(match number {
            libc::SYS_kill => Self::Kill,
            libc::SYS_tkill => Self::Tkill,
            libc::SYS_tgkill => Self::Tgkill,
            libc::SYS_rt_sigqueueinfo => Self::Queue,
            libc::SYS_rt_tgsigqueueinfo => Self::QueueToThread,
            libc::SYS_pidfd_open => Self::Open,
            libc::SYS_pidfd_send_signal => Self::SendThrough,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Tkill => "tkill",
            Self::Tgkill => "tgkill",
            Self::Queue => "rt_sigqueueinfo",
            Self::QueueToThread => "rt_tgsigqueueinfo",
            Self::Open => "pidfd_open",
            Self::SendThrough => "pidfd_send_signal",
        }
    }
}

impl CallingThread {
    /// The process of a thread, which the suite's PID namespace has by that number; `None` if it is gone.
    pub fn of(thread: u32, program: Option<String>) -> Option<Self> {
        let status = proc::read(&format!("/proc/{thread}/status"))?;
        let processes = numbers(&status, "NStgid");
        let thread = *numbers(&status, "NSpid").last()?;
        let uid = *numbers(&status, "Uid").get(1)?;
        Some(Self { pid: *processes.last()?, program, uid, depth: processes.len(), thread })
    }
}

impl SystemCall {
    /// The call that waits; `None` if it is none of those that are known here. Its caller must wait until
    /// this returns.
    pub fn new(at: Instant, by: CallingThread, waiting: &Waiting) -> Option<Self> {
        let kind = Kind::of(waiting.number)?;
        let [first, second, third, fourth, ..] = waiting.arguments;
        // The kernel takes the lower half of what stands for a pid, a descriptor or a signal.
        let int = |argument: u64| argument as u32 as i32;
        let process = |pid: i32| u32::try_from(pid).ok().filter(|&pid| pid > 0).map(Target::Process);
        let own = |pid: i32| (pid.cast_unsigned() == by.pid).then_some(Target::OwnThread);
        let sent = |signal: i32| if signal == 0 { "0".to_owned() } else { signal_name(signal) };
        let (target, signal, arguments) = match kind {
            Kind::Kill => {
                let target = match int(first) {
                    0 => group_of(waiting.thread).map(Target::Group),
                    -1 => Some(Target::Everybody),
                    group if group < 0 => Some(Target::Group(group.unsigned_abs())),
                    pid => process(pid),
                };
                (target, int(second), format!("{}, {}", int(first), sent(int(second))))
            }
            Kind::Queue => {
                (process(int(first)), int(second), format!("{}, {}, …", int(first), sent(int(second))))
            }
            Kind::Tkill => {
                let own = (first as u32 == by.thread).then_some(Target::OwnThread);
                let target = own.or_else(|| process(int(first)));
                (target, int(second), format!("{}, {}", int(first), sent(int(second))))
            }
            Kind::Tgkill | Kind::QueueToThread => {
                let target = own(int(first)).or_else(|| process(int(first)));
                let more = if kind == Kind::Tgkill { "" } else { ", …" };
                (target, int(third), format!("{}, {}, {}{more}", int(first), int(second), sent(int(third))))
            }
            Kind::Open => (process(int(first)), 0, format!("{}, {second}", int(first))),
            Kind::SendThrough => {
                let pid = process_of(waiting.thread, int(first));
                let of = pid.map_or_else(|| int(first).to_string(), |pid| format!("pidfd of {pid}"));
                let is_group = fourth & u64::from(libc::PIDFD_SIGNAL_PROCESS_GROUP) != 0;
                let flags = match fourth {
                    0 => "0".to_owned(),
                    _ if is_group => "PIDFD_SIGNAL_PROCESS_GROUP".to_owned(),
                    flags => flags.to_string(),
                };
                let target = match pid {
                    // An older kernel refuses it, and nothing is sent.
                    Some(pid) if is_group => can_signal_groups().then_some(Target::Group(pid)),
                    pid => pid.map(Target::Process),
                };
                (target, int(second), format!("{of}, {}, …, {flags}", sent(int(second))))
            }
        };
        Some(Self { at, by, kind, target, signal, fate: Fate::Happens, arguments })
    }

    /// Whether it sends a signal, and does more than ask whether somebody is there.
    pub fn sends(&self) -> bool {
        self.kind != Kind::Open && self.signal != 0
    }
}

/// As reports write it.
impl fmt::Display for SystemCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.kind.name(), self.arguments)?;
        f.write_str(match self.fate {
            Fate::Happens | Fate::HeldBack => "",
            Fate::AsOnDarwin => ", refused as on Darwin: EPERM",
            Fate::Refused => ", refused as for another user's process: EPERM",
            Fate::InPart => ", which reached those members that may be signalled",
        })
    }
}

/// In how many PID namespaces this program is, as far as /proc shows.
pub fn depth() -> usize {
    numbers(&fs::read_to_string("/proc/self/status").unwrap_or_default(), "NStgid").len()
}

/// Whether this kernel signals groups through a pidfd (Linux 6.9, pidfd_send_signal(2)), found out by asking
/// about the own group with signal 0.
fn can_signal_groups() -> bool {
    static CAN: LazyLock<bool> = LazyLock::new(|| {
        let Ok(own) = pidfd::open(std::process::id()) else { return false };
        let no_info: *const libc::siginfo_t = std::ptr::null();
        let (number, flag) = (libc::SYS_pidfd_send_signal, libc::PIDFD_SIGNAL_PROCESS_GROUP);
        // SAFETY: a null siginfo is what the call takes for "as kill(2) fills it"; signal 0 is sent to nobody.
        let result = unsafe { libc::syscall(number, own.as_raw_fd(), 0, no_info, flag) };
        // A process that leads no group is told so.
        Errno::result(result) != Err(Errno::EINVAL)
    });
    *CAN
}

/// The id of the group of a thread's process, as that process knows it.
fn group_of(thread: u32) -> Option<u32> {
    let status = proc::read(&format!("/proc/{thread}/status"))?;
    numbers(&status, "NSpgid").last().copied()
}

/// The pid of the process that a thread's descriptor stands for, as the processes around it know it
/// (pidfd_open(2)); `None` if it is reaped, or no such descriptor.
fn process_of(thread: u32, descriptor: i32) -> Option<u32> {
    let info = fs::read_to_string(format!("/proc/{thread}/fdinfo/{descriptor}")).ok()?;
    numbers(&info, "NSpid").last().copied().filter(|&pid| pid > 0)
}

/// The numbers of the field `key`.
fn numbers(text: &str, key: &str) -> Vec<u32> {
    proc::field(text, key)
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A call of this very thread.
    fn call(number: libc::c_long, arguments: [u64; 6]) -> SystemCall {
        let thread = nix::unistd::gettid().as_raw().cast_unsigned();
        let by = CallingThread::of(thread, None).expect("this thread is there");
        let waiting = Waiting { id: 1, thread, number, arguments };
        SystemCall::new(Instant::now(), by, &waiting).expect("the call is known")
    }

    fn kill(target: i32, signal: i32) -> SystemCall {
        // As the C library passes an int: the upper half is anything.
        let argument = |int: i32| u64::from(int.cast_unsigned()) | 0xffff << 32;
        call(libc::SYS_kill, [argument(target), argument(signal), 0, 0, 0, 0])
    }

    #[test]
    fn whom_kill_is_meant_for_is_told_by_its_sign() {
        assert_eq!(kill(58, 15).target, Some(Target::Process(58)));
        assert_eq!(kill(-58, 15).target, Some(Target::Group(58)));
        assert_eq!(kill(-1, 15).target, Some(Target::Everybody));
        let own = nix::unistd::getpgrp().as_raw().cast_unsigned();
        assert_eq!(kill(0, 15).target, Some(Target::Group(own)));
        assert_eq!(kill(i32::MIN, 15).target, Some(Target::Group(1 << 31)));
    }

    #[test]
    fn a_question_with_signal_0_sends_nothing() {
        assert!(kill(-58, libc::SIGTERM).sends() && !kill(-58, 0).sends());
        assert!(!call(libc::SYS_pidfd_open, [58, 0, 0, 0, 0, 0]).sends());
    }

    #[test]
    fn a_call_reads_as_in_its_manual() {
        assert_eq!(kill(-58, libc::SIGTERM).to_string(), "kill(-58, SIGTERM)");
        assert_eq!(kill(-1, 0).to_string(), "kill(-1, 0)");
        assert_eq!(call(libc::SYS_tgkill, [58, 59, 23, 0, 0, 0]).to_string(), "tgkill(58, 59, SIGURG)");
        assert_eq!(call(libc::SYS_pidfd_open, [58, 0, 0, 0, 0, 0]).to_string(), "pidfd_open(58, 0)");
    }

    #[test]
    fn a_pidfd_tells_whose_it_is() {
        let own = std::process::id();
        let fd = pidfd::open(own).expect("a pidfd can be opened");
        let sent = |flags| call(libc::SYS_pidfd_send_signal, [fd.as_raw_fd() as u64, 15, 0, flags, 0, 0]);
        assert_eq!(sent(0).target, Some(Target::Process(own)));
        assert_eq!(sent(0).to_string(), format!("pidfd_send_signal(pidfd of {own}, SIGTERM, …, 0)"));
        let to_group = sent(libc::PIDFD_SIGNAL_PROCESS_GROUP.into());
        assert_eq!(to_group.target, can_signal_groups().then_some(Target::Group(own)));
    }

    #[test]
    fn a_programs_own_threads_are_told_from_others() {
        let own = u64::from(std::process::id());
        let thread = nix::unistd::gettid().as_raw() as u64;
        assert_eq!(call(libc::SYS_tgkill, [own, 1, 23, 0, 0, 0]).target, Some(Target::OwnThread));
        assert_eq!(call(libc::SYS_tkill, [thread, 23, 0, 0, 0, 0]).target, Some(Target::OwnThread));
        assert_eq!(call(libc::SYS_tkill, [1, 23, 0, 0, 0, 0]).target, Some(Target::Process(1)));
    }
}
