//! What a registry of process groups owes its callers.

use super::Level::{Must, Should};
use super::{Requirement, Side};

/// In the contract's order.
pub(super) const ALL: &[&Requirement] = &[
    REGISTER_TRACKS,
    REGISTER_IS_IDEMPOTENT,
    REGISTER_RELABELS_IN_PLACE,
    KEEPS_REGISTRATION_ORDER,
    FORGET_DROPS,
    FORGET_UNKNOWN_IS_A_NO_OP,
    FORGET_SENDS_NOTHING,
    ASKS_ONCE_PER_ENTRY_IN_ORDER,
    ANSWERS_STAY_WITH_THEIR_ENTRY,
    REPORTS_EVERY_ENTRY,
    EXITED_IS_PRUNED,
    DELIVERED_IS_KEPT,
    FAILED_IS_KEPT,
    ONE_FAILURE_STOPS_NOTHING,
    EMPTY_IS_SILENT,
    SWAP_KEEPS_ENTRIES,
    SWAP_TAKES_EFFECT_AT_ONCE,
    DEFAULT_IS_LOCAL,
    SURVIVES_A_PANICKING_SIGNALLER,
];

pub const REGISTER_TRACKS: &Requirement = &Requirement {
    name: "register-tracks",
    level: Must,
    side: Side::Registry,
    sentence: "lists an entry for each registered leader pid",
    why: "What is not listed is not stopped. \"Stop everything this window owns\" is only as complete as \
          the list.",
    breaks: "Asking at registration whether the group is live and leaving it out if not: the leader \
             may not have called `setpgid` yet.\n\
             A map by label instead of leader pid: two commands of one name, and the first is lost.\n\
             A fixed capacity, or a list in which the newest entry drives out the oldest.\n\
             A queue to another thread, so that `entries` does not show what was just registered.",
    check: &[
        "Look the leader pid up in the list directly after `register`.",
        "Use the leader pid as the key, nothing else.",
        "Check that nothing is refused or asked at registration.",
    ],
};

pub const REGISTER_IS_IDEMPOTENT: &Requirement = &Requirement {
    name: "register-is-idempotent",
    level: Must,
    side: Side::Registry,
    sentence: "holds one entry a leader pid, however often it is registered",
    why: "A caller that registers on start and again on reconnect must not get two entries: the \
          group would be signalled twice, and a second Ctrl-C often means stop at once.",
    breaks: "A `push` without a look-up.\n\
             A look-up by leader pid and label together: a new label makes a second entry.\n\
             A set of entries in which the label is part of the hash or of equality.\n\
             A scan of the whole list for each registration is right, but 100,000 registrations \
             then took 3.2 s here: the time grows with the square.",
    check: &[
        "Look the leader pid up before adding.",
        "Compare leader pids only, not whole entries.",
        "Keep an index by leader pid beside the list, and update both in one place.",
    ],
};

pub const REGISTER_RELABELS_IN_PLACE: &Requirement = &Requirement {
    name: "register-relabels-in-place",
    level: Must,
    side: Side::Registry,
    sentence: "gives an entry its newest label and leaves it where it stood",
    why: "The label is what people read in the list. An old one sends them after the wrong command, \
          and an entry that jumps to the end makes them click on its neighbour.",
    breaks: "Remove and push: the newest label, but in the last place. `delete` and `set` on a \
             JavaScript `Map` do the same.\n\
             Ignoring a registration that exists: right place, old label. `entry().or_insert()` in \
             Rust and `setdefault` in Python do that.\n\
             A label kept in two places, of which one is updated.",
    check: &[
        "Find the entry and assign the label, nothing more.",
        "Check the place and the label after registering the first of three entries again.",
        "Look for an insert that keeps the old value.",
    ],
};

