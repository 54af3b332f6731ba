//! The local signaller on live groups, which these tests make themselves. No other group is ever signalled.
//!
//! Every member is a `cat` that reads a pipe held by the test. Released, it exits with success unless a
//! signal has ended it: how it ended proves which one reached it, or that none did. Nothing here sleeps.

#![cfg(unix)]

mod cats;

use cats::{Cat, UNTOUCHED, ended_by};
use nix::sys::signal::Signal;
use process_groups::{LocalSignaller, ProcessGroups, Signaller};
use rstest::rstest;
use std::io::{BufRead, BufReader};

fn signal(leader_pid: u32, signal_name: &str) -> Result<bool, String> {
    LocalSignaller.signal(leader_pid, signal_name)
}

#[rstest]
#[case("SIGTERM", Signal::SIGTERM)]
#[case("SIGKILL", Signal::SIGKILL)]
#[case("SIGINT", Signal::SIGINT)]
#[case("SIGHUP", Signal::SIGHUP)]
fn each_name_reaches_every_member_as_that_signal(#[case] name: &str, #[case] sent: Signal) {
    let leader = Cat::leader();
    let member = Cat::in_group_of(&leader);
    assert_eq!(signal(leader.pid(), name), Ok(true));
    assert_eq!(leader.release(), ended_by(sent));
    assert_eq!(member.release(), ended_by(sent));
}

#[test]
fn another_group_receives_nothing() {
    let (target, bystander) = (Cat::leader(), Cat::leader());
    assert_eq!(signal(target.pid(), "SIGTERM"), Ok(true));
    assert_eq!(target.release(), ended_by(Signal::SIGTERM));
    assert_eq!(bystander.release(), UNTOUCHED);
}

#[test]
fn a_group_that_was_reaped_has_exited_and_stays_so() {
    let group = Cat::leader();
    let leader_pid = group.pid();
    assert_eq!(group.release(), UNTOUCHED);
    for name in ["SIGTERM", "SIGKILL", "SIGTERM"] {
        assert_eq!(signal(leader_pid, name), Ok(false));
    }
}

#[test]
fn a_group_that_no_process_has_as_its_id_has_exited() {
    assert_eq!(signal(i32::MAX as u32, "SIGKILL"), Ok(false));
}

#[test]
fn a_member_that_leads_no_group_is_not_signalled() {
    let leader = Cat::leader();
    let member = Cat::in_group_of(&leader);
    assert_eq!(signal(member.pid(), "SIGKILL"), Ok(false));
    assert_eq!(member.release(), UNTOUCHED);
    assert_eq!(leader.release(), UNTOUCHED);
}

#[test]
fn a_group_outlives_its_leader() {
    let leader = Cat::leader();
    let survivor = Cat::in_group_of(&leader);
    let leader_pid = leader.pid();
    assert_eq!(leader.release(), UNTOUCHED);
    assert_eq!(signal(leader_pid, "SIGTERM"), Ok(true));
    assert_eq!(survivor.release(), ended_by(Signal::SIGTERM));
    assert_eq!(signal(leader_pid, "SIGTERM"), Ok(false));
}

#[test]
fn a_stopped_group_has_the_signal_pending_until_it_is_continued() {
    let group = Cat::leader();
    group.stop();
    assert_eq!(signal(group.pid(), "SIGTERM"), Ok(true));
    assert!(group.is_still_stopped(), "the signaller continues nobody");
    assert_eq!(group.release(), ended_by(Signal::SIGTERM));
}

#[test]
fn sigkill_ends_a_stopped_group() {
    let group = Cat::leader();
    group.stop();
    assert_eq!(signal(group.pid(), "SIGKILL"), Ok(true));
    assert_eq!(group.release(), ended_by(Signal::SIGKILL));
}

/// Elsewhere kill(2) may say otherwise (Darwin: EPERM).
#[cfg(target_os = "linux")]
#[test]
fn a_group_that_is_not_reaped_is_delivered_to() {
    let mut group = Cat::leader();
    group.release_unreaped();
    assert_eq!(signal(group.pid(), "SIGTERM"), Ok(true));
    assert_eq!(group.release(), UNTOUCHED);
}

#[test]
fn a_member_that_ignores_the_signal_is_delivered_to() {
    let ignoring = "trap '' TERM; echo ready; read line; exit 7";
    let mut group = Cat::leader_running("sh", &["-c", ignoring]);
    let mut line = String::new();
    let output = group.output();
    BufReader::new(output).read_line(&mut line).expect("the shell writes a line");
    assert_eq!(line, "ready\n");
    assert_eq!(signal(group.pid(), "SIGTERM"), Ok(true));
    assert_eq!(group.release(), cats::exited_with(7));
}

#[test]
fn a_default_registry_signals_its_groups_and_forgets_those_that_have_exited() {
    let (first, gone, last) = (Cat::leader(), Cat::leader(), Cat::leader());
    let mut groups = ProcessGroups::default();
    for (cat, label) in [(&first, "first"), (&gone, "gone"), (&last, "last")] {
        groups.register(cat.pid(), label);
    }
    let survivors = [first.pid(), last.pid()];
    assert_eq!(gone.release(), UNTOUCHED);

    let answers: Vec<_> = groups.signal_all("SIGHUP").into_iter().map(|(_, answer)| answer).collect();
    assert_eq!(answers, [Ok(true), Ok(false), Ok(true)]);
    let held: Vec<u32> = groups.entries().iter().map(|entry| entry.leader_pid).collect();
    assert_eq!(held, survivors);
    for cat in [first, last] {
        assert_eq!(cat.release(), ended_by(Signal::SIGHUP));
    }
}

#[test]
fn many_threads_each_get_their_own_answer() {
    let groups: Vec<Cat> = (0..8).map(|_| Cat::leader()).collect();
    std::thread::scope(|scope| {
        for (position, group) in groups.iter().enumerate() {
            let missing = i32::MAX as u32 - position as u32;
            scope.spawn(move || {
                assert_eq!(signal(missing, "SIGTERM"), Ok(false));
                assert_eq!(signal(group.pid(), "SIGTERM"), Ok(true));
                assert!(signal(group.pid(), "TERM").is_err());
            });
        }
    });
    for group in groups {
        assert_eq!(group.release(), ended_by(Signal::SIGTERM));
    }
}
