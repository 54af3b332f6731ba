//! What reaches the members of the group: once a call, and that signal and no other.

use super::checks::{FOUR, SESSIONS, WATCHABLE, expect_answer, expect_once, missed, strange, surplus};
use super::{Case, Need};
use crate::contract::{DELIVERS_ONCE, DELIVERS_THE_NAMED_SIGNAL};
use crate::harness::{Lineage, Problems, Shape};
use crate::testbed::protocol::Disposition;

const ONCE: &str = "every member receives the signal exactly once a call, also a moment later";
const THAT_SIGNAL: &str = "the members receive the named signal and nothing else beside it";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = once();
    cases.extend(that_signal());
    cases
}

fn once() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in WATCHABLE {
        cases.push(Case::new(
            DELIVERS_ONCE,
            name.to_lowercase(),
            format!(
                "{name} three times to a group with members of every kind, which take each before the \
                 subject's next step: two sends could not coalesce unseen."
            ),
            &[],
            move |context| {
                let group = context.group(&Shape::family())?;
                context.let_members_go_first()?;
                for _ in 0..3 {
                    let _ = context.ask(group.id, name)?;
                }
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                context
                    .expect_none(&format!("{ONCE}: 3 {name}"), surplus(context, &snapshot, &group, signal, 3))
            },
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            DELIVERS_ONCE,
            own_name,
            format!(
                "One call a name to a group {about}: nobody receives it twice by being found in two ways."
            ),
            &[],
            move |context| {
                let group = context.group(&Shape::family().session(session))?;
                expect_once(context, &group, ONCE)
            },
        ));
    }
    cases.extend([
        Case::new(
            DELIVERS_ONCE,
            "survivors",
            "One call to a group whose leader is gone: the survivors receive it once.",
            &[],
            |context| {
                let mut group = context.group(&Shape::family())?;
                context.end_leader(&mut group)?;
                context.let_members_go_first()?;
                let _ = context.ask(group.id, "SIGTERM")?;
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                context.expect_none(ONCE, surplus(context, &snapshot, &group, libc::SIGTERM, 1))
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "catching-members",
            "The members catch the signal with a handler, as shells and servers do.",
            &[],
            |context| {
                let group = context.group(&Shape::family().all(Disposition::Catches))?;
                context.let_members_go_first()?;
                let _ = context.ask(group.id, "SIGHUP")?;
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                context.expect_none(ONCE, surplus(context, &snapshot, &group, libc::SIGHUP, 1))
            },
        ),
        Case::new(
            DELIVERS_ONCE,
            "again-and-again",
            "The same group is signalled up to two hundred times: the members count as many signals as calls.",
            &[],
            |context| {
                let group = context.group(&Shape::alone().with(Lineage::Child))?;
                context.let_members_go_first()?;
                let mut calls = 0;
                while context.another_round(calls, 25, 200) {
                    let _ = context.ask(group.id, "SIGINT")?;
                    calls += 1;
                    let snapshot = context.snapshot()?;
                    let problems = surplus(context, &snapshot, &group, libc::SIGINT, calls);
                    context.expect_none(&format!("{ONCE}: {calls} SIGINT after {calls} calls"), problems)?;
                }
                context.wait_for_latecomers();
                let snapshot = context.snapshot()?;
                let problems = surplus(context, &snapshot, &group, libc::SIGINT, calls);
                context.expect_none(&format!("{ONCE}: {calls} SIGINT after {calls} calls"), problems)
            },
        ),
    ]);
    cases
}

