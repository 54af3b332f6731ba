//! Leader pids that no group can have, and that kill(2) takes for somebody else.

use super::checks::thousand_calls;
use super::checks::{FOUR, expect_nothing_late, expect_refused};
use super::{Case, Need};
use crate::contract::{REJECTS_LEADER_ONE, REJECTS_LEADER_OUT_OF_RANGE, REJECTS_LEADER_ZERO, Requirement};
use crate::harness::{Context, Group, Result, Session, Shape};
use crate::subject::wire::Question;
use crate::testbed::protocol::{Disposition, Place};
use std::fmt::Display;

/// What one of the requirements is about.
#[derive(Clone, Copy, Debug)]
struct Wrong {
    requirement: &'static Requirement,
    /// The leader pids, given a live group and the pid of a process in no group of the case's.
    leader_pids: fn(&Group, u32) -> Vec<u32>,
    /// Why they are wrong.
    why: &'static str,
    /// What a faulty subject hits.
    hits: &'static str,
}

const WRONG: [Wrong; 3] = [
    Wrong {
        requirement: REJECTS_LEADER_ZERO,
        leader_pids: |_, _| vec![0],
        why: "0 is no leader pid; kill(2) takes it for the caller's own group",
        hits: "the subject's own group",
    },
    Wrong {
        requirement: REJECTS_LEADER_ONE,
        leader_pids: |_, _| vec![1],
        why: "1 is refused as a leader pid; kill(2) takes -1 for every process",
        hits: "everybody",
    },
    Wrong {
        requirement: REJECTS_LEADER_OUT_OF_RANGE,
        leader_pids: out_of_range,
        why: "a leader pid is at most 2147483647; beyond that, a cast wraps round to somebody else",
        hits: "single processes or other groups",
    },
];

/// Leader pids above `i32::MAX`: the first and the last, and those that a wrapping cast turns into a live
/// leader, its child, a bystander, the first process, and, with the highest bit cut off, into the group.
fn out_of_range(group: &Group, bystander: u32) -> Vec<u32> {
    let first = i32::MAX as u32 + 1;
    let child = group.members[1];
    vec![
        first,
        first + 1,
        first + group.id,
        first + bystander,
        group.id.wrapping_neg(),
        child.wrapping_neg(),
        bystander.wrapping_neg(),
        3_000_000_000,
        u32::MAX - 1,
        u32::MAX,
    ]
}

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    WRONG.into_iter().flat_map(cases_of).collect()
}

fn cases_of(wrong: Wrong) -> Vec<Case> {
    let Wrong { requirement, hits, .. } = wrong;
    let named = FOUR.into_iter().map(|(name, _)| {
        dangerous(
            requirement,
            name.to_lowercase(),
            format!("{name}, beside groups and processes of every kind: a faulty subject hits {hits}."),
            move |context| {
                let leader_pids = world(context, wrong)?;
                expect_all_refused(context, &leader_pids, &[name], wrong)
            },
        )
    });
    let mut cases: Vec<_> = named.collect();
    cases.extend([
        dangerous(
            requirement,
            "unknown-name",
            "With names that are none of the four: neither wrong excuses the other.".to_owned(),
            move |context| {
                let leader_pids = world(context, wrong)?;
                expect_all_refused(
                    context,
                    &leader_pids[..leader_pids.len().min(3)],
                    &["SIGFOO", "SIGUSR1", ""],
                    wrong,
                )
            },
        ),
        dangerous(
            requirement,
            "again-and-again",
            "Up to two hundred times, in turn with calls for a group that has exited.".to_owned(),
            move |context| {
                let leader_pids = world(context, wrong)?;
                let gone = context.free_id()?;
                for (done, leader_pid) in leader_pids.iter().cycle().enumerate() {
                    if !context.another_round(done, 12, 200) {
                        break;
                    }
                    let (name, _) = FOUR[done % FOUR.len()];
                    let _ = context.ask(gone, name)?;
                    let why = format!("{} (call {})", wrong.why, done + 1);
                    expect_refused(context, &[Question::new(*leader_pid, name)], &why)?;
                }
                Ok(())
            },
        ),
        dangerous(requirement, "at-once", "Several such calls at once.".to_owned(), move |context| {
            let leader_pids = world(context, wrong)?;
            let questions: Vec<_> = (0..12)
                .map(|index| {
                    Question::new(leader_pids[index % leader_pids.len()], FOUR[index % FOUR.len()].0)
                })
                .collect();
            expect_refused(context, &questions, wrong.why)
        }),
        dangerous(
            requirement,
            "after-a-thousand-calls",
            "After a thousand calls for a missing group.".to_owned(),
            move |context| {
                let leader_pids = world(context, wrong)?;
                thousand_calls(context)?;
                expect_all_refused(
                    context,
                    &leader_pids[..leader_pids.len().min(3)],
                    &["SIGTERM", "SIGKILL"],
                    wrong,
                )
            },
        ),
    ]);
    cases
}

fn dangerous(
    requirement: &'static Requirement,
    own_name: impl Display,
    about: String,
    run: impl Fn(&mut Context) -> Result + Send + Sync + 'static,
) -> Case {
    Case::new(requirement, own_name, about, &[Need::Sandbox], run)
}

/// Groups and processes of every kind that a faulty subject may hit; beside them there are the agent, the
/// subject and a process in the subject's group. Returns the leader pids to try.
fn world(context: &mut Context, wrong: Wrong) -> Result<Vec<u32>> {
    let group = context.group(&Shape::family())?;
    context.group(&Shape::family().session(Session::Windows))?;
    context.group(&Shape::alone().session(Session::Own).led_by(Disposition::Catches))?;
    context.group(&Shape::alone().led_by(Disposition::Dies))?;
    let bystander = context.bystander("a process in the agent's own group", None, Place::Parents, None)?;
    Ok((wrong.leader_pids)(&group, bystander))
}

/// Asks for each leader pid with each name, and ends the case unless each call is refused and nobody hears of
/// it.
fn expect_all_refused(context: &mut Context, leader_pids: &[u32], names: &[&str], wrong: Wrong) -> Result {
    context.start()?;
    let before = context.snapshot()?;
    for leader_pid in leader_pids {
        for name in names {
            expect_refused(context, &[Question::new(*leader_pid, *name)], wrong.why)?;
        }
    }
    expect_nothing_late(context, &before, wrong.why)
}
