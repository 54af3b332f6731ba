//! `recovers-after-unreachable`: once the way is restored, the same process of the subject works again.

use super::{Case, connect, get_up};
use crate::cases::checks::missed;
use crate::harness::{Bed, Group, Problems, Shape, Step, answer_text, question_text};
use crate::subject::wire::{Answer, Question};

/// How often each group is asked for. A subject may need a call that fails to notice that its connection is gone, or
/// a while before it tries again: the pauses between the tries double, and together take as long as an answer may.
const TRIES: u32 = 8;

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    let case = |own_name: &str, about: &str, run: fn(&mut Bed) -> Step| {
        super::case(format!("recovers-after-unreachable/{own_name}"), about, run)
    };
    vec![
        case(
            "asked-meanwhile",
            "The way is cut, a live group is asked for, and the way is restored.",
            |bed| {
                connect(bed)?;
                cut(bed, 1)?;
                expect_works(bed)
            },
        ),
        case("not-asked-meanwhile", "Nothing is asked while the way is cut.", |bed| {
            connect(bed)?;
            cut(bed, 0)?;
            expect_works(bed)
        }),
        case(
            "exited-group-first",
            "The first that is asked for after the cut is a group that has exited.",
            |bed| {
                connect(bed)?;
                cut(bed, 1)?;
                let group = bed.exited_group(&Shape::alone())?;
                expect(bed, &[(group, false)])?;
                expect_works(bed)
            },
        ),
        case("before-the-first-call", "The way is cut when the subject has never used it.", |bed| {
            get_up(bed)?;
            cut(bed, 1)?;
            expect_works(bed)
        }),
        case("two-cuts", "The way is cut twice, and the subject used after each.", |bed| {
            connect(bed)?;
            for asked in [1, 2] {
                cut(bed, asked)?;
                expect_works(bed)?;
            }
            Ok(())
        }),
        case("many-at-once", "Many ask at once while the way is cut, and many at once after that.", |bed| {
            connect(bed)?;
            cut(bed, 4)?;
            let mut groups = Vec::new();
            for _ in 0..3 {
                groups.push((bed.group(&Shape::alone())?, true));
                groups.push((bed.exited_group(&Shape::alone())?, false));
            }
            expect(bed, &groups)
        }),
    ]
}

/// Cuts the way and restores it. Meanwhile so many live groups are asked for at once; what is answered then, other
/// cases judge.
fn cut(bed: &mut Bed, asked: usize) -> Step {
    let mut questions = Vec::new();
    for _ in 0..asked {
        questions.push(Question::new(bed.group(&Shape::alone())?.id, "SIGINT"));
    }
    bed.sever()?;
    if asked > 0 {
        bed.ask_all(&questions, asked)?;
    }
    bed.restore()
}

/// Ends the case unless a live group is signalled and an exited one is reported. Both are new: what was asked during
/// the cut may arrive late at those that it was asked for.
fn expect_works(bed: &mut Bed) -> Step {
    let live = bed.group(&Shape::family())?;
    expect(bed, &[(live, true)])?;
    let exited = bed.exited_group(&Shape::alone())?;
    expect(bed, &[(exited, false)])
}

/// Asks for all `groups` at once, again for those of which the answer is `Err`, and ends the case unless each is said
/// to be live or not, as it is, and the live ones are signalled.
fn expect(bed: &mut Bed, groups: &[(Group, bool)]) -> Step {
    let mut open: Vec<_> = groups.iter().collect();
    let mut pause = bed.settings().timeout / (1 << (TRIES - 1));
    for tries in 1..=TRIES {
        let questions: Vec<_> = open.iter().map(|(group, _)| Question::new(group.id, "SIGTERM")).collect();
        let answers = bed.ask_all(&questions, questions.len())?;
        let (mut problems, mut late) = (Vec::new(), Vec::new());
        let mut still_open = Vec::new();
        for ((one, question), answered) in open.into_iter().zip(&questions).zip(answers) {
            let answer: Answer = answered.line.answer;
            let told = || format!("{} answered {}", question_text(question), answer_text(&answer));
            match &answer {
                Ok(live) if *live == one.1 => {}
                Err(_) if tries < TRIES => still_open.push(one),
                Err(_) => late.push(format!("{}, also at the try number {tries}", told())),
                Ok(_) => problems.push(told()),
            }
        }
        let owed = "the way is restored: Ok(true), delivered, for a live group, and Ok(false), exited, for one that has \
                    exited, at least when asked again";
        bed.expect_none(owed, problems)?;
        bed.expect_none_late(owed, late)?;
        open = still_open;
        if open.is_empty() {
            break;
        }
        bed.pause(pause);
        pause *= 2;
    }
    let scene = bed.look()?;
    let live = groups.iter().filter(|(_, live)| *live);
    let problems: Problems =
        live.flat_map(|(group, _)| missed(bed, &scene, group, libc::SIGTERM, 1)).collect();
    bed.expect_none("the way is restored, and every member receives SIGTERM", problems)
}
