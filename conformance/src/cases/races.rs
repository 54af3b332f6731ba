//! Races that are lost each time: the subject is held at one of its calls, the group changes, and the call
//! goes on.
//!
//! A plain kill(2) on the group passes all of it, since the kernel takes no call apart. Who never was a
//! member between the question and the answer must receive nothing; who was one throughout must.

use super::checks::{FOUR, answered, missed, unlike};
use super::{Case, Need};
use crate::contract::{DELIVERS_TO_EVERY_MEMBER, OUTLIVES_THE_LEADER, REPORTS_EXITED, SPARES_OTHER_GROUPS};
use crate::harness::{Context, Group, Lineage, Problem, Problems, Result, Shape};
use crate::report::symptom::{AnswerKind, Symptom};
use crate::testbed::protocol::Place;
use crate::testbed::{SystemCall, Target};
use std::sync::atomic::{AtomicUsize, Ordering};

const NEEDS: &[Need] = &[Need::Sandbox, Need::ChosenIds, Need::Watch];

/// The signals, each with the calls at which the subject is held: the first that is meant for one process,
/// the second.
const TRIED: [(&str, i32, usize); 4] = [
    ("SIGTERM", libc::SIGTERM, 1),
    ("SIGTERM", libc::SIGTERM, 2),
    ("SIGKILL", libc::SIGKILL, 1),
    ("SIGKILL", libc::SIGKILL, 2),
];

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        Case::new(
            SPARES_OTHER_GROUPS,
            "member-replaced-while-signalled",
            "The subject is held at its first and at its second call that is meant for one member; that \
             member exits, and a stranger in another group gets its pid; the call goes on. Whoever walks \
             through the members with kill(2) on each pid hits the stranger, each time. A plain kill(2) on \
             the group cannot.",
            NEEDS,
            |context| TRIED.into_iter().try_for_each(|tried| replaced(context, tried)),
        ),
        Case::new(
            DELIVERS_TO_EVERY_MEMBER,
            "member-forks-while-signalled",
            "The subject is held at its first and at its second SIGKILL that is meant for one member; that \
             member forks; the call goes on. Nobody is left afterwards: a list of the members that was made \
             before is not enough.",
            NEEDS,
            |context| [1, 2].into_iter().try_for_each(|place| forked(context, place)),
        ),
        Case::new(
            OUTLIVES_THE_LEADER,
            "leader-exits-while-looked-at",
            "The subject is held at its first and at its second call that is meant for the leader alone; the \
             leader exits and is reaped; the call goes on. The survivors make the group live all the same.",
            NEEDS,
            |context| TRIED.into_iter().try_for_each(|tried| leaderless(context, tried)),
        ),
        Case::new(
            REPORTS_EXITED,
            "exits-before-it-is-signalled",
            "The subject is held at its first call that signals the whole group; every member exits and is \
             reaped; the call goes on, and finds nobody. Whoever looked before and takes no notice of that says \
             `Ok(true)` of a signal that was never sent.",
            NEEDS,
            |context| FOUR.into_iter().try_for_each(|(name, _)| emptied(context, name)),
        ),
    ]
}

/// A leader, and members that the agent can reap whatever becomes of the leader.
fn shape() -> Shape {
    (0..3).fold(Shape::alone(), |shape, _| shape.with(Lineage::Guest))
}

fn replaced(context: &mut Context, (name, signal, place): (&str, i32, usize)) -> Result {
    let group = context.group(&shape())?;
    let wanted = group.members[1..].to_vec();
    let mut stranger = None;
    let answer = context.ask_while((group.id, name), at_call(place, wanted, false), |context, call| {
        let Some(pid) = held_at(context, call) else { return Ok(()) };
        context.exit(pid)?;
        context.reap(pid)?;
        let what = "a stranger that has a former member's pid";
        stranger = Some(context.bystander(what, None, Place::Own, Some(pid))?);
        Ok(())
    })?;
    let snapshot = context.snapshot()?;
    let mut problems = Problems::default();
    if let Some(pid) = stranger.filter(|&pid| !snapshot.signals(pid).is_empty()) {
        problems.push(Problem::new(Symptom::Outsiders, context.sentence(&snapshot, pid)).of(pid));
    }
    let throughout = without(&group, stranger);
    problems.extend(missed(context, &snapshot, &throughout, signal, 1));
    problems.extend(unlike(&answer, true));
    let expected = format!(
        "the stranger receives nothing, each member that was there throughout receives {name}, and the answer is Ok(true)"
    );
    context.expect_none(&expected, problems)
}

