//! `leaves-the-caller-alone` and `describes-itself`: the process in which `signal` runs.

use crate::cases::checks::FOUR;
use crate::cases::refused::{refused_group, start_refused};
use crate::cases::{Case, Need};
use crate::contract::{DESCRIBES_ITSELF, LEAVES_THE_CALLER_ALONE};
use crate::harness::{Context, Lineage, Problems, Result, Shape};
use crate::subject::wire::Question;
use crate::testbed::protocol::Disposition;

/// The cases of these requirements.
pub fn cases() -> Vec<Case> {
    let mut cases = left_alone();
    cases.extend(describes());
    cases
}

fn left_alone() -> Vec<Case> {
    let here = &[Need::RustSubject];
    let dangerous = &[Need::RustSubject, Need::Sandbox];
    let refused = &[Need::RustSubject, Need::Refusal];
    vec![
        watched("live", "for a live group", here, |context| Ok(vec![context.group(&Shape::family())?.id])),
        watched("dying", "for groups that the signal ends", here, |context| {
            FOUR.iter().map(|_| Ok(context.group(&Shape::family().all(Disposition::Dies))?.id)).collect()
        }),
        watched("exited", "for a group that has exited, and for an id that no group has", here, |context| {
            Ok(vec![context.exited_group(&Shape::alone())?.id, context.free_id()?])
        }),
        watched("unreaped", "for a group whose members have exited and are not reaped", here, |context| {
            let group = context.group(&Shape::family())?;
            context.end_all(&group)?;
            Ok(vec![group.id])
        }),
        watched("stopped", "for a stopped group", here, |context| {
            let group = context.group(&Shape::alone().with(Lineage::Child))?;
            context.stop(&group)?;
            Ok(vec![group.id])
        }),
        watched("survivors", "for a group whose leader is gone", here, |context| {
            let mut group = context.group(&Shape::family())?;
            context.end_leader(&mut group)?;
            Ok(vec![group.id])
        }),
        watched("member", "for the pid of a process that leads no group", here, |context| {
            Ok(vec![context.group(&Shape::family())?.members[1]])
        }),
        watched("refused", "for a group that may not be signalled", refused, |context| {
            let group = refused_group(context, &Shape::family())?;
            start_refused(context, std::slice::from_ref(&group))?;
            Ok(vec![group.id])
        }),
        watched("no-leader-pid", "for the leader pids 0, 1 and above 2147483647", dangerous, |_| {
            Ok(vec![0, 1, 1 << 31, u32::MAX])
        }),
        Case::new(
            LEAVES_THE_CALLER_ALONE,
            "unknown-name",
            "Unknown names, for a live group and for one that has exited.",
            here,
            |context| {
                let ids = [context.group(&Shape::alone())?.id, context.exited_group(&Shape::alone())?.id];
                for name in ["SIGFOO", "SIGUSR1", "SIGCHLD", "sigterm", "15", "", "SIGTERM\0"] {
                    for id in ids {
                        expect_unchanged(context, id, name)?;
                    }
                }
                Ok(())
            },
        ),
        Case::new(
            LEAVES_THE_CALLER_ALONE,
            "again-and-again",
            "Up to two hundred calls in turn for a live group, an exited one and with an unknown name.",
            here,
            |context| {
                let live = context.group(&Shape::alone().with(Lineage::Child))?.id;
                let gone = context.exited_group(&Shape::alone())?.id;
                let calls = [(live, "SIGHUP"), (gone, "SIGTERM"), (live, "SIGFOO"), (gone, "SIGKILL")];
                for (done, (id, name)) in calls.iter().cycle().enumerate() {
                    if !context.another_round(done, 12, 200) {
                        break;
                    }
                    expect_unchanged(context, *id, name)?;
                }
                Ok(())
            },
        ),
    ]
}

/// A case that watches the caller while each of the four names is sent to each group that `make` makes.
fn watched(
    own_name: &str,
    about: &str,
    needs: &[Need],
    make: impl Fn(&mut Context) -> Result<Vec<u32>> + Send + Sync + 'static,
) -> Case {
    Case::new(
        LEAVES_THE_CALLER_ALONE,
        own_name,
        format!("Each of the four names {about}; the calling process is looked at before and after."),
        needs,
        move |context| {
            let ids = make(context)?;
            for (name, _) in FOUR {
                for id in &ids {
                    expect_unchanged(context, *id, name)?;
                }
            }
            Ok(())
        },
    )
}

fn expect_unchanged(context: &mut Context, leader_pid: u32, name: &str) -> Result {
    let question = Question { watch_caller: true, ..Question::new(leader_pid, name) };
    let changed = context.ask_question(question)?.line.changed;
    context.expect_none("the calling process is after the call as it was before", changed)
}

fn describes() -> Vec<Case> {
    vec![
        Case::new(
            DESCRIBES_ITSELF,
            "fresh",
            "The Debug form of a signaller that was not asked yet, and of one that was.",
            &[Need::RustSubject],
            |context| {
                expect_described(context)?;
                let live = context.group(&Shape::alone())?.id;
                for (name, _) in FOUR {
                    let _ = context.ask(live, name)?;
                    expect_described(context)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DESCRIBES_ITSELF,
            "after-a-failure",
            "The Debug form after calls that were refused by name and for permission, and for an exited group.",
            &[Need::RustSubject],
            |context| {
                let gone = context.exited_group(&Shape::alone())?.id;
                for (id, name) in [(gone, "SIGFOO"), (gone, ""), (gone, "SIGTERM")] {
                    let _ = context.ask(id, name)?;
                    expect_described(context)?;
                }
                Ok(())
            },
        ),
        Case::new(
            DESCRIBES_ITSELF,
            "meanwhile",
            "The Debug form while calls are under way on other threads: no lock that they hold is waited for.",
            &[Need::RustSubject],
            |context| {
                let gone = context.free_id()?;
                let questions: Vec<_> = (0..32)
                    .map(|index| Question { describe: index % 2 == 0, ..Question::new(gone, "SIGTERM") })
                    .collect();
                let answers = context.ask_all(&questions, 8)?;
                let texts: Vec<_> = questions
                    .iter()
                    .zip(answers)
                    .filter(|(question, _)| question.describe)
                    .map(|(_, answered)| answered.line.answer.err().unwrap_or_default())
                    .collect();
                expect_text(context, &texts)
            },
        ),
    ]
}

fn expect_described(context: &mut Context) -> Result {
    let answered = context.ask_question(Question { describe: true, ..Question::default() })?;
    expect_text(context, &[answered.line.answer.err().unwrap_or_default()])
}

fn expect_text(context: &mut Context, texts: &[String]) -> Result {
    let empty = texts.iter().filter(|text| text.trim().is_empty());
    let problems: Problems = empty.take(1).map(|text| format!("format!(\"{{:?}}\") gave {text:?}")).collect();
    context.expect_none("a Debug form that says something", problems)
}
