//! What a signaller owes its callers.

use super::Level::{Must, Should};
use super::{Requirement, Side};

/// In the contract's order.
pub(super) const ALL: &[&Requirement] = &[
    DELIVERS_TO_EVERY_MEMBER,
    DELIVERS_ONCE,
    DELIVERS_THE_NAMED_SIGNAL,
    SPARES_OTHER_GROUPS,
    OUTLIVES_THE_LEADER,
    REACHES_STOPPED_MEMBERS,
    ACCEPTS_BEING_IGNORED,
    DOES_NOT_WAIT,
    REPORTS_DELIVERED,
    REPORTS_EXITED,
    EXITED_IS_REPEATABLE,
    NEVER_EXISTED_IS_EXITED,
    MEMBER_IS_NOT_LEADER,
    UNREAPED_IS_NOT_AN_ERROR,
    REFUSED_IS_AN_ERROR,
    PARTLY_REFUSED_IS_DELIVERED,
    UNREACHABLE_IS_AN_ERROR,
    RECOVERS_AFTER_UNREACHABLE,
    REJECTS_UNKNOWN_NAMES,
    NAMES_ARE_EXACT,
    NAME_COMES_FIRST,
    NAMES_ARE_NEVER_COMMANDS,
    ERROR_NAMES_THE_SIGNAL,
    REJECTS_LEADER_ZERO,
    REJECTS_LEADER_ONE,
    REJECTS_LEADER_OUT_OF_RANGE,
    SAFE_TO_SHARE,
    STEADY_UNDER_REPETITION,
    SEES_A_REUSED_PID,
    LEAVES_THE_CALLER_ALONE,
    DESCRIBES_ITSELF,
];

pub const DELIVERS_TO_EVERY_MEMBER: &Requirement = &Requirement {
    name: "delivers-to-every-member",
    level: Must,
    side: Side::Signaller,
    sentence: "reaches every live member: the leader, its children, their children, and members \
               whose parent is gone",
    why: "One member that is missed keeps running: it holds the port, the lock or the GPU, and \
          nobody looks for it, because the answer said delivered. Members that fork while the \
          signal is sent count too: after SIGKILL nobody is left.",
    breaks: "`Child::kill` in Rust, `Popen.terminate` in Python, `Process.Kill` in Go and `destroy` \
             in Java signal one process, not its group.\n\
             A walk down from the leader by parent pid (psutil's `children(recursive=True)`, npm's \
             `tree-kill`, Java's `descendants()`) loses members whose parent is gone: they have \
             been adopted by another process.\n\
             A list of members taken from /proc or `ps` and signalled one by one misses whatever \
             forks in between; `pkill -g` works so too. kill(2) on the negated leader pid does not.\n\
             `docker kill C` and `docker stop C` signal the first process of the container, not the \
             group.",
    check: &[
        "Send with one kill(2) or killpg(3) on the group, not to a list of processes.",
        "If you must go by a list, repeat until a pass finds nobody new.",
        "Try a member whose parent has exited, and one that forks without pause.",
        "Try groups of every kind: led by a session leader or not, in the subject's session or \
         another, with ids small and large.",
    ],
};

pub const DELIVERS_ONCE: &Requirement = &Requirement {
    name: "delivers-once",
    level: Must,
    side: Side::Signaller,
    sentence: "makes each member receive the signal exactly once a call",
    why: "Programs count signals: to many tools a second Ctrl-C means \"stop at once and lose the work\". \
          And nothing may arrive after the answer: a late copy can hit a process that got the pid \
          since.",
    breaks: "Signalling the group and then also the leader or each member, to be sure.\n\
             Sending again because the answer was slow: the first request may have arrived.\n\
             A script that tries a second spelling of `kill` when the first exits with a status \
             other than 0: `kill -s TERM -- -12345` of busybox 1.35 signals every member and exits \
             1.\n\
             Trusting a test that sends twice at once: two sends can become one pending signal. Let \
             the members take the first before the next.",
    check: &[
        "Look for a fallback that runs although the first attempt was sent.",
        "Look for retries after a time limit; answer `Err` instead.",
        "Trace the system calls of one call: `strace -f -e trace=kill,tgkill,pidfd_send_signal`.",
    ],
};

pub const DELIVERS_THE_NAMED_SIGNAL: &Requirement = &Requirement {
    name: "delivers-the-named-signal",
    level: Must,
    side: Side::Signaller,
    sentence: "delivers each of the four names as that signal, and nothing else beside it",
    why: "SIGTERM lets a program save its work and SIGKILL does not; SIGHUP often means reload. A \
          signal that comes beside the named one undoes what the user chose.",
    breaks: "The builtin `kill` of ksh93u+m follows TERM, HUP and INT with a second `kill(-PG, \
             SIGCONT)` (seen with strace): a stopped group wakes up.\n\
             systemd sends SIGCONT right after the signal of `KillSignal=` (systemd.kill(5)).\n\
             `Child::kill` in Rust and `Process.Kill` in Go always send SIGKILL, whatever the name \
             said.\n\
             SIGKILL after a grace period belongs to the caller: `docker stop` adds it by itself.\n\
             A remote command started with a terminal (`ssh -t`) whose connection is closed after \
             the answer: the hang-up sends SIGHUP.",
    check: &[
        "Check the table that turns a name into a number or into another spelling.",
        "Use another `kill` than that of ksh93: `env kill` there sends no SIGCONT.",
        "Remove every escalation to SIGKILL from the signaller.",
        "Start remote commands without a terminal.",
    ],
};

