//! Places where not everything can be tried: without a sandbox, and as an ordinary user.

use super::{PROGRAM, Ran, copy_program, quiet, ran, run};
use nix::unistd::geteuid;
use rstest::rstest;
use signaller_places::{missing, program};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the program where no PID namespace can be made: with their number limited to none
/// (user_namespaces(7)).
fn without_sandbox(arguments: &[&str]) -> Ran {
    let mut command = Command::new("unshare");
    let limit = "echo 0 > /proc/sys/user/max_pid_namespaces && exec \"$@\"";
    command.args(["--user", "--map-root-user", "sh", "-c", limit, "sh", PROGRAM]).args(arguments);
    ran(quiet(command))
}

fn summary(ran: &Ran, status: &str) -> u64 {
    ran.report()["summary"][status].as_u64().unwrap()
}

/// An empty folder in the place of /proc, for which no root is needed.
#[test]
fn without_proc_the_message_says_so_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.json");
    fs::write(&file, super::replay::SAVED).unwrap();
    for arguments in [&["check", "local"][..], &["replay", file.to_str().unwrap()]] {
        let mut command = Command::new("unshare");
        let hidden = "mount -t tmpfs none /proc && exec \"$@\"";
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", hidden, "sh", PROGRAM]);
        command.args(arguments);
        let ran = ran(quiet(command));
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(3), ""), "{ran:?}");
        assert!(ran.stderr.contains("there is no /proc/self/exe"), "{ran:?}");
        assert!(ran.stderr.contains("`mount -t proc proc /proc`"), "{ran:?}");
    }
}

const JSON: [&str; 3] = ["check", "--format", "json"];
/// Some cases that need a sandbox, and many that do not.
const SOME: &str = "^(exited-is-repeatable|reports-every-entry|rejects-leader-one)/[^h]";

#[test]
fn without_a_sandbox_the_own_signaller_is_tried_as_far_as_is_safe() {
    let ran = without_sandbox(&[&JSON[..], &["--filter", SOME, "local"]].concat());
    assert_eq!(ran.stderr.matches("no sandbox available (").count(), 1, "{ran:?}");
    assert!(ran.stderr.contains("max_*_namespaces"), "{ran:?}");
    assert!(ran.stderr.ends_with("cases that could harm this machine are skipped\n"), "{ran:?}");
    assert_eq!(ran.report()["verdict"], "incomplete");
    assert!(summary(&ran, "passed") > 0 && summary(&ran, "skipped") > 0, "{ran:?}");
    assert_eq!(ran.status, Some(0));
}

#[test]
fn deny_skips_turns_an_incomplete_run_into_a_failed_one() {
    let ran = without_sandbox(&[&JSON[..], &["--filter", SOME, "--deny-skips", "local"]].concat());
    assert_eq!((ran.report()["verdict"].as_str(), ran.status), (Some("incomplete"), Some(1)));
    assert!(ran.stderr.contains("--deny-skips: not tried here: "), "{ran:?}");
    let whole = super::run(
        &[
            &JSON[..],
            &["--filter", "^exited-is-repeatable/(three-times|again-and-again)$", "--deny-skips", "local"],
        ]
        .concat(),
    );
    assert_eq!((whole.report()["verdict"].as_str(), whole.status), (Some("conformant"), Some(0)));
}

#[test]
fn without_a_sandbox_what_cannot_do_without_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.json");
    fs::write(&file, super::replay::SAVED).unwrap();
    for arguments in [
        &["mutants", "--only", "^leader-only$"][..],
        &["matrix", "local"],
        &["fuzz-names", "local"],
        &["replay", file.to_str().unwrap()],
    ] {
        let ran = without_sandbox(arguments);
        assert_eq!((ran.status, ran.stdout.as_str()), (Some(3), ""), "{ran:?}");
        assert!(ran.stderr.contains("no sandbox available: "), "{ran:?}");
    }
}

