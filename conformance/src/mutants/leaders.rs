//! What is done with leader pids that no group can have.

use super::parts::{answer, deliver, id_of, leading, send, signal_of};
use super::{Mutant, Served};
use crate::contract::{REJECTS_LEADER_ONE, REJECTS_LEADER_OUT_OF_RANGE, REJECTS_LEADER_ZERO};
use process_groups::{Signaller, signaller_fn};
use std::sync::Arc;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "zero-is-the-own-group",
        who: "Negates 0, which stays 0: to kill(2) the caller's own group.",
        requirement: REJECTS_LEADER_ZERO,
        subject: Served::Rust(|| {
            leading(|leader_pid, signal| match leader_pid {
                0 => answer(send(0, signal)),
                _ => refuse(leader_pid),
            })
        }),
    },
    Mutant {
        name: "zero-is-exited",
        who: "Takes 0 for \"not started yet\", and answers that nothing runs.",
        requirement: REJECTS_LEADER_ZERO,
        subject: Served::Rust(|| {
            leading(|leader_pid, _| if leader_pid == 0 { Ok(false) } else { refuse(leader_pid) })
        }),
    },
    Mutant {
        name: "zero-is-delivered",
        who: "Leaves early with success when there is nothing to do.",
        requirement: REJECTS_LEADER_ZERO,
        subject: Served::Rust(|| {
            leading(|leader_pid, _| if leader_pid == 0 { Ok(true) } else { refuse(leader_pid) })
        }),
    },
    Mutant {
        name: "one-is-everybody",
        who: "Negates 1: to kill(2) every process there is.",
        requirement: REJECTS_LEADER_ONE,
        subject: Served::Rust(|| {
            leading(|leader_pid, signal| match leader_pid {
                1 => answer(send(-1, signal)),
                _ => refuse(leader_pid),
            })
        }),
    },
    Mutant {
        name: "one-is-init",
        who: "Knows that -1 is everybody, and signals process 1 instead.",
        requirement: REJECTS_LEADER_ONE,
        subject: Served::Rust(|| {
            leading(|leader_pid, signal| match leader_pid {
                1 => answer(send(1, signal)),
                _ => refuse(leader_pid),
            })
        }),
    },
    Mutant {
        name: "one-is-exited",
        who: "Answers that init's group is none of the window's.",
        requirement: REJECTS_LEADER_ONE,
        subject: Served::Rust(|| {
            leading(|leader_pid, _| if leader_pid == 1 { Ok(false) } else { refuse(leader_pid) })
        }),
    },
    Mutant {
        name: "wrapping-cast",
        who: "Writes `-(leader_pid as i32)`, which turns 4294967295 into process 1.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| {
            leading(|leader_pid, signal| match leader_pid {
                0 | 1 => refuse(leader_pid),
                _ => answer(send((leader_pid as i32).wrapping_neg(), signal)),
            })
        }),
    },
    Mutant {
        name: "saturating-cast",
        who: "Converts with saturation, so that what is out of range becomes a group that nobody has.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| {
            leading(|leader_pid, signal| match leader_pid {
                0 | 1 => refuse(leader_pid),
                _ => answer(send(-i32::MAX, signal)),
            })
        }),
    },
    Mutant {
        name: "thirty-one-bits",
        who: "Clears the sign bit, so that 2147483648 + N hits group N.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| {
            leading(|leader_pid, signal| match id_of(leader_pid & 0x7fff_ffff) {
                Ok(id) => answer(send(-id, signal)),
                Err(_) => refuse(leader_pid),
            })
        }),
    },
    Mutant {
        name: "out-of-range-is-exited",
        who: "Reasons that no group can have such an id, so that it must have exited.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| {
            leading(|leader_pid, _| if leader_pid > 1 { Ok(false) } else { refuse(leader_pid) })
        }),
    },
    Mutant {
        name: "minus-one-refused-alone",
        who: "Refuses 4294967295, the -1 of an unset field, and casts everything else.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| {
            leading(|leader_pid, signal| match leader_pid {
                0 | 1 | u32::MAX => refuse(leader_pid),
                _ => answer(send((leader_pid as i32).wrapping_neg(), signal)),
            })
        }),
    },
    Mutant {
        name: "one-past-the-end",
        who: "Writes `<=` for `<` at 2147483648, whose negation wraps to itself.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| {
            leading(|leader_pid, signal| match leader_pid {
                0x8000_0000 => answer(send((leader_pid as i32).wrapping_neg(), signal)),
                _ => refuse(leader_pid),
            })
        }),
    },
    Mutant {
        name: "panics-at-a-wrong-leader",
        who: "Converts with `try_into().unwrap()`, and the caller ends with the assertion.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| {
            Arc::new(signaller_fn(|leader_pid: u32, name: &str| {
                let signal = signal_of(name)?;
                let id: i32 = leader_pid.try_into().expect("a pid fits into i32");
                answer(send(-id_of(id.unsigned_abs())?, signal))
            }))
        }),
    },
    Mutant {
        name: "zero-with-a-typo-is-exited",
        who: "Refuses 0 where the signal is sent, which is never reached when the name is unknown.",
        requirement: REJECTS_LEADER_ZERO,
        subject: Served::Rust(|| exited_with_a_typo(|leader_pid| leader_pid == 0)),
    },
    Mutant {
        name: "one-with-a-typo-is-exited",
        who: "Refuses 1 where the signal is sent, which is never reached when the name is unknown.",
        requirement: REJECTS_LEADER_ONE,
        subject: Served::Rust(|| exited_with_a_typo(|leader_pid| leader_pid == 1)),
    },
    Mutant {
        name: "out-of-range-with-a-typo-is-exited",
        who: "Refuses what no pid can be where the signal is sent, which is never reached when the name is unknown.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| exited_with_a_typo(|leader_pid| leader_pid > i32::MAX as u32)),
    },
];

fn refuse(leader_pid: u32) -> Result<bool, String> {
    Err(format!("no group can have the leader pid {leader_pid}"))
}

/// A signaller that says of some leader pids that they have exited when it does not know the name.
fn exited_with_a_typo(forgotten: fn(u32) -> bool) -> Arc<dyn Signaller> {
    Arc::new(signaller_fn(move |leader_pid, name: &str| match signal_of(name) {
        Err(_) if forgotten(leader_pid) => Ok(false),
        signal => deliver(id_of(leader_pid)?, signal?),
    }))
}
