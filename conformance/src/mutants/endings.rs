//! Who signals once more when the program ends, by itself or by a signal.

use super::parts::{checked, deliver, is_there, parent, send};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, REACHES_STOPPED_MEMBERS, SPARES_OTHER_GROUPS,
};
use crate::sys::lock::lock;
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
                lock(&ASKED_FOR).insert(id);
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "ends-groups-when-terminated",
        who: "Handles SIGTERM, and passes it on to every group that it was asked for.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| passing_on(libc::SIGTERM)),
    },
    Mutant {
        name: "interrupts-groups-when-interrupted",
        who: "Handles SIGINT, and passes it on to every group that it was asked for.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| passing_on(libc::SIGINT)),
    },
    Mutant {
        name: "hangs-up-groups-when-hung-up",
        who: "Handles SIGHUP, and passes it on to every group that it was asked for.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| passing_on(libc::SIGHUP)),
    },
    Mutant {
        name: "ends-groups-when-quit",
        who: "Handles SIGQUIT, which dumps core elsewhere, and passes it on to every group that it was asked for.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| passing_on(libc::SIGQUIT)),
    },
    Mutant {
        name: "ends-groups-when-nobody-reads",
        who: "Handles SIGPIPE, which says that nobody reads its answers, and sends SIGTERM to every group that it was asked for.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| passing_on(libc::SIGPIPE)),
    },
    Mutant {
        name: "kills-again-when-it-ends",
        who: "Sends SIGKILL once more when it exits to the groups that it sent SIGKILL and never saw exit.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            at_exit(kill_all, |id, signal| {
                let answer = deliver(id, signal);
                match answer {
                    Ok(true) if signal == libc::SIGKILL => _ = lock(&ASKED_FOR).insert(id),
                    Ok(false) => _ = lock(&ASKED_FOR).remove(&id),
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
                    lock(&ASKED_FOR).insert(id);
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
                    lock(&ASKED_FOR).insert(id);
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "ends-its-own-group-when-it-ends",
        who: "Has `trap 'kill 0' EXIT` for what it may have started, and sends SIGTERM to its own group when it exits.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| at_exit(terminate_own_group, deliver)),
    },
    Mutant {
        name: "interrupts-its-parent-when-interrupted",
        who: "Has `trap 'kill -INT $PPID' INT`, so that whoever started it stops, too.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| telling_its_parent(libc::SIGINT)),
    },
    Mutant {
        name: "ends-its-parent-when-terminated",
        who: "Handles SIGTERM, and passes it on to its parent, which has nothing to do without it.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| telling_its_parent(libc::SIGTERM)),
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

/// A signaller of a program that passes the signal `own` on when it gets that itself.
fn passing_on(own: libc::c_int) -> Arc<dyn Signaller> {
    // SAFETY: the handler locks nothing that it could have interrupted the owner of, but tries to.
    unsafe { libc::signal(own, pass_on as *const () as libc::sighandler_t) };
    checked(|id, signal| {
        lock(&ASKED_FOR).insert(id);
        deliver(id, signal)
    })
}

/// A signaller of a program that passes the signal `own` on to its parent when it gets that itself.
fn telling_its_parent(own: libc::c_int) -> Arc<dyn Signaller> {
    // SAFETY: the handler makes system calls alone.
    unsafe { libc::signal(own, tell_parent as *const () as libc::sighandler_t) };
    checked(deliver)
}

/// Passes a signal on to the parent, and ends.
extern "C" fn tell_parent(signal: libc::c_int) {
    let _ = send(parent(), signal);
    // SAFETY: ends the process.
    unsafe { libc::_exit(0) };
}

extern "C" fn kill_all() {
    lock(&ASKED_FOR).iter().for_each(|id| _ = send(-id, libc::SIGKILL));
}

/// Passes a signal on to every group that this process was asked for, SIGTERM in place of SIGPIPE, and ends.
extern "C" fn pass_on(signal: libc::c_int) {
    let signal = if signal == libc::SIGPIPE { libc::SIGTERM } else { signal };
    if let Ok(asked_for) = ASKED_FOR.try_lock() {
        asked_for.iter().for_each(|id| _ = send(-id, signal));
    }
    // SAFETY: ends the process.
    unsafe { libc::_exit(0) };
}

extern "C" fn continue_all() {
    lock(&ASKED_FOR).iter().for_each(|id| _ = send(-id, libc::SIGCONT));
}

extern "C" fn terminate_each() {
    lock(&ASKED_FOR).iter().for_each(|pid| _ = send(*pid, libc::SIGTERM));
}

extern "C" fn terminate_own_group() {
    // SAFETY: no handler is installed. It is to exit as if nothing had been sent.
    unsafe { libc::signal(libc::SIGTERM, libc::SIG_IGN) };
    let _ = send(0, libc::SIGTERM);
}
