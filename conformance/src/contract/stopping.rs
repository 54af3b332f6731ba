//! What a registry that stops its groups owes its callers beside the rest.

use super::Level::Must;
use super::{Requirement, Side};

/// In the contract's order.
pub(super) const ALL: &[&Requirement] = &[
    STOP_ASKS_ALL_FIRST,
    STOP_GIVES_THE_WHOLE_GRACE,
    STOP_ENDS_WITH_THE_GRACE,
    STOP_ENDS_WITH_THE_LAST_EXIT,
    STOP_KILLS_WHAT_IS_LEFT,
    STOP_SPARES_THE_EXITED,
    STOP_ASKS_NO_NEWCOMERS,
    STOP_TELLS_HOW_EACH_ENDED,
    STOP_CAN_BE_CANCELLED,
];

pub const STOP_ASKS_ALL_FIRST: &Requirement = &Requirement {
    name: "stop-asks-all-first",
    level: Must,
    side: Side::Registry,
    sentence: "begins `stop(grace)` with one SIGTERM to each entry, in order, drops those answered \
               `Ok(false)`, and sends nothing but SIGKILL after it",
    why: "SIGTERM lets a group save its work and clean up. To many programs a second one means \"stop at \
          once\", and a group that is asked only after another's grace period gets none of its own.",
    breaks: "SIGTERM sent again to find out who is left: the second one interrupts the clean-up.\n\
             Group after group: SIGTERM, wait, SIGKILL, then the next.\n\
             SIGINT first, since that is what Ctrl-C does: background jobs of a shell ignore it.\n\
             Signal \"0\" given as a name to ask: a signaller must refuse it, and the refusal is taken for an answer.",
    check: &[
        "Go through `signal_all(\"SIGTERM\")`, once.",
        "Ask `have_exited` while waiting, and signal nobody.",
        "Count what the signaller is asked by name.",
    ],
};

pub const STOP_GIVES_THE_WHOLE_GRACE: &Requirement = &Requirement {
    name: "stop-gives-the-whole-grace",
    level: Must,
    side: Side::Registry,
    sentence: "sends no SIGKILL before `grace` is over, counted from when SIGTERM was answered for the last entry",
    why: "The grace period is what the user promised to programs that save files and close databases. One \
          that is cut short loses what it was for, and nobody sees why.",
    breaks: "SIGKILL to the others once the first has exited, or once one was refused.\n\
             A clock started before SIGTERM was sent: a slow signaller eats up the grace period of the last group.\n\
             Wall-clock time, which jumps: use one that only goes forward.\n\
             A wait that a signal handler interrupts, taken for the end.\n\
             A number of rounds instead of a time: rounds get shorter as groups exit.",
    check: &[
        "Work out the deadline once, after SIGTERM was answered.",
        "Look at the clock after each wait, and go on waiting if it is too early.",
        "Try it with groups of which some exit and some are refused.",
    ],
};

pub const STOP_ENDS_WITH_THE_GRACE: &Requirement = &Requirement {
    name: "stop-ends-with-the-grace",
    level: Must,
    side: Side::Registry,
    sentence: "gives one grace period to all entries together, and returns once it is over and SIGKILL was \
               answered, without waiting for anybody to exit",
    why: "A window that closes has the user's patience for one grace period. A hundred groups that ignore \
          SIGTERM must not take a hundred of them, and a member that the kernel cannot end yet must not take \
          forever.",
    breaks: "A wait for each group in turn, with a limit of its own.\n\
             Waiting for killed groups to be gone: one in uninterruptible sleep never is.\n\
             A deadline that moves when something exits.\n\
             A join on a thread that waits for a pipe which a grandchild holds open.",
    check: &[
        "Compare with one deadline, whatever the number of groups.",
        "Return as soon as SIGKILL was answered.",
        "Stop many groups that ignore SIGTERM, and measure.",
    ],
};

pub const STOP_ENDS_WITH_THE_LAST_EXIT: &Requirement = &Requirement {
    name: "stop-ends-with-the-last-exit",
    level: Must,
    side: Side::Registry,
    sentence: "returns as soon as the signaller says of each entry that it has exited, or it is held no longer",
    why: "Most groups end within milliseconds. If every stop took its whole grace period, people would set it \
          to zero, and programs that need one would get none.",
    breaks: "A plain sleep for the grace period.\n\
             Asking once and never again.\n\
             Waiting on for an entry that an exit notice has dropped meanwhile.\n\
             Waiting for the leader alone, or for a pipe to close.",
    check: &[
        "Ask `have_exited` again and again, soon at first and then more rarely.",
        "Look before each wait whether the entries still stand.",
        "Stop with a grace period of an hour, and let all exit.",
    ],
};

