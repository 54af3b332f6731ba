//! What the agent and its members say to each other, a message each, over a socket a member.

use crate::sys::fd_passing;
use crate::testbed::protocol::{Fork, Receipt, State};
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::ffi::CString;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

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
    /// Move to this group, which it leads if that has its pid. Answered by [`Word::Done`].
    SetGroup(u32),
    /// Take this name for its command (PR_SET_NAME, prctl(2)). Answered by [`Word::Done`].
    Rename(CString),
    /// Trace a child and keep it stopped. Answered by [`Word::Done`].
    Trace(u32),
    /// Put a group into the foreground of its terminal. Answered by [`Word::Done`].
    Foreground(u32),
    /// Put an empty folder over /proc, or take it away. Answered by [`Word::Done`].
    EmptyProc(bool),
    /// Add that many processes to its crowd, or fewer if no more can be forked. Answered by [`Word::Crowd`].
    Gather {
        /// How many.
        count: usize,
        /// Whether each leads a group of its own.
        leading: bool,
    },
    /// Say to whom of its crowd the signal was not sent. Answered by [`Word::Crowd`].
    MissedInCrowd(i32),
    /// End and reap its crowd. Answered by [`Word::Done`].
    Disperse,
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
    /// The pids of some of its crowd.
    Crowd(Vec<u32>),
    /// It was done.
    Done,
    /// It could not be done; why.
    Failed(String),
}

/// Sends one message over a member's socket, with a descriptor if there is one.
///
/// # Errors
/// sendmsg(2)'s; EPIPE when the other end is gone.
pub fn send_message<T: Serialize>(
    socket: &impl AsRawFd,
    message: &T,
    pass: Option<RawFd>,
) -> Result<(), Errno> {
    let bytes = serde_json::to_vec(message).map_err(|_| Errno::EINVAL)?;
    fd_passing::send(socket, &bytes, pass.as_slice())
}

/// Takes one message from a member's socket, waiting for it, with the descriptor that came along.
///
/// # Errors
/// recvmsg(2)'s; EPIPE when the other end is gone; EBADMSG when it is no such message.
pub fn receive_message<T: DeserializeOwned>(socket: &impl AsRawFd) -> Result<(T, Option<OwnedFd>), Errno> {
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
    let (length, passed) = fd_passing::receive(socket, &mut bytes, MsgFlags::empty())?;
    let message = serde_json::from_slice(&bytes[..length]).map_err(|_| Errno::EBADMSG)?;
    Ok((message, passed.map(|[fd]| fd)))
}
