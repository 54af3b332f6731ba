//! What requirements forbid and no case catches: said, so that nobody takes silence for a promise.
//!
//! Whoever adds a case removes here what it catches.

mod registry;
mod signaller;

use crate::contract::Requirement;
use serde::Serialize;

/// One kind of fault that passes unseen, or may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The fault.
    pub fault: &'static str,
    /// Why no case catches it.
    pub reason: &'static str,
}

const fn gap(fault: &'static str, reason: &'static str) -> Gap {
    Gap { fault, reason }
}

/// What passes unseen whatever the requirement.
pub const OF_EVERY_REQUIREMENT: &[Gap] = &[
    gap(
        "A fault that seldom shows: a race that is rarely lost, one call in some hundreds.",
        "A run tries a situation from once to a few hundred times. What shows in one call of N is missed by \
         K calls with the probability (1 - 1/N)^K: run the suite often.",
    ),
    gap(
        "A fault that shows only after more than some thousand calls, after minutes, or at a certain hour.",
        "Each case starts a process of its own, and is done with it in seconds.",
    ),
    gap(
        "A fault that shows for certain leader pids only.",
        "There are 2,147,483,646. A run tries some thousand: the edges, those near powers of two, those that \
         real programs were seen to mistake, and random ones. Groups can be made with the ids that this \
         kernel gives, and most have one below 20,000.",
    ),
    gap(
        "A fault that needs several situations together, such as a stopped survivor of another user.",
        "Cases try situations alone and in some pairs. Histories mix them at random, with at most four \
         groups at a time and at most 26 steps.",
    ),
    gap(
        "A fault that shows for members of a make that the agent does not fork: with more than two threads, or \
         with every thread asleep in the kernel.",
        "Members are forked from one small program. Some have a second thread, some are traced, some are frozen \
         with their cgroup, some are the first process of a PID namespace below.",
    ),
    gap(
        "A fault of `signal_each` alone, in a situation that other cases ask about one by one.",
        "Batches are tried with groups that live, have exited or lost their leader, are refused or partly refused, \
         with members, reused ids, impossible ones and unknown names; not with stopped groups, or while \
         something has run out.",
    ),
    gap(
        "A stdio subject that reads a question only as it is written here: keys in one order, without blanks, \
         numbered from 0, and escapes only where they must be.",
        "Every question is written by one library. Nobody is known to write otherwise to a subject.",
    ),
    gap(
        "A fault that shows where something has run out in another situation than the plainest, or where \
         memory or disk has.",
        "Tools, processes, descriptors and /proc are taken from a subject that is asked for a live group, \
         and some of them from one that is refused.",
    ),
    gap(
        "A fault that shows only with what the subject was started with: SIGCHLD ignored, another locale, a small stack.",
        "Every subject is started with each signal's default disposition, and with the environment and the limits \
         of whoever runs the suite.",
    ),
    gap(
        "A fault on another system: Darwin or a BSD, another kernel or processor, other shells and tools.",
        "Groups are made on the Linux that the suite, or the remote host of its testbed, runs on; a subject \
         finds there what is installed there. Of Darwin, --kernel darwin tries what kill(2) answers.",
    ),
    gap(
        "A subject that behaves while it is tried, and not otherwise.",
        "It can see where it is: in a namespace with an agent, asked known questions. Cases look for \
         mistakes, not for deceit.",
    ),
];

/// What passes unseen of that requirement, beside what does so of every one.
pub fn of(requirement: &Requirement) -> &'static [Gap] {
    let rows = signaller::UNTESTED.iter().chain(registry::UNTESTED);
    rows.into_iter().find(|(known, _)| *known == requirement).map_or(&[], |(_, gaps)| gaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract;

    fn rows() -> impl Iterator<Item = &'static (&'static Requirement, &'static [Gap])> {
        signaller::UNTESTED.iter().chain(registry::UNTESTED)
    }

    /// Empty rows are written down, too: somebody has thought about each.
    #[test]
    fn each_requirement_has_a_row_in_the_order_of_the_contract() {
        assert!(rows().map(|(requirement, _)| *requirement).eq(contract::all()));
    }

    #[test]
    fn each_gap_is_told_in_sentences() {
        let gaps = rows().flat_map(|(_, gaps)| gaps.iter()).chain(OF_EVERY_REQUIREMENT);
        for text in gaps.flat_map(|gap| [gap.fault, gap.reason]) {
            assert!(text.ends_with('.') && text == text.trim() && !text.contains("  "), "{text:?}");
            assert!(!text.contains(char::is_control), "{text:?}");
        }
    }
}
