use super::{Batch, GroupOutcome, Heard, Reply};

fn answer(number: u64, groups: &[(char, i32)]) -> Reply {
    Reply::Answer(number, groups.to_vec())
}

#[test]
fn answers_go_to_their_groups_in_whatever_order_they_come() {
    let leader_pids: Vec<i32> = (100..165).collect();
    let mut batch = Batch::new(7, &leader_pids);
    assert_eq!(batch.take(answer(8, &[('x', 164)])), Heard::Part);
    let first: Vec<(char, i32)> = leader_pids[..64].iter().rev().map(|pid| ('d', *pid)).collect();
    assert_eq!(batch.take(answer(7, &first)), Heard::Last);
    assert!(batch.is_whole());
    assert_eq!(batch.outcomes[64], Some(GroupOutcome::Exited));
    assert!(batch.outcomes[..64].iter().all(|outcome| *outcome == Some(GroupOutcome::Delivered)));
}

#[test]
fn a_group_that_is_asked_for_twice_is_answered_twice() {
    let mut batch = Batch::new(1, &[5, 5]);
    assert_eq!(batch.take(answer(1, &[('d', 5), ('x', 5)])), Heard::Last);
    assert_eq!(batch.outcomes, [Some(GroupOutcome::Delivered), Some(GroupOutcome::Exited)]);
}

#[test]
fn a_failure_has_the_reason_that_came_before_it() {
    let mut batch = Batch::new(1, &[5]);
    assert_eq!(batch.take(Reply::Why(1, 5, "no\u{1b}".to_owned())), Heard::Part);
    assert_eq!(batch.take(answer(1, &[('e', 5)])), Heard::Last);
    assert_eq!(batch.outcomes, [Some(GroupOutcome::Failed("no\\u{1b}".to_owned()))]);
}

#[test]
fn what_does_not_answer_the_request_answers_nothing() {
    let wrong = [
        answer(0, &[('d', 5), ('d', 6)]),
        answer(2, &[('d', 5), ('d', 6)]),
        answer(u64::MAX, &[('d', 5), ('d', 6)]),
        answer(1, &[('d', 5)]),
        answer(1, &[('d', 5), ('d', 5)]),
        answer(1, &[('d', 5), ('d', 7)]),
        answer(1, &[('d', 5), ('d', 6), ('d', 6)]),
        answer(1, &[('d', 5), ('e', 6)]),
        answer(1, &[]),
        Reply::Ready("another boot".to_owned()),
        Reply::Unable("no kill".to_owned()),
        Reply::Garbled,
    ];
    for reply in wrong {
        let mut batch = Batch::new(1, &[5, 6]);
        let told = format!("{reply:?}");
        assert_eq!(batch.take(reply), Heard::Last, "{told}");
        assert!(!batch.is_whole(), "{told}");
        assert_eq!(batch.outcomes, [None, None], "{told}");
    }
}

#[test]
fn an_answer_that_comes_again_does_not_replace_the_first() {
    let leader_pids: Vec<i32> = (100..165).collect();
    let mut batch = Batch::new(1, &leader_pids);
    assert_eq!(batch.take(answer(2, &[('x', 164)])), Heard::Part);
    assert_eq!(batch.take(answer(2, &[('d', 164)])), Heard::Last);
    assert_eq!(batch.outcomes[64], Some(GroupOutcome::Exited));
    assert!(!batch.is_whole());
}
