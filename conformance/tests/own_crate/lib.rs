//! A signaller with one mistake.

use process_groups::{LocalSignaller, Signaller};

/// Takes a group that has exited for one that was told.
#[derive(Debug)]
pub struct Theirs;

impl Signaller for Theirs {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        LocalSignaller.signal(leader_pid, signal_name).map(|_delivered| true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use signaller_conformance::Suite;
    use std::convert::Infallible;

    #[test]
    fn theirs_delivers() {
        Suite::of(|| Ok::<_, Infallible>(Theirs)).only(|case| case.starts_with("reports-delivered/")).assert();
    }
}