fn forked(context: &mut Context, place: usize) -> Result {
    let group = context.group(&shape())?;
    let mut child = None;
    let held = at_call(place, group.members.clone(), true);
    let answer = context.ask_while((group.id, "SIGKILL"), held, |context, call| {
        let Some(pid) = held_at(context, call) else { return Ok(()) };
        // Who was killed together with the group before forks no more.
        if !context.snapshot()?.state(pid).is_live() {
            return Ok(());
        }
        let what = "a member that was forked while SIGKILL was sent";
        child = Some(context.bystander(what, Some(pid), Place::Parents, None)?);
        Ok(())
    })?;
    let snapshot = context.snapshot()?;
    let mut problems = missed(context, &snapshot, &group, libc::SIGKILL, 1);
    if let Some(pid) = child.filter(|&pid| snapshot.state(pid).is_live()) {
        problems.push(Problem::new(Symptom::Missed, context.sentence(&snapshot, pid)).of(pid));
    }
    problems.extend(unlike(&answer, true));
    context.expect_none("SIGKILL ends every member, also one that is forked meanwhile", problems)
}

fn leaderless(context: &mut Context, (name, signal, place): (&str, i32, usize)) -> Result {
    let mut group = context.group(&shape())?;
    let (id, mut is_gone) = (group.id, false);
    let answer = context.ask_while((id, name), at_call(place, vec![id], false), |context, call| {
        if held_at(context, call).is_some() {
            context.exit(id)?;
            context.reap(id)?;
            is_gone = true;
        }
        Ok(())
    })?;
    if is_gone {
        group.drop_leader();
    }
    let snapshot = context.snapshot()?;
    let mut problems = missed(context, &snapshot, &group, signal, 1);
    problems.extend(unlike(&answer, true));
    let expected = format!("each survivor receives {name}, and the answer is Ok(true): the group is live");
    context.expect_none(&expected, problems)
}

fn emptied(context: &mut Context, name: &str) -> Result {
    let group = context.group(&shape())?;
    let id = group.id;
    let mut has_exited = false;
    let at_signal = move |call: &SystemCall| call.sends() && call.target == Some(Target::Group(id));
    let answer = context.ask_while((id, name), at_signal, |context, call| {
        context.note(format!("the subject was held before {call}"));
        has_exited = true;
        context.make_exited(&group)
    })?;
    let wrong = (has_exited && answer == Ok(true)).then(|| answered(Some(AnswerKind::Exited), &answer));
    let problems: Problems = wrong.into_iter().collect();
    context
        .expect_none("Ok(false), exited, or Err: nobody was in the group when the signal was sent", problems)
}

/// Whether a call is that one among those that are meant for one of `pids` alone; with `sent`, among those
/// that send a signal.
fn at_call(place: usize, pids: Vec<u32>, sent: bool) -> impl Fn(&SystemCall) -> bool + Send + 'static {
    let seen = AtomicUsize::new(0);
    move |call| {
        let is_one = matches!(call.target, Some(Target::Process(pid)) if pids.contains(&pid));
        is_one && (call.sends() || !sent) && seen.fetch_add(1, Ordering::Relaxed) + 1 == place
    }
}

/// The process that a held call is meant for, which is told.
fn held_at(context: &mut Context, call: &SystemCall) -> Option<u32> {
    let Some(Target::Process(pid)) = call.target else { return None };
    context.note(format!("the subject was held before {call}"));
    Some(pid)
}

/// The group without that member.
fn without(group: &Group, pid: Option<u32>) -> Group {
    let mut rest = Group { members: Vec::new(), dispositions: Vec::new(), ..group.clone() };
    for (member, disposition) in group.iter().filter(|(member, _)| Some(*member) != pid) {
        rest.add(member, disposition);
    }
    rest
}
