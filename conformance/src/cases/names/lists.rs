//! Names that are tried, by what could make a subject take them.

/// The name of a list, what is in it, and the names.
pub type List = (&'static str, &'static str, &'static [&'static str]);

/// Names of real signals other than the four, as signal(7) and other systems have them.
pub const OTHER_SIGNALS: [List; 5] = [
    (
        "job-control",
        "the signals that stop and continue",
        &["SIGSTOP", "SIGTSTP", "SIGCONT", "SIGTTIN", "SIGTTOU", "SIGSUSP"],
    ),
    (
        "faults",
        "the signals of faults, which end with a core dump",
        &[
            "SIGABRT",
            "SIGIOT",
            "SIGSEGV",
            "SIGBUS",
            "SIGILL",
            "SIGFPE",
            "SIGTRAP",
            "SIGSYS",
            "SIGEMT",
            "SIGQUIT",
            "SIGXCPU",
            "SIGXFSZ",
            "SIGSTKFLT",
            "SIGUNUSED",
        ],
    ),
    (
        "user-and-timer",
        "the signals of users, timers and pipes",
        &["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGPIPE", "SIGIO", "SIGPOLL", "SIGLOST"],
    ),
    (
        "harmless",
        "signals that most programs ignore",
        &["SIGCHLD", "SIGCLD", "SIGURG", "SIGWINCH", "SIGPWR", "SIGINFO"],
    ),
    (
        "real-time",
        "real-time signals, and those that C libraries keep for themselves",
        &[
            "SIGRTMIN",
            "SIGRTMIN+1",
            "SIGRTMIN+15",
            "SIGRTMAX",
            "SIGRTMAX-1",
            "SIGRT",
            "SIGRT0",
            "SIGRT_1",
            "SIGRT32",
            "SIG33",
            "SIGCANCEL",
            "SIGTHR",
            "SIGTIMER",
            "SIGSETXID",
        ],
    ),
];

/// Names that are no signal's.
pub const MADE_UP_NAMES: [List; 4] = [
    (
        "made-up",
        "names that look like a signal's",
        &[
            "SIGFOO",
            "SIG",
            "SIGX",
            "SIGTERN",
            "SIGSTOPPED",
            "SIGBREAK",
            "SIGERR",
            "SIGKIT",
            "SIGHUT",
            "SIGNAL",
            "FOO",
            "QUIT",
        ],
    ),
    (
        "signal-zero",
        "names that libraries and shells take for signal 0, which asks and sends nothing",
        &[
            "", "EXIT", "SIGEXIT", "SIGNULL", "NULL", "NONE", "SIGNONE", "SIG0", "SIGZERO", "ZERO", "T_EXIT",
            "SIGEXIST",
        ],
    ),
    (
        "constants",
        "other constants that stand beside the signals' in libraries: SIG_IGN is 1, as SIGHUP is",
        &[
            "SIG_DFL",
            "SIG_IGN",
            "SIG_ERR",
            "SIG_BLOCK",
            "SIG_UNBLOCK",
            "SIG_SETMASK",
            "NSIG",
            "_NSIG",
            "SIGEV_SIGNAL",
            "SIGSTKSZ",
            "ITIMER_REAL",
            "Signals",
            "Handlers",
            "SIGDEBUG",
            "DEBUG",
            "ERR",
            "RETURN",
        ],
    ),
    (
        "look-ups",
        "words that a look-up in an object, a module or a table finds though nobody put them there",
        &[
            "__proto__",
            "constructor",
            "toString",
            "valueOf",
            "hasOwnProperty",
            "__class__",
            "__name__",
            "__dict__",
            "default",
            "null",
            "undefined",
            "None",
            "nil",
            "true",
            "false",
            "NaN",
            "length",
        ],
    ),
];
