//! Every shell that there is to test, in every situation: what it answers, and what reached whom.

use super::nursery::{NOBODY, Nursery, Proc};
use process_groups::{ShellSignaller, Signaller};
use rstest::rstest;
use signaller_places::program;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The guide, which shows the table.
const GUIDE: &str = include_str!("../../docs/authorities.md");

/// A shell, and how it is started.
struct Shell {
    name: &'static str,
    words: Vec<String>,
}

/// Every shell that is installed. What is not is said.
fn shells(folder: &Path) -> Vec<Shell> {
    let path = |name: &str| program(name).map(|path| path.display().to_string());
    let link = |program: Option<PathBuf>, place: &str, name: &str| {
        let place = folder.join(place);
        fs::create_dir_all(&place).expect("a folder can be made");
        let link = place.join(name);
        symlink(program?, &link).expect("a link can be made");
        Some(link.display().to_string())
    };
    let mut shells = Vec::new();
    let mut add = |name: &'static str, words: Option<Vec<String>>| {
        shells.extend(words.map(|words| Shell { name, words }));
    };
    add("dash", path("dash").map(|dash| vec![dash]));
    add("bash", path("bash").map(|bash| vec![bash]));
    add("bash --posix", path("bash").map(|bash| vec![bash, "--posix".to_owned()]));
    add("bash as sh", link(program("bash"), "bash", "sh").map(|sh| vec![sh]));
    add("busybox ash", path("busybox").map(|busybox| vec![busybox, "ash".to_owned()]));
    add("mksh", path("mksh").map(|mksh| vec![mksh]));
    add("zsh", path("zsh").map(|zsh| vec![zsh]));
    add("zsh as sh", link(program("zsh"), "zsh", "sh").map(|sh| vec![sh]));
    add("yash", path("yash").map(|yash| vec![yash]));
    add("yash as sh", link(program("yash"), "yash", "sh").map(|sh| vec![sh]));
    add("ksh93", path("ksh93").map(|ksh| vec![ksh]));
    // A shell that runs the kill of its PATH, as one without a kill of its own does.
    let no_builtin = folder.join("no-builtin");
    fs::write(&no_builtin, "enable -n kill\n").expect("a file can be written");
    let with_kill = |kill: &'static str, program: Option<PathBuf>| {
        let link = link(program, kill, "kill")?;
        let path = format!("PATH={}:/usr/bin:/bin", Path::new(&link).parent()?.display());
        Some(vec!["env".to_owned(), format!("BASH_ENV={}", no_builtin.display()), path, "bash".to_owned()])
    };
    add("procps kill", with_kill("procps", program("/bin/kill")));
    add("toybox kill", with_kill("toybox", program("toybox")));
    add("busybox kill", with_kill("busybox", program("busybox")));
    shells
}

/// What is owed in a situation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owed {
    Delivered,
    Exited,
    Refused,
}

impl Owed {
    fn letter(answer: &Result<bool, String>) -> char {
        match answer {
            Ok(true) => 'd',
            Ok(false) => 'x',
            Err(_) => 'e',
        }
    }
}

