//! What is made of EPERM where it may mean that every member has exited, as on Darwin.

use crate::contract::{REFUSED_IS_AN_ERROR, UNREAPED_IS_NOT_AN_ERROR};
use crate::mutants::parts::{answer, checked, send};
use crate::mutants::proc::{Process, members};
use crate::mutants::{Mutant, Served};
use nix::errno::Errno;

/// The mutants of this situation.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "darwin-refused",
        who: "Was written on Linux, and takes Darwin's EPERM for a refusal.",
        requirement: UNREAPED_IS_NOT_AN_ERROR,
        subject: Served::OnDarwin(|| checked(|id, signal| answer(send(-id, signal)))),
    },
    Mutant {
        name: "darwin-needs-to-see-the-unreaped",
        who: "Looks after Darwin's EPERM for unreaped members, and takes a group without any for refused.",
        requirement: UNREAPED_IS_NOT_AN_ERROR,
        subject: Served::OnDarwin(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) => match members(id).as_slice() {
                    [_, ..] if !members(id).iter().any(Process::is_live) => Ok(false),
                    _ => answer(Err(Errno::EPERM)),
                },
                sent => answer(sent),
            })
        }),
    },
    Mutant {
        name: "darwin-exited",
        who: "Knows that Darwin says EPERM for a group that has exited, and takes every EPERM for that.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::OnDarwin(|| {
            checked(|id, signal| match send(-id, signal) {
                Err(Errno::EPERM) => Ok(false),
                sent => answer(sent),
            })
        }),
    },
];
