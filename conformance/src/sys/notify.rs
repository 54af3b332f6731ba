//! System calls that wait until a supervisor has seen them: seccomp user notification (seccomp_unotify(2)).
//!
//! Linux 5.5 on: from then on a call that was seen may go on as if nobody had looked. No process is traced,
//! and whatever the watched process becomes and starts is watched, too.

use nix::errno::Errno;
use std::mem::{offset_of, zeroed};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::OnceLock;

/// Which calls wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// Whatever sends a signal, and what pins a process for that.
    Signals,
    /// Those, and whatever starts a process, a thread or a program.
    SignalsAndStarts,
}

/// [`Calls::Signals`].
const SIGNALS: [libc::c_long; 7] = [
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_send_signal,
];

/// What starts a process or a thread.
#[cfg(target_arch = "x86_64")]
pub const FORKS: &[libc::c_long] = &[libc::SYS_clone, libc::SYS_clone3, libc::SYS_fork, libc::SYS_vfork];
#[cfg(not(target_arch = "x86_64"))]
pub const FORKS: &[libc::c_long] = &[libc::SYS_clone, libc::SYS_clone3];

/// What starts a program.
pub const EXECS: &[libc::c_long] = &[libc::SYS_execve, libc::SYS_execveat];

/// The architecture whose calls are watched: the numbers of calls are its own (linux/audit.h).
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: Option<u32> = Some(0xc000_003e);
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: Option<u32> = Some(0xc000_00b7);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const ARCHITECTURE: Option<u32> = None;

/// Installed first: a call that the supervisor has taken is broken off by nothing but the caller's end, so
/// that no signal makes it fail or be seen twice (Linux 5.19). Older kernels know it not.
const FLAGS: libc::c_ulong = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
const PATIENT: libc::c_ulong = libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

/// Room for the structures of a kernel that has added fields, in 64-bit words.
const ROOM: usize = 64;

/// The steps of a filter beside one for each call.
const FRAME: usize = 5;
const STARTS: usize = FORKS.len() + EXECS.len();
const SHORT: usize = SIGNALS.len() + FRAME;
const LONG: usize = SIGNALS.len() + STARTS + FRAME;
static SHORT_FILTER: [libc::sock_filter; SHORT] = filter();
static LONG_FILTER: [libc::sock_filter; LONG] = filter();

/// The filter with so many steps: that of the signals, and as far as there is room of what starts something.
const fn filter<const LENGTH: usize>() -> [libc::sock_filter; LENGTH] {
    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    const fn step(code: u16, jt: u8, jf: u8, k: u32) -> libc::sock_filter {
        libc::sock_filter { code, jt, jf, k }
    }
    const fn number(place: usize) -> u32 {
        let (forks, execs) = (SIGNALS.len(), SIGNALS.len() + FORKS.len());
        let number = match place {
            place if place < forks => SIGNALS[place],
            place if place < execs => FORKS[place - forks],
            place => EXECS[place - execs],
        };
        number as u32
    }
    let architecture = match ARCHITECTURE {
        Some(architecture) => architecture,
        None => 0,
    };
    let calls = LENGTH - FRAME;
    let mut filter = [step(RETURN, 0, 0, libc::SECCOMP_RET_ALLOW); LENGTH];
    filter[0] = step(LOAD, 0, 0, offset_of!(libc::seccomp_data, arch) as u32);
    // Numbers of another architecture mean other calls.
    filter[1] = step(EQUAL, 0, calls as u8 + 1, architecture);
    filter[2] = step(LOAD, 0, 0, offset_of!(libc::seccomp_data, nr) as u32);
    let mut place = 0;
    while place < calls {
        filter[3 + place] = step(EQUAL, (calls - place) as u8, 0, number(place));
        place += 1;
    }
    filter[LENGTH - 1] = step(RETURN, 0, 0, libc::SECCOMP_RET_USER_NOTIF);
    filter
}

/// Lets the calls of this thread, and of whatever it becomes and starts, wait for whoever reads the returned
/// descriptor, which closes on exec. When nobody has it open any more, they fail with ENOSYS.
///
/// May be called between fork and exec (signal-safety(7)).
///
/// # Errors
/// EACCES without CAP_SYS_ADMIN over the user namespace, as long as the thread may still gain privileges
/// (seccomp(2)): that is left as it is, since programs that change the user would work otherwise. EBUSY when
/// somebody supervises it already.
pub fn install(calls: Calls) -> Result<OwnedFd, Errno> {
    if ARCHITECTURE.is_none() {
        return Err(Errno::ENOSYS);
    }
    let filter: &'static [libc::sock_filter] = match calls {
        Calls::Signals => &SHORT_FILTER,
        Calls::SignalsAndStarts => &LONG_FILTER,
    };
    match install_with(filter, FLAGS | PATIENT) {
        Err(Errno::EINVAL) => install_with(filter, FLAGS),
        result => result,
    }
}

fn install_with(filter: &'static [libc::sock_filter], flags: libc::c_ulong) -> Result<OwnedFd, Errno> {
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
    // SAFETY: the kernel copies the program, and writes nothing.
    let result =
        unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program) };
    let fd = Errno::result(result)?;
    // SAFETY: the kernel just gave this descriptor, and nobody else knows of it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Whether calls can be watched here, found out by trying on a thread of its own: a container may forbid it,
