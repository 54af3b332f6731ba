//! What the subject sent, whatever came of it: seen at its system calls, where no member can show it.
//!
//! A call is judged by whom it is meant for alone. Whoever asks with signal 0, signals helpers of its own or
//! its own threads, or reaches each member once instead of the group once, sends nothing amiss.

use super::checks::{FOUR, SESSIONS, WATCHABLE};
use super::{Case, Need};
use crate::contract::{DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, EXITED_IS_REPEATABLE, SPARES_OTHER_GROUPS};
use crate::harness::{Context, Group, Lineage, Problem, Problems, Result, Session, Shape};
use crate::report::symptom::Symptom;
use crate::subject::wire::SignalResult;
use crate::testbed::protocol::{Disposition, Place};
use crate::testbed::{SystemCall, Target};
use std::time::Duration;

/// How long a slow call takes: longer than some allow a helper, and less than half of what an answer may.
const SLOW: Duration = Duration::from_secs(2);

const ONCE: &str = "the signal is sent to each member once a call";
const ALONE: &str = "nothing but the named signal is sent to the group";
const NOTHING_MORE: &str =
    "the group has exited: after the answer nothing is sent to its id any more, and no other signal at all";
const SPARED: &str = "no signal is sent to anybody outside the group";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            DELIVERS_ONCE,
            "sigkill-is-sent-once",
            "SIGKILL to a live group, to survivors and to a stopped group: nobody can tell how often it was \
             killed, so what the subject sends is looked at, also a moment later.",
            &[Need::Watch],
            |context| {
                let mut groups =
                    (0..3).map(|_| context.group(&Shape::family())).collect::<Result<Vec<_>>>()?;
                context.stop(&groups[1])?;
                context.end_leader(&mut groups[2])?;
                let asked = groups.into_iter().map(|group| (group, "SIGKILL", libc::SIGKILL)).collect();
                looking_at_what_is_sent(context, asked, sent_twice)
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "large-groups-are-sent-it-once",
            "SIGTERM and then SIGKILL to a group of more than a hundred members: what the subject sends is \
             looked at, also a moment later.",
            &[Need::Watch],
            |context| {
                let group = context.group(&with_children(Shape::family(), 100))?;
                let asked = [("SIGTERM", libc::SIGTERM), ("SIGKILL", libc::SIGKILL)];
                let asked = asked.map(|(name, signal)| (group.clone(), name, signal)).into();
                looking_at_what_is_sent(context, asked, sent_twice)
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "members-of-two-users-are-sent-it-once",
            "Each of the four names to a group with members of another user: what the subject sends is \
             looked at, also a moment later.",
            &[Need::Watch, Need::OtherUser],
            |context| {
                let shape = Shape::family().with_others();
                let asked = FOUR.map(|(name, signal)| Ok((context.group(&shape)?, name, signal)));
                let asked = asked.into_iter().collect::<Result<_>>()?;
                looking_at_what_is_sent(context, asked, sent_twice)
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "other-sessions-are-sent-it-once",
            "Each of the four names to groups in a session of their own and in a window's: what the subject sends is \
             looked at, also a moment later.",
            &[Need::Watch],
            |context| {
                let mut asked = Vec::new();
                for (name, signal) in FOUR {
                    for (_, session, _) in SESSIONS {
                        asked.push((context.group(&Shape::family().session(session))?, name, signal));
                    }
                }
                looking_at_what_is_sent(context, asked, sent_twice)
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "who-ends-late-is-sent-it-once",
            "SIGKILL to a group whose leader it does not end at once: it is the first process of a PID \
             namespace below, and stays until a process is reaped that somebody outside forked into that. \
             Nobody asked for another.",
            &[Need::Namespaces, Need::Watch],
            |context| {
                let group = context.group_that_ends_late()?;
                looking_at_what_is_sent(context, vec![(group, "SIGKILL", libc::SIGKILL)], sent_twice)
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "members-of-two-cgroups-are-sent-it-once",
            "Each of the four names to groups of which one member is in another cgroup: what the subject sends is looked \
             at, also a moment later.",
            &[Need::Freezer, Need::Watch],
            |context| {
                let mut asked = Vec::new();
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family())?;
                    context.move_to_cgroup(group.members[1])?;
                    asked.push((group, name, signal));
                }
                looking_at_what_is_sent(context, asked, sent_twice)
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "slow-call",
            "The call that signals the group takes two seconds, as on a host that is suspended for a moment: whoever takes \
             that for a failure and calls again sends the signal twice.",
            &[Need::Watch],
            |context| {
                let (name, signal) = WATCHABLE[0];
                let group = context.group(&Shape::family())?;
                context.start()?;
                let from = context.count_calls()?;
                let _ = ask_slowly(context, &group, name)?;
                let (sent, asked_for) = (sent_since(context, from)?, group.members.clone());
                let asked =
                    CallMade { group, name, signal, from, before_answer: sent.len(), sent, asked_for };
                context.wait_for_latecomers();
                look_again(context, vec![asked], sent_twice, "however long a call takes")
            },
        ),
        unseen("ignoring", "ignore it", Disposition::Ignores, false),
        unseen("blocking", "block it", Disposition::Blocks, false),
        unseen("stopped", "are stopped", Disposition::Watches, true),
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            "nothing-else-is-sent",
            "Each of the four names to groups that run and that are stopped, to survivors, to groups in other sessions, and \
             SIGKILL to one of more than a hundred members: what the subject sends beside it is looked at, also where SIGKILL \
             leaves no trace of it, and SIGCHLD.",
            &[Need::Watch],
            |context| {
                let large = context.group(&with_children(Shape::alone(), 110))?;
                let mut asked = vec![(large, "SIGKILL", libc::SIGKILL)];
                for (name, signal) in FOUR {
                    for session in [Session::Own, Session::Windows] {
                        asked.push((context.group(&Shape::family().session(session))?, name, signal));
                    }
                    asked.push((context.group(&with_children(Shape::family(), 8))?, name, signal));
                    let group = context.group(&Shape::family())?;
                    context.stop(&group)?;
                    asked.push((group, name, signal));
                    let mut survivors = context.group(&Shape::family())?;
                    context.end_leader(&mut survivors)?;
                    asked.push((survivors, name, signal));
                }
                looking_at_what_is_sent(context, asked, sent_beside)
            },
        ),
        Case::new(
            EXITED_IS_REPEATABLE,
            "nothing-is-sent-later",
            "The group has exited, and the subject was told so: whatever it sent to the id later would hit \
             whoever has it by then. Asking anew is all that makes it send.",
            &[Need::Watch],
            |context| {
                let shape = Shape::family();
                let asked = FOUR.map(|(name, signal)| Ok((context.exited_group(&shape)?, name, signal)));
                let asked = asked.into_iter().collect::<Result<_>>()?;
                looking_at_what_is_sent(context, asked, sent_to_nobody)
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            "nothing-is-sent-to-them",
            "Each of the four names to a live group and to one whose members are not reaped, beside a child \
             of its leader in a group of its own and its leader's parent: nothing is sent to them, to the \
             subject's own process and group, or to everybody, not even what leaves no trace.",
            &[Need::Sandbox, Need::Watch],
            |context| {
                let mut asked = Vec::new();
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family().session(Session::Windows))?;
                    let what = "a child of the leader that moved to a group of its own";
                    context.bystander(what, Some(group.id), Place::Own, None)?;
                    asked.push((group, name, signal));
                    // Members that have exited and are not reaped tempt to remind their parent.
                    let group = context.group(&Shape::family().session(Session::Windows))?;
                    context.end_all(&group)?;
                    asked.push((group, name, signal));
                }
                looking_at_what_is_sent(context, asked, sent_to_outsiders)
            },
        ),
    ]
}

