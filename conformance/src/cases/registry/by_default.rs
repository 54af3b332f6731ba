//! Made by default, a registry signals groups of this machine.

use crate::cases::Case;
use crate::cases::checks::{FOUR, missed, touched, unlike};
use crate::harness::{Problems, Shape, answer_text};

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, signal) in FOUR {
        cases.push(Case::new(
            format!("default-is-local/{}", name.to_lowercase()),
            format!("{name} through a registry made by default reaches every member of two live groups."),
            &[],
            move |bed| {
                let groups = [bed.group(&Shape::family())?, bed.group(&Shape::alone())?];
                bed.default_registry()?;
                bed.register_all(&[(groups[0].id, "family"), (groups[1].id, "alone")])?;
                let cycle = bed.signal_all(name)?;
                let scene = bed.look()?;
                let mut problems = Problems::default();
                for group in &groups {
                    problems.extend(missed(bed, &scene, group, signal, 1));
                    problems
                        .extend(cycle.answer(group.id).into_iter().flat_map(|answer| unlike(answer, true)));
                }
                let expected =
                    format!("every member of both groups has received {name}, and the answer is Ok(true)");
                bed.expect_none(&expected, problems)
            },
        ));
    }
    cases.extend([
        Case::new(
            "default-is-local/exited",
            "A group of this machine that has exited is said to have, beside a live one.",
            &[],
            |bed| {
                let exited = bed.exited_group(&Shape::alone())?;
                let live = bed.group(&Shape::alone())?;
                bed.default_registry()?;
                bed.register_all(&[(exited.id, "exited"), (live.id, "live")])?;
                let cycle = bed.signal_all("SIGTERM")?;
                let answer = cycle.answer(exited.id);
                let problems: Problems =
                    answer.into_iter().flat_map(|answer| unlike(answer, false)).collect();
                bed.expect_none("Ok(false): the local signaller finds no process in the group", problems)
            },
        ),
        Case::new(
            "default-is-local/bad-name",
            "A name that the local signaller does not know is an error, and reaches nobody.",
            &[],
            |bed| {
                let group = bed.group(&Shape::alone())?;
                bed.start()?;
                let before = bed.look()?;
                bed.default_registry()?;
                bed.register(group.id, "live")?;
                let cycle = bed.signal_all("SIGTREM")?;
                let after = bed.look()?;
                let mut problems = touched(bed, &before, &after, &[]);
                if let Some(answer @ Ok(_)) = cycle.answer(group.id) {
                    problems.push(format!("it answered {}", answer_text(answer)));
                }
                bed.expect_none("Err, and no process received anything", problems)
            },
        ),
    ]);
    cases
}
