//! Containers, each of an image of its own made of a few programs of this machine: no image is pulled.

use super::support::{self, Run};
use super::{CUT_CASES, assert_sound, assert_tried_cut_off, held_shell};
use rstest::rstest;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What the remote host of a testbed needs, and what the tests look with: all of it is busybox.
pub(super) const TOOLS: [&str; 8] = ["sh", "cat", "chmod", "sleep", "ls", "sed", "kill", "rm"];
/// How long the container's engine may take to end what was left of a connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// A container whose first process sleeps, and so never reaps. It and its image are removed when it is
/// dropped.
pub(super) struct Container {
    /// docker, or podman.
    engine: PathBuf,
    pub(super) name: String,
}

impl Container {
    /// A container with busybox, and with `program` and what it is linked with if that is wanted. `None`,
    /// with a word about it, where there is no engine or no busybox.
    pub(super) fn start(purpose: &str, program: Option<&Path>) -> Option<Self> {
        Self::start_with(purpose, program, &TOOLS, &[])
    }

    /// The same with those of busybox's `tools` alone, and with further `options` of `docker run`.
    pub(super) fn start_with(
        purpose: &str,
        program: Option<&Path>,
        tools: &[&str],
        options: &[&str],
    ) -> Option<Self> {
        let container = Self::image(purpose, program, tools)?;
        let run = ["run", "--detach", "--name", &container.name];
        let started = container.engine(&[&run[..], options, &[&container.name, "sleep", "3600"]].concat());
        assert!(started.status.success(), "{started:?}");
        Some(container)
    }

    /// One of podman's, with busybox. `None`, with a word about it, where podman is not installed or does not
    /// run containers: that is never a failure, since it runs on few machines within a container.
    pub(super) fn start_with_podman(purpose: &str) -> Option<Self> {
        let not_tried = |why: &str| {
            println!("not tried: {why}");
            None
        };
        let Ok(podman) = which::which("podman") else { return not_tried("podman is not installed") };
        let container = Self::image_by(podman, purpose, None, &TOOLS)?;
        // Its default runtime, or Docker's, and no limits that a container within a container may not set.
        let runtimes: [&[&str]; 2] = [&[], &["--runtime", "runc"]];
        let limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"];
        for runtime in runtimes {
            let run = [runtime, &["run", "--detach", "--name", &container.name], &limits].concat();
            let started = container.engine(&[&run[..], &[&container.name, "sleep", "3600"]].concat());
            if started.status.success() {
                return Some(container);
            }
            println!("podman: {}", support::last_line(&started.stderr));
            let _ = container.engine(&["rm", "--force", &container.name]);
        }
        not_tried("podman runs no container here")
    }

    /// The image alone, of which no container is started yet.
    fn image(purpose: &str, program: Option<&Path>, tools: &[&str]) -> Option<Self> {
        Self::image_by(support::docker()?, purpose, program, tools)
    }

    fn image_by(engine: PathBuf, purpose: &str, program: Option<&Path>, tools: &[&str]) -> Option<Self> {
        let busybox = support::program("busybox")?;
        let name = format!("signaller-conformance-{purpose}-{}", std::process::id());
        let container = Self { engine, name };
        let root = tempfile::tempdir().expect("a folder can be made");
        let inside = |path: &Path| root.path().join(path.strip_prefix("/").unwrap_or(path));
        for folder in ["/bin", "/tmp", "/proc", "/dev"] {
            fs::create_dir_all(inside(Path::new(folder))).expect("a folder can be made");
        }
        fs::copy(busybox, inside(Path::new("/bin/busybox"))).expect("busybox can be copied");
        for tool in tools {
            symlink("busybox", inside(&Path::new("/bin").join(tool))).expect("a link can be made");
        }
        if let Some(program) = program {
            let to = root.path().join("bin/program");
            fs::copy(program, to).expect("the program can be copied");
            for library in libraries(program) {
                let to = inside(&library);
                fs::create_dir_all(to.parent().expect("it is in a folder")).expect("a folder can be made");
                fs::copy(&library, to).expect("a library can be copied");
            }
        }
        let mut tar = Command::new("tar");
        tar.arg("-C").arg(root.path()).args(["-c", "."]).stdout(Stdio::piped());
        let mut tar = tar.spawn().expect("tar(1) is there");
        let archive = tar.stdout.take().expect("it was asked for");
        let mut import = Command::new(&container.engine);
        let imported = import.args(["import", "-", &container.name]).stdin(archive).output();
        let imported = imported.expect("the engine runs");
        assert!(imported.status.success(), "the image cannot be made: {imported:?}");
        assert!(tar.wait().expect("it is a child").success());
        Some(container)
    }

