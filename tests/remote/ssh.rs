//! Hosts behind a real SSH server.

use super::cats::{Cat, ended_by};
use super::places::server::Server;
use super::places::{output, program};
use super::support::NOBODYS;
use nix::sys::signal::Signal;
use process_groups::{Signaller, SshSignaller};
use rstest::rstest;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Asserts that it answers rightly for a live group and for one that is not.
fn assert_right(signaller: &SshSignaller) {
    let target = Cat::leader();
    assert_eq!(signaller.signal_each(&[target.pid(), NOBODYS], "SIGTERM"), [Ok(true), Ok(false)]);
    assert_eq!(target.release(), ended_by(Signal::SIGTERM));
}

/// A login shell runs what is asked for: sshd(8) gives it after `-c`.
#[rstest]
#[case::as_it_is("", "")]
#[case::a_login_script_that_writes(
    "",
    "ForceCommand echo Welcome; printf 'host$ '; eval \"$SSH_ORIGINAL_COMMAND\""
)]
#[case::csh("tcsh", "ForceCommand exec tcsh -c \"$SSH_ORIGINAL_COMMAND\"")]
#[case::fish("fish", "ForceCommand exec fish -c \"$SSH_ORIGINAL_COMMAND\"")]
fn a_host_behind_ssh_answers_and_no_process_is_left(#[case] needs: &str, #[case] further: &str) {
    if !needs.is_empty() && program(needs).is_none() {
        return;
    }
    let Some(server) = Server::start(further) else { return };
    let signaller = server.signaller();
    assert_right(&signaller);
    assert_right(&signaller);
    assert!(!server.sessions().is_empty(), "it holds one");
    drop(signaller);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !server.sessions().is_empty() {
        assert!(Instant::now() < deadline, "left behind: {:?}", server.sessions());
        std::thread::yield_now();
    }
    assert!(!server.folder.path().join("control").exists(), "a shared connection was made");
}

#[test]
fn a_shared_connection_that_is_there_is_used() {
    let Some(server) = Server::start("MaxSessions 10") else { return };
    let config = server.config().display().to_string();
    let ssh = |words: &[&str]| {
        output(Command::new("ssh").args(["-F", &config, "-o", "RemoteCommand=none"]).args(words))
    };
    let clear = ["-o", "ClearAllForwardings=yes", "-T", "-o", "ControlPersist=yes", "-f", "-N", "box"];
    let mut master = Command::new("ssh");
    master
        .args(["-F", &config, "-o", "RemoteCommand=none"])
        .args(clear)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    assert!(master.status().expect("ssh runs").success());
    let before = server.sessions();
    let signaller = server.signaller();
    assert_right(&signaller);
    assert_eq!(server.sessions(), before, "it has made a connection of its own");
    drop(signaller);
    assert!(ssh(&["-O", "exit", "box"]).status.success(), "the shared connection outlives it");
}

#[test]
fn a_host_that_nobody_can_log_in_to_is_an_error_that_says_why_and_nobody_is_asked() {
    let Some(server) = Server::start("") else { return };
    // Its key is not known, and with `ask` ssh(1) would ask.
    let stranger = SshSignaller::new("stranger").expect("it is a name").config(server.config());
    let message = stranger.signal(NOBODYS, "SIGTERM").expect_err("the key is not known");
    assert!(message.contains("Host key verification failed") && message.contains("by hand"), "{message}");
    let config = server.config();
    drop(server);
    let gone = SshSignaller::new("box").expect("it is a name").config(config);
    let message = gone.signal(NOBODYS, "SIGTERM").expect_err("the server has ended");
    assert!(message.contains("255"), "{message}");
}

/// A server that takes connections and says nothing.
#[test]
fn a_host_that_does_not_answer_is_an_error_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a loopback interface");
    let port = listener.local_addr().expect("it is bound").port();
    let Some(_) = program("ssh") else { return };
    let ssh = SshSignaller::new(&format!("ssh://nobody@127.0.0.1:{port}")).expect("it is a name");
    let ssh = ssh.config("/dev/null").timeout(Duration::from_millis(500));
    let began = Instant::now();
    let message = ssh.signal(NOBODYS, "SIGTERM").expect_err("nobody answers");
    assert!(message.contains("time limit"), "{message}");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
