use super::{ProcessGroupEntry, ProcessGroups, StopOutcome};
use crate::{Signaller, signaller_fn};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// A grace period that no test waits out.
const LONG: Duration = Duration::from_secs(3_600);

/// Answers for 10, 20 and 30 as it is told to, and keeps what it was asked.
#[derive(Debug, Default)]
struct Scripted {
    refused: Vec<u32>,
    exited: Mutex<Vec<u32>>,
    asked: Mutex<Vec<(u32, String)>>,
    cannot_tell: bool,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while holding it")
}

impl Signaller for Scripted {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        locked(&self.asked).push((leader_pid, signal_name.to_owned()));
        if self.refused.contains(&leader_pid) {
            return Err(format!("{signal_name} is refused"));
        }
        Ok(!locked(&self.exited).contains(&leader_pid))
    }

    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        let exited = locked(&self.exited);
        let has_exited = |leader_pid| (!self.cannot_tell).then(|| exited.contains(leader_pid));
        leader_pids.iter().map(has_exited).collect()
    }
}

impl Scripted {
    fn exits(&self, leader_pid: u32) {
        locked(&self.exited).push(leader_pid);
    }

    /// Whom that name was for, in order.
    fn received(&self, name: &str) -> Vec<u32> {
        let asked = locked(&self.asked);
        asked.iter().filter(|(_, asked)| asked == name).map(|(leader_pid, _)| *leader_pid).collect()
    }
}

fn three(signaller: Scripted) -> (ProcessGroups, Arc<Scripted>) {
    let signaller = Arc::new(signaller);
    let mut groups = ProcessGroups::new(signaller.clone());
    [10, 20, 30].into_iter().for_each(|leader_pid| groups.register(leader_pid, "job"));
    (groups, signaller)
}

fn outcomes(results: Vec<(ProcessGroupEntry, StopOutcome)>) -> Vec<(u32, StopOutcome)> {
    results.into_iter().map(|(entry, outcome)| (entry.leader_pid, outcome)).collect()
}

fn listed(groups: &ProcessGroups) -> Vec<u32> {
    groups.entries().iter().map(|entry| entry.leader_pid).collect()
}

#[test]
fn what_is_left_after_the_grace_period_is_killed_and_nobody_else() {
    let (mut groups, signaller) = three(Scripted { refused: vec![30], ..Scripted::default() });
    signaller.exits(10);
    let results = outcomes(groups.stop(Duration::from_millis(5)));
    let refused = StopOutcome::Failed("SIGKILL is refused".to_owned());
    assert_eq!(results, [(10, StopOutcome::Exited), (20, StopOutcome::Killed), (30, refused)]);
    assert_eq!(signaller.received("SIGTERM"), [10, 20, 30]);
    assert_eq!(signaller.received("SIGKILL"), [20, 30]);
    assert_eq!(listed(&groups), [20, 30]);
}

#[test]
fn the_grace_period_ends_with_the_last_exit() {
    let (groups, signaller) = three(Scripted::default());
    let stop = {
        let mut groups = groups;
        thread::spawn(move || (groups.stop(LONG), groups))
    };
    for leader_pid in [30, 10, 20] {
        assert!(!stop.is_finished());
        signaller.exits(leader_pid);
    }
    let (results, groups) = stop.join().expect("it does not panic");
    assert!(results.iter().all(|(_, outcome)| *outcome == StopOutcome::Exited), "{results:?}");
    assert!(groups.entries().is_empty() && signaller.received("SIGKILL").is_empty());
}

#[test]
fn the_whole_grace_period_is_given() {
    let grace = Duration::from_millis(80);
    for cannot_tell in [false, true] {
        let (mut groups, signaller) = three(Scripted { cannot_tell, ..Scripted::default() });
        let began = Instant::now();
        let mut stop = groups.begin_stop(grace);
        while stop.advance(&mut groups).is_none() {
            assert!(signaller.received("SIGKILL").is_empty());
            stop.wait();
        }
        assert!(began.elapsed() + Duration::from_millis(10) >= grace, "{:?}", began.elapsed());
        assert_eq!(signaller.received("SIGKILL"), [10, 20, 30]);
    }
}

#[test]
fn a_signaller_that_cannot_tell_says_at_the_end_who_has_exited() {
    let (mut groups, signaller) = three(Scripted { cannot_tell: true, ..Scripted::default() });
    let mut stop = groups.begin_stop(Duration::ZERO);
    signaller.exits(20);
    let results = outcomes(stop.advance(&mut groups).expect("the grace period is over"));
    let killed = StopOutcome::Killed;
    assert_eq!(results, [(10, killed.clone()), (20, StopOutcome::Exited), (30, killed)]);
    assert_eq!(listed(&groups), [10, 30]);
}

