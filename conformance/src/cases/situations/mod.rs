//! The situations that real systems bring about, each tried with every requirement that it matters to.

mod adopted;
mod changed;
mod frozen;
mod hidden;
mod nested;
mod not_yet;
mod passed_on;
mod refusing;
mod succession;
mod terminal;
mod threads;
mod traced;

use super::Case;
use super::checks::{expect_answer, missed};
use crate::harness::{Context, Group, Result};

const LIVE: &str = "the group has a live member";

/// The cases of all situations.
pub fn cases() -> Vec<Case> {
    let situations = [
        threads::cases(),
        hidden::cases(),
        adopted::cases(),
        frozen::cases(),
        traced::cases(),
        nested::cases(),
        not_yet::cases(),
        changed::cases(),
        refusing::cases(),
        passed_on::cases(),
        succession::cases(),
        terminal::cases(),
    ];
    situations.into_iter().flatten().collect()
}

/// Asks, and looks whether each member was reached when the answer came.
fn expect_reached(context: &mut Context, group: &Group, name: &str, signal: i32) -> Result {
    let _ = context.ask(group.id, name)?;
    let snapshot = context.snapshot()?;
    let problems = missed(context, &snapshot, group, signal, 1);
    context.expect_none(&format!("every live member has received {name} when the answer comes"), problems)
}

/// Asks, and looks whether the answer is that it was delivered.
fn expect_delivered(context: &mut Context, group: &Group, name: &str) -> Result {
    let answer = context.ask(group.id, name)?;
    expect_answer(context, &answer, true, LIVE)
}
