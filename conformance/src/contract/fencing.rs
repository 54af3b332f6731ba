//! What a registry that fences reused pids owes its callers beside the rest.

use super::Level::Must;
use super::{Requirement, Side};

/// In the contract's order.
pub(super) const ALL: &[&Requirement] = &[
    REGISTRATION_HAS_AN_IDENTITY,
    SAME_OWNER_KEEPS_ITS_IDENTITY,
    NEW_OWNER_GETS_A_NEW_IDENTITY,
    CURRENT_TARGET_IS_SIGNALLED,
    STALE_TARGET_IS_SKIPPED,
    STALE_FORGET_IS_IGNORED,
    PINNED_GROUP_IS_FENCED,
];

pub const REGISTRATION_HAS_AN_IDENTITY: &Requirement = &Requirement {
    name: "registration-has-an-identity",
    level: Must,
    side: Side::Registry,
    sentence: "gives each registration an `incarnation: u64` that this registry never gives again",
    why: "A pid is not an identity: the kernel gives it again. Whoever wants to signal a group later, and \
          only that group, needs something that no later owner of the pid can have.",
    breaks: "The place in the list, or the number of entries: both come again after something was forgotten.\n\
             A pool that takes numbers back when an entry is dropped.\n\
             A counter for each leader pid: two groups have the same number, and a map by it mixes them up.\n\
             A number of 8 or 16 bits behind the `u64`, or a time in milliseconds: two at once are alike.\n\
             Numbers that are given anew when the list is read or signalled.",
    check: &[
        "Count registrations in one `u64` that only goes up, and never takes a number back.",
        "Give the number when an entry is made, not when it is listed.",
        "Forget an entry and register it again under its label: the number must be new.",
    ],
};

pub const SAME_OWNER_KEEPS_ITS_IDENTITY: &Requirement = &Requirement {
    name: "same-owner-keeps-its-identity",
    level: Must,
    side: Side::Registry,
    sentence: "changes nothing when a leader pid is registered again with the same label",
    why: "Callers register again on reconnect, or report all they have each time. If that made a new \
          registration, the targets they kept would be stale, and the SIGKILL after the grace period would \
          reach nobody.",
    breaks: "Every `register` counts as a new one.\n\
             The entry is replaced as a whole, its number included.\n\
             Labels compared by address, or not at all where they are empty.\n\
             A registration after a signal or a new signaller counts as another owner's.",
    check: &[
        "Compare the label with the one that is held, byte by byte, and return early.",
        "Compare the whole list before and after, incarnations included.",
        "Signal a target that was kept before the second registration: it still stands.",
    ],
};

pub const NEW_OWNER_GETS_A_NEW_IDENTITY: &Requirement = &Requirement {
    name: "new-owner-gets-a-new-identity",
    level: Must,
    side: Side::Registry,
    sentence: "gives a leader pid registered again with another label a new incarnation, in the same place",
    why: "Another label means another command, and often that is how a reused pid first shows: its exit \
          notice is still on the way. What was kept of an earlier owner must not be taken for the present.",
    breaks: "Assigning the label and leaving the number.\n\
             A number that is made from leader pid and label, such as a hash: the first label that comes back has the \
             first number.\n\
             Labels compared after trimming or folding their case.\n\
             Remove and push: a new number, but in the last place.",
    check: &[
        "Take the next number whenever the label differs, and leave the entry where it is.",
        "Try two labels by turns: each turn must have a number of its own.",
        "Try labels that differ in a space, in case, in a line end.",
    ],
};

pub const CURRENT_TARGET_IS_SIGNALLED: &Requirement = &Requirement {
    name: "current-target-is-signalled",
    level: Must,
    side: Side::Registry,
    sentence: "asks the signaller, in `signal_targets(name, &[entry])`, for each target that still stands, \
               in the targets' order, and prunes as `signal_all` does",
    why: "A second signal after a grace period goes to those that the first one went to, not to what was \
          registered meanwhile. Whoever still stands must get it, or the stop never ends.",
    breaks: "Asking in the order of the list, and matching the answers in the order of the targets: each \
             target gets another's answer.\n\
             Everybody is asked, and the results are filtered.\n\
             Exited targets stay listed, or those that SIGKILL was delivered to are dropped.\n\
             The signaller at the time when the target was made, instead of the one now.\n\
             A name that is fixed, since targets are only ever killed.",
    check: &[
        "Work out which targets stand before anybody is asked, then ask for those in one call.",
        "Go through the same pruning as `signal_all`.",
        "Try targets in another order than the list, some of them exited, some refused.",
    ],
};

pub const STALE_TARGET_IS_SKIPPED: &Requirement = &Requirement {
    name: "stale-target-is-skipped",
    level: Must,
    side: Side::Registry,
    sentence: "answers `Ok(false)` for a target whose registration no longer stands, without asking the \
               signaller and without pruning anything",
    why: "The pid may be a stranger's by now, or that of the next run of the same command. A delayed SIGKILL \
          would end it, and pruning by its pid would lose an entry that nobody can stop any more.",
    breaks: "Targets compared by leader pid alone, or by leader pid and label.\n\
             A target that counts as standing when nobody else has its pid.\n\
             `Ok(false)` made first and pruned by leader pid afterwards: the next owner's entry goes.\n\
             Stale targets left out of the results, or an `Err` that makes callers try again.\n\
             Incarnations compared with `>=`.",
    check: &[
        "Compare incarnations for equality, with the entry that has the pid now.",
        "Keep stale targets out of what is pruned.",
        "Try a target whose pid was registered anew under the same label.",
    ],
};

pub const STALE_FORGET_IS_IGNORED: &Requirement = &Requirement {
    name: "stale-forget-is-ignored",
    level: Must,
    side: Side::Registry,
    sentence: "`forget_registration(leader_pid, label)` drops the entry only while it bears that label",
    why: "An exit notice travels: through a pipe, a queue, another thread. When it arrives the pid may be \
          somebody else's, and dropping that entry leaves a group running that nobody stops.",
    breaks: "Calling `forget` and leaving the label aside.\n\
             Dropping every entry with that label, whatever its leader pid.\n\
             The first label of an entry instead of its newest.\n\
             Labels compared by prefix or without case.",
    check: &[
        "Drop only if leader pid and label are both those of the entry as it is now.",
        "Register another label, and send the notice of the first: nothing may change.",
        "Check that nobody is asked.",
    ],
};

pub const PINNED_GROUP_IS_FENCED: &Requirement = &Requirement {
    name: "pinned-group-is-fenced",
    level: Must,
    side: Side::Registry,
    sentence: "lets no signal for a group that its signaller pinned at registration reach whoever has the id \
               later, also when nobody told it",
    why: "Incarnations protect groups that are registered. Nobody tells the registry when a process outside it \
          is given the id; between the look at the list and the signal there is always a gap that only the \
          kernel can close.",
    breaks: "kill(2), however soon after the look-up.\n\
             A pidfd opened only when it is needed: it refers to whoever has the id by then.\n\
             A fallback to kill(2) when the descriptor says that nobody is there.\n\
             `pidfd_send_signal` without `PIDFD_SIGNAL_PROCESS_GROUP`: the leader alone, and no survivor.\n\
             A descriptor kept for each group ever registered, until there are none left.",
    check: &[
        "Open the descriptor in `pin`, and let the registry call it at registration.",
        "Take ESRCH from the descriptor for exited, and ask no further.",
        "Close it in `unpin`, and let the registry call that on forget, prune and for another owner.",
    ],
};