pub const SPARES_OTHER_GROUPS: &Requirement = &Requirement {
    name: "spares-other-groups",
    level: Must,
    side: Side::Signaller,
    sentence: "touches no process outside the group: not a child that moved to a group of its own, \
               not another group of the same session, not the leader's parent, not the caller, not \
               a group whose id begins with the same digits",
    why: "A stray signal ends the editor, the login session or the CI runner of somebody who pressed \
          stop on something else. Signals that hit the caller, which is the process in which \
          `signal` runs, or the process that started it, count here for subjects in every language, and \
          so does whatever is done to the suite's own agent.",
    breaks: "`/bin/kill -TERM -12345` of procps-ng 4.0.2 (Debian 12, and most containers made from \
             it) reads only the first digit: strace shows `kill(-1, SIGTERM)`, which is every \
             process the caller may signal. `-77` becomes group 7.\n\
             `os.killpg(os.getpgid(pid), …)`, an often copied recipe, signals whatever group the \
             pid is in now: it may be the caller's own.\n\
             A walk by parent pid, by session (`pkill -s`) or by cgroup also takes a child that \
             moved to a group of its own.\n\
             `ps | grep 123` also finds groups 1234 and 12345.\n\
             SIGHUP and SIGCONT that the kernel sends to an orphaned group with a stopped member \
             are not charged to the subject.",
    check: &[
        "Find out which `kill` runs, and never give procps the spellings `-TERM -ID` or `-s TERM \
         -ID`.",
        "Negate the leader pid that was given; do not look up a group.",
        "Compare ids as numbers, never as text or by prefix.",
        "Try a bystander whose group id begins with the same digits.",
        "Keep no list of members from call to call: who has left the group is outside.",
    ],
};

pub const OUTLIVES_THE_LEADER: &Requirement = &Requirement {
    name: "outlives-the-leader",
    level: Must,
    side: Side::Signaller,
    sentence: "treats a group as live while any member lives, also after the leader has exited and \
               been reaped",
    why: "`sh -c 'server &'` leaves a survivor as soon as the shell is done. A signaller that looks \
          at the leader calls that group exited, the entry is dropped, and the server runs for \
          ever.",
    breaks: "Asking the leader first: `kill -0 LEADER`, `/proc/LEADER`, `getpgid(leader)`, \
             `pidfd_open(leader)`. All fail once the leader was reaped, while `kill(-leader)` still \
             reaches the survivor.\n\
             `Popen.poll()`, `child.try_wait()` or an exit event of the leader taken for the end of \
             the group.\n\
             A record of the group that is removed when its leader exits.\n\
             Signalling the leader alone, after which the first SIGTERM leaves survivors that the \
             second call no longer finds.",
    check: &[
        "Remove every test of the leader before the signal is sent.",
        "Take the answer from kill(2) on the negated leader pid: only ESRCH means exited.",
        "Without kill(2): look for any process whose group id, field 5 of `/proc/PID/stat`, is the \
         leader pid.",
    ],
};

pub const REACHES_STOPPED_MEMBERS: &Requirement = &Requirement {
    name: "reaches-stopped-members",
    level: Must,
    side: Side::Signaller,
    sentence: "delivers to a stopped group: SIGKILL ends it while stopped, the others stay pending, \
               and the signaller continues nobody",
    why: "Ctrl-Z and debuggers leave stopped groups behind, and they must still be ended. SIGKILL \
          works on a stopped process; SIGTERM, SIGINT and SIGHUP stay pending until somebody \
          continues it, and that is for the user to decide.",
    breaks: "The builtin `kill` of ksh93u+m and systemd both send SIGCONT after the signal: the \
             members run on.\n\
             Sending SIGCONT on purpose, so that SIGTERM works now.\n\
             Skipping processes in state `T` when going by a list from `ps` or /proc.\n\
             Waiting for an effect that cannot come while the group is stopped, and then answering \
             `Err`.",
    check: &[
        "Look for SIGCONT: in your code, in the shell, in the service manager.",
        "Send without asking in which state a member is.",
        "Do not judge delivery by what the members do.",
    ],
};

