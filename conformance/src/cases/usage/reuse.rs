//! `sees-a-reused-pid`: the answer is about the group that has the id now.

use crate::cases::checks::{FOUR, missed, start_with_cap_kill, unlike};
use crate::cases::{Case, Need};
use crate::contract::SEES_A_REUSED_PID;
use crate::harness::{Abort, Context, Group, Lineage, Problems, Result, Session, Shape, answer_text};
use crate::subject::wire::{Question, SignalResult};
use crate::testbed::protocol::Place;

const BACK: &str = "the id came back: a live group has it now";

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    let mut cases = groups();
    cases.extend(others());
    cases
}

fn groups() -> Vec<Case> {
    vec![
        reused(
            "asked-while-exited",
            "Asked for while no group has the id; three times in a row.",
            |context, id| {
                for named in FOUR.into_iter().take(3) {
                    context.exited_group(&Shape::alone().at(id))?;
                    let _ = context.ask(id, "SIGTERM")?;
                    let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                    expect_live(context, &group, named)?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "never-asked-between",
            "Signalled, gone and back again before the next call.",
            |context, id| {
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                    expect_live(context, &group, (name, signal))?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "killed-by-the-subject",
            "The subject itself ended the group that had the id.",
            |context, id| {
                for _ in 0..3 {
                    let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                    let _ = context.ask(id, "SIGKILL")?;
                    context.make_exited(&group)?;
                    let _ = context.ask(id, "SIGKILL")?;
                    let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                    expect_live(context, &group, ("SIGTERM", libc::SIGTERM))?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "unreaped-reaped-reused",
            "Asked for while live, while unreaped, while exited, and once the id came back.",
            |context, id| {
                for _ in 0..2 {
                    let group = context.group(&Shape::family().at(id))?;
                    let _ = context.ask(id, "SIGTERM")?;
                    context.end_all(&group)?;
                    let _ = context.ask(id, "SIGTERM")?;
                    context.make_exited(&group)?;
                    let _ = context.ask(id, "SIGTERM")?;
                    let group = context.group(&Shape::family().at(id))?;
                    expect_live(context, &group, ("SIGHUP", libc::SIGHUP))?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "survivors-have-it",
            "The subject kills a group, and is asked for it once more. A group that has the id then outlives \
             its leader, so that no process has that pid any more.",
            |context, id| {
                for named in FOUR.into_iter().take(2) {
                    let group = context.group(&Shape::alone().at(id))?;
                    let _ = context.ask(id, "SIGKILL")?;
                    context.make_exited(&group)?;
                    let _ = context.ask(id, "SIGTERM")?;
                    let mut group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, named)?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "survivors-of-a-stranger",
            "Asked for while no group has the id; then a group that the subject never knew has it, and outlives its \
             leader, so that no process has that pid.",
            |context, id| {
                for named in FOUR {
                    let _ = context.ask(id, named.0)?;
                    let mut group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                    context.end_leader(&mut group)?;
                    expect_live(context, &group, named)?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "of-another-make",
            "The group that comes back is in another session, and its command has another name.",
            |context, id| {
                context.exited_group(&Shape::alone().at(id))?;
                for (session, name) in
                    [(Session::Own, c"other"), (Session::Windows, c"third"), (Session::Callers, c"fourth")]
                {
                    let _ = context.ask(id, "SIGTERM")?;
                    let group = context.group(
                        &Shape::alone()
                            .with(Lineage::Child)
                            .with(Lineage::Orphan)
                            .session(session)
                            .named(name)
                            .at(id),
                    )?;
                    expect_live(context, &group, ("SIGINT", libc::SIGINT))?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "after-many-answers",
            "The id is asked for up to a hundred times while no group has it; then it comes back.",
            |context, id| {
                context.exited_group(&Shape::alone().at(id))?;
                let mut calls = 0;
                while context.another_round(calls, 12, 100) {
                    let _ = context.ask(id, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                }
                let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                expect_live(context, &group, ("SIGTERM", libc::SIGTERM))
            },
        ),
        reused("id-of-a-member", "The id was the pid of a member that led no group.", |context, id| {
            let host = context.group(&Shape::alone())?;
            let member = context.bystander("a member of that group", None, Place::Of(host.id), Some(id))?;
            let _ = context.ask(id, "SIGTERM")?;
            context.exit(member)?;
            context.reap(member)?;
            let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
            expect_live(context, &group, ("SIGTERM", libc::SIGTERM))
        }),
    ]
}

fn others() -> Vec<Case> {
    vec![
        Case::new(
            SEES_A_REUSED_PID,
            "of-another-user",
            "The group that comes back is another user's, whom the subject may signal.",
            &[Need::ChosenIds, Need::RightAlone, Need::OtherUser],
            |context| {
                start_with_cap_kill(context)?;
                let id = id_for_the_right(context)?;
                for named in FOUR {
                    let group = context.group(&Shape::alone().at(id))?;
                    let _ = context.ask(id, "SIGTERM")?;
                    context.make_exited(&group)?;
                    let _ = context.ask(id, "SIGTERM")?;
                    let group = context.group(&Shape::alone().at(id).with(Lineage::Child).all_others())?;
                    expect_live(context, &group, named)?;
                    context.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        without_permission(
            "was-refused-before",
            "A group that may not be signalled has the id, and is asked for a dozen times; then one that may be.",
            |context, id| {
                let group = context.group(&Shape::alone().at(id).all_others())?;
                for calls in 0..12 {
                    let _ = context.ask(id, FOUR[calls % FOUR.len()].0)?;
                }
                context.make_exited(&group)?;
                let group = context.group(&Shape::alone().at(id).with(Lineage::Child))?;
                expect_live(context, &group, ("SIGTERM", libc::SIGTERM))
            },
        ),
        reused(
            "many-ids",
            "Fifteen ids, asked for in turn before and after they came back.",
            |context, _| {
                let ids = many_exited(context)?;
                for id in &ids {
                    let _ = context.ask(*id, "SIGTERM")?;
                }
                for id in ids {
                    let group = context.group(&Shape::alone().at(id))?;
                    expect_live(context, &group, ("SIGTERM", libc::SIGTERM))?;
                }
                Ok(())
            },
        ),
        reused("at-once", "Fifteen ids, asked for at once before and after they came back.", |context, _| {
            let ids = many_exited(context)?;
            let questions: Vec<_> = ids.iter().map(|id| Question::new(*id, "SIGTERM")).collect();
            context.ask_all(&questions, 8)?;
            let groups: Vec<_> =
                ids.iter().map(|id| context.group(&Shape::alone().at(*id))).collect::<Result<_, _>>()?;
            let answers = context.ask_all(&questions, 8)?;
            let snapshot = context.snapshot()?;
            let mut problems = Problems::default();
            for (group, answered) in groups.iter().zip(answers) {
                let fault = unlike(&answered.line.answer, true);
                problems.extend(
                    fault.into_iter().map(|fault| fault.mapped(|text| format!("for {} {text}", group.id))),
                );
                problems.extend(missed(context, &snapshot, group, libc::SIGTERM, 1));
            }
            context.expect_none(&format!("Ok(true) for each, and each received it: {BACK}"), problems)
        }),
        reused(
            "now-a-member",
            "The pid came back as a process that leads no group: the old group is not meant by it, nor that process.",
            |context, id| {
                let host = context.group(&Shape::alone())?;
                let group = context.group(&Shape::alone().at(id))?;
                let _ = context.ask(id, "SIGTERM")?;
                context.make_exited(&group)?;
                let member =
                    context.bystander("a process that leads no group", None, Place::Of(host.id), Some(id))?;
                let answer = context.ask(id, "SIGTERM")?;
                let snapshot = context.snapshot()?;
                let mut problems = Problems::default();
                if answer == Ok(true) {
                    problems.extend(unlike(&answer, false));
                }
                if !snapshot.signals(member).is_empty() {
                    problems.push(context.sentence(&snapshot, member));
                }
                context.expect_none(
                    "Ok(false) or Err: the pid came back, but not as a leader's; it receives nothing",
                    problems,
                )
            },
        ),
    ]
}

/// A case about an id. It is skipped if the subject is wrong about ids that nobody had before.
fn reused(
    own_name: &str,
    about: &str,
    run: impl Fn(&mut Context, u32) -> Result + Send + Sync + 'static,
) -> Case {
    Case::new(SEES_A_REUSED_PID, own_name, about, &[Need::ChosenIds, Need::RightAlone], move |context| {
        let id = id_for_the_right(context)?;
        run(context, id)
    })
}

/// [`reused`] for a subject that may not signal other users.
fn without_permission(
    own_name: &str,
    about: &str,
    run: impl Fn(&mut Context, u32) -> Result + Send + Sync + 'static,
) -> Case {
    let needs = [Need::ChosenIds, Need::RightAlone, Need::SomeRefused];
    Case::new(SEES_A_REUSED_PID, own_name, about, &needs, move |context| {
        context.start_without_cap_kill()?;
        let id = id_for_the_right(context)?;
        run(context, id)
    })
}

/// An id that no group has, for a subject that is right about ids that nobody had before.
fn id_for_the_right(context: &mut Context) -> Result<u32> {
    let fresh = context.group(&Shape::alone().with(Lineage::Child))?;
    let answer = context.ask(fresh.id, "SIGTERM")?;
    let snapshot = context.snapshot()?;
    if answer != Ok(true) || !missed(context, &snapshot, &fresh, libc::SIGTERM, 1).is_empty() {
        let answer = answer_text(&answer);
        return Err(Abort::Lacks(
            Need::RightAlone,
            format!("it answered {answer} for a live group whose id nobody had before"),
        ));
    }
    context.free_id()
}

fn many_exited(context: &mut Context) -> Result<Vec<u32>> {
    (0..15).map(|_| Ok(context.exited_group(&Shape::alone())?.id)).collect()
}

/// Asks for a live group, and expects that it is delivered to.
fn expect_live(context: &mut Context, group: &Group, (name, signal): (&str, i32)) -> Result {
    let answer: SignalResult = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    let mut problems = unlike(&answer, true);
    problems.extend(missed(context, &snapshot, group, signal, 1));
    context.expect_none(&format!("Ok(true), and {name} was received: {BACK}"), problems)
}
