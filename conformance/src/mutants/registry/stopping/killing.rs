//! Registries that kill too few, too many, or whom they were not asked to.

use super::super::plain::stands;
use super::super::{Mutant, stops};
use super::{Asked, RIGHT, Steps, ask, cancel, find, find_stale, kill, killed};
use crate::contract::{
    STOP_ASKS_NO_NEWCOMERS, STOP_CAN_BE_CANCELLED, STOP_KILLS_WHAT_IS_LEFT, STOP_SPARES_THE_EXITED,
};
use crate::subject::registry::Registry;
use process_groups::{ProcessGroupEntry as Entry, StopOutcome};
use std::sync::Arc;

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "kills-fifty",
        who: "Has room for fifty leader pids in the call that kills, and takes the others for killed.",
        requirement: STOP_KILLS_WHAT_IS_LEFT,
        subject: stops(Steps {
            kill: |plain, asked| {
                let fifty = asked.len().min(50);
                kill(plain, &mut asked[..fifty]);
                for one in asked.iter_mut().filter(|one| one.is_left()) {
                    one.ending = Some(StopOutcome::Killed);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "one-unknown-makes-all-unknown",
        who: "Collects who has exited into one `Option`, which is none as soon as the signaller cannot tell of one.",
        requirement: STOP_SPARES_THE_EXITED,
        subject: stops(Steps {
            find: |plain, asked| {
                find_stale(plain, asked);
                let left = asked.iter().filter(|one| one.is_left());
                let leader_pids: Vec<u32> = left.map(|one| one.entry.leader_pid).collect();
                if plain.state.signaller.have_exited(&leader_pids).iter().all(Option::is_some) {
                    find(plain, asked);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "untold-beside-others-is-exited",
        who: "Takes for exited of whom the signaller cannot tell while it can tell of others.",
        requirement: STOP_KILLS_WHAT_IS_LEFT,
        subject: stops(Steps {
            find: |plain, asked| {
                find(plain, asked);
                let mut left: Vec<&mut Asked> = asked.iter_mut().filter(|one| one.is_left()).collect();
                let leader_pids: Vec<u32> = left.iter().map(|one| one.entry.leader_pid).collect();
                let told = plain.state.signaller.have_exited(&leader_pids);
                let can_tell = told.iter().any(Option::is_some);
                for (one, _) in left.iter_mut().zip(&told).filter(|(_, told)| can_tell && told.is_none()) {
                    one.ending = Some(StopOutcome::Exited);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "never-kills",
        who: "Only waits, and takes what is left for killed.",
        requirement: STOP_KILLS_WHAT_IS_LEFT,
        subject: stops(Steps {
            kill: |_, asked| {
                for one in asked.iter_mut().filter(|one| one.is_left()) {
                    one.ending = Some(StopOutcome::Killed);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "kills-the-first-that-is-left",
        who: "Kills one, and takes the others for its children.",
        requirement: STOP_KILLS_WHAT_IS_LEFT,
        subject: stops(Steps {
            kill: |plain, asked| {
                let first = asked.iter().position(Asked::is_left).unwrap_or_default();
                kill(plain, &mut asked[first..=first]);
                for one in asked.iter_mut().filter(|one| one.is_left()) {
                    one.ending = Some(StopOutcome::Killed);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "gives-up-what-was-refused",
        who: "Sends no SIGKILL where SIGTERM failed.",
        requirement: STOP_KILLS_WHAT_IS_LEFT,
        subject: stops(Steps {
            kill: |plain, asked| {
                for one in asked.iter_mut().filter(|one| one.is_left()) {
                    one.ending = one.refused.clone().map(StopOutcome::Failed);
                }
                kill(plain, asked);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "kills-through-the-signaller-that-asked",
        who: "Keeps the signaller that sent SIGTERM.",
        requirement: STOP_KILLS_WHAT_IS_LEFT,
        subject: stops(Steps {
            ask: |plain| {
                plain.state.other_signallers = vec![Arc::clone(&plain.state.signaller)];
                ask(plain)
            },
            kill: |plain, asked| {
                let now = Arc::clone(&plain.state.signaller);
                plain.state.signaller = Arc::clone(&plain.state.other_signallers[0]);
                kill(plain, asked);
                plain.state.signaller = now;
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "untold-is-exited",
        who: "Takes it for exited that the signaller cannot tell.",
        requirement: STOP_KILLS_WHAT_IS_LEFT,
        subject: stops(Steps {
            kill: |plain, asked| {
                let pids: Vec<u32> = asked.iter().map(|one| one.entry.leader_pid).collect();
                let told = plain.state.signaller.have_exited(&pids);
                for (one, _) in
                    asked.iter_mut().zip(told).filter(|(one, told)| one.is_left() && told.is_none())
                {
                    one.ending = Some(StopOutcome::Exited);
                }
                kill(plain, asked);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "kills-the-exited",
        who: "Sends SIGKILL to all that it asked, to be sure.",
        requirement: STOP_SPARES_THE_EXITED,
        subject: stops(Steps {
            kill: |plain, asked| {
                let pids: Vec<u32> = asked.iter().map(|one| one.entry.leader_pid).collect();
                let answers = plain.state.signaller.signal_each(&pids, "SIGKILL");
                let entries = asked.iter().map(|one| one.entry.clone());
                let results = entries.zip(answers).collect();
                killed(asked, &results);
                plain.state.entries.retain(|entry| !results.contains(&(entry.clone(), Ok(false))));
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "kills-whoever-came-back",
        who: "Keeps leader pids, and kills whoever is registered under them at the end.",
        requirement: STOP_SPARES_THE_EXITED,
        subject: stops(Steps {
            kill: |plain, asked| {
                let is_asked =
                    |entry: &Entry| asked.iter().any(|one| one.entry.leader_pid == entry.leader_pid);
                let targets: Vec<Entry> =
                    plain.state.entries.iter().filter(|entry| is_asked(entry)).cloned().collect();
                let results = plain.signal_targets("SIGKILL", &targets);
                killed(asked, &results);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "kills-the-next-run",
        who: "Compares leader pids and labels, and takes the next run of a command for the one that it asked.",
        requirement: STOP_SPARES_THE_EXITED,
        subject: stops(Steps {
            find: |plain, asked| {
                let alike = |entry: &Entry, one: &Asked| {
                    (entry.leader_pid, &entry.label) == (one.entry.leader_pid, &one.entry.label)
                };
                for one in asked.iter_mut().filter(|one| one.is_left()) {
                    let entry = plain.state.entries.iter().find(|entry| alike(entry, one));
                    if let Some(entry) = entry.filter(|_| !stands(&plain.state, &one.entry)) {
                        one.entry = entry.clone();
                    }
                }
                find(plain, asked);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "kills-newcomers",
        who: "Ends with SIGKILL to all.",
        requirement: STOP_ASKS_NO_NEWCOMERS,
        subject: stops(Steps {
            kill: |plain, asked| {
                let results = plain.signal_all("SIGKILL");
                killed(asked, &results);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "asks-newcomers",
        who: "Sends SIGTERM to whoever is registered meanwhile.",
        requirement: STOP_ASKS_NO_NEWCOMERS,
        subject: stops(Steps {
            find: |plain, asked| {
                find(plain, asked);
                let is_newcomer = |entry: &Entry| !asked.iter().any(|one| one.entry == *entry);
                let entries = plain.state.entries.clone().into_iter().filter(is_newcomer);
                let newcomers: Vec<Entry> =
                    entries.filter(|entry| !plain.state.other_entries.contains(entry)).collect();
                plain.signal_targets("SIGTERM", &newcomers);
                plain.state.other_entries.extend(newcomers);
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "drops-newcomers",
        who: "Holds nothing more when the stop is over but what it asked.",
        requirement: STOP_ASKS_NO_NEWCOMERS,
        subject: stops(Steps {
            tell: |plain, asked| {
                let endings = super::tell(plain, asked.clone());
                plain.state.entries.retain(|entry| asked.iter().any(|one| one.entry == *entry));
                endings
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "ignores-cancel",
        who: "Goes on as if nobody had cancelled.",
        requirement: STOP_CAN_BE_CANCELLED,
        subject: stops(Steps { cancel: |_, _| false, ..RIGHT }),
    },
    Mutant {
        name: "kills-when-cancelled",
        who: "Takes cancelled for at once.",
        requirement: STOP_CAN_BE_CANCELLED,
        subject: stops(Steps {
            cancel: |plain, asked| {
                kill(plain, asked);
                true
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "cancelled-is-forgotten",
        who: "Drops what it was to stop when it is cancelled.",
        requirement: STOP_CAN_BE_CANCELLED,
        subject: stops(Steps {
            cancel: |plain, asked| {
                plain.state.entries.retain(|entry| !asked.iter().any(|one| one.entry == *entry));
                cancel(plain, asked)
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "cancelled-refusals-are-left",
        who: "Tells of a cancelled stop that all are left, also where SIGTERM had failed.",
        requirement: STOP_CAN_BE_CANCELLED,
        subject: stops(Steps {
            cancel: |plain, asked| {
                asked.iter_mut().for_each(|one| one.refused = None);
                cancel(plain, asked)
            },
            ..RIGHT
        }),
    },
];
