//! A stop of live groups: those that end by SIGTERM, ignore it, are stopped, fork meanwhile, or are not
//! reaped.
#![cfg(unix)]

use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use process_groups::{LocalSignaller, PinningSignaller, ProcessGroups, Signaller, StopOutcome};
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A grace period that no test waits out.
const LONG: Duration = Duration::from_secs(600);
/// One that is waited out.
const SHORT: Duration = Duration::from_millis(100);

/// A group led by a shell that runs `script`, once it has printed a line.
fn group(script: &str) -> Child {
    let mut child = Command::new("sh")
        .args(["-c", script])
        .process_group(0)
        .stdout(Stdio::piped())
        .spawn()
        .expect("sh can be started");
    let mut line = [0];
    child.stdout.as_mut().expect("it is piped").read_exact(&mut line).expect("it prints a line");
    if script == STOPPED {
        let pid = pid_of(&child);
        kill(pid, Signal::SIGSTOP).expect("it is a child");
        waitpid(pid, Some(WaitPidFlag::WUNTRACED)).expect("it is a child");
    }
    child
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("it is a pid"))
}

fn signallers() -> Vec<Arc<dyn Signaller>> {
    vec![
        Arc::new(LocalSignaller),
        Arc::new(PinningSignaller::new()),
        Arc::new(PinningSignaller::without_pidfd()),
        #[cfg(feature = "remote")]
        Arc::new(process_groups::ShellSignaller::behind::<&str>([])),
    ]
}

/// Stops the groups of these scripts through each signaller. Nobody reaps them before it has returned.
fn stop_each(scripts: &[&str], grace: Duration, owed: &[StopOutcome]) {
    for signaller in signallers() {
        let mut groups = ProcessGroups::new(signaller.clone());
        let mut children: Vec<Child> = scripts.iter().map(|script| group(script)).collect();
        for (child, script) in children.iter().zip(scripts) {
            groups.register(child.id(), *script);
        }
        let results = groups.stop(grace);
        let outcomes: Vec<StopOutcome> = results.into_iter().map(|(_, outcome)| outcome).collect();
        // Before anything is asserted, so that none is left behind.
        for child in &mut children {
            let _ = signaller.signal(child.id(), "SIGKILL");
            child.wait().expect("it is a child");
        }
        assert_eq!(outcomes, owed, "{signaller:?}");
    }
}

const ENDS: &str = "echo; exec sleep 1000";
const IGNORES: &str = "trap '' TERM; echo; exec sleep 1000";
/// The leader ends by SIGTERM, its child does not, and is somebody else's from then on.
const LEAVES_A_SURVIVOR: &str = "(trap '' TERM; echo; exec sleep 1000) & wait";
/// Is stopped once it is there.
const STOPPED: &str = "echo; exec sleep 1001";
const FORKS_ONCE_ASKED: &str =
    "trap '(trap \"\" TERM; exec sleep 1000) & exit' TERM; echo; while :; do sleep 0.01; done";

#[test]
#[cfg(target_os = "linux")]
fn what_ends_by_itself_ends_the_grace_period_also_unreaped() {
    let began = Instant::now();
    stop_each(&[ENDS, ENDS, ENDS], LONG, &[StopOutcome::Exited, StopOutcome::Exited, StopOutcome::Exited]);
    assert!(began.elapsed() < LONG);
}

#[test]
#[cfg(target_os = "linux")]
fn what_is_left_is_killed() {
    let [exited, killed] = [StopOutcome::Exited, StopOutcome::Killed];
    // Long enough that what ends by SIGTERM has ended.
    let grace = Duration::from_secs(2);
    let scripts = [IGNORES, ENDS, LEAVES_A_SURVIVOR, STOPPED, FORKS_ONCE_ASKED];
    stop_each(&scripts, grace, &[killed.clone(), exited, killed.clone(), killed.clone(), killed]);
}