fn that_signal() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in FOUR {
        cases.push(Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            name.to_lowercase(),
            format!(
                "{name} to groups whose members watch, catch and die: it is that signal, and the only one."
            ),
            &[],
            move |context| {
                for disposition in [Disposition::Watches, Disposition::Catches, Disposition::Dies] {
                    let group = context.group(&Shape::family().all(disposition))?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    context.expect_none(THAT_SIGNAL, strange(context, &snapshot, &group, signal))?;
                    context.wait_for_latecomers();
                    let snapshot = context.snapshot()?;
                    context.expect_none(THAT_SIGNAL, strange(context, &snapshot, &group, signal))?;
                }
                Ok(())
            },
        ));
    }
    for (own_name, session, about) in SESSIONS {
        cases.push(Case::new(
            DELIVERS_THE_NAMED_SIGNAL,
            own_name,
            format!("Each of the four to a group {about}."),
            &[],
            move |context| {
                for (name, signal) in FOUR {
                    let group = context.group(&Shape::family().session(session))?;
                    let _ = context.ask(group.id, name)?;
                    let snapshot = context.snapshot()?;
                    context.expect_none(THAT_SIGNAL, strange(context, &snapshot, &group, signal))?;
                }
                Ok(())
            },
        ));
    }
    cases.push(Case::new(
        DELIVERS_THE_NAMED_SIGNAL,
        "survivors",
        "Each of the four to a group whose leader is gone.",
        &[],
        |context| {
            for (name, signal) in FOUR {
                let mut group = context.group(&Shape::family())?;
                context.end_leader(&mut group)?;
                let _ = context.ask(group.id, name)?;
                let snapshot = context.snapshot()?;
                context.expect_none(THAT_SIGNAL, strange(context, &snapshot, &group, signal))?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        DELIVERS_THE_NAMED_SIGNAL,
        "declared-names",
        "Each name that the subject declares beyond the four is delivered as that signal.",
        &[Need::DeclaredNames],
        |context| {
            let declared: Vec<_> = context.settings().declared.signals().collect();
            for signal in declared {
                let group = context.group(&Shape::family())?;
                let answer = context.ask(group.id, signal.as_str())?;
                expect_answer(
                    context,
                    &answer,
                    true,
                    "the subject declares this name, and the group is live",
                )?;
                let snapshot = context.snapshot()?;
                let mut problems = missed(context, &snapshot, &group, signal as i32, 1);
                problems.extend(strange(context, &snapshot, &group, signal as i32));
                context.expect_none(THAT_SIGNAL, problems)?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        DELIVERS_THE_NAMED_SIGNAL,
        "in-any-order",
        "Up to two hundred calls with the names in a random order: no call sends another call's signal.",
        &[],
        |context| {
            let group = context.group(&Shape::alone().with(Lineage::Child))?;
            let mut sent = [0; WATCHABLE.len()];
            let mut calls = 0;
            while context.another_round(calls, 25, 200) {
                let choice = context.rng().usize(..WATCHABLE.len());
                let _ = context.ask(group.id, WATCHABLE[choice].0)?;
                sent[choice] += 1;
                calls += 1;
                let snapshot = context.snapshot()?;
                let wrong = |(&(_, signal), &times): (&(&str, i32), &usize)| {
                    surplus(context, &snapshot, &group, signal, times)
                };
                let mut problems: Problems = WATCHABLE.iter().zip(&sent).flat_map(wrong).collect();
                let others = |signal: &i32| !WATCHABLE.iter().any(|(_, known)| known == signal);
                let strangers = group.members.iter().filter(|&&pid| snapshot.signals(pid).iter().any(others));
                problems.extend(strangers.map(|&pid| context.sentence(&snapshot, pid)));
                context.expect_none(THAT_SIGNAL, problems)?;
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        DELIVERS_THE_NAMED_SIGNAL,
        "one-name-many-times",
        "SIGTERM, SIGINT and SIGHUP to a group each, and to survivors, up to fifty times in a row: who asks often \
         wants no other signal.",
        &[],
        |context| {
            for (name, signal) in WATCHABLE {
                let group = context.group(&Shape::family())?;
                let mut survivors = context.group(&Shape::family())?;
                context.end_leader(&mut survivors)?;
                for id in [group.id, survivors.id] {
                    let mut calls = 0;
                    while context.another_round(calls, 12, 50) {
                        let _ = context.ask(id, name)?;
                        calls += 1;
                    }
                }
                let snapshot = context.snapshot()?;
                let mut problems = strange(context, &snapshot, &group, signal);
                problems.extend(strange(context, &snapshot, &survivors, signal));
                context.expect_none(THAT_SIGNAL, problems)?;
            }
            Ok(())
        },
    ));
    cases
}