pub const KEEPS_REGISTRATION_ORDER: &Requirement = &Requirement {
    name: "keeps-registration-order",
    level: Must,
    side: Side::Registry,
    sentence: "lists entries in the order of first registration; forgotten and registered again goes \
               last",
    why: "Groups are signalled in the order of the list, and often the first starts what the others \
          need. A list that changes its order between two looks cannot be clicked on, logged or \
          compared.",
    breaks: "Entries listed from a hash map: Rust's `HashMap` and Go's `map` have no order.\n\
             A plain JavaScript object: keys that look like numbers are listed in ascending order, \
             so leader pids are sorted.\n\
             `swap_remove` in Rust, which moves the last entry into the gap.\n\
             A `BTreeMap` by leader pid: in order until the pids wrap round.\n\
             A forgotten entry whose old place is kept: registered again, it must go last.",
    check: &[
        "Keep a list, or a map that preserves insertion order.",
        "Use `remove` or `retain`, not `swap_remove`.",
        "Try leader pids in descending order, and forget one in the middle.",
    ],
};

pub const FORGET_DROPS: &Requirement = &Requirement {
    name: "forget-drops",
    level: Must,
    side: Side::Registry,
    sentence: "stops listing and signalling a forgotten leader pid, and no other",
    why: "A forgotten group belongs to somebody else from then on, or has exited and its pid may be \
          given to a stranger. Signalling it is a shot at whoever stands there now.",
    breaks: "Marking an entry as forgotten and filtering in the list but not in `signal_all`.\n\
             Removing by a position looked up before another removal: the neighbour goes.\n\
             Removing by label, and with it every entry of the same label.\n\
             An index beside the list that is not updated, so that the next `register` writes to a \
             wrong or missing place.\n\
             Comparing ids as text by prefix: forgetting 12 drops 123.",
    check: &[
        "Remove from every structure that holds the entry.",
        "Remove by leader pid, in one place of the code.",
        "Forget the first, the middle and the last of several, then signal all.",
    ],
};

pub const FORGET_UNKNOWN_IS_A_NO_OP: &Requirement = &Requirement {
    name: "forget-unknown-is-a-no-op",
    level: Must,
    side: Side::Registry,
    sentence: "ignores a leader pid that it does not hold",
    why: "Exit notices and clean-ups run in any order, and the entry may have been pruned already. \
          Forgetting twice must be safe, or each caller needs a check that can race.",
    breaks: "`position().unwrap()` or an index of -1: `splice(-1, 1)` in JavaScript removes the last \
             entry.\n\
             `list.remove(x)` in Python raises ValueError for an item that is not there; `del d[k]` \
             raises KeyError.\n\
             A counter that is decremented although nothing was removed.\n\
             `binary_search` in Rust says where an entry would be inserted: used without looking at \
             `Err`, it drops a neighbour.",
    check: &[
        "Do nothing when the leader pid is not found.",
        "Try it on an empty registry, twice for the same leader pid, and for one pruned before.",
        "Compare the whole list before and after.",
    ],
};

pub const FORGET_SENDS_NOTHING: &Requirement = &Requirement {
    name: "forget-sends-nothing",
    level: Must,
    side: Side::Registry,
    sentence: "never calls the signaller to register, relabel, forget, swap or list",
    why: "Only `signal_all` may signal. Relabelling an entry or looking at the list must never stop \
          anybody's work, nor wait for a slow authority: a `docker exec` takes about 120 ms, an `ssh` \
          400 ms.",
    breaks: "A `Drop` or finalizer of an entry that stops its group.\n\
             Forgetting with a last SIGTERM, to be tidy.\n\
             Asking the signaller whether the group is live, to list only live ones: there is no \
             name for asking only, so asking is signalling.\n\
             A swap that stops everything through the old signaller, or greets the new one.\n\
             A first call to test the signaller at registration.",
    check: &[
        "Count the calls of the signaller during everything but `signal_all`: it must be none.",
        "Look for destructors and for callbacks on removal.",
        "Leave pruning to the answers of `signal_all`.",
    ],
};

