//! What goes wrong when many groups are asked for by one call, though each alone is asked for rightly.

use super::parts::{deliver, id_of, is_there, pause, right, send, signal_of};
use super::proc::Process;
use super::{Mutant, Served};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, DELIVERS_TO_EVERY_MEMBER, DOES_NOT_WAIT, MEMBER_IS_NOT_LEADER,
    NAME_COMES_FIRST, NEVER_EXISTED_IS_EXITED, OUTLIVES_THE_LEADER, PARTLY_REFUSED_IS_DELIVERED,
    REFUSED_IS_AN_ERROR, REJECTS_LEADER_ONE, REJECTS_LEADER_OUT_OF_RANGE, REJECTS_LEADER_ZERO,
    REJECTS_UNKNOWN_NAMES, REPORTS_DELIVERED, REPORTS_EXITED, SAFE_TO_SHARE, SEES_A_REUSED_PID,
    SPARES_OTHER_GROUPS, STEADY_UNDER_REPETITION,
};
use crate::subject::wire::SignalResult;
use crate::sys::lock::lock;
use nix::errno::Errno;
use process_groups::Signaller;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex};

/// A signaller that is right about one group, and asks for many as the function does.
struct Batched<F>(F);

impl<F> fmt::Debug for Batched<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batched")
    }
}

impl<F: Fn(&[u32], &str) -> Vec<SignalResult> + Send + Sync> Signaller for Batched<F> {
    fn signal(&self, leader_pid: u32, signal_name: &str) -> SignalResult {
        right(leader_pid, signal_name)
    }

    fn signal_each(&self, leader_pids: &[u32], signal_name: &str) -> Vec<SignalResult> {
        (self.0)(leader_pids, signal_name)
    }
}

pub(super) fn batched(
    ask: impl Fn(&[u32], &str) -> Vec<SignalResult> + Send + Sync + 'static,
) -> Arc<dyn Signaller> {
    Arc::new(Batched(ask))
}

fn each(leader_pids: &[u32], signal_name: &str) -> Vec<SignalResult> {
    leader_pids.iter().map(|&leader_pid| right(leader_pid, signal_name)).collect()
}

/// A signaller that reads the leader pids of a batch as `id_of` does.
fn reading(id_of: fn(u32) -> Result<i32, String>) -> Arc<dyn Signaller> {
    batched(move |leader_pids, signal_name| {
        let answer = |&leader_pid: &u32| deliver(id_of(leader_pid)?, signal_of(signal_name)?);
        leader_pids.iter().map(answer).collect()
    })
}

