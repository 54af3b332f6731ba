//! Handing descriptors to another process. A subject's pipes go to the process that starts it: over the
//! socket that is that process's standard input, ahead of all else that is said there (SCM_RIGHTS, unix(7)).
//!
//! A process could inherit them, at numbers of its own; but then each start of a process is a fork(2) of the
//! suite, where posix_spawn(3) copies none of its memory.

use super::agent::Pipes;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

/// Descriptors travel beside bytes; this one says nothing.
const BYTE: [u8; 1] = [0];

/// Hands the subject's `pipes` to whoever has the other end of `socket`, and closes them here.
///
/// # Errors
/// sendmsg(2)'s.
pub fn give_pipes(socket: &UnixStream, pipes: Pipes) -> io::Result<()> {
    send(socket, &[&pipes.input, &pipes.output, &pipes.errors, &pipes.watch].map(AsRawFd::as_raw_fd))
}

/// Takes the pipes that are handed over at the standard input. They close on exec.
///
/// # Errors
/// recvmsg(2)'s; EBADMSG when something else is there.
pub fn take_pipes() -> io::Result<Pipes> {
    let [input, output, errors, watch] = receive(&io::stdin(), MsgFlags::empty())?;
    Ok(Pipes { input, output, errors, watch })
}

/// Hands descriptors to whoever has the other end of `socket`. They stay open here.
///
/// # Errors
/// sendmsg(2)'s.
pub fn give<const N: usize>(socket: &impl AsRawFd, fds: [&OwnedFd; N]) -> io::Result<()> {
    send(socket, &fds.map(AsRawFd::as_raw_fd))
}

/// Takes descriptors that were handed over already. They close on exec.
///
/// # Errors
/// recvmsg(2)'s; EAGAIN when nothing was handed over; EBADMSG when nobody will.
pub fn take<const N: usize>(socket: &impl AsRawFd) -> io::Result<[OwnedFd; N]> {
    receive(socket, MsgFlags::MSG_DONTWAIT)
}

fn send(socket: &impl AsRawFd, fds: &[RawFd]) -> io::Result<()> {
    let control = [ControlMessage::ScmRights(fds)];
    sendmsg::<()>(socket.as_raw_fd(), &[IoSlice::new(&BYTE)], &control, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

fn receive<const N: usize>(socket: &impl AsRawFd, flags: MsgFlags) -> io::Result<[OwnedFd; N]> {
    let mut byte = BYTE;
    let mut parts = [IoSliceMut::new(&mut byte)];
    let mut control = cmsg_space!([RawFd; N]);
    let flags = flags | MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
    let fds = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmRights(fds) => <[RawFd; N]>::try_from(fds).ok(),
        _ => None,
    });
    // SAFETY: the kernel just gave these descriptors to this process, and nobody else knows of them.
    Ok(fds.ok_or(Errno::EBADMSG)?.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }))
}
