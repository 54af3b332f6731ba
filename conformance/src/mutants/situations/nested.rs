//! What is done wrongly where there is a PID namespace below.

use crate::contract::{ACCEPTS_BEING_IGNORED, DELIVERS_TO_EVERY_MEMBER, DOES_NOT_WAIT, SPARES_OTHER_GROUPS};
use crate::mutants::parts::{checked, deliver, deliver_except, pause, pidfd, send};
use crate::mutants::proc::{Process, all, members};
use crate::mutants::{Mutant, Served};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::os::fd::AsFd;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "innermost-group-ids",
        who: "Takes the last column of NSpgid in /proc/PID/status for the group's id.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                let alike =
                    all().into_iter().filter(|one| one.group != id && one.innermost("NSpgid") == Some(id));
                alike.for_each(|one| _ = send(one.pid, signal));
                sent
            })
        }),
    },
    Mutant {
        name: "innermost-pids",
        who: "Looks for the leader by the last column of NSpid in /proc/PID/status, and signals all that it finds.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                let alike =
                    all().into_iter().filter(|one| one.pid != id && one.innermost("NSpid") == Some(id));
                alike.for_each(|one| _ = send(one.pid, signal));
                sent
            })
        }),
    },
    Mutant {
        name: "containers-are-spared",
        who: "Passes over a member that has another pid in a namespace below: it is a container's.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver_except(id, signal, |one| one.innermost("NSpid") != Some(one.pid)))
        }),
    },
    Mutant {
        name: "first-processes-get-no-kill",
        who: "Leaves SIGKILL to the first process of a container to the container's own tool.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                deliver_except(id, signal, |one| signal == libc::SIGKILL && one.innermost("NSpid") == Some(1))
            })
        }),
    },
    Mutant {
        name: "first-process-takes-nothing",
        who: "Answers `Err` for a first process without a handler, which the kernel keeps the signal from.",
        requirement: ACCEPTS_BEING_IGNORED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let deaf = members(id).iter().any(|one| is_deaf(one, signal));
                deliver(id, signal).and_then(|sent| match deaf {
                    true => Err("the first process of a namespace takes no such signal".to_owned()),
                    false => Ok(sent),
                })
            })
        }),
    },
    Mutant {
        name: "deaf-leader-is-no-group",
        who: "Answers `Ok(false)` when the leader is a first process without a handler: nothing will come of it.",
        requirement: ACCEPTS_BEING_IGNORED,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let deaf = Process::of(id).is_some_and(|leader| is_deaf(&leader, signal));
                deliver(id, signal).map(|sent| sent && !deaf)
            })
        }),
    },
    Mutant {
        name: "killed-leader-is-awaited",
        who: "Waits without limit after SIGKILL until the leader is gone, which cannot take long.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let leader = pidfd(id).filter(|_| signal == libc::SIGKILL);
                let sent = deliver(id, signal);
                if let Some(leader) = leader {
                    let _ = poll(&mut [PollFd::new(leader.as_fd(), PollFlags::POLLIN)], PollTimeout::NONE);
                }
                sent
            })
        }),
    },
    Mutant {
        name: "killed-members-are-looked-for",
        who: "Looks up to half a second after SIGKILL whether a member is in another state than Z.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                let mut looks = 0;
                while signal == libc::SIGKILL && looks < 50 && members(id).iter().any(Process::is_live) {
                    pause(10);
                    looks += 1;
                }
                sent
            })
        }),
    },
    Mutant {
        name: "looks-below-for-the-missing",
        who: "Looks for an id that no group has in the last column of NSpgid, and signals the group that it finds.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| match deliver(id, signal) {
                Ok(false) => {
                    let below = all().into_iter().find(|one| one.innermost("NSpgid") == Some(id));
                    below.map_or(Ok(false), |one| deliver(one.group, signal))
                }
                answer => answer,
            })
        }),
    },
];

/// Whether the kernel keeps the signal from it: it is the first process of its namespace, and has no handler.
fn is_deaf(process: &Process, signal: i32) -> bool {
    process.innermost("NSpid") == Some(1)
        && signal != libc::SIGKILL
        && !process.has("SigCgt", signal)
        && !process.has("SigBlk", signal)
}
