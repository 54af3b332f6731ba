//! What holds while the subject's own means are taken away, and once they are back.
//!
//! They are taken from a subject that runs and has answered once, since many a program needs them to start,
//! and from a command only as far as it can still be started. One that breaks down for want of them has
//! answered `Err`.

use super::checks::{FOUR, WATCHABLE, answered, expect_err, missed, strange};
use super::partition::expect_answers;
use super::refused::{REFUSED, refused_group, without_permission};
use super::{Case, Need};
use crate::contract::{RECOVERS_AFTER_UNREACHABLE, REFUSED_IS_AN_ERROR, UNREACHABLE_IS_AN_ERROR};
use crate::harness::{Context, Group, Means, Problems, Result, Shape};
use crate::report::symptom::AnswerKind;
use crate::subject::wire::SignalResult;
use crate::testbed::protocol::Program;

const OWED: &str = "Ok(true) and every live member reached, or Err, whatever the subject lacks";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let lacking = Means::ALL.into_iter().map(|means| {
        Case::new(
            UNREACHABLE_IS_AN_ERROR,
            format!("without-{}", means.word()),
            format!(
                "{} Live groups, and survivors: `Ok(true)` and delivered, or `Err`, or no answer at all, and no other \
                 signal.",
                means.without()
            ),
            means.needs(),
            move |context| {
                let first = context.group(&Shape::alone())?;
                let groups = lack(context, means, &first)?;
                for (group, name, signal) in &groups {
                    let answer = context.ask_without(means, group.id, name)?;
                    expect_right(context, group, &answer, *signal)?;
                }
                let snapshot = context.snapshot()?;
                let problems = strange(context, &snapshot, &first, libc::SIGHUP);
                context.expect_none("a group that was asked for before receives nothing more", problems)
            },
        )
    });
    let again = Means::ALL.into_iter().filter(|means| means.can_be_given_back()).map(|means| {
        Case::new(
            RECOVERS_AFTER_UNREACHABLE,
            format!("{}-again", means.word()),
            format!("{} Then all is there again, and the same group, another and one that has exited are asked for.", means.without()),
            means.needs(),
            move |context| {
                let first = context.group(&Shape::alone())?;
                let groups = lack(context, means, &first)?;
                for (group, name, _) in &groups {
                    let _ = context.ask_without(means, group.id, name)?;
                }
                context.give_back(means)?;
                // Whoever relies on it starts it anew.
                if context.has_broken_down() {
                    return Ok(());
                }
                // Those that nobody can have killed meanwhile, and new ones.
                let unkilled = groups.into_iter().filter(|(_, _, signal)| *signal != libc::SIGKILL);
                let mut asked: Vec<_> = unkilled.map(|(group, ..)| (group, true)).collect();
                asked.push((context.group(&Shape::family())?, true));
                asked.push((context.exited_group(&Shape::alone())?, false));
                expect_answers(context, &asked, "everything is there again")
            },
        )
    });
    let refused = [Means::Tools, Means::Processes, Means::Descriptors, Means::Proc].map(|means| {
        Case::new(
            REFUSED_IS_AN_ERROR,
            format!("without-{}", means.word()),
            format!(
                "{} A group that may not be signalled is asked for: whoever looks at its members then, and \
                 cannot, must not take that for an exit.",
                means.without()
            ),
            &[means.needs(), &[Need::Refusal]].concat(),
            move |context| {
                let group = refused_group(context, &Shape::family())?;
                let held = without_permission(context, std::slice::from_ref(&group));
                context.start_with_means(means, held)?;
                let _ = context.ask(group.id, "SIGHUP")?;
                context.take_away(means)?;
                for (name, _) in FOUR {
                    let answer = context.ask_without(means, group.id, name)?;
                    expect_err(context, &answer, REFUSED)?;
                }
                Ok(())
            },
        )
    });
    let at_first = [Means::Tools, Means::Processes, Means::Proc].map(|means| {
        Case::new(
            RECOVERS_AFTER_UNREACHABLE,
            format!("no-{}-at-first", means.word()),
            format!(
                "{} So it is when the subject is first asked for a group, and for up to thirty calls. Then all is there, \
                 and a live group and one that has exited are asked for: nothing was learnt from the lack, or given up.",
                means.without()
            ),
            means.needs(),
            move |context| {
                let (live, exited) = (context.group(&Shape::family())?, context.exited_group(&Shape::alone())?);
                context.start_with_means(means, Program::default())?;
                // It runs when it has answered, and needs nothing of all that to reject a name.
                let _ = context.ask(live.id, "SIGFOO")?;
                context.take_away(means)?;
                let mut calls = 0;
                while context.another_round(calls, 6, 30) {
                    let _ = context.ask_without(means, live.id, WATCHABLE[calls % WATCHABLE.len()].0)?;
                    calls += 1;
                }
                context.give_back(means)?;
                // Whoever relies on it starts it anew.
                if context.has_broken_down() {
                    return Ok(());
                }
                expect_answers(context, &[(live, true), (exited, false)], "everything is there again")
            },
        )
    });
    lacking.chain(again).chain(refused).chain(at_first).collect()
}

/// Lets the subject answer once, for `first`, and takes `means` from it. Returns live groups to ask for, each
/// with a name. One that has exited would tell nothing: who answers `Ok(true)` for it most often does so
/// whatever the subject lacks.
fn lack(context: &mut Context, means: Means, first: &Group) -> Result<Vec<(Group, &'static str, i32)>> {
    context.start_with_means(means, Program::default())?;
    // Which answer that is, other cases judge.
    let _ = context.ask(first.id, "SIGHUP")?;
    let mut survivors = context.group(&Shape::family())?;
    context.end_leader(&mut survivors)?;
    let groups = vec![
        (context.group(&Shape::family())?, "SIGTERM", libc::SIGTERM),
        (survivors, "SIGINT", libc::SIGINT),
        (context.group(&Shape::family())?, "SIGKILL", libc::SIGKILL),
    ];
    context.take_away(means)?;
    Ok(groups)
}

/// Ends the case if the answer claims what is not so.
fn expect_right(context: &mut Context, group: &Group, answer: &SignalResult, signal: i32) -> Result {
    let snapshot = context.snapshot()?;
    let mut problems = match answer {
        Err(_) => Problems::default(),
        Ok(true) => missed(context, &snapshot, group, signal, 1),
        Ok(false) => [answered(Some(AnswerKind::Failed), answer)].into_iter().collect(),
    };
    problems.extend(strange(context, &snapshot, group, signal));
    context.expect_none(OWED, problems)
}