#[test]
fn killed_groups_are_gone_whatever_they_forked() {
    for signaller in signallers() {
        let mut groups = ProcessGroups::new(signaller);
        let mut child = group("trap '' TERM; echo; while :; do (sleep 1000) & sleep 0.001; done");
        groups.register(child.id(), "forks without end");
        assert_eq!(groups.stop(SHORT)[0].1, StopOutcome::Killed);
        child.wait().expect("it is a child");
        // Once those that init adopted are reaped nobody is left; nobody forks any more.
        while killpg(pid_of(&child), None).is_ok() {
            thread::yield_now();
        }
        assert_eq!(groups.signal_all("SIGKILL")[0].1, Ok(false));
    }
}

#[test]
fn a_shared_registry_takes_newcomers_and_exit_notices_while_it_stops() {
    let groups = Arc::new(Mutex::new(ProcessGroups::new(Arc::new(PinningSignaller::new()))));
    let locked = || groups.lock().expect("nobody panics while holding it");
    let mut asked = group(ENDS);
    locked().register(asked.id(), "asked");
    let mut stop = locked().begin_stop(LONG);
    let mut newcomer = group(ENDS);
    locked().register(newcomer.id(), "newcomer");
    let pid = asked.id();
    let noticing = thread::spawn({
        let groups = groups.clone();
        move || {
            asked.wait().expect("it is a child");
            groups.lock().expect("as above").forget_registration(pid, "asked");
        }
    });
    let results = loop {
        if let Some(results) = stop.advance(&mut locked()) {
            break results;
        }
        stop.wait();
    };
    noticing.join().expect("it does not panic");
    let is_live = newcomer.try_wait().expect("it is a child").is_none();
    newcomer.kill().expect("it is a child");
    newcomer.wait().expect("it is a child");
    let outcomes: Vec<_> =
        results.iter().map(|(entry, outcome)| (entry.leader_pid, outcome.clone())).collect();
    assert_eq!(outcomes, [(pid, StopOutcome::Exited), (newcomer.id(), StopOutcome::NotAsked)]);
    assert!(is_live, "the newcomer was not asked");
}

#[test]
fn a_cancelled_stop_leaves_them_alone() {
    let mut groups = ProcessGroups::new(Arc::new(PinningSignaller::new()));
    let mut child = group(IGNORES);
    groups.register(child.id(), "ignores");
    let mut stop = groups.begin_stop(LONG);
    let canceller = stop.canceller();
    let cancelling = thread::spawn(move || canceller.cancel());
    let results = loop {
        if let Some(results) = stop.advance(&mut groups) {
            break results;
        }
        stop.wait();
    };
    cancelling.join().expect("it does not panic");
    let is_live = child.try_wait().expect("it is a child").is_none();
    kill(pid_of(&child), Signal::SIGKILL).expect("it is a child");
    child.wait().expect("it is a child");
    assert!(is_live && results[0].1 == StopOutcome::Left, "{results:?}");
}

#[test]
fn local_signallers_know_who_has_exited_and_signal_nobody() {
    let mut child = group("trap 'exit 3' TERM HUP INT; echo; while :; do sleep 0.01; done");
    for signaller in signallers() {
        signaller.pin(child.id());
        assert_eq!(signaller.have_exited(&[child.id(), 0, 1, u32::MAX]), [Some(false), None, None, None]);
    }
    assert!(child.try_wait().expect("it is a child").is_none(), "nobody was signalled");
    kill(pid_of(&child), Signal::SIGKILL).expect("it is a child");
    // Its leader has exited, but a `sleep` of its may be left for a moment.
    while !signallers().iter().all(|signaller| signaller.have_exited(&[child.id()]) != [Some(false)]) {
        if cfg!(not(target_os = "linux")) {
            break; // There only what is reaped has exited.
        }
        thread::yield_now();
    }
    child.wait().expect("it is a child");
    while signallers().iter().any(|signaller| signaller.have_exited(&[child.id()]) != [Some(true)]) {
        thread::yield_now();
    }
}
