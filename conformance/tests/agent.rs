//! The agent itself: what it tells of processes that it may not trace, and what is told of an agent that
//! somebody has changed, stopped or ended.

#[path = "support/trials.rs"]
mod trials;

use libtest_mimic::Trial;
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use signaller_conformance::sys::proc::Stat;
use signaller_conformance::testbed::make::Make;
use signaller_conformance::testbed::protocol::{
    Disposition, Fork, Place, Program, Reply, Request, Seen, State,
};
use signaller_conformance::testbed::{AgentError, AgentLink, SubjectPipes};
use std::fs;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The uid of another user.
const OTHER: u32 = 65_534;
/// How long a thing may take that happens at once, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    // The agents are found by being the only ones.
    trials::main(Some(1), trials)
}

fn trials() -> Vec<Trial> {
    // Most machines give root this one, most containers do not: no agent of these tests has it.
    let _ = caps::drop(None, caps::CapSet::Bounding, caps::Capability::CAP_SYS_PTRACE);
    let trial = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    vec![
        trial("a_parent_tells_how_its_child_ended", || how_a_child_ended_is_told(|_, _| ())),
        trial("a_stopped_parent_hides_nothing", || {
            how_a_child_ended_is_told(|agent, parent| done(agent, &Request::Stop { pid: parent }));
        }),
        trial("a_frozen_parent_hides_nothing", || {
            how_a_child_ended_is_told(|agent, parent| {
                if agent.abilities().freezer {
                    done(agent, &Request::MoveToCgroup { pids: vec![parent], frozen: true });
                }
            });
        }),
        trial("the_agent_tells_how_an_orphan_ended", || {
            how_a_child_ended_is_told(|agent, parent| done(agent, &Request::Kill { pid: parent }));
        }),
        trial(
            "nobody_but_the_subject_leaves_something_behind",
            nobody_but_the_subject_leaves_something_behind,
        ),
        trial(
            "members_that_fork_wait_while_nobody_reaps_them",
            members_that_fork_wait_while_nobody_reaps_them,
        ),
        trial("an_id_that_others_may_get_soon_is_a_strangers", an_id_that_others_may_get_soon_is_a_strangers),
        trial(
            "of_a_crowd_those_are_missed_that_were_not_sent_it",
            of_a_crowd_those_are_missed_that_were_not_sent_it,
        ),
        trial(
            "groups_of_a_crowd_are_led_by_its_members_and_are_nobody_elses",
            groups_of_a_crowd_are_led_by_its_members_and_are_nobody_elses,
        ),
        trial("a_subject_is_known_without_its_parent", a_subject_is_known_without_its_parent),
        trial("an_agent_whose_limits_were_changed_says_so", an_agent_whose_limits_were_changed_says_so),
        trial("an_agent_that_ended_with_changed_limits_is_known", an_agent_that_ended_is_known),
        trial("a_stopped_agent_is_given_up_in_seconds", a_stopped_agent_is_given_up_in_seconds),
        trial("a_killed_agent_is_told_from_one_in_a_sandbox", a_killed_agent_is_told),
        trial("an_agent_cannot_be_looked_into", an_agent_cannot_be_looked_into),
    ]
}

/// An agent, in a sandbox or not, with the pipes of a subject that is not started; `None` where there is no
/// sandbox.
fn start(sandboxed: bool) -> Option<(AgentLink, SubjectPipes)> {
    match AgentLink::start(sandboxed) {
        Ok(agent) => Some(agent),
        Err(AgentError::NotReady(reason)) => {
            println!("not tried: {reason}");
            None
        }
        Err(fault) => panic!("{fault}"),
    }
}

fn done(agent: &mut AgentLink, request: &Request) {
    assert_eq!(agent.ask(request).unwrap(), Reply::Done);
}

fn members(agent: &mut AgentLink, request: &Request) -> Vec<u32> {
    match agent.ask(request).unwrap() {
        Reply::Members { pids } => pids,
        reply => panic!("{reply:?}"),
    }
}