#[test]
fn without_a_sandbox_no_foreign_program_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("it-ran");
    let touch = ["command", "--no-placeholders", "--", "touch", trace.to_str().unwrap()];
    let ran = without_sandbox(&[&JSON[..], &["--filter", SOME], &touch].concat());
    assert_eq!(ran.status, Some(3), "{ran:?}");
    let is_untried = |status: &String| ["skipped", "inapplicable"].contains(&status.as_str());
    assert!(ran.of_cases("status").iter().all(is_untried), "{ran:?}");
    assert!(ran.of_cases("message").iter().any(|message| message.contains("--disposable")), "{ran:?}");
    assert!(ran.stderr.contains("--disposable runs them"), "{ran:?}");
    assert!(!trace.exists());
}

/// The program on trial is this project's own signaller: it hurts nobody, wherever it runs.
#[test]
fn on_a_disposable_machine_a_foreign_program_is_tried_as_far_as_is_safe() {
    let subject = ["--disposable", "stdio", "--", PROGRAM, "__signaller"];
    let ran = without_sandbox(&[&JSON[..], &["--filter", SOME], &subject].concat());
    assert!(summary(&ran, "passed") > 0, "{ran:?}");
    assert_eq!(summary(&ran, "failed"), 0, "{ran:?}");
    assert!(!ran.stderr.contains("every case"), "{ran:?}");
}

/// The uid of `nobody`, who is an ordinary user in these tests.
const NOBODY: u32 = 65_534;

/// An ordinary user's run of `filter`, on a machine whose /etc/subuid says `set_aside`, in the cgroup that is
/// given. `None` where it cannot be tried.
fn as_nobody(set_aside: &str, cgroup: Option<&Path>, filter: &str) -> Option<Ran> {
    nobodys_run(set_aside, cgroup, &[&JSON[..], &["--filter", filter, "local"]].concat())
}

/// The same with these words.
fn nobodys_run(set_aside: &str, cgroup: Option<&Path>, words: &[&str]) -> Option<Ran> {
    if !geteuid().is_root() {
        println!("not tried: only root can become another user");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    // The build's own folder may be closed to others.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let copy = folder.path().join("signaller-conformance");
    copy_program(&copy);
    // The machine's own /etc stays as it is.
    let etc = folder.path().join("etc");
    assert!(Command::new("cp").arg("-a").arg("/etc").arg(&etc).status().unwrap().success());
    let subuid = etc.join("subuid");
    fs::write(&subuid, set_aside).unwrap();
    fs::set_permissions(&subuid, Permissions::from_mode(0o644)).unwrap();
    let mut command = Command::new("unshare");
    let bound = r#"mount --bind "$0" /etc && echo $$ > "$1" && shift &&
        exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@""#;
    let processes = cgroup.map_or_else(|| "/dev/null".into(), |folder| folder.join("cgroup.procs"));
    command.args(["--mount", "sh", "-c", bound]).args([&etc, &processes, &copy]);
    command.current_dir(folder.path()).args(words);
    Some(ran(quiet(command)))
}

#[test]
fn an_ordinary_user_gets_a_sandbox_and_hears_what_is_missing() {
    let filter = "^(exited-is-repeatable|refused-is-an-error|partly-refused-is-delivered)/";
    let Some(ran) = as_nobody("", None, filter) else { return };
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let report = ran.report();
    for case in report["cases"].as_array().unwrap() {
        let status = match case["case"].as_str().unwrap() {
            id if id.ends_with("/declared-name") => "inapplicable",
            // It needs a cgroup.
            id if id.ends_with("/frozen") => "skipped",
            _ => "passed",
        };
        assert_eq!(case["status"], status, "{case}");
        assert_eq!(case["message"].is_string(), status != "passed", "{case}");
    }
}

#[rstest]
#[case::by_name("nobody:100000:65536\n", "passed")]
#[case::by_uid("65534:100000:1\n", "passed")]
#[case::somebody_elses("root:100000:65536\n", "skipped")]
fn an_ordinary_user_with_uids_set_aside_gets_a_second_user(#[case] set_aside: &str, #[case] status: &str) {
    if program("newuidmap").is_none() {
        return;
    }
    let filter = "^(delivers-to-every-member/other-users$|refused-is-an-error/|partly-refused-is-delivered/)";
    let Some(ran) = as_nobody(set_aside, None, filter) else { return };
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    let report = ran.report();
    let with = |status: &str| -> Vec<&str> {
        let cases = report["cases"].as_array().unwrap().iter().filter(|case| case["status"] == status);
        cases.map(|case| case["case"].as_str().unwrap()).collect()
    };
    let other_users = "delivers-to-every-member/other-users";
    if status == "passed" && with("skipped").contains(&other_users) {
        missing::<()>("newuidmap is not privileged here");
        return;
    }
    assert!(with(status).contains(&other_users), "{ran:?}");
    let skipped = with("skipped").into_iter().filter(|case| *case != other_users);
    assert!(skipped.eq(["refused-is-an-error/frozen"]), "{ran:?}");
}

/// The suite refuses in the kernel's place then.
#[test]
fn without_a_second_user_who_is_wrong_about_a_refusal_is_found_all_the_same() {
    let mutants =
        "^(one-refusal-in-a-large-group-is-an-error|last-member-speaks-for-all|those-it-reached-are-gone)$";
    let Some(ran) = nobodys_run("", None, &["mutants", "--only", mutants]) else { return };
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("3 of 3 mutants caught"), "{ran:?}");
}