pub const ACCEPTS_BEING_IGNORED: &Requirement = &Requirement {
    name: "accepts-being-ignored",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Ok(true)` though members ignore, block or catch the signal",
    why: "Delivered is a statement about the sender, not about obedience. If `Err` meant that a \
          member caught the signal, nobody could tell it from a refusal, and a handler that takes \
          its time would look like a fault.",
    breaks: "Looking with signal 0 whether the group is gone after the call, and answering `Err` if \
             it is not.\n\
             Waiting for the exit with a time limit, and reporting the limit as a failure.\n\
             Reading the dispositions in `/proc/PID/status` and taking an ignored signal for an \
             undelivered one.\n\
             Members can ignore, block or catch SIGTERM, SIGINT and SIGHUP, and inherit that from \
             `nohup` or a CI runner.",
    check: &[
        "Answer from the result of sending alone.",
        "Remove checks that run after the signal was sent.",
        "Leave waiting and escalation to the caller.",
    ],
};

pub const DOES_NOT_WAIT: &Requirement = &Requirement {
    name: "does-not-wait",
    level: Must,
    side: Side::Signaller,
    sentence: "returns without waiting for anybody to exit",
    why: "The caller signals many groups one after another, often while a window closes: a wait for \
          each is a frozen window. The time is judged relatively: an answer may be slow (150 ms a \
          call is fine), but a group that ignores the signal must not take noticeably longer than \
          one that has exited.",
    breaks: "`docker stop` waits up to 10 seconds and then kills; `systemctl stop` waits too.\n\
             `Popen.wait()`, `waitpid` or `Child::wait` after the signal, to collect the zombie: \
             reaping is the parent's work.\n\
             Polling with `kill -0` until the group is gone.\n\
             A remote command whose output stays open because a member of the group holds the same \
             pipe: `ssh` and `docker exec` return only when it closes.",
    check: &[
        "Look for wait, poll or sleep after the signal is sent.",
        "If a helper process sends, do not let the group inherit its pipes.",
        "Compare the time for a group that ignores SIGTERM with that for an exited group.",
    ],
};

pub const REPORTS_DELIVERED: &Requirement = &Requirement {
    name: "reports-delivered",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Ok(true)` for a live group",
    why: "Delivered means before the answer: at `Ok(true)` the signal has been sent to every member \
          that could be signalled. Nothing more is owed, and nothing arrives later; callers start \
          their grace period at the answer.",
    breaks: "busybox 1.35: `kill -s TERM -- -12345` and `kill -TERM -- -12345` signal every member \
             and exit 1.\n\
             dash knows `kill -s TERM -- -12345` but refuses `kill -TERM -- -12345` (status 2, \
             nothing sent), the only spelling that procps 4.0.2 takes rightly for every id tried.\n\
             `kill -s TERM -- -ID` of procps 4.0.2 is a usage error for the ids 1 to 93, and small \
             ids are what a container has.\n\
             A pid of this machine asked of a container, or the other way round: they count in \
             different PID namespaces.\n\
             A queue or a thread that sends after the answer was given.",
    check: &[
        "Run the same command by hand where the groups are; look at its exit status and at what the \
         members received.",
        "Find out which `kill` is there: `kill -TERM -ID` reaches the group as a shell builtin, \
         while procps may read it as -1 and signal everybody.",
        "Check in whose PID namespace the leader pid counts.",
        "Answer after the system call, not when the request was queued.",
    ],
};

pub const REPORTS_EXITED: &Requirement = &Requirement {
    name: "reports-exited",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Ok(false)` once the group has exited",
    why: "`Ok(false)` is the only answer that lets a registry drop an entry. Without it the list \
          grows with dead groups, and a later signal may hit whoever got the pid. A group has \
          exited when no member is left, not even one waiting to be reaped.",
    breaks: "Every `kill` program that was measured exits 1 for no such group and for refused alike. \
             Only the text differs: `No such process`, in lower case in zsh and ksh93.\n\
             `docker exec` exits 1 for no such group, refused, container gone, paused and stopped \
             alike.\n\
             procps 4.0.2 `-TERM -77` exits 0 if there is no group 7: a dead group looks delivered.\n\
             Perl's `kill` returns 0 for every failure; only `$!` tells ESRCH from EPERM.\n\
             `Child::kill` in Rust (1.72 on) returns `Ok(())` and `Popen.send_signal` in Python \
             does nothing, without an error, once the child was reaped.",
    check: &[
        "Map ESRCH, and nothing else, to `Ok(false)`.",
        "With a tool: tell exited from refused by its text or a second look, not by its status.",
        "Compare the text with that for an id that cannot exist (above 4194304 on Linux): the same \
         words mean exited, in every locale.",
    ],
};

pub const EXITED_IS_REPEATABLE: &Requirement = &Requirement {
    name: "exited-is-repeatable",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Ok(false)` again, each time, with no effect",
    why: "Callers ask again: a second click, a retry, two windows. An exited group must stay a plain \
          `Ok(false)`, so that asking again is always safe.",
    breaks: "A handle that reports its end once and an error afterwards: `os: process already \
             finished` in Go, a closed pidfd, a record removed from a map.\n\
             Answering `Ok(true)` the second time, because a group marked as handled is taken for \
             delivered.\n\
             A tool that prints a usage error for a leader pid it no longer knows.\n\
             A second call that falls back to signalling the leader pid as a single process.",
    check: &[
        "Keep no state about groups: ask the system each time.",
        "Remove special treatment of ids asked before.",
        "Look for a fallback from `-ID` to `ID`.",
    ],
};

