//! `names-are-exact`: no other spelling of the four is taken.

use super::edits::edited;
use super::spellings::{SPELLINGS, Spell, numbers};
use super::{expect_all_refused, expect_all_refused_at_once, witnesses};
use crate::cases::checks::thousand_calls;
use crate::cases::checks::{FOUR, expect_refused};
use crate::cases::{Case, Need};
use crate::contract::NAMES_ARE_EXACT;
use crate::harness::{Result, SHOWN};
use crate::subject::wire::Question;

/// The cases of this requirement.
pub fn cases() -> Vec<Case> {
    let mut cases: Vec<_> =
        SPELLINGS.into_iter().map(|(own_name, about, spell)| list(own_name, about, spell)).collect();
    cases.push(Case::new(
        NAMES_ARE_EXACT,
        "numbers",
        "The signal's number, in every notation that a parser could take; also 0, and exit statuses.",
        // A minus before a number could reach a `kill` program as a target.
        &[Need::Sandbox],
        |context| try_spellings(context, numbers),
    ));
    cases.push(Case::new(
        NAMES_ARE_EXACT,
        "edited",
        "Up to four hundred spellings that differ from one of the four by one to three random changes.",
        &[],
        |context| {
            let group = witnesses(context)?;
            let names: Vec<_> = (0..400).map(|_| edited(context.rng())).collect();
            expect_all_refused_at_once(context, &group, names, SHOWN, 2 * SHOWN)
        },
    ));
    cases.push(Case::new(
        NAMES_ARE_EXACT,
        "between-exact",
        "Other spellings in turn with the names themselves: what was taken before opens no door.",
        &[],
        |context| {
            let group = witnesses(context)?;
            let gone = context.free_id()?;
            for (done, (name, _)) in FOUR.iter().cycle().take(12).enumerate() {
                if context.another_round(done, 6, 12) {
                    let _ = context.ask(gone, name)?;
                    let other = match done % 3 {
                        0 => name.to_lowercase(),
                        1 => name[3..].to_owned(),
                        _ => format!("{name} "),
                    };
                    let why = format!("{other:?} is not {name}");
                    expect_refused(context, &[Question::new(group.id, other)], &why)?;
                }
            }
            Ok(())
        },
    ));
    cases.push(Case::new(
        NAMES_ARE_EXACT,
        "after-a-thousand-calls",
        "After a thousand calls with an exact name, other spellings are still refused.",
        &[],
        |context| {
            let group = witnesses(context)?;
            thousand_calls(context)?;
            for name in ["sigterm", "TERM", "SIGTERM ", "SIGTERM\n"] {
                expect_refused(
                    context,
                    &[Question::new(group.id, name)],
                    &format!("{name:?} is not SIGTERM"),
                )?;
            }
            Ok(())
        },
    ));
    cases
}

fn list(own_name: &str, about: &str, spell: Spell) -> Case {
    Case::new(
        NAMES_ARE_EXACT,
        own_name,
        format!("{about} Each is refused, and nobody receives anything."),
        &[],
        move |context| try_spellings(context, spell),
    )
}

/// Tries each way to spell, first with one of the four names, then with all of them as long as there is time.
fn try_spellings(context: &mut crate::harness::Context, spell: Spell) -> Result {
    let group = witnesses(context)?;
    let spelled = FOUR.map(|(name, signal)| spell(name, signal));
    let ways = spelled.iter().map(Vec::len).max().unwrap_or(0);
    let turn = context.rng().usize(..FOUR.len());
    let in_turn = (0..FOUR.len()).flat_map(|round| (0..ways).map(move |way| (way, way + round + turn)));
    let names: Vec<_> =
        in_turn.filter_map(|(way, whose)| spelled[whose % FOUR.len()].get(way).cloned()).collect();
    expect_all_refused(context, &group, names, ways)
}