/// A cgroup of version 2 that is made for this, and removed again.
struct Cgroup(PathBuf);

impl Cgroup {
    fn of_nobody() -> Option<Self> {
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
        let mount = mounts.lines().find_map(|line| line.split_once(' ')?.1.split_once(" cgroup2 "))?.0;
        let own = fs::read_to_string("/proc/self/cgroup").unwrap();
        let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let folder =
            Path::new(mount).join(own).join(format!("signaller-conformance-test-{}", std::process::id()));
        fs::create_dir(&folder).ok()?;
        let cgroup = Self(folder);
        let files = ["", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"];
        files.iter().all(|file| chown(cgroup.0.join(file), Some(NOBODY), None).is_ok()).then_some(cgroup)
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

/// What `systemd-run --user --scope` gives, beside newuidmap.
#[test]
fn an_ordinary_user_with_a_second_user_and_a_cgroup_lacks_nothing() {
    if !geteuid().is_root() || program("newuidmap").is_none() {
        return;
    }
    let Some(cgroup) = Cgroup::of_nobody() else {
        missing::<()>("no cgroup of version 2 can be made here");
        return;
    };
    let filter = "^(delivers-to-every-member/(other-users|another-cgroup)|does-not-wait/(frozen|refused)|\
                  steady-under-repetition/other-user|sees-a-reused-pid/of-another-user)$";
    let Some(ran) = as_nobody("nobody:100000:65536\n", Some(&cgroup.0), filter) else { return };
    assert_eq!(summary(&ran, "passed"), 6, "{ran:?}");
    let removed = fs::remove_dir(&cgroup.0);
    assert!(removed.is_ok(), "cgroups of the run are left in it: {removed:?}");
}

#[test]
fn who_drops_root_is_accused_of_nothing_and_may_declare_its_user() {
    if !geteuid().is_root() {
        println!("not tried: only root can become another user");
        return;
    }
    // Root's groups refuse it; those of user 65534, whom the suite takes for another user, do not.
    let script = r#"said=$(kill -s "${2#SIG}" -- "-$1" 2>&1) && exit 0
        case $said in *"No such process"*) exit 3 ;; *) printf %s "$said" >&2; exit 1 ;; esac"#;
    let become_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let subject = [&["command", "--"][..], &become_nobody, &["sh", "-c", script, "sh"]].concat();
    let subject = [&subject[..], &["{leader_pid}", "{signal_name}"]].concat();
    let filter = "^(reports-delivered|refused-is-an-error|reports-exited)/sigterm$";
    let check = |options: &[&str]| {
        run(&[&["check", "--format", "json", "--filter", filter], options, &subject[..]].concat())
    };
    let undeclared = check(&[]);
    assert_eq!(undeclared.status, Some(0), "{undeclared:?}");
    let skipped: Vec<_> = undeclared.report()["cases"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|case| case["status"] == "skipped")
        .map(|case| case["message"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(skipped.len(), 2, "{undeclared:?}");
    assert!(skipped.iter().all(|message| message.contains("--declare user=65534")), "{skipped:?}");
    let declared = check(&["--declare", "user=65534"]);
    assert!(declared.of_cases("status").iter().all(|status| status == "passed"), "{declared:?}");
}