#[test]
fn whoever_has_the_pid_by_then_is_spared_and_newcomers_are_told_as_not_asked() {
    let (mut groups, signaller) = three(Scripted::default());
    let mut stop = groups.begin_stop(Duration::ZERO);
    groups.register(10, "another owner");
    groups.forget(20);
    groups.register(20, "job");
    groups.forget_registration(30, "job");
    groups.register(40, "newcomer");
    let results = outcomes(stop.advance(&mut groups).expect("the grace period is over"));
    let [exited, not_asked] = [StopOutcome::Exited, StopOutcome::NotAsked];
    let of = |leader_pids: [u32; 3], outcome: &StopOutcome| leader_pids.map(|pid| (pid, outcome.clone()));
    assert_eq!(results, [of([10, 20, 30], &exited), of([10, 20, 40], &not_asked)].concat());
    assert!(signaller.received("SIGKILL").is_empty());
    assert_eq!(listed(&groups), [10, 20, 40]);
}

#[test]
fn a_cancelled_stop_kills_nobody_and_wakes_who_waits() {
    let (mut groups, signaller) = three(Scripted { refused: vec![30], ..Scripted::default() });
    let mut stop = groups.begin_stop(LONG);
    signaller.exits(10);
    let canceller = stop.canceller();
    let cancelling = thread::spawn(move || canceller.cancel());
    let results = loop {
        if let Some(results) = stop.advance(&mut groups) {
            break outcomes(results);
        }
        stop.wait();
    };
    cancelling.join().expect("it does not panic");
    let refused = StopOutcome::Failed("SIGTERM is refused".to_owned());
    assert_eq!(results, [(10, StopOutcome::Exited), (20, StopOutcome::Left), (30, refused)]);
    assert!(signaller.received("SIGKILL").is_empty());
    assert_eq!(listed(&groups), [20, 30]);
    assert_eq!(outcomes(stop.advance(&mut groups).expect("it is over")).len(), 3, "and stays so");
    assert_eq!(stop.due_in(), Duration::ZERO);
}

#[test]
fn nothing_to_stop_is_over_at_once_and_asks_nobody() {
    let nobody = signaller_fn(|_, _| panic!("nobody is asked"));
    assert!(ProcessGroups::new(Arc::new(nobody)).stop(Duration::MAX).is_empty());
}

#[test]
fn a_grace_period_of_any_length_can_be_counted() {
    let (mut groups, signaller) = three(Scripted::default());
    let mut stop = groups.begin_stop(Duration::MAX);
    assert!(stop.advance(&mut groups).is_none() && stop.due_in() <= Duration::from_millis(50));
    [10, 20, 30].into_iter().for_each(|leader_pid| signaller.exits(leader_pid));
    assert!(stop.advance(&mut groups).is_some());
}

#[test]
fn answers_that_are_missing_keep_their_entries() {
    #[derive(Debug)]
    struct Short;
    impl Signaller for Short {
        fn signal(&self, _: u32, _: &str) -> Result<bool, String> {
            Ok(true)
        }
        fn have_exited(&self, _: &[u32]) -> Vec<Option<bool>> {
            vec![Some(true)]
        }
    }
    let mut groups = ProcessGroups::new(Arc::new(Short));
    groups.register(10, "job");
    groups.register(20, "job");
    let results = outcomes(groups.stop(Duration::ZERO));
    assert_eq!(results, [(10, StopOutcome::Exited), (20, StopOutcome::Killed)]);
    assert_eq!(listed(&groups), [20]);
}

/// Gives the reading end of a pipe for each group, which lives on.
#[cfg(unix)]
#[derive(Debug, Default)]
struct Piping(Mutex<Vec<std::io::PipeWriter>>);

#[cfg(unix)]
impl Signaller for Piping {
    fn signal(&self, _: u32, signal_name: &str) -> Result<bool, String> {
        Ok(signal_name != "SIGKILL")
    }

    fn exit_event(&self, _: u32) -> Option<std::os::fd::OwnedFd> {
        let (reader, writer) = std::io::pipe().ok()?;
        locked(&self.0).push(writer);
        Some(reader.into())
    }
}

#[cfg(unix)]
#[test]
fn a_stop_leaves_most_descriptors_to_its_caller() {
    let signaller = Arc::new(Piping::default());
    let mut groups = ProcessGroups::new(signaller.clone());
    (10..2_010).for_each(|leader_pid| groups.register(leader_pid, "job"));
    let results = groups.stop(Duration::from_millis(2));
    assert!(results.iter().all(|(_, outcome)| *outcome == StopOutcome::Exited) && results.len() == 2_000);
    let given = locked(&signaller.0).len();
    assert!((1..=128).contains(&given), "{given}");
}