fn fork(agent: &mut AgentLink, how: Fork) -> u32 {
    match agent.ask(&Request::Fork(how)).unwrap() {
        Reply::Forked { pid } => pid,
        reply => panic!("{reply:?}"),
    }
}

fn state_of(agent: &mut AgentLink, pid: u32) -> State {
    match agent.ask(&Request::Snapshot).unwrap() {
        Reply::Seen { processes } => processes.iter().find(|seen: &&Seen| seen.pid == pid).unwrap().state,
        reply => panic!("{reply:?}"),
    }
}

/// A child, of another user where one is available, is ended by each of two signals, or exits; before that
/// `happen` happens to its parent.
fn how_a_child_ended_is_told(happen: fn(&mut AgentLink, u32)) {
    let Some((mut agent, _pipes)) = start(true) else { return };
    let uid = agent.abilities().other_uid.then_some(OTHER);
    let parent = fork(&mut agent, Fork::plain());
    let child = Fork { parent: Some(parent), uid, disposition: Disposition::Dies, ..Fork::plain() };
    let [killed, exited] = [child.clone(), child].map(|child| fork(&mut agent, child));
    happen(&mut agent, parent);
    done(&mut agent, &Request::Kill { pid: killed });
    done(&mut agent, &Request::Exit { pid: exited });
    for _ in 0..2 {
        assert_eq!(state_of(&mut agent, killed), State::Killed(libc::SIGKILL));
        assert_eq!(state_of(&mut agent, exited), State::Exited(0));
    }
}

/// Members that fork leave successors, which the agent adopts.
fn nobody_but_the_subject_leaves_something_behind() {
    let Some((mut agent, _pipes)) = start(true) else { return };
    let leader =
        fork(&mut agent, Fork { group: Place::Own, disposition: Disposition::Storms, ..Fork::plain() });
    // Whoever forks and exits at once can escape a walk of /proc.
    let has_successors = |_| match agent.ask(&Request::Members { group: leader }).unwrap() {
        Reply::Members { pids } => pids.len() > 1,
        reply => panic!("{reply:?}"),
    };
    assert!((0..100).any(has_successors), "it does not fork");
    match agent.ask(&Request::Sweep).unwrap() {
        Reply::Swept { strays, .. } => assert_eq!(strays, Vec::<String>::new()),
        reply => panic!("{reply:?}"),
    }
}

/// Pids are for the whole machine, so members that fork must not fill it while the agent is behind.
fn members_that_fork_wait_while_nobody_reaps_them() {
    /// Looks in a row in which nobody new is seen.
    const QUIET: usize = 100;
    /// More than the limit on a storm, and far fewer than a machine has pids. Others on this machine may exit
    /// meanwhile, which leaves room for as many more.
    const MOST: usize = 5000;
    let Some((mut agent, _pipes)) = start(true) else { return };
    let pid = agent_in_the_sandbox();
    fork(&mut agent, Fork { group: Place::Own, disposition: Disposition::Storms, ..Fork::plain() });
    kill(Pid::from_raw(pid as i32), Signal::SIGSTOP).unwrap();
    let (mut unreaped, mut quiet) = (0, 0);
    while quiet < QUIET && unreaped <= MOST {
        let now = pids().filter(|&child| parent_of(child) == Some(pid)).count();
        quiet = if now > unreaped { 0 } else { quiet + 1 };
        unreaped = now.max(unreaped);
    }
    kill(Pid::from_raw(pid as i32), Signal::SIGCONT).unwrap();
    assert!((100..=MOST).contains(&unreaped), "{unreaped} unreaped processes");
}

