//! `unreachable-is-an-error`: while the authority cannot be asked, nothing is claimed about a group.
//!
//! Nobody looks at what the groups receive: what was sent to a paused container may arrive when it goes on.

use super::{Case, connect, get_up};
use crate::cases::checks::FOUR;
use crate::harness::{Bed, Problem, Problems, SHOWN, Shape, Step, answer_text, question_text};
use crate::report::symptom::AnswerKind;
use crate::subject::wire::Question;

const WHY: &str = "the way to the groups is cut, so nobody can know whether the group lives";

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    let case = |own_name: &str, about: &str, run: fn(&mut Bed) -> Step| {
        super::case(format!("unreachable-is-an-error/{own_name}"), about, run)
    };
    let mut cases: Vec<_> = FOUR
        .into_iter()
        .map(|(name, _)| {
            super::case(
                format!("unreachable-is-an-error/{}", name.to_lowercase()),
                format!("{name} to a live group; the way is cut before the first call that needs it."),
                move |bed| {
                    let group = bed.group(&Shape::family())?;
                    get_up(bed)?;
                    bed.sever()?;
                    expect_errors(bed, &[Question::new(group.id, name)])
                },
            )
        })
        .collect();
    cases.extend([
        case("connected", "A live group that has been signalled before; then the way is cut.", |bed| {
            let group = bed.group(&Shape::family())?;
            bed.ask(group.id, "SIGHUP").map(drop)?;
            bed.sever()?;
            expect_errors(bed, &[Question::new(group.id, "SIGTERM")])
        }),
        case(
            "exited-group",
            "Groups that have exited before the way is cut, one of which was asked about before. The one may live \
             again: its id is free.",
            |bed| {
                let [known, unknown] =
                    [bed.exited_group(&Shape::family())?, bed.exited_group(&Shape::alone())?];
                connect(bed)?;
                bed.ask(known.id, "SIGTERM").map(drop)?;
                bed.sever()?;
                for group in [known, unknown] {
                    expect_errors(bed, &[Question::new(group.id, "SIGTERM")])?;
                }
                Ok(())
            },
        ),
        case("never-existed", "An id that no group has had.", |bed| {
            let id = bed.free_id()?;
            connect(bed)?;
            bed.sever()?;
            expect_errors(bed, &[Question::new(id, "SIGTERM")])
        }),
        case("again-and-again", "Three calls one after the other while the way is cut.", |bed| {
            let group = bed.group(&Shape::alone())?;
            connect(bed)?;
            bed.sever()?;
            (0..3).try_for_each(|_| expect_errors(bed, &[Question::new(group.id, "SIGINT")]))
        }),
        case("many-at-once", "Live and exited groups at once, from many callers.", |bed| {
            let mut questions = Vec::new();
            for (name, _) in FOUR {
                questions.push(Question::new(bed.group(&Shape::alone())?.id, name));
            }
            for _ in questions.len()..SHOWN {
                questions.push(Question::new(bed.exited_group(&Shape::alone())?.id, "SIGTERM"));
            }
            connect(bed)?;
            bed.sever()?;
            expect_errors(bed, &questions)
        }),
        case("cut-again", "The way is cut, restored, and cut once more.", |bed| {
            let group = bed.group(&Shape::alone())?;
            connect(bed)?;
            for _ in 0..2 {
                bed.sever()?;
                expect_errors(bed, &[Question::new(group.id, "SIGTERM")])?;
                bed.restore()?;
                connect(bed)?;
            }
            Ok(())
        }),
        case("unknown-name", "A name that is none of the four, for a live group and for an exited one.", |bed| {
            let groups = [bed.group(&Shape::alone())?, bed.exited_group(&Shape::alone())?];
            connect(bed)?;
            bed.sever()?;
            let asked = groups.map(|group| Question::new(group.id, "SIGTREM"));
            expect_errors(bed, &asked)
        }),
    ]);
    cases
}

/// Asks all of `questions` at once, and ends the case unless each answer is an `Err`.
fn expect_errors(bed: &mut Bed, questions: &[Question]) -> Step {
    let answers = bed.ask_all(questions, questions.len())?;
    let wrong = questions.iter().zip(answers).filter(|(_, answered)| answered.line.answer.is_ok());
    let problems: Problems = wrong
        .map(|(question, answered)| {
            let answer = &answered.line.answer;
            let text = format!("{} answered {}", question_text(question), answer_text(answer));
            Problem::answer(Some(AnswerKind::Failed), answer, text)
        })
        .collect();
    bed.expect_none(&format!("Err: {WHY}"), problems)
}