pub const ASKS_ONCE_PER_ENTRY_IN_ORDER: &Requirement = &Requirement {
    name: "asks-once-per-entry-in-order",
    level: Must,
    side: Side::Registry,
    sentence: "asks the signaller once for each entry, in order, with the name as given",
    why: "Each entry gets one signal a call: none is skipped, none is hit twice. The name is passed \
          on unread, since only the signaller knows which names it takes.",
    breaks: "Changing the list while walking over it: `splice` in a JavaScript loop, `list.remove` \
             in a Python loop. Each skips the neighbour of a pruned entry.\n\
             Asking again after an `Err`, or once more to confirm an exit: the members receive the \
             signal twice.\n\
             Turning the name into upper case, adding `SIG`, or refusing an unknown one before the \
             signaller is asked.\n\
             A thread or task for each entry (`rayon`, goroutines): the order is lost.\n\
             `signal_each` asked, and `signal` besides.",
    check: &[
        "Collect all answers first, and prune afterwards.",
        "Pass the name on as it came, even when it looks wrong.",
        "Log the calls of a recording signaller: leader pids in order, each once.",
    ],
};

pub const ANSWERS_STAY_WITH_THEIR_ENTRY: &Requirement = &Requirement {
    name: "answers-stay-with-their-entry",
    level: Must,
    side: Side::Registry,
    sentence: "never moves an answer to another entry, also when a batch answer has the wrong length",
    why: "An answer moved by one place prunes a live group and keeps an exited one: the live group \
          can never be stopped again. A batch answer of the wrong length must lose nothing: an \
          entry without an answer gets an `Err` that says so, and stays.",
    breaks: "`zip` of entries and answers, which drops the surplus of the longer side in silence.\n\
             Filtering errors out of the answers before matching them by position.\n\
             Answers matched by the order in which they arrive, not by the order in which they were \
             asked.\n\
             One status for many ids: `kill -TERM -LIVE -GONE` exits 0 in bash if any succeeded and \
             1 in other shells if any failed. It says nothing about one id.\n\
             Answers matched by position after the list was pruned.",
    check: &[
        "Compare the number of answers with the number of entries before pruning.",
        "Give an entry without an answer an `Err`, and keep it; ignore surplus answers.",
        "Pair answers with a copy of the entries taken at the call.",
        "Try batches that are empty, one short and one too long.",
    ],
};

pub const REPORTS_EVERY_ENTRY: &Requirement = &Requirement {
    name: "reports-every-entry",
    level: Must,
    side: Side::Registry,
    sentence: "returns one result an entry, in order, with the entry as it was at the call",
    why: "The caller shows what happened to each group. An entry that was pruned must be in the \
          result too, with its leader pid and label as they were at the call: it is gone from the \
          list, so there is nowhere else to look.",
    breaks: "Returning only failures, or only what is left after pruning.\n\
             Results built from the list after it was pruned: exited groups are missing or others \
             stand in their place.\n\
             Returning leader pids without labels.\n\
             References into the list, which show a label changed later.\n\
             A map by label as the result: entries of the same label fall together, and the order \
             is lost.",
    check: &[
        "Copy the entries before asking, and return the copies.",
        "Check the length of the result against the number of entries at the call.",
        "Try it with an exited group in the middle.",
    ],
};

pub const EXITED_IS_PRUNED: &Requirement = &Requirement {
    name: "exited-is-pruned",
    level: Must,
    side: Side::Registry,
    sentence: "drops exactly the entries answered `Ok(false)`, and the rest keep their order",
    why: "An entry of an exited group is dangerous, since its pid can be given to somebody else, who \
          then gets the next signal. Dropping exactly those keeps the list true without any other \
          notice.",
    breaks: "Removing by positions in ascending order: after the first removal each further position \
             is off by one.\n\
             `swap_remove`, which changes the order of the rest.\n\
             Pruning the list but not the index beside it: registering the leader pid again then \
             relabels an entry that is not there.\n\
             Dropping only the first of several exited entries (`find` instead of `filter`).\n\
             Removing one entry after another from a plain list of 100,000 took 0.4 s here: the \
             time grows with the square.",
    check: &[
        "Use one pass that keeps or drops: `retain` in Rust, a filter elsewhere.",
        "Update every index in the same function.",
        "Try exited groups first, last, in the middle, side by side, and all at once; then register \
         one again.",
    ],
};

