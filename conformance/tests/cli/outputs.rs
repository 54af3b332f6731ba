//! Where reports go: standard output, files, links and pipes, and what is said when one takes nothing.

use super::{FEW, PROGRAM, Ran, command, quiet, ran, run};
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use rstest::rstest;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::process::{Command, Stdio};

fn check(options: &[&str], subject: &[&str]) -> Ran {
    run(&[&["check"], options, subject].concat())
}

/// Runs the program with its standard output redirected as a shell has it.
fn redirected(to: &str, arguments: &[&str]) -> Ran {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$@\" {to}"), "sh", PROGRAM]).args(arguments);
    ran(quiet(shell))
}

#[rstest]
#[case::list(&["list"])]
#[case::help(&["--help"])]
#[case::help_of_a_command(&["check", "--help"])]
#[case::version(&["--version"])]
fn what_a_full_device_does_not_take_is_no_success(#[case] arguments: &[&str]) {
    let ran = redirected(">/dev/full", arguments);
    assert_eq!(ran.status, Some(3), "{ran:?}");
    assert!(ran.stderr.starts_with("error: cannot write to standard output: No space left"), "{ran:?}");
}

#[rstest]
#[case::check(&["check", "--filter", FEW, "local"])]
#[case::list(&["list"])]
#[case::help(&["--help"])]
fn what_nobody_can_read_is_not_begun(#[case] arguments: &[&str]) {
    let ran = redirected(">&-", arguments);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    assert!(ran.stderr.starts_with("error: standard output is closed, "), "{ran:?}");
    assert!(ran.stderr.contains("--output FILE"), "{ran:?}");
}

#[test]
fn a_report_in_a_file_needs_no_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    let ran = redirected(">&-", &["check", "--filter", FEW, "--output", file.to_str().unwrap(), "local"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(fs::read_to_string(file).unwrap().contains("Verdict: conformant"));
}

#[test]
fn a_link_to_a_file_that_is_not_there_stays_and_the_file_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let [file, link] = ["deeper/report", "link"].map(|name| folder.path().join(name));
    symlink("deeper/report", &link).unwrap();
    let written = || check(&["--filter", FEW, "--output", link.to_str().unwrap()], &["local"]);
    let refused = written();
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.stderr.contains(file.to_str().unwrap()), "{refused:?}");
    fs::create_dir(file.parent().unwrap()).unwrap();
    assert_eq!(written().status, Some(0));
    assert!(link.is_symlink());
    assert!(fs::read_to_string(file).unwrap().contains("Verdict: conformant"));
}

#[test]
fn a_pipe_that_nobody_reads_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let ran = check(&["--filter", FEW, "--output", pipe.to_str().unwrap()], &["local"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.contains("start its reader first"), "{ran:?}");
}

#[test]
fn a_report_that_cannot_be_written_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    fs::write(&file, "an older report").unwrap();
    let mut limited = Command::new("sh");
    // No file may hold a byte more (RLIMIT_FSIZE), which write(2) says instead of ending the program.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", PROGRAM, "check", "local"]);
    limited.args(["--filter", FEW, "--output"]).arg(&file);
    let ran = ran(super::quiet(limited));
    assert_eq!(ran.status, Some(3), "{ran:?}");
    assert!(ran.stderr.contains("cannot write the report to "), "{ran:?}");
    assert!(ran.stdout.contains("Verdict: conformant"), "nothing is lost: {ran:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "an older report");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_run_that_is_stopped_reports_what_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let [pipe, file] = ["pipe", "report.json"].map(|name| folder.path().join(name));
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let tells = "echo >$0; exec python3 ../conformance/examples/signaller.py";
    let options = ["check", "--jobs", "1", "--filter", "^reports-", "--format", "json", "--output"];
    let subject = ["stdio", "--", "sh", "-c", tells];
    let mut run = command(options.into_iter().chain([file.to_str().unwrap()]).chain(subject));
    let run = run.arg(&pipe).stderr(Stdio::piped()).spawn().unwrap();
    // Some case has ended when a further one begins.
    let pipe = File::options().read(true).write(true).open(&pipe).unwrap();
    let mut begun = BufReader::new(pipe).lines();
    (0..3).for_each(|_| assert_eq!(begun.next().unwrap().unwrap(), ""));
    kill(Pid::from_raw(run.id() as i32), Signal::SIGTERM).unwrap();
    let ran = run.wait_with_output().unwrap();
    assert_eq!(ran.status.code(), Some(3), "{ran:?}");
    let report: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(report["verdict"], "incomplete");
    let [passed, skipped] = ["passed", "skipped"].map(|status| report["summary"][status].as_u64().unwrap());
    assert!(passed >= 1 && skipped >= 1, "{report}");
    let of_stop = |case: &&Value| case["message"].as_str().is_some_and(|said| said == "stopped by SIGTERM");
    assert_eq!(report["cases"].as_array().unwrap().iter().filter(of_stop).count() as u64, skipped);
}

#[test]
fn a_report_in_a_file_is_whole_and_the_only_thing_written() {
    let folder = tempfile::tempdir().unwrap();
    let [file, link] = ["report.json", "link.json"].map(|name| folder.path().join(name));
    fs::write(&file, "an older and longer report ".repeat(1000)).unwrap();
    symlink(&file, &link).unwrap();
    let options = ["--format", "json", "--filter", FEW, "--output", link.to_str().unwrap()];
    let ran = check(&options, &["local"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    assert!(ran.stderr.contains("Verdict: conformant"), "{ran:?}");
    let report: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(report["verdict"], "conformant");
    assert!(link.is_symlink());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    assert_ne!(file.metadata().unwrap().permissions().mode() & 0o044, 0, "others may read it");
}

/// As a device would be. A device of the machine is not put at risk: root could lose `/dev/null` to a fault
/// here.
#[test]
fn a_pipe_with_a_name_is_written_to_and_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    let ran = check(&["--filter", FEW, "--output", pipe.to_str().unwrap()], &["local"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert!(reader.join().unwrap().contains("Verdict: conformant"));
}
