//! `names-are-never-commands`: nothing in a name reaches a shell, an option parser or a file name.

use super::{MADE_UP, unknown, witnesses};
use crate::cases::checks::{expect_nothing_late, touched, unlike_err};
use crate::cases::{Case, Need};
use crate::contract::NAMES_ARE_NEVER_COMMANDS;
use crate::harness::{Context, Group, Problems, Result};
use crate::report::text::quoted_name;
use marks::Marks;

mod lists;
mod marks;

/// The longest name that stands whole in a sentence, in characters.
const LONGEST: usize = 160;
/// Names that are wrong in a plain way: a subject that takes one of them takes others without running them.
const PLAIN: [&str; 3] = [MADE_UP, "SIGTERMX", "SIGTERM.x"];

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    lists::LISTS
        .into_iter()
        .map(|(own_name, about, names)| {
            Case::new(
                NAMES_ARE_NEVER_COMMANDS,
                own_name,
                format!("{about} Each is refused, nobody receives anything, and no file appears."),
                // A name that is run may signal anybody.
                &[Need::Sandbox],
                move |context| try_all(context, names),
            )
        })
        .collect()
}

/// Tries each name, and looks for its traces: an answer that is no `Err`, a signal, a file.
fn try_all(context: &mut Context, names: &[&str]) -> Result {
    let group = witnesses(context)?;
    let takes_plain = takes_plain(context, &group)?;
    let marks = Marks::new(context)?;
    let before = context.snapshot()?;
    for name in unknown(context, names.iter().map(|name| marks.fill(name, group.id))) {
        expect_no_trace(context, &group, &name, &marks, takes_plain)?;
    }
    let why = "no name is a command, an option or a file";
    if !takes_plain {
        expect_nothing_late(context, &before, why)?;
    }
    let problems = marks.found(context)?;
    context.expect_none(&format!("no file appears, also a moment later: {why}"), problems)
}

/// Whether the subject takes a name that is wrong in a plain way: then an answer says nothing about commands.
fn takes_plain(context: &mut Context, group: &Group) -> Result<bool> {
    context.start()?;
    let before = context.snapshot()?;
    let mut taken = false;
    for name in PLAIN {
        taken |= context.ask(group.id, name)?.is_ok();
    }
    let after = context.snapshot()?;
    Ok(taken || !touched(context, &before, &after, &[]).is_empty())
}

fn expect_no_trace(
    context: &mut Context,
    group: &Group,
    name: &str,
    marks: &Marks,
    takes_plain: bool,
) -> Result {
    let before = context.snapshot()?;
    let asked = context.ask(group.id, name);
    let mut problems = Problems::from(marks.found(context)?);
    if !takes_plain {
        problems.extend(asked.as_ref().map(unlike_err).unwrap_or_default());
        let after = context.snapshot()?;
        problems.extend(touched(context, &before, &after, &[]));
    }
    let name = quoted_name(name, LONGEST);
    context.expect_none(
        &format!("Err, nothing delivered and no file made: {name} is text, not to be run"),
        problems,
    )?;
    asked.map(drop)
}
