//! Registries and signallers that say that the kernel fences their groups, and let a signal through to a
//! stranger.

use super::super::parts::{answer, deliver, id_of, pidfd, signal_of};
use super::plain::{Plain, RIGHT, Results};
use super::{Make, MakeOwn, Mutant, Served};
use crate::contract::PINNED_GROUP_IS_FENCED;
use crate::subject::registry::Registry;
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use crate::sys::pidfd;
use process_groups::{LocalSignaller, ProcessGroupEntry as Entry, ProcessGroups, Signaller};
use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "pins-nothing",
        who: "Leaves the hook as it is by default, and signals by kill(2).",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(made, || Arc::new(LocalSignaller)),
    },
    Mutant {
        name: "registry-never-pins",
        who: "Has a registry that does not call the hook.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(unhooked, pinned),
    },
    Mutant {
        name: "pins-at-the-first-signal",
        who: "Opens the descriptor when it is needed.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(made, || Arc::new(Pins { late: true, ..Pins::default() })),
    },
    Mutant {
        name: "kills-what-the-descriptor-misses",
        who: "Falls back to kill(2) when the descriptor says that nobody is there.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(made, || Arc::new(Pins { falls_back: true, ..Pins::default() })),
    },
    Mutant {
        name: "signals-the-pinned-leader-alone",
        who: "Sends through the descriptor without the flag for the group.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(made, || Arc::new(Pins { leader_alone: true, ..Pins::default() })),
    },
    Mutant {
        name: "first-pin-stays",
        who: "Keeps the first descriptor of a leader pid, whoever is registered with it later.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(made, || Arc::new(Pins { first_stays: true, ..Pins::default() })),
    },
    Mutant {
        name: "keeps-the-pins-of-the-forgotten",
        who: "Keeps a descriptor for each group that was ever registered.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(made, || Arc::new(Pins { keeps: true, ..Pins::default() })),
    },
    Mutant {
        name: "unpins-what-it-relabels",
        who: "Pins at each registration, and unpins the owner before after that.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(|signaller| Hooked::with(Fault::Relabelled, signaller), pinned),
    },
    Mutant {
        name: "unpins-at-every-notice",
        who: "Unpins at every exit notice, before it looks at the label.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(|signaller| Hooked::with(Fault::Noticed, signaller), pinned),
    },
    Mutant {
        name: "unpins-stale-targets",
        who: "Unpins the leader pid of a target that no longer stands.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(|signaller| Hooked::with(Fault::Stale, signaller), pinned),
    },
    Mutant {
        name: "keeps-the-pins-of-the-noticed",
        who: "Unpins what is forgotten, and not what an exit notice drops.",
        requirement: PINNED_GROUP_IS_FENCED,
        subject: pinning(|signaller| Hooked::with(Fault::Kept, signaller), pinned),
    },
];

const fn pinning(make: MakeOwn, signaller: fn() -> Arc<dyn Signaller>) -> Served {
    Served::Registry(Make::Pinning(make, signaller))
}

pub(super) fn made(signaller: Option<Arc<dyn Signaller>>) -> Box<dyn Registry> {
    Box::new(signaller.map_or_else(ProcessGroups::default, ProcessGroups::new))
}

fn pinned() -> Arc<dyn Signaller> {
    Arc::new(process_groups::PinningSignaller::new())
}

fn unhooked(signaller: Option<Arc<dyn Signaller>>) -> Box<dyn Registry> {
    Box::new(Plain::with(RIGHT, signaller))
}

/// Pins as one should, but for what is set.
#[derive(Debug, Default)]
struct Pins {
    late: bool,
    falls_back: bool,
    leader_alone: bool,
    first_stays: bool,
    keeps: bool,
    pins: Mutex<HashMap<u32, OwnedFd>>,
    kept: Mutex<Vec<OwnedFd>>,
}

