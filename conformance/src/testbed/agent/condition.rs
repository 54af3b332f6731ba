//! What somebody can change of the agent without a signal and without tracing it: its limits (prlimit(2)),
//! which another process of its user may set.

use nix::errno::Errno;
use nix::sys::resource::{RLIM_INFINITY, Resource, rlim_t};

/// Every limit that Linux has.
const LIMITS: [Resource; 16] = [
    Resource::RLIMIT_AS,
    Resource::RLIMIT_CORE,
    Resource::RLIMIT_CPU,
    Resource::RLIMIT_DATA,
    Resource::RLIMIT_FSIZE,
    Resource::RLIMIT_LOCKS,
    Resource::RLIMIT_MEMLOCK,
    Resource::RLIMIT_MSGQUEUE,
    Resource::RLIMIT_NICE,
    Resource::RLIMIT_NOFILE,
    Resource::RLIMIT_NPROC,
    Resource::RLIMIT_RSS,
    Resource::RLIMIT_RTPRIO,
    Resource::RLIMIT_RTTIME,
    Resource::RLIMIT_SIGPENDING,
    Resource::RLIMIT_STACK,
];

/// The limits of a process as they were, in the order of `LIMITS`. The agent changes none of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Condition([Limit; LIMITS.len()]);

/// The soft and the hard limit; `None` where it cannot be seen.
type Limit = Option<(rlim_t, rlim_t)>;

impl Condition {
    /// The limits of the process `pid`, which may have ended but is not reaped, as they are now.
    pub fn of(pid: u32) -> Self {
        Self(LIMITS.map(|resource| {
            let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: without new limits prlimit(2) only writes the old ones.
            let result =
                unsafe { libc::prlimit64(pid as i32, resource as _, std::ptr::null(), &raw mut limit) };
            Errno::result(result).ok().map(|_| (limit.rlim_cur, limit.rlim_max))
        }))
    }

    /// What is another limit `now`, in words.
    pub fn change(&self, now: &Self) -> Option<String> {
        let mut limits = LIMITS.iter().zip(self.0.iter().zip(&now.0));
        limits.find(|(_, (before, after))| before != after).map(|(resource, (before, after))| {
            format!("its limit {resource:?} was {} and is {}", describe(before), describe(after))
        })
    }
}

fn describe(limit: &Limit) -> String {
    let one = |limit: rlim_t| if limit == RLIM_INFINITY { "unlimited".to_owned() } else { limit.to_string() };
    limit.map_or("unknown".to_owned(), |(soft, hard)| format!("{} (at most {})", one(soft), one(hard)))
}
