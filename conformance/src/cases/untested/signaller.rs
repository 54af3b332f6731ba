//! What no case catches of the requirements on a signaller.

use super::{Gap, gap};
use crate::contract::*;

const LATE: &str = "A case waits that long for latecomers, and cannot wait for ever.";
const COALESCED: &str = "The kernel keeps only one of a signal that is already pending.";
const NO_TRACE: &str =
    "The kernel drops a signal that is ignored, or sent to a process that has exited, without a trace.";
const CHILDREN: &str = "The kernel keeps only one of a signal that is already pending, and a pending signal \
     does not say who sent it: a process gets the same one when a child of its own ends.";
const ENDLESS: &str = "There is no end of names. A run tries more than a thousand.";
const NO_TEXT: &str =
    "A name is a `&str` in Rust and JSON text elsewhere. The arguments of a command hold no NUL.";
const NOT_INSIDE: &str = "The suite cannot look into a program that it does not serve: inapplicable.";
const EITHER: &str = "Nobody can tell from outside which was first: either answer may be right.";
const CUT: &str = "The link is cut as --sever does it, and without that not at all. If you know several ways \
                   to cut it, run the suite with each.";

/// For each requirement, in the contract's order.
pub(super) const UNTESTED: &[(&Requirement, &[Gap])] = &[
    (
        DELIVERS_TO_EVERY_MEMBER,
        &[
            gap("A member that ignores the signal is left out.", NO_TRACE),
            gap(
                "A member that is being forked while SIGTERM, SIGINT or SIGHUP is sent is missed.",
                "Nobody can tell which was first. Only after SIGKILL, when nobody may be left, is it looked for.",
            ),
            gap(
                "`Ok(true)` comes first and the signal a fraction of a millisecond later.",
                "The members are looked at when the answer has arrived; what is sent until then is in time.",
            ),
            gap(
                "A member beyond the three thousandth, or of more than ten generations, is missed.",
                "The largest group has 3,000 members; 1,100 if the subject is slow with those, and 300 where little \
                 room is left for processes, or behind a testbed.",
            ),
            gap(
                "SIGKILL leaves out a member beyond some hundred.",
                "The members of larger groups share the memory of one of them, and end with it.",
            ),
            gap(
                "A member is left out that computes without pause.",
                "The agent's members wait, so that they keep no processor from others.",
            ),
        ],
    ),
    (
        DELIVERS_ONCE,
        &[
            gap(
                "Calls with one name for one group that are under way at the same time are joined, and sent once.",
                "The kernel would keep one of two that are pending at a time: nobody is accused of doing the same.",
            ),
            gap(
                "Where system calls cannot be watched: SIGKILL is sent twice, or to a member that ignores the signal twice.",
                NO_TRACE,
            ),
            gap(
                "Where system calls cannot be watched: a stopped member, or one that blocks the signal, is sent it twice.",
                COALESCED,
            ),
            gap(
                "SIGKILL is sent to one member twice, each time to it alone.",
                "Whoever looks again for members that were forked meanwhile may find one that is killed and \
                 not gone yet: nobody is accused of that.",
            ),
            gap(
                "Behind a testbed: the signal is sent twice within microseconds.",
                "Elsewhere the suite lets members take each signal before the subject's next step. There \
                 they share no processor with it, and two may become one.",
            ),
            gap(
                "The second one comes more than 5.5 s after the answer, or more than 600 ms in a situation \
                 that is not the plainest.",
                LATE,
            ),
        ],
    ),
    (
        DELIVERS_THE_NAMED_SIGNAL,
        &[
            gap(
                "Where system calls cannot be watched: another signal comes beside SIGKILL, to members that \
                 watch or catch it.",
                "A killed member cannot be asked what came before. Members that would die of it show it.",
            ),
            gap(
                "Where system calls cannot be watched: SIGCHLD comes beside the named signal, to members that block it or are stopped.",
                CHILDREN,
            ),
            gap(
                "Another signal comes more than 5.5 s after the answer, or more than 600 ms in a situation \
                 that is not the plainest.",
                LATE,
            ),
        ],
    ),
    (
        SPARES_OTHER_GROUPS,
        &[
            gap(
                "A process outside the sandbox is hit, through a daemon or a connection that leads there.",
                "Only the sandbox is watched, or behind a testbed what the agent has made. By kill(2) nobody \
                 outside can be hit.",
            ),
            gap(
                "Behind a testbed: a process on the subject's own side is hit.",
                "Of those the subject, its parent and the agent beside them are watched, and nobody else is there.",
            ),
            gap(
                "The subject signals itself with another signal than the named one, and takes, catches or ignores it.",
                "Programs signal themselves for reasons of their own: nobody is accused of that.",
            ),
            gap(
                "Where system calls cannot be watched: the subject signals itself, and takes, catches or ignores it.",
                "Of a program that is not the suite's it is known what is pending and how it ended, not what it took.",
            ),
            gap(
                "Where system calls cannot be watched: SIGCHLD is sent to somebody outside the group whose child ends at that moment.",
                CHILDREN,
            ),
            gap(
                "Somebody outside the group is harmed without a signal: traced, frozen, starved.",
                "Bystanders show what signals reach them, and whether they are stopped or have ended. Of the \
                 agent the limits are looked at, too.",
            ),
            gap(
                "The subject tries to trace the agent, to write to its descriptors, or to stop or kill it in a sandbox.",
                "All that is refused, or dropped without a trace, so nothing comes of it.",
            ),
            gap(
                "Somebody outside the group is hit more than 5.5 s after the answer, or more than 600 ms in \
                 a situation that is not the plainest.",
                LATE,
            ),
        ],
    ),
    (OUTLIVES_THE_LEADER, &[]),
    (
        REACHES_STOPPED_MEMBERS,
        &[
            gap(
                "A member is continued, and stopped again at once.",
                "A stop discards a pending SIGCONT, and with it the trace, unless the member took it first.",
            ),
            gap(
                "A group that its terminal or a debugger has stopped is treated in another way.",
                "Members are stopped with SIGSTOP.",
            ),
            gap(
                "A group whose cgroup is frozen by the freezer of version 1 is treated in another way.",
                "Not even SIGKILL ends its members before they are thawed, as was seen on Linux 6.18: a run \
                 that is killed meanwhile would leave them and its sandbox behind. Groups are frozen with \
                 version 2.",
            ),
            gap("A stopped member is continued more than 600 ms after the answer.", LATE),
        ],
    ),
    (ACCEPTS_BEING_IGNORED, &[]),
    (
        DOES_NOT_WAIT,
        &[
            gap(
                "A wait of less than some 40 ms, or of less than half of what an answer takes anyway.",
                "An answer may take twice as long and 40 ms more than for a group that ends at once: less \
                 could be noise.",
            ),
            gap(
                "A wait in some calls only.",
                "The fastest of several answers counts, so that a busy machine is not taken for a wait.",
            ),
        ],
    ),
    (
        REPORTS_DELIVERED,
        &[gap(
            "A live group beyond the thousandth that one process is asked for is missed.",
            "The most groups are a thousand; fewer if the subject is slow, a hundred of a command, and as many where little \
             room is left for processes, or behind a testbed.",
        )],
    ),
    (
        REPORTS_EXITED,
        &[gap(
            "A wrong answer at the very moment at which the last member exits or is reaped, but for the moment before the \
             call that signals the group: there the subject is held where its system calls can be watched.",
            EITHER,
        )],
    ),
    (
        EXITED_IS_REPEATABLE,
        &[gap(
            "An effect that is no signal: a file, a connection, a line in a log.",
            "Processes are watched, nothing else.",
        )],
    ),
    (
        NEVER_EXISTED_IS_EXITED,
        &[gap(
            "`Err` for the pid of a process that led no group, has exited and is not reaped.",
            "Whoever looks closer may find it odd, as it may a live process that leads no group: such an `Err` \
             keeps the entry, and is permitted.",
        )],
    ),
    (
        MEMBER_IS_NOT_LEADER,
        &[gap(
            "The leader has moved to another group of its session, and the group that it left goes on.",
            "The group is live, and the process that has its id leads none: the contract can be read in two ways.",
        )],
    ),
    (UNREAPED_IS_NOT_AN_ERROR, &[]),
    (
        REFUSED_IS_AN_ERROR,
        &[
            gap(
                "A refusal by other means is taken for an exit: a user namespace, sudo, the rights of an account \
                 on the remote host.",
                "Four refusals are made: another user's group for a subject without CAP_KILL, Landlock's \
                 where the kernel has it, and, by a filter on system calls, EPERM where there is no second \
                 user, and EACCES as security modules answer it.",
            ),
            gap(
                "Without a second user, whom root or newuidmap gives: a subject that looks at the members' \
                 user and not at the answer of kill(2).",
                "A filter or the suite refuses then, and all members are the subject's own user's.",
            ),
        ],
    ),
    (
        PARTLY_REFUSED_IS_DELIVERED,
        &[
            gap("A wrong answer while the one member that may be signalled comes or goes.", EITHER),
            gap(
                "A member whose real and effective users differ is judged by the wrong one of them.",
                "Members of another user are that user's in every way.",
            ),
        ],
    ),
    (
        UNREACHABLE_IS_AN_ERROR,
        &[
            gap(
                "The authority cannot be asked for a reason that the hooks do not bring about: a half-open \
                 connection, a full table, a tool that was removed, a container that is paused.",
                CUT,
            ),
            gap(
                "A program that the subject started is killed or stopped, and its silence is taken for an exit.",
                "It may be the signaller itself, which a shell or a runner has started.",
            ),
            gap(
                "A subject without means answers wrongly when it starts, or at its first call.",
                "Many a program needs them to start: they are taken from one that has answered once.",
            ),
            gap(
                "A command answers wrongly when it can open no descriptor, or when it cannot be started at all.",
                "With such a limit no program starts; then the suite answers `Err` in its stead.",
            ),
            gap(
                "A subject waits without end for a process while a limit on them is reached (EAGAIN), or \
                 answers wrongly where memory is short otherwise.",
                "Processes are refused for want of memory (ENOMEM): bash waits 15 s for the end of a limit, \
                 longer than an answer may take. No other memory is taken away.",
            ),
            gap(
                "A subject that lacks a process or a descriptor never answers.",
                "The thread that should answer may have ended for want of it, and others keep the process \
                 from ending: that claims nothing, and passes for an `Err`.",
            ),
            gap(
                "A subject that ends for want of means is not itself again when it is started anew.",
                "Each case starts one process of the subject.",
            ),
            gap(
                "The link breaks within a call, after the signal was sent.",
                "The link is cut between calls.",
            ),
            gap(
                "The answer is `Err`, and the signal arrives all the same.",
                "What was sent to a paused container arrives when it goes on, and nobody can take it back. \
                 So nobody looks at groups that were asked for during a cut.",
            ),
        ],
    ),
    (
        RECOVERS_AFTER_UNREACHABLE,
        &[
            gap("The link is cut and restored otherwise: after hours, with another address, half-way.", CUT),
            gap(
                "Some calls after the cut fail.",
                "A subject may have to notice that its connection is gone, and may wait before it makes \
                 another: each group is asked for up to eight times, in as long as one answer may take.",
            ),
        ],
    ),
    (
        REJECTS_UNKNOWN_NAMES,
        &[
            gap("A name that is not among those tried is taken.", ENDLESS),
            gap("The answer is `Err`, and something is sent more than 600 ms later.", LATE),
        ],
    ),
    (
        NAMES_ARE_EXACT,
        &[
            gap("A spelling that is not among those tried is taken.", ENDLESS),
            gap("A name that is no Unicode text is taken; by a command, one with NUL.", NO_TEXT),
        ],
    ),
    (NAME_COMES_FIRST, &[gap("A name that is not among those tried prunes.", ENDLESS)]),
    (
        NAMES_ARE_NEVER_COMMANDS,
        &[
            gap(
                "A name is run, and leaves none of the traces that are looked for: a certain file, a signal, \
                 an answer other than `Err`.",
                "What a command does can be anything: it may read a file, open a connection, or fail unseen.",
            ),
            gap(
                "A language is spoken behind the subject whose special characters are not among those tried.",
                ENDLESS,
            ),
            gap("A name is run more than 600 ms after the last answer.", LATE),
        ],
    ),
    (
        ERROR_NAMES_THE_SIGNAL,
        &[
            gap(
                "A name with other characters that harm a reader is repeated as it is: those of U+0080 to \
                 U+009F, marks that turn the direction of writing, invisible ones.",
                "Looked for are the control characters of ASCII. What else is printable, terminals do not agree on.",
            ),
            gap(
                "The message holds the name and is wrong otherwise.",
                "It is for people: no program can tell.",
            ),
        ],
    ),
    (REJECTS_LEADER_ZERO, &[]),
    (REJECTS_LEADER_ONE, &[]),
    (
        REJECTS_LEADER_OUT_OF_RANGE,
        &[gap(
            "A leader pid above 4294967295, below 0, or with a fraction is taken.",
            "A leader pid is a `u32`, and the stdio form promises no other number.",
        )],
    ),
    (
        SAFE_TO_SHARE,
        &[
            gap(
                "A race that needs more than 64 calls at once, or an order of steps that the scheduler did not choose.",
                "Calls are made for some seconds. A checker of data races looks further: Miri, ThreadSanitizer, loom.",
            ),
            gap(
                "Two calls with one name for one group are under way at the same time, and only one signal is sent.",
                COALESCED,
            ),
            gap("Two signallers in one process disturb each other.", "A subject's process has one."),
        ],
    ),
    (
        STEADY_UNDER_REPETITION,
        &[
            gap(
                "A leak in less than one call of two hundred.",
                "Looked for is growth in nearly every window of two hundred calls, to more than 32 beyond the first.",
            ),
            gap(
                "A leak of less than 4 KiB a call, or in a runtime that reserves more memory at its start than it leaks.",
                "Heaps grow until they are collected for the first time. Memory is a leak when 64 MiB more \
                 of it are resident, and as much more may be written to.",
            ),
            gap(
                "A leak of something else: disk, locks, timers, shared memory.",
                "Counted are descriptors, threads, processes, zombies and the memory of each process that nobody shares.",
            ),
            gap(
                "A descriptor or a process that is kept for each of up to 256 leader pids or names.",
                "It may be a cache with a bound, which is no leak.",
            ),
            gap(
                "A leak on the remote host of a connection, or in a daemon.",
                "Counted is what the subject and the processes that it started hold, where the subject is.",
            ),
            gap(
                "A slow leak of a slow subject.",
                "A subject that takes over 2.5 ms a call gets fewer calls than a thousand: as many as there is \
                 time for, and for some seconds more if anything grows.",
            ),
        ],
    ),
    (
        SEES_A_REUSED_PID,
        &[
            gap(
                "The pid changes hands within a call, between a look and the sending.",
                "That moment cannot be hit from outside.",
            ),
            gap(
                "The subject remembers an exited id, but for less than a millisecond.",
                "A case takes that long to bring the pid back.",
            ),
        ],
    ),
    (
        LEAVES_THE_CALLER_ALONE,
        &[
            gap("A subject of the stdio or command form changes its own process.", NOT_INSIDE),
            gap(
                "A change that is undone before the call returns.",
                "The caller is looked at before the call and after it. Its other threads may see more.",
            ),
            gap(
                "A change of something else: timers, priority, other threads' masks, the standard streams, memory.",
                "Looked at are the mask, what each signal does, directory, umask, users, privileges, group, \
                 session, adoption of orphans, limits, environment and two children.",
            ),
        ],
    ),
    (
        DESCRIBES_ITSELF,
        &[
            gap("A subject of the stdio or command form describes itself in no way.", NOT_INSIDE),
            gap(
                "A `Debug` form that is wrong, or shows a secret.",
                "Of the text it is known only that there is one.",
            ),
        ],
    ),
];
