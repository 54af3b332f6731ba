//! Groups behind an OpenSSH server.

use super::support::{self, Run};
use super::{CUT_CASES, assert_sound, assert_tried_cut_off, held_shell, many_cases_are_left_out};
use signaller_places::SshServer;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Starts a server when no other test has one: whoever has one looks at what is left behind in /tmp.
pub(super) fn start() -> Option<(MutexGuard<'static, ()>, SshServer)> {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    Some((alone, SshServer::start("")?))
}

/// The words that run a command there.
fn ssh(server: &SshServer) -> String {
    format!("ssh -F {} box", server.config().display())
}

#[test]
fn a_shell_held_over_ssh_conforms_and_nothing_is_left_there() {
    if many_cases_are_left_out() {
        return;
    }
    let Some((_alone, server)) = start() else { return };
    let before = agents();
    let subject = format!("exec {} \"$0\"", ssh(&server));
    // Each case connects twice.
    let some =
        "^(delivers-to-every-member/[a-z]+|reports-.*|outlives-.*|exited-is.*|name-comes-.*|error-names.*)$";
    let options = ["--testbed", &ssh(&server), "--timeout", "20", "--filter", some];
    let run = Run::check(&options, &["stdio", "--", "sh", "-c", &subject, &held_shell()]);
    assert_sound(&run);
    assert_eq!(run.status, Some(0));
    assert_eq!(agents(), before, "files of agents are left in /tmp");
}

/// A server that is stopped leaves new connections hanging, as a network does that drops packets; the agent's
/// connection goes on.
#[test]
fn a_host_that_does_not_answer_is_unreachable_and_is_found_again() {
    if many_cases_are_left_out() {
        return;
    }
    let Some((_alone, server)) = start() else { return };
    let hook = |signal: &str| format!("kill -{signal} {}", server.pid());
    let known = "case $2 in SIGTERM | SIGKILL | SIGINT | SIGHUP) ;; *) echo \"unknown signal name\" >&2; exit 1 ;; esac";
    let testbed = ssh(&server);
    let ssh = testbed.replacen("ssh", "ssh -o ConnectTimeout=1", 1);
    let example = support::source("examples/signaller.sh");
    let subject = format!("{known}; exec {ssh} sh -s -- \"$1\" \"$2\" < {}", example.display());
    let hooks = ["--sever", &hook("STOP"), "--restore", &hook("CONT")];
    let options = [&["--testbed", &testbed, "--filter", CUT_CASES][..], &hooks].concat();
    let words = ["command", "--", "sh", "-c", &subject, "sh", "{leader_pid}", "{signal_name}"];
    assert_tried_cut_off(&Run::check(&options, &words));
}

/// The files and folders that agents on remote hosts are run from.
pub(super) fn agents() -> Vec<PathBuf> {
    let entries = fs::read_dir("/tmp").expect("there is /tmp").filter_map(Result::ok);
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.display().to_string().contains("signaller-conformance-"))
        .collect();
    found.sort();
    found
}