/// Asks for the group, and holds the first call that signals it for a while before it happens. Returns the answer.
pub(super) fn ask_slowly(context: &mut Context, group: &Group, name: &str) -> Result<SignalResult> {
    let ids = [group.members.clone(), vec![group.id]].concat();
    let signals_it = move |call: &SystemCall| {
        let is_meant =
            matches!(call.target, Some(Target::Group(id) | Target::Process(id)) if ids.contains(&id));
        is_meant && call.sends()
    };
    context.ask_while((group.id, name), signals_it, |context, _| {
        // No event ends it: that time passes is what is tried.
        let time = SLOW.min(context.settings().timeout / 2);
        context.settings().permits.sleep(time);
        Ok(())
    })
}

/// The shape with so many children of the leader more.
fn with_children(shape: Shape, more: usize) -> Shape {
    (0..more).fold(shape, |shape, _| shape.with(Lineage::Child))
}

/// A case of members on which it does not show how often they are signalled.
fn unseen(own_name: &'static str, about: &'static str, disposition: Disposition, stopped: bool) -> Case {
    Case::new(
        DELIVERS_ONCE,
        format!("{own_name}-members-are-sent-it-once"),
        format!(
            "SIGTERM, SIGINT and SIGHUP to members that {about}: two look like one on them, so what the \
             subject sends is looked at, also a moment later."
        ),
        &[Need::Watch],
        move |context| {
            let mut asked = Vec::new();
            for (name, signal) in WATCHABLE {
                let group = context.group(&Shape::family().all(disposition))?;
                if stopped {
                    context.stop(&group)?;
                }
                asked.push((group, name, signal));
            }
            looking_at_what_is_sent(context, asked, sent_twice)
        },
    )
}

