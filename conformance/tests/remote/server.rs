//! An OpenSSH server of the test's own: its keys, its configuration, a free port of the loopback interface.

use super::support::{self, Run};
use super::{CUT_CASES, assert_sound, assert_tried_cut_off, held_shell};
use nix::unistd::{User, geteuid};
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// How many ports are tried: between being found free and being taken one may be lost to somebody else.
const TRIES: usize = 5;

/// One server at a time: whoever has one looks at what is left behind in /tmp.
static ALONE: Mutex<()> = Mutex::new(());

/// A server that takes one key, and the configuration of a client that has it. It ends when it is dropped.
pub(super) struct Server {
    server: Child,
    /// It writes there as long as it lives.
    _log: BufReader<ChildStderr>,
    pub(super) folder: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Server {
    /// `None`, with a word about it, where there is no OpenSSH, or it lets nobody in: an account without a
    /// shell, or one that is locked, cannot log in.
    pub(super) fn start() -> Option<Self> {
        let sshd =
            ["/usr/sbin/sshd", "/usr/local/sbin/sshd"].into_iter().find(|path| Path::new(path).exists());
        let sshd = support::program(sshd.unwrap_or("sshd"))?;
        support::program("ssh")?;
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().expect("a folder can be made");
        for key in ["host", "user"] {
            let mut keygen = Command::new("ssh-keygen");
            let made =
                keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(folder.path().join(key)).status();
            assert!(made.expect("ssh-keygen is there").success());
        }
        if geteuid().is_root() {
            // Where sshd(8) separates its privileges; Debian's package makes it at boot.
            fs::create_dir_all("/run/sshd").expect("root may make it");
        }
        let Some((server, log)) = (0..TRIES).find_map(|_| Self::listen(&sshd, &folder)) else {
            return support::missing("sshd does not start here");
        };
        let server = Self { server, _log: log, folder, _alone: alone };
        let login = Command::new("sh").args(["-c", &format!("{} true", server.ssh())]).output();
        let login = login.expect("sh(1) is there");
        match login.status.success() {
            true => Some(server),
            false => support::missing(&format!(
                "nobody can log in to a server of one's own here: {}",
                support::last_line(&login.stderr)
            )),
        }
    }

    /// Starts the server on a port that was free a moment ago; `None` if it is no more.
    fn listen(sshd: &Path, folder: &TempDir) -> Option<(Child, BufReader<ChildStderr>)> {
        let free = TcpListener::bind("127.0.0.1:0").expect("there is a loopback interface");
        let port = free.local_addr().expect("it is bound").port();
        drop(free);
        let of = |name: &str| folder.path().join(name).display().to_string();
        let [host, user, config] = ["host", "user", "sshd_config"].map(of);
        let lines = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {host}\nAuthorizedKeysFile {user}.pub\nStrictModes no\nUsePAM no\n\
             PidFile none\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nMaxStartups 100\n"
        );
        fs::write(&config, lines).expect("a file can be written");
        // One without a name cannot log in, as the login will show.
        let me =
            User::from_uid(geteuid()).ok().flatten().map_or_else(|| "nobody".to_owned(), |user| user.name);
        let known = fs::read_to_string(format!("{host}.pub")).expect("the key is there");
        fs::write(of("known_hosts"), format!("box {known}")).expect("a file can be written");
        let client = format!(
            "Host box\nHostName 127.0.0.1\nPort {port}\nUser {me}\nIdentityFile {user}\nIdentitiesOnly yes\n\
             HostKeyAlias box\nUserKnownHostsFile {}\nBatchMode yes\nLogLevel ERROR\n",
            of("known_hosts")
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

    /// A `PATH` in which `ssh` has the client's configuration.
    pub(super) fn path(&self) -> String {
        let folder = self.folder.path().join("bin");
        fs::create_dir(&folder).expect("a folder can be made");
        let script = folder.join("ssh");
        let ssh = which::which("ssh").expect("it was found before");
        let config = self.folder.path().join("ssh_config");
        let text = format!("#!/bin/sh\nexec {} -F {} \"$@\"\n", ssh.display(), config.display());
        fs::write(&script, text).expect("a file can be written");
        fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("it is the test's own");
        format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
    }

    /// The pid of the server.
    pub(super) fn id(&self) -> u32 {
        self.server.id()
    }

    /// The words that run a command there.
    fn ssh(&self) -> String {
        let config: PathBuf = self.folder.path().join("ssh_config");
        format!("ssh -F {} box", config.display())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_shell_held_over_ssh_conforms_and_nothing_is_left_there() {
    let Some(server) = Server::start() else { return };
    let before = agents();
    let subject = format!("exec {} \"$0\"", server.ssh());
    // Each case connects twice.
    let some =
        "^(delivers-to-every-member/[a-z]+|reports-.*|outlives-.*|exited-is.*|name-comes-.*|error-names.*)$";
    let options = ["--testbed", &server.ssh(), "--timeout", "20", "--filter", some];
    let run = Run::check(&options, &["stdio", "--", "sh", "-c", &subject, &held_shell()]);
    assert_sound(&run);
    assert_eq!(run.status, Some(0));
    assert_eq!(agents(), before, "files of agents are left in /tmp");
}

/// A server that is stopped leaves new connections hanging, as a network does that drops packets; the agent's
/// connection goes on.
#[test]
fn a_host_that_does_not_answer_is_unreachable_and_is_found_again() {
    let Some(server) = Server::start() else { return };
    let hook = |signal: &str| format!("kill -{signal} {}", server.id());
    let known = "case $2 in SIGTERM | SIGKILL | SIGINT | SIGHUP) ;; *) echo \"unknown signal name\" >&2; exit 1 ;; esac";
    let ssh = server.ssh().replacen("ssh", "ssh -o ConnectTimeout=1", 1);
    let example = support::source("examples/signaller.sh");
    let subject = format!("{known}; exec {ssh} sh -s -- \"$1\" \"$2\" < {}", example.display());
    let testbed = server.ssh();
    let hooks = ["--sever", &hook("STOP"), "--restore", &hook("CONT")];
    let options = [&["--testbed", &testbed, "--filter", CUT_CASES][..], &hooks].concat();
    let words = ["command", "--", "sh", "-c", &subject, "sh", "{leader_pid}", "{signal_name}"];
    assert_tried_cut_off(&Run::check(&options, &words));
}

/// The files and folders that agents on remote hosts are run from.
pub(super) fn agents() -> Vec<PathBuf> {
    let entries = fs::read_dir("/tmp").expect("there is /tmp").filter_map(Result::ok);
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.display().to_string().contains("signaller-conformance-"))
        .collect();
    found.sort();
    found
}