/// and nobody can be watched twice.
pub fn is_here() -> bool {
    static IS_HERE: OnceLock<bool> = OnceLock::new();
    let attempt = || {
        // Without privileges a thread must give up gaining some; this one ends at once.
        nix::sys::prctl::set_no_new_privs()?;
        let listener = install(Calls::Signals)?;
        are_structures_known().then_some(listener).ok_or(Errno::E2BIG)
    };
    let on_thread = || {
        let thread = std::thread::Builder::new().spawn(attempt);
        thread.is_ok_and(|thread| thread.join().is_ok_and(|result: Result<OwnedFd, Errno>| result.is_ok()))
    };
    *IS_HERE.get_or_init(on_thread)
}

/// Whether this kernel's structures fit into the room that is kept for them.
fn are_structures_known() -> bool {
    // SAFETY: zeroes are a value of the structure, which the kernel fills.
    let (result, sizes) = unsafe {
        let mut sizes: libc::seccomp_notif_sizes = zeroed();
        let result = libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_NOTIF_SIZES, 0, &raw mut sizes);
        (result, sizes)
    };
    result == 0
        && [sizes.seccomp_notif, sizes.seccomp_notif_resp].iter().all(|&size| usize::from(size) <= ROOM * 8)
}

/// A call that waits.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// What names it; it is never given again.
    pub id: u64,
    /// The caller's thread, as the reader's PID namespace has it.
    pub thread: u32,
    /// The number of the call.
    pub number: libc::c_long,
    /// Its arguments.
    pub arguments: [u64; 6],
}

/// Where watched calls wait to be seen.
#[derive(Debug)]
pub struct Listener(OwnedFd);

impl Listener {
    /// The one behind a descriptor of [`install`].
    pub fn new(fd: OwnedFd) -> Self {
        /// The kernel wakes the other side on the same processor then (Linux 6.6); others ignore it.
        const SYNC_WAKE_UP: u64 = 1;
        // SAFETY: a plain number, which this request takes for itself and not for an address.
        unsafe { libc::ioctl(fd.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP) };
        Self(fd)
    }

    /// Readable when a call waits; hung up once nobody is watched any more (Linux 5.9).
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// The next call that waits.
    ///
    /// # Errors
    /// ENOENT when its caller was ended meanwhile; EINTR.
    pub fn receive(&self) -> Result<Waiting, Errno> {
        let mut room = [0_u64; ROOM];
        // SAFETY: the kernel writes one structure, which fits, and wants it to be zero before.
        let result =
            unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, room.as_mut_ptr()) };
        Errno::result(result)?;
        // SAFETY: the kernel has filled it; the room is aligned for it and larger.
        let seen = unsafe { room.as_ptr().cast::<libc::seccomp_notif>().read() };
        let (id, thread, number) = (seen.id, seen.pid, libc::c_long::from(seen.data.nr));
        Ok(Waiting { id, thread, number, arguments: seen.data.args })
    }

    /// Whether the caller still waits: then what was read of its thread since is of no other that got its
    /// number.
    pub fn still_waits(&self, call: &Waiting) -> bool {
        // SAFETY: the kernel only reads the number.
        let result = unsafe {
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &raw const call.id)
        };
        result == 0
    }

    /// Lets a call go on as if nobody had seen it.
    pub fn let_go(&self, call: &Waiting) {
        self.answer(call, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32);
    }

    /// Lets a call fail before it has done anything.
    pub fn refuse(&self, call: &Waiting, cause: Errno) {
        self.answer(call, -(cause as i32), 0);
    }

    /// Lets a call return 0 without doing anything: what it asks for was done in its place.
    pub fn succeed(&self, call: &Waiting) {
        self.answer(call, 0, 0);
    }

    fn answer(&self, call: &Waiting, error: i32, flags: u32) {
        let mut room = [0_u64; ROOM];
        let answer = libc::seccomp_notif_resp { id: call.id, val: 0, error, flags };
        // SAFETY: the room is aligned for the structure and larger. Who was ended meanwhile needs no answer (ENOENT).
        unsafe {
            room.as_mut_ptr().cast::<libc::seccomp_notif_resp>().write(answer);
            libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, room.as_mut_ptr());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread;

    /// Two questions with signal 0 about this process, on a watched thread; the first goes on, the second is
    /// refused.
    #[test]
    fn a_call_waits_until_it_is_seen_and_goes_on_or_is_refused() {
        if !is_here() {
            eprintln!("nothing tried: seccomp user notification is not available here");
            return;
        }
        let (hand_over, handed_over) = mpsc::channel();
        let own = std::process::id();
        let watched = thread::spawn(move || {
            nix::sys::prctl::set_no_new_privs().expect("anybody may");
            hand_over.send(install(Calls::Signals).expect("it is available")).expect("somebody waits");
            // SAFETY: signal 0 is sent to nobody.
            [(); 2].map(|()| Errno::result(unsafe { libc::kill(own as i32, 0) }))
        });
        let listener = Listener::new(handed_over.recv().expect("it is handed over"));
        let first = listener.receive().expect("a call waits");
        assert_eq!((first.number, &first.arguments[..2]), (libc::SYS_kill, &[u64::from(own), 0][..]));
        assert!(listener.still_waits(&first) && !watched.is_finished());
        listener.let_go(&first);
        let second = listener.receive().expect("another call waits");
        assert!(second.id != first.id && !listener.still_waits(&first));
        listener.refuse(&second, Errno::EPERM);
        assert_eq!(watched.join().expect("it does not panic"), [Ok(0), Err(Errno::EPERM)]);
    }
}
