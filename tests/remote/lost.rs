//! What is held, how it is shared, and what is left when it is given up.

use super::cats::Cat;
use super::support::{Mark, NOBODYS, behind};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process_groups::remote::RemoteErrorKind;
use process_groups::{ShellSignaller, Signaller};
use std::fs;
use std::io::Read;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A group that ignores SIGHUP.
fn ignoring() -> Cat {
    let mut cat = Cat::leader_running("sh", &["-c", "trap '' HUP; echo; exec cat"]);
    cat.output().read_exact(&mut [0]).expect("it says so when it does");
    cat
}

/// A signaller whose shell writes its pid to a file of that folder, each time one is started.
fn writing_pids(folder: &TempDir) -> (ShellSignaller, impl Fn() -> Vec<i32>) {
    let file = folder.path().join("pids");
    let signaller = behind(&format!("echo $$ >> {}; exec \"$@\"", file.display()));
    let pids = move || {
        let text = fs::read_to_string(&file).unwrap_or_default();
        text.lines().map(|line| line.parse().expect("a pid")).collect()
    };
    (signaller, pids)
}

#[test]
fn one_shell_is_held_for_every_call_and_every_batch() {
    let folder = TempDir::new().expect("a folder can be made");
    let (signaller, pids) = writing_pids(&folder);
    assert_eq!(pids(), [], "nothing is started before it is needed");
    let group = ignoring();
    for _ in 0..20 {
        assert_eq!(signaller.signal(group.pid(), "SIGHUP"), Ok(true));
        assert_eq!(signaller.signal_each(&[group.pid(); 200], "SIGHUP"), vec![Ok(true); 200]);
    }
    assert_eq!(pids().len(), 1);
}

/// More than the pipes hold, in both directions at once.
#[test]
fn a_batch_of_any_size_is_written_and_read_at_once() {
    let signaller = behind("exec \"$@\"").timeout(Duration::from_secs(120));
    let group = ignoring();
    let answers = signaller.signal_each(&vec![group.pid(); 30_000], "SIGHUP");
    assert_eq!(answers.len(), 30_000);
    assert!(answers.iter().all(|answer| *answer == Ok(true)));
}

#[test]
fn the_next_call_connects_anew_when_the_shell_has_ended() {
    let folder = TempDir::new().expect("a folder can be made");
    let (signaller, pids) = writing_pids(&folder);
    let group = ignoring();
    for round in 1..=5 {
        // The shell of the round before has ended while nobody looked: no call fails of that.
        assert_eq!(signaller.signal(group.pid(), "SIGHUP"), Ok(true), "round {round}");
        assert_eq!(pids().len(), round);
        let shell = Pid::from_raw(pids()[round - 1]);
        kill(shell, Signal::SIGKILL).expect("it is a child of this test's");
        // It is the signaller's child, and so stays unreaped until the next call.
        while !fs::read_to_string(format!("/proc/{shell}/stat")).is_ok_and(|stat| stat.contains(") Z ")) {
            std::thread::yield_now();
        }
    }
}

#[test]
fn a_shell_that_stops_is_an_error_in_time_and_the_next_call_has_another() {
    let folder = TempDir::new().expect("a folder can be made");
    let (signaller, pids) = writing_pids(&folder);
    let signaller = signaller.timeout(Duration::from_secs(2));
    let group = ignoring();
    assert_eq!(signaller.signal(group.pid(), "SIGHUP"), Ok(true));
    kill(Pid::from_raw(pids()[0]), Signal::SIGSTOP).expect("it is a child of this test's");
    let message = signaller.signal(group.pid(), "SIGHUP").expect_err("it is stopped");
    assert!(message.contains("the time limit passed before it answered for this group"), "{message}");
    assert_eq!(signaller.signal(group.pid(), "SIGHUP"), Ok(true));
    assert_eq!(pids().len(), 2);
}

#[test]
fn answers_that_came_before_the_connection_was_lost_are_kept() {
    // The first word of the third request never comes.
    let signaller = behind("sed -u '/^3 /,$d' | \"$@\"").timeout(Duration::from_secs(3));
    let group = ignoring();
    let answers = signaller.signal_each(&[group.pid(); 200], "SIGHUP");
    assert!(answers[..128].iter().all(|answer| *answer == Ok(true)), "{answers:?}");
    assert!(answers[128..].iter().all(Result::is_err), "{answers:?}");
}