pub const DELIVERED_IS_KEPT: &Requirement = &Requirement {
    name: "delivered-is-kept",
    level: Must,
    side: Side::Registry,
    sentence: "keeps entries answered `Ok(true)`",
    why: "`Ok(true)` says that the signal was sent, not that anybody exited. The group may ignore \
          SIGTERM, or take its time; without the entry the SIGKILL after the grace period finds \
          nobody to send to.",
    breaks: "Dropping every entry that was signalled, as if stopping were done.\n\
             Dropping entries after SIGKILL, since nothing survives that: the signaller may have \
             been refused for a member behind sudo, and the answer is `Ok(true)` all the same.\n\
             Mixing up the booleans: `Ok(true)` read as has exited.\n\
             Clearing the list before asking and putting back only the failures.",
    check: &[
        "Drop on `Ok(false)` and on nothing else.",
        "Look for rules that depend on the name of the signal.",
        "Try a group that ignores SIGTERM, and signal it twice.",
    ],
};

pub const FAILED_IS_KEPT: &Requirement = &Requirement {
    name: "failed-is-kept",
    level: Must,
    side: Side::Registry,
    sentence: "keeps entries answered `Err`, with the message unchanged in the result",
    why: "`Err` means that nothing is known: the group may well be running. A lost entry can never \
          be stopped from here again, and a changed message hides the cause that the signaller \
          found.",
    breaks: "`unwrap_or(false)`, `catch { return false }` or `err == nil`: an error becomes exited, \
             and is pruned.\n\
             Dropping an entry after some number of failures.\n\
             Wrapping the message with a prefix, cutting it, or joining the messages of several \
             entries into one.\n\
             Removing an entry from the list before the call and putting it back only on success.",
    check: &[
        "Keep the entry on every `Err`, however often.",
        "Return the signaller's message byte by byte; add context elsewhere.",
        "Try messages that are empty, long, or hold line ends.",
    ],
};

pub const ONE_FAILURE_STOPS_NOTHING: &Requirement = &Requirement {
    name: "one-failure-stops-nothing",
    level: Must,
    side: Side::Registry,
    sentence: "goes on to the next entry after an `Err`",
    why: "One refused group must not save all others from being stopped. When a window closes there \
          is no second chance.",
    breaks: "`?` in the loop, or `collect::<Result<Vec<_>, _>>()` in Rust.\n\
             `return err` in a Go loop; an exception in a Python or JavaScript loop; `Promise.all` \
             instead of `allSettled`.\n\
             `set -e` in a shell script that signals group after group.\n\
             Leaving out the rest after `unreachable`, since it will fail anyway: each entry is \
             owed an answer of its own.",
    check: &[
        "Keep each answer as a value, and go on.",
        "Look for early returns between the first and the last entry.",
        "Try a failure in the first place, and a live group behind it.",
    ],
};

pub const EMPTY_IS_SILENT: &Requirement = &Requirement {
    name: "empty-is-silent",
    level: Must,
    side: Side::Registry,
    sentence: "returns nothing and asks nobody when it holds nothing",
    why: "Nothing to stop is the usual state of a window. It must cost nothing: no connection \
          opened, no command run, no error shown.",
    breaks: "`signal_each` called with no leader pids: a remote signaller opens its connection for \
             that.\n\
             A command line with no ids: `kill -TERM` is a usage error, and in zsh an empty operand \
             behind `-` is the caller's own group.\n\
             `xargs kill` runs `kill` once even for no input (GNU, without `-r`).\n\
             A placeholder result, or an `Err` that says nothing is registered.",
    check: &[
        "Return early when the list is empty.",
        "Count the calls of the signaller, the batch form included.",
        "Try a new registry, and one whose entries were all forgotten or pruned.",
    ],
};

