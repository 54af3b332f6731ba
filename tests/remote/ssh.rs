//! Hosts behind a real SSH server.

use super::cats::{Cat, ended_by};
use super::support::NOBODYS;
use nix::sys::signal::Signal;
use process_groups::{Signaller, SshSignaller};
use rstest::rstest;
use signaller_places::{SshServer, assert_none_left, output, program};
use std::fs::OpenOptions;
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A server whose client has a configuration that must not break a held shell, as a user's own may be.
fn start(further: &str) -> Option<SshServer> {
    let server = SshServer::start(further)?;
    let lines = format!(
        "RequestTTY force\nRemoteCommand echo hello\nStrictHostKeyChecking ask\nControlMaster auto\n\
         ControlPersist 600\nControlPath {}\nLocalForward 127.0.0.1:{} 127.0.0.1:1\nExitOnForwardFailure yes\n",
        control(&server).display(),
        server.port,
    );
    let mut config = OpenOptions::new().append(true).open(server.config()).expect("it is ours");
    config.write_all(lines.as_bytes()).expect("it can be written");
    Some(server)
}

/// The socket of a shared connection.
fn control(server: &SshServer) -> PathBuf {
    server.folder().join("control")
}

fn signaller_of(server: &SshServer) -> SshSignaller {
    SshSignaller::new("box").expect("it is a name").config(server.config())
}

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
    let Some(server) = start(further) else { return };
    let signaller = signaller_of(&server);
    assert_right(&signaller);
    assert_right(&signaller);
    assert!(!server.sessions().is_empty(), "it holds one");
    drop(signaller);
    assert_none_left(|| server.sessions());
    assert!(!control(&server).exists(), "a shared connection was made");
}

#[test]
fn a_shared_connection_that_is_there_is_used() {
    let Some(server) = start("MaxSessions 10") else { return };
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
    let signaller = signaller_of(&server);
    assert_right(&signaller);
    assert_eq!(server.sessions(), before, "it has made a connection of its own");
    drop(signaller);
    assert!(ssh(&["-O", "exit", "box"]).status.success(), "the shared connection outlives it");
}

#[test]
fn a_host_that_nobody_can_log_in_to_is_an_error_that_says_why_and_nobody_is_asked() {
    let Some(server) = start("") else { return };
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
