//! Groups in containers, and the suite itself in them.

use super::support::{self, Run};
use super::{CUT_CASES, assert_sound, assert_tried_cut_off, held_shell, many_cases_are_left_out};
use rstest::rstest;
use signaller_places::{Container, Image, NEVER_REAPS, assert_none_left, program};

/// What the remote host of a testbed needs, and what the tests look with.
const TOOLS: &[&str] = &["sh", "cat", "chmod", "sleep", "ls", "sed", "kill", "rm"];

pub(super) fn image(purpose: &str) -> Image {
    Image { name: format!("signaller-conformance-{purpose}"), tools: TOOLS, program: None }
}

/// One with the suite as its program.
pub(super) fn image_of_suite(purpose: &str) -> Image {
    Image { program: Some(support::PROGRAM.into()), ..image(purpose) }
}

/// The words of a shell in it, for `--testbed`.
fn testbed(container: &Container) -> String {
    format!("docker exec -i {}", container.name)
}

/// Asserts that there is nothing in it but its first process, and no file in /tmp.
pub(super) fn assert_clean(container: &Container) {
    assert_none_left(|| container.processes().split_off(1));
    assert_eq!(container.must(&["exec", &container.name, "ls", "-A", "/tmp"]), "", "left behind");
}

#[test]
fn a_shell_held_in_a_container_without_a_libc_conforms_and_nothing_is_left_there() {
    if many_cases_are_left_out() {
        return;
    }
    let Some(container) = image("held").start() else { return };
    let subject = format!("exec docker exec -i {} sh -c \"$0\"", container.name);
    // A shell on a busy machine may take long for a name of 65,000 characters.
    let options = ["--testbed", &testbed(&container), "--disposable", "--timeout", "20"];
    let run = Run::check(&options, &["stdio", "--", "sh", "-c", &subject, &held_shell()]);
    assert_sound(&run);
    assert_eq!(run.status, Some(0));
    assert_clean(&container);
}

#[test]
fn a_command_run_in_a_container_for_each_call_conforms() {
    if many_cases_are_left_out() {
        return;
    }
    let Some(container) = image("command").start() else { return };
    let example = support::source("examples/signaller.sh");
    let subject = format!("docker exec -i {} sh -s -- \"$@\" < {}", container.name, example.display());
    // Each call is a `docker exec`, of which many take minutes: some of each kind.
    let some =
        "^(delivers-to-every-member/[a-z]+|reports-.*|exited-is.*|rejects-leader-.*/sigterm|name-comes-.*)$";
    let options = ["--testbed", &testbed(&container), "--disposable", "--timeout", "20", "--filter", some];
    let words = ["command", "--", "sh", "-c", &subject, "sh", "{leader_pid}", "{signal_name}"];
    assert_sound(&Run::check(&options, &words));
    assert_clean(&container);
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
    let Some(container) = image(name).start() else { return };
    let subject = format!("docker exec {} sh -c '{script}' sh \"$1\" \"${{2#SIG}}\"", container.name);
    let some = "^(rejects-leader-one/(sigterm|sigkill)|reports-delivered/(sigterm|sigkill|own-session)|spares-other-groups/(survivors|own-session|missing-target))$";
    let options = ["--testbed", &testbed(&container), "--disposable", "--timeout", "20", "--filter", some];
    let words = ["command", "--", "sh", "-c", &subject, "sh", "{leader_pid}", "{signal_name}"];
    let run = Run::check(&options, &words);
    let requirements = |status: &str| {
        let cases = run.with_status(status).into_iter();
        cases.map(|case| case.requirement).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(requirements("broken").len(), 0, "{run:?}");
    assert_eq!(requirements("failed").into_iter().collect::<Vec<_>>(), ["rejects-leader-one"], "{run:?}");
    assert!(requirements("passed").contains("spares-other-groups"), "{run:?}");
    assert_clean(&container);
}

/// A paused container answers nobody. The words are those of the implementer's guide.
#[test]
fn a_container_that_is_paused_is_unreachable_and_no_group_in_it_is_taken_for_exited() {
    let Some(container) = image("paused").start() else { return };
    let (name, example) = (&container.name, support::source("examples/signaller.sh"));
    let hooks = ["pause", "unpause"].map(|what| format!("docker {what} {name}"));
    let check = |if_not_sent: &str| {
        let subject = format!("docker exec -i {name} sh -s -- \"$@\" < {}{if_not_sent}", example.display());
        let [sever, restore] = &hooks;
        let testbed = testbed(&container);
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
    assert_clean(&container);
}

/// A place where no agent can be brought: the suite says why, at once, and says nothing of the subject.
fn assert_told_of_place(container: &Container, words: &[&str]) {
    let testbed = testbed(container);
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
    let Some(container) = image("read-only").start_with(&["--read-only"], NEVER_REAPS) else { return };
    assert_told_of_place(
        &container,
        &["no folder there takes this program: /tmp: ", "Read-only file system"],
    );
}

#[test]
fn a_container_in_which_nothing_that_is_written_may_run_is_told_so() {
    let options = ["--read-only", "--tmpfs", "/tmp:noexec"];
    let Some(container) = image("noexec").start_with(&options, NEVER_REAPS) else { return };
    assert_told_of_place(&container, &["/tmp: programs in it are not run (is it mounted noexec?)"]);
    assert_clean(&container);
}

#[test]
fn a_container_without_a_shell_is_told_so() {
    let Some(container) = (Image { tools: &["sleep"], ..image("no-shell") }).start() else { return };
    assert_told_of_place(&container, &["there is no `sh` there: ", "executable file not found"]);
}

/// procps' `kill -TERM -12345` is kill(-1): it reads one digit.
#[test]
fn the_kill_that_reads_one_digit_is_caught_and_only_the_container_suffers() {
    let Some(kill) = program("/bin/kill") else { return };
    let Some(container) = (Image { program: Some(kill), ..image("procps") }).start() else { return };
    let options =
        ["--testbed", &testbed(&container), "--disposable", "--filter", "^spares-other-groups/[^h]"];
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
    assert_clean(&container);
}

/// Cases in which it matters what the suite and the subject may do: signal another user, trace, choose pids.
const PRIVILEGED_CASES: &str = "(other-users|/histories|-neighbours|refused|stopped|frozen|survivor|orphan)";

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
    let Some(image) = image_of_suite(name).make() else { return };
    let run = ["run", "--rm", "--name", &image.name, "--cap-add", "SYS_ADMIN"];
    let check = [&image.name, "program", "check", "--format", "json", "--filter", PRIVILEGED_CASES, "local"];
    let run = Run::of(image.engine(&[&run[..], options, &check].concat()));
    for status in ["failed", "warned", "broken"] {
        assert_eq!(run.with_status(status).first().map(|case| (&case.id, &case.message)), None);
    }
    assert_eq!(run.status, Some(0), "{run:?}");
    let of = |id: &str| run.cases().into_iter().find(|case| case.id == id).map(|case| case.status);
    assert_eq!(of("delivers-to-every-member/other-users").as_deref(), Some(with_another_user), "{run:?}");
    // Cgroups are read-only there: only root may mount them once more.
    let has_cgroups = std::fs::read_to_string("/proc/self/cgroup").is_ok_and(|own| own.contains("0::/"));
    let frozen = if has_cgroups && !options.contains(&"--user") { "passed" } else { "skipped" };
    assert_eq!(of("reports-delivered/frozen").as_deref(), Some(frozen), "{run:?}");
    assert!(run.with_status("passed").len() > 20, "{run:?}");
}
