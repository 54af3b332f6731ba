//! `nix::sys::signal::killpg`: ESRCH is a missing group, all else is an error.

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

fn main() -> std::io::Result<()> {
    signaller_adapters::serve(|leader_pid, name| {
        let signal: Signal = name.parse().map_err(|cause: Errno| cause.to_string())?;
        match killpg(Pid::from_raw(leader_pid), signal) {
            Ok(()) => Ok(true),
            Err(Errno::ESRCH) => Ok(false),
            Err(cause) => Err(cause.to_string()),
        }
    })
}