pub const NEVER_EXISTED_IS_EXITED: &Requirement = &Requirement {
    name: "never-existed-is-exited",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Ok(false)` for a valid pid that no group has as its id",
    why: "A group may be gone before the first call, and a leader pid may come from a list saved \
          before a reboot: both must be pruned, not kept with an error for ever. A valid leader pid \
          is 2 to 2147483647 (`i32::MAX`), whatever the machine's `pid_max`.",
    breaks: "Refusing ids above `/proc/sys/kernel/pid_max`: they are valid and no group has them, so \
             the answer is `Ok(false)`.\n\
             Answering `Err` for a leader pid that this signaller did not start itself.\n\
             Giving the tool's status back as an error: toybox says `kill: bad pid '-23456': No \
             such process` and exits 1, though the id is a good one.\n\
             procps 4.0.2 reads only the first digit of `-TERM -23456`, hits or misses group 2, and \
             answers for that.",
    check: &[
        "Treat ESRCH alike for every leader pid from 2 to 2147483647.",
        "Remove upper limits other than `i32::MAX`.",
        "Check how the tool in use words a group that does not exist.",
        "Take ESRCH for the group, not the pid: a process that has exited and is not reaped may have led none.",
    ],
};

pub const MEMBER_IS_NOT_LEADER: &Requirement = &Requirement {
    name: "member-is-not-leader",
    level: Must,
    side: Side::Signaller,
    sentence: "never answers `Ok(true)` for the pid of a live process that leads no group, and that \
               process and the group it is in receive nothing",
    why: "A pid that leads no group is no group's id. If the signaller helps out and signals the \
          single process, or the group it belongs to, then an id that came back as an ordinary \
          process gets a stranger killed.",
    breaks: "Falling back to `kill(pid)` when `kill(-pid)` says ESRCH.\n\
             `killpg(getpgid(pid))`: signals the group that the process is a member of, which for a \
             child without a group of its own is the caller's group.\n\
             Testing with `/proc/PID` or `kill -0 PID` whether the group is live: the process is, \
             the group is not.\n\
             `pkill -P PID` and `docker exec C kill PID`, which address processes, not groups.",
    check: &[
        "Signal the negated leader pid and nothing else.",
        "Remove `getpgid` and every fallback to a single process.",
        "Answer from the group's id (field 5 of `/proc/PID/stat`), not from the pid.",
    ],
};

pub const UNREAPED_IS_NOT_AN_ERROR: &Requirement = &Requirement {
    name: "unreaped-is-not-an-error",
    level: Should,
    side: Side::Signaller,
    sentence: "answers `Ok(_)`, never `Err`, for a group whose members have all exited but are not \
               yet reaped (Linux's kill(2) says delivered)",
    why: "Members that exited but were not reaped need no signal, so `Err` would be a false alarm \
          that keeps an entry. `Ok(true)` and `Ok(false)` are both right: Linux's kill(2) says \
          delivered.",
    breaks: "Darwin answers EPERM for a group of unreaped members, and does so for about 0.1 ms \
             before a child can be waited for. Taken for a refusal, it is an `Err` at every normal \
             exit.\n\
             In a container whose first process never reaps (`sleep`, many start scripts; `docker \
             run --init` helps) orphans stay unreaped for ever.\n\
             A check of /proc that finds only processes in state `Z` and calls that a \
             contradiction.",
    check: &[
        "On Darwin: after EPERM, look whether any member has not exited, and answer `Err` only then.",
        "Going by /proc, count members in state `Z` or `X` as exited, unless another thread of them lives.",
        "Do not turn every EPERM into `Ok`: true refusals must stay `Err`.",
    ],
};

pub const REFUSED_IS_AN_ERROR: &Requirement = &Requirement {
    name: "refused-is-an-error",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Err`, never `Ok(false)`, when permission is refused for every member, also \
               when some of them have exited unreaped",
    why: "`Ok(false)` for a refused signal makes the registry forget a group that is still running: \
          the costliest fault there is, since nobody can stop it any more. It must be `Err` also \
          when some of the members have exited unreaped.",
    breaks: "`ok = (status == 0)`: every `kill` program that was measured exits 1 for refused and \
             for no such group. `pkill` too: `No processes matched or none of them could be \
             signalled`.\n\
             Catching every error: `except OSError` in Python, `catch {}` around `process.kill` in \
             Node.js, `.is_ok()` in Rust.\n\
             Swallowing every EPERM because Darwin says it of unreaped groups.\n\
             Reading only `Operation not permitted`: ksh93 says `permission denied`, zsh writes \
             lower case, and locales translate.\n\
             Left open, so no case depends on it: a group in which only an unreaped member may be \
             signalled and every live one may not (kill(2) says delivered).",
    check: &[
        "Map ESRCH alone to `Ok(false)`, and EPERM to `Err`.",
        "With `kill`: decide by its message. Its status is 1 for \"no such process\" and for \"not permitted\".",
        "Treat an answer that you do not understand as `Err`.",
        "Try it as an ordinary user against a group owned by root.",
    ],
};

