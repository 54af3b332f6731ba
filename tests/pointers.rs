//! A pointer to a signaller is a signaller, and asks the one it points to in the form that was called.

use process_groups::{LocalSignaller, Signaller, signaller_fn};
use rstest::rstest;
use std::sync::Arc;

/// Tells in its answers in which form it was asked.
#[derive(Debug)]
struct Batches;

impl Signaller for Batches {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> Result<bool, String> {
        Err(format!("{signal_name} to {leader_pid} alone"))
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<Result<bool, String>> {
        vec![Err(format!("{signal_name} to {leader_pids:?} together"))]
    }
}

/// Asks through exactly this type, without following a pointer on the way.
fn ask<S: Signaller>(signaller: S) -> Vec<String> {
    let mut answers = vec![S::signal(&signaller, 7, "SIGHUP")];
    answers.extend(S::signal_each(&signaller, &[7, 8], "SIGINT"));
    answers.into_iter().filter_map(Result::err).collect()
}

#[rstest]
#[case::value(ask(Batches))]
#[case::reference(ask(&Batches))]
#[case::counted_reference(ask(Arc::new(&Batches)))]
#[case::boxed(ask(Box::new(Batches)))]
#[case::counted(ask(Arc::new(Batches)))]
#[case::reference_to_any(ask(&Batches as &dyn Signaller))]
#[case::boxed_any(ask(Box::new(Batches) as Box<dyn Signaller>))]
#[case::counted_any(ask(Arc::new(Batches) as Arc<dyn Signaller>))]
#[case::counted_boxed_any(ask(Arc::new(Box::new(Batches) as Box<dyn Signaller>)))]
fn both_forms_reach_the_signaller_behind_the_pointer(#[case] answers: Vec<String>) {
    assert_eq!(answers, ["SIGHUP to 7 alone", "SIGINT to [7, 8] together"]);
}

#[test]
fn a_closure_is_asked_one_by_one_in_order() {
    let signaller = signaller_fn(|leader_pid, signal_name| match leader_pid {
        7 => Ok(true),
        8 => Ok(false),
        _ => Err(format!("{signal_name} to {leader_pid}")),
    });
    let answers = signaller.signal_each(&[9, 8, 7, 8], "SIGKILL");
    let expected = [Err("SIGKILL to 9".to_owned()), Ok(false), Ok(true), Ok(false)];
    assert_eq!(answers, expected);
    assert_eq!(signaller.signal_each(&[], "SIGKILL"), []);
}

#[test]
fn every_signaller_here_describes_itself() {
    let closure = signaller_fn(|_, _| Ok(true));
    assert!(format!("{closure:?}").starts_with("SignallerFn(pointers::"), "{closure:?}");
    assert_eq!(format!("{:?}", Arc::new(LocalSignaller)), "LocalSignaller");
}
