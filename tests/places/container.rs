//! Containers of an image made of this machine's busybox: no image is pulled.

use super::{missing, output, program};
use process_groups::DockerSignaller;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A first process that never reaps, as many entry points.
pub const NEVER_REAPS: &[&str] = &["sleep", "3600"];
/// One that reaps whenever its child has exited.
pub const REAPS: &[&str] = &["sh", "-c", "while :; do sleep 0.1; done"];
/// How long the engine may take to end what was left of a connection.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A container. It and its image are removed when it is dropped.
#[derive(Debug)]
pub struct Container {
    pub docker: PathBuf,
    pub name: String,
}

impl Container {
    /// `None`, with a word about it, where there is no engine or no busybox.
    pub fn start(first_process: &[&str]) -> Option<Self> {
        Self::start_with(first_process, &["sh", "sleep", "setsid"], &[])
    }

    /// One that has only these of busybox's tools, started with further options.
    pub fn start_with(first_process: &[&str], tools: &[&str], options: &[&str]) -> Option<Self> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let docker = program("docker")?;
        let info = output(Command::new(&docker).args(["info", "--format", "{{.ServerErrors}}"]));
        if !info.status.success() {
            return missing(&format!("docker does not work here: {info:?}"));
        }
        let busybox = program("busybox")?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let container = Self { docker, name: format!("process-groups-{}-{number}", std::process::id()) };
        let root = tempfile::tempdir().expect("a folder can be made");
        for folder in ["bin", "proc", "dev"] {
            fs::create_dir(root.path().join(folder)).expect("a folder can be made");
        }
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).expect("it is ours");
        fs::copy(busybox, root.path().join("bin/busybox")).expect("busybox can be copied");
        for tool in tools {
            symlink("busybox", root.path().join("bin").join(tool)).expect("a link can be made");
        }
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(root.path()).args(["-c", "."]).stdout(Stdio::piped());
        let mut tar = tar.spawn().expect("tar(1) is there");
        let archive = tar.stdout.take().expect("it was asked for");
        let import =
            output(Command::new(&container.docker).args(["import", "-", &container.name]).stdin(archive));
        assert!(import.status.success() && tar.wait().is_ok_and(|status| status.success()), "{import:?}");
        let run = ["run", "--detach", "--name", &container.name];
        container.must(&[&run, options, &[&container.name], first_process].concat());
        Some(container)
    }

    pub fn docker(&self, words: &[&str]) -> Output {
        output(Command::new(&self.docker).args(words))
    }

    /// Docker's answer to a command that succeeds.
    pub fn must(&self, words: &[&str]) -> String {
        let output = self.docker(words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub fn signaller(&self) -> DockerSignaller {
        DockerSignaller::new(&self.name).expect("it is a name")
    }

    /// The pid in there of the leader of a new group, whose parent has exited.
    pub fn leader(&self) -> u32 {
        let leads = "setsid sh -c 'echo $$; exec sleep 3600 >&- 2>&-' &";
        self.must(&["exec", &self.name, "sh", "-c", leads]).parse().expect("a pid")
    }

    /// How many processes are in it, exited ones not among them.
    pub fn processes(&self) -> usize {
        let top = self.must(&["top", &self.name, "-o", "stat,pid,args"]);
        top.lines().skip(1).filter(|line| !line.starts_with('Z')).count()
    }

    pub fn assert_only_first_process(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.processes() > 1 {
            assert!(Instant::now() < deadline, "left behind: {}", self.must(&["top", &self.name]));
        }
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.docker(&["rm", "--force", &self.name]);
        let _ = self.docker(&["rmi", "--force", &self.name]);
    }
}