pub const PARTLY_REFUSED_IS_DELIVERED: &Requirement = &Requirement {
    name: "partly-refused-is-delivered",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Ok(true)` when at least one member could be signalled",
    why: "A group can hold a member that runs as somebody else, for example behind sudo. The signal \
          reached those it could reach; `Err` would say that nothing happened. kill(2) succeeds if \
          at least one process could be signalled (POSIX).",
    breaks: "A loop over the members that stops at, or returns, the first EPERM.\n\
             A loop that answers with the last result, so that the order decides.\n\
             `kill -TERM PID PID …` in a shell: bash exits 0 if any succeeded, the others exit 1 if \
             any failed, so one status cannot be read the same way everywhere.\n\
             Comparing the uids of all members beforehand, and refusing when one differs.",
    check: &[
        "Use one kill(2) on the group: it answers as required.",
        "In a loop, remember whether any send succeeded, and go on to the end.",
        "Remove checks of owner and uid before sending.",
    ],
};

pub const UNREACHABLE_IS_AN_ERROR: &Requirement = &Requirement {
    name: "unreachable-is-an-error",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Err` in bounded time when the authority cannot be asked (connection lost, \
               tool missing, container paused); never `Ok(_)`",
    why: "If nobody could be asked, nothing is known, and `Ok(false)` would forget everything behind \
          a broken connection. The answer must come in bounded time: none at all within `--timeout` \
          is a failure. It is tried where the link can be cut, with `--sever` and `--restore`, and \
          for every local subject by taking from it what it needs to do its work.",
    breaks: "`docker exec` exits 1 for no such container, container paused, container stopped, and \
             daemon gone: the same as for no such group.\n\
             `ssh` exits 255 when it could not connect; taken as `not 0, so exited`.\n\
             126 and 127 mean that the tool is missing inside, as in distroless images. `ps` finds nobody where /proc \
             is empty, and bash goes on with status 0 when no descriptor is left for `$(kill … 2>&1)`.\n\
             A held connection without a time limit: a paused container or a dead network never \
             answers.\n\
             What was sent to a paused container arrives after unpause: report the pause as an \
             error, and send nothing.",
    check: &[
        "List the exit statuses that say something about the group; everything else is `Err`.",
        "Let the remote host print a word of its own that only a completed look-up prints.",
        "Set a time limit on connecting and on each answer.",
        "Try: container paused, container removed, host down, no `kill` in the image.",
        "Answer `Err` whenever a process, file or pipe is not available: a failed look-up does not show that \
         nobody is there.",
    ],
};

pub const RECOVERS_AFTER_UNREACHABLE: &Requirement = &Requirement {
    name: "recovers-after-unreachable",
    level: Should,
    side: Side::Signaller,
    sentence: "works again once the authority can be asked again",
    why: "Networks come back, containers are unpaused, laptops wake up. A signaller that stays \
          broken makes the user restart the program, and then the list of what it owns is lost. \
          A few failed calls do no harm: each group is asked for up to eight times, in as \
          long as one answer may take. It is tried with `--sever` and `--restore`, and \
          for every local subject by taking away what it needs to do its work and giving it back.",
    breaks: "A held `ssh` or `docker exec` process that has ended and is never started again: each \
             write says `Broken pipe`.\n\
             A Rust `Mutex` poisoned by a panic during the failure, or a flag `connected = false` \
             that nothing resets.\n\
             A late answer to an old request read as the answer to the next one.\n\
             An `ssh` control socket left behind by a dead connection.",
    check: &[
        "Open a new connection on the call after a failure.",
        "Throw a connection away after a time limit; do not go on reading from it.",
        "Number the requests, and match answers by the number.",
    ],
};