#[test]
fn many_threads_share_one_and_each_has_its_own_answer() {
    let signaller = behind("exec \"$@\"").timeout(Duration::from_secs(60));
    let group = ignoring();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let (signaller, group) = (&signaller, &group);
            scope.spawn(move || {
                for call in 0..20 {
                    let lives = (thread + call) % 2 == 0;
                    let leader_pid = if lives { group.pid() } else { NOBODYS - thread };
                    assert_eq!(signaller.signal(leader_pid, "SIGHUP"), Ok(lives));
                }
            });
        }
    });
}

#[test]
fn no_thread_waits_longer_than_the_time_limit_for_a_place_that_is_stuck() {
    let signaller = behind("exec sleep 1000").timeout(Duration::from_millis(500));
    let began = Instant::now();
    std::thread::scope(|scope| {
        let calls: Vec<_> = (0..16).map(|_| scope.spawn(|| signaller.signal(NOBODYS, "SIGTERM"))).collect();
        for call in calls {
            call.join().expect("it does not panic").expect_err("it is stuck");
        }
    });
    // One after the other they would take 8 s.
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[test]
fn a_call_that_waits_for_others_too_long_says_so() {
    let signaller = behind("exec sleep 1000").timeout(Duration::from_millis(500));
    let kinds: Vec<RemoteErrorKind> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4).map(|_| scope.spawn(|| signaller.connect())).collect();
        let kind = |call: std::thread::ScopedJoinHandle<
            '_,
            Result<(), process_groups::remote::RemoteError>,
        >| { call.join().expect("it does not panic").expect_err("it is stuck").kind() };
        calls.into_iter().map(kind).collect()
    });
    assert!(kinds.contains(&RemoteErrorKind::TimedOut), "{kinds:?}");
    assert!(
        kinds.iter().all(|kind| [RemoteErrorKind::TimedOut, RemoteErrorKind::Busy].contains(kind)),
        "{kinds:?}"
    );
}

#[test]
fn a_signaller_that_is_dropped_leaves_no_process() {
    let mark = Mark::new();
    let signaller = mark.behind("\"$@\"");
    assert_eq!(signaller.signal(NOBODYS, "SIGTERM"), Ok(false));
    assert!(!mark.bearers().is_empty(), "it holds a shell");
    let began = Instant::now();
    drop(signaller);
    // It waits for that, and not for the second after which a command is killed.
    assert_eq!(mark.bearers(), [""; 0]);
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
}

#[test]
fn a_command_that_does_not_end_with_its_input_is_ended() {
    let mark = Mark::new();
    let signaller = mark.behind("\"$@\"; sleep 1000 & exec sleep 1000");
    assert_eq!(signaller.signal(NOBODYS, "SIGTERM"), Ok(false));
    drop(signaller);
    mark.assert_gone();
}

#[test]
fn nothing_is_left_of_connections_that_fail() {
    let count = |folder: &str| fs::read_dir(folder).expect("there is /proc").count();
    let mark = Mark::new();
    let signallers = [
        mark.behind("exit 1"),
        mark.behind("exec cat").timeout(Duration::from_millis(20)),
        mark.behind("sleep 1000 & exec sleep 1000").timeout(Duration::from_millis(20)),
    ];
    for signaller in &signallers {
        signaller.signal(NOBODYS, "SIGTERM").expect_err("there is no shell");
    }
    let before = count("/proc/self/fd");
    for _ in 0..30 {
        for signaller in &signallers {
            signaller.signal(NOBODYS, "SIGTERM").expect_err("there is no shell");
        }
    }
    // Other tests of this program have some, too.
    assert!(
        count("/proc/self/fd") < before + 60,
        "{before} descriptors have become {}",
        count("/proc/self/fd")
    );
    mark.assert_gone();
}

#[test]
fn it_shows_the_command_when_debugged() {
    let told = format!("{:?}", ShellSignaller::behind(["docker", "exec", "-i", "box"]));
    assert_eq!(told, "ShellSignaller { command: \"docker exec -i box sh\", timeout: 10s }");
}

#[test]
fn a_command_that_cannot_be_started_says_what_is_missing() {
    for (words, told) in [(vec!["no-such-docker", "exec"], "no-such-docker"), (vec![], "sh")] {
        let signaller = ShellSignaller::behind(words.clone());
        match signaller.connect() {
            Err(error) if words.is_empty() => panic!("{error}"),
            Err(error) => {
                assert_eq!(error.kind(), RemoteErrorKind::NotStarted);
                assert!(
                    error.to_string().contains(told) && error.to_string().contains("installed"),
                    "{error}"
                );
            }
            // Without a command it is the shell of this machine.
            Ok(()) => assert_eq!(words, [""; 0]),
        }
    }
}