/// The mutants of this family.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "first-of-the-batch-only",
        who: "Signals the first group of a batch, and gives its answer for the rest.",
        requirement: DELIVERS_TO_EVERY_MEMBER,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let first = each(&leader_pids[..leader_pids.len().min(1)], signal_name);
                first.into_iter().cycle().take(leader_pids.len()).collect()
            })
        }),
    },
    Mutant {
        name: "whole-batch-again",
        who: "Asks for the whole batch once more if some group of it was not there.",
        requirement: DELIVERS_ONCE,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let answers = each(leader_pids, signal_name);
                if answers.contains(&Ok(false)) { each(leader_pids, signal_name) } else { answers }
            })
        }),
    },
    Mutant {
        name: "name-of-the-batch-before",
        who: "Writes the name into the frame after the frame of a batch was sent.",
        requirement: DELIVERS_THE_NAMED_SIGNAL,
        subject: Served::Rust(|| {
            let frame = Mutex::new(None);
            batched(move |leader_pids, signal_name| {
                let before = lock(&frame).replace(signal_name.to_owned());
                each(leader_pids, before.as_deref().unwrap_or(signal_name))
            })
        }),
    },
    Mutant {
        name: "nobody-is-zero-in-a-batch",
        who: "Puts 0 in the place of each group of a batch that is not there any more, and signals all.",
        requirement: SPARES_OTHER_GROUPS,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let answer = |&leader_pid: &u32| match right(leader_pid, signal_name)? {
                    true => Ok(true),
                    // The caller's own group.
                    false => {
                        send(0, signal_of(signal_name)?).map(|()| false).map_err(|cause| cause.to_string())
                    }
                };
                leader_pids.iter().map(answer).collect()
            })
        }),
    },
    Mutant {
        name: "batch-ends-at-an-error",
        who: "Ends a batch with the first group that may not be signalled: the rest get its error.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let mut failed = None;
                let answer = |&leader_pid: &u32| {
                    let answer = failed.clone().map_or_else(|| right(leader_pid, signal_name), Err);
                    failed = answer.clone().err();
                    answer
                };
                leader_pids.iter().map(answer).collect()
            })
        }),
    },
    Mutant {
        name: "sixty-four-to-a-batch",
        who: "Has room for sixty-four groups in a request, and leaves the rest unanswered.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| each(&leader_pids[..leader_pids.len().min(64)], signal_name))
        }),
    },
    Mutant {
        name: "exited-left-out-of-the-batch",
        who: "Answers for those groups of a batch alone that are there.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let mut answers = each(leader_pids, signal_name);
                answers.retain(|answer| *answer != Ok(false));
                answers
            })
        }),
    },
    Mutant {
        name: "batch-answered-in-order-of-ids",
        who: "Keeps the groups of a batch in an ordered set, and answers in the order of that.",
        requirement: REPORTS_EXITED,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let mut sorted = leader_pids.to_vec();
                sorted.sort_unstable();
                each(&sorted, signal_name)
            })
        }),
    },
    Mutant {
        name: "command-line-too-long",
        who: "Puts the whole batch into one command line, and fails when that is longer than 4096 bytes.",
        requirement: NEVER_EXISTED_IS_EXITED,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let words: usize =
                    leader_pids.iter().map(|leader_pid| leader_pid.to_string().len() + 1).sum();
                match words {
                    ..4096 => each(leader_pids, signal_name),
                    _ => vec![Err("Argument list too long".to_owned()); leader_pids.len()],
                }
            })
        }),
    },
    Mutant {
        name: "refused-of-a-batch-is-exited",
        who: "Takes whatever was not signalled of a batch for exited, if something was.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let answers = each(leader_pids, signal_name);
                match answers.contains(&Ok(true)) {
                    true => answers.into_iter().map(|answer| answer.or(Ok(false))).collect(),
                    false => answers,
                }
            })
        }),
    },
    Mutant {
        name: "unknown-name-ends-a-batch",
        who: "Falls back to SIGTERM in a batch, whose name was checked one by one before.",
        requirement: REJECTS_UNKNOWN_NAMES,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let known = if signal_of(signal_name).is_ok() { signal_name } else { "SIGTERM" };
                each(leader_pids, known)
            })
        }),
    },
    Mutant {
        name: "batch-of-nobody-is-exited",
        who: "Leaves out of a batch who is not there, and checks the name only when somebody is left.",
        requirement: NAME_COMES_FIRST,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let is_gone = |&leader_pid: &u32| id_of(leader_pid).is_ok_and(|id| !is_there(-id));
                if leader_pids.iter().all(is_gone) {
                    vec![Ok(false); leader_pids.len()]
                } else {
                    each(leader_pids, signal_name)
                }
            })
        }),
    },
    Mutant {
        name: "zero-unchecked-in-a-batch",
        who: "Checks leader pids in `signal` alone, and hands a batch to kill(2) as it is.",
        requirement: REJECTS_LEADER_ZERO,
        subject: Served::Rust(|| {
            reading(|leader_pid| if leader_pid == 0 { Ok(0) } else { id_of(leader_pid) })
        }),
    },
    Mutant {
        name: "one-unchecked-in-a-batch",
        who: "Refuses only 0 in a batch, and so hands -1 to kill(2).",
        requirement: REJECTS_LEADER_ONE,
        subject: Served::Rust(|| {
            reading(|leader_pid| if leader_pid == 1 { Ok(1) } else { id_of(leader_pid) })
        }),
    },
    Mutant {
        name: "wraps-round-in-a-batch",
        who: "Casts the leader pids of a batch as they come.",
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        subject: Served::Rust(|| {
            reading(
                |leader_pid| if leader_pid < 2 { id_of(leader_pid) } else { Ok(leader_pid.cast_signed()) },
            )
        }),
    },
    Mutant {
        name: "batches-share-a-buffer",
        who: "Collects the answers of a batch in a buffer that the next one takes over.",
        requirement: SAFE_TO_SHARE,
        subject: Served::Rust(|| {
            let answers = Mutex::new(Vec::new());
            batched(move |leader_pids, signal_name| {
                *lock(&answers) = each(leader_pids, signal_name);
                pause(20);
                lock(&answers).clone()
            })
        }),
    },
    Mutant {
        name: "led-groups-of-a-batch-alone",
        who: "Leaves out of a batch whose leader is gone, as if the group were.",
        requirement: OUTLIVES_THE_LEADER,
        subject: Served::Rust(|| each_unless(|id| !is_there(id), Ok(false))),
    },
    Mutant {
        name: "refused-leader-refuses-in-a-batch",
        who: "Refuses a group of a batch when its leader may not be signalled.",
        requirement: PARTLY_REFUSED_IS_DELIVERED,
        subject: Served::Rust(|| {
            each_unless(|id| send(id, 0) == Err(Errno::EPERM), Err("not permitted".to_owned()))
        }),
    },
    Mutant {
        name: "members-of-a-batch-stand-for-their-group",
        who: "Looks up the group of each pid of a batch, so that each counts once.",
        requirement: MEMBER_IS_NOT_LEADER,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let group = |leader_pid| {
                    let found =
                        id_of(leader_pid).ok().and_then(Process::of).map(|one| one.group.unsigned_abs());
                    found.unwrap_or(leader_pid)
                };
                each(
                    &leader_pids.iter().map(|&leader_pid| group(leader_pid)).collect::<Vec<_>>(),
                    signal_name,
                )
            })
        }),
    },
    Mutant {
        name: "exited-of-a-batch-stay-so",
        who: "Remembers who had exited in a batch, and asks for none of them again in one.",
        requirement: SEES_A_REUSED_PID,
        subject: Served::Rust(|| {
            let gone: Mutex<HashSet<u32>> = Mutex::default();
            batched(move |leader_pids, signal_name| {
                let mut gone = lock(&gone);
                let answer = |&leader_pid: &u32| {
                    let answer =
                        if gone.contains(&leader_pid) { Ok(false) } else { right(leader_pid, signal_name) };
                    if answer == Ok(false) {
                        gone.insert(leader_pid);
                    }
                    answer
                };
                leader_pids.iter().map(answer).collect()
            })
        }),
    },
    Mutant {
        name: "waits-for-its-batch",
        who: "Waits up to 500 ms until nobody of a batch is there any more.",
        requirement: DOES_NOT_WAIT,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let answers = each(leader_pids, signal_name);
                let stays = |&leader_pid: &u32| id_of(leader_pid).is_ok_and(|id| is_there(-id));
                (0..25).take_while(|_| leader_pids.iter().any(stays)).for_each(|_| pause(20));
                answers
            })
        }),
    },
    Mutant {
        name: "leaks-a-descriptor-a-batch",
        who: "Opens a connection for each batch, and never closes it.",
        requirement: STEADY_UNDER_REPETITION,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                std::mem::forget(std::fs::File::open("/proc/self/stat"));
                each(leader_pids, signal_name)
            })
        }),
    },
    Mutant {
        name: "one-impossible-refuses-the-batch",
        who: "Checks all leader pids of a batch first, and refuses all when one cannot be.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                match leader_pids.iter().find_map(|&leader_pid| id_of(leader_pid).err()) {
                    Some(cause) => vec![Err(cause); leader_pids.len()],
                    None => each(leader_pids, signal_name),
                }
            })
        }),
    },
    Mutant {
        name: "workers-leave-a-rest",
        who: "Deals a batch out to eight workers in equal parts, and says of the rest that they have exited.",
        requirement: REPORTS_DELIVERED,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let dealt = if leader_pids.len() < 8 { leader_pids.len() } else { leader_pids.len() / 8 * 8 };
                let mut answers = each(&leader_pids[..dealt], signal_name);
                answers.resize(leader_pids.len(), Ok(false));
                answers
            })
        }),
    },
    Mutant {
        name: "refused-survivors-of-a-batch-are-exited",
        who: "Takes a group of a batch that may not be signalled for exited when its leader is gone.",
        requirement: REFUSED_IS_AN_ERROR,
        subject: Served::Rust(|| {
            batched(|leader_pids, signal_name| {
                let answer = |&leader_pid: &u32| match right(leader_pid, signal_name) {
                    Err(_) if id_of(leader_pid).is_ok_and(|id| !is_there(id) && is_there(-id)) => Ok(false),
                    answer => answer,
                };
                leader_pids.iter().map(answer).collect()
            })
        }),
    },
];

/// A signaller that answers so for those of a batch of which that is true.
fn each_unless(is_such: fn(i32) -> bool, instead: SignalResult) -> Arc<dyn Signaller> {
    batched(move |leader_pids, signal_name| {
        let answer = |&leader_pid: &u32| match id_of(leader_pid) {
            Ok(id) if is_such(id) => instead.clone(),
            _ => right(leader_pid, signal_name),
        };
        leader_pids.iter().map(answer).collect()
    })
}
