//! What comes when the subject's standard input ends, and with it the subject: whom it was asked for once is
//! nothing that it must clean up.

use super::afterwards::ask_for_groups_that_stay;
use super::checks::{FOUR, WATCHABLE, continued, strange, touched_of};
use super::sent::{ask_and_look, look_again, sent_twice};
use super::{Case, Need};
use crate::contract::{
    DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL, REACHES_STOPPED_MEMBERS, SPARES_OTHER_GROUPS,
};
use crate::harness::{Context, Group, Lineage, Problems, Result, Shape};
use crate::testbed::protocol::{Disposition, Place, signal_name};

const OWN_NAME: &str = "when-the-input-ends";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            OWN_NAME,
            "SIGTERM, SIGINT and SIGHUP to a group each, which stays; then the subject's standard input \
             ends, and with it the subject: whom it was asked for once is nothing that it must clean up.",
            &[],
            |context| {
                let asked = ask_for_groups_that_stay(context, Disposition::Watches)?;
                end_input(context)?;
                expect_nothing_else(context, &asked)
            },
        ),
        when_it_is("terminated", libc::SIGTERM, "as when its user logs out"),
        when_it_is("interrupted", libc::SIGINT, "as by Ctrl-C"),
        when_it_is("hung-up", libc::SIGHUP, "as when its terminal is closed"),
        when_it_is("quit", libc::SIGQUIT, "as by Ctrl-\\"),
        Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            "when-nobody-reads-its-answers",
            "SIGTERM, SIGINT and SIGHUP to a group each, which stays; then whoever reads the subject's answers is \
             gone, so that the next one raises SIGPIPE: the groups are not its to end.",
            &[Need::StaysUp],
            |context| {
                let asked = ask_for_groups_that_stay(context, Disposition::Watches)?;
                let id = context.free_id()?;
                context.ask_without_reading(id, "SIGTERM")?;
                // Who is told that nothing more comes may leave the question.
                context.wait_for_latecomers();
                end_input(context)?;
                expect_nothing_else(context, &asked)
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            OWN_NAME,
            "Each of the four names to a group whose members stay or stay unreaped; then the subject's \
             standard input ends. What the subject sends is looked at until it has ended.",
            &[Need::Watch],
            |context| {
                let asked = FOUR.map(|(name, signal)| Ok((context.group(&Shape::family())?, name, signal)));
                let asked = asked.into_iter().collect::<Result<_>>()?;
                let asked = ask_and_look(context, asked, sent_twice)?;
                end_input(context)?;
                look_again(context, asked, sent_twice, "also when the subject ends")
            },
        ),
        Case::new(
            REACHES_STOPPED_MEMBERS,
            OWN_NAME,
            "SIGTERM, SIGINT and SIGHUP to stopped groups; then the subject's standard input ends: nobody is \
             continued by that, nor ended.",
            &[],
            |context| {
                let mut groups = Vec::new();
                for (name, _) in WATCHABLE {
                    let group = context.group(&Shape::family())?;
                    context.stop(&group)?;
                    let _ = context.ask(group.id, name)?;
                    groups.push(group);
                }
                end_input(context)?;
                let snapshot = context.snapshot()?;
                let problems: Vec<_> =
                    groups.iter().flat_map(|group| continued(context, &snapshot, group)).collect();
                context.expect_none("each member is still stopped when the subject has ended", problems)
            },
        ),
        Case::new(
            SPARES_OTHER_GROUPS,
            OWN_NAME,
            "Each of the four names to a group that exits then, and whose id another group has at once, and \
             to a process that leads no group; then the subject's standard input ends: nothing is sent to \
             who has the id by then, nor to who is in the subject's own group.",
            &[Need::ChosenIds],
            |context| {
                let host = context.group(&Shape::alone())?;
                context.start()?;
                let mut others = vec![host.id];
                others.extend(context.callers_mate());
                for (name, _) in FOUR {
                    let group = context.group(&Shape::alone().with(Lineage::Child))?;
                    let _ = context.ask(group.id, name)?;
                    context.make_exited(&group)?;
                    let what = "another group that has the id now";
                    others.push(context.bystander(what, None, Place::Own, Some(group.id))?);
                    let what = "a process that leads no group";
                    let member = context.bystander(what, None, Place::Of(host.id), None)?;
                    let _ = context.ask(member, name)?;
                    others.push(member);
                }
                let before = context.snapshot()?;
                end_input(context)?;
                let after = context.snapshot()?;
                let problems = touched_of(context, &others, &before, &after);
                context.expect_none("nobody is signalled, stopped or ended when the subject ends", problems)
            },
        ),
    ];
    let signals = [
        ("terminated", libc::SIGTERM),
        ("interrupted", libc::SIGINT),
        ("hung-up", libc::SIGHUP),
        ("quit", libc::SIGQUIT),
    ];
    cases.extend(signals.map(tells_nobody_when_it_is));
    cases
}

/// A case in which the subject itself is sent a signal after it was asked for groups that stay.
fn when_it_is(what: &str, signal: i32, as_when: &str) -> Case {
    let name = signal_name(signal);
    Case::new(
        DELIVERS_THE_NAMED_SIGNAL,
        format!("when-it-is-{what}"),
        format!(
            "SIGTERM, SIGINT and SIGHUP to a group each, which stays; then the subject itself is sent {name}, \
             {as_when}: the groups are not its to end."
        ),
        &[Need::StaysUp],
        move |context| {
            let asked = ask_for_groups_that_stay(context, Disposition::Watches)?;
            context.signal_subject(signal)?;
            // Whoever ignores that ends with its input.
            end_input(context)?;
            expect_nothing_else(context, &asked)
        },
    )
}

/// A case in which the subject itself is sent a signal, which is not its parent's.
fn tells_nobody_when_it_is((what, signal): (&str, i32)) -> Case {
    let name = signal_name(signal);
    Case::new(
        SPARES_OTHER_GROUPS,
        format!("when-it-is-{what}"),
        format!("The subject itself is sent {name}: it does not pass that on to its parent."),
        &[Need::StaysUp, Need::Means],
        move |context| {
            let group = context.group(&Shape::alone())?;
            let _ = context.ask(group.id, "SIGHUP")?;
            let parent: Vec<_> = context.parent().map(|parent| parent.pid).into_iter().collect();
            let before = context.snapshot()?;
            context.signal_subject(signal)?;
            // Whoever ignores that ends with its input.
            end_input(context)?;
            let after = context.snapshot()?;
            let problems = touched_of(context, &parent, &before, &after);
            context.expect_none("the subject's parent is not signalled, stopped or ended", problems)
        },
    )
}

fn expect_nothing_else(context: &mut Context, asked: &[(Group, i32)]) -> Result {
    let snapshot = context.snapshot()?;
    let others = |(group, signal): &(Group, i32)| strange(context, &snapshot, group, *signal);
    let problems: Problems = asked.iter().flat_map(others).collect();
    let expected =
        "the members receive the named signal and nothing else beside it, also when the subject ends";
    context.expect_none(expected, problems)
}

/// Ends the subject's standard input, and waits until it has ended, for as long as an answer may take.
fn end_input(context: &mut Context) -> Result {
    context.connection()?.end_input();
    context.note("ended the subject's standard input".to_owned());
    context.subject_state(context.settings().timeout).map(drop)
}
