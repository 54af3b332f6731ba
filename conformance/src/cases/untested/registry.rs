//! What no case catches of the requirements on a registry.

use super::{Gap, gap};

const FIFTY: &str = "Cases signal all at most fifty times in a row.";
const THOUSAND: &str = "Cases hold at most a thousand entries, and register some thousand times.";
const FROM_THEN_ON: &str =
    "Who was asked is looked at when an operation has returned, and in few cases 600 ms later.";

/// For each requirement, in the contract's order.
pub(super) const UNTESTED: &[(&str, &[Gap])] = &[
    (
        "register-tracks",
        &[
            gap("An entry beyond the thousandth is lost.", THOUSAND),
            gap("An entry is lost whose label is longer than 65,537 bytes.", "No longer one is tried."),
        ],
    ),
    ("register-is-idempotent", &[]),
    ("register-relabels-in-place", &[]),
    (
        "keeps-registration-order",
        &[gap("The order is lost once a counter of registrations wraps round.", THOUSAND)],
    ),
    ("forget-drops", &[]),
    ("forget-unknown-is-a-no-op", &[]),
    (
        "forget-sends-nothing",
        &[
            gap("The signaller is called by itself, later than 600 ms after an operation.", FROM_THEN_ON),
            gap(
                "Something is sent past the signaller.",
                "In one case groups are live and every process is watched; in the others leader pids are made up, and \
                 only the signallers tell.",
            ),
        ],
    ),
    (
        "asks-once-per-entry-in-order",
        &[gap("An entry is asked for again, later than 600 ms after `signal_all` returned.", FROM_THEN_ON)],
    ),
    (
        "answers-stay-with-their-entry",
        &[gap(
            "After a batch of the wrong length, right answers are thrown away: each entry gets an `Err`, and none is \
             dropped.",
            "Whose answer is missing from such a batch is for its order alone to say; who trusts none of it moves none.",
        )],
    ),
    ("reports-every-entry", &[]),
    ("exited-is-pruned", &[]),
    ("delivered-is-kept", &[gap("An entry is dropped after more than fifty deliveries.", FIFTY)]),
    ("failed-is-kept", &[gap("An entry is dropped after more than fifty failures.", FIFTY)]),
    (
        "one-failure-stops-nothing",
        &[gap(
            "Entries are left out when those before them took too long.",
            "The signallers of these cases answer at once.",
        )],
    ),
    ("empty-is-silent", &[]),
    ("swap-keeps-entries", &[]),
    (
        "swap-takes-effect-at-once",
        &[gap(
            "The old signaller is asked by a worker, some time after `signal_all` returned.",
            FROM_THEN_ON,
        )],
    ),
    (
        "default-is-local",
        &[gap(
            "The default is chosen from the environment or from a file, and is local here.",
            "The environment is the one that the suite was started in.",
        )],
    ),
    (
        "survives-a-panicking-signaller",
        &[
            gap(
                "A panic that nobody can catch: an abort, a stack that overflows, a second panic while unwinding.",
                "It ends the process, and the registry with it.",
            ),
            gap(
                "A panic on a thread that the signaller started.",
                "The signallers of these cases panic where they are asked.",
            ),
        ],
    ),
];
