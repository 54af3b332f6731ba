//! Who waits for somebody to exit.

use super::parts::{checked, deliver, is_there, pause};
use super::proc::{Process, members};
use super::{Mutant, Served};
use crate::contract::DOES_NOT_WAIT;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "waits-up-to-a-second",
        who: "Polls with signal 0 until the group is gone, for a second at most.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                (0..100).take_while(|_| is_there(-id)).for_each(|_| pause(10));
                answer
            })
        }),
    },
    Mutant {
        name: "waits-until-exit",
        who: "Collects the end of the group, as `docker stop` does, but without a limit.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                while is_there(-id) {
                    pause(5);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "fixed-grace",
        who: "Sleeps 300 ms after each delivery, so that the group can write its files.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if answer == Ok(true) {
                    pause(300);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "waits-a-moment",
        who: "Gives a live group 200 ms to end, and answers early if it has.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                (0..20).take_while(|_| members(id).iter().any(Process::is_live)).for_each(|_| pause(10));
                answer
            })
        }),
    },
    Mutant {
        name: "waits-until-taken",
        who: "Answers once no member has the signal pending any more, so that delivered means taken.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let pending = |one: &Process| one.is_live() && one.has("ShdPnd", signal);
                while members(id).iter().any(pending) {
                    pause(5);
                }
                answer
            })
        }),
    },
    Mutant {
        name: "waits-after-kill-alone",
        who: "Waits for SIGKILL to work, which nobody can ignore, until the last member was reaped.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                if signal == libc::SIGKILL {
                    (0..100).take_while(|_| is_there(-id)).for_each(|_| pause(10));
                }
                answer
            })
        }),
    },
    Mutant {
        name: "waits-for-the-leader",
        who: "Waits half a second for the leader alone to exit.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                (0..50)
                    .take_while(|_| Process::of(id).is_some_and(|one| one.is_live()))
                    .for_each(|_| pause(10));
                answer
            })
        }),
    },
    Mutant {
        name: "waits-for-survivors",
        who: "Waits up to half a second for the members that are left when the leader has exited.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            checked(|id, signal| {
                let answer = deliver(id, signal);
                let orphaned = || !is_there(id) && members(id).iter().any(Process::is_live);
                (0..50).take_while(|_| orphaned()).for_each(|_| pause(10));
                answer
            })
        }),
    },
];
