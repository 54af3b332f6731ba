//! A forked process that the agent commands over a socket: a member of a group, a bystander, a parent.

use super::child;
use super::fork::{Forked, fork};
use super::program::{self, Pipes};
use super::signals::{self, Taker};
use crate::testbed::protocol::{Disposition, Fork, Place, Program, Receipt, State};
use caps::CapSet;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recv, recvmsg, send, sendmsg};
use nix::sys::sysinfo::sysinfo;
use nix::unistd::{Pid, Uid, setpgid, setresuid, setsid};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ffi::CString;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

/// What the agent tells a member to do. One answer each.
#[derive(Debug, Serialize, Deserialize)]
pub enum Order {
    /// Say what signals came and are pending. Answered by [`Word::Received`].
    Report,
    /// Exit with status 0. Not answered.
    Exit,
    /// Fork a child whose socket is passed along. Answered by [`Word::Forked`].
    Fork(Fork),
    /// Say how a child ended. Answered by [`Word::Ended`].
    HowEnded(u32),
    /// Reap a child that has exited. Answered by [`Word::Done`].
    Reap(u32),
}

/// What a member says.
#[derive(Debug, Serialize, Deserialize)]
pub enum Word {
    /// It is where it should be and does with signals what it should. The first word of each.
    Ready,
    /// The signals it took or caught, and those that are still pending.
    Received { received: Vec<Receipt>, pending: Vec<i32> },
    /// It is a parent, and the program that it started has this pid. The first word of the subject's parent.
    Started(u32),
    /// The child's pid.
    Forked(u32),
    /// How the child ended; `None` while it has not.
    Ended(Option<State>),
    /// It was done.
    Done,
    /// It could not be done; why.
    Failed(String),
}

/// How long a storm lasts at most, should nobody end it.
const STORM: Duration = Duration::from_secs(20);
/// How many processes of a storm there are at a time.
const STORM_WIDTH: usize = 8;
/// By how many processes it may outrun the reaper.
const STORM_CROWD: usize = 1000;

/// Forks a member as `how` says, commanded over the other end of `socket`. Returns its pid; it says
/// [`Word::Ready`] or [`Word::Failed`] when it is set up.
///
/// # Errors
/// [`fork`]'s.
pub fn fork_member(how: &Fork, socket: OwnedFd) -> Result<u32, Errno> {
    match fork(how.id)? {
        Forked::Parent(pid) => Ok(pid),
        Forked::Child => {
            live(how, socket);
            exit()
        }
    }
}

/// Forks the subject's parent: a watching member in a group of its own, which starts `program` and then lives like any
/// other. Returns its pid; it says [`Word::Started`] or [`Word::Failed`].
///
/// # Errors
/// [`fork`]'s.
pub fn fork_parent(program: &Program, pipes: Pipes, socket: OwnedFd) -> Result<u32, Errno> {
    match fork(None)? {
        Forked::Parent(pid) => Ok(pid),
        Forked::Child => {
            let how = Fork { group: Place::Own, ..Fork::plain() };
            let started = set_up(&how).map_err(|cause| cause.desc().to_owned());
            let started = started.and_then(|()| program::start(program, pipes));
            let socket = keep_only(socket);
            let humble = become_ordinary().map_err(|cause| cause.to_string());
            let word = humble.and(started).map_or_else(Word::Failed, Word::Started);
            serve(socket, how.disposition, word);
            exit()
        }
    }
}

/// Sends one message over a member's socket, with a descriptor if there is one.
///
/// # Errors
/// sendmsg(2)'s; EPIPE when the other end is gone.
pub fn tell<T: Serialize>(socket: &impl AsRawFd, message: &T, pass: Option<RawFd>) -> Result<(), Errno> {
    let bytes = serde_json::to_vec(message).map_err(|_| Errno::EINVAL)?;
    match pass {
        None => send(socket.as_raw_fd(), &bytes, MsgFlags::MSG_NOSIGNAL).map(drop),
        Some(fd) => {
            let fds = [fd];
            let control = [ControlMessage::ScmRights(&fds)];
            let parts = [IoSlice::new(&bytes)];
            sendmsg::<()>(socket.as_raw_fd(), &parts, &control, MsgFlags::MSG_NOSIGNAL, None).map(drop)
        }
    }
}

/// Takes one message from a member's socket, waiting for it, with the descriptor that came along.
///
/// # Errors
/// recvmsg(2)'s; EPIPE when the other end is gone; EBADMSG when it is no such message.
pub fn hear<T: DeserializeOwned>(socket: &impl AsRawFd) -> Result<(T, Option<OwnedFd>), Errno> {
    // How long it is, first: a buffer for the longest that could be would cost more than the message.
    let length = loop {
        match recv(socket.as_raw_fd(), &mut [], MsgFlags::MSG_PEEK | MsgFlags::MSG_TRUNC) {
            Err(Errno::EINTR) => {}
            Err(cause) => return Err(cause),
            Ok(0) => return Err(Errno::EPIPE),
            Ok(length) => break length,
        }
    };
    let mut bytes = vec![0; length];
    let mut control = cmsg_space!(RawFd);
    let mut parts = [IoSliceMut::new(&mut bytes)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let (length, passed) = loop {
        match recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags) {
            Err(Errno::EINTR) => {}
            Err(cause) => return Err(cause),
            Ok(message) => {
                let passed = message.cmsgs()?.find_map(|control| match control {
                    ControlMessageOwned::ScmRights(fds) => fds.first().copied(),
                    _ => None,
                });
                break (message.bytes, passed);
            }
        }
    };
    // SAFETY: the kernel just gave this descriptor to this process, and nobody else knows of it.
    let passed = passed.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
    let message = serde_json::from_slice(&bytes[..length]).map_err(|_| Errno::EBADMSG)?;
    Ok((message, passed))
}