pub const REJECTS_UNKNOWN_NAMES: &Requirement = &Requirement {
    name: "rejects-unknown-names",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Err` for any name but the four, and delivers nothing (a subject may declare \
               more names)",
    why: "A typo must be seen at once. Sent on, it can become another signal or none at all, and the \
          caller is told delivered. The names are `SIGTERM`, `SIGKILL`, `SIGINT` and `SIGHUP`; a \
          subject may declare more (`--declare names=SIGUSR1`).",
    breaks: "`SignalNum` of golang.org/x/sys/unix returns 0 for a name it does not find, and signal \
             0 succeeds without sending anything.\n\
             `getattr(signal, name)` in Python takes `SIG_DFL` for 0 and `SIG_IGN` for 1, which is \
             SIGHUP.\n\
             bash, procps and busybox take `EXIT` and `0` for signal 0: status 0, nothing sent. \
             Perl takes an empty name for 0, Node.js takes it for SIGTERM.\n\
             A default branch: `_ => SIGTERM`.\n\
             Handing any name to the library, so that SIGSTOP, SIGSEGV or SIGRTMIN works too.",
    check: &[
        "Compare the name with SIGTERM, SIGKILL, SIGINT and SIGHUP before anything else, and answer `Err` to any other.",
        "Remove default values and look-ups in a library's whole table.",
        "Try the empty name, `EXIT`, `0`, `SIG_IGN` and SIGSTOP.",
        "Declare the further names that you do mean to offer.",
    ],
};

pub const NAMES_ARE_EXACT: &Requirement = &Requirement {
    name: "names-are-exact",
    level: Must,
    side: Side::Signaller,
    sentence: "takes no other spelling: case, a missing `SIG`, numbers, surrounding space, NUL",
    why: "Two spellings of one name are two behaviours as soon as another signaller takes only one \
          of them: the same call then works locally and fails in a container. Exact names keep \
          signallers exchangeable.",
    breaks: "Trimming or folding before the comparison: ` SIGTERM`, `sigterm`, `SIGTERM` with a line \
             end.\n\
             Perl's `kill` takes `TERM`, `SIGTERM` and `15`; Python's and Node.js's take numbers; \
             so do all shells. Perl takes ` SIGTERM` for signal 0.\n\
             bash cuts a name at NUL, and so does every C interface: `SIGTERM`, NUL, anything.\n\
             Adding a missing `SIG`, or removing it twice from `SIGSIGTERM`.\n\
             Comparing by prefix or with a regular expression that is not anchored: `SIGTERMX`, or \
             two lines of which one matches.",
    check: &[
        "Compare whole strings, byte by byte, before any conversion.",
        "Remove trim, upper, strip-prefix and number parsing.",
        "Check the length, or look for NUL, before the name enters C.",
        "Make the short name (`TERM`) from the list, not from the input.",
        "Split lines at `\\n` alone: Python's splitlines() also splits at U+2028 and U+0085, in the midst of a name.",
    ],
};

pub const NAME_COMES_FIRST: &Requirement = &Requirement {
    name: "name-comes-first",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Err` for an unknown name even when the group has exited, so that a typo \
               never prunes",
    why: "If a typo against an exited group answered `Ok(false)`, then a misspelt stop would prune \
          the list, and the mistake would never be seen where it does no harm yet.",
    breaks: "procps answers an unknown name by the target: `No such process` if the group is gone, \
             `Invalid argument` if it lives. Read as exited, the typo prunes.\n\
             kill(2) on Linux does the same with an invalid number: ESRCH for an exited group, \
             EINVAL for a live one.\n\
             An early `if group is gone { return Ok(false) }` above the parsing of the name.\n\
             A cache of exited groups that answers before the name was read.",
    check: &[
        "Check the name in the first line of `signal`.",
        "Do not leave the check to kill(2) or to the tool on the remote host.",
        "Try an unknown name with an exited group, not only with a live one.",
    ],
};

pub const NAMES_ARE_NEVER_COMMANDS: &Requirement = &Requirement {
    name: "names-are-never-commands",
    level: Must,
    side: Side::Signaller,
    sentence: "lets nothing in a name reach a shell, an option parser or a file name",
    why: "The name is input. If it reaches a shell, whoever chooses the name runs commands in the \
          authority, often as root.",
    breaks: "`ssh HOST kill -s \"$name\" -- -1234`: ssh joins its arguments into one line for a \
             shell over there, so `SIGTERM; >FILE; :` makes a file and reads as delivered.\n\
             `docker exec C sh -c \"kill -s $name …\"`, `os.system`, `subprocess` with \
             `shell=True`, `child_process.exec`.\n\
             A name that begins with `-`: `kill -l`, or `kill -s -1`, is read as an option.\n\
             A name used in a path or a format string: `/run/signals/$name`, `printf \"$name\"`.",
    check: &[
        "Compare with the list of names first, and send the list's own constant, not the input.",
        "Run programs with an argument list, and remember that ssh makes a shell line of it.",
        "Try names with `;`, a line end, `$( )`, backticks, quotes, `../` and a leading `-`.",
    ],
};

pub const ERROR_NAMES_THE_SIGNAL: &Requirement = &Requirement {
    name: "error-names-the-signal",
    level: Should,
    side: Side::Signaller,
    sentence: "puts the offending name, made printable, into the message",
    why: "`invalid argument` in a log helps nobody; the offending name shows the typo. Printable, \
          because a raw name can hold line ends that forge log lines, or escape sequences that move \
          the cursor.",
    breaks: "A fixed text: `unknown signal`, `EINVAL`, `Invalid argument`.\n\
             `format!(\"unknown signal {name}\")` in Rust writes the name raw; `{name:?}` makes it \
             printable.\n\
             Giving the name back after a conversion, so that the reader sees another one.\n\
             A message of another tool passed on: busybox, dash and bash word it each in their own \
             way, and bash cuts the name at NUL.",
    check: &[
        "Put the name as it was given into the message.",
        "Escape it: `{:?}` in Rust, `repr` in Python, `%q` in Go, `JSON.stringify` in JavaScript.",
        "Try names with a line end, with NUL and with an escape character.",
    ],
};

