//! A PID namespace with groups in it, made by `nursery.py`, its first process. It ends when the nursery is
//! dropped.

use nix::unistd::geteuid;
use signaller_places::{missing, program};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The second user.
pub const NOBODY: u32 = 65534;

/// What the processes of the place see of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proc {
    Shown,
    Hidden,
    Missing,
}

#[derive(Debug)]
pub struct Nursery {
    unshare: Child,
    /// `None` when it is to end.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    first_process: String,
}

impl Nursery {
    /// `None`, with a word about it, where none can be made.
    pub fn start() -> Option<Self> {
        if !geteuid().is_root() {
            return missing("it takes root to have a second user");
        }
        for name in ["unshare", "nsenter", "setpriv", "python3"] {
            program(name)?;
        }
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/remote/nursery.py");
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL", "python3"]).arg(script);
        let mut unshare =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare(1) can be started");
        let input = unshare.stdin.take();
        let mut output = BufReader::new(unshare.stdout.take().expect("it was asked for"));
        let mut ready = String::new();
        output.read_line(&mut ready).expect("it can be read");
        if ready != "ready\n" {
            let _ = unshare.wait();
            return missing("no PID namespace can be made here");
        }
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let first_process =
            std::fs::read_to_string(children).expect("/proc shows children").trim().to_owned();
        Some(Self { unshare, input, output, first_process })
    }

    fn ask(&mut self, line: &str) -> String {
        let input = self.input.as_mut().expect("it goes on");
        writeln!(input, "{line}").expect("it reads");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("it answers");
        assert!(answer.ends_with('\n'), "the nursery has ended over {line}");
        answer.trim_end().to_owned()
    }

    fn pid(&mut self, line: &str) -> u32 {
        self.ask(line).parse().expect("a pid")
    }

    /// The pid of a new leader.
    pub fn leader(&mut self, user: u32) -> u32 {
        self.pid(&format!("leader {user}"))
    }

    /// The pid of a new leader whose first thread has ended while a second goes on.
    pub fn leader_in_a_second_thread(&mut self, user: u32) -> u32 {
        self.pid(&format!("threads {user}"))
    }

    /// The pid of a new member.
    pub fn member(&mut self, leader_pid: u32, user: u32) -> u32 {
        self.pid(&format!("member {leader_pid} {user}"))
    }

    /// The next process has that pid.
    pub fn next(&mut self, pid: u32) {
        self.ask(&format!("next {pid}"));
    }

    /// Ends a process, which is not reaped.
    pub fn exit(&mut self, pid: u32) {
        self.ask(&format!("exit {pid}"));
    }

    pub fn reap(&mut self, pid: u32) {
        self.ask(&format!("reap {pid}"));
    }

    pub fn stop(&mut self, pid: u32) {
        self.ask(&format!("stop {pid}"));
    }

    /// `lives` or `stopped` with the signals that it received, `dead`, or `gone`.
    pub fn state(&mut self, pid: u32) -> String {
        self.ask(&format!("state {pid}"))
    }

    /// The words that run a program in there, as that user.
    pub fn enter(&self, proc: Proc, user: u32) -> Vec<String> {
        let mount = match proc {
            Proc::Shown => ":",
            Proc::Hidden => "mount -t proc -o hidepid=2 proc /proc",
            Proc::Missing => "mount -t tmpfs none /proc",
        };
        let mount = format!("{mount} && exec \"$@\"");
        let id = user.to_string();
        let words =
            ["nsenter", "--target", &self.first_process, "--pid", "--mount", "unshare", "--mount", "sh"];
        let as_user = ["sh", "setpriv", "--reuid", &id, "--regid", &id, "--clear-groups"];
        words.into_iter().chain(["-c", &mount]).chain(as_user).map(str::to_owned).collect()
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        // The end of its input ends it, and the kernel ends everything else in the namespace with it.
        self.input = None;
        let _ = self.unshare.wait();
    }
}
