//! Who runs beside others and who runs alone.

use crate::roles::THIS_PROGRAM;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The turns of the cases of a run.
#[derive(Debug, Default)]
pub struct Turns {
    here: RwLock<()>,
    /// Locked by the cases of other processes, too.
    across: Option<File>,
}

/// A turn, which lasts until this is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    _here: Here<'a>,
    _across: Option<Flock<File>>,
}

#[derive(Debug)]
enum Here<'a> {
    Beside { _guard: RwLockReadGuard<'a, ()> },
    Alone { _guard: RwLockWriteGuard<'a, ()> },
}

impl Turns {
    /// For a case in each of several processes that run this very program at once, as nextest starts them.
    ///
    /// # Errors
    /// When the program's file cannot be opened.
    pub fn across_processes() -> io::Result<Self> {
        Ok(Self { across: Some(File::open(THIS_PROGRAM)?), ..Self::default() })
    }

    /// Waits for a turn: `alone`, or beside others that do not want to be alone.
    ///
    /// # Errors
    /// When the file system knows no locks (flock(2)).
    pub fn take(&self, alone: bool) -> io::Result<Turn<'_>> {
        let here = if alone {
            Here::Alone { _guard: self.here.write().unwrap_or_else(PoisonError::into_inner) }
        } else {
            Here::Beside { _guard: self.here.read().unwrap_or_else(PoisonError::into_inner) }
        };
        let across = self.across.as_ref().map(|file| lock(file, alone)).transpose()?;
        Ok(Turn { _here: here, _across: across })
    }
}

/// Locks a file for everybody who locks it.
fn lock(file: &File, alone: bool) -> io::Result<Flock<File>> {
    // A lock belongs to an opening of the file, not to the process: each turn opens it anew.
    let mut file = File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
    let how = if alone { FlockArg::LockExclusive } else { FlockArg::LockShared };
    loop {
        match Flock::lock(file, how) {
            Ok(lock) => return Ok(lock),
            Err((again, Errno::EINTR)) => file = again,
            Err((_, cause)) => return Err(cause.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn assert_alone_waits(turns: &Turns) {
        let (first, second) = (turns.take(false).unwrap(), turns.take(false).unwrap());
        let (told, hears) = mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let alone = turns.take(true).unwrap();
                told.send("alone").unwrap();
                drop(alone);
            });
            drop(first);
            told.send("one left").unwrap();
            drop(second);
        });
        assert_eq!(hears.try_iter().collect::<Vec<_>>(), ["one left", "alone"]);
    }

    #[test]
    fn whoever_is_alone_waits_for_all_others() {
        assert_alone_waits(&Turns::default());
        assert_alone_waits(&Turns::across_processes().unwrap());
    }

    #[test]
    fn whoever_is_alone_waits_for_other_processes() {
        let [here, elsewhere] = [(); 2].map(|()| Turns::across_processes().unwrap());
        let beside = here.take(false).unwrap();
        let other = File::open(format!("/proc/self/fd/{}", elsewhere.across.as_ref().unwrap().as_raw_fd()));
        let refused = Flock::lock(other.unwrap(), FlockArg::LockExclusiveNonblock);
        assert!(matches!(refused, Err((_, Errno::EWOULDBLOCK))));
        drop(beside);
        drop(elsewhere.take(true).unwrap());
    }
}
