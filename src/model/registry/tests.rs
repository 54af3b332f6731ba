use super::{Registration, Registry};

fn holding(leader_pids: &[u32]) -> Registry {
    let mut registry = Registry::new();
    for leader_pid in leader_pids {
        registry.register(*leader_pid, format!("label of {leader_pid}"));
    }
    registry
}

#[test]
fn entries_stand_in_the_order_of_first_registration() {
    assert_eq!(holding(&[9, 2, 5, 2]).questions(), [9, 2, 5]);
}

#[test]
fn registered_again_an_entry_gets_the_new_label_where_it_stands() {
    let mut registry = holding(&[9, 2]);
    registry.register(9, "new");
    assert_eq!(registry.entries(), [(9, "new".to_owned()), (2, "label of 2".to_owned())]);
}

#[test]
fn forget_drops_that_leader_pid_and_no_other() {
    let mut registry = holding(&[9, 2, 5]);
    registry.forget(2);
    registry.forget(77);
    assert_eq!(registry.questions(), [9, 5]);
}

#[test]
fn forgotten_and_registered_again_an_entry_goes_last() {
    let mut registry = holding(&[9, 2, 5]);
    registry.forget(9);
    registry.register(9, "back");
    assert_eq!(registry.questions(), [2, 5, 9]);
}

#[test]
fn exactly_the_exited_entries_are_dropped() {
    let mut registry = holding(&[1, 2, 3, 4]);
    let owed = registry.settle(&[Ok(false), Ok(true), Err("no".to_owned()), Ok(false)]);
    assert_eq!(registry.questions(), [2, 3]);
    let owed: Vec<_> = owed.into_iter().map(|owed| (owed.leader_pid, owed.answer)).collect();
    assert_eq!(
        owed,
        [(1, Some(Ok(false))), (2, Some(Ok(true))), (3, Some(Err("no".to_owned()))), (4, Some(Ok(false)))]
    );
}

#[test]
fn an_entry_without_an_answer_stays_and_is_owed_an_error() {
    let mut registry = holding(&[1, 2, 3]);
    let owed = registry.settle(&[Ok(false)]);
    assert_eq!(registry.questions(), [2, 3]);
    assert_eq!(owed[1].label, "label of 2");
    assert!(owed[1].is_met_by(&Err("in any words".to_owned())));
    assert!(!owed[1].is_met_by(&Ok(true)) && !owed[1].is_met_by(&Ok(false)));
}

#[test]
fn answers_beyond_the_last_entry_belong_to_nobody() {
    let mut registry = holding(&[1]);
    let owed = registry.settle(&[Ok(true), Ok(false), Ok(false)]);
    assert_eq!((owed.len(), registry.questions()), (1, vec![1]));
}

#[test]
fn an_answer_is_owed_unchanged() {
    let owed = holding(&[1]).settle(&[Err("permission denied".to_owned())]);
    assert!(owed[0].is_met_by(&Err("permission denied".to_owned())));
    assert!(!owed[0].is_met_by(&Err("Permission denied".to_owned())));
    assert!(!owed[0].is_met_by(&Ok(false)));
}

/// The identity of that leader pid's registration.
fn identity(registry: &Registry, leader_pid: u32) -> u64 {
    let of_pid = |registration: &Registration| registration.leader_pid == leader_pid;
    registry.registrations().into_iter().find(of_pid).expect("it is held").identity
}

#[test]
fn an_identity_stays_while_the_label_does_and_never_comes_again() {
    let mut registry = holding(&[1, 2]);
    let mut seen = vec![identity(&registry, 1), identity(&registry, 2)];
    registry.register(1, "label of 1");
    assert_eq!(identity(&registry, 1), seen[0]);
    for label in ["another", "label of 1"] {
        registry.register(1, label);
        assert!(!seen.contains(&identity(&registry, 1)));
        seen.push(identity(&registry, 1));
    }
    registry.forget(1);
    registry.register(1, "label of 1");
    assert!(!seen.contains(&identity(&registry, 1)));
}

#[test]
fn targets_that_stand_are_asked_for_in_their_order_and_dropped_once_exited() {
    let mut registry = holding(&[1, 2, 3]);
    let mut targets = registry.registrations();
    targets.reverse();
    registry.forget(2);
    assert_eq!(registry.questions_of(&targets), [3, 1]);
    let owed = registry.settle_targets(&targets, &[Ok(false), Ok(true)]);
    let owed: Vec<_> = owed.into_iter().map(|owed| (owed.leader_pid, owed.answer)).collect();
    assert_eq!(owed, [(3, Some(Ok(false))), (2, Some(Ok(false))), (1, Some(Ok(true)))]);
    assert_eq!(registry.questions(), [1]);
}

#[test]
fn a_target_whose_pid_has_another_owner_drops_nothing() {
    let mut registry = holding(&[1, 2]);
    let targets = registry.registrations();
    registry.register(1, "another owner");
    assert_eq!(registry.questions_of(&targets), [2]);
    registry.settle_targets(&targets, &[Ok(true)]);
    assert_eq!(registry.questions(), [1, 2]);
}

#[test]
fn a_target_twice_among_the_targets_is_asked_for_once_and_has_one_answer() {
    let mut registry = holding(&[1]);
    let targets = [registry.registrations(), registry.registrations()].concat();
    assert_eq!(registry.questions_of(&targets), [1]);
    let owed = registry.settle_targets(&targets, &[Err("refused".to_owned())]);
    assert_eq!(owed.len(), 2);
    assert!(owed.iter().all(|owed| owed.is_met_by(&Err("refused".to_owned()))));
}

#[test]
fn a_registration_is_forgotten_only_under_its_label() {
    let mut registry = holding(&[1, 2]);
    registry.forget_registration(1, "label of 2");
    assert_eq!(registry.questions(), [1, 2]);
    registry.forget_registration(1, "label of 1");
    assert_eq!(registry.questions(), [2]);
}
