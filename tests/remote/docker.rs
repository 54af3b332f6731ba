//! Containers, and what may become of them.

use super::support::NOBODYS;
use process_groups::remote::RemoteErrorKind;
use process_groups::{DockerSignaller, KubectlSignaller, PodmanSignaller, ShellSignaller, Signaller};
use rstest::rstest;
use signaller_places::{Container, Image, NEVER_REAPS, PATIENCE, assert_none_left, output};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A first process that reaps whenever its child has exited.
const REAPS: &[&str] = &["sh", "-c", "while :; do sleep 0.1; done"];

fn image(tools: &'static [&'static str]) -> Image {
    Image { name: "process-groups".to_owned(), tools, program: None }
}

fn start(first_process: &[&str]) -> Option<Container> {
    image(&["sh", "sleep", "setsid"]).start_with(&[], first_process)
}

fn signaller_of(container: &Container) -> DockerSignaller {
    DockerSignaller::new(&container.name).expect("it is a name")
}

/// The pid in there of the leader of a new group, whose parent has exited.
fn leader_in(container: &Container) -> u32 {
    let leads = "setsid sh -c 'echo $$; exec sleep 3600 >&- 2>&-' &";
    container.must(&["exec", &container.name, "sh", "-c", leads]).parse().expect("a pid")
}

fn assert_only_first_process(container: &Container) {
    let live = |process: &String| !process.starts_with('Z');
    assert_none_left(|| container.processes().into_iter().filter(live).skip(1).collect());
}

/// Asks until the answer is that the group has exited.
fn assert_exits(signaller: &dyn Signaller, leader_pid: u32) {
    let deadline = Instant::now() + PATIENCE;
    while signaller.signal(leader_pid, "SIGTERM") != Ok(false) {
        assert!(Instant::now() < deadline, "{:?}", signaller.signal(leader_pid, "SIGTERM"));
    }
}

/// Of a group that was orphaned and ended, an entry would stay for ever where nobody reaps, if kill(2) were
/// believed.
#[rstest]
#[case::never_reaps(NEVER_REAPS)]
#[case::reaps(REAPS)]
fn groups_in_a_container_are_signalled_and_exit_whether_or_not_they_are_reaped(
    #[case] first_process: &[&str],
) {
    let Some(container) = start(first_process) else { return };
    let signaller = signaller_of(&container);
    let (target, bystander) = (leader_in(&container), leader_in(&container));
    let answers = signaller.signal_each(&[target, NOBODYS], "SIGTERM");
    assert_eq!(answers, [Ok(true), Ok(false)]);
    assert_exits(&signaller, target);
    assert_eq!(signaller.signal(bystander, "SIGKILL"), Ok(true));
    assert_exits(&signaller, bystander);
    drop(signaller);
    if first_process == NEVER_REAPS {
        assert_only_first_process(&container);
    }
}

#[test]
fn a_user_who_may_not_signal_a_group_is_told_so() {
    let Some(container) = start(NEVER_REAPS) else { return };
    let leader = leader_in(&container);
    let signaller = signaller_of(&container).user("65534").expect("it is a name");
    let message = signaller.signal(leader, "SIGKILL").expect_err("it is root's");
    assert!(message.contains("Operation not permitted"), "{message}");
    assert_eq!(signaller.signal(NOBODYS, "SIGKILL"), Ok(false));
    assert_eq!(signaller_of(&container).signal(leader, "SIGKILL"), Ok(true));
}

