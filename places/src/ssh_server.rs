use crate::{assert_none_left, last_line, missing, output, program};
use nix::unistd::{User, geteuid};
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use tempfile::TempDir;

/// How many ports are tried: between being found free and being taken one may be lost to somebody else.
const TRIES: usize = 5;

/// An OpenSSH server with its own keys on a port of the loopback interface, and the configuration of a client
/// that may log in to it as the host `box`. It ends when it is dropped.
#[derive(Debug)]
pub struct SshServer {
    server: Child,
    /// It writes there as long as it lives.
    _log: BufReader<ChildStderr>,
    folder: TempDir,
    /// The port that it listens on.
    pub port: u16,
}

impl SshServer {
    /// Starts a server with further lines of sshd_config(5). `None` also where nobody can log in: an account
    /// may have no shell, or be locked.
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
        let Some((server, log, port)) = (0..TRIES).find_map(|_| listen(&sshd, folder.path(), further)) else {
            return missing("sshd does not start here");
        };
        let server = Self { server, _log: log, folder, port };
        let login = output(Command::new("ssh").arg("-F").arg(server.config()).args(["box", "true"]));
        if !login.status.success() {
            let why = last_line(&login.stderr);
            return missing(&format!("nobody can log in to a server of one's own here: {why}"));
        }
        assert_none_left(|| server.sessions());
        Some(server)
    }

    /// Its folder, which is removed with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The client's configuration, to which a test may append lines for all hosts. Every other name leads to
    /// this server, too, but has no known host key.
    pub fn config(&self) -> PathBuf {
        self.folder().join("ssh_config")
    }

    /// Its pid.
    pub fn pid(&self) -> u32 {
        self.server.id()
    }

    /// The pids of its processes that serve a connection.
    pub fn sessions(&self) -> Vec<String> {
        let pid = self.pid();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).expect("it lives");
        children.split_whitespace().map(str::to_owned).collect()
    }
}

impl Drop for SshServer {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Starts a server on a port that was free a moment ago; `None` if it is no more.
fn listen(sshd: &Path, folder: &Path, further: &str) -> Option<(Child, BufReader<ChildStderr>, u16)> {
    let free = TcpListener::bind("127.0.0.1:0").expect("there is a loopback interface");
    let port = free.local_addr().expect("it is bound").port();
    drop(free);
    let of = |name: &str| folder.join(name).display().to_string();
    let [host, user, config, known_hosts] = ["host", "user", "sshd_config", "known_hosts"].map(of);
    let lines = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {host}\nAuthorizedKeysFile {user}.pub\nStrictModes no\nUsePAM no\n\
         PidFile none\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nMaxStartups 100\n{further}\n"
    );
    fs::write(&config, lines).expect("a file can be written");
    // One without a name cannot log in, as the login will show.
    let me = User::from_uid(geteuid()).ok().flatten().map_or_else(|| "nobody".to_owned(), |user| user.name);
    let known = fs::read_to_string(format!("{host}.pub")).expect("the key is there");
    fs::write(&known_hosts, format!("box {known}")).expect("a file can be written");
    let client = format!(
        "Host box\nHostKeyAlias box\nBatchMode yes\nHost *\nHostName 127.0.0.1\nPort {port}\nUser {me}\n\
         IdentityFile {user}\nIdentitiesOnly yes\nUserKnownHostsFile {known_hosts}\nLogLevel ERROR\n"
    );
    fs::write(of("ssh_config"), client).expect("a file can be written");
    let mut server =
        Command::new(sshd).args(["-D", "-e", "-f", &config]).stderr(Stdio::piped()).spawn().ok()?;
    let mut log = BufReader::new(server.stderr.take().expect("it was asked for"));
    let mut line = String::new();
    while log.read_line(&mut line).is_ok_and(|length| length > 0) {
        if line.contains("Server listening on") {
            return Some((server, log, port));
        }
    }
    let _ = server.wait();
    println!("sshd did not start: {line}");
    None
}