fn an_id_that_others_may_get_soon_is_a_strangers() {
    let Some((mut agent, _)) = start(true) else { return };
    let leader = Fork { group: Place::Own, ..Fork::plain() };
    let live = fork(&mut agent, leader.clone());
    let threads = fork(&mut agent, Fork { make: Make::Threads, ..leader.clone() });
    let of_both = members(&mut agent, &Request::Threads { pid: threads });
    let thread = of_both.into_iter().find(|&id| id != threads).unwrap();
    let left = fork(&mut agent, leader.clone());
    let survivor = fork(&mut agent, Fork { group: Place::Of(left), ..Fork::plain() });
    let gone = fork(&mut agent, leader.clone());
    let next = match agent.abilities().chosen_ids {
        true => Some(fork(&mut agent, Fork { id: Some(gone + 1_000), ..leader })),
        false => None,
    };
    for pid in [left, gone].into_iter().chain(next) {
        done(&mut agent, &Request::Exit { pid });
        done(&mut agent, &Request::Reap { pid });
    }
    let ids = [live, thread, left, survivor, gone].into_iter().chain(next).collect();
    assert_eq!(members(&mut agent, &Request::Strangers { ids }), next.into_iter().collect::<Vec<_>>());
}

fn of_a_crowd_those_are_missed_that_were_not_sent_it() {
    // Without a sandbox, so that pids are those of this process, too.
    let Some((mut agent, _)) = start(false) else { return };
    let pid = fork(&mut agent, Fork { group: Place::Own, ..Fork::plain() });
    let crowd = members(&mut agent, &Request::Gather { pid, count: 50, leading: false });
    assert_eq!(crowd.len(), 50);
    let send = |pid: u32, signal| kill(Pid::from_raw(pid as i32), signal).unwrap();
    let (sent, missed) = crowd.split_at(20);
    sent.iter().for_each(|&pid| send(pid, Signal::SIGTERM));
    // One that is stopped keeps nobody waiting.
    send(missed[0], Signal::SIGSTOP);
    let mut look = |signal| members(&mut agent, &Request::MissedInCrowd { pid, signal });
    assert_eq!(look(libc::SIGTERM), missed);
    assert_eq!(look(libc::SIGRTMAX()), crowd);
    done(&mut agent, &Request::Disperse { pid });
    assert_eq!(members(&mut agent, &Request::Members { group: pid }), [pid]);
    done(&mut agent, &Request::Exit { pid });
    done(&mut agent, &Request::Disperse { pid });
}

fn groups_of_a_crowd_are_led_by_its_members_and_are_nobody_elses() {
    let Some((mut agent, _)) = start(true) else { return };
    let pid = fork(&mut agent, Fork { group: Place::Own, ..Fork::plain() });
    let leaders = members(&mut agent, &Request::Gather { pid, count: 20, leading: true });
    assert_eq!(leaders.len(), 20);
    for &id in &leaders {
        assert_eq!(members(&mut agent, &Request::Members { group: id }), [id]);
    }
    let ids = leaders.clone();
    assert_eq!(members(&mut agent, &Request::Strangers { ids }), [0; 0]);
    assert_eq!(members(&mut agent, &Request::MissedInCrowd { pid, signal: libc::SIGTERM }), leaders);
    done(&mut agent, &Request::Disperse { pid });
    assert_eq!(members(&mut agent, &Request::Members { group: leaders[0] }), [0; 0]);
}

fn a_subject_is_known_without_its_parent() {
    type Happen = fn(&mut AgentLink, u32);
    let happen: [Happen; 3] = [
        |_, _| (),
        |agent, parent| done(agent, &Request::Stop { pid: parent }),
        |agent, parent| done(agent, &Request::Kill { pid: parent }),
    ];
    for happen in happen {
        let Some((mut agent, pipes)) = start(true) else { return };
        let argv = ["sh", "-c", "read line; kill -TERM $$"].map(str::to_owned).to_vec();
        let program = Program { argv, ..Program::default() };
        let Reply::Started { parent, pid } = agent.ask(&Request::Start(program)).unwrap() else {
            panic!("it was not started")
        };
        happen(&mut agent, parent);
        assert_eq!(state_of(&mut agent, pid), State::Running);
        drop(pipes);
        let state = Reply::Subject { state: State::Killed(libc::SIGTERM) };
        assert_eq!(agent.ask(&Request::Subject { wait: PATIENCE }).unwrap(), state);
        assert_eq!(state_of(&mut agent, pid), State::Killed(libc::SIGTERM));
    }
}

