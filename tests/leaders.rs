//! The leader pids that the local signaller refuses, before any system call.
//!
//! What kill(2) would make of them is not tried here, because this is no sandbox: the unit tests of the
//! refusal run before this file does, and the conformance suite asks for these pids in a PID namespace of its
//! own.

#![cfg(unix)]

use process_groups::{LocalSignaller, SignalName, Signaller, model};
use rstest::rstest;

const PAST_THE_LAST: u32 = i32::MAX as u32 + 1;

#[rstest]
#[case::zero(0)]
#[case::one(1)]
#[case::past_the_last(PAST_THE_LAST)]
#[case::past_the_last_by_one(PAST_THE_LAST + 1)]
#[case::wrapped_minus_one(-1_i32 as u32)]
#[case::wrapped_minus_two(-2_i32 as u32)]
#[case::wrapped_minus_4242(-4242_i32 as u32)]
#[case::last_of_all(u32::MAX)]
fn a_leader_pid_that_no_group_can_have_is_refused_under_each_name(#[case] leader_pid: u32) {
    for name in SignalName::ALL {
        let message = LocalSignaller.signal(leader_pid, name.as_str()).expect_err("refused");
        assert!(message.contains(&format!("leader pid {leader_pid}:")), "{message}");
        assert!(message.contains(name.as_str()), "{message}");
        assert!(message.ends_with("a leader pid is 2 to 2147483647"), "{message}");

        let allowed = model::World::new().allowed(leader_pid, name.as_str());
        assert_eq!(allowed.answers, [model::Answer::Failed], "{}", allowed.reason);
    }
}

#[test]
fn each_refusal_says_what_kill_would_have_done() {
    let refusal = |leader_pid| LocalSignaller.signal(leader_pid, "SIGTERM").expect_err("refused");
    insta::assert_snapshot!(
        refusal(0),
        @"refused to send SIGTERM to leader pid 0: kill(2) would take it for the caller's own group; a leader pid is 2 to 2147483647"
    );
    insta::assert_snapshot!(
        refusal(1),
        @"refused to send SIGTERM to leader pid 1: kill(2) would take it for every process; a leader pid is 2 to 2147483647"
    );
    insta::assert_snapshot!(
        refusal(u32::MAX),
        @"refused to send SIGTERM to leader pid 4294967295: kill(2) would take it for a single process, once it has wrapped; a leader pid is 2 to 2147483647"
    );
}

#[rstest]
#[case::the_last(i32::MAX as u32)]
#[case::the_last_but_one(i32::MAX as u32 - 1)]
fn a_leader_pid_that_is_merely_large_is_not_refused(#[case] leader_pid: u32) {
    assert_eq!(LocalSignaller.signal(leader_pid, "SIGTERM"), Ok(false));
}