pub const STOP_KILLS_WHAT_IS_LEFT: &Requirement = &Requirement {
    name: "stop-kills-what-is-left",
    level: Must,
    side: Side::Registry,
    sentence: "sends one SIGKILL, through the signaller of that moment, to each entry that is not known to \
               have exited when the grace period is over, also where SIGTERM failed",
    why: "Whoever ignores SIGTERM, or is stopped and cannot take it, would stay for good: after the window \
          is closed nobody is there to signal it. A connection that was lost for SIGTERM may be back.",
    breaks: "Only the first that is left is killed, or none, since SIGTERM \"was delivered\".\n\
             Entries whose SIGTERM failed are given up.\n\
             SIGKILL through a signaller that was replaced meanwhile.\n\
             The process of the leader is killed, and the rest of its group is not.\n\
             A signaller that cannot tell who has exited is taken to say that all have.",
    check: &[
        "Kill by `signal_targets(\"SIGKILL\", …)` with all that are left.",
        "Take `None` for not known, never for exited.",
        "Try groups that ignore SIGTERM, stopped ones, and refused ones.",
    ],
};

pub const STOP_SPARES_THE_EXITED: &Requirement = &Requirement {
    name: "stop-spares-the-exited",
    level: Must,
    side: Side::Registry,
    sentence: "sends SIGKILL neither to what has exited nor to whoever has its leader pid by then",
    why: "Between SIGTERM and SIGKILL lie seconds in which pids come back. A task that was started again was \
          killed by its predecessor's SIGKILL: the id was the same.",
    breaks: "SIGKILL to everybody, since it does no harm to the dead.\n\
             Keeping only the leader pids of what is left, and looking the entries up again for SIGKILL.\n\
             Comparing entries by label: the second run of a command has the label of the first.\n\
             Forgetting, by the end of the grace period, an exit that the signaller reported.",
    check: &[
        "Keep entries with their incarnations, and compare them whole.",
        "Drop an entry when its exit is known.",
        "Register a group anew under its old pid while the stop waits.",
    ],
};

pub const STOP_ASKS_NO_NEWCOMERS: &Requirement = &Requirement {
    name: "stop-asks-no-newcomers",
    level: Must,
    side: Side::Registry,
    sentence: "sends nothing to entries that were registered after it began, and keeps them",
    why: "A restart stops the old tasks and starts the new ones at once. A newcomer that is killed without \
          having been asked loses work; one that is dropped can never be stopped.",
    breaks: "`signal_all(\"SIGKILL\")` at the end.\n\
             SIGTERM for newcomers while the others wait: they get less than the grace period.\n\
             The list emptied when the stop is over.",
    check: &["Remember what was asked, and kill among those only.", "Register a group while the stop waits."],
};

pub const STOP_TELLS_HOW_EACH_ENDED: &Requirement = &Requirement {
    name: "stop-tells-how-each-ended",
    level: Must,
    side: Side::Registry,
    sentence: "returns one result an entry, in order, newcomers last: exited, killed, failed with the \
               signaller's last message unchanged, or not asked; and drops exactly what has exited",
    why: "The window shows what still runs, and asks the user what to do about it. A refusal that is told as \
          a success leaves a group running as root that nobody knows of.",
    breaks: "Reporting a refused SIGKILL as killed, or as exited.\n\
             Results in the order in which groups ended.\n\
             Messages wrapped, cut or replaced by \"could not stop\".\n\
             Reporting `Ok(false)` for SIGKILL as killed: the group had exited by itself.\n\
             Dropping killed entries: only the next answer says whether they are gone.",
    check: &[
        "Make the results from the entries that the stop began with.",
        "Map the answers to SIGKILL: delivered is killed, exited is exited, an error is an error.",
        "Append what is held and was not asked.",
    ],
};

pub const STOP_CAN_BE_CANCELLED: &Requirement = &Requirement {
    name: "stop-can-be-cancelled",
    level: Must,
    side: Side::Registry,
    sentence: "sends no SIGKILL once it is cancelled, returns without waiting on, and keeps what has not \
               exited, told as left or as failed",
    why: "The user says \"wait, I will save first\", or the program around it shuts down and cannot wait. \
          Whatever was not killed must still be in the list, to be stopped later.",
    breaks: "Cancelled is taken for \"now\": SIGKILL at once.\n\
             The flag is looked at only when the wait is over.\n\
             Entries are dropped with the stop that is given up.\n\
             What had exited before is told as left.",
    check: &[
        "Wait on something that cancelling wakes.",
        "Look at the flag before SIGKILL is sent.",
        "Cancel a stop with a grace period of an hour.",
    ],
};