#[test]
fn a_paused_container_is_an_error_and_answers_again_once_it_goes_on() {
    let Some(container) = start(NEVER_REAPS) else { return };
    let leader = leader_in(&container);
    let held = signaller_of(&container).timeout(Duration::from_secs(5));
    assert_eq!(held.signal(leader, "SIGHUP").as_ref(), Ok(&true));
    let leader = leader_in(&container);
    container.must(&["pause", &container.name]);
    let began = Instant::now();
    let message = held.signal(NOBODYS, "SIGTERM").expect_err("it is paused");
    assert!(message.contains("time limit") && message.contains("not paused"), "{message}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    // docker itself says so to whoever comes now.
    let message = held.signal(NOBODYS, "SIGTERM").expect_err("it is paused");
    assert!(message.contains("is paused"), "{message}");
    container.must(&["unpause", &container.name]);
    assert_eq!(held.signal_each(&[leader, NOBODYS], "SIGTERM"), [Ok(true), Ok(false)]);
    drop(held);
    assert_only_first_process(&container);
}

#[test]
fn what_keeps_docker_from_a_shell_is_told_in_its_words() {
    let Some(container) = image(&["sleep"]).start() else { return };
    let told =
        |signaller: &dyn Signaller| signaller.signal(NOBODYS, "SIGTERM").expect_err("there is no shell");
    let message = told(&signaller_of(&container));
    assert!(message.contains("executable file not found"), "{message}");
    assert_eq!(signaller_of(&container).shell(["busybox", "sh"]).signal(NOBODYS, "SIGTERM"), Ok(false));
    container.must(&["stop", "--time", "0", &container.name]);
    let message = told(&signaller_of(&container));
    assert!(message.contains("is not running") && message.contains("docker ps --all"), "{message}");
    let message = told(&DockerSignaller::new("no-such-container").expect("it is a name"));
    assert!(message.contains("No such container"), "{message}");
    let nowhere = ["docker", "--host", "unix:///nowhere.sock", "exec", "-i", &container.name];
    let message = told(&ShellSignaller::behind(nowhere));
    assert!(message.contains("docker daemon"), "{message}");
    let message = told(&signaller_of(&container).program("no-such-docker"));
    assert!(message.contains("`no-such-docker` cannot be started"), "{message}");
}

/// The container of that name is another then: its groups have other groups' ids.
#[test]
fn a_container_that_was_started_again_is_not_answered_for() {
    let Some(container) = start(NEVER_REAPS) else { return };
    let signaller = signaller_of(&container);
    let earlier = leader_in(&container);
    signaller.connect().expect("it runs");
    container.must(&["restart", "--time", "0", &container.name]);
    let later = leader_in(&container);
    for leader_pid in [earlier, later, NOBODYS] {
        let message = signaller.signal(leader_pid, "SIGKILL").expect_err("it is another");
        assert!(message.contains("was started again"), "{message}");
    }
    let error = signaller.connect().expect_err("it is another");
    assert_eq!(error.kind(), RemoteErrorKind::Restarted, "{error}");
    signaller.reset().expect("nobody else uses it");
    assert_eq!(signaller.signal(later, "SIGKILL"), Ok(true), "nothing had reached it");
    drop(signaller);
    assert_only_first_process(&container);
}

#[test]
fn a_container_that_may_have_no_more_processes_is_an_error_in_time_or_answers_rightly() {
    let Some(container) = start(NEVER_REAPS) else { return };
    let signaller = signaller_of(&container);
    signaller.connect().expect("there is room");
    let leader = leader_in(&container);
    assert_eq!(signaller.signal(leader, "SIGHUP"), Ok(true));
    // The first process and the shell are there, maybe the leader, and no room for the reason of a failure, which
    // takes one more. Docker's own programs are processes there, too, so the limit comes last.
    container.must(&["update", "--pids-limit", "2", &container.name]);
    let answer = signaller.signal(NOBODYS, "SIGTERM");
    assert!(answer == Ok(false) || answer.is_err(), "{answer:?}");
}

/// kubectl and podman against stand-ins: they check that their arguments are those of the real ones, and then
/// run `docker exec`. No cluster was tried.
#[test]
fn kubectl_and_podman_are_given_the_arguments_that_they_take() {
    let Some(container) = start(NEVER_REAPS) else { return };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let name = &container.name;
    let stand_in = |program: &str, expected: &str| {
        let file = folder.path().join(program);
        let script = format!(
            "#!/bin/sh\n[ \"$*\" = '{expected}' ] || {{ echo \"unexpected arguments: $*\" >&2; exit 64; }}\n\
             exec docker exec -i {name} sh\n"
        );
        write_program(&file, &script);
        file
    };
    let plain = KubectlSignaller::new(name).expect("it is a name");
    let full = KubectlSignaller::new(name).and_then(|pod| pod.container("main")).expect("they are names");
    let full = full.namespace("space").expect("it is a name");
    let podman = PodmanSignaller::new(name).expect("it is a name");
    let user = PodmanSignaller::new(name).and_then(|podman| podman.user("0")).expect("they are names");
    let signallers: [Box<dyn Signaller>; 4] = [
        Box::new(plain.program(stand_in("kubectl", &format!("exec -i {name} -- sh")))),
        Box::new(full.program(stand_in("kubectl-full", &format!("exec -i -n space -c main {name} -- sh")))),
        Box::new(podman.program(stand_in("podman", &format!("exec -i {name} sh")))),
        Box::new(user.program(stand_in("podman-user", &format!("exec --user 0 -i {name} sh")))),
    ];
    for signaller in signallers {
        let leader = leader_in(&container);
        assert_eq!(
            signaller.signal_each(&[leader, NOBODYS], "SIGTERM"),
            [Ok(true), Ok(false)],
            "{signaller:?}"
        );
    }
    assert_only_first_process(&container);
}

/// Written by a shell: a file that this process held open for writing could not be run while another test
/// forks.
fn write_program(file: &Path, text: &str) {
    let mut shell = Command::new("sh");
    shell.args(["-c", "printf %s \"$2\" > \"$1\" && chmod 755 \"$1\"", "sh"]).arg(file).arg(text);
    assert!(output(&mut shell).status.success());
}
