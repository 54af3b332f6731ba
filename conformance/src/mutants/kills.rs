//! What goes wrong with SIGKILL alone, which many send in a way of its own.

use super::parts::{answer, checked, deliver, is_there, pause, pidfd, send};
use super::proc::{Process, group_behind_the_name, members, shows_all, stats};
use super::{Mutant, Served};
use crate::contract::{
    DOES_NOT_WAIT, OUTLIVES_THE_LEADER, REFUSED_IS_AN_ERROR, REPORTS_DELIVERED, STEADY_UNDER_REPETITION,
};
use crate::subject::wire::SignalResult;
use nix::errno::Errno;
use process_groups::Signaller;
use std::sync::Arc;

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "killed-are-those-it-can-read",
        who: "Answers SIGKILL by whether /proc shows a member, and takes the first `)` of a stat for the end of the name.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            killing(|id| {
                let is_read = reads_a_member(id);
                let sent = deliver(id, libc::SIGKILL)?;
                Ok(sent && is_read)
            })
        }),
    },
    Mutant {
        name: "survivors-to-kill-are-those-it-can-read",
        who: "Looks for survivors before SIGKILL alone, and takes the first `)` of a stat for the end of the name.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| {
            killing(
                |id| if is_there(id) || reads_a_member(id) { deliver(id, libc::SIGKILL) } else { Ok(false) },
            )
        }),
    },
    Mutant {
        name: "refused-kills-of-whom-it-cannot-read",
        who: "Looks after EPERM on SIGKILL for members in /proc, and takes the first `)` of a stat for the end of the name.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            killing(|id| match send(-id, libc::SIGKILL) {
                Err(Errno::EPERM) if !reads_a_member(id) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "leaks-a-pidfd-for-each-kill",
        who: "Opens a pidfd of the leader for SIGKILL, to see it end, and never closes it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            killing(|id| {
                std::mem::forget(pidfd(id));
                deliver(id, libc::SIGKILL)
            })
        }),
    },
    Mutant {
        name: "leaks-where-a-kill-is-refused",
        who: "Opens /proc after EPERM on SIGKILL, and returns without closing it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            killing(|id| {
                let sent = send(-id, libc::SIGKILL);
                if sent == Err(Errno::EPERM) {
                    std::mem::forget(std::fs::File::open("/proc/self/stat"));
                }
                answer(sent)
            })
        }),
    },
    Mutant {
        name: "waits-for-what-it-could-not-kill",
        who: "Waits after SIGKILL up to 300 ms while a member is there that may not be signalled.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            killing(|id| {
                let sent = deliver(id, libc::SIGKILL);
                let stays = |one: &Process| send(one.pid, 0) == Err(Errno::EPERM);
                if sent == Ok(true) {
                    (0..15).take_while(|_| members(id).iter().any(stays)).for_each(|_| pause(20));
                }
                sent
            })
        }),
    },
    Mutant {
        name: "tries-a-refused-kill-again",
        who: "Tries SIGKILL up to forty times, 20 ms apart, when it is refused.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            killing(|id| {
                let refused = (0..40).find_map(|_| match send(-id, libc::SIGKILL) {
                    Err(Errno::EPERM) => {
                        pause(20);
                        None
                    }
                    sent => Some(sent),
                });
                answer(refused.unwrap_or(Err(Errno::EPERM)))
            })
        }),
    },
];

/// Whether a stat in /proc has that group where who takes its first `)` for the end of the name looks for it.
fn reads_a_member(id: i32) -> bool {
    let group = |stat: &String| group_behind_the_name(stat.split_once(')')?.1);
    // Where nobody is shown, nothing is concluded from that.
    !shows_all() || !is_there(-id) || stats().iter().any(|stat| group(stat) == Some(id))
}

/// A signaller that is right but for how it sends SIGKILL.
fn killing(kill: fn(i32) -> SignalResult) -> Arc<dyn Signaller> {
    checked(move |id, signal| if signal == libc::SIGKILL { kill(id) } else { deliver(id, signal) })
}
