//! The suite where processes, descriptors or memory are scarce: it says what is too short before it begins,
//! or takes fewer cases at a time, and never charges the subject.

mod support;

use nix::unistd::geteuid;
use rstest::rstest;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use support::{PROGRAM, Run, shortage, source};

/// Where an ordinary user finds interpreters.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// Some small cases, and the one that takes most.
const SMALL: &str = "^(reports-[a-z]+/sig|safe-to-share/(sixty-four|one-group))";
const LARGEST: &str = "^delivers-to-every-member/many-members$";

/// The conforming examples, each of them in its text, which anybody may read.
fn subjects() -> Vec<Vec<String>> {
    let text = |name: &str| fs::read_to_string(source("examples").join(name)).unwrap();
    let [python, perl, sh] = ["signaller.py", "signaller.pl", "signaller.sh"].map(text);
    let is_there = |program: &str| which::which_in(program, Some(PATH), "/").is_ok();
    let mut subjects = vec![vec!["local"]];
    let interpreted = [
        ("python3", vec!["stdio", "--", "python3", "-c", &python]),
        ("perl", vec!["stdio", "--", "perl", "-e", &perl]),
        ("sh", vec!["command", "--", "sh", "-c", &sh, "sh", "{leader_pid}", "{signal_name}"]),
    ];
    for (program, words) in interpreted {
        match is_there(program) {
            true => subjects.push(words),
            false => signaller_places::missing(&format!("{program} is not installed")).unwrap_or_default(),
        }
    }
    subjects.into_iter().map(|words| words.into_iter().map(str::to_owned).collect()).collect()
}

/// A run of `check` under a limit that `prlimit` sets, by an ordinary user; `folder` is theirs to enter.
fn limited(limit: &str, folder: &Path, program: &Path, filter: &str, subject: &[String]) -> Command {
    let mut command = Command::new("prlimit");
    command.arg(limit);
    if geteuid().is_root() {
        // A user who has no processes, those of other tests included.
        static USERS: AtomicU32 = AtomicU32::new(0);
        let id = 1_000_000 + 64 * std::process::id() + USERS.fetch_add(1, Ordering::Relaxed);
        let (user, group) = (format!("--reuid={id}"), format!("--regid={id}"));
        command.args(["setpriv", &user, &group, "--clear-groups"]);
    }
    command.arg(program).args(["check", "--format", "json", "--filter", filter]).args(subject);
    command.current_dir(folder).env("PATH", PATH);
    command
}

/// What is named where a limit is too short for what is to be tried; nothing where it is not.
#[rstest]
#[case::fifty_processes("--nproc=50", SMALL, "processes are wanted")]
#[case::too_few_processes_for_the_largest("--nproc=200", LARGEST, "processes are wanted")]
#[case::one_small_case_at_a_time("--nproc=240", SMALL, "")]
#[case::a_few_cases_at_a_time("--nproc=500", "many-members|^reports-[a-z]+/sig", "")]
#[case::descriptors_32("--nofile=32", SMALL, "descriptors are wanted, and there are 32 (`ulimit -n`)")]
#[case::descriptors_64("--nofile=64", SMALL, "descriptors are wanted, and there are 64 (`ulimit -n`)")]
#[case::descriptors_400("--nofile=400", SMALL, "")]
#[case::descriptors_640("--nofile=640", LARGEST, "")]
#[case::too_few_addresses(
    "--as=38000000",
    SMALL,
    "MB of address space are wanted, and there are 36 (`ulimit -v`)"
)]
#[case::addresses_for_one_case("--as=64000000", SMALL, "")]
#[case::addresses_for_a_few("--as=400000000", SMALL, "")]
fn a_limit_is_no_fault_of_the_subject(#[case] limit: &str, #[case] filter: &str, #[case] short: &str) {
    if limit.contains("nproc") && !geteuid().is_root() {
        // Those of other tests count, too, and of whatever else the user runs.
        return signaller_places::missing("a user without processes, whom only root can be")
            .unwrap_or_default();
    }
    let folder = tempfile::tempdir().unwrap();
    // The build's own folder may be closed to others.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("signaller-conformance");
    // By another process: a file that this one has open for writing may be so in what other tests fork just then,
    // and cannot be run meanwhile (ETXTBSY, execve(2)).
    let copied = Command::new("cp").arg(PROGRAM).arg(&program).status().unwrap();
    assert!(copied.success());
    for subject in subjects() {
        match shortage(limited(limit, folder.path(), &program, filter, &subject)) {
            Some(told) => assert!(told.contains(short) && !short.is_empty(), "{subject:?}: {told}"),
            None => assert!(short.is_empty(), "{subject:?}: nothing is short"),
        }
    }
}

/// With its own limit lowered by what it runs, the server of a command cannot run it again: that is the
/// server's trouble.
#[test]
fn a_server_that_runs_short_breaks_the_case_and_accuses_nobody() {
    if signaller_places::program("prlimit").is_none() {
        return;
    }
    let lower = "prlimit --pid $PPID --nofile=3:3; exit 3";
    let options = ["--no-placeholders", "--filter", "^exited-is-repeatable/(three-times|again-and-again)$"];
    let run = Run::check(&options, &["command", "--", "sh", "-c", lower]);
    assert_eq!((run.status, run.verdict()), (Some(3), "broken"), "{run:?}");
    assert_eq!(run.with_status("failed").len(), 0, "{run:?}");
    let broken = run.with_status("broken");
    assert!(broken.iter().any(|case| case.message.contains("has run short of processes")), "{broken:?}");
}
