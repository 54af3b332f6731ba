//! Registries that ask wrongly, or wait too short or too long.

use super::super::plain::{self, signal_all};
use super::super::{Make, Mutant, Served, stops};
use super::{Asked, RIGHT, Steps, ask, find, find_told, grace, kill};
use crate::contract::{
    STOP_ASKS_ALL_FIRST, STOP_ENDS_WITH_THE_GRACE, STOP_ENDS_WITH_THE_LAST_EXIT, STOP_GIVES_THE_WHOLE_GRACE,
};
use crate::subject::registry::Registry;
use process_groups::StopOutcome;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// What no stop of a case takes, and no case waits for.
const EVER: Duration = Duration::from_secs(20);

pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "grace-begins-before-sigterm",
        who: "Takes the time before it sends SIGTERM, and lets the grace period run from then.",
        requirement: STOP_GIVES_THE_WHOLE_GRACE,
        subject: stops(Steps { begins: |before, _| before, ..RIGHT }),
    },
    Mutant {
        name: "first-signaller-knows-who-exited",
        who: "Asks the signaller that it had when the stop began who has exited, whichever it has by then.",
        requirement: STOP_ENDS_WITH_THE_LAST_EXIT,
        subject: Served::Registry(Make::Stopping(plain::Ways {
            set_signaller: |state, signaller| {
                state.other_signallers.push(Arc::clone(&state.signaller));
                plain::set_signaller(state, signaller);
            },
            stop: Steps {
                find: |plain, asked| {
                    let newest = Arc::clone(&plain.state.signaller);
                    let first = plain.state.other_signallers.first().unwrap_or(&newest);
                    plain.state.signaller = Arc::clone(first);
                    find(plain, asked);
                    plain.state.signaller = newest;
                },
                grace: |_, limit| limit.min(EVER),
                ..RIGHT
            },
            ..plain::RIGHT
        })),
    },
    Mutant {
        name: "asks-by-sigterm-who-is-left",
        who: "Sends SIGTERM again and again while it waits, and takes the answers.",
        requirement: STOP_ASKS_ALL_FIRST,
        subject: stops(Steps {
            find: |plain, asked| {
                find(plain, asked);
                plain.signal_all("SIGTERM");
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stops-with-sigint",
        who: "Asks with SIGINT, as Ctrl-C does.",
        requirement: STOP_ASKS_ALL_FIRST,
        subject: stops(Steps { ask: |plain| super::asked_of(plain.signal_all("SIGINT")), ..RIGHT }),
    },
    Mutant {
        name: "stop-asks-the-last-first",
        who: "Asks in the reverse order, children of a task before the task.",
        requirement: STOP_ASKS_ALL_FIRST,
        subject: stops(Steps {
            ask: |plain| {
                let mut targets = plain.entries();
                targets.reverse();
                let mut asked = super::asked_of(plain.signal_targets("SIGTERM", &targets));
                asked.reverse();
                asked
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "stop-leaves-pruning-to-others",
        who: "Keeps what has exited before SIGTERM came.",
        requirement: STOP_ASKS_ALL_FIRST,
        subject: stops(Steps {
            ask: |plain| {
                let ways = plain::Ways { prune: |_, _, _| {}, ..plain::RIGHT };
                super::asked_of(signal_all(&ways, &mut plain.state, "SIGTERM"))
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "kills-at-once",
        who: "Sends SIGKILL right after SIGTERM.",
        requirement: STOP_GIVES_THE_WHOLE_GRACE,
        subject: stops(Steps { grace: |_, _| Duration::ZERO, ..RIGHT }),
    },
    Mutant {
        name: "kills-at-half-time",
        who: "Waits half of the grace period.",
        requirement: STOP_GIVES_THE_WHOLE_GRACE,
        subject: stops(Steps { grace: |_, grace| grace / 2, ..RIGHT }),
    },
    Mutant {
        name: "first-exit-ends-the-grace",
        who: "Takes the first that exits for the sign that the others will not.",
        requirement: STOP_GIVES_THE_WHOLE_GRACE,
        subject: stops(Steps {
            grace: |asked, grace| if asked.iter().all(Asked::is_left) { grace } else { Duration::ZERO },
            ..RIGHT
        }),
    },
    Mutant {
        name: "refusal-ends-the-grace",
        who: "Kills at once when SIGTERM failed for somebody.",
        requirement: STOP_GIVES_THE_WHOLE_GRACE,
        subject: stops(Steps {
            grace: |asked, grace| match asked.iter().any(|one| one.refused.is_some()) {
                true => Duration::ZERO,
                false => grace,
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "no-grace-where-exits-are-unknown",
        who: "Kills at once when the signaller cannot tell who has exited, since waiting shows nothing.",
        requirement: STOP_GIVES_THE_WHOLE_GRACE,
        subject: stops(Steps {
            find: |plain, asked| {
                find(plain, asked);
                let left: Vec<u32> = asked.iter().map(|one| one.entry.leader_pid).collect();
                plain.state.count = usize::from(plain.state.signaller.have_exited(&left).contains(&None));
                if plain.state.count == 1 {
                    kill(plain, asked);
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "grace-for-one-after-the-other",
        who: "Gives each group a grace period of its own, one after the other.",
        requirement: STOP_ENDS_WITH_THE_GRACE,
        subject: stops(Steps {
            grace: |asked, grace| grace * asked.iter().filter(|one| one.is_left()).count() as u32,
            ..RIGHT
        }),
    },
    Mutant {
        name: "waits-for-the-killed",
        who: "Returns only when the signaller says that what was killed is gone.",
        requirement: STOP_ENDS_WITH_THE_GRACE,
        subject: stops(Steps {
            kill: |plain, asked| {
                kill(plain, asked);
                let killed = asked.iter().filter(|one| one.ending == Some(StopOutcome::Killed));
                let killed: Vec<u32> = killed.map(|one| one.entry.leader_pid).collect();
                let began = Instant::now();
                while plain.state.signaller.have_exited(&killed).contains(&Some(false))
                    && began.elapsed() < EVER
                {
                    thread::sleep(Duration::from_millis(1));
                }
            },
            ..RIGHT
        }),
    },
    Mutant {
        name: "waits-out-the-grace",
        who: "Sleeps for the grace period, whoever exits.",
        requirement: STOP_ENDS_WITH_THE_LAST_EXIT,
        subject: stops(Steps { is_over: |_| false, grace: |_, limit| limit.min(EVER), ..RIGHT }),
    },
    Mutant {
        name: "asks-once-who-has-exited",
        who: "Asks once at the beginning who has exited, and then waits.",
        requirement: STOP_ENDS_WITH_THE_LAST_EXIT,
        subject: stops(Steps {
            ask: |plain| {
                plain.state.count = 0;
                ask(plain)
            },
            find: |plain, asked| {
                plain.state.count += 1;
                match plain.state.count {
                    1 => find(plain, asked),
                    _ => super::find_stale(plain, asked),
                }
            },
            grace: |asked, limit| grace(asked, limit).min(EVER),
            ..RIGHT
        }),
    },
    Mutant {
        name: "waits-for-the-forgotten",
        who: "Waits for what was forgotten meanwhile until the signaller says that it has exited.",
        requirement: STOP_ENDS_WITH_THE_LAST_EXIT,
        subject: stops(Steps { find: find_told, grace: |_, limit| limit.min(EVER), ..RIGHT }),
    },
];