/// Lets a process have no more than three descriptors.
fn limit(pid: u32) {
    let limit = libc::rlimit64 { rlim_cur: 3, rlim_max: 3 };
    // SAFETY: plain numbers in, nothing out.
    let result =
        unsafe { libc::prlimit64(pid as i32, libc::RLIMIT_NOFILE, &raw const limit, std::ptr::null_mut()) };
    assert_eq!(result, 0);
}

fn an_agent_whose_limits_were_changed_says_so() {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let Some((mut agent, _pipes)) = start(false) else { return };
    let pid = agent.abilities().pid;
    limit(pid);
    let said = agent.ask(&Request::Snapshot);
    let Err(AgentError::Tampered(what)) = said else { panic!("it does not say so: {said:?}") };
    assert!(what.starts_with("its limit RLIMIT_NOFILE was "), "{what}");
    assert!(what.contains(&soft.to_string()) && what.contains(&hard.to_string()), "{what}");
    assert!(what.ends_with(" and is 3 (at most 3)"), "{what}");
}

/// The pid outside of the agent in the only sandbox that there is.
fn agent_in_the_sandbox() -> u32 {
    let is_it = |pid: &u32| parent_of(*pid).and_then(parent_of) == Some(std::process::id());
    pids().find(is_it).expect("there is a sandbox")
}

fn parent_of(pid: u32) -> Option<u32> {
    Stat::of(pid).map(|stat| stat.parent)
}

fn pids() -> impl Iterator<Item = u32> {
    fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

fn an_agent_that_ended_is_known() {
    let Some((mut agent, _pipes)) = start(true) else { return };
    let pid = agent_in_the_sandbox();
    limit(pid);
    kill(Pid::from_raw(pid as i32), Signal::SIGKILL).unwrap();
    let what = match agent.ask(&Request::Snapshot) {
        Err(AgentError::Tampered(what)) => what,
        other => panic!("that is not known: {other:?}"),
    };
    assert!(what.starts_with("it has ended, and its limit RLIMIT_NOFILE was "), "{what}");
}

fn a_stopped_agent_is_given_up_in_seconds() {
    let Some((mut agent, _pipes)) = start(false) else { return };
    kill(Pid::from_raw(agent.abilities().pid as i32), Signal::SIGSTOP).unwrap();
    let began = Instant::now();
    let Err(AgentError::Killed(what)) = agent.ask(&Request::Snapshot) else { panic!("that is not known") };
    assert!(what.starts_with("is stopped"), "{what}");
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
}

/// No signal from within reaches an agent in a sandbox: it is ended from outside, when memory runs short.
fn a_killed_agent_is_told() {
    let Some((mut agent, _pipes)) = start(false) else { return };
    kill(Pid::from_raw(agent.abilities().pid as i32), Signal::SIGKILL).unwrap();
    assert!(matches!(agent.ask(&Request::Snapshot), Err(AgentError::Killed(_))));
    drop(agent);
    let Some((mut agent, _pipes)) = start(true) else { return };
    kill(Pid::from_raw(agent_in_the_sandbox() as i32), Signal::SIGKILL).unwrap();
    assert!(matches!(agent.ask(&Request::Snapshot), Err(AgentError::Lost(_))));
}

/// Its descriptors and its memory are its own; those of the processes that it forks are as open as any.
fn an_agent_cannot_be_looked_into() {
    let Some((mut agent, mut pipes)) = start(true) else { return };
    let member = fork(&mut agent, Fork::plain());
    let look =
        format!("for pid in 1 {member}; do readlink /proc/$pid/cwd >/dev/null && echo $pid; done 1>&2");
    let argv = ["sh", "-c", &look].map(str::to_owned).to_vec();
    let Reply::Started { .. } = agent.ask(&Request::Start(Program { argv, ..Program::default() })).unwrap()
    else {
        panic!("it was not started")
    };
    let mut told = String::new();
    let errors = &mut pipes.errors;
    std::io::Read::read_to_string(&mut fs::File::from(errors.try_clone().unwrap()), &mut told).unwrap();
    let may_see_members = nix::unistd::geteuid().is_root();
    assert_eq!(told, if may_see_members { format!("{member}\n") } else { String::new() });
}
