//! What is answered for a group whose members have all exited and are not reaped.

use super::Case;
use super::checks::{FOUR, Made, answered, expect_answer};
use crate::contract::UNREAPED_IS_NOT_AN_ERROR;
use crate::harness::{Context, Need, Problems, Result, Session, Shape};
use crate::subject::wire::SignalResult;

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let shapes: [Made; 4] = [
        ("leader", "a leader alone", Shape::alone),
        ("family", "a leader and members of every kind", Shape::family),
        ("own-session", "a group whose leader leads its session", || Shape::family().session(Session::Own)),
        ("windows-session", "a group in a window's session", || Shape::family().session(Session::Windows)),
    ];
    let mut cases: Vec<_> = shapes
        .into_iter()
        .map(|(own_name, about, shape)| {
            Case::new(
                UNREAPED_IS_NOT_AN_ERROR,
                own_name,
                format!("All members of {about} have exited and none is reaped; each name, twice."),
                &[],
                move |context| {
                    let group = context.group(&shape())?;
                    context.end_all(&group)?;
                    for (name, _) in FOUR.into_iter().chain(FOUR) {
                        let answer = context.ask(group.id, name)?;
                        expect_no_error(context, &answer)?;
                    }
                    Ok(())
                },
            )
        })
        .collect();
    cases.push(Case::new(
        UNREAPED_IS_NOT_AN_ERROR,
        "survivors",
        "The leader is reaped, then the survivors exit and are not.",
        &[],
        |context| {
            let mut group = context.group(&Shape::family())?;
            context.end_leader(&mut group)?;
            context.end_all(&group)?;
            let answer = context.ask(group.id, "SIGTERM")?;
            expect_no_error(context, &answer)
        },
    ));
    cases.push(Case::new(
        UNREAPED_IS_NOT_AN_ERROR,
        "just-ended",
        "SIGKILL, and at once SIGTERM: the members may be on their way out, so that either answer is right.",
        &[],
        |context| {
            for _ in 0..8 {
                let group = context.group(&Shape::family())?;
                let _ = context.ask(group.id, "SIGKILL")?;
                let answer = context.ask(group.id, "SIGTERM")?;
                expect_any_ok(context, &answer)?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        UNREAPED_IS_NOT_AN_ERROR,
        "just-reaped",
        "All members have exited and are reaped, and kill(2) says EPERM once more, as Darwin's does for a moment: \
         each name for another group.",
        &[Need::Darwin, Need::Watch],
        |context| {
            context.start()?;
            for (name, _) in FOUR {
                let group = context.exited_group(&Shape::family())?;
                context.let_linger(&group)?;
                let answer = context.ask(group.id, name)?;
                let expected = "Ok(true) or Ok(false): every member has exited, and nobody refuses anything";
                let problems: Problems = answer.is_err().then(|| answered(None, &answer)).into_iter().collect();
                context.expect_none(expected, problems)?;
            }
            Ok(())
        },
    ));
    cases
}

fn expect_no_error(context: &mut Context, answer: &SignalResult) -> Result {
    if let Some(declared) = context.settings().declared.of_unreaped() {
        let why =
            "nothing went wrong, the members wait to be reaped, and the subject declares that it says so";
        return expect_answer(context, answer, declared, why);
    }
    expect_any_ok(context, answer)
}

fn expect_any_ok(context: &mut Context, answer: &SignalResult) -> Result {
    let problems: Problems = answer.is_err().then(|| answered(None, answer)).into_iter().collect();
    context.expect_none("Ok(true) or Ok(false): nothing went wrong, the members wait to be reaped", problems)
}
