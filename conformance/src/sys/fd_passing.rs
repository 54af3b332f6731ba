//! Messages between two processes of this machine that descriptors travel beside (SCM_RIGHTS, unix(7)).

use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// Descriptors travel beside bytes; this one says nothing.
const BYTE: [u8; 1] = [0];

/// Hands descriptors to whoever has the other end of `socket`. They stay open here.
///
/// # Errors
/// sendmsg(2)'s.
pub fn give<const N: usize>(socket: &impl AsRawFd, fds: [&OwnedFd; N]) -> io::Result<()> {
    Ok(send(socket, &BYTE, &fds.map(AsRawFd::as_raw_fd))?)
}

/// Takes descriptors that are handed over; waits for them unless `flags` say otherwise. They close on exec.
///
/// # Errors
/// recvmsg(2)'s; EAGAIN when nothing was handed over; EBADMSG when something else was, or nobody will.
pub fn take<const N: usize>(socket: &impl AsRawFd, flags: MsgFlags) -> io::Result<[OwnedFd; N]> {
    let (_, fds) = receive(socket, &mut { BYTE }, flags)?;
    Ok(fds.ok_or(Errno::EBADMSG)?)
}

/// Sends bytes with descriptors, which stay open here.
///
/// # Errors
/// sendmsg(2)'s; EPIPE when the other end is gone.
pub fn send(socket: &impl AsRawFd, bytes: &[u8], fds: &[RawFd]) -> Result<(), Errno> {
    let control = (!fds.is_empty()).then_some(ControlMessage::ScmRights(fds));
    let parts = [IoSlice::new(bytes)];
    sendmsg::<()>(socket.as_raw_fd(), &parts, control.as_slice(), MsgFlags::MSG_NOSIGNAL, None).map(drop)
}

/// Receives bytes into `bytes`, with `N` descriptors if so many come along. Returns how many bytes it was. The
/// descriptors close on exec.
///
/// # Errors
/// recvmsg(2)'s.
pub fn receive<const N: usize>(
    socket: &impl AsRawFd,
    bytes: &mut [u8],
    flags: MsgFlags,
) -> Result<(usize, Option<[OwnedFd; N]>), Errno> {
    let mut control = cmsg_space!([RawFd; N]);
    let mut parts = [IoSliceMut::new(bytes)];
    let flags = flags | MsgFlags::MSG_CMSG_CLOEXEC;
    let message = loop {
        match recvmsg::<()>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags) {
            Err(Errno::EINTR) => {}
            message => break message?,
        }
    };
    let fds = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmRights(fds) => <[RawFd; N]>::try_from(fds).ok(),
        _ => None,
    });
    // SAFETY: the kernel just gave these descriptors to this process, and nobody else knows of them.
    Ok((message.bytes, fds.map(|fds| fds.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }))))
}
