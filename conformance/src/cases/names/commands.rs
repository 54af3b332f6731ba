//! `names-are-never-commands`: nothing in a name reaches a shell, an option parser or a file name.

use super::{MADE_UP, unknown, witnesses};
use crate::cases::checks::{expect_nothing_late, touched, unlike_err};
use crate::cases::{Case, Need};
use crate::harness::{Bed, Group, Problems, Step};
use crate::report::text::quoted;
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
                format!("names-are-never-commands/{own_name}"),
                format!("{about} Each is refused, nobody receives anything, and no file appears."),
                // A name that is run may signal anybody.
                &[Need::Sandbox],
                move |bed| try_all(bed, names),
            )
        })
        .collect()
}

/// Tries each name, and looks for its traces: an answer that is no `Err`, a signal, a file.
fn try_all(bed: &mut Bed, names: &[&str]) -> Step {
    let group = witnesses(bed)?;
    let takes_plain = takes_plain(bed, &group)?;
    let marks = Marks::new(bed)?;
    let before = bed.look()?;
    for name in unknown(bed, names.iter().map(|name| marks.fill(name, group.id))) {
        expect_no_trace(bed, &group, &name, &marks, takes_plain)?;
    }
    let why = "no name is a command, an option or a file";
    if !takes_plain {
        expect_nothing_late(bed, &before, why)?;
    }
    let problems = marks.found(bed)?;
    bed.expect_none(&format!("no file appears, also a moment later: {why}"), problems)
}

/// Whether the subject takes a name that is wrong in a plain way: then an answer says nothing about commands.
fn takes_plain(bed: &mut Bed, group: &Group) -> Step<bool> {
    bed.start()?;
    let before = bed.look()?;
    let mut taken = false;
    for name in PLAIN {
        taken |= bed.ask(group.id, name)?.is_ok();
    }
    let after = bed.look()?;
    Ok(taken || !touched(bed, &before, &after, &[]).is_empty())
}

fn expect_no_trace(bed: &mut Bed, group: &Group, name: &str, marks: &Marks, takes_plain: bool) -> Step {
    let before = bed.look()?;
    let asked = bed.ask(group.id, name);
    let mut problems = Problems::from(marks.found(bed)?);
    if !takes_plain {
        problems.extend(asked.as_ref().map(unlike_err).unwrap_or_default());
        let after = bed.look()?;
        problems.extend(touched(bed, &before, &after, &[]));
    }
    let name = quoted(name, LONGEST);
    bed.expect_none(
        &format!("Err, nothing delivered and no file made: {name} is text, not to be run"),
        problems,
    )?;
    asked.map(drop)
}