    fn engine(&self, words: &[&str]) -> Output {
        Command::new(&self.engine).args(words).output().expect("the engine runs")
    }

    /// The words of a shell in it, for `--testbed`.
    fn testbed(&self) -> String {
        format!("docker exec -i {}", self.name)
    }

    /// Asserts that there is nothing in it but its first process, and no file in /tmp.
    pub(super) fn assert_clean(&self) {
        let deadline = Instant::now() + PATIENCE;
        let columns: &[&str] =
            if self.engine.ends_with("podman") { &["pid", "args"] } else { &["-o", "pid,args"] };
        let top = [&["top", &self.name], columns].concat();
        loop {
            let top = String::from_utf8(self.engine(&top).stdout).unwrap();
            // A heading, and the first process.
            if top.lines().count() == 2 {
                break;
            }
            assert!(Instant::now() < deadline, "left behind: {top}");
        }
        let files = self.engine(&["exec", &self.name, "ls", "-A", "/tmp"]);
        assert!(files.status.success() && files.stdout.is_empty(), "left behind: {files:?}");
    }
}

impl Drop for Container {
    fn drop(&mut self) {
        let _ = self.engine(&["rm", "--force", &self.name]);
        let _ = self.engine(&["rmi", "--force", &self.name]);
    }
}

/// The shared objects that a program is linked with, its loader among them.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).output().expect("ldd(1) is there");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let paths = text.split_whitespace().filter(|word| word.starts_with('/'));
    paths.map(PathBuf::from).collect()
}

#[test]
fn a_shell_held_in_a_container_without_a_libc_conforms_and_nothing_is_left_there() {
    let Some(container) = Container::start("held", None) else { return };
    let subject = format!("exec docker exec -i {} sh -c \"$0\"", container.name);
    // A shell on a busy machine may take long for a name of 65,000 characters.
    let options = ["--testbed", &container.testbed(), "--disposable", "--timeout", "20"];
    let run = Run::check(&options, &["stdio", "--", "sh", "-c", &subject, &held_shell()]);
    assert_sound(&run);
    assert_eq!(run.status, Some(0));
    container.assert_clean();
}

#[test]
fn a_command_run_in_a_container_for_each_call_conforms() {
    let Some(container) = Container::start("command", None) else { return };
    let example = support::source("examples/signaller.sh");
    let subject = format!("docker exec -i {} sh -s -- \"$@\" < {}", container.name, example.display());
    // Each call is a `docker exec`, of which many take minutes: some of each kind.
    let some =
        "^(delivers-to-every-member/[a-z]+|reports-.*|exited-is.*|rejects-leader-.*/sigterm|name-comes-.*)$";
    let options = ["--testbed", &container.testbed(), "--disposable", "--timeout", "20", "--filter", some];
    let words = ["command", "--", "sh", "-c", &subject, "sh", "{leader_pid}", "{signal_name}"];
    assert_sound(&Run::check(&options, &words));
    container.assert_clean();
}

