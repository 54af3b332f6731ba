//! The trait as a signaller, for the suite: this glue is all that it takes.

use nix::errno::Errno;
use nix::sys::signal::Signal;
use own_async::{LocalControl, ProcessControl};
use process_groups::{SignalName, Signaller};
use signaller_conformance::Suite;
use std::fmt::Debug;
use tokio::runtime::Runtime;

/// A [`ProcessControl`] with the runtime in which it is called.
#[derive(Debug)]
struct Adapter<C> {
    control: C,
    runtime: Runtime,
}

impl<C: ProcessControl + Debug + Send + Sync> Signaller for Adapter<C> {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        // The name comes first, from a closed list: after a look-up of the group a misspelt name would come
        // out as "exited". And `signal_name.parse::<Signal>()` would take thirty names, of which four are in
        // the contract.
        let signal = match signal_name.parse() {
            Ok(SignalName::Term) => Signal::SIGTERM,
            Ok(SignalName::Kill) => Signal::SIGKILL,
            Ok(SignalName::Int) => Signal::SIGINT,
            Ok(SignalName::Hup) => Signal::SIGHUP,
            Err(unknown) => return Err(unknown.to_string()),
        };
        // As a group, 0 is the caller's own and 1 is every process; and `as i32` makes 4294967295 a -1.
        let pgid = match i32::try_from(leader_pid) {
            Ok(pgid @ 2..) => pgid,
            _ => return Err(format!("no group for {signal_name} has the leader pid {leader_pid}")),
        };
        match self.runtime.block_on(self.control.kill_group(pgid, signal)) {
            Ok(()) => Ok(true),
            // This error type cannot say "exited", but its causes can: ESRCH alone means that nobody is left.
            // EPERM, say, is an error: that group goes on. An error that was made of a text has no causes to
            // ask; there the method itself must be taught to tell the two apart.
            Err(error) if error.downcast_ref() == Some(&Errno::ESRCH) => Ok(false),
            Err(error) => Err(format!("{error:#}")),
        }
    }
}

#[test]
fn local_control_conforms() {
    // The runtime is made in here, since the process that serves the signaller is not the one that runs the
    // test.
    let adapter = || Runtime::new().map(|runtime| Adapter { control: LocalControl, runtime });
    Suite::of(adapter).named("LocalControl").assert();
}