pub const SWAP_KEEPS_ENTRIES: &Requirement = &Requirement {
    name: "swap-keeps-entries",
    level: Must,
    side: Side::Registry,
    sentence: "keeps every entry when the signaller is replaced",
    why: "The signaller is replaced when a connection is set up anew or credentials change. The \
          groups still run; a list that starts empty forgets them all.",
    breaks: "Building a new registry around the new signaller.\n\
             Keeping entries in the signaller, or in a map by signaller.\n\
             Pruning through the new signaller at once: it may not be ready, and its answers may \
             count in another PID namespace.\n\
             Losing labels or order when entries are copied over.",
    check: &[
        "Assign the signaller, and touch nothing else.",
        "Compare the whole list before and after: leader pids, labels, order.",
        "Check that nobody was asked.",
    ],
};

pub const SWAP_TAKES_EFFECT_AT_ONCE: &Requirement = &Requirement {
    name: "swap-takes-effect-at-once",
    level: Must,
    side: Side::Registry,
    sentence: "asks only the new signaller from then on",
    why: "After a swap the old signaller may hold a dead connection, or the wrong authority, where \
          the same leader pid belongs to somebody else.",
    breaks: "A copy of the old `Arc` in a worker thread, a closure or a task that still runs.\n\
             The signaller stored in each entry at registration.\n\
             A swap that waits for the next `signal_all` to end: the call after it goes to the old \
             one.\n\
             A cache of answers that outlives the swap.\n\
             Replacing `signal` but not `signal_each`, when both are held as function pointers.",
    check: &[
        "Read the signaller from one field at each call.",
        "Look for clones kept elsewhere.",
        "Count the calls of both signallers after the swap: the old one must get none, for old \
         entries too.",
    ],
};

pub const DEFAULT_IS_LOCAL: &Requirement = &Requirement {
    name: "default-is-local",
    level: Must,
    side: Side::Registry,
    sentence: "delivers through the local signaller when made by `Default`",
    why: "`Default` is what demos, tests and most windows use. One that does nothing looks right and \
          stops nobody.",
    breaks: "A derived `Default` with an empty signaller, or one for tests that answers `Ok(true)` \
             to everything.\n\
             An optional signaller that is `None` until set: nothing is asked, and nothing is \
             reported.\n\
             A default chosen from the environment (`DOCKER_HOST`, a setting), so that the same \
             code signals in another place.\n\
             A signaller behind a feature of the package that is off by default.",
    check: &[
        "Make a registry by `Default`, register a live group of this machine, and signal it.",
        "Look at what `Default` builds, not only at what the constructor builds.",
        "Print the registry with `{:?}`: it shows its signaller.",
    ],
};

pub const SURVIVES_A_PANICKING_SIGNALLER: &Requirement = &Requirement {
    name: "survives-a-panicking-signaller",
    level: Should,
    side: Side::Registry,
    sentence: "loses no entry and stays usable when the signaller panics",
    why: "A signaller is somebody else's code. If its panic takes the list with it, the window can \
          no longer stop anything, although all groups still run.",
    breaks: "`std::mem::take` or `drain(..)` of the entries before asking: the panic drops them.\n\
             A `Mutex` held over the call: it is poisoned, and each later `lock().unwrap()` panics \
             too.\n\
             List and index updated in two steps with a call of the signaller between them.\n\
             An exception in Python or JavaScript that leaves a flag such as `busy = true` set.",
    check: &[
        "Ask with the list in place, and change it only after all answers are there.",
        "Do not hold a lock while the signaller runs; otherwise take the list out of a poisoned one.",
        "After a caught panic: compare the list, register, forget, and signal with a new signaller.",
    ],
};
