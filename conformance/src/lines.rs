//! Lines from a process that may be slow, noisy, silent or gone. Nothing here blocks past its deadline.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// The longest line that is taken: more is a flood.
const LONGEST_LINE: usize = 1 << 20;

/// What waiting for a line came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A whole line, without its end.
    Whole(Vec<u8>),
    /// Nothing within the time.
    Late,
    /// The far side closed its end; what it wrote after its last line end.
    Closed(Vec<u8>),
    /// More than [`LONGEST_LINE`] bytes and no line end.
    TooLong(Vec<u8>),
}

/// The reading end of a pipe, read by lines.
#[derive(Debug)]
pub struct LineReader {
    fd: OwnedFd,
    buffer: Vec<u8>,
    /// How much of `buffer` was searched for a line end already.
    searched: usize,
    closed: bool,
}

impl LineReader {
    /// Reads from `fd`, which becomes non-blocking.
    ///
    /// # Errors
    /// When `fd` takes no flags.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        set_nonblocking(fd.as_fd())?;
        Ok(Self { fd, buffer: Vec::new(), searched: 0, closed: false })
    }

    /// The descriptor, for polling beside others.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Whether the far side closed its end and all that it wrote was taken.
    pub fn is_closed(&self) -> bool {
        self.closed && self.buffer.is_empty()
    }

    /// The next line, if a whole one can be had without waiting; `None` if not, or at the end.
    ///
    /// # Errors
    /// When reading fails.
    pub fn next_ready(&mut self) -> io::Result<Option<Line>> {
        self.fill()?;
        Ok(self.take_line())
    }

    /// The next line, waiting for it until `deadline`.
    ///
    /// # Errors
    /// When reading fails.
    pub fn next_before(&mut self, deadline: Instant) -> io::Result<Line> {
        loop {
            if let Some(line) = self.next_ready()? {
                return Ok(line);
            }
            if !wait_for(&mut [PollFd::new(self.fd.as_fd(), PollFlags::POLLIN)], deadline)? {
                return Ok(Line::Late);
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 1 << 16];
        while !self.closed && self.buffer.len() <= LONGEST_LINE {
            match nix::unistd::read(&self.fd, &mut chunk) {
                Ok(0) => self.closed = true,
                Ok(length) => self.buffer.extend_from_slice(&chunk[..length]),
                Err(Errno::EAGAIN) => break,
                Err(Errno::EINTR) => {}
                Err(cause) => return Err(cause.into()),
            }
        }
        Ok(())
    }

    fn take_line(&mut self) -> Option<Line> {
        if let Some(end) = self.buffer[self.searched..].iter().position(|&byte| byte == b'\n') {
            let end = self.searched + end;
            let rest = self.buffer.split_off(end + 1);
            let mut line = std::mem::replace(&mut self.buffer, rest);
            line.pop();
            self.searched = 0;
            return Some(Line::Whole(line));
        }
        self.searched = self.buffer.len();
        if self.buffer.len() > LONGEST_LINE {
            self.searched = 0;
            return Some(Line::TooLong(std::mem::take(&mut self.buffer)));
        }
        self.closed.then(|| {
            self.searched = 0;
            Line::Closed(std::mem::take(&mut self.buffer))
        })
    }
}

/// Makes reads and writes of `fd` return at once.
///
/// # Errors
/// When `fd` takes no flags.
pub fn set_nonblocking(fd: BorrowedFd<'_>) -> io::Result<()> {
    let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL)?);
    fcntl(fd, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    Ok(())
}

/// Waits until one of `fds` is ready. Returns whether one was before `deadline`.
///
/// # Errors
/// When poll(2) fails.
pub fn wait_for(fds: &mut [PollFd<'_>], deadline: Instant) -> io::Result<bool> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // Rounded up, so that the last fraction of a millisecond is not a busy wait.
        let timeout = PollTimeout::try_from(left + Duration::from_micros(999)).unwrap_or(PollTimeout::MAX);
        match poll(fds, timeout) {
            Ok(0) if left.is_zero() => return Ok(false),
            Ok(0) | Err(Errno::EINTR) => {}
            Ok(_) => return Ok(true),
            Err(cause) => return Err(cause.into()),
        }
    }
}
