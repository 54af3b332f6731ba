//! `rustix::process::kill_process_group`: ESRCH is a missing group, all else is an error. rustix parses no
//! names, so a caller has a table of their own.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};

fn main() -> std::io::Result<()> {
    signaller_adapters::serve(|leader_pid, name| {
        let signal = match name {
            "SIGTERM" => Signal::TERM,
            "SIGKILL" => Signal::KILL,
            "SIGINT" => Signal::INT,
            "SIGHUP" => Signal::HUP,
            _ => return Err("no such signal".to_owned()),
        };
        let leader = Pid::from_raw(leader_pid).ok_or("no such pid")?;
        match kill_process_group(leader, signal) {
            Ok(()) => Ok(true),
            Err(Errno::SRCH) => Ok(false),
            Err(cause) => Err(cause.to_string()),
        }
    })
}
