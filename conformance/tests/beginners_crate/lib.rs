//! Signallers with the mistakes that beginners make.

use nix::sys::signal::killpg;
use nix::unistd::Pid;
use process_groups::{LocalSignaller, SignalName, Signaller};
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Panics at a name that it does not know.
#[derive(Debug)]
pub struct Panics;

impl Signaller for Panics {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        let known: SignalName = signal_name.parse().expect("only four names are sent");
        LocalSignaller.signal(leader_pid, known.as_str())
    }
}

/// Waits until the group has exited.
#[derive(Debug)]
pub struct Waits;

impl Signaller for Waits {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        let answer = LocalSignaller.signal(leader_pid, signal_name);
        if answer == Ok(true) {
            while killpg(Pid::from_raw(leader_pid as i32), None).is_ok() {
                thread::sleep(Duration::from_millis(5));
            }
        }
        answer
    }
}

/// Runs a plain `kill`, whose status says nothing of why it failed.
#[derive(Debug)]
pub struct PlainKill;

impl Signaller for PlainKill {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        let output = Command::new("kill").args(["-s", signal_name, "--", &format!("-{leader_pid}")]).output();
        let output = output.map_err(|cause| cause.to_string())?;
        match output.status.success() {
            true => Ok(true),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }
}
