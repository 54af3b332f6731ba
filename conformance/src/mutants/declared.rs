//! What is wrong with a name beyond the four alone, which was added later: SIGUSR1.

use super::parts::{answer, deliver, id_of, is_there, later, right, send};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::{
    DELIVERS_ONCE, MEMBER_IS_NOT_LEADER, NAMES_ARE_EXACT, NEVER_EXISTED_IS_EXITED, OUTLIVES_THE_LEADER,
    REACHES_STOPPED_MEMBERS, REFUSED_IS_AN_ERROR, REPORTS_EXITED,
};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use nix::errno::Errno;
use process_groups::{Signaller, signaller_fn};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};

/// The name that these declare.
pub const NAME: &str = "SIGUSR1";

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "usr-one-needs-the-leader",
        who: "Sends SIGUSR1 only if the leader lives, which is whom it is for.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Declaring(|| {
            declaring(|id| if is_there(id) { deliver(id, libc::SIGUSR1) } else { Ok(false) })
        }),
    },
    Mutant {
        name: "usr-one-continues",
        who: "Sends SIGCONT behind SIGUSR1, so that who is stopped takes notice.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Declaring(|| {
            declaring(|id| {
                let answer = deliver(id, libc::SIGUSR1);
                if members(id).iter().any(Process::is_stopped) {
                    let _ = send(-id, libc::SIGCONT);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "usr-one-twice",
        who: "Sends SIGUSR1 once more after 30 ms, since programs tend to miss it.",
        requirement: DELIVERS_ONCE,
        subject: Served::Declaring(|| {
            declaring(|id| {
                later(30, move || _ = send(-id, libc::SIGUSR1));
                deliver(id, libc::SIGUSR1)
            })
        }),
    },
    Mutant {
        name: "usr-one-by-any-member",
        who: "Looks up the group of the pid that it is given for SIGUSR1, and signals that.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Declaring(|| {
            declaring(|id| deliver(Process::of(id).map_or(id, |process| process.group), libc::SIGUSR1))
        }),
    },
    Mutant {
        name: "usr-one-says-sent",
        who: "Takes SIGUSR1 for sent whatever kill(2) says of a group that is gone.",
        requirement: REPORTS_EXITED,
        subject: Served::Declaring(|| {
            declaring(|id| match send(-id, libc::SIGUSR1) {
                Err(Errno::ESRCH) => Ok(true),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "usr-one-knows-no-stranger",
        who: "Answers `Err` for SIGUSR1 to a group that it has never found alive.",
        requirement: NEVER_EXISTED_IS_EXITED,
        subject: Served::Declaring(|| {
            let known = Mutex::new(HashSet::new());
            declaring(move |id| match deliver(id, libc::SIGUSR1) {
                Ok(false) if !lock(&known).contains(&id) && Process::of(id).is_none() => {
                    Err("SIGUSR1: there is no such group".to_owned())
                }
                answer => {
                    lock(&known).insert(id);
                    answer
                }
            })
        }),
    },
    Mutant {
        name: "usr-one-refused-is-exited",
        who: "Maps every failure of kill(2) with SIGUSR1 to exited.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Declaring(|| declaring(|id| Ok(send(-id, libc::SIGUSR1).is_ok()))),
    },
    Mutant {
        name: "usr-one-in-small-letters",
        who: "Compares the further name without regard to case.",
        requirement: NAMES_ARE_EXACT,
        subject: Served::Declaring(|| {
            Arc::new(signaller_fn(|leader_pid, name: &str| match name.eq_ignore_ascii_case(NAME) {
                true => deliver(id_of(leader_pid)?, libc::SIGUSR1),
                false => right(leader_pid, name),
            }))
        }),
    },
];

/// A signaller that is right for the four names, and does that for SIGUSR1.
pub fn declaring(usr1: impl Fn(i32) -> SignalResult + Send + Sync + 'static) -> Arc<dyn Signaller> {
    Arc::new(signaller_fn(move |leader_pid, name: &str| match name {
        NAME => usr1(id_of(leader_pid)?),
        _ => right(leader_pid, name),
    }))
}
