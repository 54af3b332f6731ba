//! Who runs beside others and who runs alone.

use crate::subcommands::THIS_PROGRAM;
use crate::sys::lock::{lock, wait_while};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::{Condvar, Mutex, MutexGuard};

/// The turns of the cases of a run.
///
/// Whoever waits to be alone goes before all who do not: what it finds out, others need not wait for.
#[derive(Debug, Default)]
pub struct Turns {
    here: Mutex<Here>,
    changed: Condvar,
    /// Locked by the cases of other processes, too.
    across: Option<File>,
}

#[derive(Debug, Default)]
struct Here {
    beside: usize,
    alone: usize,
    /// How many wait to be alone.
    waiting: usize,
    /// What tells other processes that somebody is here. It is held for all together: whoever is alone waits
    /// for other processes, and not for those here that sit out.
    across: Option<Flock<File>>,
}

/// A turn, which lasts until this is dropped.
#[derive(Debug)]
pub struct Turn<'a> {
    turns: &'a Turns,
    alone: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        match self.alone {
            true => self.turns.go(|here| here.alone -= 1),
            false => self.turns.go(|here| here.beside -= 1),
        }
    }
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
        let come = if alone { Self::come_alone } else { Self::come_beside };
        let came = come(self);
        // Also without a lock it has come, and goes with this.
        let turn = Turn { turns: self, alone };
        came.map(|()| turn)
    }

    /// Runs `wait` without the turn beside others that the caller has: others may be alone meanwhile.
    pub fn leave_while<T>(&self, wait: impl FnOnce() -> T) -> T {
        /// Takes the turn again, also when the wait panics.
        struct Left<'a>(&'a Turns);
        impl Drop for Left<'_> {
            fn drop(&mut self) {
                // There were locks when it came first.
                let _ = self.0.come_beside();
            }
        }
        self.go(|here| here.beside -= 1);
        let _left = Left(self);
        wait()
    }

    fn come_alone(&self) -> io::Result<()> {
        let mut here = self.lock();
        here.waiting += 1;
        here = self.wait_while(here, |here| here.beside + here.alone > 0);
        here.waiting -= 1;
        here.alone += 1;
        self.lock_across(&mut here, FlockArg::LockExclusive)
    }

    fn come_beside(&self) -> io::Result<()> {
        let mut here = self.wait_while(self.lock(), |here| here.alone + here.waiting > 0);
        here.beside += 1;
        if here.beside > 1 { Ok(()) } else { self.lock_across(&mut here, FlockArg::LockShared) }
    }

    /// Waits for the turn of this process among others. Nobody has one here.
    fn lock_across(&self, here: &mut Here, how: FlockArg) -> io::Result<()> {
        here.across = self.across.as_ref().map(|file| lock_file(file, how)).transpose()?;
        Ok(())
    }

    /// Ends a turn.
    fn go(&self, end: impl FnOnce(&mut Here)) {
        let mut here = self.lock();
        end(&mut here);
        if here.beside + here.alone == 0 {
            here.across = None;
        }
        self.changed.notify_all();
    }

    fn wait_while<'a>(
        &'a self,
        here: MutexGuard<'a, Here>,
        is_so: impl FnMut(&mut Here) -> bool,
    ) -> MutexGuard<'a, Here> {
        wait_while(&self.changed, here, is_so)
    }

    fn lock(&self) -> MutexGuard<'_, Here> {
        lock(&self.here)
    }
}

/// Locks a file for everybody who locks it.
fn lock_file(file: &File, how: FlockArg) -> io::Result<Flock<File>> {
    // A lock belongs to an opening of the file, which children inherit: each turn opens it anew.
    let mut file = File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))?;
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
    fn whoever_waits_to_be_alone_goes_before_others() {
        let turns = Turns::default();
        let first = turns.take(false).unwrap();
        let (told, hears) = mpsc::channel();
        std::thread::scope(|scope| {
            for name in ["one alone", "another alone"] {
                let told = told.clone();
                let turns = &turns;
                scope.spawn(move || {
                    let _alone = turns.take(true).unwrap();
                    told.send(name).unwrap();
                });
            }
            while turns.lock().waiting < 2 {
                std::thread::yield_now();
            }
            scope.spawn(|| {
                let _beside = turns.take(false).unwrap();
                told.send("beside").unwrap();
            });
            drop(first);
        });
        assert_eq!(hears.try_iter().nth(2), Some("beside"));
    }

    fn assert_sits_out(turns: &Turns) {
        let _beside = turns.take(false).unwrap();
        let (told, hears) = mpsc::channel();
        std::thread::scope(|scope| {
            turns.leave_while(|| {
                let alone = turns.take(true).unwrap();
                let told = told.clone();
                scope.spawn(move || {
                    told.send("alone").unwrap();
                    drop(alone);
                });
            });
            told.send("back").unwrap();
        });
        assert_eq!(hears.try_iter().collect::<Vec<_>>(), ["alone", "back"]);
        assert_eq!(turns.lock().beside, 1);
    }

    #[test]
    fn whoever_sits_out_lets_others_be_alone_and_comes_back_after_them() {
        assert_sits_out(&Turns::default());
        assert_sits_out(&Turns::across_processes().unwrap());
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
