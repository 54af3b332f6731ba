//! A Landlock domain, from which nobody outside it can be signalled (landlock(7)).

use nix::errno::Errno;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// The version that knows of signals: Linux 6.12.
const OF_SIGNALS: libc::c_long = 6;
/// LANDLOCK_CREATE_RULESET_VERSION and LANDLOCK_SCOPE_SIGNAL of linux/landlock.h.
const VERSION: libc::c_uint = 1;
const SCOPE_SIGNAL: u64 = 1 << 1;

/// `struct landlock_ruleset_attr` of that version.
#[repr(C)]
struct Rules {
    handled_access_fs: u64,
    handled_access_net: u64,
    scoped: u64,
}

/// Whether there are such domains here: the kernel may be too old, or started without them.
pub fn is_here() -> bool {
    let nothing: *const Rules = std::ptr::null();
    // SAFETY: asked for the version, the kernel reads nothing.
    unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, 0_usize, VERSION) >= OF_SIGNALS }
}

/// Moves this thread, and what it becomes and starts, into a domain of its own. May be called between fork and
/// exec (signal-safety(7)).
///
/// # Errors
/// EPERM without CAP_SYS_ADMIN, as long as the thread may still gain privileges; ENOSYS and EOPNOTSUPP where
/// there are none.
pub fn enter() -> Result<(), Errno> {
    let rules = Rules { handled_access_fs: 0, handled_access_net: 0, scoped: SCOPE_SIGNAL };
    // SAFETY: the kernel copies the rules. The descriptor that it gives is nobody else's.
    unsafe {
        let ruleset =
            libc::syscall(libc::SYS_landlock_create_ruleset, &raw const rules, size_of::<Rules>(), 0);
        let ruleset = OwnedFd::from_raw_fd(Errno::result(ruleset)? as i32);
        Errno::result(libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), 0)).map(drop)
    }
}
