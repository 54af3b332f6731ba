//! What `signal_all` costs on live groups of this machine, beside a bare loop of kill(2) over the same ids.
//!
//! The groups are made here, ignore SIGHUP, and so live on from sample to sample; they end with this program.
//! Where the machine gives fewer than a line wants, the line is missing, and a word on standard error says
//! why.
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

    /// Children inherit it.
    pub fn ignore_sighup() {
        // SAFETY: no handler is set.
        unsafe { signal(Signal::SIGHUP, SigHandler::SigIgn) }.expect("SIGHUP can be ignored");
    }

    /// Live groups of one member each, which end when this is dropped, and with this program.
    struct Groups(Vec<Pid>);

    impl Groups {
        fn new(groups: usize) -> Option<Self> {
            let mut made = Self(Vec::with_capacity(groups));
            for _ in 0..groups {
                match one_group() {
                    Ok(leader) => made.0.push(leader),
                    Err(cause) => {
                        eprintln!("no {groups} groups: this machine gives {} ({cause})", made.0.len());
                        return None;
                    }
                }
            }
            Some(made)
        }
    }

    fn one_group() -> nix::Result<Pid> {
        let parent = Pid::this();
        // SAFETY: the child does nothing but system calls, and never returns.
        if let ForkResult::Parent { child } = unsafe { fork() }? {
            setpgid(child, child)?;
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

    impl Drop for Groups {
        fn drop(&mut self) {
            for leader in &self.0 {
                kill(*leader, Signal::SIGKILL).expect("a child that was not reaped");
            }
            for leader in &self.0 {
                waitpid(*leader, None).expect("as above");
            }
        }
    }

    #[divan::bench(args = GROUPS)]
    fn signal_all(bencher: Bencher<'_, '_>, groups: usize) {
        let Some(live) = Groups::new(groups) else { return };
        let mut held = ProcessGroups::default();
        live.0.iter().for_each(|leader| held.register(leader.as_raw().unsigned_abs(), "cargo build"));
        bencher.counter(ItemsCount::new(groups)).bench_local(|| held.signal_all("SIGHUP"));
        assert_eq!(held.entries().len(), groups, "nobody has exited");
    }

    #[divan::bench(args = GROUPS)]
    fn bare_kill(bencher: Bencher<'_, '_>, groups: usize) {
        let Some(live) = Groups::new(groups) else { return };
        let ids: Vec<i32> = live.0.iter().map(|leader| -leader.as_raw()).collect();
        bencher.counter(ItemsCount::new(groups)).bench_local(|| {
            for id in &ids {
                kill(Pid::from_raw(*id), Signal::SIGHUP).expect("nobody has exited");
            }
        });
    }
}
