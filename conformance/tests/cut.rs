//! A subject whose link to the groups can be cut, on the command line. The way is a file: cut while it is
//! there.

mod support;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use support::{PROGRAM, Run, heeds_ctrl_c, source};
use tempfile::TempDir;

/// The cases that cut the link, and some beside which they must not.
const CASES: &str = "^(unreachable-is-an-error|recovers-after-unreachable)/|^reports-exited/sig";

/// A way that is not cut yet.
struct Way {
    folder: TempDir,
}

impl Way {
    fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder can be made") }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("cut")
    }

    fn is_cut(&self) -> bool {
        self.file().exists()
    }

    /// The words that make it the way of the shell example, which does `when_cut` while it is cut.
    fn subject(&self, when_cut: &str) -> Vec<String> {
        let script = format!("if [ -e \"$1\" ]; then {when_cut}; fi; shift; exec sh \"$@\"");
        let example = source("examples/signaller.sh");
        let [file, example] = [self.file(), example].map(|path| path.display().to_string());
        let words =
            ["command", "--", "sh", "-c", &script, "sh", &file, &example, "{leader_pid}", "{signal_name}"];
        words.map(str::to_owned).into()
    }

    fn hooks(&self) -> [String; 4] {
        let file = self.file().display().to_string();
        ["--sever".into(), format!("touch '{file}'"), "--restore".into(), format!("rm '{file}'")]
    }

    fn check(&self, hooks: &[String], when_cut: &str) -> Run {
        let options: Vec<&str> = hooks.iter().map(String::as_str).chain(["--filter", CASES]).collect();
        let subject = self.subject(when_cut);
        Run::check(&options, &subject.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

fn of(run: &Run, requirement: &str, status: &str) -> usize {
    run.with_status(status).iter().filter(|case| case.requirement == requirement).count()
}

#[test]
fn a_subject_that_says_when_it_is_cut_off_passes() {
    let way = Way::new();
    let run = way.check(&way.hooks(), "echo cut off >&2; exit 1");
    assert_eq!((run.status, run.verdict()), (Some(0), "conformant"), "{run:#?}");
    // A command cannot do without the descriptors that its start takes.
    let tried = run.with_status("passed").len() + run.with_status("inapplicable").len();
    assert_eq!(tried, run.cases().len(), "{run:#?}");
    assert!(of(&run, "unreachable-is-an-error", "passed") > 0, "{run:#?}");
    assert!(of(&run, "recovers-after-unreachable", "passed") > 0, "{run:#?}");
    assert!(!way.is_cut());
}

#[test]
fn a_subject_that_takes_a_cut_for_an_exit_fails() {
    let way = Way::new();
    let run = way.check(&way.hooks(), "exit 3");
    assert_eq!((run.status, run.verdict()), (Some(1), "nonconformant"), "{run:#?}");
    let failed = run.with_status("failed");
    assert!(failed.iter().all(|case| case.requirement == "unreachable-is-an-error"), "{failed:#?}");
    for words in ["answered Ok(false), exited", "cut the subject's link", "--sever 'touch ", "--restore 'rm "]
    {
        let told = run.report["cases"].to_string();
        assert!(told.contains(words), "{words} is missing in {told}");
    }
    assert!(!way.is_cut());
}

#[test]
fn a_subject_that_never_recovers_is_warned() {
    let way = Way::new();
    let file = way.file().display().to_string();
    // What the subject leaves beside the way stays when that is restored.
    let subject = "touch \"$1.for-ever\"; exit 1";
    let script =
        format!("if [ -e '{file}.for-ever' ] || [ -e '{file}' ]; then {subject}; fi; shift; exec sh \"$@\"");
    let example = source("examples/signaller.sh").display().to_string();
    let filter = "^(unreachable-is-an-error/sigterm|recovers-after-unreachable/asked-meanwhile)$";
    let hooks = way.hooks();
    let options: Vec<&str> =
        hooks.iter().map(String::as_str).chain(["--timeout", "2", "--filter", filter]).collect();
    let words =
        ["command", "--", "sh", "-c", &script, "sh", &file, &example, "{leader_pid}", "{signal_name}"];
    let run = Run::check(&options, &words);
    assert_eq!((run.status, run.verdict()), (Some(0), "conformant"), "{run:#?}");
    assert_eq!(of(&run, "recovers-after-unreachable", "warned"), 1, "{run:#?}");
    let message = &run.with_status("warned")[0].message;
    assert!(message.contains("even at try 8"), "{message}");
}

#[test]
fn a_hook_that_fails_is_no_fault_of_the_subject() {
    let way = Way::new();
    let hooks = ["--sever", "sh -c 'echo no such container >&2; exit 7'", "--restore", "true"];
    let run = way.check(&hooks.map(str::to_owned), "exit 3");
    assert_eq!((run.status, run.verdict()), (Some(3), "broken"), "{run:#?}");
    let broken = run.with_status("broken");
    assert!(!broken.is_empty() && run.with_status("failed").is_empty(), "{run:#?}");
    for case in broken {
        let words = "failed (exit status: 7); it wrote: no such container";
        assert!(case.message.starts_with("the sever hook `") && case.message.contains(words), "{case:?}");
    }
}

#[test]
fn a_way_that_stays_cut_is_told_of() {
    let way = Way::new();
    let [_, sever, ..] = way.hooks();
    let hooks = ["--sever", &sever, "--restore", "sh -c 'echo no network; exit 1'"].map(str::to_owned);
    let run = way.check(&hooks, "exit 1");
    assert_eq!(run.verdict(), "broken", "{run:#?}");
    let words =
        "the restore hook `sh -c echo no network; exit 1` failed (exit status: 1); it wrote: no network";
    assert!(run.with_status("broken").iter().any(|case| case.message.contains(words)), "{run:#?}");
}

/// The suite is ended while the subject hangs on a link that is cut.
fn ended_by(signal: Signal) {
    let way = Way::new();
    let mut suite = Command::new(PROGRAM);
    suite.args(["check", "--timeout", "600", "--filter", "^unreachable-is-an-error/sigterm$"]);
    suite.args(way.hooks()).args(way.subject("exec sleep 1000"));
    let streams = suite.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut suite = heeds_ctrl_c(streams).process_group(0).spawn().expect("the suite starts");
    wait_until(|| way.is_cut(), way.folder.path());
    let group = Pid::from_raw(suite.id().cast_signed());
    killpg(group, signal).expect("the group is this test's own");
    suite.wait().expect("it is a child of this test");
    wait_until(|| !way.is_cut(), way.folder.path());
}

fn wait_until(what: impl Fn() -> bool, folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !what() {
        assert!(Instant::now() < deadline, "nothing changes in {}", folder.display());
        std::thread::yield_now();
    }
}

#[test]
fn ctrl_c_leaves_no_way_cut() {
    // A terminal sends SIGINT to the whole foreground group.
    ended_by(Signal::SIGINT);
}

#[test]
fn a_suite_that_is_killed_leaves_no_way_cut() {
    ended_by(Signal::SIGKILL);
}
