//! Names: the four, exactly as they are written, and nothing else.

mod commands;
pub(crate) mod edits;
mod exact;
mod first;
pub(crate) mod lists;
mod message;
pub(crate) mod spellings;
mod unknown;

use super::Case;
use super::checks::{FOUR, expect_nothing_late, expect_refused};
use crate::harness::{Context, Group, Lineage, Result, Settings, Shape};
use crate::report::text::quoted_name;
use crate::subject::wire::Question;
use crate::testbed::protocol::Disposition;

/// The longest name that stands whole in a sentence, in characters.
const LONGEST: usize = 80;
/// A name that nobody has a reason to know.
const MADE_UP: &str = "SIGFOO";

/// The cases of this family.
pub fn cases() -> Vec<Case> {
    let families = [unknown::cases(), exact::cases(), first::cases(), commands::cases(), message::cases()];
    families.into_iter().flatten().collect()
}

/// Whether the subject must refuse that name, and it can be brought to it. The only place that knows which
/// names it may take.
pub(crate) fn is_wrong(settings: &Settings, name: &str) -> bool {
    let is_unknown = FOUR.iter().all(|(known, _)| *known != name) && !settings.declared.takes(name);
    // A program's arguments hold no NUL.
    let can_be_passed = settings.subject.form.stays_up() || !name.contains('\0');
    is_unknown && can_be_passed
}

/// Those of `names` that the subject must refuse and that can be brought to it.
pub(crate) fn unknown(context: &Context, names: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    names.into_iter().map(Into::into).filter(|name| is_wrong(context.settings(), name)).collect()
}

/// A group on which nothing that reaches it stays unseen: its leader watches, members catch and die of
/// signals.
pub(crate) fn witnesses(context: &mut Context) -> Result<Group> {
    context.group(
        &Shape::alone()
            .with_disposition(Lineage::Child, Disposition::Dies)
            .with_disposition(Lineage::Orphan, Disposition::Catches),
    )
}

/// Asks for the group with each of `names`, one after the other, and ends the case unless each is refused and
/// nobody hears of it. A slow subject is asked with as many as there is time for, but with `least`.
fn expect_all_refused(
    context: &mut Context,
    group: &Group,
    names: impl IntoIterator<Item = impl Into<String>>,
    least: usize,
) -> Result {
    expect_all_refused_at_once(context, group, names, 1, least)
}

/// [`expect_all_refused`], so many at once.
fn expect_all_refused_at_once(
    context: &mut Context,
    group: &Group,
    names: impl IntoIterator<Item = impl Into<String>>,
    at_once: usize,
    least: usize,
) -> Result {
    context.start()?;
    let before = context.snapshot()?;
    let names = unknown(context, names);
    let why = |names: &[String]| match names {
        [name] => format!("{} is none of the four names", quoted_name(name, LONGEST)),
        _ => "these are none of the four names".to_owned(),
    };
    for (done, batch) in names.chunks(at_once).enumerate() {
        if !context.another_round(done * at_once, least, names.len()) {
            break;
        }
        let questions: Vec<_> = batch.iter().map(|name| Question::new(group.id, name)).collect();
        expect_refused(context, &questions, &why(batch))?;
    }
    expect_nothing_late(context, &before, "none of these is one of the four names")
}
