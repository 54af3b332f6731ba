//! Delayed work that meets the wrong group.

use crate::contract::{DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, SPARES_OTHER_GROUPS};
use crate::mutants::parts::{checked, deliver, is_there, later, pidfd, send};
use crate::mutants::{Mutant, Served};
use crate::sys::lock::lock;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use process_groups::Signaller;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex};

/// How long the work is delayed, in milliseconds.
const DELAY: u64 = 200;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "slot-keeps-the-first-name",
        who: "Makes sure of its first call 200 ms later, for whichever group is in its one slot by then.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            slotted(|mine, now| {
                if mine.0 != now.0 && mine.1 != now.1 {
                    let _ = send(-now.0, mine.1);
                }
            })
        }),
    },
    Mutant {
        name: "slot-is-sent-once-more",
        who: "Repeats its first call 200 ms later, for the group that has taken its one slot meanwhile.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            slotted(|mine, now| {
                if mine.0 != now.0 && mine.1 == now.1 {
                    let _ = send(-now.0, mine.1);
                }
            })
        }),
    },
    Mutant {
        name: "slot-is-flushed",
        who: "Sends what it held of its first call 200 ms after a call with another name has taken its one slot.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            slotted(|mine, now| {
                if mine.0 != now.0 && mine.1 != now.1 {
                    let _ = send(-mine.0, mine.1);
                }
            })
        }),
    },
    Mutant {
        name: "sweeps-behind-the-leader",
        who: "Looks 200 ms after SIGTERM whether the leader has exited, and sends SIGKILL to its id for those it left.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if let Some(leader) = pidfd(id).filter(|_| signal == libc::SIGTERM) {
                    later(DELAY, move || {
                        if has_exited(&leader) {
                            let _ = send(-id, libc::SIGKILL);
                        }
                    });
                }
                deliver(id, signal)
            })
        }),
    },
    Mutant {
        name: "restarted-is-told-again",
        who: "Looks 200 ms after SIGTERM whether another leader has the id, and tells that one, too.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                if let Some(leader) = pidfd(id).filter(|_| signal == libc::SIGTERM) {
                    later(DELAY, move || {
                        if has_exited(&leader) && is_there(id) {
                            let _ = send(-id, signal);
                        }
                    });
                }
                deliver(id, signal)
            })
        }),
    },
];

/// A signaller with one slot for the group and the signal of its last call. `late` is told of its first call
/// and of what is in the slot a while later.
fn slotted(late: fn((i32, i32), (i32, i32))) -> Arc<dyn Signaller> {
    let slot = Arc::new(Mutex::new(None));
    checked(move |id, signal| {
        if lock(&slot).replace((id, signal)).is_none() {
            let slot = Arc::clone(&slot);
            later(DELAY, move || {
                let now = *lock(&slot);
                now.into_iter().for_each(|now| late((id, signal), now));
            });
        }
        deliver(id, signal)
    })
}

/// Whether the process has exited: its pidfd is readable from then on (pidfd_open(2)).
fn has_exited(leader: &OwnedFd) -> bool {
    poll(&mut [PollFd::new(leader.as_fd(), PollFlags::POLLIN)], PollTimeout::ZERO) == Ok(1)
}
