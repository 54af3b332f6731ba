//! The agent tells the truth of members of every make: who lives, who is stopped or frozen, and who has
//! exited.

#[path = "support/trials.rs"]
mod trials;

use libtest_mimic::Trial;
use signaller_conformance::testbed::make::Make;
use signaller_conformance::testbed::protocol::{Disposition, Fork, Place, Reply, Request, Seen, State};
use signaller_conformance::testbed::{AgentError, AgentLink, SubjectPipes};
use std::process::ExitCode;

fn main() -> ExitCode {
    trials::main(None, trials)
}

fn trials() -> Vec<Trial> {
    let trial = |name: &str, test: fn()| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    vec![
        trial("a_process_of_any_make_lives_stops_goes_on_and_exits", any_make_lives_stops_and_exits),
        trial(
            "a_process_asleep_in_the_kernel_lives_and_exits",
            a_process_asleep_in_the_kernel_lives_and_exits,
        ),
        trial("a_process_without_its_first_thread_forks", a_process_without_its_first_thread_forks),
        trial("signals_that_were_passed_on_are_told_from_those_that_were_sent", passed_on_is_told),
    ]
}

/// An agent in a sandbox; `None` where there is none.
fn start() -> Option<(AgentLink, SubjectPipes)> {
    match AgentLink::start(true) {
        Ok(agent) => Some(agent),
        Err(AgentError::NotReady(reason)) => {
            println!("not tried: {reason}");
            None
        }
        Err(fault) => panic!("{fault}"),
    }
}

fn done(agent: &mut AgentLink, request: &Request) {
    assert_eq!(agent.ask(request).unwrap(), Reply::Done, "{request:?}");
}

fn fork(agent: &mut AgentLink, how: Fork) -> u32 {
    match agent.ask(&Request::Fork(how)).unwrap() {
        Reply::Forked { pid } => pid,
        reply => panic!("{reply:?}"),
    }
}

fn seen(agent: &mut AgentLink, pid: u32) -> Seen {
    match agent.ask(&Request::Snapshot).unwrap() {
        Reply::Seen { processes } => processes.into_iter().find(|seen| seen.pid == pid).unwrap(),
        reply => panic!("{reply:?}"),
    }
}

fn any_make_lives_stops_and_exits() {
    let Some((mut agent, _pipes)) = start() else { return };
    for make in [Make::Plain, Make::Threads, Make::FirstThreadGone, Make::Undumpable, Make::Subreaper] {
        let pid = fork(&mut agent, Fork { make, group: Place::Own, ..Fork::plain() });
        assert_eq!(seen(&mut agent, pid).state, State::Running, "{make:?}");
        assert_eq!(agent.ask(&Request::Members { group: pid }).unwrap(), Reply::Members { pids: vec![pid] });
        done(&mut agent, &Request::Stop { pid });
        assert_eq!(seen(&mut agent, pid).state, State::Stopped, "{make:?}");
        done(&mut agent, &Request::Continue { pid });
        assert_eq!(seen(&mut agent, pid).state, State::Running, "{make:?}");
        done(&mut agent, &Request::Exit { pid });
        assert_eq!(seen(&mut agent, pid).state, State::Exited(0), "{make:?}");
        done(&mut agent, &Request::Reap { pid });
        assert_eq!(seen(&mut agent, pid).state, State::Reaped, "{make:?}");
    }
}

fn a_process_asleep_in_the_kernel_lives_and_exits() {
    let Some((mut agent, _pipes)) = start() else { return };
    let make = Make::AsleepInKernel;
    let mut fork = || fork(&mut agent, Fork { make, group: Place::Own, ..Fork::plain() });
    let [exits, killed] = [fork(), fork()];
    for pid in [exits, killed] {
        assert_eq!(seen(&mut agent, pid).state, State::Running);
        assert_eq!(agent.ask(&Request::Members { group: pid }).unwrap(), Reply::Members { pids: vec![pid] });
    }
    done(&mut agent, &Request::Exit { pid: exits });
    assert_eq!(seen(&mut agent, exits).state, State::Exited(0));
    done(&mut agent, &Request::Kill { pid: killed });
    assert_eq!(seen(&mut agent, killed).state, State::Killed(9));
}

fn a_process_without_its_first_thread_forks() {
    let Some((mut agent, _pipes)) = start() else { return };
    let parent = fork(&mut agent, Fork { make: Make::FirstThreadGone, ..Fork::plain() });
    let child = fork(&mut agent, Fork { parent: Some(parent), ..Fork::plain() });
    done(&mut agent, &Request::Kill { pid: child });
    assert_eq!(seen(&mut agent, child).state, State::Killed(9));
    done(&mut agent, &Request::Reap { pid: child });
    done(&mut agent, &Request::Kill { pid: parent });
    assert_eq!(seen(&mut agent, parent).state, State::Killed(9));
}

fn passed_on_is_told() {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use signaller_conformance::testbed::make::Origin;

    // Without a sandbox: this process sends the signal.
    let Ok((mut agent, _pipes)) = AgentLink::start(false) else { return };
    let leader =
        fork(&mut agent, Fork { group: Place::Own, disposition: Disposition::PassesOn, ..Fork::plain() });
    let child = fork(&mut agent, Fork { parent: Some(leader), ..Fork::plain() });
    kill(Pid::from_raw(leader as i32), Signal::SIGTERM).unwrap();
    assert_eq!(seen(&mut agent, leader).received[0].origin, Origin::Sent);
    // The leader has answered, and so has passed it on.
    let received = seen(&mut agent, child).received;
    assert_eq!(received.len(), 1, "{received:?}");
    assert_eq!((received[0].signal, received[0].origin), (libc::SIGTERM, Origin::PassedOn));
    kill(Pid::from_raw(child as i32), Signal::SIGCHLD).unwrap();
    let received = seen(&mut agent, child).received;
    assert_eq!((received[1].signal, received[1].origin), (libc::SIGCHLD, Origin::Sent));
}
