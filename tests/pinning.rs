//! Pids that come back, on live groups: each in a PID namespace of its own, where the next pid can be chosen.
//!
//! A test starts this program again in the namespace, with the name of the test that is to be run there in
//! the environment. Where no namespace can be made it says so and passes.
#![cfg(target_os = "linux")]

use process_groups::{Fence, LocalSignaller, PinningSignaller, ProcessGroups, Signaller};
use std::fs;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::Arc;

/// Set in the namespace.
const INSIDE: &str = "PROCESS_GROUPS_TEST_INSIDE";
/// How many pids come back in a history test.
const TIMES: usize = 1_000;

/// Runs `test` in a PID namespace of its own: this program again, with that test alone.
fn in_namespace(name: &str, test: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        return test();
    }
    let unshare = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"];
    let works = Command::new("unshare").args(unshare).arg("true").output();
    if !works.is_ok_and(|output| output.status.success()) {
        println!("not tried: unshare cannot make a PID namespace here");
        return;
    }
    let this = std::env::current_exe().expect("it is running");
    let output = Command::new("unshare")
        .args(unshare)
        .arg(this)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .expect("it just worked");
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

/// A group of one process, which lives until it is signalled.
fn group() -> Child {
    Command::new("sleep").arg("1000").process_group(0).spawn().expect("sleep can be started")
}

/// The next group, with that id.
fn group_at(pid: u32) -> Child {
    for _ in 0..100 {
        fs::write("/proc/sys/kernel/ns_last_pid", (pid - 1).to_string()).expect("the namespace is ours");
        let mut child = group();
        if child.id() == pid {
            return child;
        }
        end(&mut child);
    }
    panic!("the pid {pid} does not come back")
}

fn end(child: &mut Child) {
    child.kill().expect("it is a child");
    child.wait().expect("it is a child");
}

fn is_live(child: &mut Child) -> bool {
    child.try_wait().expect("it is a child").is_none()
}

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").expect("there is a /proc").count()
}

/// Without this the tests below could pass by not trying anything: kill(2) does hit whoever has the id.
#[test]
fn kill_hits_whoever_has_the_id() {
    in_namespace("kill_hits_whoever_has_the_id", || {
        for signaller in
            [Arc::new(LocalSignaller) as Arc<dyn Signaller>, Arc::new(PinningSignaller::without_pidfd())]
        {
            let mut groups = ProcessGroups::new(signaller);
            let mut first = group();
            groups.register(first.id(), "first");
            end(&mut first);
            let mut second = group_at(first.id());
            assert_eq!(groups.signal_all("SIGKILL")[0].1, Ok(true));
            second.wait().expect("it was killed");
        }
    });
}

#[test]
fn a_pinned_groups_signal_never_reaches_whoever_has_the_id_later() {
    in_namespace("a_pinned_groups_signal_never_reaches_whoever_has_the_id_later", || {
        let signaller = Arc::new(PinningSignaller::new());
        if signaller.fence() != Fence::Pidfd {
            println!("not tried: this kernel cannot signal groups by pidfd (Linux 6.9)");
            return;
        }
        let mut groups = ProcessGroups::new(signaller.clone());
        let before = descriptors();
        for round in 0..TIMES {
            let mut first = group();
            let pid = first.id();
            groups.register(pid, "first");
            assert!(signaller.is_pinned(pid));
            end(&mut first);
            let mut stranger = group_at(pid);
            // Nobody told the registry.
            assert_eq!(groups.signal_all("SIGKILL")[0].1, Ok(false), "round {round}");
            assert!(groups.entries().is_empty() && !signaller.is_pinned(pid), "it is pruned");
            assert!(is_live(&mut stranger), "round {round}: a stranger was hit");
            end(&mut stranger);
        }
        assert_eq!(descriptors(), before, "each descriptor is let go of");
    });
}

#[test]
fn without_pidfd_targets_never_reach_the_next_owner() {
    in_namespace("without_pidfd_targets_never_reach_the_next_owner", || {
        let mut groups = ProcessGroups::new(Arc::new(PinningSignaller::without_pidfd()));
        for round in 0..TIMES {
            let mut first = group();
            let pid = first.id();
            groups.register(pid, "job");
            let targets = groups.entries().to_vec();
            end(&mut first);
            groups.forget_registration(pid, "job");
            let mut second = group_at(pid);
            groups.register(pid, if round % 2 == 0 { "job" } else { "another job" });
            assert_eq!(groups.signal_targets("SIGKILL", &targets)[0].1, Ok(false), "round {round}");
            groups.forget_registration(pid, "an owner before");
            assert_eq!(groups.entries().len(), 1);
            assert!(is_live(&mut second), "round {round}: the next owner was hit");
            groups.forget(pid);
            end(&mut second);
        }
    });
}

#[test]
fn a_survivor_is_reached_when_the_pinned_leader_was_reaped() {
    let signaller = PinningSignaller::new();
    let mut leader = Command::new("sh")
        .args(["-c", "sleep 1000 & exec sleep 1000"])
        .process_group(0)
        .spawn()
        .expect("sh can be started");
    let pid = leader.id();
    // The shell has forked before it becomes `sleep`: once its name is that, the survivor is there.
    while fs::read_to_string(format!("/proc/{pid}/comm")).expect("it is a child").trim() != "sleep" {
        std::thread::yield_now();
    }
    signaller.pin(pid);
    end(&mut leader);
    assert_eq!(signaller.signal(pid, "SIGKILL"), Ok(true));
}

#[test]
fn descriptors_are_bounded_and_let_go_of() {
    let signaller = Arc::new(PinningSignaller::new());
    let mut groups = ProcessGroups::new(signaller.clone());
    let mut children = [group(), group(), group()];
    let pids = children.each_ref().map(Child::id);
    pids.into_iter().for_each(|pid| groups.register(pid, "job"));
    let pinned = || pids.map(|pid| signaller.is_pinned(pid));
    assert_eq!(pinned(), [signaller.fence() == Fence::Pidfd; 3]);
    groups.register(pids[0], "another owner");
    groups.forget(pids[0]);
    groups.forget_registration(pids[1], "job");
    assert_eq!(pinned(), [false, false, signaller.fence() == Fence::Pidfd]);
    groups.set_signaller(signaller.clone());
    assert!(pinned()[2] == (signaller.fence() == Fence::Pidfd), "it goes on");
    groups.set_signaller(Arc::new(LocalSignaller));
    assert_eq!(pinned(), [false; 3]);
    children.iter_mut().for_each(end);
}

#[test]
fn names_and_leader_pids_are_refused_as_the_local_signaller_does() {
    let signaller = PinningSignaller::new();
    let mut child = group();
    signaller.pin(child.id());
    for (pid, name) in
        [(child.id(), "SIGTREM"), (child.id(), ""), (0, "SIGTERM"), (1, "SIGTERM"), (u32::MAX, "SIGTERM")]
    {
        signaller.pin(pid);
        assert_eq!(signaller.signal(pid, name), LocalSignaller.signal(pid, name));
    }
    assert!(is_live(&mut child) && !signaller.is_pinned(0) && !signaller.is_pinned(1));
    end(&mut child);
}
