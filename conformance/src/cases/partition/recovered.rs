//! `recovers-after-unreachable`: once the way is restored, the same process of the subject works again.

use super::{Case, connect, get_up};
use crate::cases::checks::missed;
use crate::contract::RECOVERS_AFTER_UNREACHABLE;
use crate::harness::{Context, Group, Problem, Problems, Result, Shape, answer_text, question_text};
use crate::report::symptom::AnswerKind;
use crate::subject::wire::{Question, SignalResult};

/// How often each group is asked for. A subject may need a call that fails to notice that its connection is
/// gone, or a while before it tries again: the pauses between the tries double, and together take as long as
/// an answer may.
const TRIES: u32 = 8;

const RESTORED: &str = "the link is restored";

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    let case = |own_name: &str, about: &str, run: fn(&mut Context) -> Result| {
        super::case(RECOVERS_AFTER_UNREACHABLE, own_name, about, run)
    };
    vec![
        case(
            "asked-meanwhile",
            "The link is cut, a live group is asked for, and the link is restored.",
            |context| {
                connect(context)?;
                cut(context, 1)?;
                expect_works(context)
            },
        ),
        case("not-asked-meanwhile", "Nothing is asked while the link is cut.", |context| {
            connect(context)?;
            cut(context, 0)?;
            expect_works(context)
        }),
        case(
            "exited-group-first",
            "The first that is asked for after the cut is a group that has exited.",
            |context| {
                connect(context)?;
                cut(context, 1)?;
                let group = context.exited_group(&Shape::alone())?;
                expect(context, &[(group, false)], RESTORED)?;
                expect_works(context)
            },
        ),
        case("before-the-first-call", "The link is cut when the subject has never used it.", |context| {
            get_up(context)?;
            cut(context, 1)?;
            expect_works(context)
        }),
        case("two-cuts", "The link is cut twice, and the subject used after each.", |context| {
            connect(context)?;
            for asked in [1, 2] {
                cut(context, asked)?;
                expect_works(context)?;
            }
            Ok(())
        }),
        case(
            "many-at-once",
            "Many ask at once while the link is cut, and many at once after that.",
            |context| {
                connect(context)?;
                cut(context, 4)?;
                let mut groups = Vec::new();
                for _ in 0..3 {
                    groups.push((context.group(&Shape::alone())?, true));
                    groups.push((context.exited_group(&Shape::alone())?, false));
                }
                expect(context, &groups, RESTORED)
            },
        ),
    ]
}

/// Cuts the way and restores it. Meanwhile so many live groups are asked for at once; what is answered then,
/// other cases judge.
fn cut(context: &mut Context, asked: usize) -> Result {
    let mut questions = Vec::new();
    for _ in 0..asked {
        questions.push(Question::new(context.group(&Shape::alone())?.id, "SIGINT"));
    }
    context.sever()?;
    if asked > 0 {
        context.ask_all(&questions, asked)?;
    }
    context.restore()
}

/// Ends the case unless a live group is signalled and an exited one is reported. Both are new: what was asked
/// during the cut may arrive late at those that it was asked for.
fn expect_works(context: &mut Context) -> Result {
    let live = context.group(&Shape::family())?;
    expect(context, &[(live, true)], RESTORED)?;
    let exited = context.exited_group(&Shape::alone())?;
    expect(context, &[(exited, false)], RESTORED)
}

/// Asks for all `groups` at once, again for those of which the answer is `Err`, and ends the case unless each
/// is said to be live or not, as it is, and the live ones are signalled. `since` says why that is owed.
pub fn expect(context: &mut Context, groups: &[(Group, bool)], since: &str) -> Result {
    let mut open: Vec<_> = groups.iter().collect();
    let mut pause = context.settings().timeout / (1 << (TRIES - 1));
    for tries in 1..=TRIES {
        let questions: Vec<_> = open.iter().map(|(group, _)| Question::new(group.id, "SIGTERM")).collect();
        let answers = context.ask_all(&questions, questions.len())?;
        let (mut problems, mut late) = (Vec::new(), Vec::new());
        let mut still_open = Vec::new();
        for ((one, question), answered) in open.into_iter().zip(&questions).zip(answers) {
            let answer: SignalResult = answered.line.answer;
            let told = || format!("{} answered {}", question_text(question), answer_text(&answer));
            let wrong = |text| Problem::answer(Some(AnswerKind::of(&Ok(one.1))), &answer, text);
            match &answer {
                Ok(live) if *live == one.1 => {}
                Err(_) if tries < TRIES => still_open.push(one),
                Err(_) => late.push(wrong(format!("{}, even at try {tries}", told()))),
                Ok(_) => problems.push(wrong(told())),
            }
        }
        let owed = format!(
            "{since}: Ok(true), delivered, for a live group, and Ok(false), exited, for one that has exited, \
             at least when asked again"
        );
        context.expect_none(&owed, problems)?;
        context.expect_none_late(&owed, late)?;
        open = still_open;
        if open.is_empty() {
            break;
        }
        context.pause(pause);
        pause *= 2;
    }
    let snapshot = context.snapshot()?;
    let live = groups.iter().filter(|(_, live)| *live);
    let problems: Problems =
        live.flat_map(|(group, _)| missed(context, &snapshot, group, libc::SIGTERM, 1)).collect();
    context.expect_none(&format!("{since}, and every member receives SIGTERM"), problems)
}