/// One group, what is owed for it, and in which state each process is to be afterwards.
struct Situation {
    name: &'static str,
    leader_pid: u32,
    owed: Owed,
    after: Vec<(u32, &'static str)>,
}

/// Every situation for a signaller of that user. With `shown`, it can see that a group has only unreaped
/// members.
fn situations(nursery: &mut Nursery, user: u32, shown: bool) -> Vec<Situation> {
    use Owed::{Delivered, Exited, Refused};
    let mut all = Vec::new();
    let mut add = |name, leader_pid, owed, after| all.push(Situation { name, leader_pid, owed, after });

    let small = nursery.leader(user);
    let member = nursery.member(small, user);
    add("two members", small, Delivered, vec![(small, "lives SIGTERM"), (member, "lives SIGTERM")]);

    let leader = nursery.leader(user);
    let survivor = nursery.member(leader, user);
    nursery.exit(leader);
    nursery.reap(leader);
    add("leader reaped", leader, Delivered, vec![(survivor, "lives SIGTERM")]);

    let leader = nursery.leader(user);
    let survivor = nursery.member(leader, user);
    nursery.exit(leader);
    add("leader unreaped", leader, Delivered, vec![(survivor, "lives SIGTERM"), (leader, "dead")]);

    let leader = nursery.leader(user);
    let member = nursery.member(leader, user);
    nursery.exit(leader);
    nursery.exit(member);
    add("all unreaped", leader, if shown { Exited } else { Delivered }, vec![(leader, "dead")]);

    let leader = nursery.leader_in_a_second_thread(user);
    add("first thread ended", leader, Delivered, vec![(leader, "lives SIGTERM")]);

    let leader = nursery.leader(user);
    nursery.stop(leader);
    add("stopped", leader, Delivered, vec![(leader, "stopped SIGTERM")]);

    let leader = nursery.leader(user);
    nursery.exit(leader);
    nursery.reap(leader);
    add("exited", leader, Exited, vec![(leader, "gone")]);
    add("never existed", 2_147_483_647, Exited, vec![]);

    let leader = nursery.leader(user);
    let member = nursery.member(leader, user);
    add("member's pid", member, Exited, vec![(leader, "lives"), (member, "lives")]);

    // Ids that begin with those of others, and with 1, as procps 4.0.2 reads them.
    nursery.next(1234);
    let bystander = nursery.leader(user);
    nursery.next(12345);
    let leader = nursery.leader(user);
    add("id of five digits", leader, Delivered, vec![(leader, "lives SIGTERM"), (bystander, "lives")]);
    nursery.next(7777);
    let leader = nursery.leader(user);
    add("id of sevens", leader, Delivered, vec![(leader, "lives SIGTERM"), (bystander, "lives")]);

    if user != 0 {
        let leader = nursery.leader(0);
        add("refused", leader, Refused, vec![(leader, "lives")]);

        let leader = nursery.leader(0);
        let member = nursery.member(leader, user);
        add("partly refused", leader, Delivered, vec![(leader, "lives"), (member, "lives SIGTERM")]);

        let leader = nursery.leader(0);
        let member = nursery.member(leader, 0);
        nursery.exit(member);
        add("refused, one unreaped", leader, Refused, vec![(leader, "lives"), (member, "dead")]);
    }
    all
}

#[rstest]
#[case::root(0)]
#[case::another_user(NOBODY)]
fn every_shell_answers_rightly_in_every_situation(
    #[case] user: u32,
    #[values(Proc::Shown, Proc::Hidden, Proc::Missing)] proc: Proc,
) {
    let folder = TempDir::new().expect("a folder can be made");
    // The second user runs the links in it.
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .expect("it is ours");
    let mut wrong = Vec::new();
    let mut heading_shown = false;
    for shell in shells(folder.path()) {
        let Some(mut nursery) = Nursery::start() else { return };
        let signaller = ShellSignaller::behind(nursery.enter(proc, user)).shell(shell.words);
        let situations = situations(&mut nursery, user, proc == Proc::Shown);
        if !heading_shown {
            let names: Vec<&str> = situations.iter().map(|situation| situation.name).collect();
            println!("user {user}, /proc {proc:?}: {}", names.join(", "));
            heading_shown = true;
        }
        let leader_pids: Vec<u32> = situations.iter().map(|situation| situation.leader_pid).collect();
        let told = signaller.have_exited(&leader_pids);
        let answers = signaller.signal_each(&leader_pids, "SIGTERM");
        let letters: Vec<String> = answers.iter().map(|answer| Owed::letter(answer).to_string()).collect();
        println!("{:14} {}", shell.name, letters.join(" "));
        if (user, proc) == (NOBODY, Proc::Shown) {
            let row = format!("| {} | {} |", shell.name, letters.join(" | "));
            if !GUIDE.contains(&row) {
                wrong.push(format!("docs/authorities.md has no row {row}"));
            }
        }
        for ((situation, answer), told) in situations.iter().zip(&answers).zip(told) {
            let (owed, has_exited) = match situation.owed {
                Owed::Delivered => ('d', Some(false)),
                Owed::Exited => ('x', Some(true)),
                Owed::Refused => ('e', None),
            };
            if told != has_exited {
                wrong.push(format!(
                    "{}: {}: exited: {told:?}, not {has_exited:?}",
                    shell.name, situation.name
                ));
            }
            if Owed::letter(answer) != owed {
                wrong.push(format!(
                    "{}: {}: {answer:?}, not {:?}",
                    shell.name, situation.name, situation.owed
                ));
            }
            for (pid, state) in &situation.after {
                let is = nursery.state(*pid);
                if is != *state {
                    wrong.push(format!("{}: {}: {pid} {is}, not {state}", shell.name, situation.name));
                }
            }
        }
        for (name, after) in [("SIGHUP", "lives SIGHUP"), ("SIGINT", "lives SIGINT"), ("SIGKILL", "gone")] {
            let leader = nursery.leader(user);
            let answer = signaller.signal(leader, name);
            if after == "gone" {
                nursery.reap(leader);
            }
            let state = nursery.state(leader);
            if answer != Ok(true) || state != after {
                wrong.push(format!("{}: {name}: {answer:?}, {state}", shell.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
