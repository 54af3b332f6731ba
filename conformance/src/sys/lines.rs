//! Lines from a process that may be slow, noisy, silent or gone. Nothing here blocks past its deadline.

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::pipe2;
use std::fs::OpenOptions;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

/// The longest line that is taken: more is a flood.
pub const LONGEST_LINE: usize = 1 << 20;

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
    /// How much of `buffer` was given out already.
    taken: usize,
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
        Ok(Self { fd, buffer: Vec::new(), taken: 0, searched: 0, closed: false })
    }

    /// The descriptor, for polling beside others.
    pub fn fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Closes the pipe for whoever writes to it; what comes next from here is the end.
    ///
    /// # Errors
    /// When no other pipe can be made.
    pub fn close(&mut self) -> io::Result<()> {
        let (ended, _) = pipe2(OFlag::O_CLOEXEC)?;
        close_for_all(std::mem::replace(&mut self.fd, ended));
        Ok(())
    }

    /// What was read after the last line end.
    pub fn unfinished(&self) -> &[u8] {
        &self.buffer[self.taken..]
    }

    /// The next line, if a whole one is there without waiting; `None` if not, or at the end.
    ///
    /// # Errors
    /// When reading fails.
    pub fn next_ready(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.take_line() {
            return Ok(Some(line));
        }
        self.fill()?;
        Ok(self.take_rest())
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
            // Bytes that come without end make no line either.
            let late = Instant::now() >= deadline;
            if late || !wait_for(&mut [PollFd::new(self.fd.as_fd(), PollFlags::POLLIN)], deadline)? {
                return Ok(Line::Late);
            }
        }
    }

    /// Reads what there is, as far as there is room.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.taken);
        self.searched -= self.taken;
        self.taken = 0;
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

    /// The next whole line of what was read.
    fn take_line(&mut self) -> Option<Line> {
        let Some(length) = self.buffer[self.searched..].iter().position(|&byte| byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let end = self.searched + length;
        let line = self.buffer[self.taken..end].to_vec();
        self.taken = end + 1;
        self.searched = self.taken;
        Some(Line::Whole(line))
    }

    /// The next whole line of what was read, or what there is instead once no more can come.
    fn take_rest(&mut self) -> Option<Line> {
        let line = self.take_line();
        if line.is_some() || !(self.closed || self.buffer.len() > LONGEST_LINE) {
            return line;
        }
        let rest = self.buffer.split_off(self.taken);
        self.buffer.clear();
        (self.taken, self.searched) = (0, 0);
        Some(if self.closed { Line::Closed(rest) } else { Line::TooLong(rest) })
    }
}

/// Closes the reading end of a pipe, and returns once nobody has it open: a process that is just being started
/// by another thread may have it until its exec. Gives up after five seconds.
pub fn close_for_all(reading_end: OwnedFd) {
    let path = format!("/proc/self/fd/{}", reading_end.as_raw_fd());
    let other_end = OpenOptions::new().write(true).custom_flags(libc::O_NONBLOCK).open(path);
    drop(reading_end);
    if let Ok(other_end) = other_end {
        // POLLERR, which needs not be asked for, says that nobody reads (poll(2)).
        let mut fds = [PollFd::new(other_end.as_fd(), PollFlags::empty())];
        let _ = wait_for(&mut fds, Instant::now() + Duration::from_secs(5));
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

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::pipe;

    fn reader_of(written: &[u8]) -> (LineReader, OwnedFd) {
        let (reading, writing) = pipe().unwrap();
        let far = writing.try_clone().unwrap();
        assert_eq!(nix::unistd::write(&writing, written), Ok(written.len()));
        (LineReader::new(reading).unwrap(), far)
    }

    #[test]
    fn lines_come_one_by_one_and_what_follows_the_last_is_unfinished() {
        let (mut lines, _far) = reader_of(b"one\n\nthr");
        assert_eq!(lines.next_ready().unwrap(), Some(Line::Whole(b"one".to_vec())));
        assert_eq!(lines.next_ready().unwrap(), Some(Line::Whole(Vec::new())));
        assert_eq!(lines.next_ready().unwrap(), None);
        assert_eq!(lines.unfinished(), b"thr");
    }

    #[test]
    fn a_line_may_come_in_pieces() {
        let (mut lines, far) = reader_of(b"one\ntw");
        assert_eq!(lines.next_ready().unwrap(), Some(Line::Whole(b"one".to_vec())));
        assert_eq!(lines.next_ready().unwrap(), None);
        nix::unistd::write(&far, b"o\n").unwrap();
        assert_eq!(lines.next_ready().unwrap(), Some(Line::Whole(b"two".to_vec())));
    }

    #[test]
    fn the_end_is_told_with_the_rest_and_then_again_and_again() {
        let (mut lines, far) = reader_of(b"one\nrest");
        drop(far);
        assert_eq!(lines.next_ready().unwrap(), Some(Line::Whole(b"one".to_vec())));
        assert_eq!(lines.next_ready().unwrap(), Some(Line::Closed(b"rest".to_vec())));
        assert_eq!(lines.next_ready().unwrap(), Some(Line::Closed(Vec::new())));
    }

    #[test]
    fn what_has_no_end_is_given_up_after_the_longest_line() {
        let (reading, writing) = pipe().unwrap();
        let flood = std::thread::spawn(move || while nix::unistd::write(&writing, &[b'x'; 4096]).is_ok() {});
        let mut lines = LineReader::new(reading).unwrap();
        let line = lines.next_before(Instant::now() + Duration::from_secs(60)).unwrap();
        assert!(matches!(&line, Line::TooLong(bytes) if bytes.len() > LONGEST_LINE), "{line:?}");
        drop(lines);
        flood.join().unwrap();
    }
}