pub const REJECTS_LEADER_ZERO: &Requirement = &Requirement {
    name: "rejects-leader-zero",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Err` for leader pid 0 and delivers nothing (kill(2) would take it for the \
               caller's own group)",
    why: "kill(2) takes 0 for the caller's own group: the program that meant to stop its work ends \
          itself, with its shell or its test runner. 0 is what an unset field, a failed parse and a \
          default value look like.",
    breaks: "`kill(-0, SIGTERM)` is `kill(0, SIGTERM)`; glibc's `killpg(0)` does the same.\n\
             `kill -- -0` in bash and dash, and an empty operand behind `-` in zsh: the caller's \
             own group.\n\
             `pkill -g 0` means pkill's own group (pkill(1)).\n\
             A test that called `kill(0)` ended its own runner (scylladb/seastar issue 518).\n\
             Answering `Ok(false)`: nothing was signalled, but the faulty entry is pruned in \
             silence. It must be `Err`.",
    check: &[
        "Refuse 0 before any system call or command.",
        "Answer `Err`, not `Ok(false)`.",
        "Find out where a leader pid of 0 comes from; often a parse that falls back to 0.",
    ],
};

pub const REJECTS_LEADER_ONE: &Requirement = &Requirement {
    name: "rejects-leader-one",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Err` for leader pid 1 and delivers nothing (kill(2) would take `-1` for \
               every process)",
    why: "kill(2) takes -1 for every process that the caller may signal. As root in a container that \
          is everything in it; on a desktop it is the login session.",
    breaks: "`kill(-1, SIGKILL)` from a leader pid of 1: a test's made-up pid did that and ended \
             login sessions (Intrect-io/OpenSwarm issue 425, containers/conmon issue 203).\n\
             glibc's `killpg(1)` is `kill(-1)`; POSIX leaves killpg of 1 or less undefined.\n\
             In a container the first process has pid 1 and may truly lead a group. It is refused \
             all the same: kill(2) cannot name that group.\n\
             `-01` is `kill(-1)` in every `kill` measured but procps, so a check of the text `1` is \
             not enough.",
    check: &[
        "Refuse 1 as a number, before any system call or command.",
        "Answer `Err`, not `Ok(false)`.",
        "Do not test this by hand outside a sandbox.",
    ],
};

pub const REJECTS_LEADER_OUT_OF_RANGE: &Requirement = &Requirement {
    name: "rejects-leader-out-of-range",
    level: Must,
    side: Side::Signaller,
    sentence: "answers `Err` for a leader pid above `i32::MAX` and delivers nothing (a wrapped cast \
               hits single processes, init among them)",
    why: "kill(2) takes a signed 32-bit number. A leader pid above 2147483647 (`i32::MAX`) wraps \
          when it is cast, and the negated result may be a positive pid: a single process that \
          nobody meant. A valid leader pid is 2 to `i32::MAX`, whatever the machine's `pid_max`.",
    breaks: "`-(leader_pid as i32)` in Rust: 4294967295 becomes `kill(1)`, which is init. 2147483648 \
             cannot be negated: it panics in a debug build and wraps in a release build, where \
             Linux says ESRCH and the entry is pruned.\n\
             A 64-bit `int` handed to kill(2), as Go's `syscall.Kill` does, is cut to 32 bits by \
             the kernel: -4294967295 is pid 1.\n\
             `-4294967297` is `kill(-1)` in zsh, yash, ksh93, procps, util-linux, toybox and perl; \
             2^32 + N hits group N.\n\
             `try_into().unwrap_or(0)`, which turns a wrong id into the caller's own group.",
    check: &[
        "Convert with a checked conversion (`i32::try_from`), and answer `Err` when it fails.",
        "Do it before the number becomes text for a shell.",
        "Try 2147483648, 4294967295 and 4294967294 in debug and release builds, in a sandbox only.",
    ],
};

pub const SAFE_TO_SHARE: &Requirement = &Requirement {
    name: "safe-to-share",
    level: Must,
    side: Side::Signaller,
    sentence: "gives every thread its own right answer when called from many at once",
    why: "One signaller serves every thread of a window (`Send + Sync`). An answer that goes to the \
          wrong thread prunes a live group or keeps an exited one, and it happens only under load.",
    breaks: "One held connection to a far shell, written by several threads: lines mix, or one \
             thread reads the other's answer.\n\
             A request and its answer matched by order although the remote host answers in any order.\n\
             Static buffers, temporary files of a fixed name, `static mut`, a `thread_local` filled \
             on another thread.\n\
             A program that keeps its result in a global: `$!` or `$?` read after another call; \
             `chdir` and `umask` around a command.\n\
             A single-flight cache or a debounce keyed by the group: of two names asked for at once \
             only one is sent.",
    check: &[
        "Give each request an id, and match the answer by it.",
        "Keep everything that belongs to one call in local variables.",
        "Hold a lock over write and read together, or use one connection per thread.",
        "Ask for live and exited groups at once from many threads.",
        "Make every call: one that shares the answer of another never sends its own signal.",
    ],
};

