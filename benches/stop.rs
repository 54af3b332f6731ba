//! How long a stop of 100 groups that ignore SIGTERM takes, beside its grace period of 1 s: the floor, since
//! each group is owed all of it. One after the other would be 100 times as long.
//!
//! ```text
//! cargo bench -p process-groups --bench stop
//! ```

#[cfg(unix)]
mod stop {
    use divan::Bencher;
    use process_groups::{LocalSignaller, PinningSignaller, ProcessGroups, Signaller, StopOutcome};
    use std::io::Read;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::{Duration, Instant};

    const GROUPS: usize = 100;
    const GRACE: Duration = Duration::from_secs(1);
    /// What the project aims at, as a ratio to the grace period.
    const AIM: f64 = 1.2;

    /// A group that ignores SIGTERM, once it does.
    fn group() -> Child {
        let mut child = Command::new("sh")
            .args(["-c", "trap '' TERM; echo; exec sleep 1000"])
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh can be started");
        child.stdout.as_mut().expect("it is piped").read_exact(&mut [0]).expect("it prints a line");
        child
    }

    fn run(bencher: Bencher<'_, '_>, name: &str, signaller: fn() -> Arc<dyn Signaller>) {
        let longest = Mutex::new(Duration::ZERO);
        bencher
            .with_inputs(|| {
                let children: Vec<Child> = (0..GROUPS).map(|_| group()).collect();
                let mut groups = ProcessGroups::new(signaller());
                children.iter().for_each(|child| groups.register(child.id(), "ignores SIGTERM"));
                (groups, Reaped(children))
            })
            .bench_values(|(mut groups, children)| {
                let began = Instant::now();
                let results = groups.stop(GRACE);
                let took = began.elapsed();
                assert!(results.iter().all(|(_, outcome)| *outcome == StopOutcome::Killed), "{results:?}");
                let mut longest = longest.lock().unwrap_or_else(PoisonError::into_inner);
                *longest = took.max(*longest);
                children
            });
        let ratio = longest.into_inner().unwrap_or_else(PoisonError::into_inner).div_duration_f64(GRACE);
        // Nothing was measured when the benchmarks are only listed or tested.
        if ratio > 0.0 {
            println!("   {name}: at most {ratio:.3} of the grace period of {GRACE:?} (the aim is {AIM})");
        }
    }

    /// Kills and reaps its children at the end, which is not measured.
    struct Reaped(Vec<Child>);

    impl Drop for Reaped {
        fn drop(&mut self) {
            for child in &mut self.0 {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }

    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn local(bencher: Bencher<'_, '_>) {
        run(bencher, "local", || Arc::new(LocalSignaller));
    }

    #[divan::bench(sample_count = 5, sample_size = 1)]
    fn pinning(bencher: Bencher<'_, '_>) {
        run(bencher, "pinning", || Arc::new(PinningSignaller::new()));
    }
}

fn main() {
    divan::main();
}
