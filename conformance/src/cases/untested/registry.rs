//! What no case catches of the requirements on a registry.

use super::{Gap, gap};
use crate::contract::*;

const FIFTY: &str = "Cases signal all at most fifty times in a row.";
const THOUSAND: &str = "Cases hold at most a thousand entries, and register some thousand times.";
const FROM_THEN_ON: &str =
    "Who was asked is looked at when an operation has returned, and in few cases 600 ms later.";

/// For each requirement, in the contract's order.
pub(super) const UNTESTED: &[(&Requirement, &[Gap])] = &[
    (
        REGISTER_TRACKS,
        &[
            gap("An entry beyond the thousandth is lost.", THOUSAND),
            gap("An entry is lost whose label is longer than 65,537 bytes.", "No longer one is tried."),
        ],
    ),
    (REGISTER_IS_IDEMPOTENT, &[]),
    (REGISTER_RELABELS_IN_PLACE, &[]),
    (
        KEEPS_REGISTRATION_ORDER,
        &[gap("The order is lost once a counter of registrations wraps round.", THOUSAND)],
    ),
    (FORGET_DROPS, &[]),
    (FORGET_UNKNOWN_IS_A_NO_OP, &[]),
    (
        FORGET_SENDS_NOTHING,
        &[
            gap("The signaller is called by itself, later than 600 ms after an operation.", FROM_THEN_ON),
            gap(
                "Something is sent past the signaller.",
                "In one case groups are live and every process is watched; in the others leader pids are \
                 made up, and only the signallers tell.",
            ),
        ],
    ),
    (
        ASKS_ONCE_PER_ENTRY_IN_ORDER,
        &[gap("An entry is asked for again, later than 600 ms after `signal_all` returned.", FROM_THEN_ON)],
    ),
    (
        ANSWERS_STAY_WITH_THEIR_ENTRY,
        &[gap(
            "After a batch of the wrong length, right answers are thrown away: each entry gets an `Err`, and \
             none is dropped.",
            "Only the order of such a batch says whose answer is missing; a registry that trusts none of it \
             moves none.",
        )],
    ),
    (REPORTS_EVERY_ENTRY, &[]),
    (EXITED_IS_PRUNED, &[]),
    (DELIVERED_IS_KEPT, &[gap("An entry is dropped after more than fifty deliveries.", FIFTY)]),
    (FAILED_IS_KEPT, &[gap("An entry is dropped after more than fifty failures.", FIFTY)]),
    (
        ONE_FAILURE_STOPS_NOTHING,
        &[gap(
            "Entries are left out when those before them took too long.",
            "The signallers of these cases answer at once.",
        )],
    ),
    (EMPTY_IS_SILENT, &[]),
    (SWAP_KEEPS_ENTRIES, &[]),
    (
        SWAP_TAKES_EFFECT_AT_ONCE,
        &[gap(
            "The old signaller is asked by a worker, some time after `signal_all` returned.",
            FROM_THEN_ON,
        )],
    ),
    (
        DEFAULT_IS_LOCAL,
        &[gap(
            "The default is chosen from the environment or from a file, and is local here.",
            "The environment is the one that the suite was started in.",
        )],
    ),
    (
        SURVIVES_A_PANICKING_SIGNALLER,
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
        REGISTRATION_HAS_AN_IDENTITY,
        &[
            gap("A number comes again after more than some thousand registrations.", THOUSAND),
            gap("Two registries of one process mix up their numbers.", "Cases have one registry at a time."),
        ],
    ),
    (SAME_OWNER_KEEPS_ITS_IDENTITY, &[]),
    (NEW_OWNER_GETS_A_NEW_IDENTITY, &[]),
    (
        CURRENT_TARGET_IS_SIGNALLED,
        &[gap(
            "A target that stands several times among the targets is asked for once, or each time.",
            "The contract leaves it open: no case has a target twice.",
        )],
    ),
    (
        STALE_TARGET_IS_SKIPPED,
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
    (STALE_FORGET_IS_IGNORED, &[]),
    (
        PINNED_GROUP_IS_FENCED,
        &[
            gap(
                "The leader was reaped before its group was registered: nothing is pinned, and kill(2) is used.",
                "No descriptor of it can be opened any more; what a signaller does then is its own.",
            ),
            gap("More groups are pinned than descriptors are available.", "Cases pin some groups at a time."),
        ],
    ),
    (STOP_ASKS_ALL_FIRST, &[]),
    (
        STOP_GIVES_THE_WHOLE_GRACE,
        &[gap(
            "A grace period that ends early by less than a clock tick, or only when it is hours long.",
            "The cases measure one of about a tenth of a second.",
        )],
    ),
    (
        STOP_ENDS_WITH_THE_GRACE,
        &[gap(
            "A stop that takes a few times its grace period.",
            "A busy machine does that, too: what is later than eight times is held against a registry.",
        )],
    ),
    (
        STOP_ENDS_WITH_THE_LAST_EXIT,
        &[gap(
            "A stop that asks without pause, or seldom, who has exited.",
            "How often it asks is up to it; no answer within `--timeout` is a failure.",
        )],
    ),
    (
        STOP_KILLS_WHAT_IS_LEFT,
        &[gap(
            "Members that cannot end: in uninterruptible sleep, or in a frozen cgroup of version 1.",
            "Nothing can be told of them but that SIGKILL was sent.",
        )],
    ),
    (
        STOP_SPARES_THE_EXITED,
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
    (STOP_ASKS_NO_NEWCOMERS, &[]),
    (STOP_TELLS_HOW_EACH_ENDED, &[]),
    (
        STOP_CAN_BE_CANCELLED,
        &[gap(
            "A thread that is blocked in the wait is not woken, and the stop ends only when it next asks.",
            "The cases cancel once, before the wait; how soon it must end is left open.",
        )],
    ),
];
