//! Made by default, a registry signals groups of this machine.

use crate::cases::Case;
use crate::cases::checks::{FOUR, missed, touched, unlike};
use crate::contract::DEFAULT_IS_LOCAL;
use crate::harness::{Problems, Shape, answer_text};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in FOUR {
        cases.push(Case::new(
            DEFAULT_IS_LOCAL,
            name.to_lowercase(),
            format!("{name} through a registry made by default reaches every member of two live groups."),
            &[],
            move |context| {
                let groups = [context.group(&Shape::family())?, context.group(&Shape::alone())?];
                context.default_registry()?;
                context.register_all(&[(groups[0].id, "family"), (groups[1].id, "alone")])?;
                let cycle = context.signal_all(name)?;
                let snapshot = context.snapshot()?;
                let mut problems = Problems::default();
                for group in &groups {
                    problems.extend(missed(context, &snapshot, group, signal, 1));
                    problems
                        .extend(cycle.answer(group.id).into_iter().flat_map(|answer| unlike(answer, true)));
                }
                let expected =
                    format!("every member of both groups has received {name}, and the answer is Ok(true)");
                context.expect_none(&expected, problems)
            },
        ));
    }
    cases.extend([
        Case::new(
            DEFAULT_IS_LOCAL,
            "exited",
            "A group of this machine that has exited is said to have, beside a live one.",
            &[],
            |context| {
                let exited = context.exited_group(&Shape::alone())?;
                let live = context.group(&Shape::alone())?;
                context.default_registry()?;
                context.register_all(&[(exited.id, "exited"), (live.id, "live")])?;
                let cycle = context.signal_all("SIGTERM")?;
                let answer = cycle.answer(exited.id);
                let problems: Problems =
                    answer.into_iter().flat_map(|answer| unlike(answer, false)).collect();
                context.expect_none("Ok(false): the local signaller finds no process in the group", problems)
            },
        ),
        Case::new(
            DEFAULT_IS_LOCAL,
            "bad-name",
            "A name that the local signaller does not know is an error, and reaches nobody.",
            &[],
            |context| {
                let group = context.group(&Shape::alone())?;
                context.start()?;
                let before = context.snapshot()?;
                context.default_registry()?;
                context.register(group.id, "live")?;
                let cycle = context.signal_all("SIGTREM")?;
                let after = context.snapshot()?;
                let mut problems = touched(context, &before, &after, &[]);
                if let Some(answer @ Ok(_)) = cycle.answer(group.id) {
                    problems.push(format!("it answered {}", answer_text(answer)));
                }
                context.expect_none("Err, and no process received anything", problems)
            },
        ),
    ]);
    cases
}