/// A question, and what was sent since it was asked.
pub(super) struct CallMade {
    group: Group,
    name: &'static str,
    signal: i32,
    /// How many calls had been seen before it was asked.
    from: usize,
    /// Every call since that sends something.
    sent: Vec<SystemCall>,
    /// How many of those came before the answer.
    before_answer: usize,
    /// The members of every group that was asked for until now.
    asked_for: Vec<u32>,
}

/// What is expected of a question, and what is not as expected.
pub(super) type Judge = fn(&Context, &CallMade) -> (String, Problems);

/// A group, and the name that it is asked for with, and its signal.
pub(super) type Wanted = (Group, &'static str, i32);

/// Asks for each group in turn and looks at what is sent: when the answer has come, and a moment later.
pub(super) fn looking_at_what_is_sent(context: &mut Context, wanted: Vec<Wanted>, judge: Judge) -> Result {
    let asked = ask_and_look(context, wanted, judge)?;
    context.wait_for_latecomers();
    look_again(context, asked, judge, "also a moment later")
}

/// Asks for each group in turn and looks at what is sent when the answer has come.
pub(super) fn ask_and_look(
    context: &mut Context,
    wanted: Vec<Wanted>,
    judge: Judge,
) -> Result<Vec<CallMade>> {
    context.start()?;
    let (mut all, mut asked_for) = (Vec::new(), Vec::new());
    for (group, name, signal) in wanted {
        asked_for.extend(group.members.clone());
        let from = context.count_calls()?;
        let answer = context.ask(group.id, name);
        let sent = sent_since(context, from)?;
        let (before_answer, asked_for) = (sent.len(), asked_for.clone());
        let asked = CallMade { group, name, signal, from, sent, before_answer, asked_for };
        let (expected, problems) = judge(context, &asked);
        context.expect_none(&expected, problems)?;
        answer.map(drop)?;
        all.push(asked);
    }
    Ok(all)
}

/// Looks once more at what was sent since each was asked.
pub(super) fn look_again(context: &mut Context, all: Vec<CallMade>, judge: Judge, when: &str) -> Result {
    let asked_for = all.last().map(|last| last.asked_for.clone()).unwrap_or_default();
    for asked in all {
        let sent = sent_since(context, asked.from)?;
        let asked = CallMade { sent, asked_for: asked_for.clone(), ..asked };
        let (expected, problems) = judge(context, &asked);
        context.expect_none(&format!("{expected}, {when}"), problems)?;
    }
    Ok(())
}

/// What was sent since so many calls. Of whoever is in a PID namespace of its own nobody knows whom it means.
fn sent_since(context: &Context, from: usize) -> Result<Vec<SystemCall>> {
    let mut calls = context.calls_after(from)?;
    calls.retain(|call| call.sends() && context.is_among_the_groups(call));
    Ok(calls)
}

pub(super) fn sent_twice(context: &Context, asked: &CallMade) -> (String, Problems) {
    let CallMade { group, name, signal, sent, .. } = asked;
    let calls: Vec<_> = sent.iter().filter(|call| call.signal == *signal).collect();
    let to_all = calls.iter().filter(|call| is_for_all(call) && !reached(call, group).is_empty()).count();
    let too_often = |&pid: &u32| {
        let alone = calls.iter().filter(|call| call.target == Some(Target::Process(pid))).count();
        // Whoever looks again for those that were forked meanwhile may meet some that are killed and not gone
        // yet.
        to_all + if *signal == libc::SIGKILL { alone.min(1) } else { alone } > 1
    };
    let mut problems = Problems::default();
    if let Some(pid) = group.members.iter().copied().find(too_often) {
        let for_it = calls.iter().filter(|call| reached(call, group).contains(&pid));
        problems
            .extend(for_it.map(|call| Problem::new(Symptom::Repeated, context.call_sentence(call)).of(pid)));
    }
    (format!("{ONCE}: {name} to group {}", group.id), problems)
}

pub(super) fn sent_beside(context: &Context, asked: &CallMade) -> (String, Problems) {
    let CallMade { group, name, signal, sent, .. } = asked;
    let others = sent.iter().filter(|call| call.signal != *signal && !reached(call, group).is_empty());
    let problem = |call: &SystemCall| Problem::new(Symptom::Strange, context.call_sentence(call));
    (format!("{ALONE}: {name} to group {}", group.id), others.map(problem).collect())
}

fn sent_to_nobody(context: &Context, asked: &CallMade) -> (String, Problems) {
    let CallMade { group, name, signal, sent, before_answer, .. } = asked;
    let mut problems = Problems::default();
    for (place, call) in sent.iter().enumerate().filter(|(_, call)| !reached(call, group).is_empty()) {
        let sentence = context.call_sentence(call);
        if place >= *before_answer {
            problems.push(format!("{sentence}, after the answer"));
        } else if call.signal != *signal {
            problems.push(sentence);
        }
    }
    (format!("{NOTHING_MORE}: {name} to group {}", group.id), problems)
}

fn sent_to_outsiders(context: &Context, asked: &CallMade) -> (String, Problems) {
    let mut problems = Problems::default();
    for call in &asked.sent {
        if let Some(whom) = outsider(context, call, asked) {
            let text = format!("{}, which targets {whom}", context.call_sentence(call));
            problems.push(Problem::new(Symptom::Outsiders, text));
        }
    }
    (format!("{SPARED}, after {} to group {}", asked.name, asked.group.id), problems)
}

/// Whom outside the groups a call is meant for, in words, if for anybody that the case knows. To the agent
/// much is sent that the kernel drops, and a program may have its own reasons to signal itself with another
/// signal.
fn outsider(context: &Context, call: &SystemCall, asked: &CallMade) -> Option<String> {
    let (subject, agent) = (context.subject_pid(), context.abilities().pid);
    match call.target? {
        Target::Everybody => Some("everybody".to_owned()),
        Target::OwnThread => None,
        Target::Group(id) | Target::Process(id) if id == agent || asked.asked_for.contains(&id) => None,
        Target::Group(id) if Some(id) == subject => Some("the subject's own group".to_owned()),
        Target::Process(pid) if Some(pid) == subject && call.signal != asked.signal => None,
        Target::Group(id) | Target::Process(id) => {
            context.processes().any(|process| process.pid == id).then(|| context.name_of(id))
        }
    }
}

/// Whether a call is meant for all members at once.
fn is_for_all(call: &SystemCall) -> bool {
    matches!(call.target, Some(Target::Group(_) | Target::Everybody))
}

/// The members that a call is meant for.
fn reached(call: &SystemCall, group: &Group) -> Vec<u32> {
    match call.target {
        Some(Target::Group(id)) if id == group.id => group.members.clone(),
        Some(Target::Everybody) => group.members.clone(),
        Some(Target::Process(pid)) if group.members.contains(&pid) => vec![pid],
        _ => Vec::new(),
    }
}
