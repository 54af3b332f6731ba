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
    (
        "registration-has-an-identity",
        &[
            gap("A number comes again after more than some thousand registrations.", THOUSAND),
            gap("Two registries of one process mix up their numbers.", "Cases have one registry at a time."),
        ],
    ),
    ("same-owner-keeps-its-identity", &[]),
    ("new-owner-gets-a-new-identity", &[]),
    (
        "current-target-is-signalled",
        &[gap(
            "A target that stands several times among the targets is asked for once, or each time.",
            "The contract leaves it open: no case has a target twice.",
        )],
    ),
    (
        "stale-target-is-skipped",
        &[
            gap(
                "A target made up by hand, that never stood, is taken for one that does.",
                "Targets of the cases are entries that the registry listed.",
            ),
            gap(
                "The signaller's batch form is called with no leader pids.",
                "Who is asked for nobody can reach nobody.",
            ),
            gap(
                "The kernel gives the pid away between the look at the list and the signal.",
                "Only the kernel can close that gap: see `PinningSignaller` of the package `process-groups`.",
            ),
        ],
    ),
    ("stale-forget-is-ignored", &[]),
    (
        "pinned-group-is-fenced",
        &[
            gap(
                "The leader was reaped before its group was registered: nothing is pinned, and kill(2) is used.",
                "No descriptor of it can be had any more; what a signaller does then is its own.",
            ),
            gap("More groups are pinned than descriptors can be had.", "Cases pin some groups at a time."),
        ],
    ),
    ("stop-asks-all-first", &[]),
    (
        "stop-gives-the-whole-grace",
        &[gap(
            "A grace period that ends early by less than a clock tick, or only when it is hours long.",
            "The cases measure one of about a tenth of a second.",
        )],
    ),
    (
        "stop-ends-with-the-grace",
        &[gap(
            "A stop that takes a few times its grace period.",
            "A busy machine does that, too: what is later than eight times is held against a registry.",
        )],
    ),
    (
        "stop-ends-with-the-last-exit",
        &[gap(
            "A stop that asks without pause, or seldom, who has exited.",
            "How often it asks is up to it; no answer within `--timeout` is a failure.",
        )],
    ),
    (
        "stop-kills-what-is-left",
        &[gap(
            "Members that cannot end: in uninterruptible sleep, or in a frozen cgroup of version 1.",
            "Nothing can be told of them but that SIGKILL was sent.",
        )],
    ),
    (
        "stop-spares-the-exited",
        &[
            gap(
                "A pid comes back to somebody whom nobody registers, between two questions who has exited.",
                "Only the kernel can close that gap: see `pinned-group-is-fenced`.",
            ),
            gap(
                "An entry is registered anew after the first moments of the stop.",
                "What others do with the registry they do once, when SIGTERM was sent.",
            ),
        ],
    ),
    ("stop-asks-no-newcomers", &[]),
    ("stop-tells-how-each-ended", &[]),
    (
        "stop-can-be-cancelled",
        &[gap(
            "Who is blocked in the wait is not woken, and the stop ends only at the next time to ask.",
            "The cases cancel once, before the wait; how soon it must end is left open.",
        )],
    ),
];
