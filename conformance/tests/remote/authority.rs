//! Authorities in a word: `docker:C`, `ssh:DEST`, and `--authority`.

use super::container::{assert_clean, image};
use super::server::{agents, start};
use super::support::Run;
use super::support::crates::{OwnCrate, Runner};
use super::{assert_sound, held_shell, many_cases_are_left_out};
use signaller_places::SshServer;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

/// Testbed, subject and partition in one word.
#[test]
fn the_signaller_of_this_project_conforms_in_a_container_and_while_it_is_paused() {
    if many_cases_are_left_out() {
        return;
    }
    let Some(container) = image("word").start() else { return };
    let subject = format!("docker:{}", container.name);
    // Each cut lasts as long as the signaller may take for an answer.
    let some = "^(delivers-.*|reports-.*|outlives-.*|unreaped-.*|exited-is.*|name-comes-.*|rejects-leader-.*|\
                unreachable-is-an-error/(connected|exited-group|many-at-once|unknown-name)|\
                recovers-after-unreachable/(asked-meanwhile|exited-group-first|many-at-once))$";
    let run = Run::check(&["--disposable", "--timeout", "10", "--filter", some], &[&subject]);
    assert_sound(&run);
    assert_eq!(run.status, Some(0));
    for requirement in ["unreachable-is-an-error", "recovers-after-unreachable", "unreaped-is-not-an-error"] {
        let passed = run.with_status("passed");
        assert!(passed.iter().any(|case| case.requirement == requirement), "{requirement}: {run:?}");
    }
    assert_clean(&container);
}

/// In the container the signaller is an ordinary user, and may not signal everybody.
#[test]
fn the_signaller_of_this_project_conforms_as_an_ordinary_user_of_a_container() {
    let Some(container) = image("user").start() else { return };
    let subject = format!("docker:1000@{}", container.name);
    let some =
        "^(delivers-to-every-member/[a-z]+|delivers-once/.*|outlives-.*|refused-is.*|partly-refused.*)$";
    let run = Run::check(&["--disposable", "--timeout", "20", "--filter", some], &[&subject]);
    assert_sound(&run);
    assert_eq!(run.status, Some(0));
    for (requirement, least) in [("refused-is-an-error", 15), ("partly-refused-is-delivered", 8)] {
        let passed = run.with_status("passed");
        let passed = passed.iter().filter(|case| case.requirement == requirement).count();
        assert!(passed >= least, "{passed} cases of {requirement}: {run:?}");
    }
    // Who takes refused for exited is found there, too.
    let script = "kill -s \"${2#SIG}\" -- \"-$1\" 2> /dev/null || exit 3";
    let authority = format!("docker:1000@{}", container.name);
    let words =
        ["command", "--", "docker", "exec", "--user", "1000", &container.name, "sh", "-c", script, "sh"];
    let words = [&words[..], &["{leader_pid}", "{signal_name}"]].concat();
    let some = "^(refused-is-an-error/(sigterm|stopped)|reports-exited/sigterm)$";
    let run = Run::check(&["--authority", &authority, "--timeout", "20", "--filter", some], &words);
    let failed: Vec<_> = run.with_status("failed").into_iter().map(|case| case.id).collect();
    assert_eq!(failed, ["refused-is-an-error/sigterm", "refused-is-an-error/stopped"], "{run:?}");
    assert_eq!(run.with_status("passed").len(), 1, "{run:?}");
    assert_clean(&container);
}

/// Podman has no daemon: whoever calls it must see the container's processes.
#[test]
fn the_signaller_of_this_project_conforms_in_a_container_of_podman() {
    if many_cases_are_left_out() {
        return;
    }
    let Some(container) = image("podman").start_with_podman() else { return };
    let some = "^(reports-.*|outlives-.*|unreachable-is-an-error/connected)$";
    let refused =
        "^(refused-is.*|partly-.*|delivers-to-every-member/[a-z]+|unreachable-is-an-error/connected)$";
    let name = &container.name;
    for (subject, some) in [(format!("podman:{name}"), some), (format!("podman:1000@{name}"), refused)] {
        let run = Run::check(&["--disposable", "--timeout", "10", "--filter", some], &[&subject]);
        assert_sound(&run);
        let passed = run.with_status("passed");
        assert!(passed.iter().any(|case| case.id == "unreachable-is-an-error/connected"), "{run:?}");
    }
    assert_clean(&container);
}

