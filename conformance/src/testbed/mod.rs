//! The place where real groups are made for a subject to signal.

pub mod agent;
mod behind;
mod link;
mod parcel;
pub mod protocol;
mod sandbox;

pub use behind::Behind;
pub use link::{AgentLink, Fault, SubjectPipes};

use agent::Pipes;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

/// Descriptors on which the process of a sandbox is given the subject's pipes: input, output, errors.
const SUBJECT_FDS: [RawFd; 3] = [3, 4, 5];

/// The life of a process that was started as the sandbox's: see [`sandbox::run`].
///
/// # Errors
/// When it cannot speak.
pub fn run_sandbox() -> io::Result<()> {
    sandbox::run(inherited_pipes())
}

/// The life of a process that keeps `files` as long as its input is open, and then removes them.
///
/// # Errors
/// When it cannot speak.
pub fn run_keeper(files: &[String]) -> io::Result<()> {
    agent::keep(|| {
        for file in files {
            // Gone already is as good.
            let _ = std::fs::remove_file(file);
        }
    })
}

/// The life of a process that was started as an agent without a sandbox. A subject runs beside it if its pipes
/// are given.
///
/// # Errors
/// When it cannot speak.
pub fn run_agent(with_subject: bool) -> io::Result<()> {
    agent::run(false, with_subject.then(inherited_pipes))
}

fn inherited_pipes() -> Pipes {
    let [input, output, errors] = SUBJECT_FDS.map(|fd| {
        // SAFETY: whoever starts this process in that role gives it these three, and nothing else knows of them.
        let pipe = unsafe { OwnedFd::from_raw_fd(fd) };
        // The subject gets them as its standard streams alone: what it closes must be closed. Only a bad
        // descriptor makes this fail, which would be told when the subject is started.
        let _ = fcntl(&pipe, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC));
        pipe
    });
    Pipes { input, output, errors }
}
