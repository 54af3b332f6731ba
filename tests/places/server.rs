//! An OpenSSH server of one's own: its keys, its configuration, a free port of the loopback interface.

use super::{missing, output, program};
use nix::unistd::{User, geteuid};
use process_groups::SshSignaller;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;

/// How many ports are tried: between being found free and being taken one may be lost to somebody else.
const TRIES: usize = 5;

/// A server that takes one key. It ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    server: Child,
    /// It writes there as long as it lives.
    _log: BufReader<ChildStderr>,
    pub folder: TempDir,
}

impl Server {
    /// `None`, with a word about it, where there is no OpenSSH, or it lets nobody in.
    pub fn start(further: &str) -> Option<Self> {
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

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("ssh_config")
    }

    /// The processes of the server beside itself.
    pub fn sessions(&self) -> Vec<String> {
        let pid = self.server.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("it lives");
        children.split_whitespace().map(str::to_owned).collect()
    }

    pub fn signaller(&self) -> SshSignaller {
        SshSignaller::new("box").expect("it is a name").config(self.config())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