/// From Rust: what cannot be tried there is ignored, and nothing fails for it.
#[test]
fn under_cargo_test_what_cannot_be_tried_in_a_container_is_ignored() {
    let Some(container) = image("suite").start() else { return };
    let files = [
        ("Cargo.toml", include_str!("../place_crate/Cargo.toml")),
        ("src/lib.rs", ""),
        ("tests/place.rs", include_str!("../place_crate/place.rs")),
    ];
    let some = "^(delivers-to-every-member/|refused-is-|partly-refused-)";
    let variables = [("CONTAINER", &*container.name), ("SIGNALLER_CONFORMANCE_FILTER", some)];
    let ran = OwnCrate::of("place", &files).test(Runner::CargoTest, &["--test", "place"], &variables);
    let Some((succeeded, told)) = ran else { return };
    assert!(succeeded && told.contains(" 0 failed; "), "{told}");
    let ended = |case: &str, how: &str| {
        let line = told.lines().find(|line| line.contains(&format!(" {case} ")));
        assert!(line.is_some_and(|line| line.ends_with(how)), "{case} is not {how}: {told}");
    };
    ended("refused-is-an-error/sigterm", "ok");
    ended("partly-refused-is-delivered/guest-of-another-user", "ok");
    ended("delivers-to-every-member/ids", "ignored");
    ended("refused-is-an-error/security-module", "ignored");
    assert_clean(&container);
}

/// The same place, for a subject that has no idea of it.
#[test]
fn an_authority_gives_its_testbed_and_its_partition_to_any_subject() {
    let Some(container) = image("authority").start() else { return };
    let subject = format!("exec docker exec -i {} sh -c \"$0\"", container.name);
    let authority = format!("docker:{}", container.name);
    let some = "^(reports-.*|unreachable-is-an-error/(connected|sigkill|unknown-name))$";
    let options = ["--authority", &authority, "--disposable", "--timeout", "5", "--filter", some];
    let run = Run::check(&options, &["stdio", "--", "sh", "-c", &subject, &held_shell()]);
    // The example says nothing at all while its container is paused.
    let failed = run.with_status("failed");
    assert!(failed.iter().all(|case| case.requirement == "unreachable-is-an-error"), "{failed:?}");
    assert!(!failed.is_empty() && run.with_status("passed").len() > 5, "{run:?}");
    assert_clean(&container);
}

/// A `PATH` in which `ssh` has the client's configuration.
fn path(server: &SshServer) -> String {
    let folder = server.folder().join("bin");
    fs::create_dir(&folder).expect("a folder can be made");
    let script = folder.join("ssh");
    let ssh = which::which("ssh").expect("it was found before");
    let text = format!("#!/bin/sh\nexec {} -F {} \"$@\"\n", ssh.display(), server.config().display());
    fs::write(&script, text).expect("a file can be written");
    fs::set_permissions(&script, Permissions::from_mode(0o755)).expect("it is the test's own");
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
}

/// Testbed and subject in one word. The user's own configuration is in place of the test's: `ssh` is found in
/// a folder of the test.
#[test]
fn the_signaller_of_this_project_conforms_over_ssh() {
    if many_cases_are_left_out() {
        return;
    }
    let Some((_alone, server)) = start() else { return };
    let before = agents();
    let path = path(&server);
    let some =
        "^(delivers-to-every-member/[a-z]+|reports-.*|outlives-.*|exited-is.*|name-comes-.*|error-names.*)$";
    let options = ["--timeout", "20", "--filter", some];
    let run = Run::check_with(&options, &["ssh:box"], &[("PATH", &path)]);
    assert_sound(&run);
    assert_eq!(run.status, Some(0));
    assert_eq!(agents(), before, "files of agents are left in /tmp");
}

/// Stops or continues the server, and its processes for all connections but those that lead to an agent.
const SIGNAL_SERVER: &str = r#"
below() { for pid in $(cat /proc/$1/task/$1/children); do echo $pid; below $pid; done; }
leads_to_agent() { for pid in $(below $1); do grep -qa signaller-conformance- /proc/$pid/cmdline && return 0; done; return 1; }
kill -s $1 $2
for connection in $(cat /proc/$2/task/$2/children); do
    leads_to_agent $connection && continue
    for pid in $connection $(below $connection); do
        case $(cat /proc/$pid/comm) in sshd*) kill -s $1 $pid ;; esac
    done
done
"#;

/// The connection of the signaller hangs, and so does every new one; the agent's goes on.
#[test]
fn the_signaller_of_this_project_conforms_while_its_ssh_server_is_stopped() {
    if many_cases_are_left_out() {
        return;
    }
    let Some((_alone, server)) = start() else { return };
    let script = server.folder().join("signal-server.sh");
    fs::write(&script, SIGNAL_SERVER).expect("a file can be written");
    let hook = |signal: &str| format!("sh {} {signal} {}", script.display(), server.pid());
    let some = "^(unreachable-is-an-error/(connected|exited-group|sigterm)|\
                recovers-after-unreachable/(asked-meanwhile|before-the-first-call))$";
    let (sever, restore) = (hook("STOP"), hook("CONT"));
    let options = ["--timeout", "10", "--sever", &sever, "--restore", &restore, "--filter", some];
    let run = Run::check_with(&options, &["ssh:box"], &[("PATH", &path(&server))]);
    for status in ["failed", "warned", "broken", "skipped", "inapplicable"] {
        assert_eq!(run.with_status(status).first().map(|case| (&case.id, &case.message)), None, "{run:?}");
    }
    assert_eq!(run.with_status("passed").len(), 5, "{run:?}");
}
