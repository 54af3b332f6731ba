//! What a case cannot be tried without.

use super::Settings;
use crate::testbed::Kernel;
use crate::testbed::protocol::Abilities;
use process_groups::{Fence, PinningSignaller};
use serde::Serialize;

/// What a case cannot be tried without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// A PID namespace of its own: what is asked could hit anybody if the subject is wrong.
    Sandbox,
    /// Processes with chosen pids.
    ChosenIds,
    /// Processes of another user, and a subject that may not signal them.
    OtherUser,
    /// Processes that the subject may not signal, beside others that it may.
    SomeRefused,
    /// A subject whose permission to signal a group can be taken away.
    Refusal,
    /// A subject beside the groups, to whose calls the system can be made to answer with an error.
    SystemErrors,
    /// A subject beside the groups whose system calls can be watched.
    Watch,
    /// A kernel that answers as Darwin's does.
    Darwin,
    /// A subject that sees another /proc than the testbed.
    OtherProc,
    /// Processes that can be frozen.
    Freezer,
    /// Terminals.
    Terminals,
    /// Members that their parent may trace. Only trying shows whether it may.
    Tracing,
    /// PID namespaces below the testbed's.
    Namespaces,
    /// A subject whose code runs in a process that the suite serves: Rust.
    RustSubject,
    /// A subject that is asked for many groups by one call: Rust.
    Batches,
    /// A subject that declares names beyond the four.
    DeclaredNames,
    /// One of them by which members can tell what they received.
    ToldNames,
    /// A registry that fences reused pids.
    Fencing,
    /// A signaller that pins what its registry registers.
    Pinning,
    /// A registry that stops its groups.
    Stopping,
    /// A kernel that signals a group by a descriptor.
    PidfdOfGroups,
    /// A subject beside the groups, whose means are those of its own process.
    Means,
    /// A subject that stays up from call to call.
    StaysUp,
    /// A link to the groups that can be cut. Nobody else may be on it meanwhile.
    Partition,
    /// A subject whose descriptors, threads and memory may be looked at. Only its process shows whether they
    /// may.
    Holdings,
    /// A subject that does with one call alone what it owes. Only calls show that.
    RightAlone,
    /// Histories that put the requirement to the test. Only the histories show whether they do.
    EnoughHistories,
    /// A subject that acts as the owner of the groups. No case declares it: all need it, and only calls show it.
    OwnUser,
}

