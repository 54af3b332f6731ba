//! What `signal_all` costs on live groups of this machine, and on one group of many members, beside a bare
//! loop of kill(2) over the same ids. `make_and_end` is a floor: a bare loop that makes a group of so many
//! members, kills it and reaps it.
//!
//! The groups are made here, ignore SIGHUP, and so live on from sample to sample; they end with this program.
//! Where the machine allows fewer processes than a line wants, the line is missing, and a message on standard
//! error says why.
//!
//! ```text
//! cargo bench -p process-groups --bench local
//! ```

fn main() {
    #[cfg(target_os = "linux")]
    {
        linux::ignore_sighup();
        divan::main();
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use divan::Bencher;
    use divan::counter::ItemsCount;
    use nix::sys::prctl::set_pdeathsig;
    use nix::sys::signal::{SigHandler, Signal, kill, signal};
    use nix::sys::wait::waitpid;
    use nix::unistd::{ForkResult, Pid, fork, getppid, pause, setpgid};
    use process_groups::ProcessGroups;

    const GROUPS: [usize; 4] = [1, 10, 1_000, 10_000];
    const MEMBERS: [usize; 5] = [1, 10, 100, 1_000, 10_000];
    const FEW_MEMBERS: [usize; 3] = [1, 2, 3];

    /// Children inherit it.
    pub fn ignore_sighup() {
        // SAFETY: no handler is set.
        unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) }.expect("SIGHUP can be ignored");
    }

    /// Live processes, which end when this is dropped, and with this program.
    struct Live(Vec<Pid>);

    impl Live {
        /// Groups of one member each.
        fn groups(groups: usize) -> Option<Self> {
            Self::new(groups, |_| Pid::from_raw(0))
        }

        /// One group of so many members, led by the first.
        fn members(members: usize) -> Option<Self> {
            Self::new(members, |live| *live.first().unwrap_or(&Pid::from_raw(0)))
        }

        fn new(processes: usize, group_of: fn(&[Pid]) -> Pid) -> Option<Self> {
            let mut live = Self(Vec::with_capacity(processes));
            for _ in 0..processes {
                match one_process(group_of(&live.0)) {
                    Ok(process) => live.0.push(process),
                    Err(cause) => {
                        eprintln!("no {processes} processes: this machine allows {} ({cause})", live.0.len());
                        return None;
                    }
                }
            }
            Some(live)
        }
    }

    /// A process in that group, or in one of its own if the group is 0.
    fn one_process(group: Pid) -> nix::Result<Pid> {
        let parent = Pid::this();
        // SAFETY: the child does nothing but system calls, and never returns.
        if let ForkResult::Parent { child } = unsafe { fork() }? {
            setpgid(child, group)?;
            return Ok(child);
        }
        if set_pdeathsig(Signal::SIGKILL).is_ok() && getppid() == parent {
            loop {
                pause();
            }
        }
        // SAFETY: it ends the child at once.
        unsafe { nix::libc::_exit(1) }
    }

    impl Drop for Live {
        fn drop(&mut self) {
            for process in &self.0 {
                kill(*process, Signal::SIGKILL).expect("a child that was not reaped");
            }
            for process in &self.0 {
                waitpid(*process, None).expect("as above");
            }
        }
    }

    #[divan::bench(args = GROUPS)]
    fn signal_all(bencher: Bencher<'_, '_>, groups: usize) {
        let Some(live) = Live::groups(groups) else { return };
        let mut held = ProcessGroups::default();
        live.0.iter().for_each(|leader| held.register(leader.as_raw().unsigned_abs(), "cargo build"));
        bencher.counter(ItemsCount::new(groups)).bench_local(|| held.signal_all("SIGHUP"));
        assert_eq!(held.entries().len(), groups, "nobody has exited");
    }

    #[divan::bench(args = GROUPS)]
    fn bare_kill(bencher: Bencher<'_, '_>, groups: usize) {
        let Some(live) = Live::groups(groups) else { return };
        let ids: Vec<i32> = live.0.iter().map(|leader| -leader.as_raw()).collect();
        bencher.counter(ItemsCount::new(groups)).bench_local(|| {
            for id in &ids {
                kill(Pid::from_raw(*id), Signal::SIGHUP).expect("nobody has exited");
            }
        });
    }

    #[divan::bench(args = MEMBERS)]
    fn signal_all_members(bencher: Bencher<'_, '_>, members: usize) {
        let Some(live) = Live::members(members) else { return };
        let mut held = ProcessGroups::default();
        held.register(live.0[0].as_raw().unsigned_abs(), "cargo build");
        bencher.bench_local(|| held.signal_all("SIGHUP"));
        assert_eq!(held.entries().len(), 1, "nobody has exited");
    }

    #[divan::bench(args = MEMBERS)]
    fn bare_kill_members(bencher: Bencher<'_, '_>, members: usize) {
        let Some(live) = Live::members(members) else { return };
        let id = Pid::from_raw(-live.0[0].as_raw());
        bencher.bench_local(|| kill(id, Signal::SIGHUP).expect("nobody has exited"));
    }

    #[divan::bench(args = FEW_MEMBERS)]
    fn make_and_end(bencher: Bencher<'_, '_>, members: usize) {
        bencher.counter(ItemsCount::new(members)).bench_local(|| {
            let mut live = Live::members(members).expect("so few are allowed");
            kill(Pid::from_raw(-live.0[0].as_raw()), Signal::SIGKILL).expect("nobody has exited");
            for process in live.0.drain(..) {
                waitpid(process, None).expect("it is a child");
            }
        });
    }
}
