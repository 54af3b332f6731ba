//! `sees-a-reused-pid`: the answer is about the group that has the id now.

use crate::cases::checks::{FOUR, missed, unlike};
use crate::cases::{Case, Need};
use crate::harness::{Bed, Group, Kin, Problems, Session, Shape, Step, Stop, answer_text};
use crate::subject::wire::{Answer, Question};
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
            |bed, id| {
                for named in FOUR.into_iter().take(3) {
                    bed.exited_group(&Shape::alone().at(id))?;
                    let _ = bed.ask(id, "SIGTERM")?;
                    let group = bed.group(&Shape::alone().at(id).with(Kin::Child))?;
                    expect_live(bed, &group, named)?;
                    bed.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused("never-asked-between", "Signalled, gone and back again before the next call.", |bed, id| {
            for (name, signal) in FOUR {
                let group = bed.group(&Shape::alone().at(id).with(Kin::Child))?;
                expect_live(bed, &group, (name, signal))?;
                bed.make_exited(&group)?;
            }
            Ok(())
        }),
        reused("killed-by-the-subject", "The subject itself ended the group that had the id.", |bed, id| {
            for _ in 0..3 {
                let group = bed.group(&Shape::alone().at(id).with(Kin::Child))?;
                let _ = bed.ask(id, "SIGKILL")?;
                bed.make_exited(&group)?;
                let _ = bed.ask(id, "SIGKILL")?;
                let group = bed.group(&Shape::alone().at(id).with(Kin::Child))?;
                expect_live(bed, &group, ("SIGTERM", libc::SIGTERM))?;
                bed.make_exited(&group)?;
            }
            Ok(())
        }),
        reused(
            "unreaped-reaped-reused",
            "Asked for while live, while unreaped, while exited, and once the id came back.",
            |bed, id| {
                for _ in 0..2 {
                    let group = bed.group(&Shape::family().at(id))?;
                    let _ = bed.ask(id, "SIGTERM")?;
                    bed.end_all(&group)?;
                    let _ = bed.ask(id, "SIGTERM")?;
                    bed.make_exited(&group)?;
                    let _ = bed.ask(id, "SIGTERM")?;
                    let group = bed.group(&Shape::family().at(id))?;
                    expect_live(bed, &group, ("SIGHUP", libc::SIGHUP))?;
                    bed.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "of-another-make",
            "The group that comes back is in another session, and its command has another name.",
            |bed, id| {
                bed.exited_group(&Shape::alone().at(id))?;
                for (session, name) in
                    [(Session::Own, "other"), (Session::Windows, "third"), (Session::Callers, "fourth")]
                {
                    let _ = bed.ask(id, "SIGTERM")?;
                    let group = bed.group(
                        &Shape::alone()
                            .with(Kin::Child)
                            .with(Kin::Orphan)
                            .session(session)
                            .named(name)
                            .at(id),
                    )?;
                    expect_live(bed, &group, ("SIGINT", libc::SIGINT))?;
                    bed.make_exited(&group)?;
                }
                Ok(())
            },
        ),
        reused(
            "after-many-answers",
            "The id is asked for up to a hundred times while no group has it; then it comes back.",
            |bed, id| {
                bed.exited_group(&Shape::alone().at(id))?;
                let mut calls = 0;
                while bed.another_round(calls, 12, 100) {
                    let _ = bed.ask(id, FOUR[calls % FOUR.len()].0)?;
                    calls += 1;
                }
                let group = bed.group(&Shape::alone().at(id).with(Kin::Child))?;
                expect_live(bed, &group, ("SIGTERM", libc::SIGTERM))
            },
        ),
        reused("id-of-a-member", "The id was the pid of a member that led no group.", |bed, id| {
            let host = bed.group(&Shape::alone())?;
            let member = bed.bystander("a member of that group", None, Place::Of(host.id), Some(id))?;
            let _ = bed.ask(id, "SIGTERM")?;
            bed.exit(member)?;
            bed.reap(member)?;
            let group = bed.group(&Shape::alone().at(id).with(Kin::Child))?;
            expect_live(bed, &group, ("SIGTERM", libc::SIGTERM))
        }),
    ]
}

fn others() -> Vec<Case> {
    vec![
        reused("many-ids", "Fifteen ids, asked for in turn before and after they came back.", |bed, _| {
            let ids = many_exited(bed)?;
            for id in &ids {
                let _ = bed.ask(*id, "SIGTERM")?;
            }
            for id in ids {
                let group = bed.group(&Shape::alone().at(id))?;
                expect_live(bed, &group, ("SIGTERM", libc::SIGTERM))?;
            }
            Ok(())
        }),
        reused("at-once", "Fifteen ids, asked for at once before and after they came back.", |bed, _| {
            let ids = many_exited(bed)?;
            let questions: Vec<_> = ids.iter().map(|id| Question::new(*id, "SIGTERM")).collect();
            bed.ask_all(&questions, 8)?;
            let groups: Vec<_> =
                ids.iter().map(|id| bed.group(&Shape::alone().at(*id))).collect::<Result<_, _>>()?;
            let answers = bed.ask_all(&questions, 8)?;
            let scene = bed.look()?;
            let mut problems = Problems::default();
            for (group, answered) in groups.iter().zip(answers) {
                let fault = unlike(&answered.line.answer, true);
                problems.extend(
                    fault.into_iter().map(|fault| fault.told(|text| format!("for {} {text}", group.id))),
                );
                problems.extend(missed(bed, &scene, group, libc::SIGTERM, 1));
            }
            bed.expect_none(&format!("Ok(true) for each, and each received it: {BACK}"), problems)
        }),
        reused(
            "now-a-member",
            "The pid came back as a process that leads no group: the old group is not meant by it, nor that process.",
            |bed, id| {
                let host = bed.group(&Shape::alone())?;
                let group = bed.group(&Shape::alone().at(id))?;
                let _ = bed.ask(id, "SIGTERM")?;
                bed.make_exited(&group)?;
                let member =
                    bed.bystander("a process that leads no group", None, Place::Of(host.id), Some(id))?;
                let answer = bed.ask(id, "SIGTERM")?;
                let scene = bed.look()?;
                let mut problems = unlike(&answer, false);
                if !scene.signals(member).is_empty() {
                    problems.push(bed.sentence(&scene, member));
                }
                bed.expect_none(
                    "Ok(false): the pid came back, but not as a leader's; it receives nothing",
                    problems,
                )
            },
        ),
    ]
}

/// A case about an id. It is skipped if the subject is wrong about ids that nobody had before.
fn reused(own_name: &str, about: &str, run: impl Fn(&mut Bed, u32) -> Step + Send + Sync + 'static) -> Case {
    Case::new(format!("sees-a-reused-pid/{own_name}"), about, &[Need::ChosenIds], move |bed| {
        let fresh = bed.group(&Shape::alone().with(Kin::Child))?;
        let answer = bed.ask(fresh.id, "SIGTERM")?;
        let scene = bed.look()?;
        if answer != Ok(true) || !missed(bed, &scene, &fresh, libc::SIGTERM, 1).is_empty() {
            return Err(Stop::Skip(format!(
                "the subject answered {} for a group whose id nobody had before, and that it should have signalled: \
                 nothing can be learned of ids that come back",
                answer_text(&answer)
            )));
        }
        let id = bed.free_id()?;
        run(bed, id)
    })
}

fn many_exited(bed: &mut Bed) -> Step<Vec<u32>> {
    (0..15).map(|_| Ok(bed.exited_group(&Shape::alone())?.id)).collect()
}

/// Asks for a live group, and expects that it is delivered to.
fn expect_live(bed: &mut Bed, group: &Group, (name, signal): (&str, i32)) -> Step {
    let answer: Answer = bed.ask(group.id, name)?;
    let scene = bed.look()?;
    let mut problems = unlike(&answer, true);
    problems.extend(missed(bed, &scene, group, signal, 1));
    bed.expect_none(&format!("Ok(true), and {name} was received: {BACK}"), problems)
}
