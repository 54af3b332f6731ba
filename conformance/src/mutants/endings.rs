//! Who signals once more when the input has ended and the program exits.

use super::parts::{checked, deliver, held, is_there, send};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, REACHES_STOPPED_MEMBERS, SPARES_OTHER_GROUPS,
};
use process_groups::Signaller;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "cleans-up-when-it-ends",
        who: "Sends SIGKILL to every group that it was asked for when it exits, so that nothing is left running.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            at_exit(kill_all, |id, signal| {
                held(&ASKED_FOR).insert(id);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "ends-groups-when-terminated",
        who: "Handles SIGTERM, and passes it on to every group that it was asked for.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            // SAFETY: the handler locks nothing that it could have interrupted the owner of, but tries to.
            unsafe { libc::signal(libc::SIGTERM, terminate_all as *const () as libc::sighandler_t) };
            checked(|id, signal| {
                held(&ASKED_FOR).insert(id);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "kills-again-when-it-ends",
        who: "Sends SIGKILL once more when it exits to the groups that it sent SIGKILL and never saw exit.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            at_exit(kill_all, |id, signal| {
                let answer = deliver(id, signal);
                match answer {
                    Ok(true) if signal == libc::SIGKILL => _ = held(&ASKED_FOR).insert(id),
                    Ok(false) => _ = held(&ASKED_FOR).remove(&id),
                    _ => {}
                }
                answer
            })
        }),
    },
    Mutant {
        name: "continues-when-it-ends",
        who: "Continues the groups that it found stopped when it exits, so that they can take their signal.",
        requirement: REACHES_STOPPED_MEMBERS,
        subject: Served::Rust(|| {
            at_exit(continue_all, |id, signal| {
                if members(id).iter().any(Process::is_stopped) {
                    held(&ASKED_FOR).insert(id);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "ends-processes-when-it-ends",
        who: "Sends SIGTERM when it exits to each pid that was no leader's when it was asked for.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            at_exit(terminate_each, |id, signal| {
                if is_there(id) && !is_there(-id) {
                    held(&ASKED_FOR).insert(id);
                }
                deliver(id, signal)
            })
        }),
    },
];

/// Whom the program signals when it exits.
static ASKED_FOR: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// A signaller of a program that does `last` when it exits.
fn at_exit(last: extern "C" fn(), deliver: fn(i32, i32) -> Result<bool, String>) -> Arc<dyn Signaller> {
    // SAFETY: only registers the function.
    unsafe { libc::atexit(last) };
    checked(deliver)
}

extern "C" fn kill_all() {
    held(&ASKED_FOR).iter().for_each(|id| _ = send(-id, libc::SIGKILL));
}

extern "C" fn terminate_all(_: libc::c_int) {
    if let Ok(asked_for) = ASKED_FOR.try_lock() {
        asked_for.iter().for_each(|id| _ = send(-id, libc::SIGTERM));
    }
    // SAFETY: ends the process.
    unsafe { libc::_exit(0) };
}

extern "C" fn continue_all() {
    held(&ASKED_FOR).iter().for_each(|id| _ = send(-id, libc::SIGCONT));
}

extern "C" fn terminate_each() {
    held(&ASKED_FOR).iter().for_each(|pid| _ = send(*pid, libc::SIGTERM));
}