impl Pins {
    fn open(&self, leader_pid: u32) {
        if let Some(fd) = id_of(leader_pid).ok().and_then(pidfd) {
            lock(&self.pins).insert(leader_pid, fd);
        }
    }
}

impl Signaller for Pins {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> SignalResult {
        let (signal, id) = (signal_of(signal_name)?, id_of(leader_pid)?);
        if self.late && !lock(&self.pins).contains_key(&leader_pid) {
            self.open(leader_pid);
        }
        let send_to = |fd: &OwnedFd| match self.leader_alone {
            true => pidfd::send(fd, signal),
            false => pidfd::send_to_group(fd, signal),
        };
        let sent = lock(&self.pins).get(&leader_pid).map(send_to);
        match sent {
            Some(sent) => match answer(sent) {
                Ok(false) if self.falls_back => deliver(id, signal),
                answer => answer,
            },
            None => deliver(id, signal),
        }
    }

    fn pin(&self, leader_pid: u32) {
        let is_there = lock(&self.pins).contains_key(&leader_pid);
        let stays = self.first_stays && is_there;
        if !self.late && !stays {
            self.open(leader_pid);
        }
    }

    fn unpin(&self, leader_pid: u32) {
        if self.first_stays {
            return;
        }
        let fd = lock(&self.pins).remove(&leader_pid);
        if self.keeps {
            lock(&self.kept).extend(fd);
        }
    }
}

/// What a registry does wrongly with its hooks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Relabelled,
    Noticed,
    Stale,
    Kept,
}

/// A registry that is right but for one call of a hook.
struct Hooked {
    fault: Fault,
    groups: ProcessGroups,
    signaller: Arc<dyn Signaller>,
}

impl Hooked {
    fn with(fault: Fault, signaller: Option<Arc<dyn Signaller>>) -> Box<dyn Registry> {
        let signaller = signaller.unwrap_or_else(|| Arc::new(LocalSignaller));
        Box::new(Self { fault, groups: ProcessGroups::new(Arc::clone(&signaller)), signaller })
    }
}

impl Registry for Hooked {
    fn new(signaller: Arc<dyn Signaller>) -> Self {
        Self { fault: Fault::Kept, groups: ProcessGroups::new(Arc::clone(&signaller)), signaller }
    }

    fn made_by_default() -> Self {
        Self::new(Arc::new(LocalSignaller))
    }

    fn register(&mut self, leader_pid: u32, label: String) {
        let held = self.groups.entries().iter().find(|entry| entry.leader_pid == leader_pid);
        let is_other = held.is_some_and(|entry| entry.label != label);
        self.groups.register(leader_pid, label);
        if is_other && self.fault == Fault::Relabelled {
            self.signaller.unpin(leader_pid);
        }
    }

    fn forget(&mut self, leader_pid: u32) {
        self.groups.forget(leader_pid);
    }

    fn signal_all(&mut self, signal_name: &str) -> Results {
        self.groups.signal_all(signal_name)
    }

    fn set_signaller(&mut self, signaller: Arc<dyn Signaller>) {
        self.signaller = Arc::clone(&signaller);
        self.groups.set_signaller(signaller);
    }

    fn entries(&self) -> Vec<Entry> {
        self.groups.entries().to_vec()
    }

    fn fences() -> bool {
        true
    }

    fn signal_targets(&mut self, signal_name: &str, targets: &[Entry]) -> Results {
        let stale = targets.iter().filter(|target| !self.groups.entries().contains(target));
        if self.fault == Fault::Stale {
            stale.for_each(|target| self.signaller.unpin(target.leader_pid));
        }
        self.groups.signal_targets(signal_name, targets)
    }

    fn forget_registration(&mut self, leader_pid: u32, label: &str) {
        if self.fault == Fault::Noticed {
            self.signaller.unpin(leader_pid);
        }
        self.groups.forget_registration(leader_pid, label);
        if self.fault == Fault::Kept {
            self.signaller.pin(leader_pid);
        }
    }
}