/// The life of a member, from its fork on. Returns when it is told to exit or nobody commands it any more.
fn live(how: &Fork, socket: OwnedFd) {
    let socket = keep_only(socket);
    let ready = become_ordinary()
        .map_err(|cause| cause.to_string())
        .and_then(|()| set_up(how).map_err(|cause| cause.desc().to_owned()));
    let word = ready.map_or_else(Word::Failed, |()| Word::Ready);
    serve(socket, how.disposition, word);
}

/// Says `word`, takes signals as `disposition` says, and obeys. Returns when it is told to exit or nobody commands it any
/// more.
fn serve(socket: OwnedFd, disposition: Disposition, word: Word) {
    let mut taker = match (disposition, &word) {
        (Disposition::Watches, Word::Ready | Word::Started(_)) => Taker::new().ok(),
        _ => None,
    };
    if tell(&socket, &word, None).is_err() {
        return;
    }
    loop {
        match wait(&socket, taker.as_mut()) {
            Woken::Signal => {}
            Woken::Gone => return,
            Woken::Order => match hear::<Order>(&socket) {
                Err(_) | Ok((Order::Exit, _)) => return,
                Ok((order, passed)) => {
                    let word = obey(order, passed, taker.as_mut());
                    if tell(&socket, &word, None).is_err() {
                        return;
                    }
                }
            },
        }
    }
}

/// What a member woke up for.
enum Woken {
    Order,
    Signal,
    Gone,
}

fn wait(socket: &OwnedFd, taker: Option<&mut Taker>) -> Woken {
    let mut fds = vec![PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
    if let Some(taker) = &taker {
        fds.push(PollFd::new(taker.fd.as_fd(), PollFlags::POLLIN));
    }
    match poll(&mut fds, PollTimeout::NONE) {
        Err(Errno::EINTR) => return Woken::Signal,
        Err(_) => return Woken::Gone,
        Ok(_) => {}
    }
    let events = fds[0].revents().unwrap_or(PollFlags::empty());
    if let Some(taker) = taker {
        taker.drain();
    }
    if events.contains(PollFlags::POLLIN) {
        Woken::Order
    } else if events.is_empty() {
        Woken::Signal
    } else {
        Woken::Gone
    }
}

fn obey(order: Order, passed: Option<OwnedFd>, taker: Option<&mut Taker>) -> Word {
    match (order, passed) {
        (Order::Exit, _) => Word::Done,
        (Order::Report, _) => {
            let received = match taker {
                Some(taker) => {
                    taker.drain();
                    taker.received().to_vec()
                }
                None => signals::caught(),
            };
            Word::Received { received, pending: signals::pending() }
        }
        (Order::Fork(how), Some(socket)) => match fork_member(&how, socket) {
            Ok(pid) => Word::Forked(pid),
            Err(cause) => Word::Failed(cause.desc().to_owned()),
        },
        (Order::Fork(_), None) => Word::Failed("no socket came along".to_owned()),
        (Order::HowEnded(pid), _) => match child::how_ended(pid) {
            Ok(state) => Word::Ended(state),
            Err(cause) => Word::Failed(cause.desc().to_owned()),
        },
        (Order::Reap(pid), _) => match child::reap(pid) {
            Ok(()) => Word::Done,
            Err(cause) => Word::Failed(cause.desc().to_owned()),
        },
    }
}

/// Closes every descriptor but the socket: the pipes of the subject and of the agent must close when their
/// users close them, whatever members there are.
fn keep_only(socket: OwnedFd) -> OwnedFd {
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

/// Lets others look at this process as at any: the agent cannot be traced or dumped, and whoever traces a process must
/// have all its privileges (cap_ptrace_access_check in the kernel's security/commoncap.c), of which a subject lacks these.
fn become_ordinary() -> Result<(), Box<dyn std::error::Error>> {
    nix::sys::prctl::set_dumpable(true)?;
    for capability in program::TAKEN {
        caps::drop(None, CapSet::Effective, capability)?;
        caps::drop(None, CapSet::Permitted, capability)?;
    }
    Ok(())
}

fn set_up(how: &Fork) -> Result<(), Errno> {
    signals::reset_all();
    signals::block_all();
    match how.group {
        Place::Parents => {}
        Place::Own => setpgid(Pid::from_raw(0), Pid::from_raw(0))?,
        Place::OwnSession => drop(setsid()?),
        Place::Of(id) => setpgid(Pid::from_raw(0), Pid::from_raw(id as i32))?,
    }
    if let Some(name) = how.name.as_ref().and_then(|name| CString::new(name.as_str()).ok()) {
        nix::sys::prctl::set_name(&name)?;
    }
    if let Some(uid) = how.uid.map(Uid::from_raw) {
        setresuid(uid, uid, uid)?;
        // Who changes users is not dumpable, and newer kernels show nobody without privileges how such a one ended.
        nix::sys::prctl::set_dumpable(true)?;
    }
    let four = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP];
    match how.disposition {
        Disposition::Watches | Disposition::Blocks => signals::catch_all(&[]),
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

/// Forks a successor and exits; the successor does likewise. While there are more than `most` processes it only waits for
/// the reaper: pids are for the whole machine.
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

fn exit() -> ! {
    // SAFETY: _exit(2) is always safe to call; it leaves the agent's buffers and at-exit handlers alone.
    unsafe { libc::_exit(0) }
}
