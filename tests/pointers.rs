//! A pointer to a signaller is a signaller, and asks the one it points to in the form that was called.

use process_groups::{LocalSignaller, Signaller, signaller_fn};
use rstest::rstest;
use std::sync::{Arc, Mutex};

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

/// Keeps what was pinned, and lets go of it.
#[derive(Debug, Default)]
struct Pins(Mutex<Vec<u32>>);

impl Signaller for Pins {
    fn signal(&self, _: u32, _: &str) -> Result<bool, String> {
        Ok(true)
    }

    fn pin(&self, leader_pid: u32) {
        self.0.lock().expect("nobody panics while holding it").push(leader_pid);
    }

    fn unpin(&self, leader_pid: u32) {
        self.0.lock().expect("as above").retain(|pinned| *pinned != leader_pid);
    }
}

/// Knows of odd leader pids that their groups have exited, and of 7 when its leader does.
#[cfg(unix)]
#[derive(Debug)]
struct Knows;

#[cfg(unix)]
impl Signaller for Knows {
    fn signal(&self, _: u32, _: &str) -> Result<bool, String> {
        Ok(true)
    }

    fn have_exited(&self, leader_pids: &[u32]) -> Vec<Option<bool>> {
        leader_pids.iter().map(|leader_pid| Some(leader_pid % 2 == 1)).collect()
    }

    fn exit_event(&self, leader_pid: u32) -> Option<std::os::fd::OwnedFd> {
        (leader_pid == 7).then(|| std::io::pipe().expect("a descriptor is left").0.into())
    }
}

#[cfg(unix)]
#[test]
fn what_is_known_of_exits_comes_from_behind_the_pointer() {
    fn ask<S: Signaller>(signaller: S) {
        assert_eq!(S::have_exited(&signaller, &[7, 8]), [Some(true), Some(false)]);
        assert!(S::exit_event(&signaller, 7).is_some() && S::exit_event(&signaller, 8).is_none());
    }
    ask(Knows);
    ask(&Knows);
    ask(Box::new(Knows) as Box<dyn Signaller>);
    ask(Arc::new(Knows) as Arc<dyn Signaller>);
    // By default nothing is known.
    assert_eq!(Batches.have_exited(&[7, 8]), [None, None]);
    assert!(Batches.exit_event(7).is_none());
}

/// Pins two and lets go of one, through exactly this type.
fn pin<S: Signaller>(signaller: S) {
    S::pin(&signaller, 7);
    S::pin(&signaller, 8);
    S::unpin(&signaller, 7);
}

#[test]
fn pins_reach_the_signaller_behind_the_pointer() {
    let pins = Pins::default();
    pin(&pins);
    pin(Box::new(&pins));
    pin(Arc::new(&pins as &dyn Signaller));
    assert_eq!(*pins.0.lock().expect("as above"), [8, 8, 8]);
    // By default they are nothing.
    pin(Batches);
}
