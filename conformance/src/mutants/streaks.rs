//! Who counts what came in a row, and does something else once it was much.

use super::parts::{checked, deliver, id_of, is_there, right, send, signal_of};
use super::{Mutant, Served};
use crate::contract::{DELIVERS_THE_NAMED_SIGNAL, REPORTS_DELIVERED};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use process_groups::{Signaller, signaller_fn};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "gives-up-after-refusals",
        who: "Opens its circuit breaker after ten refusals in a row, and answers `Err` until a call succeeds.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            breaking(10, |_, _, answer| matches!(answer, Err(why) if why.contains("EPERM")))
        }),
    },
    Mutant {
        name: "gives-up-after-two-hundred",
        who: "Opens its circuit breaker after two hundred errors in a row, and answers `Err` until a call succeeds.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| breaking(200, |_, _, answer| answer.is_err())),
    },
    Mutant {
        name: "gives-up-after-unknown-names",
        who: "Opens its circuit breaker after ten unknown names in a row, and answers `Err` until a call succeeds.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| breaking(10, |_, name, _| signal_of(name).is_err())),
    },
    Mutant {
        name: "gives-up-after-wrong-leader-pids",
        who: "Opens its circuit breaker after ten leader pids in a row that no group has, and answers `Err` \
              until a call succeeds.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| breaking(10, |leader_pid, _, _| id_of(leader_pid).is_err())),
    },
    Mutant {
        name: "loses-patience",
        who: "Sends SIGKILL behind the eighth signal in a row that has the same name and is for the same group.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            let last = Mutex::new(((0, 0), 0));
            checked(move |id, signal| {
                let answer = deliver(id, signal);
                let mut last = lock(&last);
                let in_a_row = if last.0 == (id, signal) { last.1 + 1 } else { 1 };
                *last = ((id, signal), in_a_row);
                if in_a_row == 8 {
                    let _ = send(-id, libc::SIGKILL);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "kills-survivors-at-the-second-call",
        who: "Sends SIGKILL in place of the second SIGTERM for a group whose leader is gone.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            let terminated = Mutex::new(HashSet::new());
            checked(move |id, signal| {
                let survives = signal == libc::SIGTERM && !is_there(id) && is_there(-id);
                let is_the_first = !survives || lock(&terminated).insert(id);
                deliver(id, if is_the_first { signal } else { libc::SIGKILL })
            })
        }),
    },
];

/// A signaller that answers as it should until ten calls in a row were such that it `counts` them.
fn breaking(most: usize, counts: fn(u32, &str, &SignalResult) -> bool) -> Arc<dyn Signaller> {
    let in_a_row = AtomicUsize::new(0);
    Arc::new(signaller_fn(move |leader_pid, name: &str| {
        if in_a_row.load(Ordering::Relaxed) >= most {
            return Err(format!("too many errors, {name:?} is not sent"));
        }
        let answer = right(leader_pid, name);
        match counts(leader_pid, name, &answer) {
            true => _ = in_a_row.fetch_add(1, Ordering::Relaxed),
            false => in_a_row.store(0, Ordering::Relaxed),
        }
        answer
    }))
}
