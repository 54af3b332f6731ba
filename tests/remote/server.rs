//! An OpenSSH server of the test's own: its keys, its configuration, a free port of the loopback interface.

use super::cats::{Cat, ended_by};
use super::support::{NOBODYS, missing, output, program};
use nix::sys::signal::Signal;
use nix::unistd::{User, geteuid};
use process_groups::{Signaller, SshSignaller};
use rstest::rstest;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How many ports are tried: between being found free and being taken one may be lost to somebody else.
const TRIES: usize = 5;

/// A server that takes one key. It ends when it is dropped.
struct Server {
    server: Child,
    /// It writes there as long as it lives.
    _log: BufReader<ChildStderr>,
    folder: TempDir,
}

impl Server {
    /// `None`, with a word about it, where there is no OpenSSH, or it lets nobody in.
    fn start(further: &str) -> Option<Self> {
        let sshd =
            ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].into_iter().find(|path| Path::new(path).exists());
        let sshd = program(sshd.unwrap_or("sshd"))?;
        program("ssh")?;
        let folder = tempfile::tempdir().expect("a folder can be made");
        for key in ["host", "user"] {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(folder.path().join(key));
            assert!(output(&mut keygen).status.success());
        }
        if geteuid().is_root() {
            // Where sshd(8) separates its privileges; Debian's package makes it at boot.
            fs::create_dir_all("/run/sshd").expect("root may make it");
        }
        let Some((server, log)) = (0..TRIES).find_map(|_| Self::listen(&sshd, &folder, further)) else {
            return missing("sshd does not start here");
        };
        let server = Self { server, _log: log, folder };
        match server.signaller().connect() {
            Ok(()) => Some(server),
            Err(error) => missing(&format!("nobody can log in to a server of one's own here: {error}")),
        }
    }

    fn listen(sshd: &Path, folder: &TempDir, further: &str) -> Option<(Child, BufReader<ChildStderr>)> {
        let free = TcpListener::bind("127.0.0.1:0").expect("there is a loopback interface");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let of = |name: &str| folder.path().join(name).display().to_string();
        let [host, user, config] = ["host", "user", "sshd_config"].map(of);
        let lines = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {host}\nAuthorizedKeysFile {user}.pub\nStrictModes no\nUsePAM no\n\
             PidFile none\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n{further}\n"
        );
        fs::write(&config, lines).expect("a file can be written");
        let me =
            User::from_uid(geteuid()).ok().flatten().map_or_else(|| "nobody".to_owned(), |user| user.name);
        let known = fs::read_to_string(format!("{host}.pub")).expect("the key is there");
        fs::write(of("known_hosts"), format!("box {known}")).expect("a file can be written");
        // What a user's own configuration may hold that a held shell must not come to grief by.
        let client = format!(
            "Host box stranger\nHostName 127.0.0.1\nPort {port}\nUser {me}\nIdentityFile {user}\nIdentitiesOnly yes\n\
             UserKnownHostsFile {}\nLogLevel ERROR\nRequestTTY force\nRemoteCommand echo hello\n\
             StrictHostKeyChecking ask\nControlMaster auto\nControlPersist 600\nControlPath {}\n\
             LocalForward 127.0.0.1:{port} 127.0.0.1:1\nExitOnForwardFailure yes\nHost box\nHostKeyAlias box\n",
            of("known_hosts"),
            of("control"),
        );
        fs::write(of("ssh_config"), client).expect("a file can be written");
        let mut server =
            Command::new(sshd).args(["-D", "-e", "-f", &config]).stderr(Stdio::piped()).spawn().ok()?;
        let mut log = BufReader::new(server.stderr.take().expect("it was asked for"));
        let mut line = String::new();
        while log.read_line(&mut line).is_ok_and(|length| length > 0) {
            if line.contains("Server listening on") {
                return Some((server, log));
            }
        }
        let _ = server.wait();
        println!("sshd did not start: {line}");
        None
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("ssh_config")
    }

    fn signaller(&self) -> SshSignaller {
        SshSignaller::new("box").expect("it is a name").config(self.config())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
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
    let Some(server) = Server::start(further) else { return };
    let signaller = server.signaller();
    assert_right(&signaller);
    assert_right(&signaller);
    assert!(!sessions(&server).is_empty(), "it holds one");
    drop(signaller);
    let deadline = Instant::now() + Duration::from_secs(20);
    while !sessions(&server).is_empty() {
        assert!(Instant::now() < deadline, "left behind: {:?}", sessions(&server));
        std::thread::yield_now();
    }
    assert!(!server.folder.path().join("control").exists(), "a shared connection was made");
}

/// The processes of the server beside itself.
fn sessions(server: &Server) -> Vec<String> {
    let pid = server.server.id();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("it lives");
    children.split_whitespace().map(str::to_owned).collect()
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
    let before = sessions(&server);
    let signaller = server.signaller();
    assert_right(&signaller);
    assert_eq!(sessions(&server), before, "it has made a connection of its own");
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
