//! Who has implemented exactly the one method compiles unchanged. What this file asks of the compiler is the
//! test; nothing in its first part may be edited to make it compile.

use process_groups::{ProcessGroups, Signaller};
use std::sync::Arc;

#[derive(Debug)]
struct Existing;

impl Signaller for Existing {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        match (leader_pid, signal_name) {
            (10, "SIGTERM") => Ok(true),
            (20, "SIGTERM") => Ok(false),
            _ => Err(format!("{signal_name:?} is not for {leader_pid}")),
        }
    }
}

#[test]
fn an_implementation_of_the_one_method_serves_a_registry() {
    let mut groups = ProcessGroups::new(Arc::new(Existing));
    for leader_pid in [10, 20, 30] {
        groups.register(leader_pid, "job");
    }
    let answers: Vec<_> = groups.signal_all("SIGTERM").into_iter().map(|(_, answer)| answer).collect();
    let expected = [Ok(true), Ok(false), Err("\"SIGTERM\" is not for 30".to_owned())];
    assert_eq!(answers, expected);
}

#[test]
fn the_trait_is_usable_as_an_object_on_any_thread() {
    let any: Box<dyn Signaller> = Box::new(Existing);
    let answer = std::thread::spawn(move || any.signal(20, "SIGTERM")).join();
    assert_eq!(answer.expect("it does not panic"), Ok(false));
}

/// What was written for a registry without fencing reads its entries as before.
#[test]
fn entries_have_their_leader_pid_and_label() {
    let mut groups = ProcessGroups::new(Arc::new(Existing));
    groups.register(10, "job");
    let listed: Vec<(u32, &str)> =
        groups.entries().iter().map(|entry| (entry.leader_pid, entry.label.as_str())).collect();
    assert_eq!(listed, [(10, "job")]);
}