pub const STEADY_UNDER_REPETITION: &Requirement = &Requirement {
    name: "steady-under-repetition",
    level: Must,
    side: Side::Signaller,
    sentence: "leaks no file descriptor, process or zombie over a thousand calls",
    why: "Programs run for weeks. A leak is growth that goes on: after a warm-up of 100 calls, 1,000 \
          more (they may be in flight together) must leave no more descriptors, threads, children, \
          zombies or memory than a small constant, and where they do leave more, further calls must \
          not. A pool, a cache or a heap that fills, or is collected now and then, is no leak.",
    breaks: "`Command::spawn` in Rust or `spawn` in C without a wait: each `kill` or `ssh` stays as \
             a zombie.\n\
             A pidfd, a pipe or a /proc directory that is not closed on the error path; the exited \
             answer is often that path.\n\
             A thread or timer started for each call, for a time limit that never ends it.\n\
             A map or list that gets an entry for each call, id or name, and never loses one.\n\
             `ssh` with `ControlPersist` and a new control path a call: a connection stays behind \
             for each.",
    check: &[
        "Wait for every child that you start, also after a time limit.",
        "Close what you open on the paths of `Ok(false)` and `Err` too.",
        "Count `/proc/self/fd` and `/proc/self/task` before and after a thousand calls.",
        "Give everything that outlives a call and grows a bound.",
    ],
};

pub const SEES_A_REUSED_PID: &Requirement = &Requirement {
    name: "sees-a-reused-pid",
    level: Must,
    side: Side::Signaller,
    sentence: "answers for the group that has the id now: a pid that exited and came back is live",
    why: "The signaller answers for the group that has the id now. Whether that is still the group \
          that the caller meant is for the registry to know: a signaller that guesses gives two \
          callers different truths.",
    breaks: "A cache of exited ids, which saves a call and misses the group that came after.\n\
             A pidfd of the old leader: `pidfd_send_signal` with `PIDFD_SIGNAL_PROCESS_GROUP` \
             (Linux 6.9 on) says ESRCH once its group is gone, though a new group has the id by \
             then.\n\
             A start time remembered for the leader and compared at each call.\n\
             A Python `Popen` or Go `Process` kept for an id: once reaped, it never signals again.",
    check: &[
        "Keep no memory of ids between calls.",
        "Use kill(2) on the id, or open the pidfd anew for each call.",
        "Try it: in a PID namespace write pid - 1 to `/proc/sys/kernel/ns_last_pid`, and fork.",
    ],
};

pub const LEAVES_THE_CALLER_ALONE: &Requirement = &Requirement {
    name: "leaves-the-caller-alone",
    level: Must,
    side: Side::Signaller,
    sentence: "changes nothing of the calling process: its other children, signal handlers, mask, \
               working directory",
    why: "A signaller is a guest in the caller, the process in which `signal` runs; for a Rust \
          subject that is the process that serves it. The caller is checked for Rust subjects only; for stdio \
          and command subjects this requirement is `inapplicable`, and signals that hit the caller count under \
          `spares-other-groups`.",
    breaks: "`waitpid(-1)`, or ignoring SIGCHLD to be rid of zombies, reaps the caller's other \
             children: their owners then get ECHILD instead of a status.\n\
             `system(3)` ignores SIGINT and SIGQUIT and blocks SIGCHLD in the caller while the \
             command runs (POSIX).\n\
             Ignoring SIGTERM for a moment, so that a signal to the own group does no harm: one \
             meant for the caller gets lost.\n\
             `set_current_dir`, `umask` or `set_var` for the sake of a command: they hold for all \
             threads.\n\
             `setpgid` or `setsid` in the caller instead of in the command's own process.",
    check: &[
        "Wait only for the pids that you started.",
        "Set directory, mask and environment on the command, not on the process.",
        "Compare `/proc/self/status` (SigBlk, SigIgn, SigCgt) before and after a call. glibc itself \
         uses signals 32 and 33 from the first thread on.",
    ],
};

pub const DESCRIBES_ITSELF: &Requirement = &Requirement {
    name: "describes-itself",
    level: Should,
    side: Side::Signaller,
    sentence: "has a `Debug` form that is not empty and does not panic",
    why: "The signaller stands in logs and in failed assertions, and `ProcessGroups` prints it as a \
          part of itself. An empty or panicking `Debug` hides the fault that is looked for. Looked \
          at for Rust subjects only: `inapplicable` for stdio and command.",
    breaks: "An `impl Debug` that writes nothing, to satisfy the bound on the trait.\n\
             `lock().unwrap()` inside `fmt`: panics once the mutex is poisoned, that is, when \
             somebody wants to know.\n\
             `todo!()` left in `fmt`.\n\
             A derived `Debug` that prints a password or a key: not tested, but look.",
    check: &[
        "Derive `Debug`, or write the type's name and the authority.",
        "Use `try_lock` in `fmt`, or leave the locked field out.",
        "Try `format!(\"{:?}\")` and `{:#?}` before and after a failed call.",
    ],
};
