//! What a process says on its standard error: the end of it is kept, all of it is read.

use crate::sys::lines::{close_for_all, set_nonblocking};
use nix::errno::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// How many chunks are read at a time, for a process that writes faster than this reads: more than a pipe
/// holds.
const CHUNKS: usize = 32;

/// The end of what a process said on its standard error.
#[derive(Debug)]
pub struct StderrTail {
    /// `None` once it is closed.
    errors: Option<OwnedFd>,
    kept: Vec<u8>,
    most: usize,
}

impl StderrTail {
    /// Listens to `errors`, which becomes non-blocking, and keeps at most so many bytes.
    ///
    /// # Errors
    /// When it takes no flags.
    pub fn of(errors: OwnedFd, most: usize) -> io::Result<Self> {
        set_nonblocking(errors.as_fd())?;
        Ok(Self { errors: Some(errors), kept: Vec::new(), most })
    }

    /// The descriptor, for polling; `None` when nothing more can come.
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.errors.as_ref().map(OwnedFd::as_fd)
    }

    /// Reads what there is, without waiting.
    pub fn read(&mut self) {
        let mut chunk = [0; 1 << 14];
        for _ in 0..CHUNKS {
            let Some(errors) = &self.errors else { return };
            match nix::unistd::read(errors, &mut chunk) {
                Ok(length @ 1..) => {
                    self.kept.extend_from_slice(&chunk[..length]);
                    self.kept.drain(..self.kept.len().saturating_sub(self.most));
                }
                Err(Errno::EAGAIN) => return,
                Err(Errno::EINTR) => {}
                Ok(0) | Err(_) => self.errors = None,
            }
        }
    }

    /// Closes this end of it, and returns once nobody has it open.
    pub fn close(&mut self) {
        if let Some(errors) = self.errors.take() {
            close_for_all(errors);
        }
    }

    /// The end of what was heard, without blanks around it. It holds whatever the process wrote.
    pub fn text(&self) -> String {
        // A cut may have left the last bytes of a character in front.
        let whole = self.kept.iter().take(3).take_while(|&&byte| byte & 0xc0 == 0x80).count();
        String::from_utf8_lossy(&self.kept[whole..]).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::{pipe, write};

    #[test]
    fn the_end_is_kept_in_whole_characters() {
        let (reading, writing) = pipe().unwrap();
        let mut words = StderrTail::of(reading, 2048).unwrap();
        let said = format!("begin {} end\n", "é".repeat(3000));
        write(&writing, said.as_bytes()).unwrap();
        words.read();
        let text = words.text();
        assert!((2040..=2048).contains(&text.len()), "{}", text.len());
        assert!(text.starts_with('é') && text.ends_with("é end"), "{text}");
    }

    #[test]
    fn hearing_a_process_that_floods_comes_to_an_end() {
        let (reading, writing) = pipe().unwrap();
        let flood = std::thread::spawn(move || while write(&writing, &[b'x'; 4096]).is_ok() {});
        let mut words = StderrTail::of(reading, 2048).unwrap();
        words.read();
        words.read();
        assert!(words.fd().is_some());
        drop(words);
        flood.join().unwrap();
    }

    #[test]
    fn nobody_can_be_told_anything_once_it_is_closed() {
        let (reading, writing) = pipe().unwrap();
        let mut words = StderrTail::of(reading, 2048).unwrap();
        words.close();
        assert_eq!(write(&writing, b"x"), Err(Errno::EPIPE));
        words.close();
        assert_eq!(words.text(), "");
    }

    #[test]
    fn nothing_more_is_expected_after_the_end() {
        let (reading, writing) = pipe().unwrap();
        let mut words = StderrTail::of(reading, 2048).unwrap();
        write(&writing, b" last lines of standard error \n").unwrap();
        drop(writing);
        words.read();
        assert!(words.fd().is_none());
        words.read();
        assert_eq!(words.text(), "last lines of standard error");
    }
}