/// busybox's `kill -TERM -1` ends everybody in the container, the agents of cases that run at the same time
/// included. The suite's own files may go with them, as they do where the way there ends for everybody.
#[rstest]
#[case::and_no_more("everybody", "kill \"-$2\" \"-$1\"")]
#[case::and_their_files(
    "everybody-and-files",
    "case $1 in 1) rm /tmp/signaller-conformance-*; kill -KILL -1 ;; *) kill \"-$2\" \"-$1\" ;; esac"
)]
fn whoever_hits_everybody_in_a_container_is_charged_for_it_and_no_other_case_is(
    #[case] name: &str,
    #[case] script: &str,
) {
    let Some(container) = Container::start(name, None) else { return };
    let subject = format!("docker exec {} sh -c '{script}' sh \"$1\" \"${{2#SIG}}\"", container.name);
    let some = "^(rejects-leader-one/(sigterm|sigkill)|reports-delivered/(sigterm|sigkill|own-session)|spares-other-groups/(survivors|own-session|missing-target))$";
    let options = ["--testbed", &container.testbed(), "--disposable", "--timeout", "20", "--filter", some];
    let words = ["command", "--", "sh", "-c", &subject, "sh", "{leader_pid}", "{signal_name}"];
    let run = Run::check(&options, &words);
    let requirements = |status: &str| {
        let cases = run.with_status(status).into_iter();
        cases.map(|case| case.requirement).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(requirements("broken").len(), 0, "{run:?}");
    assert_eq!(requirements("failed").into_iter().collect::<Vec<_>>(), ["rejects-leader-one"], "{run:?}");
    assert!(requirements("passed").contains("spares-other-groups"), "{run:?}");
    container.assert_clean();
}

/// A paused container answers nobody. The words are those of the implementer's guide.
#[test]
fn a_container_that_is_paused_is_unreachable_and_no_group_in_it_is_taken_for_exited() {
    let Some(container) = Container::start("paused", None) else { return };
    let (name, example) = (&container.name, support::source("examples/signaller.sh"));
    let hooks = ["pause", "unpause"].map(|what| format!("docker {what} {name}"));
    let check = |if_not_sent: &str| {
        let subject = format!("docker exec -i {name} sh -s -- \"$@\" < {}{if_not_sent}", example.display());
        let [sever, restore] = &hooks;
        let testbed = container.testbed();
        let options = ["--testbed", &testbed, "--disposable", "--sever", sever, "--restore", restore];
        let options = [&options[..], &["--filter", CUT_CASES]].concat();
        let words = ["command", "--", "sh", "-c", &subject, "sh", "{leader_pid}", "{signal_name}"];
        Run::check(&options, &words)
    };
    assert_tried_cut_off(&check(""));
    // docker's own failures are no word about the group.
    let run = check(" || exit 3");
    assert_eq!((run.status, run.verdict()), (Some(1), "nonconformant"), "{run:?}");
    let failed = run.with_status("failed");
    assert!(failed.iter().all(|case| case.requirement == "unreachable-is-an-error"), "{failed:?}");
    assert!(failed.iter().any(|case| case.message.contains("answered Ok(false), exited")), "{failed:?}");
    container.assert_clean();
}

/// A place where no agent can be brought: the suite says why, at once, and says nothing of the subject.
fn assert_told_of_place(container: &Container, words: &[&str]) {
    let testbed = container.testbed();
    let run = Run::check(
        &["--testbed", &testbed, "--filter", "^reports-exited/"],
        &["command", "--no-placeholders", "--", "true"],
    );
    assert_eq!(run.status, Some(3), "{run:?}");
    for words in words {
        assert!(run.told.contains(words), "{words} is missing in {}", run.told);
    }
}

#[test]
fn a_read_only_container_is_told_so() {
    let Some(container) = Container::start_with("read-only", None, &TOOLS, &["--read-only"]) else { return };
    assert_told_of_place(
        &container,
        &["no folder there takes this program: /tmp: ", "Read-only file system"],
    );
}

#[test]
fn a_container_in_which_nothing_that_is_written_may_run_is_told_so() {
    let options = ["--read-only", "--tmpfs", "/tmp:noexec"];
    let Some(container) = Container::start_with("noexec", None, &TOOLS, &options) else { return };
    assert_told_of_place(&container, &["/tmp: programs in it are not run (is it mounted noexec?)"]);
    container.assert_clean();
}

#[test]
fn a_container_without_a_shell_is_told_so() {
    let Some(container) = Container::start_with("no-shell", None, &["sleep"], &[]) else { return };
    assert_told_of_place(&container, &["there is no `sh` there: ", "executable file not found"]);
}

/// procps' `kill -TERM -12345` is kill(-1): it reads one digit.
#[test]
fn the_kill_that_reads_one_digit_is_caught_and_only_the_container_suffers() {
    let Some(kill) = support::program("/bin/kill") else { return };
    let Some(container) = Container::start("procps", Some(&kill)) else { return };
    let options =
        ["--testbed", &container.testbed(), "--disposable", "--filter", "^spares-other-groups/[^h]"];
    // It asks for SIGTERM whatever it is asked for.
    let words = [
        "command",
        "--no-placeholders",
        "--",
        "docker",
        "exec",
        &container.name,
        "/bin/program",
        "-TERM",
        "-{leader_pid}",
    ];
    let run = Run::check(&options, &words);
    assert_eq!((run.status, run.verdict()), (Some(1), "nonconformant"), "{run:?}");
    let failed = run.with_status("failed");
    assert!(failed.len() > 3, "{run:?}");
    assert!(failed.iter().all(|case| case.requirement == "spares-other-groups"), "{failed:?}");
    assert!(failed.iter().any(|case| case.message.contains("received SIGTERM")), "{failed:?}");
    container.assert_clean();
}

/// Cases in which it matters what the suite and the subject may do: signal another user, trace, choose pids.
const PRIVILEGED_CASES: &str = "(other-users|/histories|-neighbours|refused|stopped|survivor|orphan)";

/// The recipe of the implementer's guide: the suite itself runs in a container. What it cannot try there it
/// skips, and it accuses nobody and breaks nothing, whichever privileges it has, and whoever runs it.
#[rstest]
#[case::as_in_the_guide("plain", &[], "passed")]
#[case::with_the_privilege_to_trace("traces", &["--cap-add", "SYS_PTRACE"], "passed")]
#[case::with_one_user("alone", &["--cap-drop", "SETUID"], "skipped")]
#[case::with_one_user_who_may_trace("tracer", &["--cap-drop", "SETUID", "--cap-add", "SYS_PTRACE"], "skipped")]
#[case::as_an_ordinary_user("ordinary", &["--user", "65534:65534"], "skipped")]
fn the_suite_in_a_container_accuses_nobody(
    #[case] name: &str,
    #[case] options: &[&str],
    #[case] with_another_user: &str,
) {
    let Some(image) = Container::image(name, Some(Path::new(support::PROGRAM)), &TOOLS) else { return };
    let run = ["run", "--rm", "--name", &image.name, "--cap-add", "SYS_ADMIN"];
    let check = [&image.name, "program", "check", "--format", "json", "--filter", PRIVILEGED_CASES, "local"];
    let run = Run::of(image.engine(&[&run[..], options, &check].concat()));
    for status in ["failed", "warned", "broken"] {
        assert_eq!(run.with_status(status).first().map(|case| (&case.id, &case.message)), None);
    }
    assert_eq!(run.status, Some(0), "{run:?}");
    let of = |id: &str| run.cases().into_iter().find(|case| case.id == id).map(|case| case.status);
    assert_eq!(of("delivers-to-every-member/other-users").as_deref(), Some(with_another_user), "{run:?}");
    assert!(run.with_status("passed").len() > 20, "{run:?}");
}
