//! `unreachable-is-an-error`: while the authority cannot be asked, nothing is claimed about a group.
//!
//! Nobody looks at what the groups receive: what was sent to a paused container may arrive when it goes on.

use super::{Case, connect, get_up};
use crate::cases::checks::FOUR;
use crate::contract::UNREACHABLE_IS_AN_ERROR;
use crate::harness::{Context, Problem, Problems, Result, SHOWN, Shape, answer_text, question_text};
use crate::report::symptom::AnswerKind;
use crate::subject::wire::Question;

const WHY: &str = "the link to the groups is cut, so nobody can know whether the group lives";

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    let case = |own_name: &str, about: &str, run: fn(&mut Context) -> Result| {
        super::case(UNREACHABLE_IS_AN_ERROR, own_name, about, run)
    };
    let mut cases: Vec<_> = FOUR
        .into_iter()
        .map(|(name, _)| {
            super::case(
                UNREACHABLE_IS_AN_ERROR,
                name.to_lowercase(),
                format!("{name} to a live group; the link is cut before the first call that needs it."),
                move |context| {
                    let group = context.group(&Shape::family())?;
                    get_up(context)?;
                    context.sever()?;
                    expect_errors(context, &[Question::new(group.id, name)])
                },
            )
        })
        .collect();
    cases.extend([
        case("connected", "A live group that has been signalled before; then the link is cut.", |context| {
            let group = context.group(&Shape::family())?;
            context.ask(group.id, "SIGHUP").map(drop)?;
            context.sever()?;
            expect_errors(context, &[Question::new(group.id, "SIGTERM")])
        }),
        case(
            "exited-group",
            "Groups that have exited before the link is cut, one of which was asked about before. The one \
             may live again: its id is free.",
            |context| {
                let [known, unknown] =
                    [context.exited_group(&Shape::family())?, context.exited_group(&Shape::alone())?];
                connect(context)?;
                context.ask(known.id, "SIGTERM").map(drop)?;
                context.sever()?;
                for group in [known, unknown] {
                    expect_errors(context, &[Question::new(group.id, "SIGTERM")])?;
                }
                Ok(())
            },
        ),
        case("never-existed", "An id that no group has had.", |context| {
            let id = context.free_id()?;
            connect(context)?;
            context.sever()?;
            expect_errors(context, &[Question::new(id, "SIGTERM")])
        }),
        case("again-and-again", "Three calls one after the other while the link is cut.", |context| {
            let group = context.group(&Shape::alone())?;
            connect(context)?;
            context.sever()?;
            (0..3).try_for_each(|_| expect_errors(context, &[Question::new(group.id, "SIGINT")]))
        }),
        case("many-at-once", "Live and exited groups at once, from many callers.", |context| {
            let mut questions = Vec::new();
            for (name, _) in FOUR {
                questions.push(Question::new(context.group(&Shape::alone())?.id, name));
            }
            for _ in questions.len()..SHOWN {
                questions.push(Question::new(context.exited_group(&Shape::alone())?.id, "SIGTERM"));
            }
            connect(context)?;
            context.sever()?;
            expect_errors(context, &questions)
        }),
        case("cut-again", "The link is cut, restored, and cut once more.", |context| {
            let group = context.group(&Shape::alone())?;
            connect(context)?;
            for _ in 0..2 {
                context.sever()?;
                expect_errors(context, &[Question::new(group.id, "SIGTERM")])?;
                context.restore()?;
                connect(context)?;
            }
            Ok(())
        }),
        case(
            "unknown-name",
            "A name that is none of the four, for a live group and for an exited one.",
            |context| {
                let groups = [context.group(&Shape::alone())?, context.exited_group(&Shape::alone())?];
                connect(context)?;
                context.sever()?;
                let asked = groups.map(|group| Question::new(group.id, "SIGTREM"));
                expect_errors(context, &asked)
            },
        ),
    ]);
    cases
}

/// Asks all of `questions` at once, and ends the case unless each answer is an `Err`.
fn expect_errors(context: &mut Context, questions: &[Question]) -> Result {
    let answers = context.ask_all(questions, questions.len())?;
    let wrong = questions.iter().zip(answers).filter(|(_, answered)| answered.line.answer.is_ok());
    let problems: Problems = wrong
        .map(|(question, answered)| {
            let answer = &answered.line.answer;
            let text = format!("{} answered {}", question_text(question), answer_text(answer));
            Problem::answer(Some(AnswerKind::Failed), answer, text)
        })
        .collect();
    context.expect_none(&format!("Err: {WHY}"), problems)
}
