//! Names beyond the four that the subject declares: what holds of the four holds of them.

use super::checks::{
    continued, expect_answer, expect_err, expect_no_leader, expect_refused, missed, surplus,
};
use super::refused::{REFUSED, refused_group, start_refused};
use super::{Case, Need};
use crate::contract::{
    DELIVERS_ONCE, MEMBER_IS_NOT_LEADER, NAMES_ARE_EXACT, NEVER_EXISTED_IS_EXITED, OUTLIVES_THE_LEADER,
    REACHES_STOPPED_MEMBERS, REFUSED_IS_AN_ERROR, REPORTS_EXITED, Requirement,
};
use crate::harness::{Context, Result, Shape};
use crate::subject::wire::Question;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    vec![
        case(
            OUTLIVES_THE_LEADER,
            "Its leader has exited and is reaped.",
            &[Need::ToldNames],
            |context, name, signal| {
                let mut group = context.group(&Shape::family())?;
                context.end_leader(&mut group)?;
                let answer = context.ask(group.id, name)?;
                expect_answer(context, &answer, true, "survivors are live members")?;
                let snapshot = context.snapshot()?;
                let problems = missed(context, &snapshot, &group, signal, 1);
                context.expect_none(&format!("each survivor receives {name}"), problems)
            },
        ),
        case(REACHES_STOPPED_MEMBERS, "It is stopped.", &[Need::ToldNames], |context, name, _| {
            let group = context.group(&Shape::family())?;
            context.stop(&group)?;
            let answer = context.ask(group.id, name)?;
            expect_answer(context, &answer, true, "stopped members are live")?;
            let snapshot = context.snapshot()?;
            context.expect_none("each member is still stopped", continued(context, &snapshot, &group))
        }),
        case(
            DELIVERS_ONCE,
            "It is live, and looked at a moment later, too.",
            &[Need::ToldNames],
            |context, name, signal| {
                let group = context.group(&Shape::family())?;
                let _ = context.ask(group.id, name)?;
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                let problems = surplus(context, &snapshot, &group, signal, 1);
                context.expect_none(&format!("every member receives {name} exactly once"), problems)
            },
        ),
        case(MEMBER_IS_NOT_LEADER, "The pid is a member's.", &[Need::ToldNames], |context, name, _| {
            let group = context.group(&Shape::family())?;
            expect_no_leader(context, group.members[1], name)
        }),
        case(REPORTS_EXITED, "It has exited.", &[], |context, name, _| {
            let group = context.exited_group(&Shape::family())?;
            let answer = context.ask(group.id, name)?;
            expect_answer(context, &answer, false, "the group has exited")
        }),
        case(NEVER_EXISTED_IS_EXITED, "There never was one.", &[], |context, name, _| {
            let id = context.free_id()?;
            let answer = context.ask(id, name)?;
            expect_answer(context, &answer, false, "no process is in such a group")
        }),
        case(REFUSED_IS_AN_ERROR, "It may not be signalled.", &[Need::Refusal], |context, name, _| {
            let group = refused_group(context, &Shape::family())?;
            start_refused(context, std::slice::from_ref(&group))?;
            let answer = context.ask(group.id, name)?;
            expect_err(context, &answer, REFUSED)
        }),
        case(
            NAMES_ARE_EXACT,
            "The name itself is cut, extended, in small letters, without SIG, or a number.",
            &[],
            |context, name, signal| {
                let group = context.group(&Shape::family())?;
                let short = name.trim_start_matches("SIG");
                let edited = [
                    name.to_lowercase(),
                    short.to_owned(),
                    short.to_lowercase(),
                    signal.to_string(),
                    format!("{name} "),
                    format!(" {name}"),
                    format!("{name}X"),
                    name[..name.len() - 1].to_owned(),
                ];
                let declared = context.settings().declared.clone();
                let edited = edited.into_iter().filter(|edited| !declared.takes(edited));
                let questions: Vec<_> = edited.map(|edited| Question::new(group.id, edited)).collect();
                expect_refused(context, &questions, "that is no name that the subject declares")
            },
        ),
    ]
}

/// A case that is tried with the first declared name by which members can tell what they received, if there is one, or
/// else with the first.
fn case(
    requirement: &'static Requirement,
    about: &str,
    needs: &[Need],
    run: fn(&mut Context, &str, i32) -> Result,
) -> Case {
    Case::new(
        requirement,
        "declared-name",
        format!("A group is asked for by a name beyond the four that the subject declares. {about}"),
        &[&[Need::DeclaredNames], needs].concat(),
        move |context| {
            let declared = &context.settings().declared;
            let signal = declared.observable_signals().chain(declared.signals()).next();
            signal.map_or(Ok(()), |signal| run(context, signal.as_str(), signal as i32))
        },
    )
}
