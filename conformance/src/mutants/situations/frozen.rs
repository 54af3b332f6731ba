//! What is done wrongly with a frozen group.

use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, DOES_NOT_WAIT, OUTLIVES_THE_LEADER, REACHES_STOPPED_MEMBERS,
    REFUSED_IS_AN_ERROR, REPORTS_DELIVERED, SPARES_OTHER_GROUPS,
};
use crate::mutants::parts::{answer, checked, deliver, is_there, send};
use crate::mutants::proc::members;
use crate::mutants::{Mutant, Served};
use nix::errno::Errno;
use std::fs;
use std::path::{Path, PathBuf};

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "frozen-are-thawed",
        who: "Writes 0 to cgroup.freeze of the group's cgroup, so that the signal arrives.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                if let Some(cgroup) = frozen_cgroup(id) {
                    let _ = fs::write(cgroup.join("cgroup.freeze"), "0");
                }
                sent
            })
        }),
    },
    Mutant {
        name: "frozen-are-killed-by-thawing",
        who: "Thaws the group's cgroup before SIGHUP alone, for the terminals in it, and freezes it again.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let cgroup = frozen_cgroup(id).filter(|_| signal == libc::SIGHUP);
                let set = |value| {
                    if let Some(cgroup) = &cgroup {
                        let _ = fs::write(cgroup.join("cgroup.freeze"), value);
                    }
                };
                set("0");
                let sent = deliver(id, signal);
                if cgroup.is_some() {
                    // What it waits for: that somebody has taken the signal.
                    crate::mutants::parts::pause(20);
                }
                set("1");
                sent
            })
        }),
    },
    Mutant {
        name: "frozen-are-sent-it-twice",
        who: "Sends again to a group in a frozen cgroup, on which nothing seems to happen.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if frozen_cgroup(id).is_some() {
                    let _ = deliver(id, signal);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "frozen-are-continued",
        who: "Sends SIGCONT behind the signal to a group in a frozen cgroup, as to a stopped one.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if frozen_cgroup(id).is_some() {
                    let _ = deliver(id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "frozen-is-an-error",
        who: "Answers `Err` for a group in a frozen cgroup, as Docker does for a paused container.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| match frozen_cgroup(id) {
                Some(_) => deliver(id, signal).and(Err(format!("group {id} is paused"))),
                None => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "frozen-is-exited",
        who: "Takes a group in a frozen cgroup for suspended, which its list calls gone.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            checked(|id, signal| deliver(id, signal).map(|sent| sent && frozen_cgroup(id).is_none()))
        }),
    },
    Mutant {
        name: "frozen-are-waited-for",
        who: "Waits half a second for a frozen group to be thawed before it answers.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let sent = deliver(id, signal);
                if frozen_cgroup(id).is_some() {
                    crate::mutants::parts::pause(500);
                }
                sent
            })
        }),
    },
    Mutant {
        name: "frozen-are-killed-with-their-cgroup",
        who: "Writes 1 to cgroup.kill of a frozen group's cgroup, whoever else is in it.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| match frozen_cgroup(id).filter(|_| signal == libc::SIGKILL) {
                Some(cgroup) => fs::write(cgroup.join("cgroup.kill"), "1")
                    .map(|()| true)
                    .map_err(|cause| cause.to_string()),
                None => deliver(id, signal),
            })
        }),
    },
    Mutant {
        name: "frozen-survivors-are-exited",
        who: "Answers `Ok(false)` when the leader is gone and none of the survivors is in a cgroup that runs.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let found = members(id);
                let all_frozen =
                    !found.is_empty() && found.iter().all(|one| frozen_cgroup(one.pid).is_some());
                deliver(id, signal).map(|sent| sent && (is_there(id) || !all_frozen))
            })
        }),
    },
    Mutant {
        name: "frozen-refused-is-delivered",
        who: "Takes EPERM for a group in a frozen cgroup for the freezer's, and the signal for pending.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) if frozen_cgroup(id).is_some() => Ok(true),
                sent => answer(sent),
            })
        }),
    },
];

/// The folder of a process's cgroup, if that is frozen.
fn frozen_cgroup(pid: i32) -> Option<PathBuf> {
    let cgroup = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    let cgroup = cgroup.lines().find_map(|line| line.strip_prefix("0::/"))?.to_owned();
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let fields = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    let mount = fields
        .filter(|fields| fields.get(2) == Some(&"cgroup2"))
        .find_map(|fields| fields.get(1).copied())?;
    let folder = Path::new(mount).join(cgroup);
    let events = fs::read_to_string(folder.join("cgroup.events")).ok()?;
    events.lines().any(|line| line == "frozen 1").then_some(folder)
}