impl Need {
    /// What is needed, in words; continues "needs …".
    pub fn what(self) -> &'static str {
        match self {
            Need::Sandbox => "a PID namespace, so that a faulty subject can hurt nobody",
            Need::ChosenIds => {
                "a PID namespace of its own, and the privilege to choose pids in it (CAP_CHECKPOINT_RESTORE)"
            }
            Need::OtherUser => {
                "a second user id, and a subject whose privileges the suite may take away: run as root, or \
                 with newuidmap installed and uids of yours in /etc/subuid; behind a testbed, make the groups \
                 as root there, for a subject that declares user=UID"
            }
            Need::SomeRefused => {
                "processes that the subject may not signal beside others that it may: a second user id (run as root, \
                 or with newuidmap installed and uids of yours in /etc/subuid), or a subject beside the groups, in a \
                 sandbox, whose system calls the suite may watch (seccomp user notification, Linux 5.5 on); behind a \
                 testbed, make the groups as root there, for a subject that declares user=UID"
            }
            Need::Refusal => {
                "a subject that can be refused permission: behind a testbed, where the suite cannot take its \
                 permissions away, declare user=UID and make the groups as root there"
            }
            Need::SystemErrors => {
                "a subject beside the groups, to whose calls the system can be made to answer with an error \
                 (seccomp)"
            }
            Need::Watch => {
                "a subject beside the groups, in a sandbox, whose system calls the suite may watch (seccomp \
                 user notification, Linux 5.5 on)"
            }
            Need::Darwin => "a kernel that answers as Darwin's does: --kernel darwin",
            Need::OtherProc => {
                "a sandbox, and a subject in it that may be given a /proc of its own (CAP_SYS_ADMIN there)"
            }
            Need::Freezer => {
                "a cgroup of version 2 in which the agent may make others: run as root, or by `systemd-run \
                 --user --scope`"
            }
            Need::Namespaces => {
                "a sandbox, and the privilege to make a PID namespace in it (CAP_SYS_ADMIN there)"
            }
            Need::Tracing => "a process that may trace its child (ptrace(2))",
            Need::Terminals => "a pseudoterminal for a session: /dev/ptmx and /dev/pts (pty(7))",
            Need::Fencing => {
                "a registry that fences reused pids: one whose `Registry::fences` says so, or --declare fencing"
            }
            Need::Pinning => "a signaller that pins what is registered, declared with --declare pinning",
            Need::Stopping => {
                "a registry that stops its groups: one whose `Registry::stops` says so, or --declare stopping"
            }
            Need::PidfdOfGroups => {
                "a kernel that signals groups by pidfd (Linux 6.9), and PROCESS_GROUPS_PIDFD not set to off"
            }
            Need::DeclaredNames => "names beyond the four, declared with --declare names=…",
            Need::ToldNames => {
                "a name beyond the four that members can tell of: none that stops or continues them, none of a \
                 fault, not SIGCHLD"
            }
            Need::Means => {
                "a subject beside the groups: one elsewhere needs its link to them, which --sever cuts"
            }
            Need::StaysUp => {
                "a subject that stays up from call to call: a command could not even start with such a limit"
            }
            Need::Partition => {
                "a link to the groups that the suite can cut and restore: --sever CMD and --restore CMD, or \
                 Suite::cut(…)"
            }
            Need::RustSubject => "a Rust subject, whose calling process the suite can look into",
            Need::Batches => {
                "a Rust subject: the other forms have no call for many groups, such as `signal_each`"
            }
            Need::Holdings => "permission to see the subject's descriptors, threads and memory",
            Need::EnoughHistories => "histories that exercise the requirement: run more (--histories N)",
            Need::OwnUser => "a subject that signals as the user whose groups are made",
            Need::RightAlone => "a subject that answers the same calls rightly one by one",
        }
    }

    /// Why a case is not tried that lacks it, with what was seen of that, if anything.
    pub fn reason(self, detail: &str) -> String {
        let what = self.what();
        if detail.is_empty() { format!("needs {what}") } else { format!("needs {what}: {detail}") }
    }

    /// Whether what is under test is of the kind that the case is about.
    pub fn is_of(self, settings: &Settings) -> bool {
        match self {
            Need::RustSubject | Need::Batches => settings.subject.form.is_in_rust(),
            Need::Means => settings.testbed.is_none(),
            Need::Darwin => settings.kernel == Kernel::Darwin,
            Need::StaysUp => settings.subject.form.stays_up(),
            Need::DeclaredNames => settings.declared.signals().next().is_some(),
            Need::ToldNames => settings.declared.observable_signals().next().is_some(),
            Need::Partition => settings.cut.is_some() && !settings.declared.never_unreachable(),
            Need::Pinning => settings.pins(),
            Need::Fencing => settings.fences(),
            Need::Stopping => settings.stops(),
            _ => true,
        }
    }

    /// Whether a testbed of these abilities has it.
    fn is_here(self, settings: &Settings, abilities: Abilities) -> bool {
        let has_other_user = abilities.has_other_user();
        match self {
            Need::Refusal => settings.testbed.is_none() || has_other_user,
            Need::SystemErrors => settings.testbed.is_none(),
            Need::ChosenIds => abilities.chosen_ids,
            Need::PidfdOfGroups => PinningSignaller::new().fence() == Fence::Pidfd,
            Need::Watch => abilities.watch,
            Need::OtherProc => abilities.other_proc,
            Need::Freezer => abilities.freezer,
            Need::Namespaces => abilities.namespaces,
            Need::Terminals => abilities.terminals,
            Need::OtherUser => has_other_user,
            Need::SomeRefused => has_other_user || abilities.watch,
            _ => true,
        }
    }
}

/// The first of `needs` that a testbed of these abilities does not have.
pub fn missing(needs: &[Need], settings: &Settings, abilities: Abilities) -> Option<Need> {
    needs.iter().copied().find(|need| !need.is_here(settings, abilities))
}
