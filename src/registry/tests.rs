use super::{ProcessGroupEntry, ProcessGroups};
use crate::{Signaller, signaller_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

type SignalResult = Result<bool, String>;

/// Answers a batch with its script, whatever is asked, and keeps what was.
#[derive(Debug, Default)]
struct Scripted {
    answers: Vec<SignalResult>,
    asked: Mutex<Vec<Vec<u32>>>,
}

impl Signaller for Scripted {
    fn signal(&self, _: u32, _: &str) -> SignalResult {
        panic!("a registry asks for all at once")
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<SignalResult> {
        assert_eq!(signal_name, "SIGKILL");
        self.asked.lock().expect("nobody panics while holding it").push(leader_pids.to_vec());
        self.answers.clone()
    }
}

/// A registry of 10, 20 and 30, with these answers, and its entries as they are now.
fn three(answers: &[SignalResult]) -> (ProcessGroups, Arc<Scripted>, Vec<ProcessGroupEntry>) {
    let signaller = Arc::new(Scripted { answers: answers.to_vec(), asked: Mutex::default() });
    let mut groups = ProcessGroups::new(signaller.clone());
    [10, 20, 30].into_iter().for_each(|leader_pid| groups.register(leader_pid, "job"));
    let entries = groups.entries().to_vec();
    (groups, signaller, entries)
}

fn asked(signaller: &Scripted) -> Vec<Vec<u32>> {
    signaller.asked.lock().expect("as above").clone()
}

fn answers(results: Vec<(ProcessGroupEntry, SignalResult)>) -> Vec<SignalResult> {
    results.into_iter().map(|(_, answer)| answer).collect()
}

fn leader_pids(groups: &ProcessGroups) -> Vec<u32> {
    groups.entries().iter().map(|entry| entry.leader_pid).collect()
}

#[test]
fn an_incarnation_is_given_once_and_stays_with_its_label() {
    let (mut groups, _, entries) = three(&[]);
    groups.register(20, "job");
    assert_eq!(groups.entries(), entries, "the same label is the same owner");

    let mut given: Vec<u64> = entries.iter().map(|entry| entry.incarnation).collect();
    groups.register(20, "another job");
    given.push(groups.entries()[1].incarnation);
    groups.register(20, "job");
    given.push(groups.entries()[1].incarnation);
    groups.forget(20);
    groups.register(20, "job");
    given.push(groups.entries()[2].incarnation);
    assert_eq!(leader_pids(&groups), [10, 30, 20]);
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), 6, "{given:?}");
    assert!(!given.contains(&0), "0 is for registries that do not tell registrations apart");
}

#[test]
fn targets_that_stand_are_asked_for_in_their_own_order() {
    let (mut groups, signaller, entries) = three(&[Ok(true), Ok(false)]);
    let results = groups.signal_targets("SIGKILL", &[entries[2].clone(), entries[0].clone()]);
    assert_eq!(results, [(entries[2].clone(), Ok(true)), (entries[0].clone(), Ok(false))]);
    assert_eq!(asked(&signaller), [[30, 10]]);
    assert_eq!(leader_pids(&groups), [20, 30], "the one that has exited is dropped");
}

#[test]
fn a_stale_target_asks_nobody_and_drops_nothing() {
    let (mut groups, signaller, entries) = three(&[Ok(true)]);
    groups.register(10, "its next owner");
    groups.forget(20);
    groups.register(20, "job");
    let now = groups.entries().to_vec();
    assert_eq!(answers(groups.signal_targets("SIGKILL", &entries[..2])), [Ok(false), Ok(false)]);
    assert_eq!(asked(&signaller), [[0_u32; 0]; 0], "no target stands: there is nothing to ask");
    assert_eq!(answers(groups.signal_targets("SIGKILL", &entries)), [Ok(false), Ok(false), Ok(true)]);
    assert_eq!(asked(&signaller), [[30]]);
    assert_eq!(groups.entries(), now);
}

#[test]
fn a_target_made_up_by_hand_stands_only_as_it_is_listed() {
    let (mut groups, signaller, entries) = three(&[Ok(false)]);
    let mut mistaken = entries.clone();
    mistaken[0].label = "jab".to_owned();
    mistaken[1].incarnation += 100;
    mistaken[2].leader_pid = 10;
    assert_eq!(answers(groups.signal_targets("SIGKILL", &mistaken)), [Ok(false), Ok(false), Ok(false)]);
    assert_eq!((asked(&signaller).len(), groups.entries()), (0, &entries[..]));
    let by_hand = ProcessGroupEntry::new(10, "job", entries[0].incarnation);
    assert_eq!(answers(groups.signal_targets("SIGKILL", &[by_hand])), [Ok(false)]);
    assert_eq!((asked(&signaller), leader_pids(&groups)), (vec![vec![10]], vec![20, 30]));
}

#[test]
fn a_target_that_is_there_twice_is_asked_for_once() {
    let (mut groups, signaller, entries) = three(&[Ok(false), Err("refused".to_owned())]);
    let [first, second, _] = &entries[..] else { panic!("there are three") };
    let targets = [first, second, first, second].map(Clone::clone);
    let refused = Err("refused".to_owned());
    let results = answers(groups.signal_targets("SIGKILL", &targets));
    assert_eq!(results, [Ok(false), refused.clone(), Ok(false), refused]);
    assert_eq!(asked(&signaller), [[10, 20]]);
    assert_eq!(leader_pids(&groups), [20, 30]);
}

#[test]
fn a_target_without_an_answer_is_told_so_and_stays() {
    let (mut groups, _, entries) = three(&[Ok(false)]);
    let results = answers(groups.signal_targets("SIGKILL", &entries[..2]));
    let missing = "the signaller gave 1 answers for 2 groups, and none for this one".to_owned();
    assert_eq!(results, [Ok(false), Err(missing)]);
    assert_eq!(leader_pids(&groups), [20, 30]);

    let (mut groups, _, entries) = three(&[Ok(true), Ok(false), Ok(false)]);
    assert_eq!(answers(groups.signal_targets("SIGKILL", &entries[..1])), [Ok(true)]);
    assert_eq!(groups.entries(), entries, "answers beyond the last question belong to nobody");
}

#[test]
fn a_signaller_that_panics_loses_no_entry_and_no_target() {
    let mut groups = ProcessGroups::new(Arc::new(signaller_fn(|_, _| panic!("wanted by this test"))));
    groups.register(10, "job");
    let entries = groups.entries().to_vec();
    let signal = AssertUnwindSafe(|| groups.signal_targets("SIGKILL", &entries));
    assert!(catch_unwind(signal).is_err());
    assert_eq!(groups.entries(), entries);
    groups.set_signaller(Arc::new(signaller_fn(|_, _| Ok(true))));
    assert_eq!(answers(groups.signal_targets("SIGKILL", &entries)), [Ok(true)]);
}

#[test]
fn a_late_exit_notice_drops_no_other_owners_entry() {
    let (mut groups, _, _) = three(&[]);
    groups.register(20, "its next owner");
    let entries = groups.entries().to_vec();
    for (leader_pid, label) in [(20, "job"), (20, ""), (20, "its next owner "), (40, "job")] {
        groups.forget_registration(leader_pid, label);
        assert_eq!(groups.entries(), entries, "{leader_pid} {label:?}");
    }
    groups.forget_registration(20, "its next owner");
    assert_eq!(leader_pids(&groups), [10, 30]);
}
